/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PHY and link.
 */
#ifndef _KAWELA_LINK_H
#define _KAWELA_LINK_H

#include <linux/types.h>

#include "link_cfg.h"

struct ethtool_link_ksettings;
struct ethtool_pauseparam;
struct kawela;
struct net_device;

/**
 * struct kawela_link - what the PHY says
 * @up: there is a link partner
 * @speed: SPEED_10, SPEED_100 or SPEED_1000; 0 without link
 * @duplex: DUPLEX_HALF or DUPLEX_FULL; valid while @up
 */
struct kawela_link {
	bool up;
	int speed;
	u8 duplex;
};

/**
 * struct kawela_partner - what the link partner offers
 * @known: it was read since the link came up, and pause frames follow it
 * @lpa: MII_LPA
 * @stat1000: MII_STAT1000
 */
struct kawela_partner {
	bool known;
	u16 lpa;
	u16 stat1000;
};

/* phy.c */
#define KAWELA_PHY_ADDR		1

int kawela_phy_read(struct kawela *pf, u8 reg, u16 *val);
int kawela_phy_write(struct kawela *pf, u8 reg, u16 val);
int kawela_link_start(struct kawela *pf);

/* flow.c: the link partner, and pause frames */
void kawela_flow_start(struct kawela *pf);
void kawela_flow_follow(struct kawela *pf, bool up, bool full);

/* link_settings.c: ethtool */
int kawela_get_link_ksettings(struct net_device *netdev,
			      struct ethtool_link_ksettings *ks);
int kawela_set_link_ksettings(struct net_device *netdev,
			      const struct ethtool_link_ksettings *ks);
int kawela_nway_reset(struct net_device *netdev);
void kawela_get_pauseparam(struct net_device *netdev,
			   struct ethtool_pauseparam *pause);
int kawela_set_pauseparam(struct net_device *netdev,
			  struct ethtool_pauseparam *pause);
int kawela_set_loopback(struct kawela *pf, bool on);

/* link.c */
void kawela_link_check(struct kawela *pf);
void kawela_link_lost(struct kawela *pf);

#endif /* _KAWELA_LINK_H */
