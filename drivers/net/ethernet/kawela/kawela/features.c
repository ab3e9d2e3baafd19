// SPDX-License-Identifier: GPL-2.0-only
/*
 * "ethtool -K": features of the PF that take registers.
 *
 *   rx-all	also frames that are broken or too long
 *   rx-fcs	frames with their FCS
 *   loopback	the PHY returns what is sent; nothing reaches the wire or comes from it
 *
 * The device does each for all functions or for none (datasheet 8.10.1, 3.5.6), and
 * VFs didn't ask for it: while there are VFs these features are off. So is
 *
 *   ntuple-filters	rules that send frames to a queue, of which the PF has one then
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "filter.h"
#include "kawela.h"
#include "link.h"
#include "netdev.h"
#include "ntuple.h"

/**
 * kawela_features_update() - VFs have come, or gone
 * @pf: the PF
 *
 * What the user asked for takes effect again when there are no VFs any more.
 *
 * Context: may sleep; RTNL and the port's lock.
 */
void kawela_features_update(struct kawela *pf)
{
	ASSERT_RTNL();
	/* Before that no feature is requested */
	if (pf->netdev->reg_state == NETREG_REGISTERED)
		netdev_update_features(pf->netdev);
}

/**
 * kawela_fix_features() - what can be had of what the user wants; ndo_fix_features
 * @netdev: the PF's interface
 * @features: wanted
 *
 * Context: RTNL and the port's lock.
 * Return: what can be had.
 */
netdev_features_t kawela_fix_features(struct net_device *netdev,
				      netdev_features_t features)
{
	struct kawela *pf = kawela_of(netdev);

	ASSERT_RTNL();
	netdev_assert_locked_ops_compat(netdev);
	if (pf->n_vfs)
		features &= ~(KWL_F_PORT | NETIF_F_NTUPLE);
	/* AF_XDP buffers that take frames of the MTU and no longer ones */
	if (kawela_port(pf)->bounded)
		features &= ~(NETIF_F_RXALL | NETIF_F_RXFCS);
	if (pf->n_vfs && kwl_has_quirk(&pf->hw, KWL_QUIRK_NO_POOL_HASH))
		features &= ~NETIF_F_RXHASH;
	return features;
}

/**
 * kawela_set_features() - apply what takes registers; ndo_set_features
 * @netdev: the PF's interface
 * @features: what kawela_fix_features() let pass
 *
 * All others are looked at frame by frame. What may fail comes first.
 *
 * Context: may sleep; RTNL and the port's lock.
 * Return: 0, or an errno of kawela_phy_write() with nothing changed.
 */
int kawela_set_features(struct net_device *netdev, netdev_features_t features)
{
	struct kawela *pf = kawela_of(netdev);
	int err;

	ASSERT_RTNL();
	netdev_assert_locked_ops_compat(netdev);
	err = kawela_set_loopback(pf, features & NETIF_F_LOOPBACK);
	if (err)
		return err;
	kawela_ntuple_switch(pf, features & NETIF_F_NTUPLE);
	mutex_lock(&pf->vf_lock);
	pf->want.rx_all = features & NETIF_F_RXALL;
	pf->want.rx_fcs = features & NETIF_F_RXFCS;
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}
