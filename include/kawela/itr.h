/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt moderation: microseconds to EITR. Pure.
 */
#ifndef _KAWELA_ITR_H
#define _KAWELA_ITR_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include <kawela/quirks.h>
#include <kawela/regs.h>

#define KWL_USECS_MAX		8191	/* EITR.INTERVAL */
#define KWL_USECS_DEFAULT	50	/* without adaptive moderation */

/*
 * What adaptive moderation chooses from, in us. The first answers a request at
 * once; the last is what bulk data bears: at 1 Gb/s 80 frames of 1500 octets.
 */
static const u16 kwl_ladder[] = { 4, 32, 128, 400, 1000 };

/**
 * kwl_ladder_usecs() - a rung, as far as a ring holds what comes meanwhile
 * @rung: index into kwl_ladder
 * @ppms: frames that came in a millisecond
 * @count: descriptors of the ring
 *
 * Return: microseconds.
 */
static inline u32 kwl_ladder_usecs(u32 rung, u32 ppms, u32 count)
{
	u32 usecs = kwl_ladder[rung];

	/* Half the ring, so that the rate may double before the next look */
	if (ppms && usecs > count / 2 * 1000 / ppms)
		usecs = count / 2 * 1000 / ppms;
	return usecs;
}

/**
 * kwl_usecs_to_eitr() - the EITR value for a least time between interrupts
 * @usecs: microseconds, up to KWL_USECS_MAX; 0 switches moderation off
 * @quirks: the part's quirks
 *
 * The datasheet counts in bits 14:2, 1 us each (8.8.12). Parts with
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

#endif /* _KAWELA_ITR_H */
