/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adaptive moderation: how long a queue pair may keep finished frames to itself.
 * Pure.
 */
#ifndef _KAWELA_PACE_H
#define _KAWELA_PACE_H

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/types.h>

/*
 * What it chooses from, in us. The first answers a request at once: none, for even a
 * short time costs an emulated part a timer and an interrupt more. The last is for
 * many short frames, and bulk data at 1 Gb/s has enough of the one before.
 */
static const u16 kwl_ladder[] = { 0, 50, 200, 800, 2000 };

/* A queue that carries fewer frames in a millisecond has nothing to gather */
#define KWL_PACE_SLOW		4
/* Nor does one gain much that finds as many frames in an interrupt as a poll takes */
#define KWL_PACE_ENOUGH		64
/* So many in an interrupt aren't held back by it: they would come one by one */
#define KWL_PACE_MANY		32
/* Least time that tells a rate, in us: several rounds of most schedulers */
#define KWL_PACE_WINDOW		4000
/* Interrupts in less than that which tell of a load, where each has one frame */
#define KWL_PACE_BURST		32
/* Most windows to wait before a rung that cost frames is tried again */
#define KWL_PACE_PATIENCE	256

/**
 * struct kwl_pace - what adaptive moderation remembers
 * @rung: index into kwl_ladder
 * @best: frames in a millisecond that were carried before the load was held
 *	back, smoothed
 * @hold: windows to wait before the next rung is tried
 * @patience: what @hold was when that last cost frames
 * @poor: the last window's rate was slow, or far below @best
 */
struct kwl_pace {
	u16 rung;
	u16 hold;
	u16 patience;
	bool poor;
	u32 best;
};

/* Holding the load back costs frames: not again soon */
static inline void kwl_pace_down(struct kwl_pace *pace, u32 rate)
{
	if (!pace->rung)
		return;
	pace->rung = rate < KWL_PACE_SLOW ? 0 : pace->rung - 1;
	pace->patience = clamp(pace->patience * 2, 4, KWL_PACE_PATIENCE);
	pace->hold = pace->patience;
}

/* Up at once, down slowly: one poor window says little */
static inline void kwl_pace_smooth(struct kwl_pace *pace, u32 rate)
{
	if (rate > pace->best)
		pace->best = rate;
	else
		pace->best -= (pace->best - rate) / 8;
}

/**
 * kwl_pace_begins() - whether a load has begun
 * @pace: what was learnt before
 * @events: interrupts since the window began
 *
 * There is one for each frame at first, which shall not last a whole window. Of the
 * rate so short a time says too little.
 *
 * Return: whether to go to kwl_pace_begin().
 */
static inline bool kwl_pace_begins(const struct kwl_pace *pace, u32 events)
{
	return events >= KWL_PACE_BURST && !pace->rung && !pace->hold;
}

/**
 * kwl_pace_begin() - a load has begun: let frames gather
 * @pace: what was learnt before
 */
static inline void kwl_pace_begin(struct kwl_pace *pace)
{
	pace->rung = 1;
}

/**
 * kwl_pace_next() - look at a window of load, and choose
 * @pace: what was learnt before
 * @frames: frames, sent and received
 * @events: interrupts
 * @usecs: length of the window, at least KWL_PACE_WINDOW
 *
 * Upwards while an interrupt brings few frames, one rung at a time. Who waits for
 * an answer before the next request carries fewer frames then: that shows as a rate
 * well below what it was, two windows long, most of which the time between interrupts
 * took, and the way back is taken. What remains is the longest time that costs nothing.
 */
static inline void kwl_pace_next(struct kwl_pace *pace, u32 frames, u32 events,
				 u32 usecs)
{
	bool held = events * kwl_ladder[pace->rung] >= usecs / 8 * 3;
	u32 rate = frames * 1000 / usecs;
	bool poor = rate < KWL_PACE_SLOW ||
		    (held && rate < pace->best / 8 * 5 &&
		     frames < events * KWL_PACE_MANY);

	if (poor && pace->poor) {
		if (held)
			kwl_pace_down(pace, rate);
		else
			pace->rung = 0;
		pace->best = rate;
	} else if (!poor) {
		kwl_pace_smooth(pace, rate);
		if (pace->hold)
			pace->hold--;
		else if (frames < events * KWL_PACE_ENOUGH &&
			 pace->rung < ARRAY_SIZE(kwl_ladder) - 1)
			pace->rung++;
	}
	pace->poor = poor;
}

/**
 * kwl_pace_usecs() - the time of a rung, as far as the rings hold what comes in it
 * @pace: what was chosen
 * @room: frames that may gather
 *
 * Return: microseconds.
 */
static inline u32 kwl_pace_usecs(const struct kwl_pace *pace, u32 room)
{
	u32 usecs = kwl_ladder[pace->rung];

	if (pace->best && usecs > room * 1000 / pace->best)
		usecs = room * 1000 / pace->best;
	return usecs;
}

#endif /* _KAWELA_PACE_H */
