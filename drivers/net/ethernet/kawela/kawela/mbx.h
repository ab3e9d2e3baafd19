/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF's end of the mailboxes.
 */
#ifndef _KAWELA_PF_MBX_H
#define _KAWELA_PF_MBX_H

#include <linux/types.h>

struct kawela;
struct kawela_vf;
struct kwl_msg;

/* mbx.c: whom to serve, and when */
unsigned long kawela_mbx_service(struct kawela *pf);
void kawela_mbx_notify_now(struct kawela *pf, u32 events);

/* mbx_ops.c: what each opcode does */
int kawela_vf_op(struct kawela *pf, struct kawela_vf *vf,
		 const struct kwl_msg *req, struct kwl_msg *rsp);

#endif /* _KAWELA_PF_MBX_H */
