/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive side scaling: between what ethtool says and what registers hold. Pure.
 */
#ifndef _KAWELA_RSS_MAP_H
#define _KAWELA_RSS_MAP_H

#include <linux/ethtool.h>
#include <linux/types.h>

#include <kawela/regs.h>

/* What MRQC hashes at least: every IP frame by its addresses */
#define KAWELA_RSS_IP			(KWL_MRQC_IPV4 | KWL_MRQC_IPV6)
/* By default also the ports of TCP; fragments would tear a UDP flow apart */
#define KAWELA_RSS_DEFAULT						\
	(KAWELA_RSS_IP | KWL_MRQC_TCPIPV4 | KWL_MRQC_TCPIPV6 |		\
	 KWL_MRQC_TCPIPV6EX)

#define KAWELA_RSS_2TUPLE		(RXH_IP_SRC | RXH_IP_DST)
#define KAWELA_RSS_4TUPLE						\
	(KAWELA_RSS_2TUPLE | RXH_L4_B_0_1 | RXH_L4_B_2_3)

/**
 * kawela_rss_bucket() - queue of a bucket while there are so many queues
 * @queue: the queue that was chosen for it
 * @queues: queues that exist
 *
 * Return: the queue; the first one when the chosen one doesn't exist.
 */
static inline u8 kawela_rss_bucket(u8 queue, u16 queues)
{
	return queue < queues ? queue : 0;
}

/**
 * kawela_rss_word() - one register of the redirection table
 * @table: queue of each bucket
 * @i: which register; each holds four buckets, the first in the lowest byte
 * @queues: queues that exist
 *
 * Return: the register's value.
 */
static inline u32 kawela_rss_word(const u8 *table, unsigned int i, u16 queues)
{
	u32 word = 0;
	unsigned int k;

	for (k = 0; k < 4; k++)
		word |= (u32)kawela_rss_bucket(table[4 * i + k], queues)
			<< 8 * k;
	return word;
}

/**
 * kawela_rss_types() - bits of MRQC that add ports to the hash of a flow type
 * @flow_type: TCP_V4_FLOW and so on
 *
 * The device tells TCP over IPv6 with and without extension headers apart; the
 * emulated one looks at the former's bit only. Both are set together.
 *
 * Return: the bits; 0 for flow types whose ports the device can't hash.
 */
static inline u32 kawela_rss_types(u32 flow_type)
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
 * kawela_rss_fields() - header fields that the hash of a flow type covers
 * @flow_type: TCP_V4_FLOW and so on
 * @mrqc: bits of MRQC
 *
 * Return: RXH_* bits.
 */
static inline u32 kawela_rss_fields(u32 flow_type, u32 mrqc)
{
	return kawela_rss_types(flow_type) & mrqc ? KAWELA_RSS_4TUPLE :
						    KAWELA_RSS_2TUPLE;
}

#endif /* _KAWELA_RSS_MAP_H */
