// SPDX-License-Identifier: GPL-2.0
/*
 * What a VF may do with its queues and its other registers: rings of garbage,
 * descriptors that aim anywhere, and values that make no sense.
 */
#include "hostile.h"

#define RX(q)		(0x2800 + 0x100 * (q))
#define TX(q)		(0x3800 + 0x100 * (q))
#define BAL		0x00
#define BAH		0x04
#define LEN		0x08
#define SRRCTL		0x0c
#define HEAD		0x10
#define TAIL		0x18
#define DCTL		0x28
#define ENABLE		(1U << 25)
/* QEMU 10 ends itself over some frames when headers are split (types 2 and 5) */
#define DESCTYPE	(7U << 25)
#define ONE_BUFFER	(1U << 25)

/* Inside of the arena, across its end, or where nothing is */
static uint64_t aim(void)
{
	switch (rnd(16)) {
	case 0:
		return ARENA_IOVA + ARENA - rnd(64);
	case 1:
		return NOWHERE + rnd(1 << 20);
	default:
		return ARENA_IOVA + rnd(ARENA);
	}
}

static void descriptors(uint32_t n)
{
	uint64_t *desc = (uint64_t *)arena;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = rnd(ARENA / 16) * 2;

		desc[at] = aim();
		/* Length, type, commands; PAYLEN and what else there may be */
		desc[at + 1] = (uint64_t)rnd(1U << 31) << 32 |
			       (rnd(4) ? 0x2b300000U : rnd(1U << 31)) |
			       (rnd(8) ? rnd(2048) : rnd(65536));
		counts.descriptors++;
	}
}

static void queue(struct vf *vf, uint32_t base, bool rx)
{
	uint64_t ring = rnd(8) ? ARENA_IOVA + rnd(ARENA / 4096) * 4096 : aim();

	wr(vf, base + DCTL, 0);
	wr(vf, base + BAL, ring);
	wr(vf, base + BAH, ring >> 32);
	wr(vf, base + LEN, rnd(4) ? 128U << rnd(6) : rnd(1U << 20));
	if (rx)
		wr(vf, base + SRRCTL, ((rnd(1U << 31) & ~DESCTYPE) | ONE_BUFFER));
	wr(vf, base + HEAD, rnd(4) ? 0 : rnd(1 << 16));
	wr(vf, base + DCTL, ENABLE | (rnd(4) ? 0 : rnd(1U << 25)));
	wr(vf, base + TAIL, rnd(4) ? rnd(64) : rnd(1 << 16));
}

/* Any register but those that messages.c takes care of, and SRRCTL */
static void any_register(struct vf *vf)
{
	uint32_t reg = rnd(8) ? 0x1500 + 4 * rnd(0xc0) : 4 * rnd(0x1000);

	if (reg == VTCTRL || reg == V2PMAILBOX ||
	    (reg >= 0x2800 && reg < 0x2a00 && (reg & 0xff) == SRRCTL))
		return;
	wr(vf, reg, rnd(1U << 31) * 2 + rnd(2));
	counts.registers++;
	vf->sure = vf->sure && (reg < VMBMEM(0) || reg >= VMBMEM(WORDS));
}

/* All vectors without moderation, as fast as it goes */
static void storm(struct vf *vf)
{
	for (uint32_t i = 0; i < VECTORS; i++)
		wr(vf, VTEITR(i), 0);
	wr(vf, VTEIMS, VECTORS_ALL);
	for (uint32_t n = rnd(5000); n; n--, counts.interrupts++)
		wr(vf, VTEICS, VECTORS_ALL);
}

void rings_step(struct vf *vf)
{
	uint32_t q = rnd(2);

	switch (rnd(8)) {
	case 0:
		descriptors(rnd(256));
		queue(vf, TX(q), false);
		break;
	case 1:
		descriptors(rnd(256));
		queue(vf, RX(q), true);
		break;
	case 2:
		wr(vf, TX(q) + TAIL, rnd(1 << 16));
		break;
	case 3:
		storm(vf);
		break;
	default:
		any_register(vf);
	}
}
