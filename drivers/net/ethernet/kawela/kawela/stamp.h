/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timestamps of frames.
 */
#ifndef _KAWELA_STAMP_H
#define _KAWELA_STAMP_H

#include <linux/types.h>

struct ethtool_ts_stats;
struct kawela;
struct kernel_ethtool_ts_info;
struct kernel_hwtstamp_config;
struct kwl_port;
struct net_device;
struct netlink_ext_ack;
struct ptp_clock_info;
struct sk_buff;

void kawela_stamp_init(struct kawela *pf);
void kawela_stamp_apply(struct kawela *pf);
long kawela_stamp_work(struct ptp_clock_info *info);
void kawela_stamp_forget(struct kawela *pf);
bool kawela_stamp_tx(struct kwl_port *port, struct sk_buff *skb);
u64 kawela_stamp_rx(struct kwl_port *port);
int kawela_hwtstamp_get(struct net_device *netdev,
			struct kernel_hwtstamp_config *config);
int kawela_hwtstamp_set(struct net_device *netdev,
			struct kernel_hwtstamp_config *config,
			struct netlink_ext_ack *extack);
int kawela_get_ts_info(struct net_device *netdev,
		       struct kernel_ethtool_ts_info *info);
void kawela_get_ts_stats(struct net_device *netdev,
			 struct ethtool_ts_stats *stats);

#endif /* _KAWELA_STAMP_H */
