// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmit offloads: what a frame may ask of the device; and what it asks, as descriptor
 * bits.
 */
#include <linux/bitfield.h>
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include <kawela/port.h>

#include "tx_offload.h"

/* What the device does only for headers that it can find */
#define KWL_F_L4	(NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC | NETIF_F_GSO_MASK)

#define KWL_TX_CTX_TYPE		(KWL_TXD_DTYP_CTX | KWL_TXD_DEXT)

/* L4T by where the protocol keeps its checksum; the stack checked the rest */
static u32 kwl_tx_l4_type(const struct sk_buff *skb)
{
	switch (skb->csum_offset) {
	case offsetof(struct tcphdr, check):
		return FIELD_PREP(KWL_CTX_L4T, KWL_L4T_TCP);
	case offsetof(struct sctphdr, checksum):
		return FIELD_PREP(KWL_CTX_L4T, KWL_L4T_SCTP);
	default:
		return FIELD_PREP(KWL_CTX_L4T, KWL_L4T_UDP);
	}
}

static u32 kwl_tx_lens(const struct sk_buff *skb)
{
	u32 ip_off = kwl_tx_ip_offset(skb);

	return FIELD_PREP(KWL_CTX_MACLEN, ip_off) |
	       FIELD_PREP(KWL_CTX_IPLEN,
			  skb_checksum_start_offset(skb) - ip_off);
}

static bool kwl_tx_is_ipv4(const struct sk_buff *skb)
{
	if (unlikely(skb->encapsulation))
		return inner_ip_hdr(skb)->version == 4;
	return vlan_get_protocol(skb) == htons(ETH_P_IP);
}

static void kwl_tx_csum(const struct sk_buff *skb, struct kwl_tx_meta *meta)
{
	meta->olinfo |= KWL_TXD_TXSM;
	/* Where the device is to see IP, which in a tunnel isn't where kwl_tx_vlan() saw it */
	meta->ctx.vlan_macip_lens &= KWL_CTX_VLAN;
	meta->ctx.vlan_macip_lens |= kwl_tx_lens(skb);
	meta->ctx.type_tucmd = KWL_TX_CTX_TYPE | kwl_tx_l4_type(skb);
	if (kwl_tx_is_ipv4(skb))
		meta->ctx.type_tucmd |= KWL_CTX_IPV4;
}

/* Each segment gets its own IP length and checksum from the device */
static void kwl_tx_tso_ip(struct sk_buff *skb, struct kwl_tx_meta *meta)
{
	void *ip = skb->data + kwl_tx_ip_offset(skb);

	if (kwl_tx_is_ipv4(skb)) {
		((struct iphdr *)ip)->tot_len = 0;
		((struct iphdr *)ip)->check = 0;
		meta->olinfo |= KWL_TXD_IXSM;
	} else {
		((struct ipv6hdr *)ip)->payload_len = 0;
	}
}

/*
 * The device adds the length to the pseudo header's checksum of each segment,
 * so it must not contain one.
 */
static int kwl_tx_tso(struct sk_buff *skb, struct kwl_tx_meta *meta)
{
	u32 l4_off = skb_checksum_start_offset(skb);
	__sum16 *check;
	u32 l4_len;
	int err;

	err = skb_cow_head(skb, 0);
	if (err)
		return err;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		l4_len = sizeof(struct udphdr);
	else
		l4_len = __tcp_hdrlen((struct tcphdr *)(skb->data + l4_off));
	check = (__sum16 *)(skb->data + l4_off + skb->csum_offset);
	csum_replace_by_diff(check,
			     (__force __wsum)htonl(skb->len - l4_off));
	kwl_tx_tso_ip(skb, meta);
	meta->cmd |= KWL_TXD_TSE;
	meta->hdr_len = l4_off + l4_len;
	meta->segs = skb_shinfo(skb)->gso_segs;
	meta->ctx.mss_l4len_idx =
		FIELD_PREP(KWL_CTX_MSS, skb_shinfo(skb)->gso_size) |
		FIELD_PREP(KWL_CTX_L4LEN, l4_len);
	return 0;
}

static void kwl_tx_vlan(const struct sk_buff *skb, struct kwl_tx_meta *meta)
{
	meta->cmd |= KWL_TXD_VLE;
	meta->ctx.vlan_macip_lens =
		FIELD_PREP(KWL_CTX_VLAN, skb_vlan_tag_get(skb)) |
		FIELD_PREP(KWL_CTX_MACLEN, skb_network_offset(skb));
	meta->ctx.type_tucmd = KWL_TX_CTX_TYPE;
}

/*
 * Would segments have the same IPv4 ID where that matters? The device writes the inner
 * headers of each segment and repeats what stands before them. Only datagrams that may
 * not be fragmented may share an ID (RFC 6864).
 */
static bool kwl_tx_repeats_id(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && vlan_get_protocol(skb) == htons(ETH_P_IP) &&
	       !(ip_hdr(skb)->frag_off & htons(IP_DF));
}

/**
 * kwl_features_check() - ndo_features_check of PF and VF
 * @skb: a frame about to be sent
 * @netdev: the netdev
 * @features: what the stack would use
 *
 * The context descriptor has 7 bits for the MAC header's length and 9 for the
 * IP header's (datasheet 7.2.2.2); longer ones are left to software. So are frames
 * that have to be padded: the emulated device sums up the padding's length, too. And so
 * are segments in a tunnel whose outer headers may not all be the same.
 *
 * Return: the features to use.
 */
netdev_features_t kwl_features_check(struct sk_buff *skb,
				     struct net_device *netdev,
				     netdev_features_t features)
{
	u32 ip_off = kwl_tx_ip_offset(skb);

	if (unlikely(ip_off > FIELD_MAX(KWL_CTX_MACLEN)))
		return features & ~(KWL_F_L4 | NETIF_F_HW_VLAN_CTAG_TX);
	if (unlikely(skb->len < ETH_ZLEN) ||
	    (unlikely(skb->encapsulation) && kwl_tx_repeats_id(skb)))
		features &= ~KWL_F_L4;
	/* Only a frame with a checksum to fill in has a transport header */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(skb_checksum_start_offset(skb) - ip_off >
		     FIELD_MAX(KWL_CTX_IPLEN)))
		features &= ~KWL_F_L4;
	return vlan_features_check(skb, features);
}
KWL_EXPORT(kwl_features_check);

/**
 * kwl_tx_offload() - find out what a frame asks of the device
 * @skb: the frame; its headers are prepared for segmentation
 * @meta: receives the descriptor bits
 *
 * Datasheet 7.2.2.2 (context) and 7.2.2.3 (data).
 *
 * Return: 0, or -ENOMEM when a shared header could not be copied.
 */
int kwl_tx_offload(struct sk_buff *skb, struct kwl_tx_meta *meta)
{
	int err;

	*meta = (struct kwl_tx_meta) {
		.cmd = KWL_TX_CMD,
		.segs = 1,
	};
	if (skb_vlan_tag_present(skb))
		kwl_tx_vlan(skb, meta);
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		kwl_tx_csum(skb, meta);
		if (skb_is_gso(skb)) {
			err = kwl_tx_tso(skb, meta);
			if (err)
				return err;
		}
	}
	meta->olinfo |= FIELD_PREP(KWL_TXD_PAYLEN, skb->len - meta->hdr_len);
	return 0;
}
