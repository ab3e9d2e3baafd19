// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -d: the registers of a VF that don't mind being read.
 *
 * Left out are those that reading clears (EICR, V2PMAILBOX, RQDPC), and the
 * mailbox's memory, which may hold the key of the receive hash. The statistics are
 * those that the PF adds up (ethtool -S).
 */
#include <linux/array_size.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include <kawela/reg_run.h>

#include "ethtool.h"
#include "kawelavf.h"

#define KAWELAVF_RXQ_REGS(reg)	\
	{ KWL_VF_RXQ(0) + (reg), KWL_VF_QUEUES, KWL_VF_RXQ(1) - KWL_VF_RXQ(0) }
#define KAWELAVF_TXQ_REGS(reg)	\
	{ KWL_VF_TXQ(0) + (reg), KWL_VF_QUEUES, KWL_VF_TXQ(1) - KWL_VF_TXQ(0) }

static const struct kwl_reg_run kawelavf_reg_runs[] = {
	KWL_REG_RUN(KWL_VTSTATUS),
	KWL_REG_RUN(KWL_EIMS),
	KWL_REG_RUN(KWL_EIAC),
	KWL_REG_RUN(KWL_EIAM),
	KWL_REG_RUNS(KWL_EITR(0), KWL_VF_VECTORS),
	KWL_REG_RUN(KWL_VTIVAR),
	KWL_REG_RUN(KWL_VTIVAR_MISC),

	KAWELAVF_RXQ_REGS(KWL_RDBAL),
	KAWELAVF_RXQ_REGS(KWL_RDBAH),
	KAWELAVF_RXQ_REGS(KWL_RDLEN),
	KAWELAVF_RXQ_REGS(KWL_SRRCTL),
	KAWELAVF_RXQ_REGS(KWL_RDH),
	KAWELAVF_RXQ_REGS(KWL_RDT),
	KAWELAVF_RXQ_REGS(KWL_RXDCTL),
	KAWELAVF_TXQ_REGS(KWL_TDBAL),
	KAWELAVF_TXQ_REGS(KWL_TDBAH),
	KAWELAVF_TXQ_REGS(KWL_TDLEN),
	KAWELAVF_TXQ_REGS(KWL_TDH),
	KAWELAVF_TXQ_REGS(KWL_TDT),
	KAWELAVF_TXQ_REGS(KWL_TXDCTL),
	KAWELAVF_TXQ_REGS(KWL_TDWBAL),
	KAWELAVF_TXQ_REGS(KWL_TDWBAH),
};

/**
 * kawelavf_get_regs_len() - size of ethtool's register dump
 * @netdev: the VF
 *
 * Return: octets.
 */
int kawelavf_get_regs_len(struct net_device *netdev)
{
	return kwl_regs_len(kawelavf_reg_runs, ARRAY_SIZE(kawelavf_reg_runs));
}

/**
 * kawelavf_get_regs() - ethtool -d
 * @netdev: the VF
 * @regs: receives the version of the layout
 * @data: receives the registers; tools/kawela-regs --vf explains them
 *
 * Context: the port's lock.
 */
void kawelavf_get_regs(struct net_device *netdev, struct ethtool_regs *regs,
		       void *data)
{
	netdev_assert_locked_ops_compat(netdev);
	kwl_regs_dump(&kawelavf_of(netdev)->hw, kawelavf_reg_runs,
		      ARRAY_SIZE(kawelavf_reg_runs), regs, data);
}
