// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCIe errors, and function level reset.
 *
 * The PCI core ends a recovery early when one function has no driver: it doesn't call
 * the others to resume then. A VF without driver is nothing unusual, so the PF relies
 * on no call: when it is notified of an error it begins what it can repair alone.
 */
#include <linux/pci.h>

#include "errors.h"
#include "kawela.h"
#include "link.h"
#include "recover.h"

/*
 * A reset of the PF takes its VFs off the bus, and clears what their drivers, and
 * vfio for its guests, wrote into their configuration space: bus mastering and
 * MSI-X. Only the PF driver can restore that.
 */
static void kawela_vfs_each(struct kawela *pf, void (*func)(struct pci_dev *))
{
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_device(PCI_VENDOR_ID_INTEL, KWL_DEV_ID_VF, pdev)))
		if (pdev->is_virtfn && pci_physfn(pdev) == pf->pdev)
			func(pdev);
}

/* All ones are what a function gives that can't be reached: nothing to keep */
static void kawela_vf_save(struct pci_dev *pdev)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	if (!PCI_POSSIBLE_ERROR(command))
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
 * All functions below a bridge are notified of an error there: also of one that a VF's
 * guest, or the card's other function, caused. Without AER the cause is unknown.
 */
static bool kawela_error_ours(struct pci_dev *pdev)
{
	u16 aer = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ERR);
	u32 status = ~0U, mask = 0;

	if (aer) {
		pci_read_config_dword(pdev, aer + PCI_ERR_UNCOR_STATUS, &status);
		/* Masked errors are noted, too, but not reported */
		pci_read_config_dword(pdev, aer + PCI_ERR_UNCOR_MASK, &mask);
	}
	return status & ~mask;
}

/*
 * What isn't fatal costs a transaction, and the link is fine: a reset of the device
 * is enough then, and leaves the bus and the VFs' configuration space alone.
 */
static pci_ers_result_t kawela_error_detected(struct pci_dev *pdev,
					      pci_channel_state_t state)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	if (state == pci_channel_io_normal) {
		if (kawela_error_ours(pdev))
			kawela_recovery_request(pf);
		return PCI_ERS_RESULT_CAN_RECOVER;
	}
	/* The VFs' drivers restore what their VFs lose by the reset of the bus */
	kawela_suspend(pf);
	kawela_link_lost(pf);
	/* The core may not call again */
	kawela_recovery_await(pf);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t kawela_slot_reset(struct pci_dev *pdev)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	/* What is saved must not be overwritten with ones */
	if (!pci_device_is_present(pdev))
		return PCI_ERS_RESULT_DISCONNECT;
	pci_restore_state(pdev);
	pci_save_state(pdev);
	/* Another function wanted that; this one was not stopped */
	if (!READ_ONCE(pf->recovery.suspended))
		kawela_recovery_request(pf);
	return PCI_ERS_RESULT_RECOVERED;
}

static void kawela_error_resume(struct pci_dev *pdev)
{
	kawela_resume(pci_get_drvdata(pdev));
}

const struct pci_error_handlers kawela_err_handlers = {
	.error_detected	= kawela_error_detected,
	.slot_reset	= kawela_slot_reset,
	.resume		= kawela_error_resume,
	.reset_prepare	= kawela_reset_prepare,
	.reset_done	= kawela_reset_done,
};
