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

/* Of no type that has a sender's address of its own */
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
	kwl_echo_sent(&echo, &netdev, frame(to, from), 60, count);
}

static bool heard(u32 to, u32 from)
{
	return kwl_echo_heard(&echo, &netdev, frame(to, from), 60);
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

/*
 * A frame of @type behind @tags, sent by the host whose own address is at @at. Return:
 * whether it is taken for the one of host 1, without tags, that was sent
 */
static bool taken(u16 type, u32 at, u32 tags, u8 host)
{
	u8 *buf;
	u32 i;

	begin();
	for (i = 0; i < 2; i++) {
		u32 off = 4 * (i ? tags : 0);

		buf = frame(0x01000012, 7);
		memset(buf + 12, 0xcc, 48);
		for (u32 t = 0; t < (i ? tags : 0); t++) {
			buf[12 + 4 * t] = 0x81;
			buf[13 + 4 * t] = 0x00;
		}
		buf[12 + off] = type >> 8;
		buf[13 + off] = type;
		memset(buf + at + off, i ? host : 1, 4);
		if (!i)
			kwl_echo_sent(&echo, &netdev, buf, KWL_ECHO_LEN, 1);
	}
	return kwl_echo_heard(&echo, &netdev, buf, 60);
}

/* Where none comes back, the other router is heard all the same: it has an address, too */
static void rivals(void)
{
	static const struct { u16 type; u32 at; } kinds[] = {
		{ ETH_P_IP, 26 }, { ETH_P_IPV6, 34 }, { ETH_P_ARP, 28 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++)
		for (u32 tags = 0; tags <= 2; tags++) {
			CHECK_EQ(taken(kinds[i].type, kinds[i].at, tags, 1), true);
			CHECK_EQ(taken(kinds[i].type, kinds[i].at, tags, 2), false);
		}
	/* Others have no address that is known */
	CHECK_EQ(taken(0x88b5, 26, 0, 2), true);
}

/* Nothing behind a header's end is read */
static void cut_short(void)
{
	u8 *buf = malloc(ETH_HLEN);

	for (u32 type = 0; type < 0x10000; type++) {
		memset(buf, 1, ETH_HLEN);
		buf[12] = type >> 8;
		buf[13] = type;
		kwl_echo_sent(&echo, &netdev, buf, ETH_HLEN, 1);
		CHECK_EQ(kwl_echo_heard(&echo, &netdev, buf, ETH_HLEN), true);
	}
	free(buf);
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
	kwl_echo_sent(NULL, &netdev, frame(0x01000001, 1), 60, 1);
	CHECK_EQ(kwl_echo_heard(NULL, &netdev, frame(0x01000001, 1), 60), false);
}

UNIT_MAIN(group, shared, rivals, cut_short, unicast, many, without)
