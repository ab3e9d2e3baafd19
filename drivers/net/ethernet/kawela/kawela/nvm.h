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

/**
 * struct kawela_board - what NVM says about the board
 * @pba: its part number ("printed board assembly"), such as "1040FF-0FF"
 * @version: version of NVM's contents, such as "2.1.0"
 *
 * Read once: a read takes semaphores that firmware may hold for a second. Empty
 * when NVM doesn't say.
 */
struct kawela_board {
	char pba[KAWELA_PBA_LEN];
	char version[KAWELA_NVM_VERSION_LEN];
};

int kawela_nvm_check(struct kawela *pf);
int kawela_nvm_read(struct kawela *pf, u16 word, u16 *data);
void kawela_nvm_identify(struct kawela *pf);
int kawela_mac_addr(struct kawela *pf, u8 *mac);

#endif /* _KAWELA_NVM_H */
