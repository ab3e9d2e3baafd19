/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF's part in the shared datapath.
 */
#ifndef _KAWELA_DP_ROLE_H
#define _KAWELA_DP_ROLE_H

struct kawela;
struct kwl_dp_cfg;
struct kwl_role;

extern const struct kwl_role kawela_role;

void kawela_dp_cfg(struct kawela *pf, unsigned int n_vfs,
		   struct kwl_dp_cfg *cfg);
unsigned int kawela_dp_vfs(struct kawela *pf);
int kawela_dp_move(struct kawela *pf, unsigned int n_vfs);
void kawela_dp_return(struct kawela *pf);

#endif /* _KAWELA_DP_ROLE_H */
