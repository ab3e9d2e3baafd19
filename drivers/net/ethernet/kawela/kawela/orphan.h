/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VFs that no driver uses any more.
 */
#ifndef _KAWELA_ORPHAN_H
#define _KAWELA_ORPHAN_H

struct kawela;

void kawela_orphans_look(struct kawela *pf);

#endif /* _KAWELA_ORPHAN_H */
