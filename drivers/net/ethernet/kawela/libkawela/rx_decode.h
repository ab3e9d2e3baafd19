/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive write-back to meaning. Pure: values in, values out.
 */
#ifndef _LIBKAWELA_RX_DECODE_H
#define _LIBKAWELA_RX_DECODE_H

#include <linux/types.h>

#include <kawela/desc.h>

/* What the device says of a frame's checksums */
enum kwl_csum {
	KWL_CSUM_NONE,	/* it didn't look at them */
	KWL_CSUM_GOOD,
	KWL_CSUM_BAD,
};

/**
 * kwl_rx_csum() - what the device says of a frame's checksums
 * @status: status_error of the frame's last descriptor
 *
 * A wrong IPv4 header checksum makes the whole frame bad. Without TCP, UDP or
 * SCTP checksum the verdict on the IP header alone is worth nothing to the
 * stack, which checks that one itself.
 *
 * Return: the verdict.
 */
static inline enum kwl_csum kwl_rx_csum(u32 status)
{
	if (status & (KWL_RXD_ERR_L4E | KWL_RXD_ERR_IPE))
		return KWL_CSUM_BAD;
	if (status & (KWL_RXD_L4CS | KWL_RXD_UDPCS))
		return KWL_CSUM_GOOD;
	return KWL_CSUM_NONE;
}

/* RSS types whose hash covers ports */
#define KWL_RSS_L4_TYPES					\
	(BIT(KWL_RSS_TCP_IPV4) | BIT(KWL_RSS_TCP_IPV6) |	\
	 BIT(KWL_RSS_TCP_IPV6_EX) | BIT(KWL_RSS_UDP_IPV4) |	\
	 BIT(KWL_RSS_UDP_IPV6) | BIT(KWL_RSS_UDP_IPV6_EX))

/**
 * kwl_rx_hash_is_l4() - does a hash of this type cover ports?
 * @type: RSS type from the descriptor
 *
 * Return: whether it does.
 */
static inline bool kwl_rx_hash_is_l4(u32 type)
{
	return KWL_RSS_L4_TYPES >> type & 1;
}

#endif /* _LIBKAWELA_RX_DECODE_H */
