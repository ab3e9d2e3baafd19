/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF's interface, and operations of it that have a file of their own.
 */
#ifndef _KAWELA_NETDEV_H
#define _KAWELA_NETDEV_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>

struct ethtool_ops;
struct ethtool_test;
struct kawela;

/* netdev.c */
int kawela_netdev_create(struct kawela *pf, unsigned int queues);
void kawela_netdev_destroy(struct kawela *pf);

/* ethtool.c */
extern struct ethtool_ops kawela_ethtool_ops;

/* selftest.c: ethtool -t */
int kawela_selftest_count(void);
void kawela_selftest_strings(u8 *data);
void kawela_selftest(struct net_device *netdev, struct ethtool_test *test,
		     u64 *data);

/* identify.c: ethtool -p */
int kawela_set_phys_id(struct net_device *netdev,
		       enum ethtool_phys_id_state state);

/* eeprom.c: ethtool -e */
int kawela_get_eeprom_len(struct net_device *netdev);
int kawela_get_eeprom(struct net_device *netdev, struct ethtool_eeprom *ee,
		      u8 *data);

/* reg_table.c: ethtool -d */
int kawela_get_regs_len(struct net_device *netdev);
void kawela_get_regs(struct net_device *netdev, struct ethtool_regs *regs,
		     void *data);

/* features.c: what the device does for all functions or for none */
void kawela_features_update(struct kawela *pf);
netdev_features_t kawela_fix_features(struct net_device *netdev,
				      netdev_features_t features);
int kawela_set_features(struct net_device *netdev, netdev_features_t features);

/* mii.c */
int kawela_eth_ioctl(struct net_device *netdev, struct ifreq *ifr, int cmd);

/* bridge.c: VEB and VEPA */
int kawela_bridge_setlink(struct net_device *netdev, struct nlmsghdr *nlh,
			  u16 flags, struct netlink_ext_ack *extack);
int kawela_bridge_getlink(struct sk_buff *skb, u32 pid, u32 seq,
			  struct net_device *netdev, u32 filter_mask,
			  int nlflags);

#endif /* _KAWELA_NETDEV_H */
