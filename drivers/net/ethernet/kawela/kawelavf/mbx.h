/* SPDX-License-Identifier: GPL-2.0-only */
/* The VF's end of the mailbox: asking, and taking notices */
#ifndef _KAWELAVF_MBX_H
#define _KAWELAVF_MBX_H

#include <linux/types.h>

struct kawelavf;
struct kwl_msg;

int kawelavf_mbx_call(struct kawelavf *vf, struct kwl_msg *req,
		      struct kwl_msg *rsp, unsigned int tries);
int kawelavf_mbx_ask(struct kawelavf *vf, struct kwl_msg *req,
		     struct kwl_msg *rsp);
int kawelavf_mbx_request(struct kawelavf *vf, struct kwl_msg *req);
bool kawelavf_mbx_alive(struct kawelavf *vf);
u32 kawelavf_take_events(struct kawelavf *vf);
void kawelavf_mbx_begin(struct kawelavf *vf);
void kawelavf_mbx_end(struct kawelavf *vf);
void kawelavf_mbx_again(struct kawelavf *vf, int err);
int kawelavf_mbx_later(int err);

#endif /* _KAWELAVF_MBX_H */
