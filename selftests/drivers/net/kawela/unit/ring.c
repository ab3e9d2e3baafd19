// SPDX-License-Identifier: GPL-2.0
/* Index arithmetic of rings. */
#include "shim.h"
#include "unit.h"

#include <kawela/regs.h>
#include <kawela/ring_index.h>

static void next(void)
{
	CHECK_EQ(kwl_ring_next(0, 64), 1);
	CHECK_EQ(kwl_ring_next(62, 64), 63);
	CHECK_EQ(kwl_ring_next(63, 64), 0);
	CHECK_EQ(kwl_ring_next(KWL_RING_MAX - 1, KWL_RING_MAX), 0);
}

/* A slow model: count steps */
static u16 slots(u16 fill, u16 clean, u16 count)
{
	u16 n = 0;

	while (kwl_ring_next(fill, count) != clean) {
		fill = kwl_ring_next(fill, count);
		n++;
	}
	return n;
}

static void free_slots(void)
{
	static const u16 sizes[] = { 64, 72, 1000 };

	for (u32 s = 0; s < ARRAY_SIZE(sizes); s++)
		for (u16 fill = 0; fill < sizes[s]; fill += 7)
			for (u16 clean = 0; clean < sizes[s]; clean++)
				CHECK_EQ(kwl_ring_free_slots(fill, clean,
							     sizes[s]),
					 slots(fill, clean, sizes[s]));
	CHECK_EQ(kwl_ring_free_slots(0, 0, KWL_RING_MAX), KWL_RING_MAX - 1);
	CHECK_EQ(kwl_ring_free_slots(5, 6, KWL_RING_MAX), 0);
}

UNIT_MAIN(next, free_slots)
