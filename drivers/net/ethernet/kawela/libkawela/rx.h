/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What receive rings of pages and of AF_XDP sockets share.
 */
#ifndef _LIBKAWELA_RX_H
#define _LIBKAWELA_RX_H

#include <linux/netdevice.h>

#include <kawela/ring.h>

#include "rx_decode.h"

/*
 * Where the page pool's DMA syncs begin in a page: where the device writes, if there
 * is one buffer in it
 */
#define KWL_RX_POOL_OFFSET	(KWL_RX_PARTS > 1 ? 0 : KWL_RX_HEADROOM)

/* Counters of one poll, folded into the queue's at its end */
struct kwl_rx_tally {
	u32 packets;
	u32 bytes;
	u32 csum_bad;
	u32 csum_none;
	u32 csum_ok;
	u32 errors;
	u32 skb_fail;
};

/**
 * kwl_rx_read() - read what the device wrote back to a descriptor
 * @desc: the descriptor
 * @wb: receives status and length
 *
 * Each field once: a second look might see another value than the one that was
 * checked. The rest is for kwl_rx_read_rest().
 *
 * Return: whether the device is done with the descriptor; otherwise @wb holds
 * nothing of use.
 */
static __always_inline bool kwl_rx_read(const union kwl_rx_desc *desc,
					struct kwl_rx_wb *wb)
{
	wb->status = le32_to_cpu(READ_ONCE(desc->wb.status_error));
	if (!(wb->status & KWL_RXD_DD))
		return false;
	/* The rest of the descriptor is valid only behind DD */
	dma_rmb();
	wb->len = le16_to_cpu(READ_ONCE(desc->wb.length));
	return true;
}

/**
 * kwl_rx_read_rest() - read what else the device says of a frame
 * @desc: the frame's last descriptor
 * @wb: what kwl_rx_read() found there; receives hash and VLAN tag
 *
 * Once for a descriptor.
 */
static __always_inline void kwl_rx_read_rest(const union kwl_rx_desc *desc,
					     struct kwl_rx_wb *wb)
{
	wb->info = le16_to_cpu(READ_ONCE(desc->wb.pkt_info));
	wb->rss = le32_to_cpu(READ_ONCE(desc->wb.rss));
	wb->vlan = le16_to_cpu(READ_ONCE(desc->wb.vlan));
}

/**
 * kwl_rx_limit() - most descriptors that a poll may look at
 * @rx: the ring
 * @budget: NAPI's
 *
 * A frame takes one or more, so these are no more frames than @budget allows. The
 * device has no others, whatever stands in those.
 *
 * Return: how many.
 */
static inline int kwl_rx_limit(const struct kwl_rx_ring *rx, int budget)
{
	return min(budget, rx->count - 1 -
		   kwl_ring_free_slots(rx->fill, rx->next, rx->count));
}

/**
 * kwl_rx_next_state() - go on behind a descriptor
 * @rx: the ring
 * @status: what the device wrote there
 * @within: enum kwl_rx_state for the next one if this didn't end the frame
 *
 * Return: 1 when the descriptor ended a frame.
 */
static inline int kwl_rx_next_state(struct kwl_rx_ring *rx, u32 status,
				    u8 within)
{
	rx->state = status & KWL_RXD_EOP ? KWL_RX_FIRST : within;
	return !!(status & KWL_RXD_EOP);
}

/* rx.c */
int kwl_rx_poll(struct kwl_rx_ring *rx, int budget);
bool kwl_rx_fill(struct kwl_rx_ring *rx, u16 n, gfp_t gfp);
void kwl_rx_give_again(struct kwl_rx_ring *rx, u16 i);
bool kwl_rx_keep_broken(const struct kwl_rx_ring *rx, u32 len, u32 room);
u64 kwl_rx_stamp(struct kwl_rx_ring *rx);
void kwl_rx_fold(struct kwl_rx_stats *st, const struct kwl_rx_tally *t);
void kwl_rx_deliver(struct kwl_rx_ring *rx, struct sk_buff *skb,
		    const struct kwl_xdp_buff *frame, struct kwl_rx_tally *t);

#endif /* _LIBKAWELA_RX_H */
