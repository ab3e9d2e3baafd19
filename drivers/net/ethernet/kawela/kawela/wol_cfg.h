/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wake-on-LAN as the user chose it, and what it means for the device. Pure.
 */
#ifndef _KAWELA_WOL_CFG_H
#define _KAWELA_WOL_CFG_H

#include <linux/ethtool.h>
#include <linux/types.h>

#include <kawela/regs.h>

/*
 * What the device can wake by. It has filters for ARP and for patterns, too, which
 * take an address or a pattern that ethtool can't give; it has no SecureOn.
 */
#define KAWELA_WOL_MODES						\
	(WAKE_PHY | WAKE_UCAST | WAKE_MCAST | WAKE_BCAST | WAKE_MAGIC)

/**
 * kawela_wol_wufc() - the filters that wake the machine
 * @modes: WAKE_*, of KAWELA_WOL_MODES
 *
 * Return: what WUFC must hold.
 */
static inline u32 kawela_wol_wufc(u32 modes)
{
	return (modes & WAKE_PHY ? KWL_WUFC_LNKC : 0) |
	       (modes & WAKE_UCAST ? KWL_WUFC_EX : 0) |
	       (modes & WAKE_MCAST ? KWL_WUFC_MC : 0) |
	       (modes & WAKE_BCAST ? KWL_WUFC_BC : 0) |
	       (modes & WAKE_MAGIC ? KWL_WUFC_MAG : 0);
}

/**
 * kawela_wol_rctl() - what the device receives while it waits
 * @modes: WAKE_*, of KAWELA_WOL_MODES
 *
 * A frame wakes only if it passes the filters for addresses. Those for groups may
 * be those of a datapath that is down, so all groups pass.
 *
 * Return: what RCTL must hold.
 */
static inline u32 kawela_wol_rctl(u32 modes)
{
	if (!modes)
		return 0;
	return KWL_RCTL_EN | KWL_RCTL_BAM |
	       (modes & WAKE_MCAST ? KWL_RCTL_MPE : 0);
}

#endif /* _KAWELA_WOL_CFG_H */
