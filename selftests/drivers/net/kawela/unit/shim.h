/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the drivers' pure parts need, in user space. Every
 * <linux/...> that they include is this file.
 */
#ifndef _KAWELA_SHIM_H
#define _KAWELA_SHIM_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef uint8_t __u8;
typedef uint16_t __le16, __be16, __u16;
typedef uint32_t __le32, __be32, __wsum, __u32;
typedef uint64_t __le64, __u64;

#define __force
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BITS_PER_LONG		64
#define BIT(n)			(1UL << (n))
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (63 - (h))))
#define __bf_shf(mask)		__builtin_ctzll(mask)
#define FIELD_PREP(mask, val)	(((u64)(val) << __bf_shf(mask)) & (mask))
#define FIELD_GET(mask, reg)	(((reg) & (mask)) >> __bf_shf(mask))
#define FIELD_MAX(mask)		((mask) >> __bf_shf(mask))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)

/* From <linux/bitmap.h> and <linux/find.h> */
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define BITS_TO_LONGS(n)	DIV_ROUND_UP(n, BITS_PER_LONG)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

static inline bool test_bit(unsigned int i, const unsigned long *map)
{
	return map[i / BITS_PER_LONG] >> i % BITS_PER_LONG & 1;
}

static inline void __set_bit(unsigned int i, unsigned long *map)
{
	map[i / BITS_PER_LONG] |= BIT(i % BITS_PER_LONG);
}

static inline void __clear_bit(unsigned int i, unsigned long *map)
{
	map[i / BITS_PER_LONG] &= ~BIT(i % BITS_PER_LONG);
}

static inline void bitmap_zero(unsigned long *map, unsigned int n)
{
	memset(map, 0, BITS_TO_LONGS(n) * sizeof(*map));
}

static inline void bitmap_copy(unsigned long *to, const unsigned long *from,
			       unsigned int n)
{
	memcpy(to, from, BITS_TO_LONGS(n) * sizeof(*to));
}

static inline void bitmap_or(unsigned long *to, const unsigned long *a,
			     const unsigned long *b, unsigned int n)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(n); i++)
		to[i] = a[i] | b[i];
}

static inline unsigned int bitmap_weight(const unsigned long *map,
					 unsigned int n)
{
	unsigned int weight = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(n); i++)
		if (map[i])
			weight += __builtin_popcountl(map[i]);
	return weight;
}

static inline unsigned int find_next_bit(const unsigned long *map,
					 unsigned int n, unsigned int from)
{
	for (unsigned int i = from; i < n; i++) {
		unsigned long rest = map[i / BITS_PER_LONG] >> i % BITS_PER_LONG;

		if (rest)
			return min(i + (unsigned int)__builtin_ctzl(rest), n);
		i |= BITS_PER_LONG - 1;
	}
	return n;
}

static inline unsigned int find_last_bit(const unsigned long *map,
					 unsigned int n)
{
	for (unsigned int i = n; i--; )
		if (test_bit(i, map))
			return i;
	return n;
}

static inline bool bitmap_empty(const unsigned long *map, unsigned int n)
{
	return find_next_bit(map, n, 0) == n;
}

#define for_each_set_bit(i, map, n)					\
	for ((i) = find_next_bit(map, n, 0); (i) < (n);			\
	     (i) = find_next_bit(map, n, (i) + 1))

#define ETH_ALEN		6
#define ETH_ZLEN		60
#define ETH_FCS_LEN		4
#define VLAN_N_VID		4096
#define VLAN_VID_MASK		0xfff
#define VLAN_PRIO_SHIFT		13
#define ETH_HLEN		14
#define ETH_P_IP		0x0800
#define ETH_P_IPV6		0x86dd

/* From <linux/ethtool.h> */
#define TCP_V4_FLOW		0x01
#define UDP_V4_FLOW		0x02
#define SCTP_V4_FLOW		0x03
#define AH_ESP_V4_FLOW		0x04
#define TCP_V6_FLOW		0x05
#define UDP_V6_FLOW		0x06
#define SCTP_V6_FLOW		0x07
#define AH_ESP_V6_FLOW		0x08
#define AH_V4_FLOW		0x09
#define ESP_V4_FLOW		0x0a
#define AH_V6_FLOW		0x0b
#define ESP_V6_FLOW		0x0c
#define IPV4_FLOW		0x10
#define IPV6_FLOW		0x11
#define ETHER_FLOW		0x12
#define RXH_IP_SRC		(1 << 4)
#define RXH_IP_DST		(1 << 5)
#define RXH_L4_B_0_1		(1 << 6)
#define RXH_L4_B_2_3		(1 << 7)

/* From <linux/etherdevice.h> */
static inline bool ether_addr_equal(const u8 *a, const u8 *b)
{
	return !memcmp(a, b, ETH_ALEN);
}

static inline void ether_addr_copy(u8 *to, const u8 *from)
{
	memcpy(to, from, ETH_ALEN);
}

static inline bool is_zero_ether_addr(const u8 *a)
{
	return !(a[0] | a[1] | a[2] | a[3] | a[4] | a[5]);
}

static inline bool is_valid_ether_addr(const u8 *a)
{
	return !(a[0] & 1) && !is_zero_ether_addr(a);
}

/* From <linux/if_link.h> */
enum {
	IFLA_VF_LINK_STATE_AUTO,
	IFLA_VF_LINK_STATE_ENABLE,
	IFLA_VF_LINK_STATE_DISABLE,
};

/* From <linux/mii.h> */
#define BMCR_FULLDPLX		0x0100
#define BMCR_LOOPBACK		0x4000
#define BMCR_SPEED1000		0x0040
#define BMCR_ANRESTART		0x0200
#define BMCR_ANENABLE		0x1000
#define BMCR_SPEED100		0x2000
#define ADVERTISE_CSMA		0x0001
#define ADVERTISE_10HALF	0x0020
#define ADVERTISE_10FULL	0x0040
#define ADVERTISE_100HALF	0x0080
#define ADVERTISE_100FULL	0x0100
#define ADVERTISE_PAUSE_CAP	0x0400
#define ADVERTISE_PAUSE_ASYM	0x0800
#define ADVERTISE_1000FULL	0x0200
#define FLOW_CTRL_TX		0x01
#define FLOW_CTRL_RX		0x02

/* From <linux/ethtool.h> */
#define WAKE_PHY		(1 << 0)
#define WAKE_UCAST		(1 << 1)
#define WAKE_MCAST		(1 << 2)
#define WAKE_BCAST		(1 << 3)
#define WAKE_ARP		(1 << 4)
#define WAKE_MAGIC		(1 << 5)
#define WAKE_MAGICSECURE	(1 << 6)
#define WAKE_FILTER		(1 << 7)

struct pci_dev;

#endif /* _KAWELA_SHIM_H */
