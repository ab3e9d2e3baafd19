// SPDX-License-Identifier: GPL-2.0-only
/*
 * How received frames are spread over the VF's queue pairs, as the PF reports it.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include <kawela/rss_fields.h>

#include "kawelavf.h"
#include "mbx_decode.h"
#include "mbx_ops.h"
#include "rss.h"

/* The PF reports it to trusted VFs only */
static bool kawelavf_rss_told(const struct kawelavf *vf)
{
	return READ_ONCE(vf->v2) && vf->policy.flags & KWL_POLICY_TRUSTED;
}

/**
 * kawelavf_get_rxfh_key_size() - length of the hash key
 * @netdev: the VF
 *
 * Return: octets; 0 when the PF doesn't report it.
 */
u32 kawelavf_get_rxfh_key_size(struct net_device *netdev)
{
	return kawelavf_rss_told(kawelavf_of(netdev)) ? KWL_MSG_RSS_KEY_LEN : 0;
}

/**
 * kawelavf_get_rxfh_indir_size() - number of hash buckets
 * @netdev: the VF
 *
 * Return: buckets; 0 when the PF doesn't report it.
 */
u32 kawelavf_get_rxfh_indir_size(struct net_device *netdev)
{
	return kawelavf_rss_told(kawelavf_of(netdev)) ? KWL_MSG_RSS_BUCKETS : 0;
}

/* Return: 0, -EOPNOTSUPP for a VF without trust, or an errno when the PF doesn't answer */
static int kawelavf_rss_ask(struct kawelavf *vf, struct kwl_msg *rsp)
{
	kawelavf_assert_locked(vf);
	if (!kawelavf_rss_told(vf))
		return -EOPNOTSUPP;
	return kawelavf_req_rss(vf, rsp);
}

/**
 * kawelavf_get_rxfh() - ethtool -x
 * @netdev: the VF
 * @rxfh: receives key and table
 *
 * Context: the port's lock.
 * Return: 0, -EOPNOTSUPP for a VF without trust, or an errno when the PF doesn't
 * answer.
 */
int kawelavf_get_rxfh(struct net_device *netdev,
		      struct ethtool_rxfh_param *rxfh)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	struct kwl_msg rsp;
	int err = kawelavf_rss_ask(vf, &rsp);

	if (err)
		return err;
	rxfh->hfunc = ETH_RSS_HASH_TOP;
	kawelavf_msg_rss(&rsp, rxfh->key, rxfh->indir,
			 vf->port.dp->cfg.queues);
	return 0;
}

/**
 * kawelavf_get_rxfh_fields() - ethtool -n ... rx-flow-hash
 * @netdev: the VF
 * @fields: flow type; receives header fields
 *
 * Context: the port's lock.
 * Return: 0, -EOPNOTSUPP for a VF without trust or frames that aren't hashed, or an
 * errno when the PF doesn't answer.
 */
int kawelavf_get_rxfh_fields(struct net_device *netdev,
			     struct ethtool_rxfh_fields *fields)
{
	struct kwl_msg rsp;
	int err = kawelavf_rss_ask(kawelavf_of(netdev), &rsp);

	if (err)
		return err;
	fields->data = kwl_rss_fields(fields->flow_type,
				      rsp.w[KWL_MSG_RSS_TYPES]);
	return fields->data ? 0 : -EOPNOTSUPP;
}

/**
 * kawelavf_set_rxfh_fields() - ethtool -N ... rx-flow-hash
 * @netdev: the VF
 * @fields: flow type and header fields
 * @extack: receives the reason of the refusal, or is NULL
 *
 * Context: the port's lock.
 * Return: -EOPNOTSUPP.
 */
int kawelavf_set_rxfh_fields(struct net_device *netdev,
			     const struct ethtool_rxfh_fields *fields,
			     struct netlink_ext_ack *extack)
{
	kawelavf_assert_locked(kawelavf_of(netdev));
	NL_SET_ERR_MSG_MOD(extack,
			   "all functions of the device share one hash, and the PF chooses what it covers");
	return -EOPNOTSUPP;
}
