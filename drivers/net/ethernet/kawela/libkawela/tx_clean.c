// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of frames in a transmit ring when the device has sent them, or will
 * not; and the stack's queue while others use it, too.
 */
#include <net/netdev_queues.h>

#include "tx.h"

/**
 * kwl_tx_unmap() - undo the DMA mapping of one descriptor
 * @tx: the ring
 * @buf: what stands behind the descriptor
 */
void kwl_tx_unmap(struct kwl_tx_ring *tx, struct kwl_tx_buf *buf)
{
	if (!buf->len)
		return;
	dma_unmap_page(tx->dev, buf->dma, buf->len, DMA_TO_DEVICE);
	buf->len = 0;
}

/**
 * kwl_tx_usable() - may XDP or AF_XDP put frames into a ring?
 * @tx: the ring
 *
 * Context: the queue's transmit lock.
 * Return: whether it may.
 */
bool kwl_tx_usable(const struct kwl_tx_ring *tx)
{
	lockdep_assert_held(&tx->txq->_xmit_lock);
	return READ_ONCE(tx->open) && !netif_tx_queue_stopped(tx->txq);
}

/**
 * kwl_tx_used() - let the stack know that others have used its queue
 * @tx: the ring
 *
 * Unlike in ndo_start_xmit, a sender may have seen the queue stopped for this
 * moment and wait for it, so the queue is woken and not just started.
 *
 * Context: the queue's transmit lock.
 */
void kwl_tx_used(struct kwl_tx_ring *tx)
{
	lockdep_assert_held(&tx->txq->_xmit_lock);
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

/* Free a frame that wasn't sent, whose first descriptor is @i */
static void kwl_tx_release(struct kwl_tx_ring *tx, u16 i)
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
		xsk_tx_completed(tx->xsk, buf->xsk_bufs);
		break;
	}
	buf->skb = NULL;
	buf->kind = KWL_TX_SKB;
}

/**
 * kwl_tx_drop_all() - free the frames that the device will not send any more
 * @tx: the ring; the device doesn't use it, and no other CPU transmits
 *
 * Context: process.
 */
void kwl_tx_drop_all(struct kwl_tx_ring *tx)
{
	struct kwl_tx_done done = {};
	u16 i = tx->clean;

	while (i != tx->fill) {
		kwl_tx_release(tx, i);
		i = kwl_tx_take(tx, &tx->buf[i], i, &done);
	}
	/* XDP_TX of another queue pair may count at the same time */
	__netif_tx_lock_bh(tx->txq);
	u64_stats_update_begin(&tx->stats->xsync);
	u64_stats_add(&tx->stats->dropped, done.frames);
	u64_stats_update_end(&tx->stats->xsync);
	__netif_tx_unlock_bh(tx->txq);
}

/*
 * Free frames that the device has sent for XDP, from the first at @i on. Return:
 * index behind the last such frame in a row.
 */
static u16 kwl_tx_clean_other(struct kwl_tx_ring *tx, u16 i,
			      struct kwl_tx_done *done)
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
			xsk += buf->xsk_bufs;
		buf->xdpf = NULL;
		buf->kind = KWL_TX_SKB;
		done->unqueued += buf->bytes;
		i = kwl_tx_take(tx, buf, i, done);
	} while (done->frames < tx->count && tx->buf[i].kind != KWL_TX_SKB &&
		 kwl_tx_is_done(&tx->buf[i]));
	xdp_flush_frame_bulk(&bulk);
	rcu_read_unlock();
	if (xsk)
		xsk_tx_completed(tx->xsk, xsk);
	return i;
}

static void kwl_tx_fold(struct kwl_tx_ring *tx, u32 packets, u32 bytes,
			bool woken)
{
	struct kwl_tx_stats *st = tx->stats;

	u64_stats_update_begin(&st->sync);
	u64_stats_add(&st->packets, packets);
	u64_stats_add(&st->bytes, bytes);
	u64_stats_add(&st->wake, woken);
	u64_stats_update_end(&st->sync);
}

/**
 * kwl_tx_clean() - free what the device has sent
 * @tx: the ring
 * @budget: NAPI's; 0 is netpoll's, whose context page pools and AF_XDP can't run in
 *
 * Frames behind one of XDP wait for the next poll with a budget.
 *
 * Context: the queue's NAPI instance.
 * Return: false when there may be more to do.
 */
bool kwl_tx_clean(struct kwl_tx_ring *tx, int budget)
{
	struct kwl_tx_done done = {};
	u16 i = tx->clean;
	int woken;

	/* One round at most, so that a fast sender can't hold NAPI here */
	while (done.frames < tx->count) {
		struct kwl_tx_buf *buf = &tx->buf[i];

		if (!kwl_tx_is_done(buf))
			break;
		if (unlikely(buf->kind != KWL_TX_SKB)) {
			/* In netpoll's context nothing of XDP may be freed */
			if (!budget)
				break;
			i = kwl_tx_clean_other(tx, i, &done);
			continue;
		}
		napi_consume_skb(buf->skb, budget);
		buf->skb = NULL;
		i = kwl_tx_take(tx, buf, i, &done);
	}
	if (!done.frames)
		return true;
	/* Senders may write these entries as soon as they see this */
	smp_store_release(&tx->clean, i);
	if (unlikely(done.bytes == done.unqueued))
		/* Without bytes to report BQL has no barrier; as in kwl_tx_used() */
		smp_mb();
	woken = __netif_txq_completed_wake(tx->txq, done.frames,
					   done.bytes - done.unqueued,
					   kwl_tx_free(tx), KWL_TX_WAKE,
					   !READ_ONCE(tx->open));
	kwl_tx_fold(tx, done.packets, done.bytes, woken == 0);
	return done.frames < tx->count;
}
