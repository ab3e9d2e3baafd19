/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of an sk_buff as the decision what to offload looks at.
 */
#ifndef _KAWELA_UNIT_SKB_H
#define _KAWELA_UNIT_SKB_H

#include "shim.h"

typedef uint16_t __sum16;
typedef u64 dma_addr_t, netdev_features_t;
typedef u64 u64_stats_t;
typedef int netdev_tx_t;

/* What the port has and the decision doesn't look at */
typedef struct { int unused; } spinlock_t;
struct delayed_work { int unused; };
struct ethtool_channels;
struct ethtool_ops;
struct napi_struct { int unused; };
struct net_device;
struct netdev_bpf;
struct netlink_ext_ack;
struct rtnl_link_stats64;
struct u64_stats_sync {};
struct work_struct { int unused; };
struct xdp_buff {};
struct xdp_frame;
struct xdp_rxq_info {};

#define __iomem
#define ____cacheline_aligned_in_smp
#define SZ_32K			0x8000
#define IFNAMSIZ		16
#define KWL_EXPORT(sym)
#define netdev_priv(d)		((void *)(d))

#define NETIF_F_IP_CSUM		BIT(0)
#define NETIF_F_CSUM_MASK	GENMASK(2, 0)
#define NETIF_F_SCTP_CRC	BIT(3)
#define NETIF_F_TSO		BIT(4)
#define NETIF_F_GSO_MASK	GENMASK(7, 4)
#define NETIF_F_SG		BIT(8)
#define NETIF_F_HW_VLAN_CTAG_TX	BIT(9)
#define SKB_GSO_TCPV4		BIT(0)
#define SKB_GSO_TCPV6		BIT(1)
#define SKB_GSO_UDP_L4		BIT(2)
#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, v)	((x) = (v))
#define read_poll_timeout(...)	0
#define readl(a)		((void)(a), 0U)
#define writel(v, a)		((void)(v), (void)(a))

enum { CHECKSUM_NONE, CHECKSUM_PARTIAL };

/*
 * Offsets count from the beginning. @replaced is where a checksum was replaced, by
 * @diff; @cow_error is what skb_cow_head() returns. @two_tags are more than the stack
 * leaves to a device.
 */
struct sk_buff {
	u8 data[192];
	u32 len, network, inner_network, transport, csum_offset;
	bool encapsulation;
	u16 vlan;
	bool has_vlan, two_tags;
	int ip_summed;
	__be16 protocol;
	u32 gso_size, gso_segs, gso_type;
	u32 replaced;
	__wsum diff;
	int cow_error;
};

struct tcphdr { u8 before[16]; __sum16 check; };
struct udphdr { u8 before[6]; __sum16 check; };
struct sctphdr { u8 before[8]; __le32 checksum; };
struct iphdr {
	u8 ihl : 4, version : 4, tos;
	__be16 tot_len, id, frag_off;
	u8 ttl, protocol;
	__sum16 check;
};
struct ipv6hdr { u8 before[4]; __be16 payload_len; };

#define skb_shinfo(skb)			(skb)
#define skb_network_offset(skb)		((skb)->network)
#define skb_inner_network_offset(skb)	((skb)->inner_network)
#define skb_checksum_start_offset(skb)	((skb)->transport)
#define skb_vlan_tag_present(skb)	((skb)->has_vlan)
#define skb_vlan_tag_get(skb)		((skb)->vlan)
#define vlan_get_protocol(skb)		((skb)->protocol)
#define vlan_features_check(skb, f)	((skb)->two_tags ? 0 : (f))
#define skb_is_gso(skb)			((skb)->gso_size)
#define skb_cow_head(skb, room)		((skb)->cow_error)
#define __tcp_hdrlen(th)		(((const u8 *)(th))[12] >> 4 << 2)
#define IP_DF				0x4000
#define ip_hdr(skb)							\
	((const struct iphdr *)((skb)->data + (skb)->network))
#define inner_ip_hdr(skb)						\
	((const struct iphdr *)((skb)->data + (skb)->inner_network))
/* Only one frame is looked at, by a function that calls it skb */
#define csum_replace_by_diff(sum, by)					\
	(skb->replaced = (u8 *)(sum) - skb->data, skb->diff = (by))

struct device;

#endif /* _KAWELA_UNIT_SKB_H */
