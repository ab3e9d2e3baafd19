// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wake-on-LAN (datasheet 5.6, 8.22): chosen at any time, armed when the machine goes
 * to sleep or off.
 *
 * A VF has no part in it: it has no power management of its own.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/pm_wakeup.h>
#include <linux/reboot.h>
#include <linux/unaligned.h>

#include "kawela.h"
#include "wol.h"
#include "wol_cfg.h"

/* NVM decides whether the board can wake a machine; PCI's capability says so */
static bool kawela_wol_can(struct kawela *pf)
{
	return pci_pme_capable(pf->pdev, PCI_D3hot) ||
	       pci_pme_capable(pf->pdev, PCI_D3cold);
}

static void kawela_wol_choose(struct kawela *pf, u32 modes)
{
	pf->wol = modes;
	device_set_wakeup_enable(&pf->pdev->dev, modes);
}

/**
 * kawela_wol_init() - begin with what NVM says
 * @pf: the PF
 *
 * Context: probe, behind the reset.
 */
void kawela_wol_init(struct kawela *pf)
{
	bool magic = kwl_rd(&pf->hw, KWL_WUC) & KWL_WUC_APME;

	if (kawela_wol_can(pf))
		kawela_wol_choose(pf, magic ? WAKE_MAGIC : 0);
}

/**
 * kawela_get_wol() - by what the device wakes the machine
 * @netdev: the PF's netdev
 * @wol: receives what it can, and what was chosen
 *
 * Context: the port's lock.
 */
void kawela_get_wol(struct net_device *netdev, struct ethtool_wolinfo *wol)
{
	struct kawela *pf = kawela_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	wol->supported = kawela_wol_can(pf) ? KAWELA_WOL_MODES : 0;
	wol->wolopts = pf->wol;
}

/**
 * kawela_set_wol() - ethtool -s IF wol
 * @netdev: the PF's netdev
 * @wol: by what to wake; the core has compared it with what kawela_get_wol() said
 *
 * Context: the port's lock.
 * Return: 0, or -EOPNOTSUPP for what the device or this board can't.
 */
int kawela_set_wol(struct net_device *netdev, struct ethtool_wolinfo *wol)
{
	struct kawela *pf = kawela_of(netdev);
	u32 can = kawela_wol_can(pf) ? KAWELA_WOL_MODES : 0;

	netdev_assert_locked_ops_compat(netdev);
	if (wol->wolopts & ~can)
		return -EOPNOTSUPP;
	kawela_wol_choose(pf, wol->wolopts);
	return 0;
}

/* The PF's own address, also when its interface is down */
static void kawela_wol_address(struct kawela *pf)
{
	const u8 *mac = pf->want.mac;

	kwl_wr(&pf->hw, KWL_RAL(0), get_unaligned_le32(mac));
	kwl_wr(&pf->hw, KWL_RAH(0),
	       get_unaligned_le16(mac + 4) | KWL_RAH_AV |
		       FIELD_PREP(KWL_RAH_POOL, BIT(pf->n_vfs)));
}

/**
 * kawela_wol_arm() - let the device wake the machine, or see that it doesn't
 * @pf: the PF, quiet; its filters are written anew before they are used again
 *
 * Nothing that is received reaches memory: no queue is enabled.
 *
 * Context: may sleep.
 */
void kawela_wol_arm(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;

	kwl_wr(hw, KWL_WUS, ~0U);
	if (pf->wol) {
		kawela_wol_address(pf);
		kwl_wr(hw, KWL_VFRE, 0);
		kwl_wr(hw, KWL_RCTL, kawela_wol_rctl(pf->wol));
		kwl_rmw(hw, KWL_CTRL, 0, KWL_CTRL_ADVD3WUC);
	}
	kwl_wr(hw, KWL_WUC, pf->wol ? KWL_WUC_PME_EN : 0);
	kwl_wr(hw, KWL_WUFC, kawela_wol_wufc(pf->wol));
	netif_info(kawela_port(pf), wol, pf->netdev, "wakes by 0x%x\n", pf->wol);
}

/**
 * kawela_wol_disarm() - undo kawela_wol_arm()
 * @pf: the PF
 */
void kawela_wol_disarm(struct kawela *pf)
{
	kwl_wr(&pf->hw, KWL_WUC, 0);
	kwl_wr(&pf->hw, KWL_WUFC, 0);
	kwl_wr(&pf->hw, KWL_WUS, ~0U);
}

/**
 * kawela_wol_power_off() - the machine is being switched off
 * @pf: the PF, armed and disabled
 *
 * In all other cases the PCI core chooses the power state.
 */
void kawela_wol_power_off(struct kawela *pf)
{
	if (!pf->wol || system_state != SYSTEM_POWER_OFF)
		return;
	pci_wake_from_d3(pf->pdev, true);
	pci_set_power_state(pf->pdev, PCI_D3hot);
}
