/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of <linux/ethtool.h> as steering rules need.
 */
#ifndef _KAWELA_UNIT_RXNFC_H
#define _KAWELA_UNIT_RXNFC_H

#include "shim.h"

#define IPV4_USER_FLOW		0x0d
#define FLOW_EXT		0x80000000
#define FLOW_MAC_EXT		0x40000000
#define FLOW_RSS		0x20000000
#define ETH_RX_NFC_IP4		1
#define RX_CLS_FLOW_DISC	0xffffffffffffffffULL
#define RX_CLS_FLOW_WAKE	0xfffffffffffffffeULL
#define RX_CLS_LOC_SPECIAL	0x80000000
#define RX_CLS_LOC_ANY		0xffffffff
#define RX_CLS_LOC_FIRST	0xfffffffe
#define ETH_P_8021Q		0x8100
#define ETH_P_8021AD		0x88a8
#define ETH_P_1588		0x88f7
#define ETH_P_802_3_MIN		0x0600
#define sizeof_field(t, m)	sizeof(((t *)0)->m)

enum {
	ETHTOOL_GRXRINGS = 0x2d,
	ETHTOOL_GRXCLSRLCNT,
	ETHTOOL_GRXCLSRULE,
	ETHTOOL_GRXCLSRLALL,
	ETHTOOL_SRXCLSRLDEL,
	ETHTOOL_SRXCLSRLINS,
};

struct ethtool_tcpip4_spec {
	__be32 ip4src, ip4dst;
	__be16 psrc, pdst;
	u8 tos;
};

struct ethtool_usrip4_spec {
	__be32 ip4src, ip4dst, l4_4_bytes;
	u8 tos, ip_ver, proto;
};

struct ethhdr {
	u8 h_dest[6], h_source[6];
	__be16 h_proto;
} __attribute__((packed));

union ethtool_flow_union {
	struct ethtool_tcpip4_spec tcp_ip4_spec, udp_ip4_spec;
	struct ethtool_usrip4_spec usr_ip4_spec;
	struct ethhdr ether_spec;
	u8 hdata[52];
};

struct ethtool_rx_flow_spec {
	u32 flow_type;
	union ethtool_flow_union h_u, m_u;
	u64 ring_cookie;
	u32 location;
};

struct ethtool_rxnfc {
	u32 cmd;
	u64 data;
	struct ethtool_rx_flow_spec fs;
	u32 rule_cnt;
};

static inline u64 ethtool_get_flow_spec_ring_vf(u64 cookie)
{
	return cookie >> 32 & 0xff;
}

static inline const void *memchr_inv(const void *from, int c, size_t n)
{
	for (const u8 *p = from; n--; p++)
		if (*p != c)
			return p;
	return NULL;
}

#endif /* _KAWELA_UNIT_RXNFC_H */
