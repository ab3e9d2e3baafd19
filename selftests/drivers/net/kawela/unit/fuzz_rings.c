// SPDX-License-Identifier: GPL-2.0
/*
 * A device that lies: the code that looks at rings, over descriptors whose content
 * is anything and changes while it is looked at.
 *
 * A case is a poll of a ring of pages, of a ring of an AF_XDP socket's memory, or of a
 * transmit ring. KAWELA_FUZZ_CASES says how many, KAWELA_FUZZ_SEED from where.
 */
#include "netdev.h"
#include "unit.h"

#include "libkawela/rx.c"
#include "libkawela/xdp_tx.c"
#include "libkawela/xdp.c"
#include "libkawela/xsk.c"
#include "libkawela/tx_clean.c"
#include "libkawela/poll.c"

#define COUNT	64
#ifndef CASES
#define CASES	100000
#endif

static u64 state;
static union kwl_rx_desc rx_desc[COUNT];
static union kwl_tx_desc tx_desc[COUNT];
static struct kwl_rx_ring rx;
static struct kwl_tx_ring tx;
static struct kwl_tx_buf tx_buf[COUNT];
static void *bufs[COUNT];
static struct kwl_rx_stats rx_stats;
static struct kwl_tx_stats tx_stats;
static struct xdp_umem umem;
static struct xsk_buff_pool xsk_pool = { .umem = &umem };
static struct page_pool pool;
static struct netdev_queue txq;
static struct kwl_role role;
static struct kwl_port port = { .role = &role };
static struct net_device netdev = { .priv = &port };
static struct napi_struct napi;
static unsigned long vlans[4096 / 64];
static u32 steps;
static bool endless;		/* hardly a frame ends */

/* xorshift64* */
static u32 number(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717ULL >> 32;
}

u32 chance(u32 n)
{
	return (u64)number() * n >> 32;
}

void kwl_xdp_count(struct kwl_rx_ring *ring, enum kwl_xdp_stat what, u32 n)
{
}

static u64 stamp_rx(struct kwl_port *p)
{
	return number();
}

static int xdp_do_redirect(struct net_device *dev, struct xdp_buff *xdp,
			   struct bpf_prog *prog)
{
	if (!chance(3))
		return -ENOBUFS;
	if (rx.xsk)
		xsk_buff_free(xdp);
	else
		xdp_return_buff(xdp);
	return 0;
}

static void scribble_rx(union kwl_rx_desc *desc)
{
	static const u16 lens[] = { 0, 1, 13, 14, 60, 1500, 3071, 3072, 3073, 4096, 65535 };
	u32 status = chance(3) ? KWL_RXD_DD | chance(4) : number();

	u32 *word = (u32 *)desc;

	word[0] = number();
	word[1] = number();
	if (chance(8))
		status &= ~(u32)KWL_RXD_ERR_RXE;
	if (chance(4))
		status |= KWL_RXD_DD;
	word[2] = status;
	word[3] = (u32)number() << 16 |
			(chance(4) ? lens[chance(ARRAY_SIZE(lens))] : chance(65536));
	if (endless && chance(100)) {
		word[2] = KWL_RXD_DD;
		word[3] = 14 + chance(100);
	}
}

static void scribble_tx(union kwl_tx_desc *desc)
{
	u32 *word = (u32 *)desc;

	word[chance(4)] = number() | chance(2);
}

/* Between any two looks of the driver */
void device_acts(void)
{
	if (++steps > 100000)
		fail("no end");
	if (!chance(3))
		scribble_rx(&rx_desc[chance(COUNT)]);
	/* The ones that are looked at now, or next */
	if (!chance(3))
		scribble_rx(&rx_desc[(rx.next + COUNT - 1 + chance(2)) % COUNT]);
	if (!chance(4))
		scribble_tx(&tx_desc[chance(COUNT)]);
}

static void begin(bool xsk)
{
	umem.flags = chance(2) ? XDP_UMEM_SG_FLAG : 0;
	xsk_pool.chunk_size = chance(2) ? 4096 : 2048;
	rx = (struct kwl_rx_ring) {
		.desc = rx_desc, .buf = bufs, .pool = xsk ? NULL : &pool,
		.netdev = &netdev, .stats = &rx_stats, .napi = &napi,
		.vlans = chance(2) ? vlans : NULL, .count = COUNT, .tx = &tx,
		.xsk = xsk ? &xsk_pool : NULL, .xdp_rxq.dev = &netdev,
		.buf_len = xsk ? kwl_xsk_room(&xsk_pool) : KWL_RX_BUF_LEN,
	};
	tx = (struct kwl_tx_ring) {
		.desc = tx_desc, .buf = tx_buf, .txq = &txq, .stats = &tx_stats,
		.count = COUNT, .xsk = rx.xsk, .open = chance(8),
	};
	memset(tx_buf, 0, sizeof(tx_buf));
	memset(bufs, 0, sizeof(bufs));
	txq.stopped = false;
	rx.fill = rx.next = chance(COUNT);
	tx.fill = tx.clean = chance(COUNT);
	role.stamp_rx = chance(2) ? stamp_rx : NULL;
	if (xsk)
		kwl_xsk_fill(&rx);
	else
		kwl_rx_fill(&rx, COUNT - 1, GFP_KERNEL);
}

/* All that is out comes back, once */
static void end(void)
{
	kwl_tx_drop_all(&tx);
	if (rx.xsk) {
		kwl_xsk_drop_buffers(&rx);
	} else {
		for (u16 i = rx.next; i != rx.fill; i = kwl_ring_next(i, COUNT))
			page_put(virt_to_page(bufs[i]));
		if (rx.state == KWL_RX_MORE)
			xdp_return_buff(&rx.frame.xdp);
		while (pool.current) {
			struct page *page = pool.current;

			if ((pool.cut += KWL_RX_TRUESIZE) >= PAGE_SIZE)
				pool.current = NULL;
			page_put(page);
		}
	}
	CHECK_EQ(pages_out, 0);
	CHECK_EQ(xsk_out, 0);
	CHECK_EQ(xsk_sent, 0);
}

/* As kwl_xmit() does */
static void send_one(void)
{
	struct kwl_tx_buf *buf = &tx_buf[tx.fill];
	struct sk_buff *skb = napi_alloc_skb(&napi, 100);
	u16 i = tx.fill;

	if (!skb)
		return;
	for (u32 n = 1 + chance(4); n; n--)
		i = kwl_tx_put_data(&tx, i, 4096, 1 + chance(40000), KWL_TX_CMD, 0);
	buf->skb = skb;
	buf->segs = 1;
	buf->bytes = 100;
	kwl_tx_publish(&tx, buf, i);
}

/* No frame goes out short */
static void look_at_lengths(void)
{
	for (u16 i = tx.clean; i != tx.fill; i = kwl_ring_next(i, COUNT))
		if (tx_buf[i].eop)
			CHECK_EQ(tx_buf[i].bytes >= ETH_ZLEN, true);
}

static void poll_once(void)
{
	static typeof(*((struct bpf_prog *)0)->aux) aux[2] = { { false }, { true } };
	static struct bpf_prog prog;
	int budget = chance(3) ? 1 + chance(COUNT) : 0, done;

	netdev.features = number();
	prog.aux = &aux[chance(2)];
	rx.prog = chance(2) ? &prog : NULL;
	meta_passed = 0;
	steps = 0;
	endless = !chance(8);
	for (u32 i = 0; i < COUNT; i++)
		if (chance(2))
			scribble_rx(&rx_desc[i]);
	if (kwl_tx_free(&tx) > KWL_TX_NEED)
		send_one();
	xsk_longest = chance(2) ? 1500 : 60;
	netpolling = !budget;
	done = kwl_poll_rings(&rx, &tx, budget);
	netpolling = false;
	look_at_lengths();
	CHECK_EQ(done <= budget, true);
	CHECK_EQ(rx.next < COUNT && rx.fill < COUNT, true);
	CHECK_EQ(kwl_tx_free(&tx) < COUNT, true);
}

static u64 setting(const char *name, u64 otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

static void polls(void)
{
	u64 cases = setting("KAWELA_FUZZ_CASES", CASES);
	u64 seed = setting("KAWELA_FUZZ_SEED", (u64)time(NULL) << 20 ^ clock());

	printf("KAWELA_FUZZ_SEED=%llu KAWELA_FUZZ_CASES=%llu\n",
	       (unsigned long long)seed, (unsigned long long)cases);
	fflush(stdout);
	state = seed | 1;
	for (u64 i = 0; i < cases; ) {
		begin(chance(2));
		for (u32 n = 1 + chance(30); n && i < cases; n--, i++)
			poll_once();
		end();
	}
	/* So that the compiler doesn't leave out what nobody uses */
	printf("octets sum up to 0x%x\n", sum);
}

UNIT_MAIN(polls)
