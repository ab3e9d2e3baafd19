/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into a known state, and into a silent one.
 */
#ifndef _KAWELA_RESET_H
#define _KAWELA_RESET_H

struct kawela;

int kawela_reset(struct kawela *pf);
void kawela_quiesce(struct kawela *pf);

#endif /* _KAWELA_RESET_H */
