// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmit: skb to descriptors, and back when the device is done.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <net/netdev_queues.h>

#include "echo.h"
#include "lib.h"
#include "tx.h"

/* Unmap the descriptors from @from to before @to, and drop the frame */
static void kwl_tx_unwind(struct kwl_tx_ring *tx, struct sk_buff *skb, u16 from,
			  u16 to)
{
	u16 i;

	for (i = from; i != to; i = kwl_ring_next(i, tx->count))
		kwl_tx_unmap(tx, &tx->buf[i]);
	/* The context that this frame brought is overwritten with it */
	tx->ctx = (struct kwl_tx_ctx) {};
	dev_kfree_skb_any(skb);
}

/* Contexts stay in the device until replaced, so most frames need none */
static __always_inline u16 kwl_tx_put_ctx(struct kwl_tx_ring *tx, u16 i,
					  const struct kwl_tx_ctx *ctx)
{
	union kwl_tx_desc *desc = &tx->desc[i];

	if (!ctx->type_tucmd || !memcmp(ctx, &tx->ctx, sizeof(*ctx)))
		return i;
	tx->ctx = *ctx;
	desc->ctx.vlan_macip_lens = cpu_to_le32(ctx->vlan_macip_lens);
	desc->ctx.seqnum_seed = 0;
	desc->ctx.type_tucmd = cpu_to_le32(ctx->type_tucmd);
	desc->ctx.mss_l4len_idx = cpu_to_le32(ctx->mss_l4len_idx);
	return kwl_ring_next(i, tx->count);
}

/* Return: index behind the frame, or the ring's size when mapping failed */
static noinline u16 kwl_tx_map_frags(struct kwl_tx_ring *tx, struct sk_buff *skb,
				     u32 cmd, u32 olinfo, u16 first, u16 i)
{
	u32 f;

	for (f = 0; f < skb_shinfo(skb)->nr_frags; f++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[f];
		u32 len = skb_frag_size(frag);
		dma_addr_t dma;

		/* The device drops a frame with an empty fragment */
		if (unlikely(!len))
			continue;
		dma = skb_frag_dma_map(tx->dev, frag, 0, len, DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(tx->dev, dma))) {
			kwl_tx_unwind(tx, skb, first, i);
			return tx->count;
		}
		tx->buf[i].dma = dma;
		tx->buf[i].len = len;
		i = kwl_tx_put_data(tx, i, dma, len, cmd, olinfo);
	}
	return i;
}

/**
 * struct kwl_tx_tail - where a frame ends in the ring
 * @eop: its last descriptor
 * @end: index behind that, or the ring's size for a frame that couldn't be mapped and is
 *	gone
 */
struct kwl_tx_tail {
	union kwl_tx_desc *eop;
	u16 end;
};

static __always_inline struct kwl_tx_tail
kwl_tx_map(struct kwl_tx_ring *tx, struct sk_buff *skb,
	   const struct kwl_tx_meta *meta, u16 first, u16 i)
{
	struct kwl_tx_buf *buf = &tx->buf[i];
	u32 len = skb_headlen(skb);
	dma_addr_t dma;

	/* As a page: dma_map_single() asks whether it is vmalloc's, each time */
	dma = dma_map_page(tx->dev, virt_to_page(skb->data),
			   offset_in_page(skb->data), len, DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(tx->dev, dma))) {
		kwl_tx_unwind(tx, skb, first, i);
		return (struct kwl_tx_tail) { .end = tx->count };
	}
	buf->dma = dma;
	buf->len = len;
	if (likely(!skb_is_nonlinear(skb) && len <= KWL_TX_DESC_MAX_LEN))
		return (struct kwl_tx_tail) {
			.eop = &tx->desc[i],
			.end = kwl_tx_put_one(tx, i, dma, len, meta->cmd,
					      meta->olinfo),
		};
	i = kwl_tx_put_data(tx, i, dma, len, meta->cmd, meta->olinfo);
	i = kwl_tx_map_frags(tx, skb, meta->cmd, meta->olinfo, first, i);
	return (struct kwl_tx_tail) {
		.eop = &tx->desc[kwl_ring_prev(i, tx->count)],
		.end = i,
	};
}

static __always_inline void kwl_tx_count(struct kwl_tx_ring *tx,
					 const struct sk_buff *skb,
					 const struct kwl_tx_meta *meta)
{
	struct kwl_tx_stats *st = tx->stats;

	if (likely(!(meta->olinfo & KWL_TXD_TXSM)))
		return;
	u64_stats_update_begin(&st->xsync);
	u64_stats_inc(&st->csum);
	if (meta->cmd & KWL_TXD_TSE) {
		u64_stats_inc(&st->tso_packets);
		u64_stats_add(&st->tso_bytes, skb->len);
		u64_stats_add(&st->tso_segs, meta->segs);
		u64_stats_add(&st->tso_wire_bytes,
			      kwl_tx_wire_bytes(skb, meta));
	}
	u64_stats_update_end(&st->xsync);
}

static void kwl_tx_drop(struct kwl_tx_ring *tx)
{
	u64_stats_update_begin(&tx->stats->xsync);
	u64_stats_inc(&tx->stats->dropped);
	u64_stats_update_end(&tx->stats->xsync);
}

static noinline void kwl_tx_maybe_stop(struct kwl_tx_ring *tx)
{
	if (likely(netif_txq_maybe_stop(tx->txq, kwl_tx_free(tx), KWL_TX_NEED,
					KWL_TX_WAKE) != 0))
		return;
	u64_stats_update_begin(&tx->stats->xsync);
	u64_stats_inc(&tx->stats->stop);
	u64_stats_update_end(&tx->stats->xsync);
}

/*
 * Make the frame visible to completion, which a device that lies may begin before the
 * doorbell: so the queue's limit counts it before. Return: its octets on the wire
 */
static __always_inline u32 kwl_tx_commit(struct kwl_tx_ring *tx,
					 struct sk_buff *skb,
					 const struct kwl_tx_meta *meta,
					 u16 first, struct kwl_tx_tail tail)
{
	struct kwl_tx_buf *buf = &tx->buf[first];
	u32 bytes = kwl_tx_wire_bytes(skb, meta);

	buf->skb = skb;
	buf->segs = meta->segs;
	buf->bytes = bytes;
	netdev_tx_sent_queue(tx->txq, bytes);
	kwl_tx_publish_eop(tx, buf, tail.eop, tail.end);
	return bytes;
}

static void kwl_tx_stamp(struct sk_buff *skb, struct kwl_tx_meta *meta)
{
	struct kwl_port *port = kwl_port_of(skb->dev);

	if (port->role->stamp_tx && port->role->stamp_tx(port, skb))
		meta->cmd |= KWL_TXD_TSTAMP;
}

/* Inline, so that what plain frames don't need goes from their copy of it */
static __always_inline u32 kwl_tx_put(struct kwl_tx_ring *tx,
				      struct sk_buff *skb,
				      const struct kwl_tx_meta *meta)
{
	struct kwl_tx_tail tail;
	u16 first = tx->fill;

	tail = kwl_tx_map(tx, skb, meta, first,
			  kwl_tx_put_ctx(tx, first, &meta->ctx));
	if (unlikely(tail.end == tx->count))
		return 0;
	kwl_tx_count(tx, skb, meta);
	return kwl_tx_commit(tx, skb, meta, first, tail);
}

static noinline u32 kwl_tx_frame_offload(struct kwl_tx_ring *tx,
					 struct sk_buff *skb)
{
	struct kwl_tx_meta meta;

	if (unlikely(kwl_tx_offload(skb, &meta))) {
		dev_kfree_skb_any(skb);
		return 0;
	}
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_HW_TSTAMP))
		kwl_tx_stamp(skb, &meta);
	skb_tx_timestamp(skb);
	return kwl_tx_put(tx, skb, &meta);
}

/* Nothing is asked but to send it */
static bool kwl_tx_is_plain(const struct sk_buff *skb)
{
	return !skb_vlan_tag_present(skb) &&
	       skb->ip_summed != CHECKSUM_PARTIAL &&
	       !(skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP);
}

/* A sender may have put no more than the Ethernet header into the linear part */
static noinline void kwl_tx_remember(struct kwl_tx_ring *tx,
				     const struct sk_buff *skb)
{
	u32 len = min_t(u32, skb->len, KWL_ECHO_LEN);
	u8 buf[KWL_ECHO_LEN];
	const u8 *frame = skb_header_pointer(skb, 0, len, buf);

	if (frame)
		kwl_echo_sent(tx->echo, skb->dev, frame, len,
			      max_t(u32, skb_shinfo(skb)->gso_segs, 1));
}

/* Return: octets on the wire, 0 when the frame was dropped */
static u32 kwl_tx_frame(struct kwl_tx_ring *tx, struct sk_buff *skb)
{
	/* The emulated device sends short frames short; this frees @skb itself */
	if (eth_skb_pad(skb))
		return 0;
	if (kwl_echo_possible(tx->echo, skb->dev, skb->data))
		kwl_tx_remember(tx, skb);
	if (kwl_tx_is_plain(skb)) {
		const struct kwl_tx_meta meta = {
			.cmd = KWL_TX_CMD,
			.olinfo = FIELD_PREP(KWL_TXD_PAYLEN, skb->len),
			.segs = 1,
		};

		return kwl_tx_put(tx, skb, &meta);
	}
	return kwl_tx_frame_offload(tx, skb);
}

/**
 * kwl_tx_resume() - let the device go on with frames that it has had for a while
 * @port: the port
 *
 * For devices that look at a queue only when its tail is written. The PF may have kept a
 * VF from sending for a moment. What was given to the device meanwhile waits for the next
 * frame, and there is none while the queue is full or stopped by its limit (BQL).
 *
 * Context: process; takes the queues' transmit locks.
 */
void kwl_tx_resume(struct kwl_port *port)
{
	u16 i;

	for (i = 0; i < port->netdev->num_tx_queues; i++) {
		struct netdev_queue *txq = netdev_get_tx_queue(port->netdev, i);
		struct kwl_tx_ring *tx;

		__netif_tx_lock_bh(txq);
		tx = port->tx[i];
		if (tx->desc && READ_ONCE(tx->clean) != tx->fill)
			kwl_tx_doorbell(tx);
		__netif_tx_unlock_bh(txq);
	}
}

/* A ring that is closed, or full */
static noinline netdev_tx_t kwl_tx_refuse(struct kwl_tx_ring *tx,
					  struct sk_buff *skb)
{
	u16 q = skb_get_queue_mapping(skb);

	if (tx->desc) {
		kwl_tx_maybe_stop(tx);
		return NETDEV_TX_BUSY;
	}
	/*
	 * The queue isn't in use. Some senders keep an index over changes of their
	 * number. Queues that are in use are stopped while they have no ring.
	 */
	DEBUG_NET_WARN_ON_ONCE(q < READ_ONCE(skb->dev->real_num_tx_queues));
	kwl_tx_drop(tx);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/**
 * kwl_xmit() - ndo_start_xmit of PF and VF
 * @skb: the frame
 * @netdev: the netdev
 *
 * Context: the queue's transmit lock.
 * Return: NETDEV_TX_OK, the frame was taken (or dropped and counted);
 * NETDEV_TX_BUSY when a stopped queue was called, which the stack doesn't do.
 */
netdev_tx_t kwl_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct kwl_port *port = kwl_port_of(netdev);
	struct kwl_tx_ring *tx = port->tx[skb_get_queue_mapping(skb)];
	u16 room = kwl_tx_free(tx);
	u32 bytes;

	lockdep_assert_held(&tx->txq->_xmit_lock);
	if (unlikely(room < KWL_TX_NEED))
		return kwl_tx_refuse(tx, skb);
	bytes = kwl_tx_frame(tx, skb);
	if (unlikely(!bytes)) {
		kwl_tx_drop(tx);
		/* Frames before this one may have counted on its doorbell */
		if (!netdev_xmit_more())
			kwl_tx_doorbell(tx);
		return NETDEV_TX_OK;
	}
	/* With room for two, the next one fits whatever this one took */
	if (unlikely(room < 2 * KWL_TX_NEED))
		kwl_tx_maybe_stop(tx);
	if (!netdev_xmit_more() || netif_xmit_stopped(tx->txq))
		kwl_tx_doorbell(tx);
	return NETDEV_TX_OK;
}
KWL_EXPORT(kwl_xmit);
