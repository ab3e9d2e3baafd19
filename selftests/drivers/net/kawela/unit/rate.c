// SPDX-License-Identifier: GPL-2.0
/* Transmit rate limits: what RTTBCNRC holds for each link speed and rate. */
#include "shim.h"
#include "unit.h"

#include "rate.h"

static const u32 speeds[] = { 10, 100, 1000 };

/* The fraction that the device delays by, with 14 fractional bits */
static u32 factor(u32 rc)
{
	return FIELD_GET(KWL_RTTBCNRC_RF_INT, rc) << 14 |
	       FIELD_GET(KWL_RTTBCNRC_RF_DEC, rc);
}

static void none(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(speeds); i++) {
		CHECK_EQ(kawela_rate_to_rc(speeds[i], 0), 0);
		/* A limit that the link doesn't exceed */
		for (u32 rate = speeds[i]; rate <= KAWELA_RATE_MAX; rate++)
			CHECK_EQ(kawela_rate_to_rc(speeds[i], rate), 0);
	}
	for (u32 rate = 0; rate <= KAWELA_RATE_MAX; rate++)
		CHECK_EQ(kawela_rate_to_rc(0, rate), 0);
}

/* Never slower than asked for, and too fast by less than a step of the fraction */
static void exact(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(speeds); i++) {
		for (u32 rate = 1; rate < speeds[i]; rate++) {
			u32 rc = kawela_rate_to_rc(speeds[i], rate);

			CHECK_EQ(!!(rc & KWL_RTTBCNRC_RS_ENA), 1);
			CHECK_EQ(rc & ~(u32)(KWL_RTTBCNRC_RS_ENA |
					     KWL_RTTBCNRC_RF_INT |
					     KWL_RTTBCNRC_RF_DEC), 0);
			CHECK_EQ(factor(rc) * rate <= speeds[i] << 14, 1);
			CHECK_EQ((factor(rc) + 1) * rate > speeds[i] << 14, 1);
		}
	}
}

static void known(void)
{
	/* 1000/500 = 2, 1000/300 = 3 + 5461/16384, 100/8 = 12.5 */
	CHECK_EQ(kawela_rate_to_rc(1000, 500), 0x80000000 | 2 << 14);
	CHECK_EQ(kawela_rate_to_rc(1000, 300), 0x80000000 | 3 << 14 | 5461);
	CHECK_EQ(kawela_rate_to_rc(100, 8), 0x80000000 | 12 << 14 | 8192);
	CHECK_EQ(kawela_rate_to_rc(1000, 1), 0x80000000 | 1000 << 14);
}

UNIT_MAIN(none, exact, known)
