// SPDX-License-Identifier: GPL-2.0-only
/*
 * "ethtool -K rx-all": also frames that are broken or too long, for whoever wants to
 * look at them.
 *
 * The device keeps such frames of all functions or of none (datasheet 8.10.1), and VFs
 * didn't ask for them: while there are VFs it keeps none.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "filter.h"
#include "kawela.h"
#include "netdev.h"

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
	/* Before that nobody wants any feature */
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

	/* AF_XDP buffers that take frames of the MTU and no longer ones */
	if (pf->n_vfs || kawela_port(pf)->bounded)
		features &= ~NETIF_F_RXALL;
	if (pf->n_vfs && kwl_has_quirk(&pf->hw, KWL_QUIRK_NO_POOL_HASH))
		features &= ~NETIF_F_RXHASH;
	return features;
}

/**
 * kawela_set_features() - apply what takes registers; ndo_set_features
 * @netdev: the PF's interface
 * @features: what kawela_fix_features() let pass
 *
 * All others are looked at frame by frame.
 *
 * Context: may sleep; RTNL and the port's lock.
 * Return: 0.
 */
int kawela_set_features(struct net_device *netdev, netdev_features_t features)
{
	struct kawela *pf = kawela_of(netdev);

	mutex_lock(&pf->vf_lock);
	pf->want.rx_all = features & NETIF_F_RXALL;
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}
