// SPDX-License-Identifier: GPL-2.0-only
/*
 * A netdev's datapath from probe to remove, and from open to close.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include <kawela/moderation.h>

#include "echo.h"
#include "lib.h"

/*
 * What the log gets until ethtool says otherwise:
 *   drv	what was refused or taken away, and why
 *   link	link up, link down, the PF answers again
 *   tx_err	transmit queues that hang
 *   hw		a device that fails, and comes back
 * "ifup" and "ifdown" log opening and closing and are off, as is "wol".
 */
#define KWL_MSG_DEFAULT							\
	(NETIF_MSG_DRV | NETIF_MSG_PROBE | NETIF_MSG_LINK |		\
	 NETIF_MSG_TX_ERR | NETIF_MSG_HW)

/* Nothing else wakes a port up that has failed, unless the drivers reset it */
static void kwl_port_retry(struct work_struct *work)
{
	struct kwl_port *port = container_of(to_delayed_work(work),
					     struct kwl_port, retry);

	rtnl_lock();
	netdev_lock(port->netdev);
	if (port->state == KWL_PORT_FAILED)
		kwl_dp_retry(port);
	netdev_unlock(port->netdev);
	rtnl_unlock();
}

static int kwl_port_alloc(struct kwl_port *port, const struct kwl_hw *hw)
{
	if (!dmam_alloc_coherent(hw->dev, ETH_ZLEN, &port->zeros, GFP_KERNEL))
		return -ENOMEM;
	port->dp = kzalloc(sizeof(*port->dp), GFP_KERNEL);
	if (!port->dp)
		return -ENOMEM;
	if (!kwl_has_quirk(hw, KWL_QUIRK_ECHO))
		return 0;
	port->echo = kzalloc(sizeof(*port->echo), GFP_KERNEL);
	if (!port->echo) {
		kfree(port->dp);
		return -ENOMEM;
	}
	return 0;
}

static void kwl_port_free(struct kwl_port *port)
{
	kfree(port->echo);
	kfree(port->dp);
}

/**
 * kwl_port_init() - prepare the datapath of a netdev
 * @port: the netdev's private area begins with it; zeroed
 * @netdev: the netdev, not registered yet
 * @pdev: the PCI function, with its MSI-X vectors
 * @hw: its registers
 * @role: PF or VF
 * @cfg: the configuration to begin with
 *
 * @port->max_queues is set by the caller.
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int kwl_port_init(struct kwl_port *port, struct net_device *netdev,
		  struct pci_dev *pdev, struct kwl_hw *hw,
		  const struct kwl_role *role, const struct kwl_dp_cfg *cfg)
{
	int err;
	u16 i;

	port->netdev = netdev;
	err = kwl_port_alloc(port, hw);
	if (err)
		return err;
	port->dp->cfg = *cfg;
	port->msg_enable = KWL_MSG_DEFAULT;
	netdev->queue_mgmt_ops = &kwl_queue_mgmt_ops;
	port->pdev = pdev;
	port->hw = hw;
	port->role = role;
	kwl_features_init(port);
	kwl_xdp_init(port);
	netif_set_affinity_auto(netdev);
	for (i = 0; i < KWL_MAX_QUEUES; i++) {
		port->coalesce[i] = (struct kwl_coalesce) {
			.adaptive = true, .usecs = KWL_USECS_DEFAULT,
		};
		u64_stats_init(&port->rx_stats[i].sync);
		u64_stats_init(&port->tx_stats[i].sync);
		u64_stats_init(&port->tx_stats[i].xsync);
	}
	spin_lock_init(&port->carrier_lock);
	INIT_DELAYED_WORK(&port->retry, kwl_port_retry);
	kwl_txq_init(port);
	kwl_hang_init(port);
	err = netif_set_real_num_queues(netdev, cfg->queues, cfg->queues);
	if (err)
		kwl_port_free(port);
	return err;
}
KWL_EXPORT(kwl_port_init);

/**
 * kwl_port_fini() - undo kwl_port_init()
 * @port: the port, closed; its netdev isn't registered any more
 *
 * Context: may sleep; no lock.
 */
void kwl_port_fini(struct kwl_port *port)
{
	DEBUG_NET_WARN_ON_ONCE(port->state != KWL_PORT_CLOSED);
	/* It takes the port's lock */
	disable_delayed_work_sync(&port->retry);
	kwl_port_free(port);
}
KWL_EXPORT(kwl_port_fini);

/**
 * kwl_port_open() - build the rings and let frames flow; ndo_open
 * @port: the port
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno with nothing left behind.
 */
int kwl_port_open(struct kwl_port *port)
{
	u16 n = port->dp->cfg.queues;
	int err;

	netdev_assert_locked_ops_compat(port->netdev);
	DEBUG_NET_WARN_ON_ONCE(port->state != KWL_PORT_CLOSED);
	err = kwl_dp_alloc(port, port->dp);
	if (err)
		goto err_free_rings;
	err = kwl_qvec_open(port, 0, n);
	if (err)
		goto err_free_rings;
	err = kwl_dp_start(port);
	if (err)
		goto err_close_qvec;
	netif_info(port, ifup, port->netdev,
		   "up with %u queue pairs, rings of %u and %u descriptors\n",
		   n, port->dp->cfg.rx_count, port->dp->cfg.tx_count);
	return 0;

err_close_qvec:
	kwl_qvec_close(port, 0, n);
err_free_rings:
	kwl_dp_free_rings(port, port->dp);
	return err;
}
KWL_EXPORT(kwl_port_open);

/**
 * kwl_port_close() - undo kwl_port_open(); ndo_stop
 * @port: the port, in any state
 *
 * Context: may sleep; the port's lock.
 */
void kwl_port_close(struct kwl_port *port)
{
	netdev_assert_locked_ops_compat(port->netdev);
	if (port->state == KWL_PORT_CLOSED)
		return;
	netif_info(port, ifdown, port->netdev, "down\n");
	if (kwl_port_running(port))
		kwl_dp_stop(port);
	kwl_port_set_state(port, KWL_PORT_CLOSED);
	kwl_qvec_close(port, 0, port->dp->cfg.queues);
	kwl_dp_free_rings(port, port->dp);
}
KWL_EXPORT(kwl_port_close);
