/* SPDX-License-Identifier: GPL-2.0-only */
/* The VF's queue pairs */
#ifndef _KAWELAVF_QUEUES_H
#define _KAWELAVF_QUEUES_H

#include <linux/types.h>

struct kawelavf;
struct kwl_role;
struct net_device;
struct sk_buff;

extern const struct kwl_role kawelavf_role;
void kawelavf_queues_begin(struct kawelavf *vf);
void kawelavf_queues_adopt(struct kawelavf *vf);
u16 kawelavf_select_queue(struct net_device *netdev, struct sk_buff *skb,
			  struct net_device *sb_dev);

#endif /* _KAWELAVF_QUEUES_H */
