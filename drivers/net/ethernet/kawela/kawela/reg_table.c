// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers that can be shown: one table for devlink's region and ethtool -d.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include <kawela/reg_run.h>

#include "kawela.h"
#include "netdev.h"
#include "reg_table.h"

/*
 * Only registers that don't mind being read are listed. Left out are those that
 * reading clears (statistics, ICR, EICR, WVBR, RQDPC, the VFs' view of the
 * mailbox), SWSM, which reading takes, and the key of the receive hash.
 */
#define KAWELA_RXQ_REGS(reg)	\
	{ KWL_RXQ(0) + (reg), KWL_QUEUES, KWL_RXQ(1) - KWL_RXQ(0) }
#define KAWELA_TXQ_REGS(reg)	\
	{ KWL_TXQ(0) + (reg), KWL_QUEUES, KWL_TXQ(1) - KWL_TXQ(0) }

static const struct kwl_reg_run kawela_reg_runs[] = {
	KWL_REG_RUN(KWL_CTRL),
	KWL_REG_RUN(KWL_STATUS),
	KWL_REG_RUN(KWL_EECD),
	KWL_REG_RUN(KWL_CTRL_EXT),
	KWL_REG_RUN(KWL_SW_FW_SYNC),
	KWL_REG_RUN(KWL_LEDCTL),
	KWL_REG_RUN(KWL_FCTTV),
	KWL_REG_RUN(KWL_FCRTL),
	KWL_REG_RUN(KWL_FCRTH),
	KWL_REG_RUN(KWL_RXPBS),
	KWL_REG_RUN(KWL_WUC),
	KWL_REG_RUN(KWL_WUFC),

	KWL_REG_RUN(KWL_IMS),
	KWL_REG_RUN(KWL_GPIE),
	KWL_REG_RUN(KWL_EIMS),
	KWL_REG_RUN(KWL_EIAC),
	KWL_REG_RUN(KWL_EIAM),
	KWL_REG_RUNS(KWL_EITR(0), 25),
	KWL_REG_RUNS(KWL_IVAR(0), 8),
	KWL_REG_RUN(KWL_IVAR_MISC),

	KWL_REG_RUN(KWL_RCTL),
	KWL_REG_RUN(KWL_RXCSUM),
	KWL_REG_RUN(KWL_RLPML),
	KWL_REG_RUN(KWL_RFCTL),
	KWL_REG_RUN(KWL_QDE),
	KWL_REG_RUN(KWL_MRQC),
	KWL_REG_RUNS(KWL_MTA(0), KWL_MTA_WORDS),
	KWL_REG_RUNS(KWL_VFTA(0), KWL_VFTA_WORDS),
	KWL_REG_RUNS(KWL_RAL(0), 2 * 16),
	KWL_REG_RUNS(KWL_RAL(16), 2 * (KWL_RA_ENTRIES - 16)),
	KWL_REG_RUNS(KWL_PSRTYPE(0), KWL_POOLS),
	KWL_REG_RUNS(KWL_RETA(0), KWL_RETA_ENTRIES / 4),

	KWL_REG_RUN(KWL_TCTL),
	KWL_REG_RUN(KWL_DTXCTL),

	KWL_REG_RUN(KWL_VT_CTL),
	KWL_REG_RUNS(KWL_VMOLR(0), KWL_POOLS),
	KWL_REG_RUN(KWL_RPLOLR),
	KWL_REG_RUNS(KWL_VLVF(0), KWL_VLVF_ENTRIES),
	KWL_REG_RUNS(KWL_VMVIR(0), KWL_POOLS),
	KWL_REG_RUN(KWL_DTXSWC),
	KWL_REG_RUN(KWL_VFRE),
	KWL_REG_RUN(KWL_VFTE),
	KWL_REG_RUN(KWL_VFLRE),
	KWL_REG_RUN(KWL_IOVCTL),
	KWL_REG_RUNS(KWL_P2VMAILBOX(0), KWL_MAX_VFS),
	KWL_REG_RUN(KWL_MBVFICR),
	KWL_REG_RUN(KWL_MBVFIMR),

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
	kwl_regs_each(&pf->hw, kawela_reg_runs, ARRAY_SIZE(kawela_reg_runs),
		      put, context);
}

/**
 * kawela_get_regs_len() - size of ethtool's register dump
 * @netdev: the PF's netdev
 *
 * Return: octets.
 */
int kawela_get_regs_len(struct net_device *netdev)
{
	return kwl_regs_len(kawela_reg_runs, ARRAY_SIZE(kawela_reg_runs));
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
	netdev_assert_locked_ops_compat(netdev);
	kwl_regs_dump(&kawela_of(netdev)->hw, kawela_reg_runs,
		      ARRAY_SIZE(kawela_reg_runs), regs, data);
}
