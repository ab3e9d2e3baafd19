// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bringing the device into a known state, in the order of datasheet 4.5.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/if_ether.h>
#include <linux/pci.h>

#include "filter.h"
#include "irq.h"
#include "kawela.h"
#include "link.h"
#include "ptp.h"
#include "reset.h"
#include "stats.h"

#define KAWELA_MASTER_US	80000
#define KAWELA_AUTO_RD_US	10000
#define KAWELA_RESET_US		20000
/* What a queue with a rate limit may save up: enough for the longest frame */
#define KAWELA_RATE_MMW		0x14

/* Pending DMA requests must not meet the reset (datasheet 5.2.3.2) */
static void kawela_stop_master(struct kawela *pf)
{
	u32 val;

	kwl_rmw(&pf->hw, KWL_CTRL, 0, KWL_CTRL_GIO_MASTER_DISABLE);
	if (kwl_poll(&pf->hw, KWL_STATUS, val,
		     !(val & KWL_STATUS_GIO_MASTER_EN) || kwl_gone(&pf->hw),
		     100, KAWELA_MASTER_US))
		pci_dbg(pf->pdev, "DMA requests still pending at reset\n");
}

static int kawela_reset_wait(struct kawela *pf)
{
	u32 val;
	int err;

	/* The device doesn't answer for 1 ms after CTRL.RST (datasheet 4.3.1) */
	usleep_range(1000, 2000);
	err = kwl_poll(&pf->hw, KWL_CTRL, val, !(val & KWL_CTRL_RST), 100,
		       KAWELA_RESET_US);
	if (err || kwl_gone(&pf->hw))
		return err ?: -ENODEV;
	if (kwl_has_quirk(&pf->hw, KWL_QUIRK_NO_AUTO_RD))
		return 0;
	return kwl_poll(&pf->hw, KWL_EECD, val, val & KWL_EECD_AUTO_RD, 100,
			KAWELA_AUTO_RD_US);
}

/* Every queue starts disabled; after a reset queue 0 is enabled */
static void kawela_disable_queues(struct kawela *pf)
{
	unsigned int q;

	for (q = 0; q < KWL_QUEUES; q++) {
		kwl_wr(&pf->hw, KWL_RXQ(q) + KWL_RXDCTL, 0);
		kwl_wr(&pf->hw, KWL_TXQ(q) + KWL_TXDCTL, 0);
	}
}

static void kawela_setup_rx(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;

	/* Pools strip tags by VMOLR; this is for the PF without VFs */
	kwl_rmw(hw, KWL_CTRL, 0, KWL_CTRL_VME);
	/* PCSD puts the hash, not a raw checksum, into descriptors */
	kwl_wr(hw, KWL_RXCSUM, KWL_RXCSUM_IPOFL | KWL_RXCSUM_TUOFL |
			       KWL_RXCSUM_CRCOFL | KWL_RXCSUM_PCSD);
	/* A queue without buffers drops; it must not hold up the others */
	kwl_wr(hw, KWL_QDE, GENMASK(KWL_QUEUES - 1, 0));
	kwl_wr(hw, KWL_RPLOLR, KWL_RPLOLR_STRVLAN | KWL_RPLOLR_STRCRC);
	kwl_rmw(hw, KWL_RFCTL, KWL_RFCTL_LEF, 0);
}

static void kawela_setup_tx(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;

	/* EN comes with the filters: until then nothing restrains what VFs send */
	kwl_rmw(hw, KWL_TCTL, KWL_TCTL_CT,
		KWL_TCTL_PSP | KWL_TCTL_RTLC | FIELD_PREP(KWL_TCTL_CT, 15));
	kwl_wr(hw, KWL_RTTBCNRM, KAWELA_RATE_MMW);
	/* Tags the PF inserts for a VF count for anti-spoofing; report misuse */
	kwl_rmw(hw, KWL_DTXCTL, 0,
		KWL_DTXCTL_VLAN_ADDED | KWL_DTXCTL_MDP_EN |
			KWL_DTXCTL_SPOOF_INT);
}

/*
 * A device in reset doesn't answer, and would be taken for one that is gone; what is
 * written to its filters is lost. vf_lock keeps those away who don't hold the port's
 * lock: address lists, and VFs that are created.
 */
static int kawela_reset_device(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;
	int err;

	lockdep_assert_held(&pf->vf_lock);
	kawela_stop_master(pf);
	kwl_wr(hw, KWL_IMC, ~0U);
	kwl_wr(hw, KWL_RCTL, 0);
	kwl_wr(hw, KWL_TCTL, KWL_TCTL_PSP);
	kwl_flush(hw);
	kwl_rmw(hw, KWL_CTRL, 0, KWL_CTRL_RST);
	err = kawela_reset_wait(pf);
	if (err)
		return err;
	kwl_wr(hw, KWL_IMC, ~0U);
	kwl_rd(hw, KWL_ICR);

	kawela_disable_queues(pf);
	kawela_irq_setup(pf);
	kawela_setup_rx(pf);
	kawela_setup_tx(pf);
	kawela_filters_forget(pf);
	return 0;
}

/**
 * kawela_reset() - reset the device and bring it into a known state
 * @pf: the PF
 *
 * Filters, queues and interrupts are off afterwards; autonegotiation runs.
 *
 * Context: may sleep; takes vf_lock; no datapath runs.
 * Return: 0 or an errno.
 */
int kawela_reset(struct kawela *pf)
{
	int err;

	kawela_ptp_stop(pf);
	kawela_hw_stats_update(pf);
	mutex_lock(&pf->vf_lock);
	err = kawela_reset_device(pf);
	mutex_unlock(&pf->vf_lock);
	if (err)
		return err;
	kawela_ptp_start(pf);
	kawela_flow_start(pf);
	err = kawela_link_start(pf);
	if (err)
		return err;
	/* Notify firmware of the driver, and VFs that the PF is ready */
	kwl_rmw(&pf->hw, KWL_CTRL_EXT, 0,
		KWL_CTRL_EXT_DRV_LOAD | KWL_CTRL_EXT_PFRSTD);
	return 0;
}

/**
 * kawela_quiesce() - leave the device silent when the driver goes
 * @pf: the PF; its interface is detached or not registered, so no new lists come
 *
 * Context: may sleep; not under vf_lock; no datapath runs.
 */
void kawela_quiesce(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;

	/* It would open the filters again */
	kawela_relist_cancel(pf);
	kwl_wr(hw, KWL_RCTL, 0);
	kwl_rmw(hw, KWL_TCTL, KWL_TCTL_EN, 0);
	kawela_disable_queues(pf);
	kwl_rmw(hw, KWL_CTRL_EXT, KWL_CTRL_EXT_DRV_LOAD | KWL_CTRL_EXT_PFRSTD,
		0);
	kawela_stop_master(pf);
}
