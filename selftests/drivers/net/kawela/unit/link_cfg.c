// SPDX-License-Identifier: GPL-2.0
/* Link settings: what they mean for the PHY, and how pause frames resolve. */
#include <linux/mii.h>

#include "shim.h"
#include "unit.h"

#include "link_cfg.h"

#define CAP	ADVERTISE_PAUSE_CAP
#define ASYM	ADVERTISE_PAUSE_ASYM
#define RX	FLOW_CTRL_RX
#define TX	FLOW_CTRL_TX

static void registers(void)
{
	struct kawela_link_cfg cfg = KAWELA_LINK_CFG_DEFAULT;

	CHECK_EQ(kawela_link_adv(&cfg), 0x05e1);
	CHECK_EQ(kawela_link_bmcr(&cfg), 0x1200);
	cfg.pause_autoneg = false;
	CHECK_EQ(kawela_link_adv(&cfg), 0x01e1);
	CHECK_EQ(kawela_link_ctrl(&cfg), 0x0041);
	cfg.autoneg = false;
	CHECK_EQ(kawela_link_bmcr(&cfg), 0x2100);
	CHECK_EQ(kawela_link_ctrl(&cfg), 0x1941);
	cfg.forced = 0;
	CHECK_EQ(kawela_link_bmcr(&cfg), 0);
	CHECK_EQ(kawela_link_ctrl(&cfg), 0x1840);
	/* Whatever else is set */
	cfg.loopback = true;
	CHECK_EQ(kawela_link_bmcr(&cfg), 0x4140);
	CHECK_EQ(kawela_link_ctrl(&cfg), 0x1a41);
	cfg.autoneg = true;
	CHECK_EQ(kawela_link_bmcr(&cfg), 0x4140);
	CHECK_EQ(kawela_link_ctrl(&cfg), 0x1a41);
}

static void pause_bits(void)
{
	CHECK_EQ(kawela_pause_adv(0), 0);
	CHECK_EQ(kawela_pause_adv(RX), CAP | ASYM);
	CHECK_EQ(kawela_pause_adv(TX), ASYM);
	CHECK_EQ(kawela_pause_adv(RX | TX), CAP);
	for (u8 pause = 0; pause < 4; pause++)
		CHECK_EQ(kawela_pause_of_adv(kawela_pause_adv(pause)), pause);
}

/* The table of IEEE 802.3 28B-3, and the law that both ends agree */
static void resolve(void)
{
	static const struct {
		u8 pause;
		u16 lpa;
		u8 want;
	} rows[] = {
		{ 0,	   CAP | ASYM,	0 },
		{ TX,	   0,		0 },
		{ TX,	   CAP,		0 },
		{ TX,	   ASYM,	0 },
		{ TX,	   CAP | ASYM,	TX },
		{ RX | TX, 0,		0 },
		{ RX | TX, ASYM,	0 },
		{ RX | TX, CAP,		RX | TX },
		{ RX | TX, CAP | ASYM,	RX | TX },
		{ RX,	   0,		0 },
		{ RX,	   ASYM,	RX },
		{ RX,	   CAP,		RX | TX },
		{ RX,	   CAP | ASYM,	RX | TX },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kawela_link_cfg cfg = KAWELA_LINK_CFG_DEFAULT;

		cfg.pause = rows[i].pause;
		CHECK_EQ(kawela_pause_resolve(&cfg, true, rows[i].lpa),
			 rows[i].want);
		CHECK_EQ(kawela_pause_resolve(&cfg, false, rows[i].lpa), 0);
	}
	for (u8 a = 0; a < 4; a++) {
		for (u8 b = 0; b < 4; b++) {
			struct kawela_link_cfg us = KAWELA_LINK_CFG_DEFAULT;
			struct kawela_link_cfg they = us;
			u8 ours, theirs;

			us.pause = a;
			they.pause = b;
			ours = kawela_pause_resolve(&us, true,
						    kawela_link_adv(&they));
			theirs = kawela_pause_resolve(&they, true,
						      kawela_link_adv(&us));
			CHECK_EQ(!!(ours & RX), !!(theirs & TX));
			CHECK_EQ(!!(ours & TX), !!(theirs & RX));
		}
	}
}

static void resolve_forced(void)
{
	struct kawela_link_cfg cfg = KAWELA_LINK_CFG_DEFAULT;

	cfg.pause_autoneg = false;
	cfg.pause = RX;
	CHECK_EQ(kawela_pause_resolve(&cfg, true, 0), RX);
	CHECK_EQ(kawela_pause_resolve(&cfg, false, 0), 0);
	cfg.pause_autoneg = true;
	cfg.autoneg = false;
	CHECK_EQ(kawela_pause_resolve(&cfg, true, CAP | ASYM), 0);
}

UNIT_MAIN(registers, pause_bits, resolve, resolve_forced)
