/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive side scaling.
 */
#ifndef _KAWELA_RSS_H
#define _KAWELA_RSS_H

#include <linux/types.h>

#include <kawela/regs.h>

struct ethtool_rxfh_fields;
struct ethtool_rxfh_param;
struct kawela;
struct kawela_vf;
struct kwl_msg;
struct net_device;
struct netlink_ext_ack;

/**
 * struct kawela_rss - how received frames are spread over queues
 * @key: hash key
 * @table: queue that was chosen for each hash bucket; it need not exist now
 *
 * Which header fields are hashed stands in struct kawela_want.
 */
struct kawela_rss {
	u8 key[KWL_RSS_KEY_LEN];
	u8 table[KWL_RETA_ENTRIES];
};

void kawela_rss_init(struct kawela *pf);
void kawela_rss_start(struct kawela *pf);
void kawela_rss_pools(struct kawela *pf);
void kawela_rss_tell(struct kawela *pf, const struct kawela_vf *vf,
		     struct kwl_msg *msg);
u32 kawela_get_rxfh_key_size(struct net_device *netdev);
u32 kawela_get_rxfh_indir_size(struct net_device *netdev);
int kawela_get_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh);
int kawela_set_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh,
		    struct netlink_ext_ack *extack);
int kawela_get_rxfh_fields(struct net_device *netdev,
			   struct ethtool_rxfh_fields *fields);
int kawela_set_rxfh_fields(struct net_device *netdev,
			   const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack);

#endif /* _KAWELA_RSS_H */
