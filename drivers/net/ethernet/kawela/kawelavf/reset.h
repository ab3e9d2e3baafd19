/* SPDX-License-Identifier: GPL-2.0-only */
/* The reset handshake, and coming back after one */
#ifndef _KAWELAVF_RESET_H
#define _KAWELAVF_RESET_H

#include <linux/types.h>

struct kawelavf;

int kawelavf_handshake(struct kawelavf *vf);
bool kawelavf_reconnect(struct kawelavf *vf);
void kawelavf_goodbye(struct kawelavf *vf);

#endif /* _KAWELAVF_RESET_H */
