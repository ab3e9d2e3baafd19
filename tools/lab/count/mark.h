/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction that the plugin looks for: a long NOP with an operand that no
 * compiler makes.
 */
#ifndef _MARK_H
#define _MARK_H

#define MARK_BYTES	0x0f, 0x1f, 0x84, 0x00, 0x4b, 0x57, 0x4c, 0x21

#endif /* _MARK_H */
