// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replacing one receive ring while all other queues go on: the core's queue
 * management operations, and ethtool --reset ... dma, which does it to each.
 *
 * The operations stop the queue's NAPI instance for that moment. They leave its
 * transmit ring as it is: what the device sends meanwhile is completed afterwards.
 */
#include <linux/netdevice.h>
#include <net/netdev_queues.h>

#include "lib.h"

/* The memory of a queue, as the core sees it, is a pointer to our ring */
static struct kwl_rx_ring **kwl_mem(void *mem)
{
	return mem;
}

static int kwl_queue_mem_alloc(struct net_device *netdev, KWL_QCFG void *mem,
			       int i)
{
	struct kwl_port *port = kwl_port_of(netdev);
	struct kwl_rx_ring *rx;

	rx = kwl_rx_ring_alloc(port, &port->dp->cfg, i);
	if (IS_ERR(rx))
		return PTR_ERR(rx);
	*kwl_mem(mem) = rx;
	return 0;
}

static void kwl_queue_mem_free(struct net_device *netdev, void *mem)
{
	/* A port that is closed had no ring to give back */
	if (*kwl_mem(mem))
		kwl_rx_ring_free(*kwl_mem(mem));
	*kwl_mem(mem) = NULL;
}

static int kwl_queue_stop(struct net_device *netdev, void *mem, int i)
{
	struct kwl_port *port = kwl_port_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	if (!kwl_port_running(port))
		return -ENETDOWN;
	kwl_qvec_stop(port, i);
	kwl_rx_ring_stop(port->hw, port->dp->rx[i]);
	*kwl_mem(mem) = port->dp->rx[i];
	return 0;
}

/*
 * The core begins with the new ring and, if that fails, goes back to the old one, for
 * which it expects no error. When the hardware doesn't take that either, the datapath
 * stops as a whole; the ring is in force and waits for the next attempt.
 */
static int kwl_queue_start(struct net_device *netdev, KWL_QCFG void *mem,
			   int i)
{
	struct kwl_port *port = kwl_port_of(netdev);
	struct kwl_rx_ring *rx = *kwl_mem(mem);
	int err;

	netdev_assert_locked_ops_compat(netdev);
	err = kwl_rx_ring_start(port->hw, rx);
	if (err) {
		kwl_rx_ring_stop(port->hw, rx);
		if (rx != port->dp->rx[i])
			return err;
		kwl_dp_fail(port);
		return 0;
	}
	port->dp->rx[i] = rx;
	kwl_qvec_start(port, i);
	return 0;
}

const struct netdev_queue_mgmt_ops kwl_queue_mgmt_ops = {
	.ndo_queue_mem_size = sizeof(struct kwl_rx_ring *),
	.ndo_queue_mem_alloc = kwl_queue_mem_alloc,
	.ndo_queue_mem_free = kwl_queue_mem_free,
	.ndo_queue_start = kwl_queue_start,
	.ndo_queue_stop = kwl_queue_stop,
};

/**
 * kwl_rx_restart() - replace the receive rings, one after the other
 * @port: the port
 *
 * Each has new buffers afterwards. A failure leaves the ring that it met, and
 * those behind it, as they were.
 *
 * Context: may sleep; the port's lock.
 * Return: 0, -ENETDOWN when nothing runs, or an errno.
 */
int kwl_rx_restart(struct kwl_port *port)
{
	u16 i;
	int err = 0;

	netdev_assert_locked_ops_compat(port->netdev);
	if (!kwl_port_running(port))
		return -ENETDOWN;
	for (i = 0; i < port->dp->cfg.queues && !err; i++)
		err = kwl_dp_replace_pair(port, i);
	return err;
}
KWL_EXPORT(kwl_rx_restart);
