// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pause frames (IEEE 802.3 annex 31B; datasheet 3.5.5).
 */
#include <linux/bitfield.h>
#include <linux/mii.h>
#include <linux/sizes.h>

#include "kawela.h"
#include "link.h"

/* 01:80:c2:00:00:01 and the EtherType of MAC control frames */
#define KAWELA_FC_ADDR_LOW	0x00c28001
#define KAWELA_FC_ADDR_HIGH	0x00000100
#define KAWELA_FC_TYPE		0x8808
/* The longest pause; an XON ends it early */
#define KAWELA_FC_TIME		0xffff

/**
 * kawela_flow_start() - prepare pause frames after a reset
 * @pf: the PF
 *
 * XOFF is sent when the packet buffer has no room for two more of the longest
 * frames, one under way and one that the partner has begun; XON a frame below.
 *
 * Context: may sleep.
 */
void kawela_flow_start(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;
	u32 size = FIELD_GET(KWL_RXPBS_SIZE, kwl_rd(hw, KWL_RXPBS)) * SZ_1K;
	u32 high = round_down(size - 2 * KWL_MAX_FRAME, 16);

	kwl_wr(hw, KWL_FCAL, KAWELA_FC_ADDR_LOW);
	kwl_wr(hw, KWL_FCAH, KAWELA_FC_ADDR_HIGH);
	kwl_wr(hw, KWL_FCT, KAWELA_FC_TYPE);
	kwl_wr(hw, KWL_FCTTV, KAWELA_FC_TIME);
	kwl_wr(hw, KWL_FCRTV, KAWELA_FC_TIME / 2);
	kwl_wr(hw, KWL_FCRTH, high);
	kwl_wr(hw, KWL_FCRTL,
	       round_down(high - KWL_MAX_FRAME, 16) | KWL_FCRTL_XONE);
}

static void kawela_flow_resolve(struct kawela *pf, bool full)
{
	u8 pause = kawela_pause_resolve(&pf->link_cfg, full, pf->partner.lpa);

	mutex_lock(&pf->phy_lock);
	kwl_rmw(&pf->hw, KWL_CTRL, KWL_CTRL_RFCE | KWL_CTRL_TFCE,
		(pause & FLOW_CTRL_RX ? KWL_CTRL_RFCE : 0) |
			(pause & FLOW_CTRL_TX ? KWL_CTRL_TFCE : 0));
	mutex_unlock(&pf->phy_lock);
}

/**
 * kawela_flow_follow() - send and obey pause frames as both ends agreed
 * @pf: the PF
 * @up: there is link
 * @full: it is full duplex
 *
 * The PHY is asked once for each link that comes up, or for new settings.
 *
 * Context: may sleep; @pf->wq.
 */
void kawela_flow_follow(struct kawela *pf, bool up, bool full)
{
	struct kawela_partner *partner = &pf->partner;

	if (!up) {
		WRITE_ONCE(partner->known, false);
		return;
	}
	if (READ_ONCE(partner->known))
		return;
	/* Before the PHY is asked: kawela_link_start() may take it back meanwhile */
	WRITE_ONCE(partner->known, true);
	if (kawela_phy_read(pf, MII_LPA, &partner->lpa) ||
	    kawela_phy_read(pf, MII_STAT1000, &partner->stat1000)) {
		WRITE_ONCE(partner->known, false);
		return;
	}
	kawela_flow_resolve(pf, full);
}
