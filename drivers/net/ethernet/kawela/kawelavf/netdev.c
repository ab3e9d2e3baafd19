// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VF's network interface: its operations, one screen each.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "ethtool.h"
#include "kawelavf.h"
#include "mbx.h"
#include "mbx_ops.h"
#include "netdev.h"
#include "policy.h"
#include "queues.h"
#include "rx_mode.h"
#include "vlan.h"

static int kawelavf_open(struct net_device *netdev)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	int err;

	err = kwl_port_open(&vf->port);
	if (!err)
		kawelavf_service_kick(vf);
	return err;
}

static int kawelavf_stop(struct net_device *netdev)
{
	kwl_port_close(kwl_port_of(netdev));
	return 0;
}

/* There is no way to return text, and bonding shows the errno alone */
static const char *kawelavf_why_not_mac(int err)
{
	switch (err) {
	case -EADDRINUSE:
		return "another function has it; two VFs may share it if both are trusted";
	case -EPERM:
		return "the administrator chose another one";
	default:
		return "it gave no reason";
	}
}

static int kawelavf_set_mac_address(struct net_device *netdev, void *data)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	struct sockaddr *addr = data;
	int err;

	if (!is_valid_ether_addr(addr->sa_data))
		return -EADDRNOTAVAIL;
	err = kawelavf_mbx_later(kawelavf_req_mac(vf, addr->sa_data));
	if (err) {
		netif_err(&vf->port, drv, netdev,
			  "the PF refuses address %pM: %s\n", addr->sa_data,
			  kawelavf_why_not_mac(err));
		return err;
	}
	eth_hw_addr_set(netdev, addr->sa_data);
	vf->want.mac_set = true;
	return 0;
}

static int kawelavf_change_mtu(struct net_device *netdev, int mtu)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	int err;

	err = kwl_xdp_check_mtu(netdev, mtu);
	if (err)
		return err;
	err = kawelavf_mbx_later(kawelavf_req_lpe(vf, kawelavf_mtu_to_frame(netdev, mtu)));
	if (err) {
		netif_err(&vf->port, drv, netdev,
			  "the PF refuses MTU %d: %pe\n", mtu, ERR_PTR(err));
		return err;
	}
	WRITE_ONCE(netdev->mtu, mtu);
	return 0;
}

/* Frames to groups are as old as the service's last look, a second */
static void kawelavf_get_stats64(struct net_device *netdev,
				 struct rtnl_link_stats64 *st)
{
	kwl_get_stats64(netdev, st);
	st->multicast = atomic64_read(&kawelavf_of(netdev)->multicast);
}

static const struct net_device_ops kawelavf_netdev_ops = {
	.ndo_open		= kawelavf_open,
	.ndo_stop		= kawelavf_stop,
	.ndo_start_xmit		= kwl_xmit,
	.ndo_features_check	= kwl_features_check,
	.ndo_select_queue	= kawelavf_select_queue,
	KWL_NDO_SET_RX_MODE(kawelavf_set_rx_mode, kawelavf_set_rx_mode_async),
	.ndo_set_mac_address	= kawelavf_set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= kawelavf_change_mtu,
	.ndo_get_stats64	= kawelavf_get_stats64,
	.ndo_vlan_rx_add_vid	= kawelavf_vlan_rx_add_vid,
	.ndo_vlan_rx_kill_vid	= kawelavf_vlan_rx_kill_vid,
	.ndo_tx_timeout		= kwl_tx_timeout,
	.ndo_bpf		= kwl_bpf,
	.ndo_xdp_xmit		= kwl_xdp_xmit,
	.ndo_xsk_wakeup		= kwl_xsk_wakeup,
};

/**
 * kawelavf_netdev_create() - allocate a VF with its interface
 * @pdev: the PCI function
 *
 * Return: the VF, or NULL without memory.
 */
struct kawelavf *kawelavf_netdev_create(struct pci_dev *pdev)
{
	struct net_device *netdev = alloc_etherdev_mqs(sizeof(struct kawelavf),
						       KWL_VF_QUEUES,
						       KWL_VF_QUEUES);
	struct kawelavf *vf;

	if (!netdev)
		return NULL;
	vf = netdev_priv(netdev);
	vf->port.netdev = netdev;
	vf->pdev = pdev;
	mutex_init(&vf->mbx_lock);
	ratelimit_state_init(&vf->say, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	ratelimit_set_flags(&vf->say, RATELIMIT_MSG_ON_RELEASE);
	INIT_WORK(&vf->rx_mode, kawelavf_rx_mode_work);
	SET_NETDEV_DEV(netdev, &pdev->dev);
	netdev->netdev_ops = &kawelavf_netdev_ops;
	netdev->ethtool_ops = &kawelavf_ethtool_ops;
	netdev->stat_ops = &kwl_stat_ops;
	netdev->watchdog_timeo = 5 * HZ;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = KAWELAVF_MAX_MTU;
	kwl_request_ops_lock(netdev);
	return vf;
}

/**
 * kawelavf_netdev_init() - prepare the datapath
 * @vf: the VF
 *
 * Return: 0 or -ENOMEM.
 */
int kawelavf_netdev_init(struct kawelavf *vf)
{
	const struct kwl_dp_cfg cfg = {
		.queues = 1,
		.hwq_stride = 1,
		.rx_count = KWL_RX_RING_DEFAULT,
		.tx_count = KWL_TX_RING_DEFAULT,
	};

	vf->port.max_queues = 1;
	__set_bit(0, vf->want.vlans);
	vf->port.vlans = vf->want.vlans;
	return kwl_port_init(&vf->port, vf->port.netdev, vf->pdev, &vf->hw,
			     &kawelavf_role, &cfg);
}

/**
 * kawelavf_netdev_fini() - undo kawelavf_netdev_init()
 * @vf: the VF
 */
void kawelavf_netdev_fini(struct kawelavf *vf)
{
	kwl_port_fini(&vf->port);
}
