/* SPDX-License-Identifier: GPL-2.0-only */
/* What the PF decided for the VF */
#ifndef _KAWELAVF_POLICY_H
#define _KAWELAVF_POLICY_H

#include <linux/types.h>

struct kawelavf;
struct kawelavf_policy;

#define KAWELAVF_MAX_MTU		9216

void kawelavf_policy_adopt(struct kawelavf *vf,
			   const struct kawelavf_policy *policy);
void kawelavf_policy_refresh(struct kawelavf *vf, u32 events);
void kawelavf_policy_again(struct kawelavf *vf);
void kawelavf_take_mac(struct kawelavf *vf, const u8 *mac);
u32 kawelavf_mtu_to_frame(const struct net_device *netdev, int mtu);
int kawelavf_frame_to_mtu(u32 frame);

#endif /* _KAWELAVF_POLICY_H */
