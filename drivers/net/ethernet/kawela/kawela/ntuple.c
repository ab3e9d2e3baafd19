// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steering rules, ethtool -N and -n: the device's filters that choose a queue
 * (ETQF and FTQF), before RSS does.
 *
 * They are in the device only while the PF's datapath runs, has all queues and
 * ntuple-filters is on: with VFs the PF has one queue, and a filter would look at
 * frames of VFs, too. The rules stay whatever happens to the queues, and are in the
 * device again when it is the PF's alone.
 */
#include <linux/ethtool.h>
#include <linux/net.h>
#include <linux/netdevice.h>

#include <kawela/compat.h>

#include "kawela.h"
#include "ntuple.h"

/* VFs have the first queues; see kawela_dp_cfg() */
static bool kawela_ntuple_alone(struct kawela *pf)
{
	return !kawela_port(pf)->dp->cfg.first_hwq;
}

static void kawela_ntuple_write_ip(struct kwl_hw *hw, unsigned int i,
				   const struct kawela_ntuple_filter *filter)
{
	/* It matches nothing while it changes */
	kwl_wr(hw, KWL_FTQF(i), KWL_FTQF_VF_BP);
	if (!filter)
		return;
	kwl_wr(hw, KWL_SAQF(i), filter->saqf);
	kwl_wr(hw, KWL_DAQF(i), filter->daqf);
	kwl_wr(hw, KWL_SPQF(i), filter->spqf);
	kwl_wr(hw, KWL_IMIR(i), filter->imir);
	kwl_wr(hw, KWL_IMIREXT(i), KWL_IMIREXT_SIZE_BP | KWL_IMIREXT_CTRL_BP);
	kwl_wr(hw, KWL_FTQF(i), filter->ftqf);
}

static void kawela_ntuple_write(struct kawela *pf, unsigned int location,
				bool on)
{
	const struct kawela_ntuple_filter *filter =
		on ? &pf->ntuple.filter[location] : NULL;

	if (location < KWL_FTQFS)
		kawela_ntuple_write_ip(&pf->hw, location, filter);
	else
		kwl_wr(&pf->hw, KWL_ETQF(kawela_ntuple_etqf(location)),
		       filter ? filter->etqf : 0);
}

static void kawela_ntuple_write_all(struct kawela *pf, bool on)
{
	u16 queues = kawela_port(pf)->dp->cfg.queues;
	struct kawela_ntuple *nt = &pf->ntuple;
	unsigned int i;
	bool there;

	kawela_assert_locked(pf);
	if (kwl_has_quirk(&pf->hw, KWL_QUIRK_NO_STEERING))
		return;
	for (i = 0; i < KAWELA_NTUPLE_RULES; i++) {
		there = test_bit(i, nt->used) &&
			nt->rule[i].ring_cookie < queues;
		kawela_ntuple_write(pf, i, on && there);
	}
}

/**
 * kawela_ntuple_start() - bring the rules into the device
 * @pf: the PF, whose datapath is about to receive
 *
 * Context: the port's lock.
 */
void kawela_ntuple_start(struct kawela *pf)
{
	bool on = pf->netdev->features & NETIF_F_NTUPLE;

	kawela_ntuple_write_all(pf, on && kawela_ntuple_alone(pf));
}

/**
 * kawela_ntuple_stop() - leave no rule in the device
 * @pf: the PF, whose datapath receives no longer
 *
 * Context: the port's lock.
 */
void kawela_ntuple_stop(struct kawela *pf)
{
	kawela_ntuple_write_all(pf, false);
}

/**
 * kawela_ntuple_switch() - ntuple-filters is switched on or off
 * @pf: the PF
 * @on: whether rules are to be in the device
 *
 * Context: the port's lock.
 */
void kawela_ntuple_switch(struct kawela *pf, bool on)
{
	if (kwl_port_running(kawela_port(pf)))
		kawela_ntuple_write_all(pf, on && kawela_ntuple_alone(pf));
}

static int kawela_ntuple_refuse(struct kawela *pf, int err, const char *why)
{
	if (net_ratelimit())
		netif_info(kawela_port(pf), drv, pf->netdev,
			   "steering rule refused: %s\n", why);
	return err;
}

static bool kawela_ntuple_known(const struct kawela_ntuple *nt,
				const struct kawela_ntuple_filter *filter,
				u32 except)
{
	unsigned int i;

	for_each_set_bit(i, nt->used, KAWELA_NTUPLE_RULES)
		if (i != except && kawela_ntuple_same(&nt->filter[i], filter))
			return true;
	return false;
}

static int kawela_ntuple_insert(struct kawela *pf,
				struct ethtool_rx_flow_spec *fs)
{
	struct kwl_port *port = kawela_port(pf);
	struct kawela_ntuple *nt = &pf->ntuple;
	struct kawela_ntuple_filter filter;
	const char *why = NULL;
	int i;

	if (!(pf->netdev->features & NETIF_F_NTUPLE))
		return kawela_ntuple_refuse(pf, -EOPNOTSUPP,
					    "ntuple-filters is off, as it always is with VFs");
	i = kawela_ntuple_parse(fs, port->dp->cfg.queues, &filter, &why);
	if (i)
		return kawela_ntuple_refuse(pf, i, why);
	if (kawela_ntuple_known(nt, &filter, fs->location))
		return kawela_ntuple_refuse(pf, -EEXIST,
					    "another rule matches the same frames");
	i = kawela_ntuple_place(nt->used, &filter, fs->location, &why);
	if (i < 0)
		return kawela_ntuple_refuse(pf, i, why);
	fs->location = i;
	nt->rule[i] = *fs;
	nt->filter[i] = filter;
	__set_bit(i, nt->used);
	if (kwl_port_running(port))
		kawela_ntuple_write(pf, i, true);
	return 0;
}

static int kawela_ntuple_delete(struct kawela *pf, u32 location)
{
	struct kawela_ntuple *nt = &pf->ntuple;

	if (location >= KAWELA_NTUPLE_RULES || !test_bit(location, nt->used))
		return -ENOENT;
	__clear_bit(location, nt->used);
	if (kwl_port_running(kawela_port(pf)))
		kawela_ntuple_write(pf, location, false);
	return 0;
}

static int kawela_ntuple_get(const struct kawela_ntuple *nt,
			     struct ethtool_rx_flow_spec *fs)
{
	if (fs->location >= KAWELA_NTUPLE_RULES ||
	    !test_bit(fs->location, nt->used))
		return -ENOENT;
	*fs = nt->rule[fs->location];
	return 0;
}

static int kawela_ntuple_list(const struct kawela_ntuple *nt,
			      struct ethtool_rxnfc *info, u32 *rules)
{
	unsigned int i, n = 0;

	for_each_set_bit(i, nt->used, KAWELA_NTUPLE_RULES) {
		if (n == info->rule_cnt)
			return -EMSGSIZE;
		rules[n++] = i;
	}
	info->rule_cnt = n;
	info->data = KAWELA_NTUPLE_RULES;
	return 0;
}

/**
 * kawela_get_rxnfc() - ethtool -n
 * @netdev: the PF's netdev
 * @info: the question; receives the answer
 * @rules: receives locations
 *
 * Context: the port's lock.
 * Return: 0; -EOPNOTSUPP for a device without filters and for other questions;
 * -ENOENT when a location has no rule; or -EMSGSIZE when @rules has too little room.
 */
int kawela_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *info,
		     u32 *rules)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_ntuple *nt = &pf->ntuple;

	netdev_assert_locked_ops_compat(netdev);
	if (kwl_has_quirk(&pf->hw, KWL_QUIRK_NO_STEERING))
		return kwl_get_rxnfc(netdev, info, rules);
	switch (info->cmd) {
	case ETHTOOL_GRXCLSRLCNT:
		info->data = KAWELA_NTUPLE_RULES | RX_CLS_LOC_SPECIAL;
		info->rule_cnt = bitmap_weight(nt->used, KAWELA_NTUPLE_RULES);
		return 0;
	case ETHTOOL_GRXCLSRULE:
		return kawela_ntuple_get(nt, &info->fs);
	case ETHTOOL_GRXCLSRLALL:
		return kawela_ntuple_list(nt, info, rules);
	default:
		return kwl_get_rxnfc(netdev, info, rules);
	}
}

/**
 * kawela_set_rxnfc() - ethtool -N
 * @netdev: the PF's netdev
 * @info: rule to insert or to delete; receives the location of an inserted one
 *
 * A rule that was at the location before is replaced. There is no extack: the log says
 * why a rule is refused.
 *
 * Context: the port's lock.
 * Return: 0; -EOPNOTSUPP for what the device can't do; -EINVAL for rules that make no
 * sense; -EEXIST, -ENOSPC or -ENOENT. Nothing is changed then.
 */
int kawela_set_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *info)
{
	struct kawela *pf = kawela_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	if (kwl_has_quirk(&pf->hw, KWL_QUIRK_NO_STEERING))
		return -EOPNOTSUPP;
	switch (info->cmd) {
	case ETHTOOL_SRXCLSRLINS:
		return kawela_ntuple_insert(pf, &info->fs);
	case ETHTOOL_SRXCLSRLDEL:
		return kawela_ntuple_delete(pf, info->fs.location);
	default:
		return -EOPNOTSUPP;
	}
}
