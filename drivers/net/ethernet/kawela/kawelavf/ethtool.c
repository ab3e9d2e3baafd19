// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool operations of a VF.
 */
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "ethtool.h"
#include "kawelavf.h"
#include "mbx_ops.h"
#include "rss.h"

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

/* The PF may say anything */
static int kawelavf_link_speed(u32 link)
{
	int speed = FIELD_GET(KWL_LINK_SPEED, link);

	return speed == SPEED_10 || speed == SPEED_100 || speed == SPEED_1000 ?
		       speed : SPEED_UNKNOWN;
}

static int kawelavf_get_link_ksettings(struct net_device *netdev,
				       struct ethtool_link_ksettings *ks)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	u32 status = kwl_rd(&vf->hw, KWL_VTSTATUS);
	u32 link = READ_ONCE(vf->link);

	ethtool_link_ksettings_zero_link_mode(ks, supported);
	ethtool_link_ksettings_zero_link_mode(ks, advertising);
	ks->base.port = PORT_NONE;
	ks->base.autoneg = AUTONEG_DISABLE;
	ks->base.speed = SPEED_UNKNOWN;
	ks->base.duplex = DUPLEX_UNKNOWN;
	if (!netif_running(netdev) || !netif_carrier_ok(netdev))
		return 0;
	if (READ_ONCE(vf->v2)) {
		ks->base.speed = kawelavf_link_speed(link);
		ks->base.duplex = link & KWL_LINK_FULL ? DUPLEX_FULL :
							 DUPLEX_HALF;
	} else {
		ks->base.speed = kawelavf_speed(status);
		ks->base.duplex = status & KWL_STATUS_FD ? DUPLEX_FULL :
							   DUPLEX_HALF;
	}
	return 0;
}

/* What the PF counted for us, dropped frames of a full ring included */
static const char kawelavf_stat_names[][ETH_GSTRING_LEN] = {
	[KWL_STAT_RX_PACKETS]	= "pf_rx_packets",
	[KWL_STAT_TX_PACKETS]	= "pf_tx_packets",
	[KWL_STAT_RX_BYTES]	= "pf_rx_bytes",
	[KWL_STAT_TX_BYTES]	= "pf_tx_bytes",
	[KWL_STAT_RX_MULTICAST]	= "pf_rx_multicast",
	/* Addresses that are wanted and not granted now */
	[KWL_STATS]		= "uc_missing",
	[KWL_STATS + 1]		= "mc_missing",
};

/* The same rows whatever the PF: ethtool asks for count, names and values in turn */
static int kawelavf_get_sset_count(struct net_device *netdev, int set)
{
	switch (set) {
	case ETH_SS_TEST:
		return kawelavf_selftest_count();
	case ETH_SS_STATS:
		return kwl_xdp_stats(kwl_port_of(netdev), NULL, NULL) +
		       ARRAY_SIZE(kawelavf_stat_names);
	default:
		return -EOPNOTSUPP;
	}
}

static void kawelavf_get_strings(struct net_device *netdev, u32 set, u8 *data)
{
	if (set == ETH_SS_TEST)
		kawelavf_selftest_strings(data);
	if (set != ETH_SS_STATS)
		return;
	data += kwl_xdp_stats(kwl_port_of(netdev), data, NULL) *
		ETH_GSTRING_LEN;
	memcpy(data, kawelavf_stat_names, sizeof(kawelavf_stat_names));
}

static void kawelavf_get_ethtool_stats(struct net_device *netdev,
				       struct ethtool_stats *stats, u64 *data)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	unsigned int i;

	data += kwl_xdp_stats(&vf->port, NULL, data);
	/* A PF that doesn't answer leaves what was known; of version 1, zeros */
	if (READ_ONCE(vf->v2))
		kawelavf_req_stats(vf, vf->pf_stats);
	for (i = 0; i < KWL_STATS; i++)
		*data++ = vf->pf_stats_before[i] + vf->pf_stats[i];
	data[0] = vf->has.uc_missing;
	data[1] = vf->has.mc_missing;
}

/* A VF can renew its receive rings; all else is the PF's */
static int kawelavf_ethtool_reset(struct net_device *netdev, u32 *flags)
{
	int err;

	if (*flags != ETH_RESET_DMA)
		return -EOPNOTSUPP;
	err = kwl_rx_restart(kwl_port_of(netdev));
	if (!err)
		*flags = 0;
	return err;
}

/* The operations that PF and VF share are added when the module is loaded */
struct ethtool_ops kawelavf_ethtool_ops __ro_after_init = {
	KWL_OPS_NEED_RTNL
	.get_drvinfo		= kawelavf_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= kawelavf_get_link_ksettings,
	.get_regs_len		= kawelavf_get_regs_len,
	.get_regs		= kawelavf_get_regs,
	.self_test		= kawelavf_selftest,
	.reset			= kawelavf_ethtool_reset,
	.get_sset_count		= kawelavf_get_sset_count,
	.get_strings		= kawelavf_get_strings,
	.get_ethtool_stats	= kawelavf_get_ethtool_stats,
	.get_channels		= kwl_get_channels,
	.set_channels		= kwl_set_channels,
	KWL_GET_RX_RING_COUNT,
	.get_rxfh_key_size	= kawelavf_get_rxfh_key_size,
	.get_rxfh_indir_size	= kawelavf_get_rxfh_indir_size,
	.get_rxfh		= kawelavf_get_rxfh,
	KWL_RXFH_FIELDS(kawelavf_get_rxfh_fields, kawelavf_set_rxfh_fields)
	.get_ts_info		= ethtool_op_get_ts_info,
};
