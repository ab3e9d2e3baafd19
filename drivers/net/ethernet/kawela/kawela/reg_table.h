/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers that can be shown.
 */
#ifndef _KAWELA_REG_TABLE_H
#define _KAWELA_REG_TABLE_H

#include <linux/types.h>

struct kawela;

void kawela_regs_each(struct kawela *pf,
		      void (*put)(void *context, u32 reg, u32 val),
		      void *context);

#endif /* _KAWELA_REG_TABLE_H */
