/* SPDX-License-Identifier: GPL-2.0-only */
/* What the VF may ask for: one function for each opcode */
#ifndef _KAWELAVF_MBX_OPS_H
#define _KAWELAVF_MBX_OPS_H

#include <linux/types.h>

struct kawelavf;
struct kawelavf_policy;
struct kwl_msg;

int kawelavf_req_reset(struct kawelavf *vf, u8 *mac, u32 *nonce);
int kawelavf_req_features(struct kawelavf *vf, u32 nonce,
			  struct kawelavf_policy *policy);
int kawelavf_req_policy(struct kawelavf *vf, struct kawelavf_policy *policy);
int kawelavf_req_stats(struct kawelavf *vf, u64 *stats);
int kawelavf_req_promisc(struct kawelavf *vf, u32 mode);
int kawelavf_req_queues(struct kawelavf *vf, u16 n);
int kawelavf_req_rss(struct kawelavf *vf, struct kwl_msg *rsp);
int kawelavf_req_bye(struct kawelavf *vf);
int kawelavf_req_mac(struct kawelavf *vf, const u8 *mac);
int kawelavf_req_uc_clear(struct kawelavf *vf);
int kawelavf_req_uc_add(struct kawelavf *vf, const u8 *mac);
int kawelavf_req_mc(struct kawelavf *vf, const u16 *hash, unsigned int n,
		    u32 flags);
int kawelavf_req_vlan(struct kawelavf *vf, u16 vid, bool add);
int kawelavf_req_lpe(struct kawelavf *vf, u32 frame);

#endif /* _KAWELAVF_MBX_OPS_H */
