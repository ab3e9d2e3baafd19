/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the administrator decides for a VF: operations of the PF's interface.
 */
#ifndef _KAWELA_VF_POLICY_H
#define _KAWELA_VF_POLICY_H

#include <linux/types.h>

struct ifla_vf_info;
struct net_device;

int kawela_set_vf_mac(struct net_device *netdev, int i, u8 *mac);
int kawela_set_vf_vlan(struct net_device *netdev, int i, u16 vlan, u8 qos,
		       __be16 proto);
int kawela_set_vf_rate(struct net_device *netdev, int i, int min, int max);
int kawela_set_vf_spoofchk(struct net_device *netdev, int i, bool on);
int kawela_set_vf_trust(struct net_device *netdev, int i, bool on);
int kawela_set_vf_link_state(struct net_device *netdev, int i, int state);
int kawela_get_vf_config(struct net_device *netdev, int i,
			 struct ifla_vf_info *info);

#endif /* _KAWELA_VF_POLICY_H */
