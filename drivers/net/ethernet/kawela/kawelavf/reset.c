// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reset handshake, and asking again for what a reset of VF or PF took away.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "irq.h"
#include "kawelavf.h"
#include "mbx_ops.h"
#include "policy.h"
#include "queues.h"
#include "reset.h"
#include "rx_mode.h"

/* How long a PF may take for its own reset before we go on and come back later */
#define KAWELAVF_RSTI_US	100000

/* A PF in reset doesn't answer (datasheet 7.10.2.9.2) */
static int kawelavf_wait_pf(struct kawelavf *vf)
{
	u32 val;
	int err;

	mutex_lock(&vf->mbx_lock);
	err = read_poll_timeout(kwl_mbx_status, val, !(val & KWL_V2P_RSTI), 100,
				KAWELAVF_RSTI_US, false, &vf->mbx);
	/* From here on a new RSTD means another reset of the PF */
	kwl_mbx_take(&vf->mbx, KWL_V2P_RSTD);
	mutex_unlock(&vf->mbx_lock);
	return kwl_gone(&vf->hw) ? -ENODEV : err;
}

/**
 * kawelavf_handshake() - reset the VF and introduce it to the PF
 * @vf: the VF
 *
 * Rings, routing and filters of the VF are gone afterwards. On success @vf is
 * ready, and @vf->pf_mac says which address the PF offers.
 *
 * Context: may sleep.
 * Return: 0 or an errno; the PF may be absent.
 */
int kawelavf_handshake(struct kawelavf *vf)
{
	u32 nonce;
	int err;

	WRITE_ONCE(vf->ready, false);
	WRITE_ONCE(vf->v2, false);
	kwl_wr(&vf->hw, KWL_VTCTRL, KWL_VTCTRL_RST);
	kwl_flush(&vf->hw);
	err = kawelavf_wait_pf(vf);
	if (!err)
		err = kawelavf_req_reset(vf, vf->pf_mac, &nonce);
	if (err)
		return err;
	if (nonce && !kawelavf_req_features(vf, nonce))
		WRITE_ONCE(vf->v2, true);
	vf->promisc_sent = 0;
	vf->queues_told = 1;
	WRITE_ONCE(vf->impatient, false);
	kawelavf_policy_adopt(vf);
	kawelavf_irq_setup(vf);
	WRITE_ONCE(vf->ready, true);
	return 0;
}

/* Our address if the user chose one and the PF lets us, else the PF's */
static void kawelavf_replay_mac(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	if (ether_addr_equal(vf->pf_mac, netdev->dev_addr))
		return;
	/* A PF that has none to give lets us choose */
	if ((vf->want.mac_set || !is_valid_ether_addr(vf->pf_mac)) &&
	    !kawelavf_req_mac(vf, netdev->dev_addr))
		return;
	kawelavf_take_mac(vf, vf->pf_mac);
}

static void kawelavf_replay_vlans(struct kawelavf *vf)
{
	unsigned int vid;

	for_each_set_bit(vid, vf->want.vlans, VLAN_N_VID)
		if (kawelavf_req_vlan(vf, vid, true))
			netdev_warn(kawelavf_netdev(vf),
				    "the PF no longer grants VLAN %u\n", vid);
}

/* Everything that this driver asked for before the reset */
static void kawelavf_replay(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	kawelavf_replay_mac(vf);
	if (kawelavf_req_lpe(vf, kawelavf_mtu_to_frame(netdev->mtu)))
		netdev_warn(netdev, "the PF no longer grants MTU %u\n",
			    netdev->mtu);
	kawelavf_replay_vlans(vf);
	kawelavf_rx_mode_replay(vf);
}

/**
 * kawelavf_reconnect() - come back after the PF or the VF was reset
 * @vf: the VF
 *
 * The PF may be absent, and waiting for it must not hold up others, so the port's
 * lock is taken only once it has answered.
 *
 * Context: may sleep; @vf->wq.
 * Return: whether the PF answers again.
 */
bool kawelavf_reconnect(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	kwl_port_set_link(&vf->port, false);
	if (kawelavf_handshake(vf))
		return false;
	rtnl_lock();
	netdev_lock(netdev);
	kawelavf_replay(vf);
	if (!kwl_dp_restart(&vf->port))
		netif_device_attach(netdev);
	/* Another PF may grant more or fewer. Rings that don't run can't follow. */
	kawelavf_queues_adopt(vf);
	netdev_unlock(netdev);
	rtnl_unlock();
	netdev_info(netdev, "connected to the PF\n");
	return true;
}

/**
 * kawelavf_goodbye() - leave the VF as its next driver would like to find it
 * @vf: the VF; no datapath runs
 */
void kawelavf_goodbye(struct kawelavf *vf)
{
	if (READ_ONCE(vf->ready) && READ_ONCE(vf->v2))
		kawelavf_req_bye(vf);
	WRITE_ONCE(vf->ready, false);
	kwl_wr(&vf->hw, KWL_VTCTRL, KWL_VTCTRL_RST);
	kwl_flush(&vf->hw);
}
