// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF's part in the shared datapath: which queues it uses, and what has to be
 * right around them.
 *
 * Without VFs the PF owns all queues and spreads over several by RSS. With n
 * VFs it lives in pool n, with that pool's first queue. The move between the two
 * is a reconfiguration like any other; the link doesn't notice.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "dp_role.h"
#include "filter.h"
#include "irq.h"
#include "kawela.h"
#include "netdev.h"
#include "ntuple.h"
#include "rss.h"
#include "stamp.h"

/* When to try again to leave the pool of VFs that are gone */
#define KAWELA_HOME_RETRY	(2 * HZ)

static const u8 kawela_vectors[KWL_MAX_QUEUES] = {
	KAWELA_VECTOR_QUEUE + 0, KAWELA_VECTOR_QUEUE + 1,
	KAWELA_VECTOR_QUEUE + 2, KAWELA_VECTOR_QUEUE + 3,
	KAWELA_VECTOR_QUEUE + 4, KAWELA_VECTOR_QUEUE + 5,
	KAWELA_VECTOR_QUEUE + 6, KAWELA_VECTOR_QUEUE + 7,
};

/* With VFs the PF's queues are those of the pool behind theirs */
static unsigned int kawela_cfg_vfs(const struct kwl_dp_cfg *cfg)
{
	return cfg->hwq_stride == KWL_POOLS ? cfg->first_hwq : 0;
}

/* Bring filters and pools in line with the datapath in force */
static void kawela_dp_sync(struct kawela *pf, bool up)
{
	unsigned int n_vfs = kawela_cfg_vfs(&kawela_port(pf)->dp->cfg);
	bool fewer;

	mutex_lock(&pf->vf_lock);
	fewer = n_vfs < pf->n_vfs;
	pf->n_vfs = n_vfs;
	pf->want.up = up;
	if (pf->n_vfs)
		kawela_rss_pools(pf);
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	if (fewer)
		kawela_relist(pf);
}

static void kawela_home_later(struct kawela *pf)
{
	queue_delayed_work(system_freezable_wq, &pf->recovery.home,
			   KAWELA_HOME_RETRY);
}

static void kawela_role_start(struct kwl_port *port)
{
	struct kawela *pf = kawela_of(port->netdev);

	/* A datapath that doesn't run can't move */
	if (pf->recovery.stranded)
		kawela_home_later(pf);
	kawela_irq_automatic(pf, port->dp->cfg.queues);
	kawela_rss_start(pf);
	kawela_ntuple_start(pf);
	kawela_dp_sync(pf, true);
}

static void kawela_role_stop(struct kwl_port *port)
{
	struct kawela *pf = kawela_of(port->netdev);

	kawela_dp_sync(pf, false);
	kawela_ntuple_stop(pf);
}

/* What was reset and could not start then does so now */
static void kawela_role_recovered(struct kwl_port *port)
{
	struct kawela *pf = kawela_of(port->netdev);

	mod_delayed_work(system_freezable_wq, &pf->recovery.work, 0);
}

const struct kwl_role kawela_role = {
	.rxq_base = KWL_RXQ(0),
	.rxq_stride = KWL_RXQ(1) - KWL_RXQ(0),
	.txq_base = KWL_TXQ(0),
	.txq_stride = KWL_TXQ(1) - KWL_TXQ(0),
	.vectors = kawela_vectors,
	.xdp_txqs = KWL_MAX_QUEUES,
	.route = kawela_route,
	.start = kawela_role_start,
	.stop = kawela_role_stop,
	.recovered = kawela_role_recovered,
	.stamp_tx = kawela_stamp_tx,
	.stamp_rx = kawela_stamp_rx,
};

/**
 * kawela_dp_cfg() - put the PF's queues where they belong
 * @pf: the PF
 * @n_vfs: how many VFs there are, or will be
 * @cfg: configuration to change; ring sizes stay
 */
void kawela_dp_cfg(struct kawela *pf, unsigned int n_vfs,
		   struct kwl_dp_cfg *cfg)
{
	cfg->queues = n_vfs ? 1 : pf->queues;
	cfg->first_hwq = n_vfs;
	cfg->hwq_stride = n_vfs ? KWL_POOLS : 1;
}

/**
 * kawela_dp_vfs() - how many VFs the PF's datapath leaves room for
 * @pf: the PF
 *
 * Context: the port's lock.
 * Return: how many.
 */
unsigned int kawela_dp_vfs(struct kawela *pf)
{
	netdev_assert_locked_ops_compat(pf->netdev);
	return kawela_cfg_vfs(&kawela_port(pf)->dp->cfg);
}

/* Give the VFs' queues back to the PF. pci_disable_sriov() has waited a second. */
static void kawela_dp_reuse(struct kawela *pf)
{
	kwl_wr(&pf->hw, KWL_IOVCTL, KWL_IOVCTL_REUSE_VFQ);
	kwl_flush(&pf->hw);
}

static int kawela_dp_move_try(struct kawela *pf, unsigned int n_vfs)
{
	struct kwl_port *port = kawela_port(pf);
	struct kwl_dp *next = kwl_dp_clone(port);
	int err;

	netdev_assert_locked_ops_compat(pf->netdev);
	if (!next)
		return -ENOMEM;
	if (!n_vfs)
		kawela_dp_reuse(pf);
	kawela_dp_cfg(pf, n_vfs, &next->cfg);
	err = kwl_dp_reconfigure(port, next, NULL);
	if (!kwl_port_running(port))
		kawela_dp_sync(pf, false);
	kawela_features_update(pf);
	return err;
}

static int kawela_dp_move_locked(struct kawela *pf, unsigned int n_vfs)
{
	int err = kawela_dp_move_try(pf, n_vfs);

	if (!err)
		pf->recovery.stranded = false;
	else if (!n_vfs)
		pf->recovery.stranded = true;
	/* Without a datapath that runs, kawela_role_start() begins again */
	if (pf->recovery.stranded && err != -ENETDOWN)
		kawela_home_later(pf);
	return err;
}

/**
 * kawela_dp_move() - move the PF's datapath to where n VFs leave it room
 * @pf: the PF
 * @n_vfs: how many; 0 moves it back to all queues
 *
 * Filters, pools and @pf->n_vfs go with the datapath. A way back that fails is tried
 * again until it succeeds, or there are VFs again.
 *
 * Context: may sleep; takes the port's lock.
 * Return: 0, or an errno with everything as before.
 */
int kawela_dp_move(struct kawela *pf, unsigned int n_vfs)
{
	int err;

	rtnl_lock();
	netdev_lock(pf->netdev);
	err = kawela_dp_move_locked(pf, n_vfs);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
	return err;
}

/**
 * kawela_dp_return() - try again to leave the pool of VFs that are gone
 * @pf: the PF
 *
 * Context: may sleep; takes the port's lock.
 */
void kawela_dp_return(struct kawela *pf)
{
	rtnl_lock();
	netdev_lock(pf->netdev);
	if (pf->recovery.stranded && !kawela_dp_move_locked(pf, 0))
		netif_info(kawela_port(pf), hw, pf->netdev,
			   "has all queues again\n");
	netdev_unlock(pf->netdev);
	rtnl_unlock();
}
