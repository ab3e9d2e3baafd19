/* SPDX-License-Identifier: GPL-2.0-only */
/* ethtool operations of a VF */
#ifndef _KAWELAVF_ETHTOOL_H
#define _KAWELAVF_ETHTOOL_H

#include <linux/types.h>

struct ethtool_ops;
struct ethtool_regs;
struct ethtool_test;
struct net_device;

/* ethtool.c */
extern struct ethtool_ops kawelavf_ethtool_ops;

/* selftest.c: ethtool -t */
int kawelavf_selftest_count(void);
void kawelavf_selftest_strings(u8 *data);
void kawelavf_selftest(struct net_device *netdev, struct ethtool_test *test,
		       u64 *data);

/* reg_table.c: ethtool -d */
int kawelavf_get_regs_len(struct net_device *netdev);
void kawelavf_get_regs(struct net_device *netdev, struct ethtool_regs *regs,
		       void *data);

#endif /* _KAWELAVF_ETHTOOL_H */
