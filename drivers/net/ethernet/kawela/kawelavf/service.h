/* SPDX-License-Identifier: GPL-2.0-only */
/* Housekeeping: link, notices, and the way back after a reset */
#ifndef _KAWELAVF_SERVICE_H
#define _KAWELAVF_SERVICE_H

struct kawelavf;

int kawelavf_service_init(struct kawelavf *vf);
void kawelavf_service_start(struct kawelavf *vf);
void kawelavf_service_pause(struct kawelavf *vf);
void kawelavf_service_fini(struct kawelavf *vf);

#endif /* _KAWELAVF_SERVICE_H */
