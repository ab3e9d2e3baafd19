/* SPDX-License-Identifier: GPL-2.0-only */
/* Which VLANs the VF is in */
#ifndef _KAWELAVF_VLAN_H
#define _KAWELAVF_VLAN_H

#include <linux/types.h>

struct kawelavf;
struct net_device;

int kawelavf_vlan_rx_add_vid(struct net_device *netdev, __be16 proto, u16 vid);
int kawelavf_vlan_rx_kill_vid(struct net_device *netdev, __be16 proto, u16 vid);
void kawelavf_vlans_forget(struct kawelavf *vf);
void kawelavf_vlans_sync(struct kawelavf *vf);

#endif /* _KAWELAVF_VLAN_H */
