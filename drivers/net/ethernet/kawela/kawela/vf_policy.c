// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the administrator decides for a VF (ip link set PF vf N ...).
 *
 * These operations have no extack, so a refusal gives its reason in one log
 * line. Each checks, edits the policy, applies the filters, and takes its edit
 * back when they don't fit; then it tells the VF.
 */
#include <linux/etherdevice.h>
#include <linux/if_link.h>
#include <linux/netdevice.h>

#include "kawela.h"
#include "rate.h"

/* Lock, and find the VF. Return: it, with vf_lock held, or NULL without. */
static struct kawela_vf *kawela_vf_get(struct kawela *pf, int i)
{
	mutex_lock(&pf->vf_lock);
	if (i >= 0 && i < pf->n_vfs)
		return &pf->vf[i];
	mutex_unlock(&pf->vf_lock);
	return NULL;
}

static void kawela_vf_put(struct kawela *pf)
{
	mutex_unlock(&pf->vf_lock);
}

static int kawela_refuse(struct kawela *pf, int i, int err, const char *why)
{
	netdev_warn(pf->netdev, "VF %d: %s\n", i, why);
	return err;
}

/* Apply an edited policy. On failure @old is back in force. */
static int kawela_policy_apply(struct kawela *pf, struct kawela_vf *vf,
			       const struct kawela_vf_policy *old)
{
	int err = kawela_filters_apply(pf);

	if (err) {
		vf->policy = *old;
		return kawela_refuse(pf, vf->index, err,
				     "no room left in the part's tables");
	}
	kawela_vf_policy_changed(pf, vf);
	return 0;
}

static int kawela_check_mac(struct kawela *pf, struct kawela_vf *vf,
			    const u8 *mac)
{
	if (is_zero_ether_addr(mac))
		return 0;
	if (!is_valid_ether_addr(mac))
		return kawela_refuse(pf, vf->index, -EINVAL,
				     "a multicast address can't be its own");
	if (kawela_vf_mac_taken(pf, vf, mac))
		return kawela_refuse(pf, vf->index, -EADDRINUSE,
				     "the address belongs to another function");
	return 0;
}

/**
 * kawela_set_vf_mac() - ndo_set_vf_mac
 * @netdev: the PF
 * @i: the VF
 * @mac: its address from now on; zero lets it choose again
 *
 * A running VF is told, and takes the address over without a reset. One that may
 * choose keeps the address that it has until it chooses another.
 *
 * Context: rtnl.
 * Return: 0, -EINVAL or -EADDRINUSE.
 */
int kawela_set_vf_mac(struct net_device *netdev, int i, u8 *mac)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf = kawela_vf_get(pf, i);
	struct kawela_vf_policy old;
	int err;

	if (!vf)
		return -EINVAL;
	old = vf->policy;
	err = kawela_check_mac(pf, vf, mac);
	if (!err) {
		ether_addr_copy(vf->policy.mac, mac);
		if (vf->run.active && !is_zero_ether_addr(mac))
			ether_addr_copy(vf->want.mac, mac);
		err = kawela_policy_apply(pf, vf, &old);
	}
	kawela_vf_put(pf);
	return err;
}

static int kawela_check_vlan(struct kawela *pf, int i, u16 vlan, u8 qos,
			     __be16 proto)
{
	if (proto != htons(ETH_P_8021Q))
		return kawela_refuse(pf, i, -EPROTONOSUPPORT,
				     "the part inserts tags of 802.1Q only");
	if (vlan >= VLAN_VID_MASK)
		return kawela_refuse(pf, i, -EINVAL, "VLANs are 0 to 4094");
	if (qos > 7)
		return kawela_refuse(pf, i, -EINVAL, "priorities are 0 to 7");
	if (qos && !vlan)
		return kawela_refuse(pf, i, -EINVAL,
				     "a priority needs a VLAN to go with");
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
 * Return: 0, -EINVAL, -EPROTONOSUPPORT, or -ENOSPC when the part's VLAN table is
 * full.
 */
int kawela_set_vf_vlan(struct net_device *netdev, int i, u16 vlan, u8 qos,
		       __be16 proto)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf = kawela_vf_get(pf, i);
	struct kawela_vf_policy old;
	int err;

	if (!vf)
		return -EINVAL;
	old = vf->policy;
	err = kawela_check_vlan(pf, i, vlan, qos, proto);
	if (!err) {
		vf->policy.vlan = vlan;
		vf->policy.qos = qos;
		err = kawela_policy_apply(pf, vf, &old);
	}
	kawela_vf_put(pf);
	return err;
}

/**
 * kawela_set_vf_rate() - ndo_set_vf_rate
 * @netdev: the PF
 * @i: the VF
 * @min: Mb/s to guarantee; the part can't, so only 0
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
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf = kawela_vf_get(pf, i);
	struct kawela_vf_policy old;
	int err;

	if (!vf)
		return -EINVAL;
	old = vf->policy;
	if (min) {
		err = kawela_refuse(pf, i, -EOPNOTSUPP,
				    "the part guarantees no rate (min_tx_rate)");
	} else if (max < 0 || max > KAWELA_RATE_MAX) {
		err = kawela_refuse(pf, i, -EINVAL,
				    "rates are 0 (no limit) to 1000 Mb/s");
	} else {
		vf->policy.max_rate = max;
		err = kawela_policy_apply(pf, vf, &old);
	}
	kawela_vf_put(pf);
	return err;
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
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf = kawela_vf_get(pf, i);
	struct kawela_vf_policy old;
	int err;

	if (!vf)
		return -EINVAL;
	old = vf->policy;
	vf->policy.spoofchk = on;
	err = kawela_policy_apply(pf, vf, &old);
	kawela_vf_put(pf);
	return err;
}

/**
 * kawela_set_vf_trust() - ndo_set_vf_trust
 * @netdev: the PF
 * @i: the VF
 * @on: it may choose its address, have more of them, and be promiscuous
 *
 * Taken away, what it has by it goes at once.
 *
 * Context: rtnl.
 * Return: 0, -EINVAL, or -ENOSPC when there is no room for all that it asked
 * for.
 */
int kawela_set_vf_trust(struct net_device *netdev, int i, bool on)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf = kawela_vf_get(pf, i);
	struct kawela_vf_policy old;
	int err;

	if (!vf)
		return -EINVAL;
	old = vf->policy;
	vf->policy.trusted = on;
	/* Granted again later, it has to ask again */
	if (!on) {
		vf->want.promisc = false;
		vf->want.n_uc = min(vf->want.n_uc, kawela_vf_uc_max(&vf->policy));
		if (vf->run.active)
			ether_addr_copy(vf->want.mac,
					kawela_vf_mac(&vf->policy, &vf->want));
	}
	err = kawela_policy_apply(pf, vf, &old);
	kawela_vf_put(pf);
	return err;
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
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf = kawela_vf_get(pf, i);
	struct kawela_vf_policy old;
	int err;

	if (!vf)
		return -EINVAL;
	old = vf->policy;
	if (state < IFLA_VF_LINK_STATE_AUTO ||
	    state > IFLA_VF_LINK_STATE_DISABLE) {
		err = kawela_refuse(pf, i, -EINVAL,
				    "link states are auto, enable and disable");
	} else {
		vf->policy.link = state;
		err = kawela_policy_apply(pf, vf, &old);
	}
	kawela_vf_put(pf);
	return err;
}

/**
 * kawela_get_vf_config() - ndo_get_vf_config
 * @netdev: the PF
 * @i: the VF
 * @info: receives what the administrator decided
 *
 * Called for every VF whenever somebody lists interfaces: no register is read.
 *
 * Context: rtnl.
 * Return: 0 or -EINVAL.
 */
int kawela_get_vf_config(struct net_device *netdev, int i,
			 struct ifla_vf_info *info)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf = kawela_vf_get(pf, i);

	if (!vf)
		return -EINVAL;
	info->vf = i;
	ether_addr_copy(info->mac, vf->policy.mac);
	info->vlan = vf->policy.vlan;
	info->qos = vf->policy.qos;
	info->vlan_proto = htons(ETH_P_8021Q);
	info->spoofchk = vf->policy.spoofchk;
	info->trusted = vf->policy.trusted;
	info->linkstate = vf->policy.link;
	info->min_tx_rate = 0;
	info->max_tx_rate = vf->policy.max_rate;
	kawela_vf_put(pf);
	return 0;
}
