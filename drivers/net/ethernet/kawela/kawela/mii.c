// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PHY's registers for mii-tool, mii-diag and SNMP agents, to read. Settings are
 * made by ethtool: what is written behind the driver's back doesn't survive a reset.
 */
#include <linux/mii.h>
#include <linux/netdevice.h>

#include "kawela.h"
#include "link.h"
#include "netdev.h"

/**
 * kawela_eth_ioctl() - ndo_eth_ioctl
 * @netdev: the PF's netdev
 * @ifr: the request; receives the answer
 * @cmd: SIOCGMIIPHY or SIOCGMIIREG
 *
 * Context: may sleep; RTNL and the port's lock.
 * Return: 0, -EOPNOTSUPP for other requests, -ENODEV for another PHY than ours, or an
 * errno of kawela_phy_read().
 */
int kawela_eth_ioctl(struct net_device *netdev, struct ifreq *ifr, int cmd)
{
	struct mii_ioctl_data *mii = if_mii(ifr);

	switch (cmd) {
	case SIOCGMIIPHY:
		mii->phy_id = KAWELA_PHY_ADDR;
		return 0;
	case SIOCGMIIREG:
		if (mii->phy_id != KAWELA_PHY_ADDR)
			return -ENODEV;
		return kawela_phy_read(kawela_of(netdev), mii->reg_num & 0x1f,
				       &mii->val_out);
	default:
		return -EOPNOTSUPP;
	}
}
