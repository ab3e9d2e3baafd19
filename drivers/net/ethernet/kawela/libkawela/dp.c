// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datapath as a value: clone it, change the clone, swap it in.
 *
 * Ring sizes, queue counts and the PF's move between its own queues and a pool
 * all go through kwl_dp_reconfigure(). A failure leaves the old datapath
 * running.
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

static int kwl_dp_set_queues(struct kwl_port *port, u16 n)
{
	if (n == port->netdev->real_num_tx_queues &&
	    n == port->netdev->real_num_rx_queues)
		return 0;
	return netif_set_real_num_queues(port->netdev, n, n);
}

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

/* The new datapath is built; from here only the hardware can refuse */
static int kwl_dp_switch(struct kwl_port *port, struct kwl_dp **next)
{
	int err;

	kwl_dp_stop(port);
	swap(port->dp, *next);
	kwl_dp_set_queues(port, port->dp->cfg.queues);
	err = kwl_dp_start(port);
	if (!err)
		return 0;
	swap(port->dp, *next);
	kwl_dp_set_queues(port, port->dp->cfg.queues);
	if (kwl_dp_start(port))
		netdev_err(port->netdev, "the old rings don't start either\n");
	return err;
}

/* Vectors and queue counts grow before the switch and shrink behind it */
static int kwl_dp_replace(struct kwl_port *port, struct kwl_dp **next,
			  struct netlink_ext_ack *extack)
{
	u16 now = port->dp->cfg.queues;
	u16 most = max(now, (*next)->cfg.queues);
	int err;

	err = kwl_dp_alloc(port, *next);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack,
				   "no memory for the new rings; the old ones stay");
		return err;
	}
	err = kwl_qvec_open(port, now, most);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack,
				   "no interrupts for more queues; the old ones stay");
		return err;
	}
	err = kwl_dp_set_queues(port, most);
	if (!err)
		err = kwl_dp_switch(port, next);
	/* Whichever datapath is in force now, the rest is not needed */
	kwl_qvec_close(port, port->dp->cfg.queues, most);
	return err;
}

/* A closed port has no rings, but ethtool shows its queues */
static int kwl_dp_replace_closed(struct kwl_port *port, struct kwl_dp **next)
{
	int err = kwl_dp_set_queues(port, (*next)->cfg.queues);

	if (!err)
		swap(port->dp, *next);
	return err;
}

/**
 * kwl_dp_reconfigure() - replace the datapath in force
 * @port: the port
 * @next: what kwl_dp_clone() returned, with a changed configuration that the
 *	caller has checked. Consumed, on success and on failure.
 * @extack: receives the reason of a failure
 *
 * Builds new rings while the old ones run, then switches. What was in flight
 * in between may be lost; nothing else is. On failure the old datapath runs.
 *
 * Context: may sleep; the port's lock.
 * Return: 0; -ENETDOWN when the port is open but the part doesn't work; or an errno.
 */
int kwl_dp_reconfigure(struct kwl_port *port, struct kwl_dp *next,
		       struct netlink_ext_ack *extack)
{
	int err = 0;

	netdev_assert_locked_ops_compat(port->netdev);
	if (port->running) {
		err = kwl_dp_replace(port, &next, extack);
	} else if (netif_running(port->netdev)) {
		/* Its rings and vectors wait for the part, as they are */
		NL_SET_ERR_MSG_MOD(extack,
				   "the part doesn't work; nothing is changed");
		err = -ENETDOWN;
	} else {
		err = kwl_dp_replace_closed(port, &next);
	}
	kwl_dp_free_rings(next);
	kfree(next);
	return err;
}
KWL_EXPORT(kwl_dp_reconfigure);

static void kwl_dp_stop_pair(struct kwl_port *port, u16 i)
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

static int kwl_dp_start_pair(struct kwl_port *port, u16 i)
{
	int err = kwl_dp_start_rings(port, i);

	if (err)
		return err;
	kwl_qvec_start(port, i);
	netif_tx_wake_queue(netdev_get_tx_queue(port->netdev, i));
	return 0;
}

static int kwl_dp_switch_pair(struct kwl_port *port, u16 i,
			      struct kwl_rx_ring **next)
{
	int err;

	kwl_dp_stop_pair(port, i);
	swap(port->dp->rx[i], *next);
	err = kwl_dp_start_pair(port, i);
	if (!err)
		return 0;
	swap(port->dp->rx[i], *next);
	if (kwl_dp_start_pair(port, i))
		netdev_err(port->netdev, "queue %u doesn't start again\n", i);
	return err;
}

/**
 * kwl_dp_replace_pair() - replace one receive ring; other queues don't notice
 * @port: the port
 * @i: index of the queue pair; its receive ring is built anew
 *
 * Context: may sleep; the port's lock.
 * Return: 0, also when the queue has no ring; or an errno with the old ring in
 * force.
 */
int kwl_dp_replace_pair(struct kwl_port *port, u16 i)
{
	struct kwl_dp *dp = port->dp;
	struct kwl_rx_ring *rx;
	int err = 0;

	netdev_assert_locked_ops_compat(port->netdev);
	if (!dp->rx[i])
		return 0;
	rx = kwl_rx_ring_alloc(port, &dp->cfg, i);
	if (IS_ERR(rx))
		return PTR_ERR(rx);
	if (port->running)
		err = kwl_dp_switch_pair(port, i, &rx);
	else
		swap(dp->rx[i], rx);
	kwl_rx_ring_free(rx);
	return err;
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
