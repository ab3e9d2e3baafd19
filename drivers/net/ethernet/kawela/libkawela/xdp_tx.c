// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames of XDP into the transmit rings that the stack uses, too.
 *
 * A VF has no queue to spare, and where the PF has some, queues of its own would
 * need interrupts of their own. So XDP takes the stack's queue under its lock,
 * once for several frames. A queue that is stopped, because it is full or
 * because the port is, takes no frames of XDP either.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/page_pool/helpers.h>

#include "lib.h"
#include "rx.h"
#include "tx.h"

/**
 * kwl_tx_usable() - may XDP or AF_XDP put frames into a ring?
 * @tx: the ring
 *
 * Context: the queue's transmit lock.
 * Return: whether it may.
 */
bool kwl_tx_usable(const struct kwl_tx_ring *tx)
{
	return !netif_tx_queue_stopped(tx->txq);
}

/**
 * kwl_tx_used() - let the stack know that others have used its queue
 * @tx: the ring
 *
 * Unlike in ndo_start_xmit somebody may be waiting for the queue who saw it
 * stopped for this moment, so it is woken and not just started.
 *
 * Context: the queue's transmit lock.
 */
void kwl_tx_used(struct kwl_tx_ring *tx)
{
	/* Else the watchdog takes a full ring for one that hangs */
	txq_trans_cond_update(tx->txq);
	if (likely(kwl_tx_free(tx) >= KWL_TX_NEED))
		return;
	netif_tx_stop_queue(tx->txq);
	/* Pairs with the barrier in kwl_tx_clean() */
	smp_mb__after_atomic();
	if (kwl_tx_free(tx) >= KWL_TX_WAKE)
		netif_tx_wake_queue(tx->txq);
}

/* The emulated part sends short frames short */
static void kwl_xdp_pad(struct xdp_frame *xdpf)
{
	void *end = xdp_get_shared_info_from_frame(xdpf);

	if (likely(xdpf->len >= ETH_ZLEN) || xdp_frame_has_frags(xdpf) ||
	    xdpf->data + ETH_ZLEN > end)
		return;
	memset(xdpf->data + xdpf->len, 0, ETH_ZLEN - xdpf->len);
	xdpf->len = ETH_ZLEN;
}

/* Our own receive buffers are mapped already */
static dma_addr_t kwl_xdp_own(struct kwl_tx_ring *tx, void *data, u32 len)
{
	struct page *page = virt_to_page(data);
	dma_addr_t dma = page_pool_get_dma_addr(page) + offset_in_page(data);

	dma_sync_single_for_device(tx->dev, dma, len, DMA_BIDIRECTIONAL);
	return dma;
}

/* Describe one buffer, and let @i go on. Return: false when it can't be mapped */
static bool kwl_xdp_put_buf(struct kwl_tx_ring *tx, u16 *i, void *data, u32 len,
			    u32 olinfo, bool own)
{
	struct kwl_tx_buf *buf = &tx->buf[*i];

	if (own) {
		buf->dma = kwl_xdp_own(tx, data, len);
		buf->len = 0;
	} else {
		buf->dma = dma_map_page(tx->dev, virt_to_page(data),
					offset_in_page(data), len,
					DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(tx->dev, buf->dma)))
			return false;
		buf->len = len;
	}
	*i = kwl_tx_put_data(tx, *i, buf->dma, len, KWL_TX_CMD, olinfo);
	return true;
}

static bool kwl_xdp_put_frags(struct kwl_tx_ring *tx, u16 *i,
			      const struct skb_shared_info *info, u32 olinfo,
			      bool own)
{
	u32 f;

	for (f = 0; f < info->nr_frags; f++) {
		const skb_frag_t *frag = &info->frags[f];

		/* The part drops a frame with an empty fragment */
		if (skb_frag_size(frag) &&
		    !kwl_xdp_put_buf(tx, i, skb_frag_address(frag),
				     skb_frag_size(frag), olinfo, own))
			return false;
	}
	return true;
}

static void kwl_xdp_unwind(struct kwl_tx_ring *tx, u16 from, u16 to)
{
	u16 i;

	for (i = from; i != to; i = kwl_ring_next(i, tx->count))
		kwl_tx_unmap(tx, &tx->buf[i]);
}

/* Return: whether the frame was taken */
static bool kwl_xdp_put(struct kwl_tx_ring *tx, struct xdp_frame *xdpf,
			bool own)
{
	u16 first = tx->fill, end = first;
	struct kwl_tx_buf *buf = &tx->buf[first];
	u32 olinfo, bytes;
	bool ok;

	/* Each buffer is at most a page, so it takes one descriptor */
	if (unlikely(kwl_tx_free(tx) < 1 + MAX_SKB_FRAGS))
		return false;
	kwl_xdp_pad(xdpf);
	bytes = xdp_get_frame_len(xdpf);
	olinfo = FIELD_PREP(KWL_TXD_PAYLEN, bytes);
	ok = kwl_xdp_put_buf(tx, &end, xdpf->data, xdpf->len, olinfo, own);
	if (unlikely(xdp_frame_has_frags(xdpf)) && ok)
		ok = kwl_xdp_put_frags(tx, &end,
				       xdp_get_shared_info_from_frame(xdpf),
				       olinfo, own);
	if (unlikely(!ok)) {
		kwl_xdp_unwind(tx, first, end);
		return false;
	}
	buf->xdpf = xdpf;
	buf->kind = KWL_TX_XDP;
	buf->segs = 1;
	buf->bytes = bytes;
	kwl_tx_publish(tx, buf, end);
	return true;
}

/* Return: how many of the frames were taken, from the first */
static int kwl_xdp_put_all(struct kwl_tx_ring *tx, struct xdp_frame **frames,
			   int n, bool own)
{
	int sent = 0;

	if (kwl_tx_usable(tx))
		while (sent < n && kwl_xdp_put(tx, frames[sent], own))
			sent++;
	if (likely(sent))
		kwl_tx_used(tx);
	u64_stats_update_begin(&tx->stats->xsync);
	u64_stats_add(&tx->stats->xdp, sent);
	u64_stats_add(&tx->stats->xdp_full, n - sent);
	u64_stats_update_end(&tx->stats->xsync);
	return sent;
}

/* Send what XDP_TX has collected; the doorbell waits for the end of the poll */
static void kwl_xdp_flush(struct kwl_rx_ring *rx, bool doorbell)
{
	struct kwl_tx_ring *tx = rx->tx;
	int n = rx->xdp_bulked;
	int sent, i;

	rx->xdp_bulked = 0;
	__netif_tx_lock(tx->txq, smp_processor_id());
	/* The memory of an AF_XDP socket was copied */
	sent = kwl_xdp_put_all(tx, rx->xdp_bulk, n, !rx->xsk);
	rx->xdp_sent |= sent > 0;
	if (doorbell && rx->xdp_sent) {
		kwl_tx_doorbell(tx);
		rx->xdp_sent = false;
	}
	__netif_tx_unlock(tx->txq);
	kwl_xdp_count(rx, KWL_XDP_TX, sent);
	kwl_xdp_count(rx, KWL_XDP_ABORTED, n - sent);
	for (i = sent; i < n; i++)
		xdp_return_frame_rx_napi(rx->xdp_bulk[i]);
}

/**
 * kwl_xdp_tx() - take a frame that goes back where it came from
 * @rx: the ring
 * @xdp: the frame
 *
 * Context: the queue's NAPI instance, which calls kwl_xdp_finish() at its end.
 * Return: false when it can't be sent and is still the caller's.
 */
bool kwl_xdp_tx(struct kwl_rx_ring *rx, struct xdp_buff *xdp)
{
	struct xdp_frame *xdpf;

	/* The kernel copies but the first buffer out of a socket's memory */
	if (rx->xsk && xdp_buff_has_frags(xdp))
		return false;
	xdpf = xdp_convert_buff_to_frame(xdp);
	if (unlikely(!xdpf))
		return false;
	rx->xdp_bulk[rx->xdp_bulked++] = xdpf;
	if (rx->xdp_bulked == KWL_XDP_BULK)
		kwl_xdp_flush(rx, false);
	return true;
}

/**
 * kwl_xdp_finish() - send on what XDP programs redirected in one poll
 * @rx: the ring
 *
 * Context: the queue's NAPI instance.
 */
void kwl_xdp_finish(struct kwl_rx_ring *rx)
{
	if (rx->xdp_bulked || rx->xdp_sent)
		kwl_xdp_flush(rx, true);
	if (rx->xdp_redirected) {
		rx->xdp_redirected = false;
		xdp_do_flush();
	}
}

/**
 * kwl_xdp_xmit() - ndo_xdp_xmit of PF and VF
 * @netdev: the netdev
 * @n: how many
 * @frames: frames that were redirected here
 * @flags: XDP_XMIT_FLUSH
 *
 * Context: softirq; the sender's NAPI instance.
 * Return: how many were taken, from the first; or an errno.
 */
int kwl_xdp_xmit(struct net_device *netdev, int n, struct xdp_frame **frames,
		 u32 flags)
{
	struct kwl_port *port = kwl_port_of(netdev);
	unsigned int cpu = smp_processor_id();
	struct netdev_queue *txq;
	struct kwl_tx_ring *tx;
	int sent = 0;
	u16 q;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!netif_carrier_ok(netdev)))
		return -ENETDOWN;
	q = cpu % min_t(u32, READ_ONCE(netdev->real_num_tx_queues),
			port->role->xdp_txqs);
	txq = netdev_get_tx_queue(netdev, q);
	__netif_tx_lock(txq, cpu);
	/* Only the lock says that the ring is still there */
	tx = netif_tx_queue_stopped(txq) ? NULL : port->tx[q];
	if (likely(tx)) {
		sent = kwl_xdp_put_all(tx, frames, n, false);
		if (sent && flags & XDP_XMIT_FLUSH)
			kwl_tx_doorbell(tx);
	}
	__netif_tx_unlock(txq);
	return sent;
}
KWL_EXPORT(kwl_xdp_xmit);

static u16 kwl_tx_descs(const struct kwl_tx_ring *tx, u16 first)
{
	u16 last = tx->buf[first].eop - tx->desc;

	return (last < first ? tx->count : 0) + last - first + 1;
}

/**
 * kwl_tx_release() - free a frame that wasn't sent
 * @tx: the ring
 * @i: its first descriptor
 *
 * Context: process.
 */
void kwl_tx_release(struct kwl_tx_ring *tx, u16 i)
{
	struct kwl_tx_buf *buf = &tx->buf[i];

	switch (buf->kind) {
	case KWL_TX_SKB:
		dev_kfree_skb_any(buf->skb);
		break;
	case KWL_TX_XDP:
		xdp_return_frame(buf->xdpf);
		break;
	case KWL_TX_XSK:
		xsk_tx_completed(tx->xsk, kwl_tx_descs(tx, i));
		break;
	}
	buf->skb = NULL;
	buf->kind = KWL_TX_SKB;
}

/**
 * kwl_tx_clean_other() - free frames that the device has sent for XDP
 * @tx: the ring
 * @i: first descriptor of such a frame
 * @done: counters
 *
 * Context: the queue's NAPI instance.
 * Return: index behind the last such frame in a row.
 */
u16 kwl_tx_clean_other(struct kwl_tx_ring *tx, u16 i, struct kwl_tx_done *done)
{
	struct xdp_frame_bulk bulk;
	u32 xsk = 0;

	xdp_frame_bulk_init(&bulk);
	/* xdp_return_frame_bulk() looks pools up */
	rcu_read_lock();
	do {
		struct kwl_tx_buf *buf = &tx->buf[i];

		if (buf->kind == KWL_TX_XDP)
			xdp_return_frame_bulk(buf->xdpf, &bulk);
		else
			xsk += kwl_tx_descs(tx, i);
		buf->xdpf = NULL;
		buf->kind = KWL_TX_SKB;
		done->unqueued += buf->bytes;
		i = kwl_tx_take(tx, i, done);
	} while (done->frames < tx->count && tx->buf[i].kind != KWL_TX_SKB &&
		 kwl_tx_is_done(&tx->buf[i]));
	xdp_flush_frame_bulk(&bulk);
	rcu_read_unlock();
	if (xsk)
		xsk_tx_completed(tx->xsk, xsk);
	return i;
}
