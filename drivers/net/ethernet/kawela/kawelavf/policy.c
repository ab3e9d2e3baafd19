// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the PF decided for this VF, and bringing the interface in line with it.
 */
#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "kawelavf.h"
#include "mbx.h"
#include "mbx_ops.h"
#include "policy.h"
#include "queues.h"
#include "rx_mode.h"
#include "vlan.h"

/* What a frame has beside its payload; two tags, as QinQ has */
#define KAWELAVF_OVERHEAD	(ETH_HLEN + 2 * VLAN_HLEN + ETH_FCS_LEN)

/**
 * kawelavf_mtu_to_frame() - longest frame to receive with an MTU, with FCS and two tags
 * @netdev: the VF's netdev
 * @mtu: the MTU
 *
 * A small MTU is about what is sent; others may use all of Ethernet's, if the PF lets
 * them.
 *
 * Return: octets.
 */
u32 kawelavf_mtu_to_frame(const struct net_device *netdev, int mtu)
{
	int least = min_t(int, ETH_DATA_LEN, netdev->max_mtu);

	return max(mtu, least) + KAWELAVF_OVERHEAD;
}

/**
 * kawelavf_frame_to_mtu() - the MTU that a longest frame allows
 * @frame: octets, with FCS and two tags
 *
 * Return: the MTU, not above what the driver can.
 */
int kawelavf_frame_to_mtu(u32 frame)
{
	return clamp_t(int, frame - KAWELAVF_OVERHEAD, ETH_MIN_MTU,
		       KAWELAVF_MAX_MTU);
}

/**
 * kawelavf_take_mac() - use another address, and call notifiers
 * @vf: the VF
 * @mac: the address, which the PF has given us
 *
 * Context: the port's lock.
 */
void kawelavf_take_mac(struct kawelavf *vf, const u8 *mac)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	kawelavf_assert_locked(vf);
	if (!is_valid_ether_addr(mac) ||
	    ether_addr_equal(mac, netdev->dev_addr))
		return;
	if (kawelavf_may_say(vf))
		netif_info(&vf->port, drv, netdev,
			   "the PF gives address %pM\n", mac);
	eth_hw_addr_set(netdev, mac);
	if (netdev->reg_state == NETREG_REGISTERED)
		call_netdevice_notifiers(NETDEV_CHANGEADDR, netdev);
}

/**
 * kawelavf_policy_adopt() - take over what the PF decided
 * @vf: the VF
 * @policy: it; looked at in version 2
 *
 * Context: the port's lock, or the interface isn't registered yet.
 */
void kawelavf_policy_adopt(struct kawelavf *vf,
			   const struct kawelavf_policy *policy)
{
	kawelavf_assert_locked(vf);
	vf->policy = *policy;
	kawelavf_netdev(vf)->max_mtu =
		vf->v2 ? kawelavf_frame_to_mtu(policy->max_frame) :
			 KAWELAVF_MAX_MTU;
}

/* The PF has taken back some of what it granted, and doesn't say what */
static void kawelavf_policy_taken(struct kawelavf *vf)
{
	bitmap_andnot(vf->has.vlans, vf->has.vlans, vf->want.vlans, VLAN_N_VID);
	vf->has.uc_unsure = true;
}

/**
 * kawelavf_policy_refresh() - the PF decided something else
 * @vf: the VF
 * @events: KWL_EVENT_POLICY, KWL_EVENT_TAKEN
 *
 * Context: may sleep; @vf->wq.
 */
void kawelavf_policy_refresh(struct kawelavf *vf, u32 events)
{
	struct kawelavf_policy policy;

	DEBUG_NET_WARN_ON_ONCE(!current_work());
	kawelavf_lock(vf);
	kawelavf_mbx_begin(vf);
	if (!kawelavf_req_policy(vf, &policy)) {
		kawelavf_policy_adopt(vf, &policy);
		kawelavf_take_mac(vf, policy.mac);
		kawelavf_queues_adopt(vf);
		if (events & KWL_EVENT_TAKEN)
			kawelavf_policy_taken(vf);
		/* What was refused may be granted now, and the other way round */
		kawelavf_vlans_sync(vf);
		kawelavf_rx_mode_sync(vf);
	}
	kawelavf_mbx_end(vf);
	kawelavf_unlock(vf);
}

/**
 * kawelavf_policy_again() - ask again for what failed, or was another's
 * @vf: the VF
 *
 * Context: may sleep; @vf->wq.
 */
void kawelavf_policy_again(struct kawelavf *vf)
{
	DEBUG_NET_WARN_ON_ONCE(!current_work());
	if (!READ_ONCE(vf->has.again) ||
	    time_before(jiffies, READ_ONCE(vf->has.again_at)))
		return;
	kawelavf_lock(vf);
	kawelavf_mbx_begin(vf);
	vf->has.again = false;
	kawelavf_vlans_sync(vf);
	kawelavf_rx_mode_sync(vf);
	kawelavf_mbx_end(vf);
	kawelavf_unlock(vf);
}
