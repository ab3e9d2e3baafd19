/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF in debugfs.
 */
#ifndef _KAWELA_DEBUGFS_H
#define _KAWELA_DEBUGFS_H

struct kawela;

void kawela_debugfs_init(struct kawela *pf);
void kawela_debugfs_fini(struct kawela *pf);
void kawela_debugfs_register(void);
void kawela_debugfs_unregister(void);

#endif /* _KAWELA_DEBUGFS_H */
