/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive side scaling: between what ethtool says and what registers hold. Pure.
 */
#ifndef _KAWELA_RSS_MAP_H
#define _KAWELA_RSS_MAP_H

#include <linux/types.h>

#include <kawela/regs.h>

/* What MRQC hashes at least: every IP frame by its addresses */
#define KAWELA_RSS_IP			(KWL_MRQC_IPV4 | KWL_MRQC_IPV6)
/* By default also the ports of TCP; fragments would tear a UDP flow apart */
#define KAWELA_RSS_DEFAULT						\
	(KAWELA_RSS_IP | KWL_MRQC_TCPIPV4 | KWL_MRQC_TCPIPV6 |		\
	 KWL_MRQC_TCPIPV6EX)

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

#endif /* _KAWELA_RSS_MAP_H */
