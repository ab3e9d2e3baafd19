// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool operations of a VF.
 */
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "kawelavf.h"

static void kawelavf_get_drvinfo(struct net_device *netdev,
				 struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KAWELAVF_NAME, sizeof(info->driver));
	strscpy(info->bus_info, pci_name(kawelavf_of(netdev)->pdev),
		sizeof(info->bus_info));
}

static int kawelavf_speed(u32 status)
{
	switch (FIELD_GET(KWL_STATUS_SPEED, status)) {
	case KWL_SPEED_10:
		return SPEED_10;
	case KWL_SPEED_100:
		return SPEED_100;
	default:
		return SPEED_1000;
	}
}

static int kawelavf_get_link_ksettings(struct net_device *netdev,
				       struct ethtool_link_ksettings *ks)
{
	u32 status = kwl_rd(&kawelavf_of(netdev)->hw, KWL_VTSTATUS);

	ethtool_link_ksettings_zero_link_mode(ks, supported);
	ethtool_link_ksettings_zero_link_mode(ks, advertising);
	ks->base.port = PORT_NONE;
	ks->base.autoneg = AUTONEG_DISABLE;
	ks->base.speed = SPEED_UNKNOWN;
	ks->base.duplex = DUPLEX_UNKNOWN;
	if (netif_carrier_ok(netdev)) {
		ks->base.speed = kawelavf_speed(status);
		ks->base.duplex = status & KWL_STATUS_FD ? DUPLEX_FULL :
							   DUPLEX_HALF;
	}
	return 0;
}

const struct ethtool_ops kawelavf_ethtool_ops = {
	.supported_coalesce_params = KWL_COALESCE_PARAMS,
	.get_drvinfo		= kawelavf_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= kawelavf_get_link_ksettings,
	.get_ringparam		= kwl_get_ringparam,
	.set_ringparam		= kwl_set_ringparam,
	.get_coalesce		= kwl_get_coalesce,
	.set_coalesce		= kwl_set_coalesce,
	.get_ts_info		= ethtool_op_get_ts_info,
};
