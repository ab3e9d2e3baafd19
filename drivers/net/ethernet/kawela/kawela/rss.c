// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive side scaling: hash key and redirection table (datasheet 7.1.1.7).
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/unaligned.h>

#include "kawela.h"

/**
 * kawela_rss_init() - choose a key and spread the buckets over the queues
 * @pf: the PF
 * @queues: how many queues there are
 */
void kawela_rss_init(struct kawela *pf, u16 queues)
{
	unsigned int i;

	netdev_rss_key_fill(pf->rss_key, sizeof(pf->rss_key));
	for (i = 0; i < KWL_RETA_ENTRIES; i++)
		pf->rss_table[i] = ethtool_rxfh_indir_default(i, queues);
}

/**
 * kawela_rss_write() - write key and table
 * @pf: the PF
 * @queues: queues that exist; buckets of others go to queue 0
 *
 * Context: the port's lock.
 */
void kawela_rss_write(struct kawela *pf, u16 queues)
{
	unsigned int i, k;

	for (i = 0; i < KWL_RSS_KEY_LEN / 4; i++)
		kwl_wr(&pf->hw, KWL_RSSRK(i),
		       get_unaligned_le32(&pf->rss_key[4 * i]));
	for (i = 0; i < KWL_RETA_ENTRIES / 4; i++) {
		u32 word = 0;

		for (k = 0; k < 4; k++) {
			u8 queue = pf->rss_table[4 * i + k];

			if (queue < queues)
				word |= queue << 8 * k;
		}
		kwl_wr(&pf->hw, KWL_RETA(i), word);
	}
}
