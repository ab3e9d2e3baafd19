// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the netdev offers the stack, in one table. tools/check/features.py makes the
 * documentation's table from it, and what features.py of the tests compares with
 * ethtool -k.
 */
#include <linux/bitfield.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "lib.h"
#include "tx_offload.h"

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

#define KWL_F_L4	(NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC | NETIF_F_GSO_MASK)

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
 * kwl_features_init() - tell the stack what the datapath can do
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

/**
 * kwl_features_check() - ndo_features_check of PF and VF
 * @skb: a frame about to be sent
 * @netdev: the netdev
 * @features: what the stack would use
 *
 * The context descriptor has 7 bits for the MAC header's length and 9 for the
 * IP header's (datasheet 7.2.2.2); longer ones are left to software. So are frames
 * that have to be padded: the emulated device sums up the padding's length, too. And so
 * are segments in a tunnel whose outer headers may not all be the same.
 *
 * Return: the features to use.
 */
netdev_features_t kwl_features_check(struct sk_buff *skb,
				     struct net_device *netdev,
				     netdev_features_t features)
{
	u32 ip_off = kwl_tx_ip_offset(skb);

	if (unlikely(ip_off > FIELD_MAX(KWL_CTX_MACLEN)))
		return features & ~(KWL_F_L4 | NETIF_F_HW_VLAN_CTAG_TX);
	if (unlikely(skb->len < ETH_ZLEN) ||
	    (unlikely(skb->encapsulation) && kwl_tx_repeats_id(skb)))
		features &= ~KWL_F_L4;
	/* Only a frame with a checksum to fill in has a transport header */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(skb_checksum_start_offset(skb) - ip_off >
		     FIELD_MAX(KWL_CTX_IPLEN)))
		features &= ~KWL_F_L4;
	return vlan_features_check(skb, features);
}
KWL_EXPORT(kwl_features_check);
