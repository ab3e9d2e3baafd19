// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive side scaling (datasheet 7.1.1.7): key, redirection table and hashed
 * fields, ethtool -x, -X, -n and -N.
 *
 * What the user chose is kept whatever happens to the queues: while VFs exist the
 * PF has one queue, and all buckets lead there; when they go, the chosen queues
 * are back.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/unaligned.h>

#include <kawela/rss_fields.h>

#include "filter.h"
#include "kawela.h"
#include "rss.h"
#include "rss_map.h"
#include "vf.h"

static void kawela_rss_spread(struct kawela *pf, u16 queues)
{
	unsigned int i;

	for (i = 0; i < KWL_RETA_ENTRIES; i++)
		pf->rss.table[i] = ethtool_rxfh_indir_default(i, queues);
}

/* A table that the user didn't set follows the number of queues */
static void kawela_rss_follow(struct kawela *pf)
{
	if (!netif_is_rxfh_configured(pf->netdev))
		kawela_rss_spread(pf, kawela_port(pf)->dp->cfg.queues);
}

static void kawela_rss_write_key(struct kawela *pf)
{
	unsigned int i;

	for (i = 0; i < KWL_RSS_KEY_LEN / 4; i++)
		kwl_wr(&pf->hw, KWL_RSSRK(i),
		       get_unaligned_le32(&pf->rss.key[4 * i]));
}

static void kawela_rss_write(struct kawela *pf)
{
	u16 queues = kawela_port(pf)->dp->cfg.queues;
	unsigned int i;

	kawela_rss_write_key(pf);
	for (i = 0; i < KWL_RETA_ENTRIES / 4; i++)
		kwl_wr(&pf->hw, KWL_RETA(i),
		       kawela_rss_word(pf->rss.table, i, queues));
}

/**
 * kawela_rss_init() - choose a key
 * @pf: the PF
 */
void kawela_rss_init(struct kawela *pf)
{
	netdev_rss_key_fill(pf->rss.key, sizeof(pf->rss.key));
	pf->want.rss_types = KAWELA_RSS_DEFAULT;
}

/**
 * kawela_rss_start() - write key and table for the datapath in force
 * @pf: the PF
 *
 * Context: the port's lock.
 */
void kawela_rss_start(struct kawela *pf)
{
	netdev_assert_locked_ops_compat(pf->netdev);
	kawela_rss_follow(pf);
	/* VFs have the table: kawela_rss_pools() */
	if (!kawela_port(pf)->dp->cfg.first_hwq)
		kawela_rss_write(pf);
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

	lockdep_assert_held(&pf->vf_lock);
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

	lockdep_assert_held(&pf->vf_lock);
	for (i = 0; i < KWL_RSS_KEY_LEN / 4; i++)
		msg->w[KWL_MSG_RSS_KEY + i] =
			get_unaligned_le32(&pf->rss.key[4 * i]);
	if (vf->want.queues < 2)
		return;
	for (i = 0; i < KWL_RETA_ENTRIES / 32; i++)
		msg->w[KWL_MSG_RSS_TABLE + i] = 0xaaaaaaaa;
	msg->w[KWL_MSG_RSS_TYPES] = pf->image.mrqc & ~KWL_MRQC_MODE;
}

/**
 * kawela_get_rxfh_key_size() - length of the hash key
 * @netdev: the PF's netdev
 *
 * Return: octets.
 */
u32 kawela_get_rxfh_key_size(struct net_device *netdev)
{
	return KWL_RSS_KEY_LEN;
}

/**
 * kawela_get_rxfh_indir_size() - number of hash buckets
 * @netdev: the PF's netdev
 *
 * Return: buckets.
 */
u32 kawela_get_rxfh_indir_size(struct net_device *netdev)
{
	return KWL_RETA_ENTRIES;
}

/**
 * kawela_get_rxfh() - ethtool -x
 * @netdev: the PF's netdev
 * @rxfh: receives key and the table in force
 *
 * Context: the port's lock.
 * Return: 0.
 */
int kawela_get_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh)
{
	struct kawela *pf = kawela_of(netdev);
	u16 queues = kawela_port(pf)->dp->cfg.queues;
	unsigned int i;

	netdev_assert_locked_ops_compat(netdev);
	kawela_rss_follow(pf);
	rxfh->hfunc = ETH_RSS_HASH_TOP;
	if (rxfh->key)
		memcpy(rxfh->key, pf->rss.key, sizeof(pf->rss.key));
	for (i = 0; rxfh->indir && i < KWL_RETA_ENTRIES; i++)
		rxfh->indir[i] = kawela_rss_bucket(pf->rss.table[i], queues);
	return 0;
}

/**
 * kawela_set_rxfh() - ethtool -X
 * @netdev: the PF's netdev
 * @rxfh: key, table or both; the core has compared the table with the queues
 *	that exist
 * @extack: receives the reason of a refusal
 *
 * Context: the port's lock; takes vf_lock.
 * Return: 0 or -EOPNOTSUPP.
 */
int kawela_set_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh,
		    struct netlink_ext_ack *extack)
{
	struct kawela *pf = kawela_of(netdev);
	unsigned int i;

	netdev_assert_locked_ops_compat(netdev);
	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    rxfh->hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG_MOD(extack, "the device hashes by Toeplitz only");
		return -EOPNOTSUPP;
	}
	if (rxfh->key)
		memcpy(pf->rss.key, rxfh->key, sizeof(pf->rss.key));
	for (i = 0; rxfh->indir && i < KWL_RETA_ENTRIES; i++)
		pf->rss.table[i] = rxfh->indir[i];
	mutex_lock(&pf->vf_lock);
	if (pf->n_vfs)
		kawela_rss_pools(pf);
	else if (kwl_port_running(kawela_port(pf)))
		kawela_rss_write(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}

/**
 * kawela_get_rxfh_fields() - ethtool -n ... rx-flow-hash
 * @netdev: the PF's netdev
 * @fields: flow type; receives header fields
 *
 * Context: the port's lock.
 * Return: 0.
 */
int kawela_get_rxfh_fields(struct net_device *netdev,
			   struct ethtool_rxfh_fields *fields)
{
	netdev_assert_locked_ops_compat(netdev);
	fields->data = kwl_rss_fields(fields->flow_type,
				      kawela_of(netdev)->want.rss_types);
	return 0;
}

/**
 * kawela_set_rxfh_fields() - ethtool -N ... rx-flow-hash
 * @netdev: the PF's netdev
 * @fields: flow type and header fields
 * @extack: receives the reason of a refusal
 *
 * Context: the port's lock; takes vf_lock.
 * Return: 0 or -EINVAL.
 */
int kawela_set_rxfh_fields(struct net_device *netdev,
			   const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack)
{
	u32 types = kwl_rss_types(fields->flow_type);
	struct kawela *pf = kawela_of(netdev);
	bool ports = fields->data == KWL_RSS_4TUPLE;

	netdev_assert_locked_ops_compat(netdev);
	if (!ports && fields->data != KWL_RSS_2TUPLE) {
		NL_SET_ERR_MSG_MOD(extack,
				   "the device hashes both addresses (sd) or both addresses and ports (sdfn)");
		return -EINVAL;
	}
	if (ports && !types) {
		NL_SET_ERR_MSG_MOD(extack,
				   "the device hashes ports of TCP and UDP only");
		return -EINVAL;
	}
	mutex_lock(&pf->vf_lock);
	pf->want.rss_types &= ~types;
	if (ports)
		pf->want.rss_types |= types;
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}
