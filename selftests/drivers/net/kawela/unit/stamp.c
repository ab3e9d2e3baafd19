// SPDX-License-Identifier: GPL-2.0
/*
 * Timestamps of frames, while VFs fill the same registers as they like: between any two
 * accesses of the PF to its registers, a VF may send a frame that the device stamps.
 */
#include <stdlib.h>
#include <time.h>

#include "shim.h"
#include "unit.h"

typedef int64_t ktime_t;
typedef int spinlock_t;
struct device;
struct netlink_ext_ack;
struct ptp_clock;
struct ptp_clock_info {
	int none;
};
struct kernel_hwtstamp_config {
	int tx_type, rx_filter;
};
struct kernel_ethtool_ts_info {
	u32 so_timestamping, tx_types, rx_filters;
	int phc_index;
};
struct ethtool_ts_stats {
	u64 pkts, lost, err;
};
struct skb_shared_hwtstamps {
	ktime_t hwtstamp;
};
struct sk_buff {
	u8 tx_flags;
	int users;
	u64 sent, stamp;
};
struct kawela;
struct net_device {
	struct kawela *pf;
};

#define __iomem
#define HZ			250
#define READ_ONCE(x)		(*(volatile typeof(x) *)&(x))
#define jiffies			(now / (1000000000 / HZ))
#define time_is_before_jiffies(t)	((long)((t) - jiffies) < 0)
#define spin_lock_irqsave(l, f)		((void)(f))
#define spin_unlock_irqrestore(l, f)	((void)(f))
#define lockdep_assert_held(l)
#define netdev_assert_locked_ops_compat(n)
#define skb_shinfo(skb)		(skb)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define ns_to_ktime(ns)		((ktime_t)(ns))
#define NL_SET_ERR_MSG_MOD(e, text)
#define ptp_schedule_worker(c, d)
#define ptp_clock_index(c)	7
#define ethtool_op_get_ts_info(n, i)
#define ETH_P_1588		0x88f7
#define SKBTX_IN_PROGRESS	4
#define SOF_TIMESTAMPING_TX_HARDWARE	1
#define SOF_TIMESTAMPING_RX_HARDWARE	4
#define SOF_TIMESTAMPING_RAW_HARDWARE	64
#define _KAWELA_H
enum hwtstamp_rx_filters {
	HWTSTAMP_FILTER_NONE,
	HWTSTAMP_FILTER_PTP_V2_L2_EVENT = 9,
	HWTSTAMP_FILTER_PTP_V2_L2_SYNC,
	HWTSTAMP_FILTER_PTP_V2_L2_DELAY_REQ,
};
enum { HWTSTAMP_TX_OFF, HWTSTAMP_TX_ON, HWTSTAMP_TX_ONESTEP_SYNC };

static u64 now;		/* ns */

static u32 readl(const u8 *addr);
static void writel(u32 val, u8 *addr);

static struct sk_buff *skb_get(struct sk_buff *skb)
{
	skb->users++;
	return skb;
}

static void dev_kfree_skb_any(struct sk_buff *skb)
{
	if (skb)
		skb->users--;
}

static void skb_tstamp_tx(struct sk_buff *skb, struct skb_shared_hwtstamps *stamp)
{
	skb->stamp = stamp->hwtstamp;
}

#include <kawela/hw.h>
#include "kawela/ptp.h"

struct kwl_port {
	struct net_device *netdev;
};

struct kawela {
	struct kwl_hw hw;
	struct kawela_ptp ptp;
};

static struct kawela *kawela_of(const struct net_device *netdev)
{
	return netdev->pf;
}

#include "kawela/clock.c"
#include "kawela/stamp.c"

/* A direction of the device: who filled its register, and with what */
struct latch {
	bool enabled, valid, pf;
	u64 time;
};

static struct {
	struct latch rx, tx;
	u32 etqf, rxctl, rxcfg;
} dev;
static u64 state;
static bool guests;

static u32 rnd(u32 below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 2685821657736338717ULL >> 32) * below >> 32;
}

/* A frame passes. Return: whether it is the one that the register tells of. */
static bool passes(struct latch *latch, bool pf)
{
	if (!latch->enabled || latch->valid)
		return false;
	*latch = (struct latch) { .enabled = true, .valid = true, .pf = pf, .time = now };
	return true;
}

static void meanwhile(void)
{
	now += 1000 + rnd(1000);
	if (guests && !rnd(4))
		passes(rnd(2) ? &dev.rx : &dev.tx, false);
}

static u32 readl(const u8 *addr)
{
	u32 val;

	meanwhile();
	switch ((uintptr_t)addr - 4) {
	case KWL_TSYNCTXCTL:
		return dev.tx.enabled * KWL_TSYNC_EN | dev.tx.valid;
	case KWL_TSYNCRXCTL:
		return dev.rxctl | dev.rx.valid;
	case KWL_TXSTMPL:
		return dev.tx.time;
	case KWL_TXSTMPH:
		val = dev.tx.time >> 32;
		dev.tx.valid = false;
		return val;
	case KWL_RXSTMPL:
		return dev.rx.time;
	case KWL_RXSTMPH:
		return dev.rx.time >> 32;
	case KWL_RXSATRH:
		/* As the emulated device has it */
		dev.rx.valid = false;
	}
	return 0;
}

static void writel(u32 val, u8 *addr)
{
	meanwhile();
	switch ((uintptr_t)addr - 4) {
	case KWL_TSYNCTXCTL:
		dev.tx.enabled = val & KWL_TSYNC_EN;
		break;
	case KWL_TSYNCRXCTL:
		dev.rxctl = val;
		dev.rx.enabled = val & KWL_TSYNC_EN;
		break;
	case KWL_TSYNCRXCFG:
		dev.rxcfg = val;
		break;
	case KWL_ETQF(0):
		dev.etqf = val;
	}
}

/* A time may be all ones by chance */
u32 kwl_rd_suspect(struct kwl_hw *hw, u32 reg)
{
	return ~0U;
}

static struct kawela pf;
static struct net_device netdev = { .pf = &pf };
static struct kwl_port port = { .netdev = &netdev };

static int set(int tx, int rx)
{
	struct kernel_hwtstamp_config config = { tx, rx };

	return kawela_hwtstamp_set(&netdev, &config, NULL);
}

static void begin(bool with_guests, u32 quirks)
{
	guests = false;
	memset(&dev, 0, sizeof(dev));
	pf = (struct kawela) { .hw = { .base = (u8 *)4, .quirks = quirks } };
	pf.ptp.clock = (struct ptp_clock *)&pf;
	pf.ptp.running = true;
	pf.ptp.base.rate = KAWELA_RATE_ONE;
	kawela_stamp_init(&pf);
	guests = with_guests;
}

/* Time passes in which only guests and the worker are at work */
static void wait(u64 ns)
{
	u64 end = now + ns;

	while (now < end) {
		now += 4000000;
		if (guests && !rnd(8))
			passes(&dev.rx, false);
		kawela_stamp_work(&pf.ptp.info);
	}
}

/* A received frame has its own timestamp, or none; not always none */
static void receive(void)
{
	u32 stamped = 0, tried = 0;

	begin(true, 0);
	CHECK_EQ(set(HWTSTAMP_TX_ON, HWTSTAMP_FILTER_PTP_V2_L2_SYNC), 0);
	for (u32 i = 0; i < 20000; i++) {
		u64 when, got;

		/* Now and then NAPI comes later than the worker's patience is */
		wait(rnd(8) ? 10000000 : 150000000);
		if (!passes(&dev.rx, true))
			continue;
		when = now;
		tried++;
		wait(rnd(50) ? rnd(4000000) : 120000000 + rnd(60000000));
		got = kawela_stamp_rx(&port);
		if (got)
			CHECK_EQ(got, when);
		stamped += !!got;
	}
	CHECK_EQ(tried > 1000 && stamped > tried / 4, true);
}

/* A frame that nobody takes locks the register for some tenths of a second at most */
static void unlocks(void)
{
	u64 since;

	begin(false, 0);
	CHECK_EQ(set(HWTSTAMP_TX_OFF, HWTSTAMP_FILTER_PTP_V2_L2_SYNC), 0);
	for (u32 i = 0; i < 100; i++) {
		CHECK_EQ(passes(&dev.rx, false), true);
		for (since = now; dev.rx.valid; )
			now += kawela_stamp_work(&pf.ptp.info) * (1000000000ULL / HZ) +
			       4000000;
		CHECK_EQ(now - since < 400000000, true);
		CHECK_EQ(now - since > 90000000, true);
	}
	/* NAPI in time: the worker leaves the PF's own alone */
	for (u32 i = 0; i < 100; i++) {
		kawela_stamp_rx(&port);
		CHECK_EQ(passes(&dev.rx, true), true);
		since = now;
		kawela_stamp_work(&pf.ptp.info);
		now += 60000000;
		kawela_stamp_work(&pf.ptp.info);
		CHECK_EQ(kawela_stamp_rx(&port), since);
	}
}

/* A sent frame always gets one, from between the request and its leaving */
static void transmit(void)
{
	begin(true, 0);
	CHECK_EQ(set(HWTSTAMP_TX_ON, HWTSTAMP_FILTER_NONE), 0);
	for (u32 i = 0; i < 20000; i++) {
		struct sk_buff skb = { .users = 1 }, other = { .users = 1 };
		u64 asked = now;

		CHECK_EQ(kawela_stamp_tx(&port, &skb), true);
		CHECK_EQ(skb.tx_flags, SKBTX_IN_PROGRESS);
		CHECK_EQ(kawela_stamp_tx(&port, &other), false);
		now += rnd(2000000);
		skb.sent = now;
		passes(&dev.tx, true);
		CHECK_EQ(kawela_stamp_work(&pf.ptp.info), -1);
		CHECK_EQ(skb.stamp >= asked && skb.stamp <= skb.sent, true);
		CHECK_EQ(skb.users == 1 && other.users == 1 && !other.tx_flags, true);
	}
	CHECK_EQ(pf.ptp.tx_stamps, 20000);
	CHECK_EQ(pf.ptp.tx_skipped, 20000);
	CHECK_EQ(pf.ptp.tx_lost, 0);
}

/* One that doesn't come is given up after a second, or with the device */
static void lost(void)
{
	struct sk_buff skb = { .users = 1 };
	struct ethtool_ts_stats stats;

	begin(false, 0);
	CHECK_EQ(kawela_stamp_tx(&port, &skb), false);
	CHECK_EQ(set(HWTSTAMP_TX_ON, HWTSTAMP_FILTER_NONE), 0);
	CHECK_EQ(kawela_stamp_tx(&port, &skb), true);
	CHECK_EQ(kawela_stamp_work(&pf.ptp.info), 1);
	now += 900000000;
	CHECK_EQ(kawela_stamp_work(&pf.ptp.info), 1);
	now += 200000000;
	CHECK_EQ(kawela_stamp_work(&pf.ptp.info), -1);
	CHECK_EQ(skb.users, 1);
	CHECK_EQ(kawela_stamp_tx(&port, &skb), true);
	kawela_stamp_forget(&pf);
	kawela_stamp_forget(&pf);
	CHECK_EQ(skb.users, 1);
	CHECK_EQ(skb.stamp, 0);
	kawela_get_ts_stats(&netdev, &stats);
	CHECK_EQ(stats.lost, 2);
	CHECK_EQ(stats.pkts, 0);
	pf.ptp.running = false;
	passes(&dev.rx, true);
	CHECK_EQ(kawela_stamp_rx(&port), 0);
}

/* What is refused changes nothing; what is offered is what can be asked for */
static void settings(void)
{
	struct kernel_ethtool_ts_info info = {};
	struct kernel_hwtstamp_config config;

	begin(false, 0);
	CHECK_EQ(set(HWTSTAMP_TX_ON, HWTSTAMP_FILTER_PTP_V2_L2_DELAY_REQ), 0);
	CHECK_EQ(dev.etqf, KWL_ETQF_FILTER_EN | KWL_ETQF_1588 | ETH_P_1588);
	CHECK_EQ(dev.rxcfg, 0x100);
	CHECK_EQ(dev.rxctl, KWL_TSYNC_EN);
	CHECK_EQ(set(HWTSTAMP_TX_ONESTEP_SYNC, HWTSTAMP_FILTER_NONE), -ERANGE);
	CHECK_EQ(set(HWTSTAMP_TX_OFF, 1), -ERANGE);
	kawela_hwtstamp_get(&netdev, &config);
	CHECK_EQ(config.tx_type, HWTSTAMP_TX_ON);
	CHECK_EQ(config.rx_filter, HWTSTAMP_FILTER_PTP_V2_L2_DELAY_REQ);
	kawela_get_ts_info(&netdev, &info);
	CHECK_EQ(info.rx_filters, 0xe01);
	CHECK_EQ(info.tx_types, 3);
	CHECK_EQ(info.phc_index, 7);
	CHECK_EQ(info.so_timestamping, 1 | 4 | 64);
	CHECK_EQ(set(HWTSTAMP_TX_OFF, HWTSTAMP_FILTER_PTP_V2_L2_EVENT), 0);
	CHECK_EQ(dev.rxctl, KWL_TSYNC_EN | 5 << 1);
	CHECK_EQ(set(HWTSTAMP_TX_OFF, HWTSTAMP_FILTER_NONE), 0);
	CHECK_EQ(dev.etqf | dev.rxctl | dev.rxcfg | dev.tx.enabled, 0);

	begin(false, KWL_QUIRK_TSYNC_ONE_TYPE);
	CHECK_EQ(set(HWTSTAMP_TX_OFF, HWTSTAMP_FILTER_PTP_V2_L2_EVENT), -ERANGE);
	info = (struct kernel_ethtool_ts_info) {};
	kawela_get_ts_info(&netdev, &info);
	CHECK_EQ(info.rx_filters, 1);
	CHECK_EQ(info.so_timestamping, 1 | 64);
	pf.ptp.clock = NULL;
	CHECK_EQ(set(HWTSTAMP_TX_OFF, HWTSTAMP_FILTER_NONE), -EOPNOTSUPP);
}

static void seeded(void)
{
	const char *seed = getenv("KAWELA_FUZZ_SEED");

	state = seed ? strtoull(seed, NULL, 0) : time(NULL);
	printf("KAWELA_FUZZ_SEED=%llu\n", (unsigned long long)state);
	state = (state + 1) * 0x9e3779b97f4a7c15ULL;
}

UNIT_MAIN(seeded, receive, unlocks, transmit, lost, settings)
