// SPDX-License-Identifier: GPL-2.0
/* Interrupt moderation: the register, and the interval for loads of several kinds. */
#include "shim.h"
#include "unit.h"

#include <kawela/moderation.h>

static void eitr(void)
{
	CHECK_EQ(kwl_usecs_to_eitr(0, 0), 0);
	CHECK_EQ(kwl_usecs_to_eitr(1, 0), 4);
	CHECK_EQ(kwl_usecs_to_eitr(50, 0), 200);
	CHECK_EQ(kwl_usecs_to_eitr(KWL_USECS_MAX, 0), 0x7ffc);
	/* Nothing that isn't INTERVAL */
	for (u32 us = 0; us <= KWL_USECS_MAX; us++) {
		CHECK_EQ(kwl_usecs_to_eitr(us, 0) & ~KWL_EITR_INTERVAL, 0);
		CHECK_EQ(FIELD_GET(KWL_EITR_INTERVAL,
				   kwl_usecs_to_eitr(us, 0)), us);
	}
}

/* The emulated device counts raw units of 1.024 us and knows no lower two bits */
static void eitr_raw(void)
{
	CHECK_EQ(kwl_usecs_to_eitr(0, KWL_QUIRK_EITR_RAW), 0);
	for (u32 us = 8; us <= KWL_USECS_MAX; us++) {
		u32 raw = kwl_usecs_to_eitr(us, KWL_QUIRK_EITR_RAW);

		CHECK_EQ(raw & ~KWL_EITR_INTERVAL, 0);
		CHECK_EQ(raw * 1024 / 1000 + 4 >= us, 1);
		CHECK_EQ(raw <= us, 1);
	}
}

#define TOP	(ARRAY_SIZE(kwl_intervals) - 1)

/* A load that comes at its own rate, for some windows */
static void steady(struct kwl_adapt *adapt, u32 ppms, u32 windows)
{
	while (windows--) {
		u32 usecs = KWL_ADAPT_WINDOW + 500;
		u32 gap = max(max(kwl_intervals[adapt->level], 1000 / ppms), 1);
		u32 events = usecs / gap;

		kwl_adapt_window(adapt, ppms * usecs / 1000, events, usecs);
	}
}

/* @flows that wait for an answer, @rtt us without moderation, for some windows */
static u32 asking(struct kwl_adapt *adapt, u32 flows, u32 rtt, u32 windows)
{
	u32 frames = 0;

	while (windows--) {
		u32 usecs = KWL_ADAPT_WINDOW + 500;
		u32 round = rtt + kwl_intervals[adapt->level];

		frames = 2 * flows * usecs / round;
		kwl_adapt_window(adapt, frames, usecs / round, usecs);
	}
	return frames;
}

static void intervals(void)
{
	for (u32 i = 1; i < ARRAY_SIZE(kwl_intervals); i++)
		CHECK_EQ(kwl_intervals[i] > kwl_intervals[i - 1], 1);
	for (u32 i = 0; i < ARRAY_SIZE(kwl_intervals); i++) {
		struct kwl_adapt adapt = { .level = i };

		/* Slow traffic gets the interval of its level */
		CHECK_EQ(kwl_adapt_usecs(&adapt, 128), kwl_intervals[i]);
		/* Never more frames than there is room for */
		for (adapt.best = 1; adapt.best < 1500; adapt.best++)
			for (u32 room = 32; room <= 2048; room *= 2) {
				u32 us = kwl_adapt_usecs(&adapt, room);

				CHECK_EQ(us <= kwl_intervals[i], 1);
				CHECK_EQ(us * adapt.best / 1000 <= room, 1);
			}
	}
}

/* Many frames: the longest interval, or enough frames in each */
static void floods(void)
{
	struct kwl_adapt adapt = {};

	steady(&adapt, 27, 5);
	CHECK_EQ(adapt.level, TOP);
	steady(&adapt, 27, 1000);
	CHECK_EQ(adapt.level, TOP);

	/* 800 us would bring too few */
	adapt = (struct kwl_adapt) {};
	steady(&adapt, 64, 5);
	CHECK_EQ(adapt.level, TOP);

	/* Bulk data at 1 Gb/s */
	adapt = (struct kwl_adapt) {};
	steady(&adapt, 81, 1000);
	CHECK_EQ(kwl_intervals[adapt.level], 800);

	/* Line rate of the shortest frames */
	adapt = (struct kwl_adapt) {};
	steady(&adapt, 1488, 1000);
	CHECK_EQ(kwl_intervals[adapt.level], 50);
}

/* A load that begins is seen before a window is full */
static void begins(void)
{
	struct kwl_adapt adapt = {};

	CHECK_EQ(kwl_adapt_is_burst(&adapt, KWL_ADAPT_BURST - 1), false);
	CHECK_EQ(kwl_adapt_is_burst(&adapt, KWL_ADAPT_BURST), true);
	kwl_adapt_burst(&adapt);
	CHECK_EQ(adapt.level, 1);
	CHECK_EQ(kwl_adapt_is_burst(&adapt, KWL_ADAPT_BURST), false);

	/* Not where holding back was tried, and cost frames */
	adapt = (struct kwl_adapt) { .wait = 1 };
	CHECK_EQ(kwl_adapt_is_burst(&adapt, KWL_ADAPT_BURST), false);
}

/* Few frames: none waits, also not after a flood */
static void trickle(void)
{
	struct kwl_adapt adapt = {};

	steady(&adapt, 3, 100);
	CHECK_EQ(adapt.level, 0);
	steady(&adapt, 100, 10);
	CHECK_EQ(adapt.level > 0, 1);
	steady(&adapt, 3, 2);
	CHECK_EQ(adapt.level, 0);
}

/* Who waits for answers isn't slowed down for long */
static void requests(void)
{
	static const u32 rtts[] = { 20, 50, 100, 200, 400 };

	for (u32 i = 0; i < ARRAY_SIZE(rtts); i++)
		for (u32 flows = 1; flows <= 8; flows *= 2) {
			u32 slow = 0;
			struct kwl_adapt none = {}, adapt = {};
			u32 best = asking(&none, flows, rtts[i], 1);

			asking(&adapt, flows, rtts[i], 2000);
			for (u32 w = 0; w < 1000; w++)
				slow += asking(&adapt, flows, rtts[i], 1) <
					best / 2;
			/* Trying again is allowed now and then, for three windows */
			CHECK_EQ(slow <= 3 * (1000 / KWL_ADAPT_WAIT_MAX + 1), 1);
		}
}

/* Poor windows among good ones don't keep a flood at the bottom */
static void noise(void)
{
	struct kwl_adapt adapt = {};
	u32 high = 0;

	for (u32 w = 0; w < 4000; w++) {
		steady(&adapt, w % 16 == 5 ? 14 : 27 + w % 5, 1);
		high += adapt.level >= TOP - 1;
	}
	CHECK_EQ(high > 3000, 1);
}

/* Nor do many: a flood that halves is still none that waits for answers */
static void stalls(void)
{
	struct kwl_adapt adapt = {};

	steady(&adapt, 64, 20);
	CHECK_EQ(adapt.level, TOP);
	for (u32 w = 0; w < 1000; w++) {
		steady(&adapt, w % 8 < 3 ? 32 : 64, 1);
		CHECK_EQ(adapt.level, TOP);
	}
}

/* Who pauses isn't held back by that: a pause is overlooked, or the way up is free */
static void pauses(void)
{
	struct kwl_adapt adapt = {};

	steady(&adapt, 20, 20);
	CHECK_EQ(adapt.level, TOP);
	kwl_adapt_window(&adapt, 20, 1, 9000);
	CHECK_EQ(adapt.level, TOP);
	kwl_adapt_window(&adapt, 20, 1, 9000);
	CHECK_EQ(adapt.level, 0);
	CHECK_EQ(kwl_adapt_is_burst(&adapt, KWL_ADAPT_BURST), true);
	steady(&adapt, 20, 5);
	CHECK_EQ(adapt.level, TOP);

	/* Less than before, and few interrupts: it isn't they that cost */
	adapt = (struct kwl_adapt) { .level = 2, .best = 100 };
	kwl_adapt_window(&adapt, 200, 8, 4500);
	kwl_adapt_window(&adapt, 200, 8, 4500);
	CHECK_EQ(adapt.level >= 2, 1);
}

static u32 chance(u32 *state, u32 below)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 16) % below;
}

/* Percent of its usual rate that a machine reaches which others use, too */
static u32 shared(u32 *state, u32 window)
{
	static const u32 percent[] = { 100, 100, 100, 100, 60, 50, 40, 30, 150, 200 };
	static u32 now;

	if (window % 3 == 0)
		now = percent[chance(state, ARRAY_SIZE(percent))];
	return now;
}

/* What came of many windows on such a machine */
struct outcome {
	u32 frames;
	u32 events;
	u32 most;	/* frames, with no interval at all */
};

/* One window of @usecs, in which the machine reaches @part percent; adds to @sum */
typedef void (*load_fn)(struct kwl_adapt *adapt, u32 load, u32 part, u32 usecs,
			struct outcome *sum);

static struct outcome crowded(load_fn window, u32 load)
{
	struct outcome sum = {};

	for (u32 seed = 1; seed <= 20; seed++) {
		struct kwl_adapt adapt = {};
		u32 state = seed;

		for (u32 w = 0; w < 300; w++)
			window(&adapt, load, shared(&state, w),
			       KWL_ADAPT_WINDOW + 500, &sum);
	}
	return sum;
}

static void flood_window(struct kwl_adapt *adapt, u32 ppms, u32 part, u32 usecs,
			 struct outcome *sum)
{
	u32 frames = ppms * part * usecs / 100000;
	u32 busy = usecs * min(part, 100) / 100;
	u32 gap = max(kwl_intervals[adapt->level], 100000 / (ppms * part));
	u32 events = min(frames, busy / gap + 1);

	kwl_adapt_window(adapt, frames, events, usecs);
	sum->frames += frames;
	sum->events += events;
}

static void asking_window(struct kwl_adapt *adapt, u32 rtt, u32 part, u32 usecs,
			  struct outcome *sum)
{
	u32 busy = usecs * part / 100;
	u32 events = busy / (rtt + kwl_intervals[adapt->level]);

	sum->most += 2 * (busy / rtt);
	sum->frames += 2 * events;
	kwl_adapt_window(adapt, 2 * events, events, usecs);
}

/* A flood on a machine that others use keeps its intervals */
static void neighbours(void)
{
	for (u32 ppms = 15; ppms <= 60; ppms += 5) {
		struct outcome sum = crowded(flood_window, ppms);

		CHECK_EQ(sum.events * 5 < sum.frames, 1);
	}
}

/* And who waits for answers there keeps most of what the machine allows */
static void asking_neighbours(void)
{
	for (u32 rtt = 20; rtt <= 400; rtt += 20) {
		struct outcome sum = crowded(asking_window, rtt);

		CHECK_EQ(sum.frames * 3 > sum.most * 2, 1);
	}
}

UNIT_MAIN(eitr, eitr_raw, intervals, floods, begins, trickle, requests, noise,
	  stalls, pauses, neighbours, asking_neighbours)
