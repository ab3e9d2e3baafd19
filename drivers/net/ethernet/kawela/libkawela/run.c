// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datapath in force at work: starting and stopping it.
 */
#include <linux/netdevice.h>

#include "lib.h"

static int kwl_dp_start_rings(struct kwl_port *port, u16 i)
{
	int err;

	port->dp->tx[i]->xsk = port->dp->rx[i]->xsk;
	err = kwl_rx_ring_start(port->hw, port->dp->rx[i]);
	if (err)
		goto err_stop_rx;
	err = kwl_tx_ring_start(port->hw, port->dp->tx[i]);
	if (err)
		goto err_stop_tx;
	return 0;

err_stop_tx:
	kwl_tx_ring_stop(port->hw, port->dp->tx[i]);
err_stop_rx:
	kwl_rx_ring_stop(port->hw, port->dp->rx[i]);
	return err;
}

static void kwl_dp_stop_rings(struct kwl_port *port, u16 i)
{
	kwl_tx_ring_stop(port->hw, port->dp->tx[i]);
	kwl_rx_ring_stop(port->hw, port->dp->rx[i]);
}

/**
 * kwl_dp_start() - run the datapath in force
 * @port: the port, with rings
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno when the hardware doesn't follow; nothing runs then.
 */
int kwl_dp_start(struct kwl_port *port)
{
	u16 n = port->dp->cfg.queues;
	u16 i;
	int err;

	port->role->start(port);
	for (i = 0; i < n; i++) {
		err = kwl_dp_start_rings(port, i);
		if (err)
			goto err_stop_rings;
	}
	for (i = 0; i < n; i++)
		kwl_qvec_start(port, i);
	/* XDP on another CPU may hold an index that isn't used any more */
	for (i = 0; i < KWL_MAX_QUEUES; i++)
		port->tx[i] = i < n ? port->dp->tx[i] : NULL;
	port->running = true;
	/* Frames may wait for queues that were full when they stopped */
	netif_tx_wake_all_queues(port->netdev);
	return 0;

err_stop_rings:
	netdev_err(port->netdev, "queue %u doesn't start: %pe\n", i,
		   ERR_PTR(err));
	while (i--)
		kwl_dp_stop_rings(port, i);
	port->role->stop(port);
	return err;
}

/**
 * kwl_dp_stop() - stop the datapath in force; undoes kwl_dp_start()
 * @port: the port
 *
 * Frames that the stack handed over are sent if there is link.
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_stop(struct kwl_port *port)
{
	u16 n = port->dp->cfg.queues;
	u16 i;

	port->running = false;
	netif_tx_disable(port->netdev);
	if (netif_carrier_ok(port->netdev))
		for (i = 0; i < n; i++)
			kwl_tx_ring_drain(port->hw, port->dp->tx[i]);
	for (i = n; i--; )
		kwl_qvec_stop(port, i);
	for (i = n; i--; )
		kwl_dp_stop_rings(port, i);
	port->role->stop(port);
}

/**
 * kwl_dp_stop_pair() - stop one queue pair
 * @port: the port, running
 * @i: index of the queue pair
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_stop_pair(struct kwl_port *port, u16 i)
{
	struct netdev_queue *txq = netdev_get_tx_queue(port->netdev, i);

	__netif_tx_lock_bh(txq);
	netif_tx_stop_queue(txq);
	__netif_tx_unlock_bh(txq);
	if (netif_carrier_ok(port->netdev))
		kwl_tx_ring_drain(port->hw, port->dp->tx[i]);
	kwl_qvec_stop(port, i);
	kwl_dp_stop_rings(port, i);
}

/**
 * kwl_dp_start_pair() - undo kwl_dp_stop_pair()
 * @port: the port, running
 * @i: index of the queue pair
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno when the hardware doesn't follow.
 */
int kwl_dp_start_pair(struct kwl_port *port, u16 i)
{
	int err = kwl_dp_start_rings(port, i);

	if (err)
		return err;
	kwl_qvec_start(port, i);
	netif_tx_wake_queue(netdev_get_tx_queue(port->netdev, i));
	return 0;
}

/**
 * kwl_dp_pause() - stop the datapath in force
 * @port: the port, running or not
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_pause(struct kwl_port *port)
{
	netdev_assert_locked_ops_compat(port->netdev);
	if (port->running)
		kwl_dp_stop(port);
}
KWL_EXPORT(kwl_dp_pause);

/**
 * kwl_dp_resume() - undo kwl_dp_pause()
 * @port: the port
 *
 * Context: may sleep; the port's lock.
 * Return: 0, also when the port is closed; or an errno.
 */
int kwl_dp_resume(struct kwl_port *port)
{
	netdev_assert_locked_ops_compat(port->netdev);
	/* A port that is closed has no rings */
	if (port->running || !port->dp->rx[0])
		return 0;
	return kwl_dp_start(port);
}
KWL_EXPORT(kwl_dp_resume);

/**
 * kwl_dp_restart() - stop the datapath in force and start it again
 * @port: the port
 *
 * Context: may sleep; the port's lock.
 * Return: 0, also when the port is closed; or an errno.
 */
int kwl_dp_restart(struct kwl_port *port)
{
	kwl_dp_pause(port);
	return kwl_dp_resume(port);
}
KWL_EXPORT(kwl_dp_restart);
