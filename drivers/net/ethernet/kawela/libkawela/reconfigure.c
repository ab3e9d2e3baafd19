// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clone a datapath, change the clone, swap it in.
 *
 * Ring sizes, queue counts and the PF's move between its own queues and a pool
 * all go through kwl_dp_reconfigure(). A failure leaves the old datapath
 * running.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "lib.h"

/* The new datapath is built. From here the hardware may refuse, or the stack more queues */
static int kwl_dp_switch(struct kwl_port *port, struct kwl_dp **next)
{
	int err;

	kwl_dp_stop(port);
	/* More queues now, while no sender is let in; kwl_dp_start() sees to fewer */
	err = kwl_dp_set_queues(port, max(port->dp->cfg.queues,
					  (*next)->cfg.queues));
	if (err)
		goto err_start;
	swap(port->dp, *next);
	err = kwl_dp_start(port);
	if (!err)
		return 0;
	swap(port->dp, *next);
err_start:
	if (kwl_dp_start(port)) {
		/* Now: a later start may happen without rtnl */
		kwl_dp_set_queues(port, port->dp->cfg.queues);
		kwl_dp_fail(port);
	}
	return err;
}

/* There are enough vectors before the switch, and no more than needed behind it */
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
 * in between may be lost; nothing else is. On failure the old datapath runs, or the
 * port has failed when the hardware doesn't take the old rings either.
 *
 * Context: may sleep; the port's lock.
 * Return: 0; -ENETDOWN when the port is open but doesn't run; or an errno.
 */
int kwl_dp_reconfigure(struct kwl_port *port, struct kwl_dp *next,
		       struct netlink_ext_ack *extack)
{
	int err = 0;

	netdev_assert_locked_ops_compat(port->netdev);
	if (kwl_port_running(port)) {
		err = kwl_dp_replace(port, &next, extack);
	} else if (port->state == KWL_PORT_CLOSED) {
		err = kwl_dp_replace_closed(port, &next);
	} else {
		/* Its rings and vectors wait for the device, as they are */
		NL_SET_ERR_MSG_MOD(extack,
				   "the device doesn't work; nothing is changed");
		err = -ENETDOWN;
	}
	kwl_dp_free_rings(port, next);
	kfree(next);
	return err;
}
KWL_EXPORT(kwl_dp_reconfigure);

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
		kwl_dp_fail(port);
	return err;
}

/**
 * kwl_dp_replace_pair() - replace one receive ring; other queues don't notice
 * @port: the port
 * @i: index of the queue pair; its receive ring is built anew
 *
 * Context: may sleep; the port's lock.
 * Return: 0, also when the queue has no ring; or an errno with the old ring in
 * force. That doesn't run when the hardware doesn't take it either: the port has failed.
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
	if (kwl_port_running(port))
		err = kwl_dp_switch_pair(port, i, &rx);
	else
		swap(dp->rx[i], rx);
	kwl_rx_ring_free(rx);
	return err;
}

/**
 * kwl_dp_drop_pair() - take one receive ring away though there is none to replace it
 * @port: the port; it has failed afterwards, if it ran
 * @i: index of the queue pair
 *
 * Context: may sleep; the port's lock.
 */
void kwl_dp_drop_pair(struct kwl_port *port, u16 i)
{
	struct kwl_dp *dp = port->dp;

	netdev_assert_locked_ops_compat(port->netdev);
	if (kwl_port_running(port))
		kwl_dp_fail(port);
	if (dp->rx[i])
		kwl_rx_ring_free(dp->rx[i]);
	dp->rx[i] = NULL;
}
