/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the device counts: for the port, and for each VF.
 */
#ifndef _KAWELA_STATS_H
#define _KAWELA_STATS_H

#include <linux/types.h>

#include <kawela/mbx_abi.h>

struct ethtool_eth_mac_stats;
struct ethtool_eth_phy_stats;
struct ethtool_pause_stats;
struct ethtool_rmon_hist_range;
struct ethtool_rmon_stats;
struct ethtool_stats;
struct ifla_vf_stats;
struct kawela;
struct kawela_vf;
struct net_device;
struct rtnl_link_stats64;

/* Counters of the port, see hw_stats.c */
#define KAWELA_HW_COUNTERS	43

/* Counters of a VF, in the order of kwl_msg_stat */
enum kawela_vf_counter {
	KAWELA_VF_RX_PACKETS	= KWL_STAT_RX_PACKETS,
	KAWELA_VF_TX_PACKETS	= KWL_STAT_TX_PACKETS,
	KAWELA_VF_RX_BYTES	= KWL_STAT_RX_BYTES,
	KAWELA_VF_TX_BYTES	= KWL_STAT_TX_BYTES,
	KAWELA_VF_RX_MC		= KWL_STAT_RX_MULTICAST,
	KAWELA_VF_COUNTERS	= KWL_STATS,
};

/**
 * struct kawela_vf_stats - what the device counted for a VF
 * @sum: since the VF was created
 * @before: @sum when its driver began; what earlier ones did isn't for it
 * @last: what the registers held at the last look
 */
struct kawela_vf_stats {
	u64 sum[KAWELA_VF_COUNTERS];
	u64 before[KAWELA_VF_COUNTERS];
	u32 last[KAWELA_VF_COUNTERS];
};

/* hw_stats.c: the port */
void kawela_hw_stats_update(struct kawela *pf);
void kawela_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *st);
int kawela_hw_stats_count(void);
void kawela_hw_stats_strings(u8 *data);
void kawela_get_ethtool_stats(struct net_device *netdev,
			      struct ethtool_stats *stats, u64 *data);
void kawela_get_eth_mac_stats(struct net_device *netdev,
			      struct ethtool_eth_mac_stats *st);
void kawela_get_eth_phy_stats(struct net_device *netdev,
			      struct ethtool_eth_phy_stats *st);
void kawela_get_pause_stats(struct net_device *netdev,
			    struct ethtool_pause_stats *st);
void kawela_get_rmon_stats(struct net_device *netdev,
			   struct ethtool_rmon_stats *st,
			   const struct ethtool_rmon_hist_range **ranges);

/* vf_stats.c: VFs */
void kawela_vf_stats_base(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_stats_update(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_stats_begin(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_stats_update_all(struct kawela *pf);
int kawela_get_vf_stats(struct net_device *netdev, int i,
			struct ifla_vf_stats *st);

#endif /* _KAWELA_STATS_H */
