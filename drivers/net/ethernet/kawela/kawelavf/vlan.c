// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which VLANs the VF is in: what the stack wants, what the PF has granted, and
 * making the second like the first whenever there is a chance.
 *
 * While the administrator has put the VF into a VLAN, the PF refuses to enter others,
 * and igb also to leave them. What the stack wants stays noted meanwhile.
 */
#include <linux/bitmap.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "kawelavf.h"
#include "mbx.h"
#include "mbx_ops.h"
#include "vlan.h"

static int kawelavf_vlan_join(struct kawelavf *vf, u16 vid)
{
	int err = kawelavf_req_vlan(vf, vid, true);

	if (!err)
		__set_bit(vid, vf->has.vlans);
	return err;
}

static int kawelavf_vlan_leave(struct kawelavf *vf, u16 vid)
{
	int err = kawelavf_req_vlan(vf, vid, false);

	if (!err)
		__clear_bit(vid, vf->has.vlans);
	return err;
}

/**
 * kawelavf_vlan_rx_add_vid() - ndo_vlan_rx_add_vid
 * @netdev: the netdev
 * @proto: 802.1Q
 * @vid: the VLAN
 *
 * Context: may sleep; rtnl. The core doesn't always hold the instance lock.
 * Return: 0 or an errno.
 */
int kawelavf_vlan_rx_add_vid(struct net_device *netdev, __be16 proto, u16 vid)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	int err;

	ASSERT_RTNL();
	/* We are in VLAN 0 anyway */
	if (!vid)
		return 0;
	err = kawelavf_mbx_later(kawelavf_vlan_join(vf, vid));
	if (!err)
		set_bit(vid, vf->want.vlans);
	return err;
}

/**
 * kawelavf_vlan_rx_kill_vid() - ndo_vlan_rx_kill_vid
 * @netdev: the netdev
 * @proto: 802.1Q
 * @vid: the VLAN
 *
 * Context: may sleep; rtnl. The core doesn't always hold the instance lock.
 * Return: 0; what the PF refuses now is asked again when it decides something else.
 */
int kawelavf_vlan_rx_kill_vid(struct net_device *netdev, __be16 proto, u16 vid)
{
	struct kawelavf *vf = kawelavf_of(netdev);

	ASSERT_RTNL();
	if (!vid)
		return 0;
	clear_bit(vid, vf->want.vlans);
	if (test_bit(vid, vf->has.vlans))
		kawelavf_mbx_again(vf, kawelavf_vlan_leave(vf, vid));
	else if (vf->has.vlans_refused)
		vf->has.vlans_refused--;
	return 0;
}

static int kawelavf_vlan_note(struct net_device *vdev, int vid, void *vlans)
{
	__set_bit(vid, vlans);
	return 0;
}

/**
 * kawelavf_vlans_forget() - forget VLANs that were left while the VF was away
 * @vf: the VF
 *
 * The core says nothing of them while the interface is detached.
 *
 * Context: rtnl.
 */
void kawelavf_vlans_forget(struct kawelavf *vf)
{
	/* 0 is always wanted */
	DECLARE_BITMAP(vlans, VLAN_N_VID) = { 1 };

	ASSERT_RTNL();
	vlan_for_each(kawelavf_netdev(vf), kawelavf_vlan_note, vlans);
	bitmap_and(vf->want.vlans, vf->want.vlans, vlans, VLAN_N_VID);
}

static void kawelavf_vlans_leave(struct kawelavf *vf)
{
	unsigned int vid;

	for_each_set_bit(vid, vf->has.vlans, VLAN_N_VID)
		if (!test_bit(vid, vf->want.vlans))
			kawelavf_mbx_again(vf, kawelavf_vlan_leave(vf, vid));
}

static void kawelavf_vlans_join(struct kawelavf *vf)
{
	bool inside = vf->v2 && vf->policy.flags & KWL_POLICY_VLAN;
	unsigned int vid, refused = 0;
	int why = 0;

	for_each_set_bit(vid, vf->want.vlans, VLAN_N_VID) {
		int err;

		if (test_bit(vid, vf->has.vlans))
			continue;
		err = inside && vid ? -EPERM : kawelavf_vlan_join(vf, vid);
		kawelavf_mbx_again(vf, err);
		/* A PF that doesn't know VLAN 0 is in it */
		if (kawelavf_refused(err) && vid) {
			refused++;
			why = err;
		}
		/* Neither a full PF nor one that is gone has room for the others */
		if (err == -ENOSPC || (err && !kawelavf_refused(err)))
			break;
	}
	/* Once, though it is asked for again and again */
	if (refused > vf->has.vlans_refused && kawelavf_may_say(vf))
		netif_warn(&vf->port, drv, kawelavf_netdev(vf),
			   "the PF no longer grants all VLANs: %pe\n",
			   ERR_PTR(why));
	vf->has.vlans_refused = refused;
}

/**
 * kawelavf_vlans_sync() - ask for what differs between wanted and granted
 * @vf: the VF
 *
 * Context: may sleep; the port's lock; between kawelavf_mbx_begin() and
 * kawelavf_mbx_end().
 */
void kawelavf_vlans_sync(struct kawelavf *vf)
{
	kawelavf_assert_locked(vf);
	DEBUG_NET_WARN_ON_ONCE(!vf->patience);
	kawelavf_vlans_leave(vf);
	kawelavf_vlans_join(vf);
}
