// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink region "regs": what the PF's registers hold at one moment.
 */
#include <linux/slab.h>

#include "devlink.h"
#include "kawela.h"

#define KAWELA_SNAPSHOTS	8

/**
 * struct kawela_reg_run - registers at a constant distance
 * @first: offset of the first
 * @count: how many
 * @step: bytes from one to the next
 *
 * Only registers that don't mind being read are listed. Left out are those that
 * reading clears (statistics, ICR, EICR, WVBR, RQDPC, the VFs' view of the
 * mailbox), SWSM, which reading takes, and the key of the receive hash.
 */
struct kawela_reg_run {
	u32 first;
	u16 count;
	u16 step;
};

#define KAWELA_REG(reg)			{ (reg), 1, 4 }
#define KAWELA_REGS(reg, n)		{ (reg), (n), 4 }
#define KAWELA_RXQ_REGS(reg)	\
	{ KWL_RXQ(0) + (reg), KWL_QUEUES, KWL_RXQ(1) - KWL_RXQ(0) }
#define KAWELA_TXQ_REGS(reg)	\
	{ KWL_TXQ(0) + (reg), KWL_QUEUES, KWL_TXQ(1) - KWL_TXQ(0) }

static const struct kawela_reg_run kawela_reg_runs[] = {
	KAWELA_REG(KWL_CTRL),
	KAWELA_REG(KWL_STATUS),
	KAWELA_REG(KWL_EECD),
	KAWELA_REG(KWL_CTRL_EXT),
	KAWELA_REG(KWL_SW_FW_SYNC),

	KAWELA_REG(KWL_IMS),
	KAWELA_REG(KWL_GPIE),
	KAWELA_REG(KWL_EIMS),
	KAWELA_REG(KWL_EIAC),
	KAWELA_REG(KWL_EIAM),
	KAWELA_REGS(KWL_EITR(0), 25),
	KAWELA_REGS(KWL_IVAR(0), 8),
	KAWELA_REG(KWL_IVAR_MISC),

	KAWELA_REG(KWL_RCTL),
	KAWELA_REG(KWL_RXCSUM),
	KAWELA_REG(KWL_RLPML),
	KAWELA_REG(KWL_RFCTL),
	KAWELA_REG(KWL_QDE),
	KAWELA_REG(KWL_MRQC),
	KAWELA_REGS(KWL_MTA(0), KWL_MTA_WORDS),
	KAWELA_REGS(KWL_VFTA(0), KWL_VFTA_WORDS),
	KAWELA_REGS(KWL_RAL(0), 2 * 16),
	KAWELA_REGS(KWL_RAL(16), 2 * (KWL_RA_ENTRIES - 16)),
	KAWELA_REGS(KWL_PSRTYPE(0), KWL_POOLS),
	KAWELA_REGS(KWL_RETA(0), KWL_RETA_ENTRIES / 4),

	KAWELA_REG(KWL_TCTL),
	KAWELA_REG(KWL_DTXCTL),

	KAWELA_REG(KWL_VT_CTL),
	KAWELA_REGS(KWL_VMOLR(0), KWL_POOLS),
	KAWELA_REG(KWL_RPLOLR),
	KAWELA_REGS(KWL_VLVF(0), KWL_VLVF_ENTRIES),
	KAWELA_REGS(KWL_VMVIR(0), KWL_POOLS),
	KAWELA_REG(KWL_DTXSWC),
	KAWELA_REG(KWL_VFRE),
	KAWELA_REG(KWL_VFTE),
	KAWELA_REG(KWL_VFLRE),
	KAWELA_REG(KWL_IOVCTL),
	KAWELA_REGS(KWL_P2VMAILBOX(0), KWL_MAX_VFS),
	KAWELA_REG(KWL_MBVFICR),
	KAWELA_REG(KWL_MBVFIMR),

	KAWELA_RXQ_REGS(KWL_RDBAL),
	KAWELA_RXQ_REGS(KWL_RDBAH),
	KAWELA_RXQ_REGS(KWL_RDLEN),
	KAWELA_RXQ_REGS(KWL_SRRCTL),
	KAWELA_RXQ_REGS(KWL_RDH),
	KAWELA_RXQ_REGS(KWL_RXCTL),
	KAWELA_RXQ_REGS(KWL_RDT),
	KAWELA_RXQ_REGS(KWL_RXDCTL),
	KAWELA_TXQ_REGS(KWL_TDBAL),
	KAWELA_TXQ_REGS(KWL_TDBAH),
	KAWELA_TXQ_REGS(KWL_TDLEN),
	KAWELA_TXQ_REGS(KWL_TDH),
	KAWELA_TXQ_REGS(KWL_TXCTL),
	KAWELA_TXQ_REGS(KWL_TDT),
	KAWELA_TXQ_REGS(KWL_TXDCTL),
	KAWELA_TXQ_REGS(KWL_TDWBAL),
	KAWELA_TXQ_REGS(KWL_TDWBAH),
};

/* The queues' registers are the last */
#define KAWELA_REGION_SIZE	KWL_TXQ(KWL_QUEUES)

/**
 * kawela_region_snapshot() - read the registers
 * @devlink: the PF's devlink instance
 * @ops: the region
 * @extack: receives the reason of a failure
 * @data: receives the snapshot
 *
 * A snapshot is an image of BAR 0: the register at offset x is the little-endian
 * word at address x. What is not read, see struct kawela_reg_run, is zero.
 *
 * Return: 0 or an errno.
 */
static int kawela_region_snapshot(struct devlink *devlink,
				  const struct devlink_region_ops *ops,
				  struct netlink_ext_ack *extack, u8 **data)
{
	struct kawela_devlink *dl = devlink_priv(devlink);
	__le32 *image;
	unsigned int i, n;

	image = kvzalloc(KAWELA_REGION_SIZE, GFP_KERNEL);
	if (!image)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(kawela_reg_runs); i++) {
		u32 reg = kawela_reg_runs[i].first;

		for (n = kawela_reg_runs[i].count; n--; ) {
			image[reg / 4] = cpu_to_le32(kwl_rd(&dl->pf->hw, reg));
			reg += kawela_reg_runs[i].step;
		}
	}
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
