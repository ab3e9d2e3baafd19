// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ethtool operations that are the same for PF and VF.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "lib.h"

/**
 * kwl_get_ringparam() - ethtool -g
 * @netdev: the netdev
 * @ring: receives sizes
 * @kring: unused
 * @extack: unused
 */
static void kwl_get_ringparam(struct net_device *netdev,
			      struct ethtool_ringparam *ring,
			      struct kernel_ethtool_ringparam *kring,
			      struct netlink_ext_ack *extack)
{
	const struct kwl_dp_cfg *cfg = &kwl_port_of(netdev)->dp->cfg;

	ring->rx_max_pending = KWL_RING_MAX;
	ring->tx_max_pending = KWL_RING_MAX;
	ring->rx_pending = cfg->rx_count;
	ring->tx_pending = cfg->tx_count;
}

static int kwl_check_ring(const char *name, u32 count,
			  struct netlink_ext_ack *extack)
{
	if (count < KWL_RING_MIN || count > KWL_RING_MAX) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "%s ring of %u: the device takes %u to %u",
				       name, count, KWL_RING_MIN, KWL_RING_MAX);
		return -ERANGE;
	}
	if (count % KWL_RING_STEP) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "%s ring of %u: the device takes multiples of %u",
				       name, count, KWL_RING_STEP);
		return -EINVAL;
	}
	return 0;
}

/**
 * kwl_set_ringparam() - ethtool -G
 * @netdev: the netdev
 * @ring: sizes
 * @kring: unused
 * @extack: receives the reason of a refusal
 *
 * Context: the port's lock.
 * Return: 0, -ERANGE or -EINVAL for sizes that the device can't do, or -ENOMEM.
 */
static int kwl_set_ringparam(struct net_device *netdev,
			     struct ethtool_ringparam *ring,
			     struct kernel_ethtool_ringparam *kring,
			     struct netlink_ext_ack *extack)
{
	struct kwl_port *port = kwl_port_of(netdev);
	struct kwl_dp *next;
	int err;

	err = kwl_check_ring("rx", ring->rx_pending, extack);
	if (!err)
		err = kwl_check_ring("tx", ring->tx_pending, extack);
	if (err)
		return err;
	next = kwl_dp_clone(port);
	if (!next)
		return -ENOMEM;
	next->cfg.rx_count = ring->rx_pending;
	next->cfg.tx_count = ring->tx_pending;
	return kwl_dp_reconfigure(port, next, extack);
}

/**
 * kwl_get_channels() - ethtool -l
 * @netdev: the netdev
 * @ch: receives the number of queue pairs; each has one interrupt
 */
void kwl_get_channels(struct net_device *netdev, struct ethtool_channels *ch)
{
	struct kwl_port *port = kwl_port_of(netdev);

	ch->max_combined = port->max_queues;
	ch->combined_count = port->dp->cfg.queues;
}
KWL_EXPORT(kwl_get_channels);

/**
 * kwl_set_channels() - ethtool -L
 * @netdev: the netdev
 * @ch: number of queue pairs; the core has compared it with what
 *	kwl_get_channels() said, and with the RSS table
 *
 * Context: rtnl and the port's lock.
 * Return: 0 or an errno with nothing changed.
 */
int kwl_set_channels(struct net_device *netdev, struct ethtool_channels *ch)
{
	struct kwl_port *port = kwl_port_of(netdev);
	struct kwl_dp *next = kwl_dp_clone(port);

	ASSERT_RTNL();
	if (!next)
		return -ENOMEM;
	next->cfg.queues = ch->combined_count;
	return kwl_dp_reconfigure(port, next, NULL);
}
KWL_EXPORT(kwl_set_channels);

static u32 kwl_get_msglevel(struct net_device *netdev)
{
	return kwl_port_of(netdev)->msg_enable;
}

static void kwl_set_msglevel(struct net_device *netdev, u32 level)
{
	kwl_port_of(netdev)->msg_enable = level;
}

/**
 * kwl_ethtool_fill() - add the operations that PF and VF share
 * @ops: a driver's operations
 *
 * Context: module initialisation.
 */
void kwl_ethtool_fill(struct ethtool_ops *ops)
{
	ops->supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
					 ETHTOOL_COALESCE_USE_ADAPTIVE_RX;
	ops->get_msglevel = kwl_get_msglevel;
	ops->set_msglevel = kwl_set_msglevel;
	ops->get_ringparam = kwl_get_ringparam;
	ops->set_ringparam = kwl_set_ringparam;
	ops->get_coalesce = kwl_get_coalesce;
	ops->set_coalesce = kwl_set_coalesce;
	ops->get_per_queue_coalesce = kwl_get_per_queue_coalesce;
	ops->set_per_queue_coalesce = kwl_set_per_queue_coalesce;
}
KWL_EXPORT(kwl_ethtool_fill);
