// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reset handshake, and asking again for what a reset of VF or PF took away.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "irq.h"
#include "kawelavf.h"
#include "mbx.h"
#include "mbx_ops.h"
#include "policy.h"
#include "queues.h"
#include "reset.h"
#include "rx_mode.h"
#include "vlan.h"

/* How long a PF may take for its own reset before we go on and come back later */
#define KAWELAVF_RSTI_US	100000

/* When to come back after the second failure; later less often */
#define KAWELAVF_RETRY		(2 * HZ)

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
 * @policy: receives what the PF decided; all zero in version 1
 *
 * Rings, routing and filters of the VF are gone afterwards. On success @vf->pf_mac
 * says which address the PF offers; requests are possible after
 * kawelavf_connect().
 *
 * Context: may sleep.
 * Return: 0 or an errno; the PF may be absent.
 */
int kawelavf_handshake(struct kawelavf *vf, struct kawelavf_policy *policy)
{
	u32 nonce;
	int err;

	*policy = (struct kawelavf_policy) {};
	WRITE_ONCE(vf->ready, false);
	WRITE_ONCE(vf->v2, false);
	kwl_wr(&vf->hw, KWL_VTCTRL, KWL_VTCTRL_RST);
	kwl_flush(&vf->hw);
	err = kawelavf_wait_pf(vf);
	if (!err)
		err = kawelavf_req_reset(vf, vf->pf_mac, &nonce);
	if (err)
		return err;
	if (nonce) {
		/* Unanswered, it may have been heard: the two ends would disagree */
		err = kawelavf_req_features(vf, nonce, policy);
		if (err && !kawelavf_refused(err))
			return err;
		if (!err) {
			WRITE_ONCE(vf->link, policy->link);
			WRITE_ONCE(vf->v2, true);
		}
	}
	WRITE_ONCE(vf->impatient, false);
	kawelavf_irq_setup(vf);
	return 0;
}

/**
 * kawelavf_connect() - after a handshake: nothing is granted yet, requests may begin
 * @vf: the VF
 * @policy: what the PF decided
 *
 * Context: the port's lock, or the interface isn't registered yet.
 */
void kawelavf_connect(struct kawelavf *vf, const struct kawelavf_policy *policy)
{
	unsigned int i;

	kawelavf_assert_locked(vf);
	/* The PF counts from zero; users see what goes on */
	for (i = 0; i < KWL_STATS; i++)
		vf->pf_stats_before[i] += vf->pf_stats[i];
	memset(vf->pf_stats, 0, sizeof(vf->pf_stats));
	vf->has = (struct kawelavf_has) {
		/* Said once, not after each reset */
		.uc_missing = vf->has.uc_missing,
		.mc_missing = vf->has.mc_missing,
		.less = vf->has.less,
	};
	vf->queues_told = 1;
	kawelavf_policy_adopt(vf, policy);
	WRITE_ONCE(vf->ready, true);
}

/* Our address if the user chose one and the PF lets us, else the PF's */
static void kawelavf_replay_mac(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);
	int err = -EPERM;

	if (ether_addr_equal(vf->pf_mac, netdev->dev_addr))
		return;
	/* A PF that has none to give lets us choose */
	if (vf->want.mac_set || !is_valid_ether_addr(vf->pf_mac))
		err = kawelavf_req_mac(vf, netdev->dev_addr);
	/* Without an answer there is another handshake, which asks again */
	if (kawelavf_refused(err))
		kawelavf_take_mac(vf, vf->pf_mac);
}

/* Everything that this driver asked for before the reset */
static void kawelavf_replay(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	kawelavf_replay_mac(vf);
	if (kawelavf_req_lpe(vf, kawelavf_mtu_to_frame(netdev, netdev->mtu)) &&
	    kawelavf_may_say(vf))
		netif_warn(&vf->port, drv, netdev,
			   "the PF no longer grants MTU %u\n", netdev->mtu);
	kawelavf_vlans_forget(vf);
	kawelavf_vlans_sync(vf);
	kawelavf_rx_mode_sync(vf);
}

/*
 * Rings as they were before; then another PF may grant more or fewer. Rings that don't
 * run can't follow. Return: 0 or an errno.
 */
static int kawelavf_restart(struct kawelavf *vf)
{
	int err = kwl_dp_restart(&vf->port);

	if (err)
		return err;
	if (!READ_ONCE(vf->ready))
		return -ECONNRESET;
	kawelavf_queues_adopt(vf);
	return vf->port.state == KWL_PORT_FAILED ? -EIO : 0;
}

/* The interface as it was before the reset. Return: 0 or an errno. */
static int kawelavf_restore(struct kawelavf *vf,
			    const struct kawelavf_policy *policy)
{
	int err;

	kawelavf_connect(vf, policy);
	kawelavf_mbx_begin(vf);
	kawelavf_replay(vf);
	kawelavf_mbx_end(vf);
	err = kawelavf_restart(vf);
	if (err) {
		WRITE_ONCE(vf->ready, false);
		return err;
	}
	if (!netif_device_present(kawelavf_netdev(vf))) {
		netif_device_attach(kawelavf_netdev(vf));
		/* The core announced no addresses that changed meanwhile */
		kawelavf_set_rx_mode(kawelavf_netdev(vf));
	}
	return 0;
}

/*
 * The first time may be another reset in the middle of this one. What fails again
 * waits longer each time, because it holds the port's lock.
 */
static void kawelavf_failed(struct kawelavf *vf, int err)
{
	unsigned int again = vf->failures++;

	WRITE_ONCE(vf->retry, jiffies + (again ? KAWELAVF_RETRY <<
						 min(again - 1, 4U) : 0));
	if (!again)
		kawelavf_service_kick(vf);
	if (err == -ECONNRESET || vf->failure_said || !kawelavf_may_say(vf))
		return;
	vf->failure_said = true;
	netif_err(&vf->port, hw, kawelavf_netdev(vf),
		  "the interface does not start again: %pe; trying again\n",
		  ERR_PTR(err));
}

/**
 * kawelavf_reconnect() - come back after the PF or the VF was reset
 * @vf: the VF
 *
 * The PF may be absent, and waiting for it must not hold up others, so the port's
 * lock is taken only once it has answered.
 *
 * Context: may sleep; @vf->wq.
 * Return: whether the PF answers again and the interface works; if not, this is
 * to be called again.
 */
bool kawelavf_reconnect(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);
	struct kawelavf_policy policy;
	int err;

	DEBUG_NET_WARN_ON_ONCE(!current_work());
	kwl_port_set_link(&vf->port, false);
	if (kawelavf_handshake(vf, &policy))
		return false;
	kawelavf_lock(vf);
	err = kawelavf_restore(vf, &policy);
	kawelavf_unlock(vf);
	if (err) {
		kawelavf_failed(vf, err);
		return false;
	}
	vf->failures = 0;
	vf->failure_said = false;
	/* A reset of the PF clears it */
	vf->mprc = kwl_rd(&vf->hw, KWL_VFMPRC);
	if (kawelavf_may_say(vf))
		netif_info(&vf->port, link, netdev, "connected to the PF\n");
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
