// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VF as a devlink instance: what it is, and the reporter of transmit hangs.
 */
#include <linux/pci.h>
#include <net/devlink.h>

#include "devlink.h"
#include "kawelavf.h"

static int kawelavf_info_get(struct devlink *devlink,
			     struct devlink_info_req *req,
			     struct netlink_ext_ack *extack)
{
	return devlink_info_version_fixed_put(req,
					      DEVLINK_INFO_VERSION_GENERIC_ASIC_ID,
					      "82576 VF");
}

static const struct devlink_ops kawelavf_devlink_ops = {
	.info_get = kawelavf_info_get,
};

/**
 * kawelavf_devlink_create() - build the VF's devlink instance
 * @vf: the VF, with its datapath prepared
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int kawelavf_devlink_create(struct kawelavf *vf)
{
	int err;

	vf->devlink = devlink_alloc(&kawelavf_devlink_ops, 0, &vf->pdev->dev);
	if (!vf->devlink)
		return -ENOMEM;
	err = kwl_hang_create(&vf->port, vf->devlink);
	if (err)
		devlink_free(vf->devlink);
	return err;
}

/**
 * kawelavf_devlink_register() - show the instance; the last step of probe
 * @vf: the VF
 *
 * Context: may sleep.
 */
void kawelavf_devlink_register(struct kawelavf *vf)
{
	devlink_register(vf->devlink);
	kwl_hang_arm(&vf->port);
}

/**
 * kawelavf_devlink_unregister() - hide the instance; the first step of remove
 * @vf: the VF
 *
 * Context: may sleep; no lock, because a report in progress takes all.
 */
void kawelavf_devlink_unregister(struct kawelavf *vf)
{
	kwl_hang_disarm(&vf->port);
	devlink_unregister(vf->devlink);
}

/**
 * kawelavf_devlink_destroy() - undo kawelavf_devlink_create()
 * @vf: the VF
 *
 * Context: may sleep.
 */
void kawelavf_devlink_destroy(struct kawelavf *vf)
{
	kwl_hang_destroy(&vf->port);
	devlink_free(vf->devlink);
}
