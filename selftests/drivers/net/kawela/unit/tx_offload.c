// SPDX-License-Identifier: GPL-2.0
/* What a frame asks of the device, for frames of each kind. */
#include "shim.h"
#include "skb.h"
#include "unit.h"

#include "libkawela/tx_offload.c"

#define MAC	14
#define TAG	0x2064

/* A frame; @ip is 4 or 6, @l4 the length of the transport header, @data its load */
static struct kwl_tx_meta offload(struct sk_buff *skb, int ip, u32 csum_offset,
				  u32 l4, u32 data)
{
	u32 ip_len = ip == 4 ? 20 : 40;
	struct kwl_tx_meta meta;

	skb->protocol = htons(ip == 4 ? ETH_P_IP : ETH_P_IPV6);
	skb->network = MAC;
	skb->transport = MAC + ip_len;
	skb->len = MAC + ip_len + l4 + data;
	skb->csum_offset = csum_offset;
	skb->data[skb->transport + 12] = l4 / 4 << 4;
	CHECK_EQ(kwl_tx_offload(skb, &meta), 0);
	return meta;
}

static u32 lens(const struct kwl_tx_meta *meta)
{
	return meta->ctx.vlan_macip_lens;
}

static void plain(void)
{
	struct sk_buff skb = {};
	struct kwl_tx_meta meta = offload(&skb, 4, 16, 20, 100);

	CHECK_EQ(meta.cmd, KWL_TXD_DTYP_DATA | KWL_TXD_DEXT | KWL_TXD_IFCS);
	CHECK_EQ(meta.olinfo, FIELD_PREP(KWL_TXD_PAYLEN, skb.len));
	CHECK_EQ(meta.ctx.type_tucmd, 0);
	CHECK_EQ(meta.segs, 1);
	CHECK_EQ(kwl_tx_wire_bytes(&skb, &meta), skb.len);
}

static void tagged(void)
{
	struct sk_buff skb = { .vlan = TAG, .has_vlan = true };
	struct kwl_tx_meta meta = offload(&skb, 4, 16, 20, 100);

	CHECK_EQ(!!(meta.cmd & KWL_TXD_VLE), 1);
	CHECK_EQ(lens(&meta), (u32)TAG << 16 | MAC << 9);
	CHECK_EQ(meta.ctx.type_tucmd, KWL_TXD_DTYP_CTX | KWL_TXD_DEXT);
	CHECK_EQ(meta.olinfo & KWL_TXD_TXSM, 0);
}

static void csum(void)
{
	static const struct {
		int ip;
		u32 offset, l4, type;
	} kind[] = {
		{ 4, 16, 20, KWL_L4T_TCP }, { 6, 16, 20, KWL_L4T_TCP },
		{ 4, 6, 8, KWL_L4T_UDP }, { 6, 6, 8, KWL_L4T_UDP },
		{ 4, 8, 12, KWL_L4T_SCTP }, { 6, 8, 12, KWL_L4T_SCTP },
	};

	for (u32 i = 0; i < 2 * ARRAY_SIZE(kind); i++) {
		u32 k = i / 2, ip_len = kind[k].ip == 4 ? 20 : 40;
		struct sk_buff skb = {
			.ip_summed = CHECKSUM_PARTIAL,
			.vlan = TAG, .has_vlan = i % 2,
		};
		struct kwl_tx_meta meta = offload(&skb, kind[k].ip,
						  kind[k].offset, kind[k].l4,
						  200);

		CHECK_EQ(meta.olinfo, FIELD_PREP(KWL_TXD_PAYLEN, skb.len) |
				      KWL_TXD_TXSM);
		CHECK_EQ(lens(&meta), (i % 2 ? (u32)TAG << 16 : 0) |
				      MAC << 9 | ip_len);
		CHECK_EQ(FIELD_GET(KWL_CTX_L4T, meta.ctx.type_tucmd),
			 kind[k].type);
		CHECK_EQ(!!(meta.ctx.type_tucmd & KWL_CTX_IPV4),
			 kind[k].ip == 4);
		CHECK_EQ(meta.ctx.mss_l4len_idx, 0);
		CHECK_EQ(!!(meta.cmd & KWL_TXD_TSE), 0);
	}
}

static void segments(int ip, u32 gso_type, u32 csum_offset, u32 l4)
{
	struct sk_buff skb = {
		.ip_summed = CHECKSUM_PARTIAL,
		.gso_size = 1400, .gso_segs = 3, .gso_type = gso_type,
	};
	u32 hdr = MAC + (ip == 4 ? 20 : 40) + l4;
	struct kwl_tx_meta meta = offload(&skb, ip, csum_offset, l4, 3000);

	CHECK_EQ(!!(meta.cmd & KWL_TXD_TSE), 1);
	CHECK_EQ(!!(meta.olinfo & KWL_TXD_TXSM), 1);
	CHECK_EQ(!!(meta.olinfo & KWL_TXD_IXSM), ip == 4);
	/* The load without headers */
	CHECK_EQ(FIELD_GET(KWL_TXD_PAYLEN, meta.olinfo), 3000);
	CHECK_EQ(meta.hdr_len, hdr);
	CHECK_EQ(FIELD_GET(KWL_CTX_MSS, meta.ctx.mss_l4len_idx), 1400);
	CHECK_EQ(FIELD_GET(KWL_CTX_L4LEN, meta.ctx.mss_l4len_idx), l4);
	CHECK_EQ(meta.segs, 3);
	CHECK_EQ(kwl_tx_wire_bytes(&skb, &meta), 3 * hdr + 3000);
	/* The length was taken out of the pseudo header's checksum */
	CHECK_EQ(skb.replaced, skb.transport + csum_offset);
	CHECK_EQ(skb.diff, htonl(3000 + l4));
}

static void tso(void)
{
	segments(4, SKB_GSO_TCPV4, 16, 20);
	segments(4, SKB_GSO_TCPV4, 16, 32);
	segments(6, SKB_GSO_TCPV6, 16, 32);
}

static void uso(void)
{
	segments(4, SKB_GSO_UDP_L4, 6, 8);
	segments(6, SKB_GSO_UDP_L4, 6, 8);
}

/*
 * TCP in a VXLAN tunnel, with a VLAN tag outside or without: the device sees the
 * inner headers behind a long first one
 */
static void tunnel(void)
{
	static const struct {
		int ip;
		u32 outer, len;
	} kind[] = { { 4, 20, 20 }, { 6, 20, 40 }, { 4, 40, 20 }, { 6, 40, 40 } };

	for (u32 k = 0; k < 2 * ARRAY_SIZE(kind); k++) {
		u32 i = k / 2, inner = MAC + kind[i].outer + 8 + 8 + MAC;
		struct sk_buff skb = {
			.ip_summed = CHECKSUM_PARTIAL, .encapsulation = true,
			.gso_size = 1300, .gso_segs = 2,
			.gso_type = SKB_GSO_TCPV4, .network = MAC,
			.vlan = TAG, .has_vlan = k % 2,
			.inner_network = inner,
			.transport = inner + kind[i].len, .csum_offset = 16,
			.protocol = htons(kind[i].outer == 20 ? ETH_P_IP :
								ETH_P_IPV6),
		};
		struct kwl_tx_meta meta;

		skb.data[inner] = kind[i].ip << 4;
		skb.data[inner + 2] = 0xff;
		skb.data[inner + 4] = 0xff;
		skb.data[skb.transport + 12] = 5 << 4;
		skb.len = skb.transport + 20 + 2600;
		CHECK_EQ(kwl_tx_offload(&skb, &meta), 0);
		CHECK_EQ(lens(&meta), (k % 2 ? (u32)TAG << 16 : 0) |
				      inner << 9 | kind[i].len);
		CHECK_EQ(!!(meta.ctx.type_tucmd & KWL_CTX_IPV4),
			 kind[i].ip == 4);
		CHECK_EQ(!!(meta.olinfo & KWL_TXD_IXSM), kind[i].ip == 4);
		CHECK_EQ(FIELD_GET(KWL_TXD_PAYLEN, meta.olinfo), 2600);
		CHECK_EQ(meta.hdr_len, skb.transport + 20);
		CHECK_EQ(skb.replaced, skb.transport + 16);
		CHECK_EQ(skb.diff, htonl(2620));
		/* The inner length, which the device writes anew */
		CHECK_EQ(skb.data[inner + (kind[i].ip == 4 ? 2 : 4)], 0);
	}
}

#define L4	(NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC | NETIF_F_GSO_MASK)
#define REST	(NETIF_F_SG | NETIF_F_HW_VLAN_CTAG_TX)

/* What the device may do of all that it could */
static netdev_features_t allowed(struct sk_buff *skb)
{
	return kwl_features_check(skb, NULL, L4 | REST);
}

/* Outer IPv4 headers are repeated as they are: only those that say DF may be */
static void outer_id(void)
{
	for (u32 i = 0; i < 8; i++) {
		bool v4 = i & 1, df = i & 2, gso = i & 4;
		struct sk_buff skb = {
			.encapsulation = true, .network = MAC, .len = 3000,
			.gso_size = gso ? 1300 : 0,
			.protocol = htons(v4 ? ETH_P_IP : ETH_P_IPV6),
		};

		skb.data[MAC + 6] = df ? 0x40 : 0;
		CHECK_EQ(kwl_tx_repeats_id(&skb), v4 && gso && !df);
		CHECK_EQ(allowed(&skb), v4 && gso && !df ? REST : L4 | REST);
		/* Without a tunnel the device writes the ID anew */
		skb.encapsulation = false;
		CHECK_EQ(allowed(&skb), L4 | REST);
	}
}

/* Headers that the context has no room for, in a tunnel or not */
static void long_headers(void)
{
	for (u32 i = 0; i < 8; i++) {
		bool tunnel = i & 1, far = i & 2, long_ip = i & 4;
		u32 at = far ? 128 : 127;
		struct sk_buff skb = {
			.ip_summed = CHECKSUM_PARTIAL, .len = 3000,
			.encapsulation = tunnel, .network = tunnel ? MAC : at,
			.inner_network = tunnel ? at : 0,
			.transport = at + (long_ip ? 512 : 511),
		};

		CHECK_EQ(allowed(&skb), far ? NETIF_F_SG : long_ip ? REST : L4 | REST);
		/* Nobody has said where that header is */
		skb.ip_summed = CHECKSUM_NONE;
		CHECK_EQ(allowed(&skb), far ? NETIF_F_SG : L4 | REST);
	}
}

/* Frames that are padded; and what the stack itself doesn't leave to a device */
static void lengths_and_tags(void)
{
	struct sk_buff skb = { .network = MAC, .len = 59 };

	CHECK_EQ(allowed(&skb), REST);
	skb.len = 60;
	CHECK_EQ(allowed(&skb), L4 | REST);
	skb.two_tags = true;
	CHECK_EQ(allowed(&skb), 0);
}

/* A shared header that can't be copied: nothing was changed */
static void no_memory(void)
{
	struct sk_buff skb = {
		.ip_summed = CHECKSUM_PARTIAL, .gso_size = 1400,
		.gso_type = SKB_GSO_TCPV4, .cow_error = -ENOMEM,
		.protocol = htons(ETH_P_IP),
	};
	struct kwl_tx_meta meta;

	CHECK_EQ(kwl_tx_offload(&skb, &meta), -ENOMEM);
	CHECK_EQ(skb.replaced, 0);
}

UNIT_MAIN(plain, tagged, csum, tso, uso, tunnel, outer_id, long_headers, lengths_and_tags,
	  no_memory)
