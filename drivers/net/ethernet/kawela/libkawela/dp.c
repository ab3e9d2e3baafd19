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

	if (dp)
		dp->cfg = port->dp->cfg;
	return dp;
}
KWL_EXPORT(kwl_dp_clone);

static int kwl_dp_alloc_pair(struct kwl_port *port, struct kwl_dp *dp, u16 i)
{
	struct kwl_rx_ring *rx;
	struct kwl_tx_ring *tx;

	rx = kwl_rx_ring_alloc(port, &dp->cfg, i);
	if (IS_ERR(rx))
		return PTR_ERR(rx);
	tx = kwl_tx_ring_alloc(port, &dp->cfg, i);
	if (IS_ERR(tx)) {
		kwl_rx_ring_free(rx);
		return PTR_ERR(tx);
	}
	dp->rx[i] = rx;
	dp->tx[i] = tx;
	return 0;
}

static void kwl_dp_free_pair(struct kwl_dp *dp, u16 i)
{
	kwl_tx_ring_free(dp->tx[i]);
	kwl_rx_ring_free(dp->rx[i]);
	dp->tx[i] = NULL;
	dp->rx[i] = NULL;
}

/**
 * kwl_dp_alloc() - build the rings that a configuration asks for
 * @port: the port
 * @dp: the datapath; no register is touched
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno with no ring built.
 */
int kwl_dp_alloc(struct kwl_port *port, struct kwl_dp *dp)
{
	u16 i;
	int err;

	for (i = 0; i < dp->cfg.queues; i++) {
		err = kwl_dp_alloc_pair(port, dp, i);
		if (err)
			goto err_free;
	}
	return 0;

err_free:
	while (i--)
		kwl_dp_free_pair(dp, i);
	return err;
}

/**
 * kwl_dp_free_rings() - give back the rings of a datapath that isn't in force
 * @dp: the datapath, with or without rings
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_free_rings(struct kwl_dp *dp)
{
	u16 i = dp->cfg.queues;

	while (i--)
		if (dp->rx[i])
			kwl_dp_free_pair(dp, i);
}
