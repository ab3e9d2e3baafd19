// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the PF decided for this VF, and bringing the interface in line with it.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "kawelavf.h"
#include "mbx_ops.h"
#include "policy.h"
#include "queues.h"
#include "rx_mode.h"

/**
 * kawelavf_mtu_to_frame() - longest frame of an MTU, with FCS and a tag
 * @mtu: the MTU
 *
 * Return: octets.
 */
u32 kawelavf_mtu_to_frame(int mtu)
{
	return mtu + VLAN_ETH_HLEN + ETH_FCS_LEN;
}

/**
 * kawelavf_frame_to_mtu() - the MTU that a longest frame allows
 * @frame: octets, with FCS and a tag
 *
 * Return: the MTU, not above what the driver can.
 */
int kawelavf_frame_to_mtu(u32 frame)
{
	return clamp_t(int, frame - VLAN_ETH_HLEN - ETH_FCS_LEN, ETH_MIN_MTU,
		       KAWELAVF_MAX_MTU);
}

/**
 * kawelavf_take_mac() - use another address, and let everybody know
 * @vf: the VF
 * @mac: the address, which the PF has given us
 *
 * Context: the port's lock.
 */
void kawelavf_take_mac(struct kawelavf *vf, const u8 *mac)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	if (!is_valid_ether_addr(mac) ||
	    ether_addr_equal(mac, netdev->dev_addr))
		return;
	netdev_info(netdev, "the PF gives address %pM\n", mac);
	eth_hw_addr_set(netdev, mac);
	if (netdev->reg_state == NETREG_REGISTERED)
		call_netdevice_notifiers(NETDEV_CHANGEADDR, netdev);
}

/**
 * kawelavf_policy_adopt() - limits of the interface as the PF sets them
 * @vf: the VF
 *
 * Context: the port's lock, or nobody else knows the interface yet.
 */
void kawelavf_policy_adopt(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	if (vf->v2)
		netdev->max_mtu = kawelavf_frame_to_mtu(vf->policy.max_frame);
}

/**
 * kawelavf_policy_refresh() - the PF decided something else
 * @vf: the VF
 *
 * Context: may sleep; @vf->wq.
 */
void kawelavf_policy_refresh(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);
	u32 limits = vf->policy.limits;
	u32 flags = vf->policy.flags;

	rtnl_lock();
	netdev_lock(netdev);
	if (!kawelavf_req_policy(vf)) {
		kawelavf_policy_adopt(vf);
		kawelavf_take_mac(vf, vf->policy.mac);
		kawelavf_queues_adopt(vf);
		/* What was refused may be granted now, and the other way round */
		if ((vf->policy.flags ^ flags) & KWL_POLICY_TRUSTED ||
		    vf->policy.limits != limits) {
			vf->promisc_sent = 0;
			kawelavf_rx_mode_replay(vf);
		}
	}
	netdev_unlock(netdev);
	rtnl_unlock();
}
