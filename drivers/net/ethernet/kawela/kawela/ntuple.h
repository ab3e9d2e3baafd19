/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steering rules: ethtool -N and -n.
 */
#ifndef _KAWELA_NTUPLE_H
#define _KAWELA_NTUPLE_H

#include <linux/bitmap.h>
#include <linux/ethtool.h>
#include <linux/types.h>

#include "ntuple_rule.h"

struct kawela;
struct net_device;

/**
 * struct kawela_ntuple - the rules
 * @used: locations that have one
 * @rule: as the user gave them
 * @filter: what the device makes of them
 *
 * Written under the port's lock.
 */
struct kawela_ntuple {
	DECLARE_BITMAP(used, KAWELA_NTUPLE_RULES);
	struct ethtool_rx_flow_spec rule[KAWELA_NTUPLE_RULES];
	struct kawela_ntuple_filter filter[KAWELA_NTUPLE_RULES];
};

void kawela_ntuple_start(struct kawela *pf);
void kawela_ntuple_stop(struct kawela *pf);
void kawela_ntuple_switch(struct kawela *pf, bool on);
int kawela_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *info,
		     u32 *rules);
int kawela_set_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *info);

#endif /* _KAWELA_NTUPLE_H */
