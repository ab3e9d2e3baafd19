// SPDX-License-Identifier: GPL-2.0-only
/*
 * What forwards between PF and VFs: the device (VEB), or a switch outside (VEPA,
 * IEEE 802.1Qbg). bridge link set dev PF hwmode veb|vepa
 */
#include <linux/if_bridge.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "filter.h"
#include "kawela.h"
#include "netdev.h"

static int kawela_bridge_set(struct kawela *pf, u16 mode,
			     struct netlink_ext_ack *extack)
{
	if (mode != BRIDGE_MODE_VEB && mode != BRIDGE_MODE_VEPA) {
		NL_SET_ERR_MSG_MOD(extack, "the device's modes are veb and vepa");
		return -EINVAL;
	}
	mutex_lock(&pf->vf_lock);
	pf->want.vepa = mode == BRIDGE_MODE_VEPA;
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}

/**
 * kawela_bridge_setlink() - ndo_bridge_setlink
 * @netdev: the PF
 * @nlh: the message
 * @flags: not used
 * @extack: receives the reason of a refusal
 *
 * Without VFs there is nothing to forward; the mode waits for them.
 *
 * Context: rtnl.
 * Return: 0, -EINVAL, or -EOPNOTSUPP for settings other than the mode.
 */
int kawela_bridge_setlink(struct net_device *netdev, struct nlmsghdr *nlh,
			  u16 flags, struct netlink_ext_ack *extack)
{
	struct nlattr *spec = nlmsg_find_attr(nlh, sizeof(struct ifinfomsg),
					      IFLA_AF_SPEC);
	struct nlattr *mode;

	ASSERT_RTNL();
	mode = spec ? nla_find_nested(spec, IFLA_BRIDGE_MODE) : NULL;
	if (!mode) {
		NL_SET_ERR_MSG_MOD(extack, "only the bridge mode can be set");
		return -EOPNOTSUPP;
	}
	if (nla_len(mode) < sizeof(u16))
		return -EINVAL;
	return kawela_bridge_set(kawela_of(netdev), nla_get_u16(mode), extack);
}

/**
 * kawela_bridge_getlink() - ndo_bridge_getlink
 * @skb: receives the mode
 * @pid: for the message's header
 * @seq: for the message's header
 * @netdev: the PF
 * @filter_mask: what to report
 * @nlflags: for the message's header
 *
 * Context: rtnl.
 * Return: as ndo_dflt_bridge_getlink().
 */
int kawela_bridge_getlink(struct sk_buff *skb, u32 pid, u32 seq,
			  struct net_device *netdev, u32 filter_mask,
			  int nlflags)
{
	u16 mode = kawela_of(netdev)->want.vepa ? BRIDGE_MODE_VEPA :
						  BRIDGE_MODE_VEB;

	ASSERT_RTNL();
	return ndo_dflt_bridge_getlink(skb, pid, seq, netdev, mode, 0, 0,
				       nlflags, filter_mask, NULL);
}
