/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Header fields that the receive hash covers: between ethtool's words and MRQC. Pure.
 */
#ifndef _KAWELA_RSS_FIELDS_H
#define _KAWELA_RSS_FIELDS_H

#include <linux/ethtool.h>
#include <linux/types.h>

#include <kawela/regs.h>

#define KWL_RSS_2TUPLE		(RXH_IP_SRC | RXH_IP_DST)
#define KWL_RSS_4TUPLE							\
	(KWL_RSS_2TUPLE | RXH_L4_B_0_1 | RXH_L4_B_2_3)

/**
 * kwl_rss_types() - bits of MRQC that add ports to the hash of a flow type
 * @flow_type: TCP_V4_FLOW and so on
 *
 * The device distinguishes TCP over IPv6 with and without extension headers; the
 * emulated one looks at the former's bit only. Both are set together.
 *
 * Return: the bits; 0 for flow types whose ports the device can't hash.
 */
static inline u32 kwl_rss_types(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return KWL_MRQC_TCPIPV4;
	case TCP_V6_FLOW:
		return KWL_MRQC_TCPIPV6 | KWL_MRQC_TCPIPV6EX;
	case UDP_V4_FLOW:
		return KWL_MRQC_UDPIPV4;
	case UDP_V6_FLOW:
		return KWL_MRQC_UDPIPV6 | KWL_MRQC_UDPIPV6EX;
	default:
		return 0;
	}
}

/**
 * kwl_rss_ip() - bits of MRQC that hash a flow type by its addresses
 * @flow_type: TCP_V4_FLOW and so on
 *
 * Return: the bits; 0 for flow types that aren't of IP.
 */
static inline u32 kwl_rss_ip(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
	case UDP_V4_FLOW:
	case SCTP_V4_FLOW:
	case AH_ESP_V4_FLOW:
	case AH_V4_FLOW:
	case ESP_V4_FLOW:
	case IPV4_FLOW:
		return KWL_MRQC_IPV4;
	case TCP_V6_FLOW:
	case UDP_V6_FLOW:
	case SCTP_V6_FLOW:
	case AH_ESP_V6_FLOW:
	case AH_V6_FLOW:
	case ESP_V6_FLOW:
	case IPV6_FLOW:
		return KWL_MRQC_IPV6;
	default:
		return 0;
	}
}

/**
 * kwl_rss_fields() - header fields that the hash of a flow type covers
 * @flow_type: TCP_V4_FLOW and so on
 * @mrqc: bits of MRQC
 *
 * Return: RXH_* bits; 0 for a flow type that isn't hashed.
 */
static inline u32 kwl_rss_fields(u32 flow_type, u32 mrqc)
{
	if (kwl_rss_types(flow_type) & mrqc)
		return KWL_RSS_4TUPLE;
	return kwl_rss_ip(flow_type) & mrqc ? KWL_RSS_2TUPLE : 0;
}

#endif /* _KAWELA_RSS_FIELDS_H */
