// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses the VF wants to receive.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "kawelavf.h"

static void kawelavf_want_mc(struct kawelavf_want *want,
			     struct netdev_hw_addr_list *mc, bool all)
{
	struct netdev_hw_addr *ha;

	want->n_mc = 0;
	want->mc_overflow = all;
	netdev_hw_addr_list_for_each(ha, mc) {
		if (want->n_mc == KWL_MSG_MC_MAX) {
			want->mc_overflow = true;
			break;
		}
		want->mc[want->n_mc++] = kwl_mc_hash(ha->addr);
	}
}

/* Return: whether the list differs from what the PF was asked for */
static bool kawelavf_want_uc(struct kawelavf_want *want,
			     struct netdev_hw_addr_list *uc)
{
	struct netdev_hw_addr *ha;
	bool changed = false;
	u8 n = 0;

	netdev_hw_addr_list_for_each(ha, uc) {
		if (n == KAWELAVF_UC_MAX)
			break;
		changed |= n >= want->n_uc ||
			   !ether_addr_equal(want->uc[n], ha->addr);
		ether_addr_copy(want->uc[n++], ha->addr);
	}
	changed |= n != want->n_uc;
	want->n_uc = n;
	return changed;
}

static int kawelavf_send_uc(struct kawelavf *vf)
{
	int err = 0;
	u8 i;

	/* A refusal means that the PF is igb, which can't take any back */
	kawelavf_req_uc_clear(vf);
	for (i = 0; i < vf->want.n_uc && !err; i++)
		err = kawelavf_req_uc_add(vf, vf->want.uc[i]);
	if (err == -EPERM)
		netdev_warn(kawelavf_netdev(vf),
			    "the PF refuses additional address %pM\n",
			    vf->want.uc[i - 1]);
	return err;
}

/* What the PF refuses doesn't get better by asking again */
static int kawelavf_rx_mode_result(int err)
{
	return err == -EPERM || err == -ENOTCONN ? 0 : err;
}

/**
 * kawelavf_rx_mode_replay() - ask again for all addresses after a reset
 * @vf: the VF
 *
 * Context: may sleep; the port's lock.
 * Return: 0 or an errno.
 */
int kawelavf_rx_mode_replay(struct kawelavf *vf)
{
	int err = kawelavf_req_mc(vf);

	if (!err && vf->want.n_uc)
		err = kawelavf_send_uc(vf);
	return err;
}

/**
 * kawelavf_set_rx_mode_async() - ndo_set_rx_mode_async
 * @netdev: the netdev
 * @uc: additional unicast addresses
 * @mc: multicast addresses
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno to be called again.
 */
int kawelavf_set_rx_mode_async(struct net_device *netdev,
			       struct netdev_hw_addr_list *uc,
			       struct netdev_hw_addr_list *mc)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	bool uc_changed;
	int err;

	kawelavf_want_mc(&vf->want, mc,
			 netdev->flags & (IFF_ALLMULTI | IFF_PROMISC));
	uc_changed = kawelavf_want_uc(&vf->want, uc);
	err = kawelavf_req_mc(vf);
	if (!err && uc_changed)
		err = kawelavf_send_uc(vf);
	return kawelavf_rx_mode_result(err);
}

/**
 * kawelavf_rx_mode_work() - the same, for kernels that call in atomic context
 * @work: @rx_mode of the VF
 */
void kawelavf_rx_mode_work(struct work_struct *work)
{
	struct kawelavf *vf = container_of(work, struct kawelavf, rx_mode);
	struct net_device *netdev = kawelavf_netdev(vf);
	bool uc_changed;

	netif_addr_lock_bh(netdev);
	kawelavf_want_mc(&vf->want, &netdev->mc,
			 netdev->flags & (IFF_ALLMULTI | IFF_PROMISC));
	uc_changed = kawelavf_want_uc(&vf->want, &netdev->uc);
	netif_addr_unlock_bh(netdev);
	if (!kawelavf_req_mc(vf) && uc_changed)
		kawelavf_send_uc(vf);
}

/**
 * kawelavf_set_rx_mode() - ndo_set_rx_mode
 * @netdev: the netdev
 *
 * Context: atomic.
 */
void kawelavf_set_rx_mode(struct net_device *netdev)
{
	struct kawelavf *vf = kawelavf_of(netdev);

	queue_work(vf->wq, &vf->rx_mode);
}
