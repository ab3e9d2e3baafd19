/* SPDX-License-Identifier: GPL-2.0-only */
/* Time that only goes forward. */

#ifndef LEND_CLOCK_H
#define LEND_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S	1000000000ull
#define NS_PER_MS	1000000ull

/* Nanoseconds of a steady clock */
static inline uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* For poll(): milliseconds from NOW until WHEN, rounded up; -1 for a WHEN of 0, never */
static inline int clock_until(uint64_t when, uint64_t now)
{
	if (!when)
		return -1;
	return when <= now ? 0 : (int)((when - now + NS_PER_MS - 1) / NS_PER_MS);
}

/* The earlier of two moments, of which 0 is never */
static inline uint64_t clock_earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

#endif
