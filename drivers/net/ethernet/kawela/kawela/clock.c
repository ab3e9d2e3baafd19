// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the device's time to the clock's: arithmetic that the clock (ptp.c) and
 * timestamps (stamp.c) share.
 */
#include <linux/math64.h>

#include "clock.h"

static u64 kawela_clock_scale(u64 cycles, u32 rate)
{
	return mul_u64_u32_shr(cycles, rate, KAWELA_RATE_SHIFT);
}

/**
 * kawela_clock_time() - the clock's time of a moment that the device recorded
 * @base: how the two times belong together
 * @cycles: the device's time, a little before or behind now
 *
 * Context: the clock's lock.
 * Return: the clock's time, in ns.
 */
u64 kawela_clock_time(const struct kawela_clock_base *base, u64 cycles)
{
	/* Timestamps may be older than the clock's last change */
	if ((s64)(cycles - base->cycles) < 0)
		return base->ns -
		       kawela_clock_scale(base->cycles - cycles, base->rate);
	return base->ns + kawela_clock_scale(cycles - base->cycles, base->rate);
}
