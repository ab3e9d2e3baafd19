/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PHY and link.
 */
#ifndef _KAWELA_LINK_H
#define _KAWELA_LINK_H

#include <linux/types.h>

struct kawela;

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

/* phy.c */
int kawela_phy_read(struct kawela *pf, u8 reg, u16 *val);
int kawela_phy_write(struct kawela *pf, u8 reg, u16 val);
int kawela_phy_start(struct kawela *pf);

/* link.c */
void kawela_link_check(struct kawela *pf);
void kawela_link_lost(struct kawela *pf);

#endif /* _KAWELA_LINK_H */
