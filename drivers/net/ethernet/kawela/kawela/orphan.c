// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs that no driver uses any more.
 *
 * A VF whose driver ends is reset, by that driver or by vfio, and loses what it had.
 * vfio skips the reset if it can't lock the upstream bridge at once. That lock is held
 * while another VF is reset: of several guests that are killed together, some leave
 * their VF as it was. All that vfio does then is disable bus mastering.
 */
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "kawela.h"
#include "notice.h"
#include "orphan.h"
#include "vf.h"

/* A VF that is gone or in reset reads all ones, which is no reason to act */
static bool kawela_vf_masters(struct pci_dev *pdev)
{
	u16 command = 0;

	return pci_read_config_word(pdev, PCI_COMMAND, &command) ||
	       command & PCI_COMMAND_MASTER;
}

/* Return: VFs that can't reach memory */
static u32 kawela_vfs_without_dma(struct kawela *pf)
{
	struct pci_dev *pdev = NULL;
	u32 vfs = 0;

	while ((pdev = pci_get_device(PCI_VENDOR_ID_INTEL, KWL_DEV_ID_VF, pdev)))
		if (pdev->is_virtfn && pci_physfn(pdev) == pf->pdev &&
		    !kawela_vf_masters(pdev))
			vfs |= BIT(pci_iov_vf_id(pdev));
	return vfs;
}

/**
 * kawela_orphans_look() - take filters from VFs that no driver uses
 * @pf: the PF
 *
 * To be called from time to time. A VF that is active without bus mastering at two
 * looks in a row is as if it had been reset.
 *
 * Context: may sleep; takes vf_lock; @pf->wq.
 */
void kawela_orphans_look(struct kawela *pf)
{
	u32 without = kawela_vfs_without_dma(pf);
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++) {
		struct kawela_vf *vf = &pf->vf[i];
		bool orphan = without & BIT(i) && vf->run.active;

		if (orphan && vf->run.orphan) {
			kawela_vf_reset(pf, vf);
			if (kawela_vf_may_log(vf))
				netif_info(kawela_port(pf), drv, pf->netdev,
					   "VF %u: its driver is gone without a reset, and what it had with it\n",
					   i);
			orphan = false;
		}
		vf->run.orphan = orphan;
	}
	mutex_unlock(&pf->vf_lock);
}
