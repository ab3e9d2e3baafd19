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
 * @wb: receives it
 *
 * Each word once: a second look might see another value than the one that was
 * checked.
 *
 * Return: whether the device is done with the descriptor; otherwise @wb holds
 * nothing of use.
 */
static __always_inline bool kwl_rx_read(const union kwl_rx_desc *desc,
					struct kwl_rx_wb *wb)
{
	wb->status = le32_to_cpu(READ_ONCE(desc->word[2]));
	if (!(wb->status & KWL_RXD_DD))
		return false;
	/* The rest of the descriptor is valid only behind DD */
	dma_rmb();
	wb->info = le32_to_cpu(READ_ONCE(desc->word[0]));
	wb->rss = le32_to_cpu(READ_ONCE(desc->word[1]));
	wb->tail = le32_to_cpu(READ_ONCE(desc->word[3]));
	return true;
}

/**
 * kwl_rx_take() - look at the next descriptor of a ring
 * @rx: the ring
 * @wb: receives what the device wrote there
 *
 * A ring has at most as many as it was given, whatever stands in the others, so a
 * loop over this ends.
 *
 * Context: the queue's NAPI instance.
 * Return: whether the device is done with it; the caller goes on to the next one.
 */
static __always_inline bool kwl_rx_take(const struct kwl_rx_ring *rx,
					struct kwl_rx_wb *wb)
{
	return rx->next != rx->fill && kwl_rx_read(&rx->desc[rx->next], wb);
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
