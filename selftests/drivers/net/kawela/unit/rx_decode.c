// SPDX-License-Identifier: GPL-2.0
/* What a receive descriptor says; values as seen on the emulated device. */
#include "shim.h"
#include "unit.h"

#include "rx_decode.h"

static void csum(void)
{
	/* DD and EOP alone; IP alone; UDP or TCP over IPv4; TCP over IPv6 */
	CHECK_EQ(kwl_rx_csum(0x03), KWL_CSUM_NONE);
	CHECK_EQ(kwl_rx_csum(0x43), KWL_CSUM_NONE);
	CHECK_EQ(kwl_rx_csum(0x73), KWL_CSUM_GOOD);
	CHECK_EQ(kwl_rx_csum(0x63), KWL_CSUM_GOOD);
	CHECK_EQ(kwl_rx_csum(0x23), KWL_CSUM_GOOD);
	CHECK_EQ(kwl_rx_csum(0x33), KWL_CSUM_GOOD);
	CHECK_EQ(kwl_rx_csum(0x53), KWL_CSUM_GOOD);
	/* L4 wrong; IP header wrong, with and without a right L4 */
	CHECK_EQ(kwl_rx_csum(0x20000273), KWL_CSUM_BAD);
	CHECK_EQ(kwl_rx_csum(0x40000273), KWL_CSUM_BAD);
	CHECK_EQ(kwl_rx_csum(0x40000043), KWL_CSUM_BAD);
	/* Broken on the wire, whatever its checksums are */
	CHECK_EQ(kwl_rx_csum(0x80000073), KWL_CSUM_BAD);
	/* VLAN tags and time stamps don't matter */
	CHECK_EQ(kwl_rx_csum(0x0001000b), KWL_CSUM_NONE);
	CHECK_EQ(kwl_rx_csum(0x0001006b), KWL_CSUM_GOOD);
}

static void hash(void)
{
	static const bool l4[16] = {
		[KWL_RSS_TCP_IPV4] = true, [KWL_RSS_TCP_IPV6] = true,
		[KWL_RSS_TCP_IPV6_EX] = true, [KWL_RSS_UDP_IPV4] = true,
		[KWL_RSS_UDP_IPV6] = true, [KWL_RSS_UDP_IPV6_EX] = true,
	};

	for (u32 type = 0; type < 16; type++)
		CHECK_EQ(kwl_rx_hash_is_l4(type), l4[type]);
}

/* No length that the device may report makes the driver read what it didn't write */
static void lengths(void)
{
	static const u32 rooms[] = { 1024, 2048, 3072 };

	for (u32 i = 0; i < ARRAY_SIZE(rooms); i++)
		for (u32 len = 0; len <= 0xffff; len++) {
			CHECK_EQ(kwl_rx_broken(0x73, len, rooms[i]),
				 len > rooms[i]);
			CHECK_EQ(kwl_rx_broken(0x80000073, len, rooms[i]), true);
		}
	for (u32 len = 0; len <= 0xffff; len++)
		CHECK_EQ(kwl_rx_runt(len), len < 14);
}

UNIT_MAIN(csum, hash, lengths)
