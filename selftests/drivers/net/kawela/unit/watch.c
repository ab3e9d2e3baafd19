// SPDX-License-Identifier: GPL-2.0
/* Whose queues WVBR speaks of. The emulated device never sets a bit of it. */
#include "shim.h"
#include "unit.h"

struct work_struct {
	int unused;
};

#include "watch.h"

/* Queue n and queue n + 8 are VF n's; the eighth pool is the PF's, or nobody's */
static void each_queue(void)
{
	for (u32 q = 0; q < 16; q++)
		CHECK_EQ(kawela_queues_vfs(1U << q),
			 q % 8 < KWL_MAX_VFS ? 1U << q % 8 : 0);
}

static void several(void)
{
	CHECK_EQ(kawela_queues_vfs(0), 0);
	CHECK_EQ(kawela_queues_vfs(0x0101), 0x01);
	CHECK_EQ(kawela_queues_vfs(0x4002), 0x42);
	CHECK_EQ(kawela_queues_vfs(0xffff), 0x7f);
}

/* Each bit is of one half, and names the queue that it is for there */
static void halves(void)
{
	for (u32 bit = 0; bit < 32; bit++) {
		u32 wvbr = 1U << bit;
		u32 vf = kawela_queues_vfs(1U << bit % 16);

		CHECK_EQ(kawela_queues_vfs(FIELD_GET(KWL_WVBR_SPOOFED, wvbr)),
			 bit < 16 ? vf : 0);
		CHECK_EQ(kawela_queues_vfs(FIELD_GET(KWL_WVBR_BLOCKED, wvbr)),
			 bit < 16 ? 0 : vf);
	}
}

UNIT_MAIN(each_queue, several, halves)
