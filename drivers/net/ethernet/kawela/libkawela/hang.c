// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmit queues that hang: devlink's health reporter "tx". A report dumps the
 * queues and restarts them, unless the administrator switched that off.
 *
 * devlink's lock comes before rtnl and the port's lock, so the watchdog, which
 * runs in a timer, leaves the report to a work item that holds no lock.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/devlink.h>

#include "lib.h"

static void kwl_hang_work(struct work_struct *work)
{
	struct kwl_port *port = container_of(work, struct kwl_port, hang.work);
	char msg[48];
	int err;

	/*
	 * An earlier hang may have been cured in another way; devlink recovers only
	 * reporters that were healthy.
	 */
	devlink_health_reporter_state_update(port->hang.reporter,
					     DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
	snprintf(msg, sizeof(msg), "transmit queue %u hangs",
		 READ_ONCE(port->hang.queue));
	err = devlink_health_report(port->hang.reporter, msg, port);
	if (err)
		netif_err(port, tx_err, port->netdev,
			  "no recovery from the hang: %pe\n", ERR_PTR(err));
}

static int kwl_hang_recover(struct devlink_health_reporter *reporter,
			    void *ctx, struct netlink_ext_ack *extack)
{
	struct kwl_port *port = devlink_health_reporter_priv(reporter);
	int err = 0;

	rtnl_lock();
	netdev_lock(port->netdev);
	/* What paused the port meanwhile resumes it, too */
	if (port->state == KWL_PORT_FAILED)
		err = kwl_dp_retry(port);
	else if (port->state != KWL_PORT_PAUSED)
		err = kwl_dp_restart(port);
	netdev_unlock(port->netdev);
	rtnl_unlock();
	if (err)
		NL_SET_ERR_MSG_MOD(extack, "the queues don't start again");
	return err;
}

static void kwl_hang_put_queue(struct kwl_port *port, u16 i,
			       struct devlink_fmsg *fmsg)
{
	const struct kwl_tx_ring *tx = port->dp->tx[i];
	u32 regs = tx->mem.regs;

	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "queue", i);
	devlink_fmsg_u32_pair_put(fmsg, "hw_queue",
				  port->dp->cfg.first_hwq +
				  i * port->dp->cfg.hwq_stride);
	devlink_fmsg_bool_pair_put(fmsg, "stopped",
				   netif_xmit_stopped(tx->txq));
	devlink_fmsg_u32_pair_put(fmsg, "count", tx->count);
	devlink_fmsg_u32_pair_put(fmsg, "fill", READ_ONCE(tx->fill));
	devlink_fmsg_u32_pair_put(fmsg, "clean", READ_ONCE(tx->clean));
	devlink_fmsg_u32_pair_put(fmsg, "TDH",
				  kwl_rd(port->hw, regs + KWL_TDH));
	devlink_fmsg_u32_pair_put(fmsg, "TDT",
				  kwl_rd(port->hw, regs + KWL_TDT));
	devlink_fmsg_u32_pair_put(fmsg, "TXDCTL",
				  kwl_rd(port->hw, regs + KWL_TXDCTL));
	devlink_fmsg_obj_nest_end(fmsg);
}

static void kwl_hang_put(struct kwl_port *port, struct devlink_fmsg *fmsg)
{
	u16 i;

	rtnl_lock();
	netdev_lock(port->netdev);
	devlink_fmsg_bool_pair_put(fmsg, "running",
				   kwl_port_running(port));
	devlink_fmsg_bool_pair_put(fmsg, "carrier",
				   netif_carrier_ok(port->netdev));
	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; kwl_port_running(port) && i < port->dp->cfg.queues; i++)
		kwl_hang_put_queue(port, i, fmsg);
	devlink_fmsg_arr_pair_nest_end(fmsg);
	netdev_unlock(port->netdev);
	rtnl_unlock();
}

static int kwl_hang_dump(struct devlink_health_reporter *reporter,
			 struct devlink_fmsg *fmsg, void *ctx,
			 struct netlink_ext_ack *extack)
{
	struct kwl_port *port = devlink_health_reporter_priv(reporter);

	if (ctx)
		devlink_fmsg_u32_pair_put(fmsg, "hung",
					  READ_ONCE(port->hang.queue));
	kwl_hang_put(port, fmsg);
	return 0;
}

static int kwl_hang_diagnose(struct devlink_health_reporter *reporter,
			     struct devlink_fmsg *fmsg,
			     struct netlink_ext_ack *extack)
{
	kwl_hang_put(devlink_health_reporter_priv(reporter), fmsg);
	return 0;
}

static const struct devlink_health_reporter_ops kwl_hang_ops = {
	.name = "tx",
	.recover = kwl_hang_recover,
	.dump = kwl_hang_dump,
	.diagnose = kwl_hang_diagnose,
};

/**
 * kwl_hang_init() - prepare; nothing is reported before kwl_hang_arm()
 * @port: the port
 */
void kwl_hang_init(struct kwl_port *port)
{
	INIT_WORK(&port->hang.work, kwl_hang_work);
	disable_work(&port->hang.work);
}

/**
 * kwl_hang_create() - create the health reporter "tx"
 * @port: the port
 * @devlink: the function's devlink instance, not registered yet
 *
 * Context: may sleep; takes @devlink's lock.
 * Return: 0 or an errno.
 */
int kwl_hang_create(struct kwl_port *port, struct devlink *devlink)
{
	struct devlink_health_reporter *reporter;

	reporter = kwl_health_reporter_create(devlink, &kwl_hang_ops, port);
	if (IS_ERR(reporter))
		return PTR_ERR(reporter);
	port->hang.reporter = reporter;
	return 0;
}
KWL_EXPORT(kwl_hang_create);

/**
 * kwl_hang_arm() - let hangs be reported
 * @port: the port; its devlink instance is registered, which reports require
 */
void kwl_hang_arm(struct kwl_port *port)
{
	enable_work(&port->hang.work);
}
KWL_EXPORT(kwl_hang_arm);

/**
 * kwl_hang_disarm() - undo kwl_hang_arm()
 * @port: the port; its devlink instance is still registered
 *
 * Context: may sleep; no lock, because a report in progress takes all.
 */
void kwl_hang_disarm(struct kwl_port *port)
{
	disable_work_sync(&port->hang.work);
}
KWL_EXPORT(kwl_hang_disarm);

/**
 * kwl_hang_destroy() - undo kwl_hang_create()
 * @port: the port, disarmed
 *
 * Context: may sleep; takes devlink's lock.
 */
void kwl_hang_destroy(struct kwl_port *port)
{
	devlink_health_reporter_destroy(port->hang.reporter);
}
KWL_EXPORT(kwl_hang_destroy);

/**
 * kwl_tx_timeout() - a transmit queue makes no progress; ndo_tx_timeout
 * @netdev: the interface
 * @txq: the queue
 *
 * Context: any.
 */
void kwl_tx_timeout(struct net_device *netdev, unsigned int txq)
{
	struct kwl_port *port = kwl_port_of(netdev);

	netif_err(kwl_port_of(netdev), tx_err, netdev,
		  "transmit queue %u hangs\n", txq);
	WRITE_ONCE(port->hang.queue, txq);
	queue_work(system_freezable_wq, &port->hang.work);
}
KWL_EXPORT(kwl_tx_timeout);
