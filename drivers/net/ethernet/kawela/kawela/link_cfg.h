/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Link settings as the user chose them, and what they mean for the PHY. Pure.
 */
#ifndef _KAWELA_LINK_CFG_H
#define _KAWELA_LINK_CFG_H

#include <linux/bitfield.h>
#include <linux/mii.h>
#include <linux/types.h>

#include <kawela/regs.h>

/* Speeds that can be advertised, in MII_ADVERTISE */
#define KAWELA_ADV_SPEEDS	(ADVERTISE_10HALF | ADVERTISE_10FULL |	\
				 ADVERTISE_100HALF | ADVERTISE_100FULL)
/* The same in MII_CTRL1000: the device has no 1000BASE-T half duplex */
#define KAWELA_ADV_1000		ADVERTISE_1000FULL

/**
 * struct kawela_link_cfg - link settings that the user chose
 * @autoneg: negotiate speed and duplex
 * @adv: speeds to advertise, in MII_ADVERTISE (KAWELA_ADV_SPEEDS)
 * @adv_1000: the same in MII_CTRL1000 (KAWELA_ADV_1000)
 * @forced: BMCR_SPEED100 and BMCR_FULLDPLX, in force without @autoneg
 * @pause_autoneg: negotiate pause frames
 * @pause: FLOW_CTRL_RX and FLOW_CTRL_TX: what to negotiate, or what to do
 * @loopback: the PHY returns what it is sent, whatever the rest says
 *
 * Written under the port's lock.
 */
struct kawela_link_cfg {
	bool autoneg;
	u16 adv;
	u16 adv_1000;
	u16 forced;
	bool pause_autoneg;
	u8 pause;
	bool loopback;
};

/* The bits of CTRL that follow from the settings */
#define KAWELA_LINK_CTRL						\
	(KWL_CTRL_SLU | KWL_CTRL_FRCSPD | KWL_CTRL_FRCDPLX |		\
	 KWL_CTRL_SPEED | KWL_CTRL_FD)

/* Everything that the device can do */
#define KAWELA_LINK_CFG_DEFAULT					\
	((struct kawela_link_cfg) {				\
		.autoneg = true,				\
		.adv = KAWELA_ADV_SPEEDS,			\
		.adv_1000 = KAWELA_ADV_1000,			\
		.forced = BMCR_SPEED100 | BMCR_FULLDPLX,	\
		.pause_autoneg = true,				\
		.pause = FLOW_CTRL_RX | FLOW_CTRL_TX,		\
	})

/**
 * kawela_link_cfg_same() - do two sets of settings ask for the same?
 * @a: one
 * @b: the other
 *
 * Return: whether they do.
 */
static inline bool kawela_link_cfg_same(const struct kawela_link_cfg *a,
					const struct kawela_link_cfg *b)
{
	return a->autoneg == b->autoneg && a->adv == b->adv &&
	       a->adv_1000 == b->adv_1000 && a->forced == b->forced &&
	       a->pause_autoneg == b->pause_autoneg && a->pause == b->pause &&
	       a->loopback == b->loopback;
}

/**
 * kawela_pause_adv() - the pause bits that offer a direction of flow control
 * @pause: FLOW_CTRL_RX and FLOW_CTRL_TX
 *
 * IEEE 802.3 annex 28B: a station that only receives pause frames offers both
 * bits, since it can do without sending them.
 *
 * Return: ADVERTISE_PAUSE_CAP and ADVERTISE_PAUSE_ASYM.
 */
static inline u16 kawela_pause_adv(u8 pause)
{
	u16 adv = 0;

	if (pause & FLOW_CTRL_RX)
		adv = ADVERTISE_PAUSE_CAP | ADVERTISE_PAUSE_ASYM;
	if (pause & FLOW_CTRL_TX)
		adv ^= ADVERTISE_PAUSE_ASYM;
	return adv;
}

/**
 * kawela_pause_of_adv() - undo kawela_pause_adv()
 * @adv: an advertisement
 *
 * Return: FLOW_CTRL_RX and FLOW_CTRL_TX.
 */
static inline u8 kawela_pause_of_adv(u16 adv)
{
	switch (adv & (ADVERTISE_PAUSE_CAP | ADVERTISE_PAUSE_ASYM)) {
	case ADVERTISE_PAUSE_CAP:
		return FLOW_CTRL_RX | FLOW_CTRL_TX;
	case ADVERTISE_PAUSE_CAP | ADVERTISE_PAUSE_ASYM:
		return FLOW_CTRL_RX;
	case ADVERTISE_PAUSE_ASYM:
		return FLOW_CTRL_TX;
	default:
		return 0;
	}
}

/**
 * kawela_link_adv() - what MII_ADVERTISE must hold
 * @cfg: the settings
 *
 * Return: the register's value.
 */
static inline u16 kawela_link_adv(const struct kawela_link_cfg *cfg)
{
	return ADVERTISE_CSMA | cfg->adv |
	       (cfg->pause_autoneg ? kawela_pause_adv(cfg->pause) : 0);
}

/**
 * kawela_link_bmcr() - what MII_BMCR must hold
 * @cfg: the settings
 *
 * Return: the register's value; with autonegotiation, it begins anew.
 */
static inline u16 kawela_link_bmcr(const struct kawela_link_cfg *cfg)
{
	if (cfg->loopback)
		return BMCR_LOOPBACK | BMCR_SPEED1000 | BMCR_FULLDPLX;
	return cfg->autoneg ? BMCR_ANENABLE | BMCR_ANRESTART : cfg->forced;
}

/**
 * kawela_link_ctrl() - what CTRL must say about speed and duplex
 * @cfg: the settings
 *
 * With autonegotiation the MAC takes both from the PHY. A PHY in loopback has no
 * partner that would decide.
 *
 * Return: bits of KAWELA_LINK_CTRL.
 */
static inline u32 kawela_link_ctrl(const struct kawela_link_cfg *cfg)
{
	bool fast = cfg->forced & BMCR_SPEED100;
	bool full = cfg->forced & BMCR_FULLDPLX;

	if (cfg->loopback)
		return KWL_CTRL_SLU | KWL_CTRL_FRCSPD | KWL_CTRL_FRCDPLX |
		       FIELD_PREP(KWL_CTRL_SPEED, KWL_SPEED_1000) | KWL_CTRL_FD;
	if (cfg->autoneg)
		return KWL_CTRL_SLU | KWL_CTRL_FD;
	return KWL_CTRL_SLU | KWL_CTRL_FRCSPD | KWL_CTRL_FRCDPLX |
	       FIELD_PREP(KWL_CTRL_SPEED, fast ? KWL_SPEED_100 : KWL_SPEED_10) |
	       (full ? KWL_CTRL_FD : 0);
}

/**
 * kawela_pause_resolve() - which pause frames to send and to obey
 * @cfg: the settings
 * @full: the link is full duplex
 * @lpa: what the link partner advertises, in MII_LPA; unused without
 *	autonegotiation
 *
 * IEEE 802.3 table 28B-3. A link that isn't negotiated has no partner to ask.
 *
 * Return: FLOW_CTRL_RX and FLOW_CTRL_TX; 0 at half duplex, which has none.
 */
static inline u8 kawela_pause_resolve(const struct kawela_link_cfg *cfg,
				      bool full, u16 lpa)
{
	u16 ours = kawela_link_adv(cfg);

	if (!full)
		return 0;
	if (!cfg->pause_autoneg)
		return cfg->pause;
	if (!cfg->autoneg)
		return 0;
	if (ours & lpa & ADVERTISE_PAUSE_CAP)
		return FLOW_CTRL_RX | FLOW_CTRL_TX;
	if (!(ours & lpa & ADVERTISE_PAUSE_ASYM))
		return 0;
	if (ours & ADVERTISE_PAUSE_CAP)
		return FLOW_CTRL_RX;
	return lpa & ADVERTISE_PAUSE_CAP ? FLOW_CTRL_TX : 0;
}

#endif /* _KAWELA_LINK_CFG_H */
