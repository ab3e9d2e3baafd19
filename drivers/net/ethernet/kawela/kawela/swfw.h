/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Semaphores that the driver shares with firmware and the other port.
 */
#ifndef _KAWELA_SWFW_H
#define _KAWELA_SWFW_H

#include <linux/types.h>

struct kawela;

int kawela_swfw_get(struct kawela *pf, u32 mask);
void kawela_swfw_put(struct kawela *pf, u32 mask);

#endif /* _KAWELA_SWFW_H */
