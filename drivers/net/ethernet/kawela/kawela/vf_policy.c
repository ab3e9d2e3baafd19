// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the administrator decides for a VF (ip link set PF vf N ...).
 *
 * These operations have no extack, so a refusal gives its reason in one log
 * line. Each is an edit of the policy with its checks; applying it, and notifying the VF,
 * is done in one place. VFs lose what the decision needs.
 */
#include <linux/etherdevice.h>
#include <linux/if_link.h>
#include <linux/netdevice.h>

#include "claims.h"
#include "filter.h"
#include "kawela.h"
#include "notice.h"
#include "rate.h"
#include "vf.h"
#include "vf_policy.h"

/**
 * struct kawela_change - what is to be decided; each edit looks at its own part
 * @mac: address
 * @vlan: VLAN
 * @qos: priority
 * @proto: EtherType of the tag
 * @min: rate to guarantee, Mb/s
 * @max: rate to limit to, Mb/s
 * @state: IFLA_VF_LINK_STATE_*
 * @on: a setting that is on or off
 */
struct kawela_change {
	const u8 *mac;
	u16 vlan;
	u8 qos;
	__be16 proto;
	int min;
	int max;
	int state;
	bool on;
};

/* Check a change and make it in @vf->policy, or refuse and leave that alone */
typedef int kawela_edit(struct kawela *pf, struct kawela_vf *vf,
			const struct kawela_change *to);

static int kawela_refuse(struct kawela *pf, const struct kawela_vf *vf, int err,
			 const char *why)
{
	netif_warn(kawela_port(pf), drv, pf->netdev, "VF %u: %s\n", vf->index,
		   why);
	return err;
}

/* Let a VF know what was decided for it */
static void kawela_policy_notify(struct kawela *pf, struct kawela_vf *vf)
{
	kawela_vf_state(pf, vf, KAWELA_VF_POLICY);
	kawela_notify(pf, vf, KWL_EVENT_POLICY | KWL_EVENT_LINK);
}

static int kawela_policy_edit(struct kawela *pf, struct kawela_vf *vf,
			      kawela_edit *edit, const struct kawela_change *to)
{
	int err;

	err = edit(pf, vf, to);
	if (err)
		return err;
	kawela_filters_apply(pf);
	kawela_policy_notify(pf, vf);
	return 0;
}

static int kawela_policy_change(struct net_device *netdev, int i,
				kawela_edit *edit,
				const struct kawela_change *to)
{
	struct kawela *pf = kawela_of(netdev);
	int err = -EINVAL;

	ASSERT_RTNL();
	mutex_lock(&pf->vf_lock);
	if (i >= 0 && i < pf->n_vfs)
		err = kawela_policy_edit(pf, &pf->vf[i], edit, to);
	else
		netif_warn(kawela_port(pf), drv, netdev,
			   "VF %d: refused: there are %u VFs\n", i, pf->n_vfs);
	mutex_unlock(&pf->vf_lock);
	return err;
}

static int kawela_edit_mac(struct kawela *pf, struct kawela_vf *vf,
			   const struct kawela_change *to)
{
	struct kawela_claims claims;

	if (!is_zero_ether_addr(to->mac)) {
		if (!is_valid_ether_addr(to->mac))
			return kawela_refuse(pf, vf, -EINVAL,
					     "a multicast address can't be its own");
		kawela_claims_of(pf, &claims);
		if (kawela_pf_owns(pf, to->mac) ||
		    kawela_mac_decided(&claims, vf->index, to->mac))
			return kawela_refuse(pf, vf, -EADDRINUSE,
					     "the address belongs to another function");
		if (vf->run.active)
			ether_addr_copy(vf->want.mac, to->mac);
	}
	ether_addr_copy(vf->policy.mac, to->mac);
	/* The PF may have waited for the one before */
	kawela_relist(pf);
	return 0;
}

/**
 * kawela_set_vf_mac() - ndo_set_vf_mac
 * @netdev: the PF
 * @i: the VF
 * @mac: its address from now on; zero lets it choose again
 *
 * A running VF is notified, and takes the address over without a reset. One that may
 * choose keeps the address that it has until it chooses another.
 *
 * Context: rtnl.
 * Return: 0, -EINVAL or -EADDRINUSE.
 */
int kawela_set_vf_mac(struct net_device *netdev, int i, u8 *mac)
{
	return kawela_policy_change(netdev, i, kawela_edit_mac,
				    &(struct kawela_change){ .mac = mac });
}

static int kawela_edit_vlan(struct kawela *pf, struct kawela_vf *vf,
			    const struct kawela_change *to)
{
	if (to->proto != htons(ETH_P_8021Q))
		return kawela_refuse(pf, vf, -EPROTONOSUPPORT,
				     "the device inserts tags of 802.1Q only");
	if (to->vlan >= VLAN_VID_MASK)
		return kawela_refuse(pf, vf, -EINVAL, "VLANs are 0 to 4094");
	if (to->qos > 7)
		return kawela_refuse(pf, vf, -EINVAL, "priorities are 0 to 7");
	if (to->qos && !to->vlan)
		return kawela_refuse(pf, vf, -EINVAL,
				     "a priority needs a VLAN to go with");
	vf->policy.vlan = to->vlan;
	vf->policy.qos = to->qos;
	return 0;
}

/**
 * kawela_set_vf_vlan() - ndo_set_vf_vlan
 * @netdev: the PF
 * @i: the VF
 * @vlan: the VLAN that its frames are put into, 0 for none
 * @qos: priority in the tag
 * @proto: EtherType of the tag
 *
 * Context: rtnl.
 * Return: 0, -EINVAL or -EPROTONOSUPPORT.
 */
int kawela_set_vf_vlan(struct net_device *netdev, int i, u16 vlan, u8 qos,
		       __be16 proto)
{
	return kawela_policy_change(netdev, i, kawela_edit_vlan,
				    &(struct kawela_change){
					    .vlan = vlan, .qos = qos,
					    .proto = proto });
}

static int kawela_edit_rate(struct kawela *pf, struct kawela_vf *vf,
			    const struct kawela_change *to)
{
	if (to->min)
		return kawela_refuse(pf, vf, -EOPNOTSUPP,
				     "the device guarantees no rate (min_tx_rate)");
	if (to->max < 0 || to->max > KAWELA_RATE_MAX)
		return kawela_refuse(pf, vf, -EINVAL,
				     "rates are 0 (no limit) to 1000 Mb/s");
	vf->policy.max_rate = to->max;
	return 0;
}

/**
 * kawela_set_vf_rate() - ndo_set_vf_rate
 * @netdev: the PF
 * @i: the VF
 * @min: Mb/s to guarantee; the device can't, so only 0
 * @max: Mb/s to limit its transmission to, 0 for no limit
 *
 * The limit is in force whenever the link is faster, and follows the link's
 * speed.
 *
 * Context: rtnl.
 * Return: 0, -EINVAL or -EOPNOTSUPP.
 */
int kawela_set_vf_rate(struct net_device *netdev, int i, int min, int max)
{
	return kawela_policy_change(netdev, i, kawela_edit_rate,
				    &(struct kawela_change){
					    .min = min, .max = max });
}

static int kawela_edit_spoofchk(struct kawela *pf, struct kawela_vf *vf,
				const struct kawela_change *to)
{
	vf->policy.spoofchk = to->on;
	return 0;
}

/**
 * kawela_set_vf_spoofchk() - ndo_set_vf_spoofchk
 * @netdev: the PF
 * @i: the VF
 * @on: drop what it sends from addresses and into VLANs that aren't its own
 *
 * Context: rtnl.
 * Return: 0 or -EINVAL.
 */
int kawela_set_vf_spoofchk(struct net_device *netdev, int i, bool on)
{
	return kawela_policy_change(netdev, i, kawela_edit_spoofchk,
				    &(struct kawela_change){ .on = on });
}

static int kawela_edit_trust(struct kawela *pf, struct kawela_vf *vf,
			     const struct kawela_change *to)
{
	vf->policy.trusted = to->on;
	return 0;
}

/**
 * kawela_set_vf_trust() - ndo_set_vf_trust
 * @netdev: the PF
 * @i: the VF
 * @on: it may choose its address, have more of them, and be promiscuous
 *
 * Taken away, what it has by it goes at once; granted again, it has to ask again.
 *
 * Context: rtnl.
 * Return: 0 or -EINVAL.
 */
int kawela_set_vf_trust(struct net_device *netdev, int i, bool on)
{
	return kawela_policy_change(netdev, i, kawela_edit_trust,
				    &(struct kawela_change){ .on = on });
}

static int kawela_edit_link(struct kawela *pf, struct kawela_vf *vf,
			    const struct kawela_change *to)
{
	if (to->state < IFLA_VF_LINK_STATE_AUTO ||
	    to->state > IFLA_VF_LINK_STATE_DISABLE)
		return kawela_refuse(pf, vf, -EINVAL,
				     "link states are auto, enable and disable");
	vf->policy.link = to->state;
	return 0;
}

/**
 * kawela_set_vf_link_state() - ndo_set_vf_link_state
 * @netdev: the PF
 * @i: the VF
 * @state: IFLA_VF_LINK_STATE_AUTO, to follow the PF's link; ENABLE, to have link
 *	always; DISABLE, to have none, and no traffic
 *
 * Context: rtnl.
 * Return: 0 or -EINVAL.
 */
int kawela_set_vf_link_state(struct net_device *netdev, int i, int state)
{
	return kawela_policy_change(netdev, i, kawela_edit_link,
				    &(struct kawela_change){ .state = state });
}

/**
 * kawela_get_vf_config() - ndo_get_vf_config
 * @netdev: the PF
 * @i: the VF
 * @info: receives what the administrator decided
 *
 * Called for every VF whenever interfaces are listed: no register is read.
 *
 * Context: may sleep; takes vf_lock.
 * Return: 0 or -EINVAL.
 */
int kawela_get_vf_config(struct net_device *netdev, int i,
			 struct ifla_vf_info *info)
{
	struct kawela *pf = kawela_of(netdev);
	const struct kawela_vf_policy *policy;
	int err = -EINVAL;

	mutex_lock(&pf->vf_lock);
	if (i >= 0 && i < pf->n_vfs) {
		policy = &pf->vf[i].policy;
		info->vf = i;
		ether_addr_copy(info->mac, policy->mac);
		info->vlan = policy->vlan;
		info->qos = policy->qos;
		info->vlan_proto = htons(ETH_P_8021Q);
		info->spoofchk = policy->spoofchk;
		info->trusted = policy->trusted;
		info->linkstate = policy->link;
		info->min_tx_rate = 0;
		info->max_tx_rate = policy->max_rate;
		err = 0;
	}
	mutex_unlock(&pf->vf_lock);
	return err;
}
