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

#include "echo.h"
#include "tx.h"
#include "xdp.h"

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

		/* The device drops a frame with an empty fragment */
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
	u32 len = xdp_get_frame_len(xdpf);
	u32 bytes = max_t(u32, len, ETH_ZLEN);
	u32 olinfo;
	bool ok;

	/* Each buffer is at most a page, so it takes one descriptor; and padding */
	if (unlikely(kwl_tx_free(tx) < 1 + MAX_SKB_FRAGS + 1))
		return false;
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
	end = kwl_tx_put_pad(tx, end, len, olinfo);
	buf->xdpf = xdpf;
	buf->kind = KWL_TX_XDP;
	buf->segs = 1;
	buf->bytes = bytes;
	kwl_echo_sent(tx->echo, tx->txq->dev, xdpf->data, xdpf->len, 1);
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

/*
 * Whether the page pool's mapping lasts until the frames are sent. A pool that goes
 * unmaps all its pages. The pool of a pair goes after the pair's own transmit ring has
 * stopped, but other pairs' rings may go on. (A restart of the receive queue by the core
 * doesn't stop it; only tests cause one.) The memory of an AF_XDP socket was copied.
 */
static bool kwl_xdp_stays_mapped(const struct kwl_rx_ring *rx)
{
	return !rx->xsk &&
	       rx->tx->txq == netdev_get_tx_queue(rx->netdev, rx->queue);
}

/* Send what XDP_TX has collected; the doorbell waits for the end of the poll */
static void kwl_xdp_flush(struct kwl_rx_ring *rx, bool doorbell)
{
	struct kwl_tx_ring *tx = rx->tx;
	int n = rx->xdp_bulked;
	int sent, i;

	rx->xdp_bulked = 0;
	__netif_tx_lock(tx->txq, smp_processor_id());
	sent = kwl_xdp_put_all(tx, rx->xdp_bulk, n, kwl_xdp_stays_mapped(rx));
	rx->xdp_sent |= sent > 0;
	if (doorbell && rx->xdp_sent) {
		/* Closing the ring has rung its doorbell */
		if (READ_ONCE(tx->open))
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
	/* Only under the lock does it stay there */
	tx = port->tx[q];
	if (likely(kwl_tx_usable(tx))) {
		sent = kwl_xdp_put_all(tx, frames, n, false);
		/*
		 * Also if none of these could be sent: those of earlier calls wait
		 * for it. When the queue is stopped no later call comes.
		 */
		if (flags & XDP_XMIT_FLUSH || netif_tx_queue_stopped(txq))
			kwl_tx_doorbell(tx);
	}
	__netif_tx_unlock(txq);
	return sent;
}
KWL_EXPORT(kwl_xdp_xmit);
