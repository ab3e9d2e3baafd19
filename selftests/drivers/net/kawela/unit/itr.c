// SPDX-License-Identifier: GPL-2.0
/* Microseconds to EITR. */
#include "shim.h"
#include "unit.h"

#include <kawela/itr.h>

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

/* The emulated part counts raw units of 1.024 us and knows no lower two bits */
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

UNIT_MAIN(eitr, eitr_raw)
