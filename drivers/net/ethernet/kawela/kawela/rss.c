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

static void kawela_rss_write_key(struct kawela *pf)
{
	unsigned int i;

	for (i = 0; i < KWL_RSS_KEY_LEN / 4; i++)
		kwl_wr(&pf->hw, KWL_RSSRK(i),
		       get_unaligned_le32(&pf->rss_key[4 * i]));
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

	kawela_rss_write_key(pf);
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

/**
 * kawela_rss_pools() - spread frames over the two queues of each pool
 * @pf: the PF, with VFs
 *
 * All pools share key and table. The VFs have them also while the PF's interface
 * is down.
 *
 * Context: vf_lock.
 */
void kawela_rss_pools(struct kawela *pf)
{
	u32 word = 0x01000100 << KWL_RETA_POOL_QUEUE;
	unsigned int i;

	kawela_rss_write_key(pf);
	for (i = 0; i < KWL_RETA_ENTRIES / 4; i++)
		kwl_wr(&pf->hw, KWL_RETA(i), word);
}

/**
 * kawela_rss_tell() - how a VF's frames are spread, in words
 * @pf: the PF
 * @vf: the VF
 * @msg: answer to GET_RSS
 *
 * Context: vf_lock.
 */
void kawela_rss_tell(struct kawela *pf, const struct kawela_vf *vf,
		     struct kwl_msg *msg)
{
	unsigned int i;

	for (i = 0; i < KWL_RSS_KEY_LEN / 4; i++)
		msg->w[KWL_MSG_RSS_KEY + i] =
			get_unaligned_le32(&pf->rss_key[4 * i]);
	if (vf->want.queues < 2)
		return;
	for (i = 0; i < KWL_RETA_ENTRIES / 32; i++)
		msg->w[KWL_MSG_RSS_TABLE + i] = 0xaaaaaaaa;
	msg->w[KWL_MSG_RSS_TYPES] = pf->image.mrqc & ~KWL_MRQC_MODE;
}
