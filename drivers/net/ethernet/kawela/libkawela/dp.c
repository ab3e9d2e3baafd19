// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datapath as a value: a configuration and its rings.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "lib.h"

/**
 * kwl_dp_clone() - copy the configuration in force, without rings
 * @port: the port
 *
 * Context: may sleep; the port's lock.
 * Return: the copy, for kwl_dp_reconfigure() or kfree(); NULL without memory.
 */
struct kwl_dp *kwl_dp_clone(const struct kwl_port *port)
{
	struct kwl_dp *dp = kzalloc(sizeof(*dp), GFP_KERNEL);

	netdev_assert_locked_ops_compat(port->netdev);
	if (dp)
		dp->cfg = port->dp->cfg;
	return dp;
}
KWL_EXPORT(kwl_dp_clone);

static int kwl_dp_alloc_pair(struct kwl_port *port, struct kwl_dp *dp, u16 i)
{
	struct kwl_rx_ring *rx;
	struct kwl_tx_ring *tx;

	if (!dp->rx[i]) {
		rx = kwl_rx_ring_alloc(port, &dp->cfg, i);
		if (IS_ERR(rx))
			return PTR_ERR(rx);
		dp->rx[i] = rx;
	}
	if (!dp->tx[i]) {
		tx = kwl_tx_ring_alloc(port, &dp->cfg, i);
		if (IS_ERR(tx))
			return PTR_ERR(tx);
		dp->tx[i] = tx;
	}
	return 0;
}

/**
 * kwl_dp_alloc() - build the rings that a configuration asks for and that aren't there
 * @port: the port
 * @dp: the datapath; no register is touched
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno; the caller frees the rings that were built.
 */
int kwl_dp_alloc(struct kwl_port *port, struct kwl_dp *dp)
{
	int err = 0;
	u16 i;

	netdev_assert_locked_ops_compat(port->netdev);
	for (i = 0; i < dp->cfg.queues && !err; i++)
		err = kwl_dp_alloc_pair(port, dp, i);
	return err;
}

/**
 * kwl_dp_free_rings() - give back the rings of a datapath that doesn't run
 * @port: the port
 * @dp: the datapath, with all rings, some or none
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_free_rings(struct kwl_port *port, struct kwl_dp *dp)
{
	u16 i = dp->cfg.queues;

	netdev_assert_locked_ops_compat(port->netdev);
	while (i--) {
		if (dp->tx[i])
			kwl_tx_ring_free(dp->tx[i]);
		if (dp->rx[i])
			kwl_rx_ring_free(dp->rx[i]);
		dp->tx[i] = NULL;
		dp->rx[i] = NULL;
	}
}
