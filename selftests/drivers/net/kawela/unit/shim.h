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

#define ETH_ALEN		6
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
#define IPV4_FLOW		0x10
#define RXH_IP_SRC		(1 << 4)
#define RXH_IP_DST		(1 << 5)
#define RXH_L4_B_0_1		(1 << 6)
#define RXH_L4_B_2_3		(1 << 7)

struct pci_dev;

#endif /* _KAWELA_SHIM_H */
