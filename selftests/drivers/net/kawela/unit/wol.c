// SPDX-License-Identifier: GPL-2.0
/* Wake-on-LAN: what each mode means for the device. */
#include "shim.h"
#include "unit.h"

#include "wol_cfg.h"

static void filters(void)
{
	CHECK_EQ(kawela_wol_wufc(0), 0);
	CHECK_EQ(kawela_wol_wufc(WAKE_PHY), 0x01);
	CHECK_EQ(kawela_wol_wufc(WAKE_MAGIC), 0x02);
	CHECK_EQ(kawela_wol_wufc(WAKE_UCAST), 0x04);
	CHECK_EQ(kawela_wol_wufc(WAKE_MCAST), 0x08);
	CHECK_EQ(kawela_wol_wufc(WAKE_BCAST), 0x10);
	CHECK_EQ(kawela_wol_wufc(KAWELA_WOL_MODES), 0x1f);
}

/* Nothing is received unless a frame may wake; broadcasts always may pass then */
static void receive(void)
{
	CHECK_EQ(kawela_wol_rctl(0), 0);
	CHECK_EQ(kawela_wol_rctl(WAKE_MAGIC), 0x8002);
	CHECK_EQ(kawela_wol_rctl(WAKE_MCAST | WAKE_MAGIC), 0x8012);
}

static void modes(void)
{
	CHECK_EQ(KAWELA_WOL_MODES & (WAKE_ARP | WAKE_MAGICSECURE | WAKE_FILTER), 0);
}

UNIT_MAIN(filters, receive, modes)
