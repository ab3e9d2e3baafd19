// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs: attaching them, and running them on received frames.
 *
 * Receive buffers have room in front and can be sent from whether or not there
 * is a program, so a program comes and goes as a pointer, while frames flow.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/page_pool/helpers.h>

#include "lib.h"
#include "rx.h"

/**
 * kwl_xdp_count() - count frames that an XDP program saw
 * @rx: the ring
 * @what: what became of them
 * @n: how many
 *
 * Context: the queue's NAPI instance.
 */
void kwl_xdp_count(struct kwl_rx_ring *rx, enum kwl_xdp_stat what, u32 n)
{
	u64_stats_update_begin(&rx->stats->sync);
	u64_stats_add(&rx->stats->xdp[what], n);
	u64_stats_update_end(&rx->stats->sync);
}

static void kwl_xdp_free(struct kwl_rx_ring *rx, struct xdp_buff *xdp)
{
	if (rx->xsk)
		xsk_buff_free(xdp);
	else if (unlikely(xdp_buff_has_frags(xdp)))
		xdp_return_buff(xdp);
	else
		page_pool_recycle_direct(rx->pool,
					 virt_to_page(xdp->data_hard_start));
}

static bool kwl_xdp_redirect(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			     struct xdp_buff *xdp)
{
	int err = xdp_do_redirect(rx->netdev, xdp, prog);

	if (likely(!err)) {
		rx->xdp_redirected = true;
		return true;
	}
	/* A socket that can't take more says when it can; don't burn frames */
	if (err == -ENOBUFS && rx->xsk && xsk_uses_need_wakeup(rx->xsk))
		rx->xsk_full = true;
	return false;
}

/* Return: whether the frame went where the program wants it */
static bool kwl_xdp_act(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			struct xdp_buff *xdp, u32 act)
{
	switch (act) {
	case XDP_PASS:
		kwl_xdp_count(rx, KWL_XDP_PASS, 1);
		return true;
	case XDP_DROP:
		kwl_xdp_count(rx, KWL_XDP_DROP, 1);
		kwl_xdp_free(rx, xdp);
		return true;
	case XDP_TX:
		/* Counted when it is known whether there was room */
		return kwl_xdp_tx(rx, xdp);
	case XDP_REDIRECT:
		if (!kwl_xdp_redirect(rx, prog, xdp))
			return false;
		kwl_xdp_count(rx, KWL_XDP_REDIRECT, 1);
		return true;
	case XDP_ABORTED:
		return false;
	default:
		bpf_warn_invalid_xdp_action(rx->netdev, prog, act);
		return false;
	}
}

/**
 * kwl_xdp_run() - let an XDP program decide about a frame
 * @rx: the ring
 * @prog: the program
 * @xdp: the frame
 *
 * Frames longer than the MTU allows may arrive until the device knows of a new
 * MTU; a program that can't look at several buffers doesn't get to see them.
 *
 * Context: the queue's NAPI instance.
 * Return: XDP_PASS when the frame is still the caller's, anything else when it
 * is gone.
 */
u32 kwl_xdp_run(struct kwl_rx_ring *rx, struct bpf_prog *prog,
		struct xdp_buff *xdp)
{
	u32 act = XDP_ABORTED;

	if (likely(!xdp_buff_has_frags(xdp) || prog->aux->xdp_has_frags))
		act = bpf_prog_run_xdp(prog, xdp);
	if (likely(kwl_xdp_act(rx, prog, xdp, act)))
		return act;
	trace_xdp_exception(rx->netdev, prog, act);
	kwl_xdp_count(rx, KWL_XDP_ABORTED, 1);
	kwl_xdp_free(rx, xdp);
	return XDP_ABORTED;
}

/* Octets that a frame may have and still fit one buffer of each queue */
static u32 kwl_xdp_room(struct kwl_port *port)
{
	u32 room = KWL_RX_BUF_LEN;
	u16 i;

	for (i = 0; i < KWL_MAX_QUEUES; i++)
		if (port->xsk[i])
			room = min(room, kwl_xsk_room(port->xsk[i]->pool));
	return room;
}

static int kwl_xdp_check(struct kwl_port *port, const struct bpf_prog *prog,
			 int mtu, struct netlink_ext_ack *extack)
{
	int most = kwl_xdp_room(port) - VLAN_ETH_HLEN;

	if (!prog || prog->aux->xdp_has_frags || mtu <= most)
		return 0;
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
	int most = kwl_xdp_room(port) - VLAN_ETH_HLEN;
	u16 i;
	int err;

	err = kwl_xdp_check(port, port->xdp_prog, mtu, NULL);
	if (err)
		netdev_err(netdev,
			   "MTU %d takes several buffers: the XDP program has no frags support and goes up to MTU %d\n",
			   mtu, most);
	for (i = 0; !err && i < KWL_MAX_QUEUES; i++)
		if (port->xsk[i])
			err = kwl_xsk_check(port, port->xsk[i]->pool, mtu);
	return err;
}
KWL_EXPORT(kwl_xdp_check_mtu);
