// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reset handshake, and coming back after a reset of VF or PF.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/rtnetlink.h>

#include "kawelavf.h"

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
 * kawelavf_recover() - come back after the PF or the VF was reset
 * @vf: the VF
 *
 * The PF may be absent, and waiting for it must not hold up others, so the port's
 * lock is taken only once it has answered.
 *
 * Context: may sleep; @vf->wq.
 * Return: whether the PF answers again.
 */
bool kawelavf_recover(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	netif_carrier_off(netdev);
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
 * kawelavf_suspend() - leave the part alone
 * @vf: the VF
 *
 * Until kawelavf_resume() no register is touched, whoever asks.
 *
 * Context: may sleep.
 */
void kawelavf_suspend(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	/* It takes the locks below */
	kawelavf_service_pause(vf);
	rtnl_lock();
	netdev_lock(netdev);
	netif_device_detach(netdev);
	netif_carrier_off(netdev);
	kwl_dp_pause(&vf->port);
	kawelavf_irq_stop(vf);
	kawelavf_goodbye(vf);
	WRITE_ONCE(vf->hw.base, NULL);
	netdev_unlock(netdev);
	rtnl_unlock();
}

/**
 * kawelavf_resume() - undo kawelavf_suspend()
 * @vf: the VF, which may have lost everything that it held
 *
 * Housekeeping connects it to the PF, which may need time for that.
 *
 * Context: may sleep.
 */
void kawelavf_resume(struct kawelavf *vf)
{
	WRITE_ONCE(vf->hw.base, vf->io);
	kawelavf_service_start(vf);
}

static void kawelavf_reset_prepare(struct pci_dev *pdev)
{
	kawelavf_suspend(pci_get_drvdata(pdev));
}

static void kawelavf_reset_done(struct pci_dev *pdev)
{
	kawelavf_resume(pci_get_drvdata(pdev));
}

/* The PF's driver hears of it before, and has saved our configuration space */
static pci_ers_result_t kawelavf_error_detected(struct pci_dev *pdev,
						pci_channel_state_t state)
{
	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	kawelavf_suspend(pci_get_drvdata(pdev));
	return state == pci_channel_io_normal ? PCI_ERS_RESULT_CAN_RECOVER :
						PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t kawelavf_slot_reset(struct pci_dev *pdev)
{
	return PCI_ERS_RESULT_RECOVERED;
}

const struct pci_error_handlers kawelavf_err_handlers = {
	.error_detected	= kawelavf_error_detected,
	.slot_reset	= kawelavf_slot_reset,
	.resume		= kawelavf_reset_done,
	.reset_prepare	= kawelavf_reset_prepare,
	.reset_done	= kawelavf_reset_done,
};

static int kawelavf_pm_suspend(struct device *dev)
{
	kawelavf_suspend(dev_get_drvdata(dev));
	return 0;
}

static int kawelavf_pm_resume(struct device *dev)
{
	kawelavf_resume(dev_get_drvdata(dev));
	return 0;
}

const struct dev_pm_ops kawelavf_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(kawelavf_pm_suspend, kawelavf_pm_resume)
};

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
