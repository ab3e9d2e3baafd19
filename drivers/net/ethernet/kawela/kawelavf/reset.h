/* SPDX-License-Identifier: GPL-2.0-only */
/* The reset handshake, and coming back after one */
#ifndef _KAWELAVF_RESET_H
#define _KAWELAVF_RESET_H

#include <linux/types.h>

struct kawelavf;
struct kawelavf_policy;

int kawelavf_handshake(struct kawelavf *vf, struct kawelavf_policy *policy);
void kawelavf_connect(struct kawelavf *vf,
		      const struct kawelavf_policy *policy);
bool kawelavf_reconnect(struct kawelavf *vf);
void kawelavf_goodbye(struct kawelavf *vf);

#endif /* _KAWELAVF_RESET_H */
