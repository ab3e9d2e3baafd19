// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF as a devlink instance: what it is, its port, its switch's mode.
 */
#include <linux/bitfield.h>
#include <linux/pci.h>

#include "devlink.h"
#include "kawela.h"
#include "watch.h"

static int kawela_info_fixed(struct kawela *pf, struct devlink_info_req *req)
{
	char text[4];
	int err;

	err = devlink_info_version_fixed_put(req,
					     DEVLINK_INFO_VERSION_GENERIC_ASIC_ID,
					     "82576");
	if (err)
		return err;
	snprintf(text, sizeof(text), "%u", pf->pdev->revision);
	err = devlink_info_version_fixed_put(req,
					     DEVLINK_INFO_VERSION_GENERIC_ASIC_REV,
					     text);
	if (err)
		return err;
	/* A board whose number can't be read is still worth describing */
	if (!pf->board.pba[0])
		return 0;
	return devlink_info_version_fixed_put(req,
					      DEVLINK_INFO_VERSION_GENERIC_BOARD_ID,
					      pf->board.pba);
}

static int kawela_info_running(struct kawela *pf, struct devlink_info_req *req)
{
	if (!pf->board.version[0])
		return 0;
	return devlink_info_version_running_put(req,
						DEVLINK_INFO_VERSION_GENERIC_FW,
						pf->board.version);
}

static int kawela_info_get(struct devlink *devlink,
			   struct devlink_info_req *req,
			   struct netlink_ext_ack *extack)
{
	struct kawela_devlink *dl = devlink_priv(devlink);
	int err;

	err = kawela_info_fixed(dl->pf, req);
	if (err)
		return err;
	return kawela_info_running(dl->pf, req);
}

static int kawela_eswitch_mode_get(struct devlink *devlink, u16 *mode)
{
	*mode = DEVLINK_ESWITCH_MODE_LEGACY;
	return 0;
}

static int kawela_eswitch_mode_set(struct devlink *devlink, u16 mode,
				   struct netlink_ext_ack *extack)
{
	if (mode == DEVLINK_ESWITCH_MODE_LEGACY)
		return 0;
	NL_SET_ERR_MSG_MOD(extack,
			   "the 82576 switches by address and VLAN only and can't send to a VF by choice, so it has no representors: legacy is its only mode");
	return -EOPNOTSUPP;
}

static const struct devlink_ops kawela_devlink_ops = {
	.info_get		= kawela_info_get,
	.eswitch_mode_get	= kawela_eswitch_mode_get,
	.eswitch_mode_set	= kawela_eswitch_mode_set,
};

static int kawela_devlink_port_create(struct kawela *pf)
{
	struct kawela_devlink *dl = kawela_devlink_of(pf);
	struct devlink_port_attrs attrs = {
		.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL,
	};
	int err;

	attrs.phys.port_number = FIELD_GET(KWL_STATUS_LAN_ID,
					   kwl_rd(&pf->hw, KWL_STATUS));
	kwl_devlink_port_attrs_set(&dl->port, &attrs);
	err = devlink_port_register(pf->devlink, &dl->port, 0);
	if (err)
		return err;
	SET_NETDEV_DEVLINK_PORT(pf->netdev, &dl->port);
	return 0;
}

/**
 * kawela_devlink_create() - build the PF's devlink instance
 * @pf: the PF, with a netdev that is not registered yet
 *
 * It isn't visible before kawela_devlink_register(). The port comes before the
 * netdev is registered, which finds its port by itself then.
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int kawela_devlink_create(struct kawela *pf)
{
	int err = -ENOMEM;

	pf->devlink = devlink_alloc(&kawela_devlink_ops,
				    sizeof(struct kawela_devlink),
				    &pf->pdev->dev);
	if (!pf->devlink)
		return err;
	kawela_devlink_of(pf)->pf = pf;
	err = kawela_devlink_port_create(pf);
	if (err)
		goto err_free;
	err = kawela_region_create(pf);
	if (err)
		goto err_port;
	err = kawela_health_create(pf);
	if (err)
		goto err_region;
	return 0;

err_region:
	kawela_region_destroy(pf);
err_port:
	devlink_port_unregister(&kawela_devlink_of(pf)->port);
err_free:
	devlink_free(pf->devlink);
	return err;
}

/**
 * kawela_devlink_register() - show the instance; the last step of probe
 * @pf: the PF
 *
 * Context: may sleep.
 */
void kawela_devlink_register(struct kawela *pf)
{
	devlink_register(pf->devlink);
	kawela_health_arm(pf);
}

/**
 * kawela_devlink_unregister() - hide the instance; the first step of remove
 * @pf: the PF
 *
 * Context: may sleep; neither rtnl nor the port's lock, which reports in progress
 * take.
 */
void kawela_devlink_unregister(struct kawela *pf)
{
	kawela_health_disarm(pf);
	devlink_unregister(pf->devlink);
}

/**
 * kawela_devlink_destroy() - undo kawela_devlink_create()
 * @pf: the PF; its netdev is not registered, nothing runs in its workqueue
 *
 * Context: may sleep.
 */
void kawela_devlink_destroy(struct kawela *pf)
{
	kawela_health_destroy(pf);
	kawela_region_destroy(pf);
	devlink_port_unregister(&kawela_devlink_of(pf)->port);
	devlink_free(pf->devlink);
}
