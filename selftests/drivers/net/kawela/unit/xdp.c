// SPDX-License-Identifier: GPL-2.0
/* When frames of XDP are handed to the device, and how long one may be in a socket. */
#include "netdev.h"
#include "unit.h"

#include "libkawela/rx.c"
#include "libkawela/xdp_tx.c"
#include "libkawela/xdp.c"
#include "libkawela/xsk.c"
#include "libkawela/tx_clean.c"

#define COUNT	128
#define ZEROS	0xabc000

static union kwl_tx_desc tx_desc[COUNT];
static struct kwl_tx_buf tx_buf[COUNT];
static struct kwl_tx_stats tx_stats;
static struct netdev_queue txq;
static struct kwl_role role = { .xdp_txqs = 1 };
static struct kwl_port port = { .role = &role };
static struct net_device netdev = { .priv = &port, .real_num_tx_queues = 1, .queue = &txq };
static struct kwl_tx_ring tx = {
	.desc = tx_desc, .buf = tx_buf, .txq = &txq, .stats = &tx_stats, .count = COUNT,
	.open = true, .zeros = ZEROS,
};

void device_acts(void)
{
}

static bool unlucky;

/* Nothing fails, or all */
u32 chance(u32 n)
{
	return unlucky ? 0 : n - 1;
}

void kwl_xdp_count(struct kwl_rx_ring *ring, enum kwl_xdp_stat what, u32 n)
{
}

static int xdp_do_redirect(struct net_device *dev, struct xdp_buff *xdp,
			   struct bpf_prog *prog)
{
	return 0;
}

static int redirect(u32 flags)
{
	struct xdp_frame *f = calloc(1, sizeof(*f));
	int sent;

	f->hard = page_new(1);
	f->data = f->hard + 256;
	f->len = 100;
	f->frame_sz = PAGE_SIZE;
	sent = kwl_xdp_xmit(&netdev, 1, &f, flags);
	if (!sent)
		xdp_return_frame(f);
	return sent;
}

/* The device hears of frames at the flush, whether or not that brings one */
static void flush(void)
{
	port.tx[0] = &tx;
	written = ~0;
	CHECK_EQ(redirect(XDP_XMIT_FLUSH), 1);
	CHECK_EQ(written, 1);
	CHECK_EQ(redirect(0), 1);
	CHECK_EQ(written, 1);
	unlucky = true;
	CHECK_EQ(redirect(XDP_XMIT_FLUSH), 0);
	CHECK_EQ(written, 2);
	unlucky = false;
}

/* ... and when they stop the queue: the flush doesn't come to it then */
static void full(void)
{
	u32 n = 2;

	while (redirect(0))
		n++;
	CHECK_EQ(n > 2 && n < COUNT, true);
	CHECK_EQ(txq.stopped, true);
	CHECK_EQ(redirect(XDP_XMIT_FLUSH), 0);
	CHECK_EQ(written, n);
}

/* A ring that closes isn't woken by what it still sends, and takes nothing */
static void closed(void)
{
	for (u32 i = 0; i < COUNT; i++)
		if (tx_buf[i].eop)
			tx_buf[i].eop->wb.status = cpu_to_le32(KWL_TXD_DD);
	tx.open = false;
	kwl_tx_clean(&tx, 64);
	CHECK_EQ(kwl_tx_free(&tx), COUNT - 1);
	CHECK_EQ(txq.stopped, true);
	txq.stopped = false;
	written = ~0;
	CHECK_EQ(redirect(XDP_XMIT_FLUSH), 0);
	CHECK_EQ(written, (u32)~0);
	tx.open = true;
	CHECK_EQ(redirect(0), 1);
}

/* What is left when the ring stops was dropped, and is counted as such */
static void dropped(void)
{
	u32 held = COUNT - 1 - kwl_tx_free(&tx);

	tx_stats.dropped = 0;
	kwl_tx_drop_all(&tx);
	CHECK_EQ(tx_stats.dropped, held);
	CHECK_EQ(pages_out, 0);
}

/* A frame of so many octets in its first buffer and in others, the last of them full */
static struct xdp_frame *frame_of(u32 len, u32 n, u32 each)
{
	struct xdp_frame *f = calloc(1, sizeof(*f));
	struct skb_shared_info *info;

	f->hard = page_new(1);
	f->frame_sz = PAGE_SIZE;
	info = xdp_get_shared_info_from_frame(f);
	f->data = (void *)info - len;
	f->len = len;
	f->frags = n;
	info->nr_frags = n;
	info->xdp_frags_size = n * each;
	for (u32 i = 0; i < n; i++)
		info->frags[i] = (skb_frag_t) {
			(void *)page_new(1) + PAGE_SIZE - each, each,
		};
	return f;
}

/* What the device is told of the frame at @i, of @len octets in @n buffers */
static u16 check_frame(u16 i, u32 len, u32 n)
{
	u32 pad = len < 60, wire = pad ? 60 : len, sum_up = 0, word;

	CHECK_EQ(tx_buf[i].bytes, wire);
	for (u32 k = 0; k < n + pad; k++, i = kwl_ring_next(i, COUNT)) {
		bool last = k == n + pad - 1;

		word = tx_desc[i].read.cmd_type_len;
		CHECK_EQ(FIELD_GET(KWL_TXD_PAYLEN, tx_desc[i].read.olinfo_status), wire);
		CHECK_EQ(!!(word & KWL_TXD_EOP), last);
		CHECK_EQ(!!(word & KWL_TXD_RS), last);
		CHECK_EQ(tx_desc[i].read.addr == ZEROS, pad && last);
		CHECK_EQ(tx_buf[i].len && pad && last, 0);
		sum_up += word & 0xffff;
	}
	CHECK_EQ(sum_up, wire);
	return i;
}

static void all_sent(void)
{
	for (u16 i = tx.clean; i != tx.fill; i = kwl_ring_next(i, COUNT))
		if (tx_buf[i].eop)
			tx_buf[i].eop->wb.status = cpu_to_le32(KWL_TXD_DD);
	CHECK_EQ(kwl_tx_clean(&tx, 64), true);
	CHECK_EQ(tx.clean, tx.fill);
	CHECK_EQ(pages_out, 0);
	CHECK_EQ(xsk_sent, 0);
}

/* No frame goes out short, where there is no room behind it, either */
static void short_frames(void)
{
	static const struct {
		u32 len, frags, each;
	} kind[] = {
		{ 14, 0, 0 }, { 59, 0, 0 }, { 60, 0, 0 }, { 61, 0, 0 },
		{ 14, 1, 45 }, { 14, 1, 46 }, { 20, 2, 1 }, { 42, MAX_SKB_FRAGS, 1 },
		{ 43, MAX_SKB_FRAGS, 1 },
	};

	tx.clean = tx.fill = 0;
	for (u32 i = 0; i < 20 * ARRAY_SIZE(kind); i++) {
		u32 k = i % ARRAY_SIZE(kind), n = kind[k].frags;
		struct xdp_frame *f = frame_of(kind[k].len, n, kind[k].each);
		u16 first = tx.fill;

		CHECK_EQ(kwl_xdp_xmit(&netdev, 1, &f, XDP_XMIT_FLUSH), 1);
		CHECK_EQ(check_frame(first, kind[k].len + n * kind[k].each, n + 1),
			 tx.fill);
		all_sent();
	}
}

/* ... nor where there is no room in the ring for what follows it */
static void no_room_to_pad(void)
{
	struct xdp_frame *f = frame_of(14, MAX_SKB_FRAGS, 1);

	tx.clean = kwl_ring_next(tx.fill, COUNT);
	while (kwl_tx_free(&tx) < MAX_SKB_FRAGS + 1)
		tx.clean = kwl_ring_next(tx.clean, COUNT);
	CHECK_EQ(kwl_xdp_xmit(&netdev, 1, &f, XDP_XMIT_FLUSH), 0);
	xdp_return_frame(f);
	txq.stopped = false;
	tx.clean = tx.fill;
}

/* A socket's frames: it hears of each buffer once, and of no padding */
static void short_in_socket(void)
{
	static const u32 lens[] = { 1, 13, 14, 59, 60, 61, 1500 };
	struct xsk_buff_pool pool = {};

	tx.xsk = &pool;
	xsk_parts = 1;
	for (u32 i = 0; i < ARRAY_SIZE(lens); i++) {
		u16 at = tx.fill;

		xsk_longest = lens[i];
		kwl_xsk_xmit(&tx);
		CHECK_EQ(xsk_sent, min(KWL_XSK_BATCH, KWL_XSK_ROOM(COUNT - 1)));
		for (long n = xsk_sent; n; n--)
			at = check_frame(at, lens[i], 1);
		CHECK_EQ(at, tx.fill);
		CHECK_EQ(txq.stopped, false);
		all_sent();
	}
	/* One frame in as many buffers as there may be */
	xsk_parts = 2;
	for (xsk_longest = 1; xsk_longest < 5; xsk_longest++) {
		u16 first = tx.fill, n;

		kwl_xsk_xmit(&tx);
		n = xsk_sent;
		CHECK_EQ(n >= KWL_XSK_SEGS, true);
		CHECK_EQ(check_frame(first, n * xsk_longest, n), tx.fill);
		all_sent();
	}
	/* Those that are dropped, too */
	xsk_longest = 1;
	kwl_xsk_xmit(&tx);
	CHECK_EQ(xsk_sent > 0, true);
	kwl_tx_drop_all(&tx);
	CHECK_EQ(xsk_sent, 0);
	free(pool.tx_descs);
	tx.xsk = NULL;
}

/* Short frames fill a ring of whatever size no further than the stack can bear */
static void socket_leaves_room(void)
{
	for (u32 free = KWL_TX_WAKE + 1; free < 400; free++) {
		u32 n = min(KWL_XSK_BATCH, KWL_XSK_ROOM(free));

		CHECK_EQ(n > 0, true);
		CHECK_EQ(free - n >= KWL_TX_WAKE, true);
		CHECK_EQ(free - 2 * n >= KWL_TX_NEED, true);
	}
}

/* A frame of the MTU fits what is there, and the device is told enough for it */
static void rooms(void)
{
	static const struct {
		u32 chunk, flags, room;
		bool bounded;
	} kind[] = {
		{ 4096, 0, 3072, false }, { 2048, 0, 1792, true },
		{ 4096, XDP_UMEM_SG_FLAG, 3072, false },
		{ 2048, XDP_UMEM_SG_FLAG, 1024, false },
		/* Not aligned: too small for a whole frame, just enough, 2 KiB */
		{ 1777, 0, 1024, false }, { 1778, 0, 1522, true },
		{ 2303, 0, 2047, true }, { 2304, 0, 2048, false },
		{ 1279, 0, 0, false }, { 100, 0, 0, false },
		{ 300, XDP_UMEM_SG_FLAG, 0, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(kind); i++) {
		struct xdp_umem umem = { .flags = kind[i].flags };
		struct xsk_buff_pool pool = {
			.umem = &umem, .chunk_size = kind[i].chunk,
		};

		CHECK_EQ(kwl_xsk_room(&pool), kind[i].room);
		CHECK_EQ(kwl_xsk_bounded(&pool), kind[i].bounded);
	}
}

UNIT_MAIN(flush, full, closed, dropped, short_frames, no_room_to_pad, short_in_socket,
	  socket_leaves_room, rooms)
