// SPDX-License-Identifier: GPL-2.0-only
/*
 * AF_XDP: the device writes frames into a socket's memory and sends from there.
 *
 * A queue with a socket has a receive ring of another kind; its transmit ring
 * also sends for the stack. The pool of buffers has no lock: only NAPI and, while
 * that is disabled, starting and stopping the ring touch it.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/netdevice.h>

#include "echo.h"
#include "rx.h"
#include "tx.h"
#include "xdp.h"
#include "xsk.h"

/* Frames that a socket may send before others get their turn */
#define KWL_XSK_BATCH		64

/* Octets behind the headroom; frames in several buffers need skb_shared_info there */
static u32 kwl_xsk_space(struct xsk_buff_pool *pool)
{
	u32 used = xsk_pool_get_headroom(pool);
	u32 chunk = xsk_pool_get_chunk_size(pool);

	if (pool->umem->flags & XDP_UMEM_SG_FLAG)
		used += SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	return chunk < used ? 0 : chunk - used;
}

/**
 * kwl_xsk_bounded() - do a socket's buffers rely on the device to drop long frames?
 * @pool: the buffers
 *
 * SRRCTL counts in KiB. Buffers do that have room for a whole frame of the usual MTU,
 * but less than the KiB that such a frame takes: the usual ones, of 2 KiB. SRRCTL gets
 * more than there is, and the device drops frames beyond the MTU, or beyond 1500 octets
 * if that is more. Nothing may let longer frames in while such buffers are in use.
 *
 * Return: whether they do.
 */
bool kwl_xsk_bounded(struct xsk_buff_pool *pool)
{
	u32 space = kwl_xsk_space(pool), frame = ETH_DATA_LEN + KWL_XSK_HEADERS;

	return !(pool->umem->flags & XDP_UMEM_SG_FLAG) && space >= frame &&
	       round_down(space, SZ_1K) < frame;
}

/**
 * kwl_xsk_room() - octets of a frame that a socket's buffer takes
 * @pool: the buffers
 *
 * Return: how many; 0 when the buffers are too small for any.
 */
u32 kwl_xsk_room(struct xsk_buff_pool *pool)
{
	u32 space = kwl_xsk_space(pool);

	return kwl_xsk_bounded(pool) ? space : round_down(space, SZ_1K);
}

/**
 * kwl_xsk_wakeup() - look into a socket's rings; ndo_xsk_wakeup
 * @netdev: the netdev
 * @queue: index of the queue
 * @flags: XDP_WAKEUP_RX, XDP_WAKEUP_TX; one poll does both
 *
 * Context: process, RCU.
 * Return: 0 or an errno.
 */
int kwl_xsk_wakeup(struct net_device *netdev, u32 queue, u32 flags)
{
	struct kwl_port *port = kwl_port_of(netdev);
	struct napi_struct *napi;

	if (!kwl_port_running(port) || !netif_carrier_ok(netdev))
		return -ENETDOWN;
	if (queue >= READ_ONCE(netdev->real_num_rx_queues) ||
	    !READ_ONCE(port->xsk[queue]))
		return -EINVAL;
	napi = &port->qvec[queue].napi;
	if (napi_if_scheduled_mark_missed(napi))
		return 0;
	/* Cheaper than an interrupt by EICS, and on the socket's own CPU */
	local_bh_disable();
	napi_schedule(napi);
	local_bh_enable();
	return 0;
}
KWL_EXPORT(kwl_xsk_wakeup);

/**
 * kwl_xsk_fill() - give the device buffers of the socket
 * @rx: the ring
 *
 * As many as the socket has to give; the device isn't notified.
 *
 * Context: the queue's NAPI instance, or the ring is stopped.
 */
void kwl_xsk_fill(struct kwl_rx_ring *rx)
{
	u16 n = kwl_ring_free_slots(rx->fill, rx->next, rx->count);
	u16 i = rx->fill;

	while (n) {
		u32 want = min_t(u32, n, rx->count - i);
		u32 got = xsk_buff_alloc_batch(rx->xsk, &rx->xsk_buf[i], want);
		u32 k;

		for (k = 0; k < got; k++, i++) {
			dma_addr_t dma = xsk_buff_xdp_get_dma(rx->xsk_buf[i]);

			rx->desc[i].read.addr = cpu_to_le64(dma);
			/* Lies over status_error: clears DD */
			rx->desc[i].read.hdr_addr = 0;
		}
		if (i == rx->count)
			i = 0;
		n -= got;
		if (got < want)
			break;
	}
	rx->fill = i;
}

/**
 * kwl_xsk_drop_buffers() - give the socket its buffers back
 * @rx: the ring, which begins at descriptor 0 again
 *
 * Context: the ring is stopped.
 */
void kwl_xsk_drop_buffers(struct kwl_rx_ring *rx)
{
	u16 i;

	if (rx->state == KWL_RX_MORE)
		xsk_buff_free(rx->xsk_first);
	rx->state = KWL_RX_FIRST;
	for (i = rx->next; i != rx->fill; i = kwl_ring_next(i, rx->count))
		xsk_buff_free(rx->xsk_buf[i]);
	rx->next = 0;
	rx->fill = 0;
}

/* Return: false while the device holds no buffer and no wakeup will come */
static bool kwl_xsk_refill(struct kwl_rx_ring *rx)
{
	u16 before = rx->fill;

	if (kwl_ring_free_slots(rx->fill, rx->next, rx->count) >= KWL_RX_REFILL)
		kwl_xsk_fill(rx);
	if (rx->fill != before)
		writel(rx->fill, rx->tail);
	if (!xsk_uses_need_wakeup(rx->xsk))
		return rx->fill != rx->next;
	if (rx->xsk_full || kwl_ring_free_slots(rx->fill, rx->next, rx->count) >=
	    KWL_RX_REFILL)
		xsk_set_rx_need_wakeup(rx->xsk);
	else
		xsk_clear_rx_need_wakeup(rx->xsk);
	return true;
}

static void kwl_xsk_copy(struct sk_buff *skb, const struct xdp_buff *xdp)
{
	const struct skb_shared_info *info;
	u32 i;

	skb_put_data(skb, xdp->data_meta, xdp->data_end - xdp->data_meta);
	if (xdp->data > xdp->data_meta) {
		__skb_pull(skb, xdp->data - xdp->data_meta);
		skb_metadata_set(skb, xdp->data - xdp->data_meta);
	}
	if (likely(!xdp_buff_has_frags(xdp)))
		return;
	info = xdp_get_shared_info_from_buff(xdp);
	for (i = 0; i < info->nr_frags; i++)
		skb_put_data(skb, skb_frag_address(&info->frags[i]),
			     skb_frag_size(&info->frags[i]));
}

/*
 * For the stack: a copy, because the memory is the socket's. Kernel 6.12 has no
 * xdp_build_skb_from_zc().
 */
static struct sk_buff *kwl_xsk_build(struct kwl_rx_ring *rx,
				     const struct xdp_buff *xdp)
{
	struct sk_buff *skb;

	skb = napi_alloc_skb(rx->napi, xdp_get_buff_len(xdp) +
				       (xdp->data - xdp->data_meta));
	if (likely(skb))
		kwl_xsk_copy(skb, xdp);
	return skb;
}

static void kwl_xsk_frame(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			  const union kwl_rx_desc *desc,
			  const struct kwl_rx_wb *wb, struct kwl_rx_tally *t)
{
	struct xdp_buff *xdp = rx->xsk_first;
	struct kwl_xdp_buff *frame = (struct kwl_xdp_buff *)xdp;
	struct sk_buff *skb;

	XSK_CHECK_PRIV_TYPE(struct kwl_xdp_buff);
	frame->wb = *wb;
	kwl_rx_read_rest(desc, &frame->wb);
	if (unlikely(wb->status & KWL_RXD_TS))
		frame->stamp = kwl_rx_stamp(rx);
	if (kwl_echo_heard(rx->echo, rx->netdev, xdp->data,
			   xdp->data_end - xdp->data)) {
		xsk_buff_free(xdp);
		return;
	}
	t->packets++;
	t->bytes += xdp_get_buff_len(xdp);
	if (likely(prog) && kwl_xdp_run(rx, prog, xdp) != XDP_PASS)
		return;
	skb = kwl_xsk_build(rx, xdp);
	if (likely(skb))
		kwl_rx_deliver(rx, skb, frame, t);
	else
		t->skb_fail++;
	xsk_buff_free(xdp);
}

/* Return: whether the buffer is part of the frame now */
static bool kwl_xsk_add(struct kwl_rx_ring *rx, struct xdp_buff *xdp, u32 len)
{
	xsk_buff_set_size(xdp, len);
	xsk_buff_dma_sync_for_cpu(xdp);
	if (rx->state == KWL_RX_FIRST) {
		rx->xsk_first = xdp;
		return true;
	}
	/* Without XDP_USE_SG there is no room for what describes several buffers */
	if (unlikely(!(rx->xsk->umem->flags & XDP_UMEM_SG_FLAG)))
		return false;
	if (likely(len))
		return kwl_xsk_add_frag(rx->xsk_first, xdp);
	xsk_buff_free(xdp);
	return true;
}

static bool kwl_xsk_usable(const struct kwl_rx_ring *rx,
			   const struct kwl_rx_wb *wb)
{
	u32 len = wb->len;

	if (unlikely(rx->state == KWL_RX_SKIP))
		return false;
	if (unlikely(kwl_rx_broken(wb->status, len, rx->buf_len)) &&
	    !kwl_rx_keep_broken(rx, len, rx->buf_len))
		return false;
	return rx->state != KWL_RX_FIRST || likely(!kwl_rx_runt(len));
}

/* Return: 1 when the descriptor ended a frame, good or bad */
static int kwl_xsk_one(struct kwl_rx_ring *rx, struct bpf_prog *prog,
		       const union kwl_rx_desc *desc, struct xdp_buff *xdp,
		       const struct kwl_rx_wb *wb, struct kwl_rx_tally *t)
{
	if (unlikely(!kwl_xsk_usable(rx, wb) ||
		     !kwl_xsk_add(rx, xdp, wb->len))) {
		t->errors += rx->state != KWL_RX_SKIP;
		xsk_buff_free(xdp);
		if (rx->state == KWL_RX_MORE)
			xsk_buff_free(rx->xsk_first);
		return kwl_rx_next_state(rx, wb->status, KWL_RX_SKIP);
	}
	if (!kwl_rx_next_state(rx, wb->status, KWL_RX_MORE))
		return 0;
	kwl_xsk_frame(rx, prog, desc, wb, t);
	return 1;
}

/**
 * kwl_xsk_poll() - take frames from a ring of a socket's buffers
 * @rx: the ring
 * @budget: most frames to take, and most descriptors
 *
 * Context: the queue's NAPI instance.
 * Return: frames taken; @budget also when there may be more descriptors to look at,
 * or when the socket has to be asked again for buffers.
 */
int kwl_xsk_poll(struct kwl_rx_ring *rx, int budget)
{
	struct bpf_prog *prog = READ_ONCE(rx->prog);
	int limit = kwl_rx_limit(rx, budget), left = limit;
	struct kwl_rx_tally tally = {};
	struct kwl_rx_wb wb;
	int done = 0;

	DEBUG_NET_WARN_ON_ONCE(budget <= 0);
	rx->xsk_full = false;
	for (; left && !rx->xsk_full; left--) {
		const union kwl_rx_desc *desc = &rx->desc[rx->next];
		struct xdp_buff *xdp = rx->xsk_buf[rx->next];

		if (!kwl_rx_read(desc, &wb))
			break;
		rx->next = kwl_ring_next(rx->next, rx->count);
		done += kwl_xsk_one(rx, prog, desc, xdp, &wb, &tally);
	}
	kwl_xdp_finish(rx);
	if (done || unlikely(tally.errors))
		kwl_rx_fold(rx->stats, &tally);
	if (!left && limit == budget)
		done = budget;
	return likely(kwl_xsk_refill(rx)) ? done : budget;
}

/* Remember a frame of @n buffers that may come back; the first may hold only its header */
static void kwl_xsk_remember(struct kwl_tx_ring *tx,
			     const struct xdp_desc *frame, u32 n)
{
	u8 *head = xsk_buff_raw_get_data(tx->xsk, frame->addr);
	u32 len = frame->len, k;
	u8 buf[KWL_ECHO_LEN];

	/* A socket may send less than a header, also at the end of its memory */
	if (unlikely(len < ETH_HLEN) ||
	    !kwl_echo_possible(tx->echo, tx->txq->dev, head))
		return;
	if (unlikely(len < sizeof(buf) && n > 1)) {
		for (k = 0, len = 0; k < n && len < sizeof(buf); k++) {
			u32 part = min_t(u32, frame[k].len, sizeof(buf) - len);

			memcpy(buf + len,
			       xsk_buff_raw_get_data(tx->xsk, frame[k].addr),
			       part);
			len += part;
		}
		head = buf;
	}
	kwl_echo_sent(tx->echo, tx->txq->dev, head, len, 1);
}

/*
 * Describe one frame of the socket, of at most @left descriptors: where several sockets
 * share the queue, the last one of a batch may say that more follow.
 * Return: how many of them it took.
 */
static u32 kwl_xsk_put(struct kwl_tx_ring *tx, const struct xdp_desc *frame,
		       u32 left)
{
	u16 i = tx->fill;
	struct kwl_tx_buf *buf = &tx->buf[i];
	u32 n = 0, len = 0, bytes, k, olinfo;

	do
		len += frame[n].len;
	while (!xsk_is_eop_desc(&frame[n++]) && n < left);
	kwl_xsk_remember(tx, frame, n);

	bytes = max_t(u32, len, ETH_ZLEN);
	olinfo = FIELD_PREP(KWL_TXD_PAYLEN, bytes);
	for (k = 0; k < n; k++) {
		dma_addr_t dma = xsk_buff_raw_get_dma(tx->xsk, frame[k].addr);

		xsk_buff_raw_dma_sync_for_device(tx->xsk, dma, frame[k].len);
		i = kwl_tx_put_data(tx, i, dma, frame[k].len, KWL_TX_CMD,
				    olinfo);
	}
	i = kwl_tx_put_pad(tx, i, len, olinfo);
	buf->xsk_bufs = n;
	buf->kind = KWL_TX_XSK;
	buf->segs = 1;
	buf->bytes = bytes;
	kwl_tx_publish(tx, buf, i);
	return n;
}

static u32 kwl_xsk_put_batch(struct kwl_tx_ring *tx, u32 most)
{
	u32 n = xsk_tx_peek_release_desc_batch(tx->xsk, most);
	u32 i = 0, frames = 0;

	if (!n)
		return 0;
	for (; i < n; frames++)
		i += kwl_xsk_put(tx, &tx->xsk->tx_descs[i], n - i);
	kwl_tx_doorbell(tx);
	kwl_tx_used(tx);
	u64_stats_update_begin(&tx->stats->xsync);
	u64_stats_add(&tx->stats->xsk, frames);
	u64_stats_update_end(&tx->stats->xsync);
	return n;
}

/**
 * kwl_xsk_xmit() - send what a socket has to send
 * @tx: the ring
 *
 * The socket has to wake us unless frames of this ring are under way, whose
 * completion will bring us here. It is asked to before its ring is looked at, so
 * that nothing which it adds meanwhile is forgotten.
 *
 * Context: the queue's NAPI instance.
 * Return: false when there may be more to do.
 */
bool kwl_xsk_xmit(struct kwl_tx_ring *tx)
{
	bool wakeup = xsk_uses_need_wakeup(tx->xsk);
	int n = 0, most = 0, room;

	__netif_tx_lock(tx->txq, smp_processor_id());
	if (wakeup)
		xsk_set_tx_need_wakeup(tx->xsk);
	room = kwl_tx_free(tx);
	if (kwl_tx_usable(tx) && room > KWL_TX_WAKE)
		most = min(KWL_XSK_BATCH, KWL_XSK_ROOM(room));
	if (most)
		n = kwl_xsk_put_batch(tx, most);
	if (wakeup && n)
		xsk_clear_tx_need_wakeup(tx->xsk);
	__netif_tx_unlock(tx->txq);
	return !n || n < most;
}
