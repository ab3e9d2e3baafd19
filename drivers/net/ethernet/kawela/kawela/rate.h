/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transmit rate limits: Mb/s to RTTBCNRC. Pure.
 */
#ifndef _KAWELA_RATE_H
#define _KAWELA_RATE_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include <kawela/regs.h>

#define KAWELA_RATE_MAX		1000	/* Mb/s; what the device can do */

/**
 * kawela_rate_to_rc() - the RTTBCNRC value for a rate
 * @speed: the link's speed in Mb/s; 0 without link
 * @rate: the limit in Mb/s, 1 to KAWELA_RATE_MAX; 0 for none
 *
 * The register holds speed / rate as a fixed-point number with 14 fractional
 * bits (datasheet 8.12.19).
 *
 * Return: the register's value; 0, no limit, when the link isn't faster.
 */
static inline u32 kawela_rate_to_rc(u32 speed, u32 rate)
{
	u32 factor;

	if (!rate || rate >= speed)
		return 0;
	factor = (speed << 14) / rate;
	return KWL_RTTBCNRC_RS_ENA |
	       FIELD_PREP(KWL_RTTBCNRC_RF_INT, factor >> 14) |
	       FIELD_PREP(KWL_RTTBCNRC_RF_DEC, factor & 0x3fff);
}

#endif /* _KAWELA_RATE_H */
