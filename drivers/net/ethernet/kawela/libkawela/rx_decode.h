/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive write-back to meaning. Pure: values in, values out.
 */
#ifndef _LIBKAWELA_RX_DECODE_H
#define _LIBKAWELA_RX_DECODE_H

#include <linux/bitfield.h>
#include <linux/if_ether.h>
#include <linux/types.h>

#include <kawela/desc.h>

static inline u32 kwl_rx_rss_type(const struct kwl_rx_wb *wb)
{
	return FIELD_GET(KWL_RXD_RSS_TYPE, wb->info);
}

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
 * A wrong IPv4 header checksum makes the whole frame bad, as does anything else that
 * is broken. Without TCP, UDP or SCTP checksum the verdict on the IP header alone is
 * worth nothing to the stack, which checks that one itself.
 *
 * Return: the verdict.
 */
static inline enum kwl_csum kwl_rx_csum(u32 status)
{
	if (status & (KWL_RXD_ERR_RXE | KWL_RXD_ERR_L4E | KWL_RXD_ERR_IPE))
		return KWL_CSUM_BAD;
	if (status & (KWL_RXD_L4CS | KWL_RXD_UDPCS))
		return KWL_CSUM_GOOD;
	return KWL_CSUM_NONE;
}

/**
 * kwl_rx_broken() - whether a descriptor's data can't be used
 * @status: its status_error
 * @len: its length
 * @room: octets that the device may write to the buffer
 *
 * A length beyond @room is none that the device can have written: it is not to be
 * believed. Shorter than an Ethernet header may be a frame's last part; its first
 * is asked with kwl_rx_runt().
 *
 * Return: whether the frame that it belongs to is lost, unless kwl_rx_keep_broken().
 */
static inline bool kwl_rx_broken(u32 status, u32 len, u32 room)
{
	return len > room || status & KWL_RXD_ERR_RXE;
}

/**
 * kwl_rx_runt() - whether a frame has no whole Ethernet header
 * @len: octets in its first buffer
 *
 * Only the last buffer of a frame may hold less than the device can write there, so
 * this asks the same of a frame in several. The stack looks for the header there.
 *
 * Return: whether it doesn't.
 */
static inline bool kwl_rx_runt(u32 len)
{
	return len < ETH_HLEN;
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
