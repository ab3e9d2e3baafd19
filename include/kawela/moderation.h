/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt moderation: the least time between two interrupts of a vector, called the
 * interval. The user chooses it, or the driver adapts it to the load. Pure.
 */
#ifndef _KAWELA_MODERATION_H
#define _KAWELA_MODERATION_H

#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include <kawela/quirks.h>
#include <kawela/regs.h>

#define KWL_USECS_MAX		8191	/* EITR.INTERVAL */
#define KWL_USECS_DEFAULT	50	/* without adaptive moderation */

/**
 * kwl_usecs_to_eitr() - the EITR value for an interval
 * @usecs: microseconds, up to KWL_USECS_MAX; 0 switches moderation off
 * @quirks: the device's quirks
 *
 * The datasheet counts in bits 14:2, 1 us each (8.8.12). Devices with
 * KWL_QUIRK_EITR_RAW take the whole field in units of 1.024 us.
 *
 * Return: the register's value.
 */
static inline u32 kwl_usecs_to_eitr(u32 usecs, u32 quirks)
{
	if (quirks & KWL_QUIRK_EITR_RAW)
		return usecs & KWL_EITR_INTERVAL;
	return FIELD_PREP(KWL_EITR_INTERVAL, usecs);
}

/*
 * The intervals of adaptive moderation, in us. The first delays no single request: none
 * at all, for even a short one costs the emulated device a timer and one more interrupt.
 * The last is for many short frames. Bulk data at 1 Gb/s needs only the one before.
 */
static const u16 kwl_intervals[] = { 0, 50, 200, 800, 2000 };

/* Frames in a millisecond below which a queue gains nothing */
#define KWL_ADAPT_SLOW		4
/* Frames in an interrupt above which a longer interval gains nothing: a NAPI budget */
#define KWL_ADAPT_ENOUGH	64
/* Frames in an interrupt above which the interval is not what slows the load */
#define KWL_ADAPT_MANY		32
/* Least time over which a rate is measured, in us: several turns of most schedulers */
#define KWL_ADAPT_WINDOW	4000
/* Interrupts within such a time that are a burst */
#define KWL_ADAPT_BURST		32
/* Most windows to wait before a level that cost frames is tried again */
#define KWL_ADAPT_WAIT_MAX	256

/**
 * struct kwl_adapt - what adaptive moderation remembers
 * @level: index into kwl_intervals
 * @wait: windows to wait before the next level is tried
 * @waited: what @wait was when the next level last cost frames
 * @poor: the last window's rate was slow, or far below @best
 * @best: frames in a millisecond before the interval slowed the load, smoothed
 * @gain: the rate that a shorter interval has to bring in its first window; 0 if there
 *	is none to judge
 */
struct kwl_adapt {
	u16 level;
	u16 wait;
	u16 waited;
	bool poor;
	u32 best;
	u32 gain;
};

/* The interval seems to cost frames: wait longer before it is tried again */
static inline void kwl_adapt_down(struct kwl_adapt *adapt, u32 rate)
{
	if (!adapt->level)
		return;
	adapt->gain = rate + rate / 4 + 1;
	adapt->level = rate < KWL_ADAPT_SLOW ? 0 : adapt->level - 1;
	adapt->waited = clamp(adapt->waited * 2, 4, KWL_ADAPT_WAIT_MAX);
	adapt->wait = adapt->waited;
}

/*
 * Has the shorter interval brought anything? If not, something else slows the load, such
 * as another virtual machine on the same processor, and there is nothing to wait for.
 */
static inline void kwl_adapt_judge(struct kwl_adapt *adapt, u32 rate)
{
	if (rate < adapt->gain) {
		adapt->wait = 0;
		adapt->waited /= 4;
	}
	adapt->gain = 0;
}

/* Up at once, down slowly: one poor window says little */
static inline void kwl_adapt_smooth(struct kwl_adapt *adapt, u32 rate)
{
	if (rate > adapt->best)
		adapt->best = rate;
	else
		adapt->best -= (adapt->best - rate) / 8;
}

/**
 * kwl_adapt_is_burst() - has a load begun?
 * @adapt: what is remembered
 * @events: interrupts since the window began
 *
 * At first there is one interrupt for each frame, which must not last a whole window.
 * The time is too short to measure a rate.
 *
 * Return: whether to call kwl_adapt_burst().
 */
static inline bool kwl_adapt_is_burst(const struct kwl_adapt *adapt, u32 events)
{
	return events >= KWL_ADAPT_BURST && !adapt->level && !adapt->wait;
}

/**
 * kwl_adapt_burst() - a load has begun: use the first interval that gathers frames
 * @adapt: what is remembered
 */
static inline void kwl_adapt_burst(struct kwl_adapt *adapt)
{
	adapt->level = 1;
}

/**
 * kwl_adapt_window() - adapt the level to a window of load
 * @adapt: what is remembered
 * @frames: frames, sent and received
 * @events: interrupts
 * @usecs: length of the window, at least KWL_ADAPT_WINDOW
 *
 * The level rises by one while an interrupt brings few frames. A sender that waits for
 * each answer sends fewer frames then. That shows as a rate far below the best in two
 * windows which consist mostly of intervals, and the level falls again. If that brings
 * no frames it rises again at once. The result is the longest interval that costs no
 * frames.
 */
static inline void kwl_adapt_window(struct kwl_adapt *adapt, u32 frames,
				    u32 events, u32 usecs)
{
	bool held = events * kwl_intervals[adapt->level] >= usecs / 8 * 3;
	u32 rate = frames * 1000 / usecs;
	bool poor = rate < KWL_ADAPT_SLOW ||
		    (held && rate < adapt->best / 8 * 5 &&
		     frames < events * KWL_ADAPT_MANY);

	if (adapt->gain)
		kwl_adapt_judge(adapt, rate);
	if (poor && adapt->poor) {
		if (held)
			kwl_adapt_down(adapt, rate);
		else
			adapt->level = 0;
		adapt->best = rate;
	} else if (!poor) {
		kwl_adapt_smooth(adapt, rate);
		if (adapt->wait)
			adapt->wait--;
		else if (frames < events * KWL_ADAPT_ENOUGH &&
			 adapt->level < ARRAY_SIZE(kwl_intervals) - 1)
			adapt->level++;
	}
	adapt->poor = poor;
}

/**
 * kwl_adapt_usecs() - the interval of a level, bounded by what the rings hold
 * @adapt: what is remembered
 * @room: frames that may gather
 *
 * Return: microseconds.
 */
static inline u32 kwl_adapt_usecs(const struct kwl_adapt *adapt, u32 room)
{
	u32 usecs = kwl_intervals[adapt->level];

	if (adapt->best && usecs > room * 1000 / adapt->best)
		usecs = room * 1000 / adapt->best;
	return usecs;
}

#endif /* _KAWELA_MODERATION_H */
