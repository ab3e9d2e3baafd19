/* SPDX-License-Identifier: GPL-2.0-only */
/* What a borrower may ask for in a time: tokens that come back, so many a second. */

#ifndef LEND_BUDGET_H
#define LEND_BUDGET_H

#include <stdint.h>

/* Ten resets, or 50,000 accesses, at once; and the same again each half second */
#define BUDGET_MOST	50000u
#define BUDGET_SECOND	100000u

/**
 * struct budget - tokens of one borrower
 * @tokens: left
 * @since: when they were counted, in nanoseconds of any steady clock
 */
struct budget {
	uint32_t tokens;
	uint64_t since;
};

static inline void budget_fill(struct budget *b, uint64_t now)
{
	b->tokens = BUDGET_MOST;
	b->since = now;
}

/* Count what came back since; time of less than a token isn't lost */
static inline void budget_pass(struct budget *b, uint64_t now)
{
	const uint64_t each = 1000000000u / BUDGET_SECOND;
	uint64_t more = now > b->since ? (now - b->since) / each : 0;

	if (more >= BUDGET_MOST - b->tokens) {
		budget_fill(b, now > b->since ? now : b->since);
	} else {
		b->tokens += (uint32_t)more;
		b->since += more * each;
	}
}

/**
 * budget_take - pay
 * @b: from here
 * @cost: tokens, at most BUDGET_MOST
 * @now: nanoseconds
 *
 * Return: 0 when paid; else nanoseconds until there are enough, and nothing is taken.
 */
static inline uint64_t budget_take(struct budget *b, uint32_t cost, uint64_t now)
{
	budget_pass(b, now);
	if (b->tokens < cost)
		return (uint64_t)(cost - b->tokens) * (1000000000u / BUDGET_SECOND);
	b->tokens -= cost;
	return 0;
}

#endif
