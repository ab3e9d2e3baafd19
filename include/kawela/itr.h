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
