// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of XDP and AF_XDP: counting, and what ethtool -S shows, queue by queue.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include <kawela/port.h>

#include "xdp.h"

/**
 * kwl_xdp_count() - count frames that an XDP program saw
 * @rx: the ring
 * @what: what became of them
 * @n: how many
 *
 * Context: the queue's NAPI instance.
 */
void kwl_xdp_count(struct kwl_rx_ring *rx, enum kwl_xdp_stat what, u32 n)
{
	u64_stats_update_begin(&rx->stats->sync);
	u64_stats_add(&rx->stats->xdp[what], n);
	u64_stats_update_end(&rx->stats->sync);
}

static const char * const kwl_xdp_rx_names[KWL_XDP_STATS] = {
	[KWL_XDP_PASS]		= "pass",
	[KWL_XDP_DROP]		= "drop",
	[KWL_XDP_TX]		= "tx",
	[KWL_XDP_REDIRECT]	= "redirect",
	[KWL_XDP_ABORTED]	= "aborted",
};

static const char * const kwl_xdp_tx_names[] = {
	"xdp_xmit", "xdp_full", "xsk_xmit",
};

#define KWL_XDP_PER_QUEUE	(KWL_XDP_STATS + ARRAY_SIZE(kwl_xdp_tx_names))

static void kwl_xdp_strings(u8 *strings, u16 queue)
{
	unsigned int i;

	for (i = 0; i < KWL_XDP_STATS; i++)
		ethtool_sprintf(&strings, "rx%u_xdp_%s", queue,
				kwl_xdp_rx_names[i]);
	for (i = 0; i < ARRAY_SIZE(kwl_xdp_tx_names); i++)
		ethtool_sprintf(&strings, "tx%u_%s", queue,
				kwl_xdp_tx_names[i]);
}

static void kwl_xdp_values(const struct kwl_port *port, u16 queue, u64 *out)
{
	const struct kwl_rx_stats *rx = &port->rx_stats[queue];
	const struct kwl_tx_stats *tx = &port->tx_stats[queue];
	unsigned int seq, i;

	do {
		seq = u64_stats_fetch_begin(&rx->sync);
		for (i = 0; i < KWL_XDP_STATS; i++)
			out[i] = u64_stats_read(&rx->xdp[i]);
	} while (u64_stats_fetch_retry(&rx->sync, seq));
	out += KWL_XDP_STATS;
	do {
		seq = u64_stats_fetch_begin(&tx->xsync);
		out[0] = u64_stats_read(&tx->xdp);
		out[1] = u64_stats_read(&tx->xdp_full);
		out[2] = u64_stats_read(&tx->xsk);
	} while (u64_stats_fetch_retry(&tx->xsync, seq));
}

/**
 * kwl_xdp_stats() - names or values of the XDP counters in ethtool -S
 * @port: the port
 * @strings: receives names, unless NULL
 * @values: receives values, unless NULL
 *
 * They are there for all queues that the port may ever have, because the number must
 * not change between the calls that ask for it, for names and for values.
 *
 * Return: how many there are; a constant for a port.
 */
unsigned int kwl_xdp_stats(const struct kwl_port *port, u8 *strings,
			   u64 *values)
{
	u16 i;

	for (i = 0; i < port->netdev->num_rx_queues; i++) {
		unsigned int first = i * KWL_XDP_PER_QUEUE;

		if (strings)
			kwl_xdp_strings(strings + first * ETH_GSTRING_LEN, i);
		if (values)
			kwl_xdp_values(port, i, values + first);
	}
	return i * KWL_XDP_PER_QUEUE;
}
KWL_EXPORT(kwl_xdp_stats);
