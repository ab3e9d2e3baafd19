/* SPDX-License-Identifier: GPL-2.0-only */
/* Which addresses the VF wants to receive */
#ifndef _KAWELAVF_RX_MODE_H
#define _KAWELAVF_RX_MODE_H

struct kawelavf;
struct net_device;
struct netdev_hw_addr_list;
struct work_struct;

void kawelavf_rx_mode_sync(struct kawelavf *vf);
int kawelavf_set_rx_mode_async(struct net_device *netdev,
			       struct netdev_hw_addr_list *uc,
			       struct netdev_hw_addr_list *mc);
void kawelavf_set_rx_mode(struct net_device *netdev);
void kawelavf_rx_mode_work(struct work_struct *work);

#endif /* _KAWELAVF_RX_MODE_H */
