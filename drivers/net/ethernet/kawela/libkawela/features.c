// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the netdev offers the stack, in one table. tools/check/features.py makes the
 * documentation's table from it, and what features.py of the tests compares with
 * ethtool -k.
 */
#include <linux/netdevice.h>

#include "lib.h"

/**
 * struct kwl_feature - one netdev feature
 * @bits: the feature
 * @fixed: the user can't change it
 * @off: it is off until the user wants it
 * @pf: the PF alone has it
 * @vlan: also for frames with a VLAN tag
 * @unless: not on devices with this quirk
 * @unless_vf: not on VFs of devices with this quirk
 */
struct kwl_feature {
	netdev_features_t bits;
	bool fixed;
	bool off;
	bool pf;
	bool vlan;
	u32 unless;
	u32 unless_vf;
};

/* Whose inner TCP the device segments, with outer headers that the stack prepared */
#define KWL_F_TUNNELS							\
	(NETIF_F_GSO_GRE | NETIF_F_GSO_GRE_CSUM |			\
	 NETIF_F_GSO_IPXIP4 | NETIF_F_GSO_IPXIP6 |			\
	 NETIF_F_GSO_UDP_TUNNEL | NETIF_F_GSO_UDP_TUNNEL_CSUM)

/*
 * No generic checksum (NETIF_F_HW_CSUM): the device fills in those of TCP, UDP and
 * SCTP over IPv4 and IPv6 and no others.
 */
static const struct kwl_feature kwl_features[] = {
	{ NETIF_F_SG,				.vlan = true },
	{ NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM,	.vlan = true },
	{ NETIF_F_SCTP_CRC,			.vlan = true },
	{ NETIF_F_TSO | NETIF_F_TSO6,		.vlan = true },
	{ NETIF_F_GSO_UDP_L4,			.vlan = true,
	  .unless = KWL_QUIRK_NO_USO },
	{ NETIF_F_GSO_PARTIAL | KWL_F_TUNNELS,	.vlan = true,
	  .unless = KWL_QUIRK_NO_TUNNELS },
	{ NETIF_F_HIGHDMA,			.fixed = true, .vlan = true },
	{ NETIF_F_RXCSUM },
	{ NETIF_F_RXHASH,
	  .unless_vf = KWL_QUIRK_NO_POOL_HASH },
	{ NETIF_F_HW_VLAN_CTAG_TX },
	{ NETIF_F_HW_VLAN_CTAG_RX,		.fixed = true },
	{ NETIF_F_HW_VLAN_CTAG_FILTER,		.fixed = true },
	{ NETIF_F_NTUPLE,			.pf = true,
	  .unless = KWL_QUIRK_NO_STEERING },
	/* For all functions or for none: KWL_F_PORT */
	{ NETIF_F_RXALL,			.off = true, .pf = true },
	{ NETIF_F_RXFCS,			.off = true, .pf = true },
	{ NETIF_F_LOOPBACK,			.off = true, .pf = true },
};

static void kwl_features_init_tunnels(struct net_device *netdev)
{
	netdev->gso_partial_features = KWL_F_TUNNELS;
	netdev->hw_enc_features = netdev->vlan_features | NETIF_F_TSO_MANGLEID;
}

static bool kwl_feature_there(const struct kwl_port *port,
			      const struct kwl_feature *f)
{
	if (kwl_has_quirk(port->hw, f->unless))
		return false;
	return !port->role->pooled ||
	       (!f->pf && !kwl_has_quirk(port->hw, f->unless_vf));
}

/**
 * kwl_features_init() - set the features that the datapath has
 * @port: the port; its netdev is not registered yet
 */
void kwl_features_init(struct kwl_port *port)
{
	struct net_device *netdev = port->netdev;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kwl_features); i++) {
		const struct kwl_feature *f = &kwl_features[i];

		if (!kwl_feature_there(port, f))
			continue;
		if (!f->off)
			netdev->features |= f->bits;
		if (!f->fixed)
			netdev->hw_features |= f->bits;
		if (f->vlan)
			netdev->vlan_features |= f->bits;
	}
	if (!kwl_has_quirk(port->hw, KWL_QUIRK_NO_TUNNELS))
		kwl_features_init_tunnels(netdev);
	netdev->priv_flags |= IFF_UNICAST_FLT;
}
