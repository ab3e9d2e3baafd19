/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices to a VF, and log lines about it.
 */
#ifndef _KAWELA_NOTICE_H
#define _KAWELA_NOTICE_H

#include <linux/types.h>

struct kawela;
struct kawela_vf;

void kawela_notify(struct kawela *pf, struct kawela_vf *vf, u32 events);
void kawela_notify_all(struct kawela *pf, u32 events);
bool kawela_vf_may_log(struct kawela_vf *vf);
void kawela_vf_miss(struct kawela_vf *vf, const u8 *mac);
bool kawela_vf_missed(struct kawela_vf *vf, const u8 *mac);

#endif /* _KAWELA_NOTICE_H */
