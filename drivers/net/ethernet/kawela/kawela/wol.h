/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wake-on-LAN.
 */
#ifndef _KAWELA_WOL_H
#define _KAWELA_WOL_H

struct ethtool_wolinfo;
struct kawela;
struct net_device;

void kawela_wol_init(struct kawela *pf);
void kawela_get_wol(struct net_device *netdev, struct ethtool_wolinfo *wol);
int kawela_set_wol(struct net_device *netdev, struct ethtool_wolinfo *wol);
void kawela_wol_arm(struct kawela *pf);
void kawela_wol_disarm(struct kawela *pf);
void kawela_wol_power_off(struct kawela *pf);

#endif /* _KAWELA_WOL_H */
