// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses the VF wants to receive: what the stack wants, what the PF has
 * granted, and asking for the rest whenever there is a chance.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "kawelavf.h"
#include "mbx.h"
#include "mbx_ops.h"
#include "rx_mode.h"

/* Additional addresses that a PF of version 1 grants */
#define KAWELAVF_UC_LEGACY	3

static void kawelavf_want_mc(struct kawelavf_want *want,
			     struct netdev_hw_addr_list *mc, bool all)
{
	struct netdev_hw_addr *ha;

	want->n_mc = 0;
	want->mc_more = 0;
	want->mc_all = all;
	netdev_hw_addr_list_for_each(ha, mc) {
		if (want->n_mc == KAWELAVF_MC_MAX)
			want->mc_more++;
		else
			want->mc[want->n_mc++] = kwl_mc_hash(ha->addr);
	}
}

static void kawelavf_want_uc(struct kawelavf_want *want,
			     struct netdev_hw_addr_list *uc)
{
	struct netdev_hw_addr *ha;

	want->n_uc = 0;
	want->uc_more = 0;
	netdev_hw_addr_list_for_each(ha, uc) {
		if (want->n_uc == KAWELAVF_UC_MAX)
			want->uc_more++;
		else
			ether_addr_copy(want->uc[want->n_uc++], ha->addr);
	}
}

static bool kawelavf_trusted(const struct kawelavf *vf)
{
	return vf->v2 && vf->policy.flags & KWL_POLICY_TRUSTED;
}

static unsigned int kawelavf_uc_limit(const struct kawelavf *vf)
{
	u32 limit = vf->v2 ? FIELD_GET(KWL_LIMIT_UC, vf->policy.limits) :
			     KAWELAVF_UC_LEGACY;

	return min(limit, KAWELAVF_UC_MAX);
}

/* Return: whether an address is in a list */
static bool kawelavf_uc_in(const u8 (*list)[ETH_ALEN], unsigned int n,
			   const u8 *addr)
{
	while (n--)
		if (ether_addr_equal(list[n], addr))
			return true;
	return false;
}

/* There is no way to give one address back; those that stay are asked for again */
static int kawelavf_uc_forget(struct kawelavf *vf)
{
	struct kawelavf_has *has = &vf->has;
	unsigned int i;
	bool keep = !has->uc_unsure && has->n_uc <= kawelavf_uc_limit(vf);
	int err;

	for (i = 0; i < has->n_uc && keep; i++)
		keep = kawelavf_uc_in(vf->want.uc, vf->want.n_uc, has->uc[i]);
	if (keep)
		return 0;
	err = kawelavf_req_uc_clear(vf);
	/* A refusal means that the PF is igb, which can't take any back */
	if (err && !kawelavf_refused(err))
		return err;
	has->n_uc = 0;
	has->uc_unsure = false;
	return 0;
}

/* Ask for the addresses that are missing. What one doesn't get, another may. */
static int kawelavf_uc_add(struct kawelavf *vf)
{
	const struct kawelavf_want *want = &vf->want;
	struct kawelavf_has *has = &vf->has;
	unsigned int limit = kawelavf_uc_limit(vf);
	unsigned int i;
	int err, taken = 0;

	for (i = 0; i < want->n_uc && has->n_uc < limit; i++) {
		if (kawelavf_uc_in(has->uc, has->n_uc, want->uc[i]))
			continue;
		err = kawelavf_req_uc_add(vf, want->uc[i]);
		if (!err)
			ether_addr_copy(has->uc[has->n_uc++], want->uc[i]);
		else if (err == -EADDRINUSE)
			taken = err;
		else if (err != -EINVAL)
			return err;
	}
	return taken;
}

static int kawelavf_send_uc(struct kawelavf *vf)
{
	int err = kawelavf_uc_forget(vf);

	return err ?: kawelavf_uc_add(vf);
}

/* Return: how many of the groups the PF took; or an errno */
static int kawelavf_send_mc(struct kawelavf *vf)
{
	const struct kawelavf_want *want = &vf->want;
	bool more = want->mc_all || want->mc_more ||
		    (!vf->v2 && want->n_mc > KWL_MSG_MC_MAX);
	u32 flags = more ? KWL_MSG_MC_OVERFLOW : 0;
	unsigned int sent = 0;

	do {
		unsigned int n = min(want->n_mc - sent, KWL_MSG_MC_MAX);
		int err = kawelavf_req_mc(vf, want->mc + sent, n, flags);

		/* A PF that takes no more has kept those before */
		if (kawelavf_refused(err))
			break;
		if (err)
			return err;
		sent += n;
		flags |= KWL_MSG_MC_ADD;
	} while (vf->v2 && sent < want->n_mc);
	return sent;
}

/*
 * What the lists can't say: everything, which a PF grants to those it trusts.
 * Untrusted, only less would be granted than we have: nothing.
 */
static int kawelavf_send_promisc(struct kawelavf *vf)
{
	const struct kawelavf_want *want = &vf->want;
	u32 mode = 0;
	int err;

	if (want->promisc || vf->has.uc_missing)
		mode |= KWL_MSG_PROMISC_UC;
	if (want->mc_all || vf->has.mc_missing)
		mode |= KWL_MSG_PROMISC_MC;
	if (!kawelavf_trusted(vf) || (!mode && !vf->has.promisc))
		return 0;
	err = kawelavf_req_promisc(vf, mode);
	if (err)
		return err;
	vf->has.promisc = mode;
	if (mode & KWL_MSG_PROMISC_UC)
		vf->has.uc_missing = 0;
	if (mode & KWL_MSG_PROMISC_MC)
		vf->has.mc_missing = 0;
	return 0;
}

/* Wanted addresses that receive nothing: logged when it begins */
static void kawelavf_say_missing(struct kawelavf *vf, unsigned int uc,
				 unsigned int mc)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	if (vf->has.uc_missing && !uc && kawelavf_may_say(vf))
		netif_warn(&vf->port, drv, netdev,
			   "the PF doesn't grant each additional address; uc_missing of ethtool -S counts those that receive nothing\n");
	if (vf->has.mc_missing && !mc && kawelavf_may_say(vf))
		netif_warn(&vf->port, drv, netdev,
			   "the PF doesn't grant all multicast groups; mc_missing of ethtool -S counts those that receive nothing\n");
}

/* Without this, a user might think that the network is silent */
static void kawelavf_say_less(struct kawelavf *vf)
{
	u8 less = vf->want.promisc ? 2 : vf->want.mc_all;

	if (kawelavf_trusted(vf))
		less = 0;
	if (less > vf->has.less && kawelavf_may_say(vf))
		netif_warn(&vf->port, drv, kawelavf_netdev(vf),
			   "the PF doesn't let this VF receive %s, because the administrator doesn't trust it\n",
			   less > 1 ? "everything" : "all multicast groups");
	vf->has.less = less;
}

/**
 * kawelavf_rx_mode_sync() - ask for all addresses that are wanted
 * @vf: the VF
 *
 * The service tries again what fails.
 *
 * Context: may sleep; the port's lock; between kawelavf_mbx_begin() and
 * kawelavf_mbx_end().
 */
void kawelavf_rx_mode_sync(struct kawelavf *vf)
{
	unsigned int uc = vf->has.uc_missing;
	unsigned int mc = vf->has.mc_missing;
	int groups, err;

	kawelavf_assert_locked(vf);
	DEBUG_NET_WARN_ON_ONCE(!vf->patience);
	groups = kawelavf_send_mc(vf);
	err = groups < 0 ? groups : kawelavf_send_uc(vf);
	kawelavf_mbx_again(vf, err);
	if (err && !kawelavf_refused(err))
		return;
	vf->has.mc_missing = vf->want.n_mc + vf->want.mc_more - groups;
	vf->has.uc_missing = vf->want.n_uc + vf->want.uc_more - vf->has.n_uc;
	kawelavf_mbx_again(vf, kawelavf_send_promisc(vf));
	kawelavf_say_missing(vf, uc, mc);
	kawelavf_say_less(vf);
}

static void kawelavf_want_all(struct kawelavf *vf,
			      struct netdev_hw_addr_list *uc,
			      struct netdev_hw_addr_list *mc)
{
	unsigned int flags = kawelavf_netdev(vf)->flags;

	kawelavf_want_mc(&vf->want, mc, flags & (IFF_ALLMULTI | IFF_PROMISC));
	kawelavf_want_uc(&vf->want, uc);
	vf->want.promisc = flags & IFF_PROMISC;
}

/**
 * kawelavf_set_rx_mode_async() - ndo_set_rx_mode_async
 * @netdev: the netdev
 * @uc: additional unicast addresses
 * @mc: multicast addresses
 *
 * Context: may sleep; the port's lock.
 * Return: 0. What fails, the service tries again.
 */
int kawelavf_set_rx_mode_async(struct net_device *netdev,
			       struct netdev_hw_addr_list *uc,
			       struct netdev_hw_addr_list *mc)
{
	struct kawelavf *vf = kawelavf_of(netdev);

	kawelavf_assert_locked(vf);
	kawelavf_want_all(vf, uc, mc);
	kawelavf_mbx_begin(vf);
	kawelavf_rx_mode_sync(vf);
	kawelavf_mbx_end(vf);
	return 0;
}

/**
 * kawelavf_rx_mode_work() - the same with the lists as they are now
 * @work: @rx_mode of the VF
 *
 * For kernels that call in atomic context, and after the interface was detached.
 */
void kawelavf_rx_mode_work(struct work_struct *work)
{
	struct kawelavf *vf = container_of(work, struct kawelavf, rx_mode);
	struct net_device *netdev = kawelavf_netdev(vf);

	kawelavf_lock(vf);
	netif_addr_lock_bh(netdev);
	kawelavf_want_all(vf, &netdev->uc, &netdev->mc);
	netif_addr_unlock_bh(netdev);
	kawelavf_mbx_begin(vf);
	kawelavf_rx_mode_sync(vf);
	kawelavf_mbx_end(vf);
	kawelavf_unlock(vf);
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
