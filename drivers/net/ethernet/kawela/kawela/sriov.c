// SPDX-License-Identifier: GPL-2.0-only
/*
 * sriov_numvfs: creating and removing VFs.
 *
 * The PCI core calls with the device locked, and only for 0 to n and n to 0. No
 * lock of ours is held over calls into it: VF drivers probe in there, take rtnl
 * and wait for answers from our mailbox.
 */
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "dp_role.h"
#include "kawela.h"
#include "sriov.h"
#include "vf.h"

static void kawela_vfs_create(struct kawela *pf, unsigned int n)
{
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < n; i++)
		kawela_vf_create(pf, i);
	mutex_unlock(&pf->vf_lock);
}

/* Make room for VFs. Those of an earlier life are forgotten, whatever becomes of it. */
static int kawela_sriov_prepare(struct kawela *pf, unsigned int n)
{
	if (n > KWL_MAX_VFS) {
		pci_err(pf->pdev,
			"%u VFs: the device has %u, and the last pool is the PF's\n",
			n, KWL_MAX_VFS + 1);
		return -ERANGE;
	}
	kawela_vfs_create(pf, n);
	return 0;
}

/**
 * kawela_sriov_adopt() - take over VFs that another driver of the PF left
 * @pf: the PF, not registered yet
 *
 * Context: may sleep; the device's lock.
 * Return: 0, also without any; or an errno.
 */
int kawela_sriov_adopt(struct kawela *pf)
{
	unsigned int n = pci_num_vf(pf->pdev);
	int err;

	device_lock_assert(&pf->pdev->dev);
	if (!n)
		return 0;
	err = kawela_sriov_prepare(pf, n);
	if (!err)
		err = kawela_dp_move(pf, n);
	if (!err)
		pci_info(pf->pdev, "%u VFs were there already\n", n);
	return err;
}

static int kawela_sriov_enable(struct kawela *pf, unsigned int n)
{
	int err;

	err = kawela_sriov_prepare(pf, n);
	if (err)
		return err;
	err = kawela_dp_move(pf, n);
	if (err) {
		pci_err(pf->pdev, "%u VFs: can't move the PF's queues: %pe\n",
			n, ERR_PTR(err));
		return err;
	}
	err = pci_enable_sriov(pf->pdev, n);
	if (err) {
		pci_err(pf->pdev, "%u VFs: the PCI core refuses: %pe\n", n,
			ERR_PTR(err));
		kawela_dp_move(pf, 0);
		return err;
	}
	return n;
}

/**
 * kawela_sriov_limit() - limit the number of VFs in the PCI core
 * @pf: the PF
 *
 * The core takes no other number while there are VFs, so this is done again when
 * those that were adopted go. kawela_sriov_configure() doesn't rely on it.
 */
void kawela_sriov_limit(struct kawela *pf)
{
	if (!pci_num_vf(pf->pdev))
		pci_sriov_set_totalvfs(pf->pdev, KWL_MAX_VFS);
}

static void kawela_sriov_disable(struct kawela *pf)
{
	int err;

	/* Blocks while a VF is in use by vfio; until then all keeps working */
	pci_disable_sriov(pf->pdev);
	kawela_sriov_limit(pf);
	err = kawela_dp_move(pf, 0);
	if (err)
		pci_warn(pf->pdev,
			 "the PF stays in its pool for now: %pe; trying again\n",
			 ERR_PTR(err));
}

/**
 * kawela_sriov_configure() - a number was written to sriov_numvfs
 * @pdev: the PF
 * @n: the number
 *
 * Context: may sleep; the device's lock.
 * Return: @n, 0 when VFs were removed, or an errno with nothing changed.
 */
int kawela_sriov_configure(struct pci_dev *pdev, int n)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	device_lock_assert(&pdev->dev);
	if (n)
		return kawela_sriov_enable(pf, n);
	if (pci_vfs_assigned(pdev)) {
		pci_err(pdev, "VFs are assigned to guests; stop those first\n");
		return -EBUSY;
	}
	kawela_sriov_disable(pf);
	return 0;
}

/**
 * kawela_sriov_remove() - remove VFs because the PF's driver goes
 * @pf: the PF
 *
 * Context: may sleep; the device's lock.
 */
void kawela_sriov_remove(struct kawela *pf)
{
	device_lock_assert(&pf->pdev->dev);
	if (pci_num_vf(pf->pdev))
		kawela_sriov_disable(pf);
}
