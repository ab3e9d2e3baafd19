// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses the VF wants to receive.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "kawelavf.h"
#include "mbx_ops.h"
#include "rx_mode.h"

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

	want->uc_overflow = false;
	netdev_hw_addr_list_for_each(ha, uc) {
		if (n == KAWELAVF_UC_MAX) {
			want->uc_overflow = true;
			break;
		}
		changed |= n >= want->n_uc ||
			   !ether_addr_equal(want->uc[n], ha->addr);
		ether_addr_copy(want->uc[n++], ha->addr);
	}
	changed |= n != want->n_uc;
	want->n_uc = n;
	return changed;
}

static u8 kawelavf_uc_limit(struct kawelavf *vf)
{
	return vf->v2 ? FIELD_GET(KWL_LIMIT_UC, vf->policy.limits) :
			KAWELAVF_UC_LEGACY;
}

static int kawelavf_send_uc(struct kawelavf *vf)
{
	u8 n = min(vf->want.n_uc, kawelavf_uc_limit(vf));
	int err = 0;
	u8 i;

	/* A refusal means that the PF is igb, which can't take any back */
	kawelavf_req_uc_clear(vf);
	for (i = 0; i < n && !err; i++)
		err = kawelavf_req_uc_add(vf, vf->want.uc[i]);
	if (err == -EPERM)
		netdev_warn(kawelavf_netdev(vf),
			    "the PF refuses additional address %pM\n",
			    vf->want.uc[i - 1]);
	return err;
}

/* What the lists can't say: everything, which a PF grants to those it trusts */
static int kawelavf_send_promisc(struct kawelavf *vf)
{
	const struct kawelavf_want *want = &vf->want;
	u32 mode = 0;
	int err;

	if (want->promisc || want->uc_overflow ||
	    want->n_uc > kawelavf_uc_limit(vf))
		mode |= KWL_MSG_PROMISC_UC;
	if (want->mc_overflow)
		mode |= KWL_MSG_PROMISC_MC;
	/* Untrusted, only less would be granted than we have: nothing */
	if (!vf->v2 || !(vf->policy.flags & KWL_POLICY_TRUSTED) ||
	    mode == vf->promisc_sent)
		return 0;
	err = kawelavf_req_promisc(vf, mode);
	if (!err)
		vf->promisc_sent = mode;
	return err;
}

/* Ask for all that is wanted */
static int kawelavf_send_rx_mode(struct kawelavf *vf, bool uc)
{
	int err = kawelavf_req_mc(vf);

	if (!err && uc)
		err = kawelavf_send_uc(vf);
	/* Trust may be what is missing for the addresses */
	if (!err || err == -EPERM)
		err = kawelavf_send_promisc(vf);
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
	return kawelavf_send_rx_mode(vf, vf->want.n_uc);
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

	kawelavf_want_mc(&vf->want, mc,
			 netdev->flags & (IFF_ALLMULTI | IFF_PROMISC));
	vf->want.promisc = netdev->flags & IFF_PROMISC;
	uc_changed = kawelavf_want_uc(&vf->want, uc);
	return kawelavf_rx_mode_result(kawelavf_send_rx_mode(vf, uc_changed));
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
	vf->want.promisc = netdev->flags & IFF_PROMISC;
	uc_changed = kawelavf_want_uc(&vf->want, &netdev->uc);
	netif_addr_unlock_bh(netdev);
	kawelavf_send_rx_mode(vf, uc_changed);
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
