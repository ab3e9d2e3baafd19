// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets and sleep of the VF with everything at work: function level reset, error
 * recovery and power management share one way down and one way up.
 */
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/pm.h>

#include "irq.h"
#include "kawelavf.h"
#include "recover.h"
#include "reset.h"
#include "service.h"

/* What the PCI core takes for its recovery from a fatal error is much less */
#define KAWELAVF_FROZEN		(5 * HZ)

/**
 * kawelavf_suspend() - leave the device alone
 * @vf: the VF
 *
 * Until kawelavf_resume() no caller touches a register.
 *
 * Context: may sleep; the device's lock.
 */
static void kawelavf_suspend(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	device_lock_assert(&vf->pdev->dev);
	if (vf->suspended)
		return;
	vf->suspended = true;
	/* It takes the locks below */
	kawelavf_service_pause(vf);
	kawelavf_irq_stop(vf);
	kawelavf_lock(vf);
	netif_device_detach(netdev);
	kwl_port_set_link(&vf->port, false);
	kwl_dp_pause(&vf->port);
	kawelavf_goodbye(vf);
	WRITE_ONCE(vf->hw.base, NULL);
	kawelavf_unlock(vf);
}

/**
 * kawelavf_resume() - undo kawelavf_suspend()
 * @vf: the VF, which may have lost everything that it held
 *
 * Housekeeping connects it to the PF, which may need time for that.
 *
 * Context: may sleep; the device's lock.
 */
static void kawelavf_resume(struct kawelavf *vf)
{
	device_lock_assert(&vf->pdev->dev);
	if (!vf->suspended)
		return;
	vf->suspended = false;
	WRITE_ONCE(vf->hw.base, vf->io);
	/* What recovery from a PCIe error restores */
	pci_save_state(vf->pdev);
	kawelavf_service_start(vf);
}

/* A VF's configuration space reads as ones until the PF has its own back */
static bool kawelavf_thaw_try(struct kawelavf *vf)
{
	u16 command;

	pci_read_config_word(vf->pdev, PCI_COMMAND, &command);
	if (PCI_POSSIBLE_ERROR(command))
		return false;
	pci_restore_state(vf->pdev);
	kawelavf_resume(vf);
	return true;
}

/*
 * The PCI core doesn't call drivers to resume after a fatal error if one is missing.
 *
 * The device's lock is held by the core while it resets the bus, by a function level
 * reset from beginning to end, and by remove, which waits for this.
 */
static void kawelavf_thaw(struct work_struct *work)
{
	struct kawelavf *vf = container_of(to_delayed_work(work),
					   struct kawelavf, thaw);
	bool done = false;

	if (device_trylock(&vf->pdev->dev)) {
		done = !vf->suspended || kawelavf_thaw_try(vf);
		device_unlock(&vf->pdev->dev);
	}
	if (!done)
		queue_delayed_work(system_freezable_wq, &vf->thaw,
				   KAWELAVF_FROZEN);
}

/**
 * kawelavf_recover_init() - prepare for fatal errors
 * @vf: the VF
 */
void kawelavf_recover_init(struct kawelavf *vf)
{
	INIT_DELAYED_WORK(&vf->thaw, kawelavf_thaw);
}

/**
 * kawelavf_recover_stop() - nothing goes on by itself after a fatal error
 * @vf: the VF
 *
 * Context: may sleep; the device's lock, but not the port's, which the work takes.
 */
void kawelavf_recover_stop(struct kawelavf *vf)
{
	device_lock_assert(&vf->pdev->dev);
	disable_delayed_work_sync(&vf->thaw);
}

static void kawelavf_reset_prepare(struct pci_dev *pdev)
{
	kawelavf_suspend(pci_get_drvdata(pdev));
}

static void kawelavf_reset_done(struct pci_dev *pdev)
{
	kawelavf_resume(pci_get_drvdata(pdev));
}

/*
 * What isn't fatal costs a transaction. On a host the PF's driver resets the device
 * then, and the service comes back from that. A suspended VF might never be resumed:
 * the PCI core ends a recovery early when another function has no driver.
 */
static pci_ers_result_t kawelavf_error_detected(struct pci_dev *pdev,
						pci_channel_state_t state)
{
	struct kawelavf *vf = pci_get_drvdata(pdev);

	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	if (state == pci_channel_io_normal)
		return PCI_ERS_RESULT_CAN_RECOVER;
	kawelavf_suspend(vf);
	/* The core may not call again */
	mod_delayed_work(system_freezable_wq, &vf->thaw, KAWELAVF_FROZEN);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t kawelavf_slot_reset(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	pci_save_state(pdev);
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
