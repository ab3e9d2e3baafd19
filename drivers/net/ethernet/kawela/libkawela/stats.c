// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue counters to the stack. They live in the port, so none is lost when
 * rings are replaced.
 */
#include <linux/netdevice.h>
#include <net/netdev_queues.h>

#include "lib.h"

/* Run the assignments until no writer was in between */
#define KWL_READ_STATS(sync, ...)					\
	do {								\
		unsigned int _seq;					\
									\
		do {							\
			_seq = u64_stats_fetch_begin(sync);		\
			__VA_ARGS__;					\
		} while (u64_stats_fetch_retry(sync, _seq));		\
	} while (0)

static void kwl_read_rx(const struct kwl_rx_stats *st,
			struct netdev_queue_stats_rx *out)
{
	KWL_READ_STATS(&st->sync,
		       out->packets = u64_stats_read(&st->packets),
		       out->bytes = u64_stats_read(&st->bytes),
		       out->alloc_fail = u64_stats_read(&st->alloc_fail) +
					 u64_stats_read(&st->skb_fail),
		       out->csum_unnecessary = u64_stats_read(&st->csum_ok),
		       out->csum_none = u64_stats_read(&st->csum_none),
		       out->csum_bad = u64_stats_read(&st->csum_bad));
}

static void kwl_read_tx(const struct kwl_tx_stats *st,
			struct netdev_queue_stats_tx *out)
{
	KWL_READ_STATS(&st->sync,
		       out->packets = u64_stats_read(&st->packets),
		       out->bytes = u64_stats_read(&st->bytes),
		       out->wake = u64_stats_read(&st->wake));
	KWL_READ_STATS(&st->xsync,
		       out->hw_gso_packets = u64_stats_read(&st->tso_packets),
		       out->hw_gso_bytes = u64_stats_read(&st->tso_bytes),
		       out->hw_gso_wire_packets = u64_stats_read(&st->tso_segs),
		       out->hw_gso_wire_bytes = u64_stats_read(&st->tso_wire_bytes),
		       out->needs_csum = u64_stats_read(&st->csum),
		       out->hw_drop_errors = u64_stats_read(&st->dropped),
		       out->stop = u64_stats_read(&st->stop));
}

/**
 * kwl_get_stats64() - ndo_get_stats64 of PF and VF
 * @netdev: the netdev
 * @st: receives the counters
 *
 * Context: RCU; rings may be replaced meanwhile.
 */
void kwl_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *st)
{
	const struct kwl_port *port = kwl_port_of(netdev);
	u16 i;

	for (i = 0; i < KWL_MAX_QUEUES; i++) {
		struct netdev_queue_stats_rx rx;
		struct netdev_queue_stats_tx tx;
		u64 errors, dropped;

		kwl_read_rx(&port->rx_stats[i], &rx);
		kwl_read_tx(&port->tx_stats[i], &tx);
		/* A buffer that couldn't be allocated costs no frame yet */
		KWL_READ_STATS(&port->rx_stats[i].sync,
			       errors = u64_stats_read(&port->rx_stats[i].errors),
			       dropped = u64_stats_read(&port->rx_stats[i].skb_fail));
		st->rx_packets += rx.packets;
		st->rx_bytes += rx.bytes;
		st->rx_errors += errors;
		st->rx_dropped += dropped;
		st->tx_packets += tx.packets;
		st->tx_bytes += tx.bytes;
		st->tx_dropped += tx.hw_drop_errors;
	}
}
KWL_EXPORT(kwl_get_stats64);

static void kwl_queue_stats_rx(struct net_device *netdev, int i,
			       struct netdev_queue_stats_rx *st)
{
	kwl_read_rx(&kwl_port_of(netdev)->rx_stats[i], st);
}

static void kwl_queue_stats_tx(struct net_device *netdev, int i,
			       struct netdev_queue_stats_tx *st)
{
	kwl_read_tx(&kwl_port_of(netdev)->tx_stats[i], st);
}

/* To be added to. What isn't counted keeps the value that means so. */
static void kwl_base_begin(struct netdev_queue_stats_rx *rx,
			   struct netdev_queue_stats_tx *tx)
{
	rx->packets = 0;
	rx->bytes = 0;
	rx->alloc_fail = 0;
	rx->csum_unnecessary = 0;
	rx->csum_none = 0;
	rx->csum_bad = 0;
	tx->packets = 0;
	tx->bytes = 0;
	tx->wake = 0;
	tx->hw_gso_packets = 0;
	tx->hw_gso_bytes = 0;
	tx->hw_gso_wire_packets = 0;
	tx->hw_gso_wire_bytes = 0;
	tx->needs_csum = 0;
	tx->hw_drop_errors = 0;
	tx->stop = 0;
}

/* Base: what queues counted that don't exist at the moment */
static void kwl_base_stats(struct net_device *netdev,
			   struct netdev_queue_stats_rx *rx,
			   struct netdev_queue_stats_tx *tx)
{
	kwl_base_begin(rx, tx);
	netdev_stat_queue_sum(netdev, netdev->real_num_rx_queues,
			      KWL_MAX_QUEUES, rx, netdev->real_num_tx_queues,
			      KWL_MAX_QUEUES, tx);
}

const struct netdev_stat_ops kwl_stat_ops = {
	.get_queue_stats_rx = kwl_queue_stats_rx,
	.get_queue_stats_tx = kwl_queue_stats_tx,
	.get_base_stats = kwl_base_stats,
};
KWL_EXPORT(kwl_stat_ops);
