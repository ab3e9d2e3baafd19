// SPDX-License-Identifier: GPL-2.0
/* Redirection table and hashed fields. */
#include "shim.h"
#include "unit.h"

#include <kawela/rss_fields.h>
#include "rss_map.h"

static void words(void)
{
	u8 table[KWL_RETA_ENTRIES];

	for (u32 i = 0; i < KWL_RETA_ENTRIES; i++)
		table[i] = i % 8;
	CHECK_EQ(kawela_rss_word(table, 0, 8), 0x03020100);
	CHECK_EQ(kawela_rss_word(table, 1, 8), 0x07060504);
	CHECK_EQ(kawela_rss_word(table, 31, 8), 0x07060504);
	/* Queues that don't exist now */
	CHECK_EQ(kawela_rss_word(table, 1, 6), 0x00000504);
	CHECK_EQ(kawela_rss_word(table, 0, 1), 0);
	for (u32 queues = 1; queues <= 8; queues++)
		for (u32 i = 0; i < KWL_RETA_ENTRIES; i++)
			CHECK_EQ(kawela_rss_word(table, i / 4, queues) >>
				 8 * (i % 4) & 0xff,
				 i % 8 < queues ? i % 8 : 0);
}

static void fields(void)
{
	CHECK_EQ(kwl_rss_fields(TCP_V4_FLOW, KAWELA_RSS_DEFAULT),
		 KWL_RSS_4TUPLE);
	CHECK_EQ(kwl_rss_fields(TCP_V6_FLOW, KAWELA_RSS_DEFAULT),
		 KWL_RSS_4TUPLE);
	CHECK_EQ(kwl_rss_fields(UDP_V4_FLOW, KAWELA_RSS_DEFAULT),
		 KWL_RSS_2TUPLE);
	CHECK_EQ(kwl_rss_fields(UDP_V6_FLOW, KAWELA_RSS_DEFAULT),
		 KWL_RSS_2TUPLE);
	CHECK_EQ(kwl_rss_fields(SCTP_V4_FLOW, ~0U), KWL_RSS_2TUPLE);
	/* Nothing, or one family alone, as a VF may be told */
	for (u32 flow = 0; flow < 32; flow++) {
		CHECK_EQ(kwl_rss_fields(flow, 0), 0);
		CHECK_EQ(!kwl_rss_fields(flow, KAWELA_RSS_DEFAULT),
			 !kwl_rss_ip(flow));
	}
	CHECK_EQ(kwl_rss_fields(ETHER_FLOW, ~0U), 0);
	CHECK_EQ(kwl_rss_fields(ESP_V6_FLOW, KWL_MRQC_IPV4), 0);
	CHECK_EQ(kwl_rss_fields(ESP_V6_FLOW, KWL_MRQC_IPV6), KWL_RSS_2TUPLE);
	CHECK_EQ(kwl_rss_types(AH_ESP_V4_FLOW), 0);
	CHECK_EQ(kwl_rss_types(IPV4_FLOW), 0);
	CHECK_EQ(kwl_rss_types(UDP_V4_FLOW), BIT(22));
	CHECK_EQ(kwl_rss_types(UDP_V6_FLOW), BIT(23) | BIT(24));
	CHECK_EQ(kwl_rss_types(TCP_V4_FLOW), BIT(16));
	CHECK_EQ(kwl_rss_types(TCP_V6_FLOW), BIT(18) | BIT(21));
}

UNIT_MAIN(words, fields)
