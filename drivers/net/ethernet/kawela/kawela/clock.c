// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the device's time to the clock's: arithmetic that the clock (ptp.c) and
 * timestamps (stamp.c) share.
 *
 * The kernel's timecounter isn't used. SYSTIM counts ns, so the multiplier alone tunes
 * the clock, and timecounter multiplies in 64 bits: with a step of 0.5 ppb it is wrong
 * 7.8 s after it was read last, with one of 4 ppb after 62 s, and a worker that is late
 * would cost the clock a minute. Here nothing has to be read in time: with a step of
 * 0.5 ppb there is room for as many years as the device can count.
 */
#include "clock.h"

/* What passed in the clock's time; @frac comes to it, and receives what is left */
static u64 kawela_clock_scale(u64 cycles, u32 rate, u32 *frac)
{
	u64 low = (cycles & (KAWELA_RATE_ONE - 1)) * rate + *frac;

	*frac = low & (KAWELA_RATE_ONE - 1);
	return (cycles >> KAWELA_RATE_SHIFT) * rate + (low >> KAWELA_RATE_SHIFT);
}

/**
 * kawela_clock_time() - the clock's time of a moment that the device recorded
 * @base: how the two times belong together
 * @cycles: the device's time, before or after now
 *
 * Context: the clock's lock.
 * Return: the clock's time, in ns.
 */
u64 kawela_clock_time(const struct kawela_clock_base *base, u64 cycles)
{
	u32 frac = 0;
	u64 ns;

	/* Timestamps may be older than the clock's last change */
	if ((s64)(cycles - base->cycles) < 0) {
		ns = kawela_clock_scale(base->cycles - cycles, base->rate,
					&frac);
		return base->ns - ns - (frac > base->frac);
	}
	frac = base->frac;
	return base->ns +
	       kawela_clock_scale(cycles - base->cycles, base->rate, &frac);
}

/**
 * kawela_clock_move() - let the clock go on from a moment, as if nothing were
 * @base: how the two times belong together
 * @cycles: the device's time then, not before that of @base
 *
 * Fractions of a ns are kept, so this may be done any number of times.
 *
 * Context: the clock's lock.
 */
void kawela_clock_move(struct kawela_clock_base *base, u64 cycles)
{
	base->ns += kawela_clock_scale(cycles - base->cycles, base->rate,
				       &base->frac);
	base->cycles = cycles;
}
