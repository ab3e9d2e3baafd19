// SPDX-License-Identifier: GPL-2.0-only
/*
 * A netdev's datapath from probe to remove, and from open to close.
 */
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include <kawela/moderation.h>

#include "lib.h"

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

	port->dp = kzalloc(sizeof(*port->dp), GFP_KERNEL);
	if (!port->dp)
		return -ENOMEM;
	port->dp->cfg = *cfg;
	port->netdev = netdev;
	netdev->queue_mgmt_ops = &kwl_queue_mgmt_ops;
	port->pdev = pdev;
	port->hw = hw;
	port->role = role;
	kwl_features_fit(port);
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
	kwl_hang_init(port);
	err = netif_set_real_num_queues(netdev, cfg->queues, cfg->queues);
	if (err)
		kfree(port->dp);
	return err;
}
KWL_EXPORT(kwl_port_init);

/**
 * kwl_port_fini() - undo kwl_port_init()
 * @port: the port, closed
 */
void kwl_port_fini(struct kwl_port *port)
{
	kfree(port->dp);
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

	err = kwl_dp_alloc(port, port->dp);
	if (err)
		return err;
	err = kwl_qvec_open(port, 0, n);
	if (err)
		goto err_free_rings;
	err = netif_set_real_num_queues(port->netdev, n, n);
	if (err)
		goto err_close_qvec;
	err = kwl_dp_start(port);
	if (err)
		goto err_close_qvec;
	return 0;

err_close_qvec:
	kwl_qvec_close(port, 0, n);
err_free_rings:
	kwl_dp_free_rings(port->dp);
	return err;
}
KWL_EXPORT(kwl_port_open);

/**
 * kwl_port_close() - undo kwl_port_open(); ndo_stop
 * @port: the port
 *
 * Context: may sleep; the port's lock.
 */
void kwl_port_close(struct kwl_port *port)
{
	if (port->running)
		kwl_dp_stop(port);
	kwl_qvec_close(port, 0, port->dp->cfg.queues);
	kwl_dp_free_rings(port->dp);
}
KWL_EXPORT(kwl_port_close);
