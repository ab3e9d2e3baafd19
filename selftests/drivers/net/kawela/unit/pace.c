// SPDX-License-Identifier: GPL-2.0
/* Adaptive moderation: what it chooses for loads of several kinds. */
#include "shim.h"
#include "unit.h"

#include <kawela/pace.h>

#define TOP	(ARRAY_SIZE(kwl_ladder) - 1)

/* A load that comes at its own rate, for some windows */
static void steady(struct kwl_pace *pace, u32 ppms, u32 windows)
{
	while (windows--) {
		u32 usecs = KWL_PACE_WINDOW + 500;
		u32 gap = max(max(kwl_ladder[pace->rung], 1000 / ppms), 1);
		u32 events = usecs / gap;

		kwl_pace_next(pace, ppms * usecs / 1000, events, usecs);
	}
}

/* @flows that wait for an answer, @rtt us without moderation, for some windows */
static u32 asking(struct kwl_pace *pace, u32 flows, u32 rtt, u32 windows)
{
	u32 frames = 0;

	while (windows--) {
		u32 usecs = KWL_PACE_WINDOW + 500;
		u32 round = rtt + kwl_ladder[pace->rung];

		frames = 2 * flows * usecs / round;
		kwl_pace_next(pace, frames, usecs / round, usecs);
	}
	return frames;
}

static void ladder(void)
{
	for (u32 i = 1; i < ARRAY_SIZE(kwl_ladder); i++)
		CHECK_EQ(kwl_ladder[i] > kwl_ladder[i - 1], 1);
	for (u32 i = 0; i < ARRAY_SIZE(kwl_ladder); i++) {
		struct kwl_pace pace = { .rung = i };

		/* Slow traffic gets what the rung says */
		CHECK_EQ(kwl_pace_usecs(&pace, 128), kwl_ladder[i]);
		/* Never more frames than there is room for */
		for (pace.best = 1; pace.best < 1500; pace.best++)
			for (u32 room = 32; room <= 2048; room *= 2) {
				u32 us = kwl_pace_usecs(&pace, room);

				CHECK_EQ(us <= kwl_ladder[i], 1);
				CHECK_EQ(us * pace.best / 1000 <= room, 1);
			}
	}
}

/* Many frames: as few interrupts as the ladder has, or enough frames in each */
static void floods(void)
{
	struct kwl_pace pace = {};

	steady(&pace, 27, 5);
	CHECK_EQ(pace.rung, TOP);
	steady(&pace, 27, 1000);
	CHECK_EQ(pace.rung, TOP);

	/* 800 us would bring too few */
	pace = (struct kwl_pace) {};
	steady(&pace, 64, 5);
	CHECK_EQ(pace.rung, TOP);

	/* Bulk data at 1 Gb/s */
	pace = (struct kwl_pace) {};
	steady(&pace, 81, 1000);
	CHECK_EQ(kwl_ladder[pace.rung], 800);

	/* Line rate of the shortest frames */
	pace = (struct kwl_pace) {};
	steady(&pace, 1488, 1000);
	CHECK_EQ(kwl_ladder[pace.rung], 50);
}

/* A load that begins is seen before a window is full */
static void begins(void)
{
	struct kwl_pace pace = {};

	CHECK_EQ(kwl_pace_begins(&pace, KWL_PACE_BURST - 1), false);
	CHECK_EQ(kwl_pace_begins(&pace, KWL_PACE_BURST), true);
	kwl_pace_begin(&pace);
	CHECK_EQ(pace.rung, 1);
	CHECK_EQ(kwl_pace_begins(&pace, KWL_PACE_BURST), false);

	/* Not where holding back was tried, and cost frames */
	pace = (struct kwl_pace) { .hold = 1 };
	CHECK_EQ(kwl_pace_begins(&pace, KWL_PACE_BURST), false);
}

/* Few frames: none waits, also not after a flood */
static void trickle(void)
{
	struct kwl_pace pace = {};

	steady(&pace, 3, 100);
	CHECK_EQ(pace.rung, 0);
	steady(&pace, 100, 10);
	CHECK_EQ(pace.rung > 0, 1);
	steady(&pace, 3, 2);
	CHECK_EQ(pace.rung, 0);
}

/* Who waits for answers isn't slowed down for long */
static void requests(void)
{
	static const u32 rtts[] = { 20, 50, 100, 200, 400 };

	for (u32 i = 0; i < ARRAY_SIZE(rtts); i++)
		for (u32 flows = 1; flows <= 8; flows *= 2) {
			u32 slow = 0;
			struct kwl_pace none = {}, pace = {};
			u32 best = asking(&none, flows, rtts[i], 1);

			asking(&pace, flows, rtts[i], 2000);
			for (u32 w = 0; w < 1000; w++)
				slow += asking(&pace, flows, rtts[i], 1) <
					best / 2;
			/* Trying again is allowed now and then, for three windows */
			CHECK_EQ(slow <= 3 * (1000 / KWL_PACE_PATIENCE + 1), 1);
		}
}

/* Poor windows among good ones don't keep a flood at the bottom */
static void noise(void)
{
	struct kwl_pace pace = {};
	u32 high = 0;

	for (u32 w = 0; w < 4000; w++) {
		steady(&pace, w % 16 == 5 ? 14 : 27 + w % 5, 1);
		high += pace.rung >= TOP - 1;
	}
	CHECK_EQ(high > 3000, 1);
}

/* Nor do many: a flood that halves is still none that waits for answers */
static void stalls(void)
{
	struct kwl_pace pace = {};

	steady(&pace, 64, 20);
	CHECK_EQ(pace.rung, TOP);
	for (u32 w = 0; w < 1000; w++) {
		steady(&pace, w % 8 < 3 ? 32 : 64, 1);
		CHECK_EQ(pace.rung, TOP);
	}
}

/* Who pauses isn't held back by that: a pause is overlooked, or the way up is free */
static void pauses(void)
{
	struct kwl_pace pace = {};

	steady(&pace, 20, 20);
	CHECK_EQ(pace.rung, TOP);
	kwl_pace_next(&pace, 20, 1, 9000);
	CHECK_EQ(pace.rung, TOP);
	kwl_pace_next(&pace, 20, 1, 9000);
	CHECK_EQ(pace.rung, 0);
	CHECK_EQ(kwl_pace_begins(&pace, KWL_PACE_BURST), true);
	steady(&pace, 20, 5);
	CHECK_EQ(pace.rung, TOP);

	/* Less than before, and few interrupts: it isn't they that cost */
	pace = (struct kwl_pace) { .rung = 2, .best = 100 };
	kwl_pace_next(&pace, 200, 8, 4500);
	kwl_pace_next(&pace, 200, 8, 4500);
	CHECK_EQ(pace.rung >= 2, 1);
}

UNIT_MAIN(ladder, floods, begins, trickle, requests, noise,
	  stalls, pauses)
