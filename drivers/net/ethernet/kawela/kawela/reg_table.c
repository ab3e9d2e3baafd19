// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers that can be shown: one table for devlink's region and ethtool -d.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "kawela.h"
#include "netdev.h"
#include "reg_table.h"

/* Layout of ethtool's dump: pairs of offset and value, 32 bits each */
#define KAWELA_REGS_VERSION	1

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
	KAWELA_REG(KWL_LEDCTL),
	KAWELA_REG(KWL_FCTTV),
	KAWELA_REG(KWL_FCRTL),
	KAWELA_REG(KWL_FCRTH),
	KAWELA_REG(KWL_RXPBS),

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

/**
 * kawela_regs_each() - read all registers of the table
 * @pf: the PF
 * @put: is called for each
 * @context: first argument of @put
 *
 * Context: as @put.
 */
void kawela_regs_each(struct kawela *pf,
		      void (*put)(void *context, u32 reg, u32 val),
		      void *context)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(kawela_reg_runs); i++) {
		u32 reg = kawela_reg_runs[i].first;

		for (n = kawela_reg_runs[i].count; n--; ) {
			put(context, reg, kwl_rd(&pf->hw, reg));
			reg += kawela_reg_runs[i].step;
		}
	}
}

/**
 * kawela_get_regs_len() - size of ethtool's register dump
 * @netdev: the PF's netdev
 *
 * Return: octets.
 */
int kawela_get_regs_len(struct net_device *netdev)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(kawela_reg_runs); i++)
		n += kawela_reg_runs[i].count;
	return n * 2 * sizeof(u32);
}

static void kawela_regs_put(void *context, u32 reg, u32 val)
{
	u32 **next = context;

	*(*next)++ = reg;
	*(*next)++ = val;
}

/**
 * kawela_get_regs() - ethtool -d
 * @netdev: the PF's netdev
 * @regs: receives the version of the layout
 * @data: receives the registers; tools/kawela-regs explains them
 *
 * Context: the port's lock.
 */
void kawela_get_regs(struct net_device *netdev, struct ethtool_regs *regs,
		     void *data)
{
	u32 *next = data;

	regs->version = KAWELA_REGS_VERSION;
	kawela_regs_each(kawela_of(netdev), kawela_regs_put, &next);
}
