// SPDX-License-Identifier: GPL-2.0
/*
 * The clock's arithmetic: against exact arithmetic with 128 bits, over days, and with
 * rates that change all the time.
 */
#include <stdlib.h>

#include "shim.h"
#include "unit.h"

#include "clock.c"

typedef unsigned __int128 u128;

#define HOUR		(3600 * 1000000000ULL)
#define YEAR		(8766 * HOUR)
#define SLOWEST		((u32)(KAWELA_RATE_ONE / 10 * 9))
#define FASTEST		((u32)(KAWELA_RATE_ONE / 10 * 11))

static const u32 rates[] = {
	SLOWEST, KAWELA_RATE_ONE - 1, KAWELA_RATE_ONE, KAWELA_RATE_ONE + 1,
	KAWELA_RATE_ONE + 26844, FASTEST,
};

static u64 any(u64 limit)
{
	return ((u64)rand() << 31 ^ (u64)rand() << 62 ^ rand()) % limit;
}

/* From a moment that is long ago, with and without a fraction */
static void exact(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rates); i++) {
		for (u32 k = 0; k < 10000; k++) {
			u64 passed = any(k % 2 ? 10 * YEAR : HOUR);
			struct kawela_clock_base base = {
				.cycles = any(YEAR), .ns = 20 * YEAR,
				.rate = rates[i],
				.frac = k % 3 ? any(KAWELA_RATE_ONE) : 0,
			};
			u128 scaled = (u128)passed * base.rate;
			u64 later = (scaled + base.frac) >> KAWELA_RATE_SHIFT;
			u128 least = (u128)base.ns << KAWELA_RATE_SHIFT;

			CHECK_EQ(kawela_clock_time(&base, base.cycles + passed),
				 base.ns + later);
			/* A timestamp from before */
			CHECK_EQ(kawela_clock_time(&base, base.cycles - passed),
				 (u64)((least + base.frac - scaled) >>
				       KAWELA_RATE_SHIFT));
		}
	}
}

/* Going on from a moment changes nothing of what comes behind it */
static void moved(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rates); i++) {
		struct kawela_clock_base still = { .ns = YEAR, .rate = rates[i] };
		struct kawela_clock_base base = still;

		for (u32 k = 0; k < 20000; k++) {
			kawela_clock_move(&base, base.cycles + any(5000000));
			CHECK_EQ(base.ns, kawela_clock_time(&still, base.cycles));
		}
		CHECK_EQ(kawela_clock_time(&base, base.cycles + HOUR),
			 kawela_clock_time(&still, base.cycles + HOUR));
	}
}

/* The sum of what passed at each rate, never back, and no ns lost by 20,000 changes */
static void tuned(void)
{
	struct kawela_clock_base base = { .ns = YEAR, .rate = KAWELA_RATE_ONE };
	u128 sum = (u128)base.ns << KAWELA_RATE_SHIFT;
	u64 last = base.ns;

	for (u32 k = 0; k < 20000; k++) {
		u64 passed = any(1000000);

		sum += (u128)passed * base.rate;
		kawela_clock_move(&base, base.cycles + passed);
		base.rate = SLOWEST + any(FASTEST - SLOWEST);
		CHECK_EQ(base.ns, (u64)(sum >> KAWELA_RATE_SHIFT));
		CHECK_EQ(base.ns >= last, 1);
		last = base.ns;
	}
}

/* A day without a look at it: the next ns is the next ns */
static void day(void)
{
	struct kawela_clock_base base = { .rate = FASTEST };
	u64 last = 0;

	for (u64 at = 0; at <= 24 * HOUR; at += HOUR / 1000) {
		u64 now = kawela_clock_time(&base, at);

		CHECK_EQ(now >= last && now - last < HOUR / 500, 1);
		last = now;
	}
	CHECK_EQ(last, (u64)((u128)24 * HOUR * FASTEST >> KAWELA_RATE_SHIFT));
}

/* What clock.c says of the kernel's timecounter: its product has 64 bits */
static void timecounter(void)
{
	u64 mult = (u64)KAWELA_RATE_ONE * 11 / 10;

	CHECK_EQ((u64)((u128)7800000000 * mult >> 64), 0);
	CHECK_EQ((u64)((u128)7900000000 * mult >> 64), 1);
	/* A step of 4 ppb */
	CHECK_EQ((u64)((u128)62000000000 * (mult >> 3) >> 64), 0);
	CHECK_EQ((u64)((u128)63000000000 * (mult >> 3) >> 64), 1);
}

UNIT_MAIN(exact, moved, tuned, day, timecounter)
