/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters and pools: bringing the device in line with what is wanted.
 */
#ifndef _KAWELA_FILTER_H
#define _KAWELA_FILTER_H

#include <linux/types.h>

struct kawela;
struct kawela_claims;

void kawela_filters_apply(struct kawela *pf);
void kawela_filters_forget(struct kawela *pf);
void kawela_claims_of(struct kawela *pf, struct kawela_claims *claims);
void kawela_claims_lost(struct kawela *pf, u8 vfs);
bool kawela_pf_owns(struct kawela *pf, const u8 *mac);

#endif /* _KAWELA_FILTER_H */
