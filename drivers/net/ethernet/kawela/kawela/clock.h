/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arithmetic between the device's time and the clock's.
 */
#ifndef _KAWELA_CLOCK_H
#define _KAWELA_CLOCK_H

#include <linux/bits.h>
#include <linux/types.h>

#define KAWELA_RATE_SHIFT		31
#define KAWELA_RATE_ONE			BIT(KAWELA_RATE_SHIFT)

/**
 * struct kawela_clock_base - a moment in both times, and how they go on from it
 * @cycles: the device's time (SYSTIM)
 * @ns: the clock's time
 * @frac: and a fraction of a ns, in units of 1 / KAWELA_RATE_ONE
 * @boottime: the kernel's time since boot, for when the device doesn't count
 * @rate: nanoseconds of the clock per nanosecond of SYSTIM, KAWELA_RATE_ONE is 1
 */
struct kawela_clock_base {
	u64 cycles;
	u64 ns;
	u32 frac;
	u64 boottime;
	u32 rate;
};

u64 kawela_clock_time(const struct kawela_clock_base *base, u64 cycles);
void kawela_clock_move(struct kawela_clock_base *base, u64 cycles);

#endif /* _KAWELA_CLOCK_H */
