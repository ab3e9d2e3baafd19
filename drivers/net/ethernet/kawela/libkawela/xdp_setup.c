// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs of a port: attaching them, and what they ask of the MTU.
 *
 * Receive buffers have room in front and can be sent from whether or not there
 * is a program, so a program comes and goes as a pointer, while frames flow.
 */
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "lib.h"
#include "xsk.h"

/* The greatest MTU whose frames fit one buffer of each queue */
static int kwl_xdp_most(struct kwl_port *port)
{
	int most = KWL_RX_BUF_LEN - VLAN_ETH_HLEN;
	u16 i;

	for (i = 0; i < KWL_MAX_QUEUES; i++)
		if (port->xsk[i])
			most = min_t(int, most,
				     kwl_xsk_room(port->xsk[i]->pool) -
				     KWL_XSK_HEADERS);
	return most;
}

static int kwl_xdp_check(struct kwl_port *port, const struct bpf_prog *prog,
			 int mtu, struct netlink_ext_ack *extack)
{
	int most = kwl_xdp_most(port);

	/* The device lets frames of 1500 octets in with a smaller MTU, too */
	if (!prog || prog->aux->xdp_has_frags || max(mtu, ETH_DATA_LEN) <= most)
		return 0;
	if (most < ETH_DATA_LEN) {
		NL_SET_ERR_MSG_MOD(extack,
				   "XDP without frags support: the buffers of an AF_XDP socket hold less than a frame");
		return -EINVAL;
	}
	NL_SET_ERR_MSG_FMT_MOD(extack,
			       "XDP without frags support: MTU %d at most, not %d",
			       most, mtu);
	return -EINVAL;
}

static int kwl_xdp_setup(struct kwl_port *port, struct bpf_prog *prog,
			 struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = port->xdp_prog;
	u16 i;
	int err;

	err = kwl_xdp_check(port, prog, port->netdev->mtu, extack);
	if (err)
		return err;
	port->xdp_prog = prog;
	for (i = 0; i < port->dp->cfg.queues; i++)
		if (port->dp->rx[i])
			WRITE_ONCE(port->dp->rx[i]->prog, prog);
	/* NAPI may run it a little longer; it is freed behind a grace period */
	if (old)
		bpf_prog_put(old);
	return 0;
}

/**
 * kwl_bpf() - ndo_bpf of PF and VF
 * @netdev: the netdev
 * @bpf: what to do
 *
 * Context: may sleep; the port's lock.
 * Return: 0 or an errno with nothing changed.
 */
int kwl_bpf(struct net_device *netdev, struct netdev_bpf *bpf)
{
	struct kwl_port *port = kwl_port_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return kwl_xdp_setup(port, bpf->prog, bpf->extack);
	case XDP_SETUP_XSK_POOL:
		return kwl_xsk_setup(port, bpf->xsk.pool, bpf->xsk.queue_id);
	default:
		return -EINVAL;
	}
}
KWL_EXPORT(kwl_bpf);

/**
 * kwl_xdp_check_mtu() - do the XDP program and AF_XDP sockets allow an MTU?
 * @netdev: the netdev
 * @mtu: the MTU
 *
 * Says in the log why not; ndo_change_mtu has no other way.
 *
 * Context: may sleep; the port's lock.
 * Return: 0 or -EINVAL.
 */
int kwl_xdp_check_mtu(struct net_device *netdev, int mtu)
{
	struct kwl_port *port = kwl_port_of(netdev);
	int most = kwl_xdp_most(port);
	u16 i;
	int err;

	netdev_assert_locked_ops_compat(netdev);
	err = kwl_xdp_check(port, port->xdp_prog, mtu, NULL);
	if (err)
		netif_err(port, drv, netdev,
			  "MTU %d takes several buffers: the XDP program has no frags support and goes up to MTU %d\n",
			  mtu, most);
	for (i = 0; !err && i < KWL_MAX_QUEUES; i++)
		if (port->xsk[i])
			err = kwl_xsk_check(port, port->xsk[i]->pool, mtu);
	return err;
}
KWL_EXPORT(kwl_xdp_check_mtu);
