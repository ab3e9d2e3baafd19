// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF's network interface: its operations, one screen each.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "claims.h"
#include "dp_role.h"
#include "filter.h"
#include "kawela.h"
#include "netdev.h"
#include "rss.h"
#include "stamp.h"
#include "stats.h"
#include "vf_policy.h"

/*
 * With two tags: VLANs may be inside of a VLAN. A small MTU is about what is sent; others
 * on the wire may use all of Ethernet's.
 */
static u16 kawela_mtu_to_frame(int mtu)
{
	return max(mtu, ETH_DATA_LEN) + ETH_HLEN + 2 * VLAN_HLEN + ETH_FCS_LEN;
}

#define KAWELA_MAX_MTU		(9216)
static_assert(KAWELA_MAX_MTU + ETH_HLEN + 2 * VLAN_HLEN + ETH_FCS_LEN <=
	      KWL_MAX_FRAME);

static int kawela_open(struct net_device *netdev)
{
	return kwl_port_open(kwl_port_of(netdev));
}

static int kawela_stop(struct net_device *netdev)
{
	kwl_port_close(kwl_port_of(netdev));
	return 0;
}

/* Addresses that the table has no room for are filtered by their hash */
static void kawela_want_uc(struct kawela *pf, const u8 *mac)
{
	struct kawela_want *want = &pf->want;
	struct kawela_claims claims;
	u16 hash = kwl_mc_hash(mac);

	kawela_claims_of(pf, &claims);
	if (kawela_mac_of_vf(&claims, pf->n_vfs, mac)) {
		if (net_ratelimit())
			netif_warn(kawela_port(pf), drv, pf->netdev,
				   "additional address %pM isn't received: a VF has it\n",
				   mac);
		return;
	}
	if (want->n_uc < KAWELA_UC_MAX) {
		ether_addr_copy(want->uc[want->n_uc++], mac);
		return;
	}
	want->uc_hash[hash / 32] |= BIT(hash % 32);
	want->uc_more = true;
	kawela_claims_lost(pf, kawela_claims_evict_mac(&claims, mac));
}

static void kawela_want_lists(struct kawela *pf,
			      struct netdev_hw_addr_list *uc,
			      struct netdev_hw_addr_list *mc)
{
	struct kawela_want *want = &pf->want;
	struct netdev_hw_addr *ha;

	want->promisc = pf->netdev->flags & IFF_PROMISC;
	want->allmulti = pf->netdev->flags & IFF_ALLMULTI;
	want->n_uc = 0;
	want->uc_more = false;
	memset(want->uc_hash, 0, sizeof(want->uc_hash));
	memset(want->mta, 0, sizeof(want->mta));
	netdev_hw_addr_list_for_each(ha, uc)
		kawela_want_uc(pf, ha->addr);
	netdev_hw_addr_list_for_each(ha, mc) {
		u16 hash = kwl_mc_hash(ha->addr);

		want->mta[hash / 32] |= BIT(hash % 32);
	}
}

static int __maybe_unused
kawela_set_rx_mode_async(struct net_device *netdev,
			 struct netdev_hw_addr_list *uc,
			 struct netdev_hw_addr_list *mc)
{
	struct kawela *pf = kawela_of(netdev);

	mutex_lock(&pf->vf_lock);
	kawela_want_lists(pf, uc, mc);
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}

/* For kernels that call ndo_set_rx_mode in atomic context, and kawela_relist() */
static void kawela_rx_mode_work(struct work_struct *work)
{
	struct kawela_net *net = container_of(work, struct kawela_net, rx_mode);
	struct net_device *netdev = net->port.netdev;
	struct kawela *pf = net->pf;

	mutex_lock(&pf->vf_lock);
	netif_addr_lock_bh(netdev);
	kawela_want_lists(pf, &netdev->uc, &netdev->mc);
	netif_addr_unlock_bh(netdev);
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
}

static void __maybe_unused kawela_set_rx_mode(struct net_device *netdev)
{
	struct kawela_net *net = netdev_priv(netdev);

	queue_work(net->pf->wq, &net->rx_mode);
}

static int kawela_set_mac_address(struct net_device *netdev, void *data)
{
	struct kawela *pf = kawela_of(netdev);
	struct sockaddr *addr = data;
	struct kawela_claims claims;
	int err = 0;

	if (!is_valid_ether_addr(addr->sa_data))
		return -EADDRNOTAVAIL;
	mutex_lock(&pf->vf_lock);
	kawela_claims_of(pf, &claims);
	if (kawela_mac_of_vf(&claims, pf->n_vfs, addr->sa_data)) {
		err = -EADDRINUSE;
	} else {
		ether_addr_copy(pf->want.mac, addr->sa_data);
		kawela_filters_apply(pf);
		eth_hw_addr_set(netdev, addr->sa_data);
	}
	mutex_unlock(&pf->vf_lock);
	return err;
}

/* Frames of any length fit the rings; only the filters have to know */
static int kawela_change_mtu(struct net_device *netdev, int mtu)
{
	struct kawela *pf = kawela_of(netdev);
	int err;

	err = kwl_xdp_check_mtu(netdev, mtu);
	if (err)
		return err;
	mutex_lock(&pf->vf_lock);
	pf->want.max_frame = kawela_mtu_to_frame(mtu);
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	WRITE_ONCE(netdev->mtu, mtu);
	return 0;
}

static int kawela_vlan_set(struct net_device *netdev, u16 vid, bool on)
{
	struct kawela *pf = kawela_of(netdev);

	mutex_lock(&pf->vf_lock);
	__assign_bit(vid, pf->want.vlans, on);
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}

static int kawela_vlan_rx_add_vid(struct net_device *netdev, __be16 proto,
				  u16 vid)
{
	return kawela_vlan_set(netdev, vid, true);
}

static int kawela_vlan_rx_kill_vid(struct net_device *netdev, __be16 proto,
				   u16 vid)
{
	return kawela_vlan_set(netdev, vid, false);
}

static const struct net_device_ops kawela_netdev_ops = {
	.ndo_open		= kawela_open,
	.ndo_stop		= kawela_stop,
	.ndo_start_xmit		= kwl_xmit,
	.ndo_features_check	= kwl_features_check,
	KWL_NDO_SET_RX_MODE(kawela_set_rx_mode, kawela_set_rx_mode_async),
	.ndo_set_mac_address	= kawela_set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= kawela_change_mtu,
	.ndo_eth_ioctl		= kawela_eth_ioctl,
	.ndo_fix_features	= kawela_fix_features,
	.ndo_set_features	= kawela_set_features,
	.ndo_get_stats64	= kawela_get_stats64,
	.ndo_vlan_rx_add_vid	= kawela_vlan_rx_add_vid,
	.ndo_vlan_rx_kill_vid	= kawela_vlan_rx_kill_vid,
	.ndo_set_vf_mac		= kawela_set_vf_mac,
	.ndo_set_vf_vlan	= kawela_set_vf_vlan,
	.ndo_set_vf_rate	= kawela_set_vf_rate,
	.ndo_set_vf_spoofchk	= kawela_set_vf_spoofchk,
	.ndo_set_vf_trust	= kawela_set_vf_trust,
	.ndo_set_vf_link_state	= kawela_set_vf_link_state,
	.ndo_get_vf_config	= kawela_get_vf_config,
	.ndo_get_vf_stats	= kawela_get_vf_stats,
	.ndo_bridge_setlink	= kawela_bridge_setlink,
	.ndo_bridge_getlink	= kawela_bridge_getlink,
	.ndo_tx_timeout		= kwl_tx_timeout,
	.ndo_hwtstamp_get	= kawela_hwtstamp_get,
	.ndo_hwtstamp_set	= kawela_hwtstamp_set,
	.ndo_bpf		= kwl_bpf,
	.ndo_xdp_xmit		= kwl_xdp_xmit,
	.ndo_xsk_wakeup		= kwl_xsk_wakeup,
};

static void kawela_netdev_setup(struct kawela *pf)
{
	struct net_device *netdev = pf->netdev;
	struct kawela_net *net = netdev_priv(netdev);

	net->pf = pf;
	INIT_WORK(&net->rx_mode, kawela_rx_mode_work);
	SET_NETDEV_DEV(netdev, &pf->pdev->dev);
	netdev->netdev_ops = &kawela_netdev_ops;
	netdev->ethtool_ops = &kawela_ethtool_ops;
	netdev->stat_ops = &kwl_stat_ops;
	netdev->watchdog_timeo = 5 * HZ;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = KAWELA_MAX_MTU;
	kwl_request_ops_lock(netdev);
}

/**
 * kawela_netdev_create() - allocate the PF's interface
 * @pf: the PF
 * @queues: most queue pairs that it may use
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int kawela_netdev_create(struct kawela *pf, unsigned int queues)
{
	struct kwl_dp_cfg cfg = {
		.rx_count = KWL_RX_RING_DEFAULT,
		.tx_count = KWL_TX_RING_DEFAULT,
	};
	struct net_device *netdev;
	int err;

	netdev = alloc_etherdev_mqs(sizeof(struct kawela_net), queues, queues);
	if (!netdev)
		return -ENOMEM;
	pf->netdev = netdev;
	kawela_netdev_setup(pf);
	kawela_port(pf)->max_queues = queues;
	/*
	 * A queue pair for each CPU, so that each sends through its own.
	 * netif_get_num_default_rss_queues() takes half of the cores where there
	 * are more than two.
	 */
	pf->queues = min(num_online_cpus(), queues);
	kawela_dp_cfg(pf, 0, &cfg);
	kawela_rss_init(pf);
	err = kwl_port_init(kawela_port(pf), netdev, pf->pdev, &pf->hw,
			    &kawela_role, &cfg);
	if (err) {
		free_netdev(netdev);
		return err;
	}
	pf->want.max_frame = kawela_mtu_to_frame(netdev->mtu);
	return 0;
}

/**
 * kawela_netdev_destroy() - undo kawela_netdev_create()
 * @pf: the PF; its interface is not registered any more
 */
void kawela_netdev_destroy(struct kawela *pf)
{
	kwl_port_fini(kawela_port(pf));
	free_netdev(pf->netdev);
}
