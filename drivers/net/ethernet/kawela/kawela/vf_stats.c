// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of VFs. The device's are 32 bits wide, wrap, and can't be cleared; what
 * they advance by is added up here.
 */
#include <linux/if_link.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include "kawela.h"
#include "stats.h"
#include "vf.h"

/* At 1 Gb/s an octet counter wraps after 34 s; housekeeping comes far sooner */
static const u32 kawela_vf_counters[KAWELA_VF_COUNTERS] = {
	[KAWELA_VF_RX_PACKETS]	= KWL_PVFGPRC(0),
	[KAWELA_VF_TX_PACKETS]	= KWL_PVFGPTC(0),
	[KAWELA_VF_RX_BYTES]	= KWL_PVFGORC(0),
	[KAWELA_VF_TX_BYTES]	= KWL_PVFGOTC(0),
	[KAWELA_VF_RX_MC]	= KWL_PVFMPRC(0),
};

static u32 kawela_vf_counter(struct kawela *pf, const struct kawela_vf *vf,
			     unsigned int i)
{
	return kwl_rd(&pf->hw, kawela_vf_counters[i] +
			       vf->index * (KWL_PVFGPRC(1) - KWL_PVFGPRC(0)));
}

/**
 * kawela_vf_stats_base() - count from here
 * @pf: the PF
 * @vf: the VF: a new one, or one whose registers a reset of the PF has cleared
 *
 * Context: vf_lock.
 */
void kawela_vf_stats_base(struct kawela *pf, struct kawela_vf *vf)
{
	unsigned int i;

	lockdep_assert_held(&pf->vf_lock);
	for (i = 0; i < KAWELA_VF_COUNTERS; i++)
		vf->stats.last[i] = kawela_vf_counter(pf, vf, i);
	/* One that is gone has been reset when it is back */
	if (kwl_gone(&pf->hw))
		memset(vf->stats.last, 0, sizeof(vf->stats.last));
}

/**
 * kawela_vf_stats_update() - add what the device has counted since
 * @pf: the PF
 * @vf: the VF
 *
 * Context: vf_lock.
 */
void kawela_vf_stats_update(struct kawela *pf, struct kawela_vf *vf)
{
	unsigned int i;

	lockdep_assert_held(&pf->vf_lock);
	for (i = 0; i < KAWELA_VF_COUNTERS; i++) {
		u32 now = kawela_vf_counter(pf, vf, i);

		if (kwl_gone(&pf->hw))
			return;
		vf->stats.sum[i] += now - vf->stats.last[i];
		vf->stats.last[i] = now;
	}
}

/**
 * kawela_vf_stats_begin() - what was counted so far is not for the VF's next driver
 * @pf: the PF
 * @vf: the VF
 *
 * Context: vf_lock.
 */
void kawela_vf_stats_begin(struct kawela *pf, struct kawela_vf *vf)
{
	kawela_vf_stats_update(pf, vf);
	memcpy(vf->stats.before, vf->stats.sum, sizeof(vf->stats.before));
}

/**
 * kawela_vf_stats_update_all() - the same for every VF
 * @pf: the PF
 *
 * Context: may sleep; takes vf_lock.
 */
void kawela_vf_stats_update_all(struct kawela *pf)
{
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_vf_stats_update(pf, &pf->vf[i]);
	mutex_unlock(&pf->vf_lock);
}

/**
 * kawela_get_vf_stats() - ndo_get_vf_stats
 * @netdev: the PF
 * @i: the VF
 * @st: receives what it counted since it was created; zeroed by the caller
 *
 * The device counts no broadcasts and no drops of a VF.
 *
 * Context: may sleep; takes vf_lock.
 * Return: 0 or -EINVAL.
 */
int kawela_get_vf_stats(struct net_device *netdev, int i,
			struct ifla_vf_stats *st)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_vf *vf;
	int err = -EINVAL;

	mutex_lock(&pf->vf_lock);
	if (i >= 0 && i < pf->n_vfs) {
		vf = &pf->vf[i];
		kawela_vf_stats_update(pf, vf);
		st->rx_packets = vf->stats.sum[KAWELA_VF_RX_PACKETS];
		st->tx_packets = vf->stats.sum[KAWELA_VF_TX_PACKETS];
		st->rx_bytes = vf->stats.sum[KAWELA_VF_RX_BYTES];
		st->tx_bytes = vf->stats.sum[KAWELA_VF_TX_BYTES];
		st->multicast = vf->stats.sum[KAWELA_VF_RX_MC];
		err = 0;
	}
	mutex_unlock(&pf->vf_lock);
	return err;
}
