/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel and of struct kawela as the PF's mailbox service needs.
 * Registers are functions of the test. Time is simulated: each access takes some.
 */
#ifndef _KAWELA_UNIT_PF_KERNEL_H
#define _KAWELA_UNIT_PF_KERNEL_H

#include <stdlib.h>
#include <time.h>

#include "shim.h"

typedef int64_t ktime_t;
struct device;
struct pci_dev;
struct workqueue_struct;
struct delayed_work {
	bool asked;
};

#define __iomem
#define HZ			250
#define VLAN_HLEN		4
#define VLAN_ETH_FRAME_LEN	1518
#define SPEED_1000		1000
#define DUPLEX_FULL		1
#define READ_ONCE(x)		(*(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))
#define time_before(a, b)	((long)((a) - (b)) < 0)
#define time_after(a, b)	time_before(b, a)
#define msecs_to_jiffies(ms)	((ms) * HZ / 1000)
#define jiffies			((unsigned long)(sim_ns / (1000000000 / HZ)))
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define min_not_zero(a, b)	({ typeof(a) _a = (a); typeof(b) _b = (b);	\
				   !_a ? _b : !_b ? _a : min(_a, _b); })
#define array_index_nospec(i, n)	(i)
#define lower_32_bits(n)	((u32)(n))
#define upper_32_bits(n)	((u32)((n) >> 32))
#define lockdep_assert_held(l)
#define DEBUG_NET_WARN_ON_ONCE(c)	assert(!(c))
#define WARN_ON_ONCE(c)		({ bool _c = (c); assert(!_c); _c; })
#define current_work()		true
#define mutex_lock(l)
#define mutex_unlock(l)
#define netif_addr_lock_bh(n)
#define netif_addr_unlock_bh(n)
#define netdev_for_each_uc_addr(ha, n)	for ((ha) = NULL; (ha); )
#define mod_delayed_work(q, w, d)	((w)->asked = true)
#define trace_kwl_mbx(...)	traced(__VA_ARGS__)
#define trace_kawela_vf_state(...)
#define trace_kawela_filter(...)
#define KWL_EXPORT(sym)
#define ERR_PTR(err)		(err)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define RATELIMIT_MSG_ON_RELEASE 1
#define _LIBKAWELA_TRACE_H
#define _KAWELA_TRACE_H
#define _KAWELA_H

struct ratelimit_state {
	unsigned long interval, begin;
	int burst, printed;
};

struct netdev_hw_addr {
	u8 addr[ETH_ALEN];
};

struct net_device {
	u8 dev_addr[ETH_ALEN];
};

struct ifla_vf_stats {
	u64 rx_packets, tx_packets, rx_bytes, tx_bytes, multicast;
};

static u64 sim_ns;			/* ns */

static u32 readl(const u8 *addr);
static void writel(u32 val, u8 *addr);
static void said(unsigned int vf);
struct kwl_mbx;
struct kwl_msg;
static void traced(const struct kwl_mbx *mbx, bool sent, const struct kwl_msg *msg,
		   int result);
u32 rnd(u32 below);

/* Lines about one VF name it first */
#define FIRST(vf, ...)			(vf)
#define netif_info(p, t, n, fmt, ...)	said(FIRST(__VA_ARGS__ __VA_OPT__(,) ~0U, 0))
#define netif_warn(p, t, n, ...)	said(~0U)
#define pci_warn(p, fmt, vf, ...)	said(vf)

static ktime_t ktime_get(void)
{
	return sim_ns;
}

static ktime_t ktime_add_us(ktime_t t, u64 us)
{
	return t + us * 1000;
}

static bool ktime_after(ktime_t a, ktime_t b)
{
	return a > b;
}

static void usleep_range(unsigned int least, unsigned int most)
{
	sim_ns += most * 1000;
}

static void ratelimit_state_init(struct ratelimit_state *rs, int interval, int burst)
{
	*rs = (struct ratelimit_state) { .interval = interval, .burst = burst };
}

static void ratelimit_set_flags(struct ratelimit_state *rs, int flags)
{
}

static int ___ratelimit(struct ratelimit_state *rs, const char *func)
{
	if (!rs->begin || time_after(jiffies, rs->begin + rs->interval)) {
		rs->begin = jiffies | 1;
		rs->printed = 0;
	}
	return rs->printed++ < rs->burst;
}

/* Nothing that the test takes for a secret */
static u32 get_random_u32(void)
{
	return rnd(1U << 31) | 1U << 31;
}

static void put_unaligned_le16(u16 val, u8 *to)
{
	to[0] = val;
	to[1] = val >> 8;
}

static void put_unaligned_le32(u32 val, u8 *to)
{
	put_unaligned_le16(val, to);
	put_unaligned_le16(val >> 16, to + 2);
}

static void eth_zero_addr(u8 *mac)
{
	memset(mac, 0, ETH_ALEN);
}

static void eth_random_addr(u8 *mac)
{
	for (int i = 0; i < ETH_ALEN; i++)
		mac[i] = rnd(256);
	mac[0] = (mac[0] & 0xfe) | 2;
}

#include "kawela/vf.h"
#include "kawela/filter_image.h"

/* The members that these files know */
struct kawela {
	struct pci_dev *pdev;
	struct kwl_hw hw;
	struct net_device *netdev;
	struct workqueue_struct *wq;
	struct delayed_work retry;
	struct {
		bool up;
		int speed;
		u8 duplex;
	} link;
	bool vf_lock;
	unsigned int n_vfs;
	struct kawela_vf vf[KWL_MAX_VFS];
	struct kawela_want want;
	struct kawela_image image, next_image;
	bool image_valid, uc_full, vlans_full;
	struct kawela_vf_want undo;
};

static struct kawela *kawela_of(const struct net_device *netdev)
{
	return NULL;
}

#endif /* _KAWELA_UNIT_PF_KERNEL_H */
