// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datapath in force at work: starting and stopping it, all of it or one queue pair.
 *
 * Senders look for the ring of a queue in port->tx[], under the queue's transmit lock.
 * They find the ring while the datapath runs, and a closed ring without room otherwise.
 */
#include <linux/netdevice.h>

#include "lib.h"
#include "tx.h"

static void kwl_txq_publish(struct kwl_port *port, u16 i,
			    struct kwl_tx_ring *tx)
{
	struct netdev_queue *txq = netdev_get_tx_queue(port->netdev, i);

	__netif_tx_lock_bh(txq);
	port->tx[i] = tx;
	__netif_tx_unlock_bh(txq);
}

/* The caller wakes the queue */
static void kwl_txq_open(struct kwl_port *port, u16 i)
{
	struct kwl_tx_ring *tx = port->dp->tx[i];

	WRITE_ONCE(tx->open, true);
	kwl_txq_publish(port, i, tx);
}

/*
 * Completion wakes a queue only while its ring is open. The grace period ends those
 * completions, and wakeups of AF_XDP sockets, that began before.
 */
static void kwl_txqs_closing(struct kwl_port *port, u16 from, u16 to)
{
	u16 i;

	for (i = from; i < to; i++)
		WRITE_ONCE(port->dp->tx[i]->open, false);
	synchronize_net();
}

/* After kwl_txqs_closing(). No sender uses the ring when this returns. */
static void kwl_txq_close(struct kwl_port *port, u16 i)
{
	struct netdev_queue *txq = netdev_get_tx_queue(port->netdev, i);

	__netif_tx_lock_bh(txq);
	/* Else the watchdog takes an idle queue for one that hangs */
	txq_trans_cond_update(txq);
	netif_tx_stop_queue(txq);
	/* XDP may have put frames there whose doorbell was to come */
	if (port->tx[i]->desc)
		kwl_tx_doorbell(port->tx[i]);
	port->tx[i] = &port->closed[i];
	__netif_tx_unlock_bh(txq);
}

/**
 * kwl_txq_init() - begin with no ring for senders, and queues that are stopped
 * @port: the port
 *
 * The core lets senders in before it calls ndo_open.
 */
void kwl_txq_init(struct kwl_port *port)
{
	u16 i;

	for (i = 0; i < port->netdev->num_tx_queues; i++) {
		struct kwl_tx_ring *tx = &port->closed[i];

		/* One descriptor always stays unused, so that there is no room */
		tx->count = 1;
		tx->txq = netdev_get_tx_queue(port->netdev, i);
		tx->stats = &port->tx_stats[i];
		port->tx[i] = tx;
		netif_tx_stop_queue(tx->txq);
	}
}

/* An AF_XDP socket may have asked while its queue was closed, and was not served */
static void kwl_txq_serve_xsk(struct kwl_port *port, u16 i)
{
	if (port->dp->tx[i]->xsk)
		kwl_wr(port->hw, KWL_EICS, BIT(port->qvec[i].vector));
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
	/* The library's own retries would say so again and again */
	if (port->state != KWL_PORT_FAILED)
		netif_err(port, hw, port->netdev,
			  "queue %u doesn't start: %pe\n", i, ERR_PTR(err));
	return err;
}

static void kwl_dp_stop_rings(struct kwl_port *port, u16 i)
{
	kwl_tx_ring_stop(port->hw, port->dp->tx[i]);
	kwl_rx_ring_stop(port->hw, port->dp->rx[i]);
}

static int kwl_dp_start_all_rings(struct kwl_port *port)
{
	u16 n = port->dp->cfg.queues;
	u16 i;
	int err;

	for (i = 0; i < n; i++) {
		err = kwl_dp_start_rings(port, i);
		if (err)
			goto err_stop;
	}
	/* Fewer queues, or as many: more were made before */
	err = kwl_dp_set_queues(port, n);
	if (err)
		goto err_stop;
	return 0;

err_stop:
	while (i--)
		kwl_dp_stop_rings(port, i);
	return err;
}

/**
 * kwl_dp_set_queues() - say how many queues the stack may use
 * @port: the port
 * @n: how many
 *
 * Context: may sleep; the port's lock, and rtnl where the number changes.
 * Return: 0 or an errno; fewer queues can't fail.
 */
int kwl_dp_set_queues(struct kwl_port *port, u16 n)
{
	netdev_assert_locked_ops_compat(port->netdev);
	if (n == port->netdev->real_num_tx_queues &&
	    n == port->netdev->real_num_rx_queues)
		return 0;
	return netif_set_real_num_queues(port->netdev, n, n);
}

/**
 * kwl_dp_start() - run the datapath in force
 * @port: the port, with rings; not running
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno when the hardware doesn't follow; nothing runs then, and the
 * state is as before.
 */
int kwl_dp_start(struct kwl_port *port)
{
	u16 n = port->dp->cfg.queues;
	u16 i;
	int err;

	netdev_assert_locked_ops_compat(port->netdev);
	DEBUG_NET_WARN_ON_ONCE(kwl_port_running(port));
	port->role->start(port);
	err = kwl_dp_start_all_rings(port);
	if (err) {
		port->role->stop(port);
		return err;
	}
	for (i = 0; i < n; i++)
		kwl_qvec_start(port, i);
	kwl_port_set_state(port, KWL_PORT_RUNNING);
	for (i = 0; i < n; i++)
		kwl_txq_open(port, i);
	/*
	 * Frames may wait for queues that were stopped. Queues that aren't in use are
	 * woken, too: the watchdog would report a stopped one as hanging.
	 */
	netif_tx_wake_all_queues(port->netdev);
	for (i = 0; i < n; i++)
		kwl_txq_serve_xsk(port, i);
	return 0;
}

/**
 * kwl_dp_stop() - stop the datapath in force; undoes kwl_dp_start()
 * @port: the port, running; afterwards it is paused
 *
 * Frames that the stack handed over are sent if there is link.
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_stop(struct kwl_port *port)
{
	u16 n = port->dp->cfg.queues;
	u16 i;

	netdev_assert_locked_ops_compat(port->netdev);
	DEBUG_NET_WARN_ON_ONCE(!kwl_port_running(port));
	kwl_port_set_state(port, KWL_PORT_PAUSED);
	kwl_txqs_closing(port, 0, n);
	/* As in kwl_txq_close() */
	for (i = 0; i < port->netdev->num_tx_queues; i++)
		txq_trans_cond_update(netdev_get_tx_queue(port->netdev, i));
	/* Those that aren't in use, too: they may be in a moment */
	netif_tx_disable(port->netdev);
	for (i = 0; i < n; i++)
		kwl_txq_close(port, i);
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
 * kwl_dp_fail() - give up until a later attempt; kwl_port_retry()
 * @port: the port, open; a part of its queue pairs may run
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_fail(struct kwl_port *port)
{
	netdev_assert_locked_ops_compat(port->netdev);
	if (kwl_port_running(port))
		kwl_dp_stop(port);
	if (port->state != KWL_PORT_FAILED)
		netif_err(port, hw, port->netdev,
			  "stopped: the queues don't start; trying again\n");
	kwl_port_set_state(port, KWL_PORT_FAILED);
	queue_delayed_work(system_freezable_wq, &port->retry, KWL_RETRY_PERIOD);
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
	netdev_assert_locked_ops_compat(port->netdev);
	DEBUG_NET_WARN_ON_ONCE(!kwl_port_running(port));
	kwl_txqs_closing(port, i, i + 1);
	kwl_txq_close(port, i);
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
 * Return: 0, or an errno when the hardware doesn't follow: the caller tries again with
 * other rings, or calls kwl_dp_fail().
 */
int kwl_dp_start_pair(struct kwl_port *port, u16 i)
{
	int err = kwl_dp_start_rings(port, i);

	netdev_assert_locked_ops_compat(port->netdev);
	DEBUG_NET_WARN_ON_ONCE(!kwl_port_running(port));
	if (err)
		return err;
	kwl_qvec_start(port, i);
	kwl_txq_open(port, i);
	netif_tx_wake_queue(netdev_get_tx_queue(port->netdev, i));
	kwl_txq_serve_xsk(port, i);
	return 0;
}

/**
 * kwl_dp_pause() - stop the datapath in force, until kwl_dp_resume()
 * @port: the port, in any state
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_pause(struct kwl_port *port)
{
	netdev_assert_locked_ops_compat(port->netdev);
	if (kwl_port_running(port))
		kwl_dp_stop(port);
	else if (port->state == KWL_PORT_FAILED)
		kwl_port_set_state(port, KWL_PORT_PAUSED);
}
KWL_EXPORT(kwl_dp_pause);

/**
 * kwl_dp_resume() - undo kwl_dp_pause(), or try again what failed
 * @port: the port, in any state
 *
 * Context: may sleep; the port's lock.
 * Return: 0, also when the port is closed; or an errno: the port has failed then, and the
 * library tries again by itself.
 */
int kwl_dp_resume(struct kwl_port *port)
{
	int err;

	netdev_assert_locked_ops_compat(port->netdev);
	if (kwl_port_running(port) || port->state == KWL_PORT_CLOSED)
		return 0;
	/* Those that couldn't be replaced for want of memory */
	err = kwl_dp_alloc(port, port->dp);
	if (!err)
		err = kwl_dp_start(port);
	if (err)
		kwl_dp_fail(port);
	return err;
}
KWL_EXPORT(kwl_dp_resume);

/**
 * kwl_dp_retry() - try again to start what failed
 * @port: the port; it has failed
 *
 * The drivers may have waited for it.
 *
 * Context: may sleep; the port's lock.
 * Return: as kwl_dp_resume().
 */
int kwl_dp_retry(struct kwl_port *port)
{
	int err = kwl_dp_resume(port);

	if (err)
		return err;
	netif_info(port, hw, port->netdev, "the queues have started\n");
	port->role->recovered(port);
	return 0;
}
