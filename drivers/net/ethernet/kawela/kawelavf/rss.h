/* SPDX-License-Identifier: GPL-2.0-only */
/* How received frames are spread over queue pairs */
#ifndef _KAWELAVF_RSS_H
#define _KAWELAVF_RSS_H

#include <linux/types.h>

struct ethtool_rxfh_fields;
struct ethtool_rxfh_param;
struct net_device;
struct netlink_ext_ack;

u32 kawelavf_get_rxfh_key_size(struct net_device *netdev);
u32 kawelavf_get_rxfh_indir_size(struct net_device *netdev);
int kawelavf_get_rxfh(struct net_device *netdev,
		      struct ethtool_rxfh_param *rxfh);
int kawelavf_get_rxfh_fields(struct net_device *netdev,
			     struct ethtool_rxfh_fields *fields);
int kawelavf_set_rxfh_fields(struct net_device *netdev,
			     const struct ethtool_rxfh_fields *fields,
			     struct netlink_ext_ack *extack);

#endif /* _KAWELAVF_RSS_H */
