/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Non-volatile memory.
 */
#ifndef _KAWELA_NVM_H
#define _KAWELA_NVM_H

#include <linux/types.h>

struct kawela;

#define KAWELA_PBA_LEN			11
#define KAWELA_NVM_VERSION_LEN		12

int kawela_nvm_check(struct kawela *pf);
int kawela_nvm_read(struct kawela *pf, u16 word, u16 *data);
int kawela_nvm_pba(struct kawela *pf, char *text);
int kawela_nvm_version(struct kawela *pf, char *text);
int kawela_mac_addr(struct kawela *pf, u8 *mac);

#endif /* _KAWELA_NVM_H */
