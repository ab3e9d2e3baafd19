// SPDX-License-Identifier: GPL-2.0
/* When frames of XDP are handed to the device, and how long one may be in a socket. */
#include "netdev.h"
#include "unit.h"

#include "libkawela/rx.c"
#include "libkawela/xdp_tx.c"
#include "libkawela/xdp.c"
#include "libkawela/xsk.c"
#include "libkawela/tx_clean.c"

#define COUNT	64

static union kwl_tx_desc tx_desc[COUNT];
static struct kwl_tx_buf tx_buf[COUNT];
static struct kwl_tx_stats tx_stats;
static struct netdev_queue txq;
static struct kwl_role role = { .xdp_txqs = 1 };
static struct kwl_port port = { .role = &role };
static struct net_device netdev = { .priv = &port, .real_num_tx_queues = 1, .queue = &txq };
static struct kwl_tx_ring tx = {
	.desc = tx_desc, .buf = tx_buf, .txq = &txq, .stats = &tx_stats, .count = COUNT,
	.open = true,
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

UNIT_MAIN(flush, full, closed, dropped, rooms)
