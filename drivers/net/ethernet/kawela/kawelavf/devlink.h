/* SPDX-License-Identifier: GPL-2.0-only */
/* The VF as a devlink instance */
#ifndef _KAWELAVF_DEVLINK_H
#define _KAWELAVF_DEVLINK_H

struct kawelavf;

int kawelavf_devlink_create(struct kawelavf *vf);
void kawelavf_devlink_register(struct kawelavf *vf);
void kawelavf_devlink_unregister(struct kawelavf *vf);
void kawelavf_devlink_destroy(struct kawelavf *vf);

#endif /* _KAWELAVF_DEVLINK_H */
