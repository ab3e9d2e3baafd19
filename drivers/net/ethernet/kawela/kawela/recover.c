// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets and sleep of the PF with everything at work: one way down and one way
 * up, which ethtool, self-test, function level reset, error recovery and power
 * management share.
 *
 * VFs hear of it before (KWL_EVENT_RESET) and see it after (RSTI, RSTD). What was
 * decided for them stays; what they asked for they ask for again.
 */
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/rtnetlink.h>

#include "filter.h"
#include "irq.h"
#include "kawela.h"
#include "link.h"
#include "mbx.h"
#include "ptp.h"
#include "recover.h"
#include "reset.h"
#include "rss.h"
#include "service.h"
#include "stats.h"
#include "vf.h"

static void kawela_vfs_forget(struct kawela *pf)
{
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_vf_stats_update(pf, &pf->vf[i]);
	kawela_mbx_notify_now(pf, KWL_EVENT_RESET);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_vf_reset(pf, &pf->vf[i]);
	mutex_unlock(&pf->vf_lock);
}

static int kawela_vfs_restore(struct kawela *pf)
{
	unsigned int i;
	int err;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_vf_stats_base(pf, &pf->vf[i]);
	if (pf->n_vfs)
		kawela_rss_pools(pf);
	err = kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return err;
}

/**
 * kawela_stop_all() - stop the datapath, interrupts and event handling
 * @pf: the PF
 *
 * VFs are told, and have to introduce themselves again.
 *
 * Context: may sleep; the port's lock.
 */
void kawela_stop_all(struct kawela *pf)
{
	kwl_dp_pause(kawela_port(pf));
	kawela_irq_stop(pf);
	kawela_service_pause(pf);
	kawela_ptp_stop(pf);
	kawela_vfs_forget(pf);
}

/**
 * kawela_start_all() - reset the part and start again what kawela_stop_all()
 * stopped
 * @pf: the PF
 *
 * Context: may sleep; the port's lock.
 * Return: 0 or an errno; nothing runs then but event handling.
 */
int kawela_start_all(struct kawela *pf)
{
	int err;

	err = kawela_reset(pf);
	if (!err)
		err = kawela_vfs_restore(pf);
	kawela_irq_start(pf);
	kawela_service_resume(pf);
	return err ?: kwl_dp_resume(kawela_port(pf));
}

/**
 * kawela_reset_running() - reset the part and go on as before
 * @pf: the PF
 *
 * Context: may sleep; the port's lock.
 * Return: 0 or an errno; the PF's interface doesn't work then.
 */
int kawela_reset_running(struct kawela *pf)
{
	int err;

	netdev_assert_locked_ops_compat(pf->netdev);
	kawela_stop_all(pf);
	err = kawela_start_all(pf);
	if (err)
		netdev_err(pf->netdev, "the part doesn't come back: %pe\n",
			   ERR_PTR(err));
	return err;
}

/**
 * kawela_suspend() - leave the part alone
 * @pf: the PF
 *
 * Until kawela_resume() no register is touched, whoever asks.
 *
 * Context: may sleep.
 */
void kawela_suspend(struct kawela *pf)
{
	rtnl_lock();
	netdev_lock(pf->netdev);
	netif_device_detach(pf->netdev);
	kawela_stop_all(pf);
	kawela_hw_stats_update(pf);
	if (!kwl_gone(&pf->hw))
		kawela_quiesce(pf);
	WRITE_ONCE(pf->hw.base, NULL);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
}

/**
 * kawela_resume() - undo kawela_suspend()
 * @pf: the PF, which may have lost everything that it held
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int kawela_resume(struct kawela *pf)
{
	int err;

	rtnl_lock();
	netdev_lock(pf->netdev);
	WRITE_ONCE(pf->hw.base, pf->io);
	/* What an error of the bus would have to bring back */
	pci_save_state(pf->pdev);
	err = kawela_start_all(pf);
	if (err)
		netdev_err(pf->netdev, "the part doesn't come back: %pe\n",
			   ERR_PTR(err));
	else
		netif_device_attach(pf->netdev);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
	return err;
}

/*
 * A reset of the PF takes its VFs off the bus, and clears what their drivers, and
 * vfio for its guests, wrote into their configuration space: bus mastering and
 * MSI-X. Nobody else puts that back.
 */
static void kawela_vfs_each(struct kawela *pf, void (*func)(struct pci_dev *))
{
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_device(PCI_VENDOR_ID_INTEL, KWL_DEV_ID_VF, pdev)))
		if (pdev->is_virtfn && pci_physfn(pdev) == pf->pdev)
			func(pdev);
}

static void kawela_vf_save(struct pci_dev *pdev)
{
	pci_save_state(pdev);
}

static void kawela_vf_restore(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
}

static void kawela_reset_prepare(struct pci_dev *pdev)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	kawela_vfs_each(pf, kawela_vf_save);
	kawela_suspend(pf);
}

static void kawela_reset_done(struct pci_dev *pdev)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	kawela_vfs_each(pf, kawela_vf_restore);
	kawela_resume(pf);
}

/*
 * What isn't fatal costs a transaction, and the link is fine: a reset of the part is
 * enough then, and leaves the bus alone.
 */
static pci_ers_result_t kawela_error_detected(struct pci_dev *pdev,
					      pci_channel_state_t state)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	kawela_vfs_each(pf, kawela_vf_save);
	kawela_suspend(pf);
	if (state == pci_channel_io_normal)
		return PCI_ERS_RESULT_CAN_RECOVER;
	/* Nobody calls again if the bus doesn't come back */
	kawela_link_lost(pf);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t kawela_slot_reset(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	return pci_device_is_present(pdev) ? PCI_ERS_RESULT_RECOVERED :
					     PCI_ERS_RESULT_DISCONNECT;
}

static void kawela_error_resume(struct pci_dev *pdev)
{
	kawela_reset_done(pdev);
}

const struct pci_error_handlers kawela_err_handlers = {
	.error_detected	= kawela_error_detected,
	.slot_reset	= kawela_slot_reset,
	.resume		= kawela_error_resume,
	.reset_prepare	= kawela_reset_prepare,
	.reset_done	= kawela_reset_done,
};

static int kawela_pm_suspend(struct device *dev)
{
	kawela_suspend(dev_get_drvdata(dev));
	return 0;
}

static int kawela_pm_resume(struct device *dev)
{
	return kawela_resume(dev_get_drvdata(dev));
}

const struct dev_pm_ops kawela_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(kawela_pm_suspend, kawela_pm_resume)
};
