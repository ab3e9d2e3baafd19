/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters and pools: bringing the device in line with what everybody wants.
 */
#ifndef _KAWELA_FILTER_H
#define _KAWELA_FILTER_H

struct kawela;

int kawela_filters_apply(struct kawela *pf);
int kawela_filters_check(struct kawela *pf, unsigned int n_vfs);
void kawela_filters_forget(struct kawela *pf);

#endif /* _KAWELA_FILTER_H */
