// SPDX-License-Identifier: GPL-2.0
/* Which counter of a queue becomes which of the netdev's. */
#include "netdev.h"
#include "unit.h"

/* A counter that isn't counted */
#define NOT_SET	(~0ULL)

struct netdev_queue_stats_rx {
	u64 packets, bytes, alloc_fail, csum_unnecessary, csum_none, csum_bad, hw_drops;
};

struct netdev_queue_stats_tx {
	u64 packets, bytes, wake, hw_gso_packets, hw_gso_bytes, hw_gso_wire_packets,
	    hw_gso_wire_bytes, needs_csum, hw_drop_errors, stop, hw_drops;
};

struct netdev_stat_ops {
	void (*get_queue_stats_rx)(struct net_device *dev, int i,
				   struct netdev_queue_stats_rx *st);
	void (*get_queue_stats_tx)(struct net_device *dev, int i,
				   struct netdev_queue_stats_tx *st);
	void (*get_base_stats)(struct net_device *dev, struct netdev_queue_stats_rx *rx,
			       struct netdev_queue_stats_tx *tx);
};

struct rtnl_link_stats64 {
	u64 rx_packets, rx_bytes, rx_errors, rx_dropped, tx_packets, tx_bytes, tx_errors,
	    tx_dropped;
};

static void netdev_stat_queue_sum(struct net_device *dev, int rx_from, int rx_to,
				  struct netdev_queue_stats_rx *rx, int tx_from,
				  int tx_to, struct netdev_queue_stats_tx *tx);

/* Somebody counts while the code reads, so many times */
static u32 writes;
static bool somebody_counts(void);

#undef u64_stats_fetch_retry
#define u64_stats_fetch_retry(s, seq)	((void)(seq), somebody_counts())

#include "libkawela/stats.c"

static struct kwl_port port;
static struct net_device netdev = { .priv = &port };

void device_acts(void)
{
}

u32 chance(u32 n)
{
	return 0;
}

static bool somebody_counts(void)
{
	if (!writes)
		return false;
	writes--;
	for (u16 i = 0; i < KWL_MAX_QUEUES; i++) {
		port.rx_stats[i].skb_fail++;
		port.rx_stats[i].errors++;
		port.tx_stats[i].packets++;
		port.tx_stats[i].dropped++;
	}
	return true;
}

/* As the kernel adds up: what isn't counted adds nothing */
static void add_up(u64 *sum_up, const u64 *add, size_t size)
{
	for (size_t i = 0; i < size / sizeof(u64); i++)
		if (add[i] != NOT_SET)
			sum_up[i] += add[i];
}

static void netdev_stat_queue_sum(struct net_device *dev, int rx_from, int rx_to,
				  struct netdev_queue_stats_rx *rx, int tx_from,
				  int tx_to, struct netdev_queue_stats_tx *tx)
{
	for (int i = rx_from; i < rx_to; i++) {
		struct netdev_queue_stats_rx st;

		memset(&st, 0xff, sizeof(st));
		kwl_stat_ops.get_queue_stats_rx(dev, i, &st);
		add_up((u64 *)rx, (u64 *)&st, sizeof(st));
	}
	for (int i = tx_from; i < tx_to; i++) {
		struct netdev_queue_stats_tx st;

		memset(&st, 0xff, sizeof(st));
		kwl_stat_ops.get_queue_stats_tx(dev, i, &st);
		add_up((u64 *)tx, (u64 *)&st, sizeof(st));
	}
}

/* Counter @k of queue @i; no two sums of them are the same */
static u64 value(u32 k, u32 i)
{
	return (1ULL << k) * 1000 + i;
}

static void count(void)
{
	u64_stats_t *rx, *tx;

	writes = 0;
	for (u32 i = 0; i < KWL_MAX_QUEUES; i++) {
		rx = &port.rx_stats[i].packets;
		tx = &port.tx_stats[i].packets;
		for (u32 k = 0; k < 8; k++)
			rx[k] = value(k, i);
		for (u32 k = 0; k < 13; k++)
			tx[k] = value(20 + k, i);
	}
}

/* All that queues @from and following have of the counter that stands at @member */
static u64 rx_sum(size_t member, u32 from)
{
	u64 total = 0;

	for (u32 i = from; i < KWL_MAX_QUEUES; i++)
		total += *(u64 *)((char *)&port.rx_stats[i] + member);
	return total;
}

static u64 tx_sum(size_t member, u32 from)
{
	u64 total = 0;

	for (u32 i = from; i < KWL_MAX_QUEUES; i++)
		total += *(u64 *)((char *)&port.tx_stats[i] + member);
	return total;
}

#define RX(member)	rx_sum(offsetof(struct kwl_rx_stats, member), 0)
#define TX(member)	tx_sum(offsetof(struct kwl_tx_stats, member), 0)

/* ip -s link: all queues, also those that don't exist at the moment */
static void of_the_netdev(void)
{
	struct rtnl_link_stats64 st = { .rx_errors = 7, .rx_dropped = 8, .tx_dropped = 9 };

	count();
	kwl_get_stats64(&netdev, &st);
	CHECK_EQ(st.rx_packets, RX(packets));
	CHECK_EQ(st.rx_bytes, RX(bytes));
	CHECK_EQ(st.rx_errors, 7 + RX(errors));
	/* A frame is lost for want of an skb, and not for want of a buffer */
	CHECK_EQ(st.rx_dropped, 8 + RX(skb_fail));
	CHECK_EQ(st.tx_packets, TX(packets));
	CHECK_EQ(st.tx_bytes, TX(bytes));
	CHECK_EQ(st.tx_errors, 0);
	CHECK_EQ(st.tx_dropped, 9 + TX(dropped));
}

static void check_rx(const struct netdev_queue_stats_rx *st, u32 from)
{
#define SUM(member)	rx_sum(offsetof(struct kwl_rx_stats, member), from)
	CHECK_EQ(st->packets, SUM(packets));
	CHECK_EQ(st->bytes, SUM(bytes));
	CHECK_EQ(st->alloc_fail, SUM(alloc_fail) + SUM(skb_fail));
	CHECK_EQ(st->csum_unnecessary, SUM(csum_ok));
	CHECK_EQ(st->csum_none, SUM(csum_none));
	CHECK_EQ(st->csum_bad, SUM(csum_bad));
	CHECK_EQ(st->hw_drops, NOT_SET);
#undef SUM
}

static void check_tx(const struct netdev_queue_stats_tx *st, u32 from)
{
#define SUM(member)	tx_sum(offsetof(struct kwl_tx_stats, member), from)
	CHECK_EQ(st->packets, SUM(packets));
	CHECK_EQ(st->bytes, SUM(bytes));
	CHECK_EQ(st->wake, SUM(wake));
	CHECK_EQ(st->hw_gso_packets, SUM(tso_packets));
	CHECK_EQ(st->hw_gso_bytes, SUM(tso_bytes));
	CHECK_EQ(st->hw_gso_wire_packets, SUM(tso_segs));
	CHECK_EQ(st->hw_gso_wire_bytes, SUM(tso_wire_bytes));
	CHECK_EQ(st->needs_csum, SUM(csum));
	CHECK_EQ(st->hw_drop_errors, SUM(dropped));
	CHECK_EQ(st->stop, SUM(stop));
	CHECK_EQ(st->hw_drops, NOT_SET);
#undef SUM
}

/* qstats: each queue, here the last; and those beyond the ones that there are */
static void of_queues(void)
{
	struct netdev_queue_stats_rx rx;
	struct netdev_queue_stats_tx tx;
	u32 last = KWL_MAX_QUEUES - 1;

	count();
	memset(&rx, 0xff, sizeof(rx));
	memset(&tx, 0xff, sizeof(tx));
	kwl_stat_ops.get_queue_stats_rx(&netdev, last, &rx);
	kwl_stat_ops.get_queue_stats_tx(&netdev, last, &tx);
	check_rx(&rx, last);
	check_tx(&tx, last);

	netdev.real_num_rx_queues = 5;
	netdev.real_num_tx_queues = 3;
	memset(&rx, 0xff, sizeof(rx));
	memset(&tx, 0xff, sizeof(tx));
	kwl_stat_ops.get_base_stats(&netdev, &rx, &tx);
	check_rx(&rx, 5);
	check_tx(&tx, 3);
}

/* What was counted meanwhile is read again, all of it */
static void while_counting(void)
{
	u32 last = KWL_MAX_QUEUES - 1;

	for (u32 n = 1; n < 5; n++) {
		struct rtnl_link_stats64 st = {};
		struct netdev_queue_stats_rx rx = { .hw_drops = NOT_SET };
		struct netdev_queue_stats_tx tx = { .hw_drops = NOT_SET };

		count();
		writes = n;
		kwl_stat_ops.get_queue_stats_rx(&netdev, last, &rx);
		check_rx(&rx, last);
		writes = n;
		kwl_stat_ops.get_queue_stats_tx(&netdev, last, &tx);
		check_tx(&tx, last);
		writes = n;
		kwl_get_stats64(&netdev, &st);
		CHECK_EQ(writes, 0);
		CHECK_EQ(st.rx_dropped, RX(skb_fail));
		CHECK_EQ(st.tx_packets, TX(packets));
	}
}

UNIT_MAIN(of_the_netdev, of_queues, while_counting)
