/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What receive rings of pages and of AF_XDP sockets share.
 */
#ifndef _LIBKAWELA_RX_H
#define _LIBKAWELA_RX_H

#include <linux/netdevice.h>

#include <kawela/ring.h>

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
 * kwl_rx_keep_stamp() - give an skb the timestamp that its frame has already
 * @skb: the skb
 * @frame: the frame that it was made of
 * @status: status of the frame's last descriptor
 *
 * Return: what is left to do: @status without the timestamp.
 */
static inline u32 kwl_rx_keep_stamp(struct sk_buff *skb,
				    const struct kwl_xdp_buff *frame, u32 status)
{
	if (unlikely(status & KWL_RXD_TS))
		skb_hwtstamps(skb)->hwtstamp = ns_to_ktime(frame->stamp);
	return status & ~KWL_RXD_TS;
}

/* rx.c */
int kwl_rx_poll(struct kwl_rx_ring *rx, int budget);
bool kwl_rx_fill(struct kwl_rx_ring *rx, u16 n, gfp_t gfp);
void kwl_rx_give(struct kwl_rx_ring *rx, u16 i);
bool kwl_rx_keep_broken(const struct kwl_rx_ring *rx, u32 len, u32 room);
u64 kwl_rx_stamp(struct kwl_rx_ring *rx);
void kwl_rx_fold(struct kwl_rx_stats *st, const struct kwl_rx_tally *t);
void kwl_rx_deliver(struct kwl_rx_ring *rx, struct sk_buff *skb,
		    const union kwl_rx_desc *desc, u32 status,
		    struct kwl_rx_tally *t);

#endif /* _LIBKAWELA_RX_H */
