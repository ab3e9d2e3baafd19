// SPDX-License-Identifier: GPL-2.0-only
/*
 * The copper PHY, through MDIC (datasheet 3.5.4, 8.2.4).
 */
#include <linux/bitfield.h>
#include <linux/mii.h>

#include "kawela.h"
#include "link.h"
#include "swfw.h"

#define KAWELA_MDIC_US		10000

static u32 kawela_phy_semaphore(struct kawela *pf)
{
	u32 status = kwl_rd(&pf->hw, KWL_STATUS);

	return FIELD_GET(KWL_STATUS_LAN_ID, status) ? KWL_SW_FW_SYNC_PHY1 :
						      KWL_SW_FW_SYNC_PHY0;
}

static int kawela_mdic(struct kwl_hw *hw, u32 op, u8 reg, u16 *val)
{
	u32 mdic;
	int err;

	kwl_wr(hw, KWL_MDIC,
	       FIELD_PREP(KWL_MDIC_OP, op) | FIELD_PREP(KWL_MDIC_REGADD, reg) |
	       FIELD_PREP(KWL_MDIC_PHYADD, KAWELA_PHY_ADDR) |
	       FIELD_PREP(KWL_MDIC_DATA, *val));
	err = kwl_poll(hw, KWL_MDIC, mdic, mdic & KWL_MDIC_READY, 50,
		       KAWELA_MDIC_US);
	if (err)
		return err;
	if (mdic & KWL_MDIC_ERROR)
		return -EIO;
	*val = FIELD_GET(KWL_MDIC_DATA, mdic);
	return 0;
}

static int kawela_phy_access(struct kawela *pf, u32 op, u8 reg, u16 *val)
{
	u32 sem = kawela_phy_semaphore(pf);
	int err;

	mutex_lock(&pf->phy_lock);
	err = kawela_swfw_get(pf, sem);
	if (!err) {
		err = kawela_mdic(&pf->hw, op, reg, val);
		kawela_swfw_put(pf, sem);
	}
	mutex_unlock(&pf->phy_lock);
	return err;
}

/**
 * kawela_phy_read() - read a PHY register
 * @pf: the PF
 * @reg: its number
 * @val: receives it
 *
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, or -EIO when the PHY has no such register.
 */
int kawela_phy_read(struct kawela *pf, u8 reg, u16 *val)
{
	*val = 0;
	return kawela_phy_access(pf, KWL_MDIC_OP_READ, reg, val);
}

/**
 * kawela_phy_write() - write a PHY register
 * @pf: the PF
 * @reg: its number
 * @val: the value
 *
 * Context: may sleep.
 * Return: as kawela_phy_read().
 */
int kawela_phy_write(struct kawela *pf, u8 reg, u16 val)
{
	return kawela_phy_access(pf, KWL_MDIC_OP_WRITE, reg, &val);
}

static int kawela_phy_start(struct kawela *pf)
{
	const struct kawela_link_cfg *cfg = &pf->link_cfg;
	u16 bmcr = kawela_link_bmcr(cfg);
	int err;

	if (kwl_has_quirk(&pf->hw, KWL_QUIRK_LINK_NEEDS_AN))
		bmcr = (bmcr & BMCR_LOOPBACK) | BMCR_ANENABLE | BMCR_ANRESTART;
	err = kawela_phy_write(pf, MII_ADVERTISE, kawela_link_adv(cfg));
	if (!err)
		err = kawela_phy_write(pf, MII_CTRL1000, cfg->adv_1000);
	return err ?: kawela_phy_write(pf, MII_BMCR, bmcr);
}

/**
 * kawela_link_start() - bring the link up as the user wants it
 * @pf: the PF
 *
 * Hardware negotiates by itself after a reset. The emulated device has no link
 * until it is asked to, and asking harms neither.
 *
 * Context: may sleep; the port's lock, or the device is being reset.
 * Return: 0 or an errno of kawela_phy_write().
 */
int kawela_link_start(struct kawela *pf)
{
	int err;

	kawela_assert_locked(pf);
	mutex_lock(&pf->phy_lock);
	kwl_rmw(&pf->hw, KWL_CTRL, KAWELA_LINK_CTRL,
		kawela_link_ctrl(&pf->link_cfg));
	mutex_unlock(&pf->phy_lock);
	err = kawela_phy_start(pf);
	/* What both ends agree on is asked anew, also if the link stays up */
	WRITE_ONCE(pf->partner.known, false);
	return err;
}
