// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool operations of the PF.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "dp_role.h"
#include "kawela.h"
#include "link.h"
#include "netdev.h"
#include "ntuple.h"
#include "recover.h"
#include "rss.h"
#include "stamp.h"
#include "stats.h"
#include "wol.h"

static void kawela_get_drvinfo(struct net_device *netdev,
			       struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KAWELA_NAME, sizeof(info->driver));
	strscpy(info->bus_info, pci_name(kawela_of(netdev)->pdev),
		sizeof(info->bus_info));
}

/* What a reset of the device resets; alone there is only new rings */
#define KAWELA_RESET_PARTS						\
	(ETH_RESET_IRQ | ETH_RESET_DMA | ETH_RESET_FILTER |		\
	 ETH_RESET_OFFLOAD | ETH_RESET_MAC | ETH_RESET_PHY)

static int kawela_ethtool_reset(struct net_device *netdev, u32 *flags)
{
	int err;

	if (*flags == ETH_RESET_DMA) {
		err = kwl_rx_restart(kwl_port_of(netdev));
		if (!err)
			*flags = 0;
		return err;
	}
	if ((*flags & KAWELA_RESET_PARTS) != KAWELA_RESET_PARTS)
		return -EOPNOTSUPP;
	err = kawela_reset_running(kawela_of(netdev));
	if (!err)
		*flags &= ~KAWELA_RESET_PARTS;
	return err;
}

/* With VFs the PF has one queue; the number chosen before comes back later */
static void kawela_get_channels(struct net_device *netdev,
				struct ethtool_channels *ch)
{
	kwl_get_channels(netdev, ch);
	if (kawela_dp_vfs(kawela_of(netdev)))
		ch->max_combined = 1;
}

static int kawela_set_channels(struct net_device *netdev,
			       struct ethtool_channels *ch)
{
	int err = kwl_set_channels(netdev, ch);

	if (!err)
		kawela_of(netdev)->queues = ch->combined_count;
	return err;
}

static int kawela_get_sset_count(struct net_device *netdev, int set)
{
	switch (set) {
	case ETH_SS_TEST:
		return kawela_selftest_count();
	case ETH_SS_STATS:
		return kawela_hw_stats_count() +
		       kwl_xdp_stats(kwl_port_of(netdev), NULL, NULL);
	default:
		return -EOPNOTSUPP;
	}
}

static void kawela_get_strings(struct net_device *netdev, u32 set, u8 *data)
{
	if (set == ETH_SS_TEST)
		kawela_selftest_strings(data);
	if (set == ETH_SS_STATS) {
		kawela_hw_stats_strings(data);
		data += kawela_hw_stats_count() * ETH_GSTRING_LEN;
		kwl_xdp_stats(kwl_port_of(netdev), data, NULL);
	}
}

/* The operations that PF and VF share are added when the module is loaded */
struct ethtool_ops kawela_ethtool_ops __ro_after_init = {
	KWL_OPS_NEED_RTNL
	.get_drvinfo		= kawela_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= kawela_get_link_ksettings,
	.set_link_ksettings	= kawela_set_link_ksettings,
	.get_pauseparam		= kawela_get_pauseparam,
	.set_pauseparam		= kawela_set_pauseparam,
	.get_pause_stats	= kawela_get_pause_stats,
	.get_wol		= kawela_get_wol,
	.set_wol		= kawela_set_wol,
	.set_phys_id		= kawela_set_phys_id,
	.get_eeprom_len		= kawela_get_eeprom_len,
	.get_eeprom		= kawela_get_eeprom,
	.get_regs_len		= kawela_get_regs_len,
	.get_regs		= kawela_get_regs,
	.nway_reset		= kawela_nway_reset,
	.reset			= kawela_ethtool_reset,
	.self_test		= kawela_selftest,
	.get_sset_count		= kawela_get_sset_count,
	.get_strings		= kawela_get_strings,
	.get_ethtool_stats	= kawela_get_ethtool_stats,
	.get_eth_mac_stats	= kawela_get_eth_mac_stats,
	.get_eth_phy_stats	= kawela_get_eth_phy_stats,
	.get_rmon_stats		= kawela_get_rmon_stats,
	.get_channels		= kawela_get_channels,
	.set_channels		= kawela_set_channels,
	KWL_GET_RXNFC(kawela_get_rxnfc),
	.set_rxnfc		= kawela_set_rxnfc,
	.get_rxfh_key_size	= kawela_get_rxfh_key_size,
	.get_rxfh_indir_size	= kawela_get_rxfh_indir_size,
	.get_rxfh		= kawela_get_rxfh,
	.set_rxfh		= kawela_set_rxfh,
	KWL_RXFH_FIELDS(kawela_get_rxfh_fields, kawela_set_rxfh_fields)
	.get_ts_info		= kawela_get_ts_info,
	.get_ts_stats		= kawela_get_ts_stats,
};
