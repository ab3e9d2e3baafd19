// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink region "regs": what the PF's registers hold at one moment.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "devlink.h"
#include "kawela.h"
#include "reg_table.h"

#define KAWELA_SNAPSHOTS	8

/* The queues' registers are the last */
#define KAWELA_REGION_SIZE	KWL_TXQ(KWL_QUEUES)

static void kawela_region_put(void *image, u32 reg, u32 val)
{
	((__le32 *)image)[reg / 4] = cpu_to_le32(val);
}

/**
 * kawela_region_snapshot() - read the registers
 * @devlink: the PF's devlink instance
 * @ops: the region
 * @extack: receives the reason of a failure
 * @data: receives the snapshot
 *
 * A snapshot is an image of BAR 0: the register at offset x is the little-endian
 * word at address x. What is not read, see reg_table.c, is zero.
 *
 * Return: 0 or an errno.
 */
static int kawela_region_snapshot(struct devlink *devlink,
				  const struct devlink_region_ops *ops,
				  struct netlink_ext_ack *extack, u8 **data)
{
	struct kawela_devlink *dl = devlink_priv(devlink);
	__le32 *image;

	image = kvzalloc(KAWELA_REGION_SIZE, GFP_KERNEL);
	if (!image)
		return -ENOMEM;
	/* A device in reset doesn't answer, and would be taken for one that is gone */
	rtnl_lock();
	netdev_lock(dl->pf->netdev);
	kawela_regs_each(dl->pf, kawela_region_put, image);
	netdev_unlock(dl->pf->netdev);
	rtnl_unlock();
	if (kwl_gone(&dl->pf->hw)) {
		NL_SET_ERR_MSG_MOD(extack, "the device left the bus");
		kvfree(image);
		return -ENODEV;
	}
	*data = (u8 *)image;
	return 0;
}

static const struct devlink_region_ops kawela_region_ops = {
	.name = "regs",
	.destructor = kvfree,
	.snapshot = kawela_region_snapshot,
};

/**
 * kawela_region_create() - create the region "regs"
 * @pf: the PF
 *
 * Context: may sleep; takes devlink's lock.
 * Return: 0 or an errno.
 */
int kawela_region_create(struct kawela *pf)
{
	struct devlink_region *regs;

	regs = devlink_region_create(pf->devlink, &kawela_region_ops,
				     KAWELA_SNAPSHOTS, KAWELA_REGION_SIZE);
	if (IS_ERR(regs))
		return PTR_ERR(regs);
	kawela_devlink_of(pf)->regs = regs;
	return 0;
}

/**
 * kawela_region_destroy() - undo kawela_region_create()
 * @pf: the PF
 *
 * Context: may sleep; takes devlink's lock.
 */
void kawela_region_destroy(struct kawela *pf)
{
	devlink_region_destroy(kawela_devlink_of(pf)->regs);
}
