// SPDX-License-Identifier: GPL-2.0-only
/*
 * What XDP programs may ask about a frame besides its octets, and what the
 * netdev says that it can.
 */
#include <linux/bitfield.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "lib.h"
#include "rx_decode.h"
#include "tx.h"

static const enum xdp_rss_hash_type kwl_xdp_hash_types[] = {
	[KWL_RSS_NONE]		= XDP_RSS_TYPE_NONE,
	[KWL_RSS_TCP_IPV4]	= XDP_RSS_TYPE_L4_IPV4_TCP,
	[KWL_RSS_IPV4]		= XDP_RSS_TYPE_L3_IPV4,
	[KWL_RSS_TCP_IPV6]	= XDP_RSS_TYPE_L4_IPV6_TCP,
	[KWL_RSS_IPV6_EX]	= XDP_RSS_TYPE_L3_IPV6_EX,
	[KWL_RSS_IPV6]		= XDP_RSS_TYPE_L3_IPV6,
	[KWL_RSS_TCP_IPV6_EX]	= XDP_RSS_TYPE_L4_IPV6_TCP_EX,
	[KWL_RSS_UDP_IPV4]	= XDP_RSS_TYPE_L4_IPV4_UDP,
	[KWL_RSS_UDP_IPV6]	= XDP_RSS_TYPE_L4_IPV6_UDP,
	[KWL_RSS_UDP_IPV6_EX]	= XDP_RSS_TYPE_L4_IPV6_UDP_EX,
	/* The rest is reserved */
	[KWL_RXD_RSS_TYPE]	= XDP_RSS_TYPE_NONE,
};

static int kwl_xdp_rx_hash(const struct xdp_md *ctx, u32 *hash,
			   enum xdp_rss_hash_type *type)
{
	const struct kwl_xdp_buff *frame = (const void *)ctx;
	u32 rss = kwl_rx_rss_type(&frame->wb);

	if (!(frame->xdp.rxq->dev->features & NETIF_F_RXHASH) ||
	    rss == KWL_RSS_NONE)
		return -ENODATA;
	*hash = frame->wb.rss;
	*type = kwl_xdp_hash_types[rss];
	return 0;
}

static int kwl_xdp_rx_vlan_tag(const struct xdp_md *ctx, __be16 *proto,
			       u16 *tci)
{
	const struct kwl_xdp_buff *frame = (const void *)ctx;
	const struct net_device *netdev = frame->xdp.rxq->dev;
	const unsigned long *vlans = kwl_port_of(netdev)->vlans;
	u16 tag = frame->wb.vlan;

	if (!(frame->wb.status & KWL_RXD_VP) ||
	    !(netdev->features & NETIF_F_HW_VLAN_CTAG_RX) ||
	    (vlans && !test_bit(tag & VLAN_VID_MASK, vlans)))
		return -ENODATA;
	*proto = htons(ETH_P_8021Q);
	*tci = tag;
	return 0;
}

static int kwl_xdp_rx_timestamp(const struct xdp_md *ctx, u64 *ns)
{
	const struct kwl_xdp_buff *frame = (const void *)ctx;

	if (!(frame->wb.status & KWL_RXD_TS) || !frame->stamp)
		return -ENODATA;
	*ns = frame->stamp;
	return 0;
}

static const struct xdp_metadata_ops kwl_xdp_metadata_ops = {
	.xmo_rx_hash		= kwl_xdp_rx_hash,
	.xmo_rx_vlan_tag	= kwl_xdp_rx_vlan_tag,
};

/* For a function that has the device's timestamps */
static const struct xdp_metadata_ops kwl_xdp_metadata_ops_stamp = {
	.xmo_rx_hash		= kwl_xdp_rx_hash,
	.xmo_rx_vlan_tag	= kwl_xdp_rx_vlan_tag,
	.xmo_rx_timestamp	= kwl_xdp_rx_timestamp,
};

/* For one whose frames the device doesn't hash, see kwl_features_init() */
static const struct xdp_metadata_ops kwl_xdp_metadata_ops_no_hash = {
	.xmo_rx_vlan_tag	= kwl_xdp_rx_vlan_tag,
};

static const struct xdp_metadata_ops *kwl_xdp_meta(const struct kwl_port *port)
{
	if (port->role->stamp_rx)
		return &kwl_xdp_metadata_ops_stamp;
	return port->netdev->hw_features & NETIF_F_RXHASH ?
	       &kwl_xdp_metadata_ops : &kwl_xdp_metadata_ops_no_hash;
}

/**
 * kwl_xdp_init() - set the XDP features that the datapath has
 * @port: the port; its netdev isn't registered yet
 */
void kwl_xdp_init(struct kwl_port *port)
{
	struct net_device *netdev = port->netdev;

	netdev->xdp_metadata_ops = kwl_xdp_meta(port);
	netdev->xdp_zc_max_segs = KWL_XSK_SEGS;
	netdev->xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT |
			       NETDEV_XDP_ACT_NDO_XMIT |
			       NETDEV_XDP_ACT_NDO_XMIT_SG |
			       NETDEV_XDP_ACT_RX_SG |
			       NETDEV_XDP_ACT_XSK_ZEROCOPY;
}
