// SPDX-License-Identifier: GPL-2.0
/* Which received frames are taken for our own that came back. */
#include "netdev.h"
#include "unit.h"

#include "libkawela/echo.h"

static struct net_device netdev;
static struct kwl_echo echo;

void device_acts(void)
{
	written = 0;
}

static u8 *frame(u32 to, u32 from)
{
	static u8 buf[60];

	memset(buf, 0, sizeof(buf));
	buf[0] = to >> 24;
	memcpy(buf + 2, &to, 3);
	memcpy(buf + 7, &from, 4);
	return buf;
}

static void begin(void)
{
	memset(echo.slot, 0, sizeof(echo.slot));
	netdev.flags = 0;
}

static void sent(u32 to, u32 from, u32 count)
{
	kwl_echo_sent(&echo, &netdev, frame(to, from), count);
}

static bool heard(u32 to, u32 from)
{
	return kwl_echo_heard(&echo, &netdev, frame(to, from));
}

/* A group is heard again, also when the clock wraps; not from others, and not for long */
static void group(void)
{
	for (u32 i = 0; i < 2; i++) {
		begin();
		jiffies = i ? 0xfffffff0UL : 100;
		CHECK_EQ(heard(0x01000001, 1), false);
		sent(0x01000001, 1, 3);
		CHECK_EQ(heard(0x01000001, 1), true);
		CHECK_EQ(heard(0x01000001, 2), false);
		CHECK_EQ(heard(0x01000002, 1), false);
		jiffies += HZ;
		CHECK_EQ(heard(0x01000001, 1), true);
		jiffies += 1;
		CHECK_EQ(heard(0x01000001, 1), false);
		/* What didn't come in time doesn't count later */
		sent(0x01000001, 1, 1);
		CHECK_EQ(heard(0x01000001, 1), true);
		CHECK_EQ(heard(0x01000001, 1), false);
	}
}

/* Two routers have one address (VRRP): each hears what the other says */
static void shared(void)
{
	begin();
	for (u32 i = 0; i < 5; i++) {
		sent(0x01000012, 7, 1);
		CHECK_EQ(heard(0x01000012, 7), true);
		CHECK_EQ(heard(0x01000012, 7), false);
	}
}

/* What goes to one address comes back only to somebody who wants everything */
static void unicast(void)
{
	begin();
	sent(0x02000001, 1, 1);
	netdev.flags = IFF_PROMISC;
	CHECK_EQ(heard(0x02000001, 1), false);
	sent(0x02000001, 1, 2);
	CHECK_EQ(heard(0x02000001, 1), true);
	/* The answer has the same addresses the other way round */
	CHECK_EQ(heard(1, 0x02000001), false);
	netdev.flags = 0;
	CHECK_EQ(heard(0x02000001, 1), false);
}

/* Of many senders most are remembered, and no other one is taken for them */
static void many(void)
{
	u32 known = 0, i;

	begin();
	for (i = 0; i < 300; i++)
		sent(0x01000001, i, 1);
	for (i = 0; i < 300; i++)
		known += heard(0x01000001, i);
	CHECK_EQ(known > 240, true);
	for (i = 300; i < 100000; i++)
		CHECK_EQ(heard(0x01000001, i), false);
}

/* Where the device does no such thing */
static void without(void)
{
	kwl_echo_sent(NULL, &netdev, frame(0x01000001, 1), 1);
	CHECK_EQ(kwl_echo_heard(NULL, &netdev, frame(0x01000001, 1)), false);
}

UNIT_MAIN(group, shared, unicast, many, without)
