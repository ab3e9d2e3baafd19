// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool's view of the link: speed, duplex, autonegotiation and pause frames.
 */
#include <linux/ethtool.h>
#include <linux/mii.h>
#include <linux/netdevice.h>

#include "kawela.h"
#include "link.h"

#define KAWELA_PHY_MODES						\
	(SUPPORTED_10baseT_Half | SUPPORTED_10baseT_Full |		\
	 SUPPORTED_100baseT_Half | SUPPORTED_100baseT_Full |		\
	 SUPPORTED_1000baseT_Full | SUPPORTED_Autoneg | SUPPORTED_TP |	\
	 SUPPORTED_Pause | SUPPORTED_Asym_Pause)

/**
 * kawela_get_link_ksettings() - ethtool IF
 * @netdev: the PF's netdev
 * @ks: receives the settings
 *
 * No register is read: sysfs shows the speed to all users.
 *
 * Context: the port's lock.
 * Return: 0.
 */
int kawela_get_link_ksettings(struct net_device *netdev,
			      struct ethtool_link_ksettings *ks)
{
	struct kawela *pf = kawela_of(netdev);
	const struct kawela_link_cfg *cfg = &pf->link_cfg;
	struct kawela_link link = pf->link;

	netdev_assert_locked_ops_compat(netdev);
	/* It may be up for the VFs while the PF's interface is down */
	link.up = link.up && netif_running(netdev);
	ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.supported,
						KAWELA_PHY_MODES);
	mii_adv_to_linkmode_adv_t(ks->link_modes.advertising,
				  kawela_link_adv(cfg));
	mii_ctrl1000_mod_linkmode_adv_t(ks->link_modes.advertising,
					cfg->adv_1000);
	ethtool_link_ksettings_add_link_mode(ks, advertising, TP);
	if (cfg->autoneg)
		ethtool_link_ksettings_add_link_mode(ks, advertising, Autoneg);
	if (cfg->autoneg && link.up) {
		mii_lpa_to_linkmode_lpa_t(ks->link_modes.lp_advertising,
					  pf->partner.lpa);
		mii_stat1000_mod_linkmode_lpa_t(ks->link_modes.lp_advertising,
						pf->partner.stat1000);
	}
	ks->base.port = PORT_TP;
	ks->base.phy_address = KAWELA_PHY_ADDR;
	ks->base.eth_tp_mdix_ctrl = ETH_TP_MDI_AUTO;
	ks->base.autoneg = cfg->autoneg;
	ks->base.speed = link.up ? link.speed : SPEED_UNKNOWN;
	ks->base.duplex = link.up ? link.duplex : DUPLEX_UNKNOWN;
	return 0;
}

/* These operations carry no text, so the reason of a refusal goes to the log */
static int kawela_link_refuse(struct net_device *netdev, int err,
			      const char *reason)
{
	netif_err(kwl_port_of(netdev), drv, netdev,
		  "link settings refused: %s\n", reason);
	return err;
}

static int kawela_link_cfg_auto(struct net_device *netdev,
				const struct ethtool_link_ksettings *ks,
				struct kawela_link_cfg *cfg)
{
	const unsigned long *modes = ks->link_modes.advertising;
	__ETHTOOL_DECLARE_LINK_MODE_MASK(supported);
	u16 adv = linkmode_adv_to_mii_adv_t(modes);

	ethtool_convert_legacy_u32_to_link_mode(supported, KAWELA_PHY_MODES);
	if (!linkmode_subset(modes, supported))
		return kawela_link_refuse(netdev, -EINVAL,
					  "the device can't advertise all of these modes");
	cfg->autoneg = true;
	cfg->adv = adv & KAWELA_ADV_SPEEDS;
	cfg->adv_1000 = linkmode_adv_to_mii_ctrl1000_t(modes);
	if (!cfg->adv && !cfg->adv_1000)
		return kawela_link_refuse(netdev, -EINVAL,
					  "autonegotiation needs a mode to advertise");
	if (cfg->pause_autoneg)
		cfg->pause = kawela_pause_of_adv(adv);
	if (!cfg->adv_1000 &&
	    kwl_has_quirk(&kawela_of(netdev)->hw, KWL_QUIRK_ALWAYS_1000))
		return kawela_link_refuse(netdev, -EOPNOTSUPP,
					  "this device negotiates 1000 Mb/s whatever is advertised");
	return 0;
}

static int kawela_link_cfg_forced(struct net_device *netdev,
				  const struct ethtool_link_ksettings *ks,
				  struct kawela_link_cfg *cfg)
{
	if (ks->base.speed != SPEED_10 && ks->base.speed != SPEED_100)
		return kawela_link_refuse(netdev, -EINVAL,
					  "without autonegotiation the speed is 10 or 100 Mb/s");
	if (ks->base.duplex != DUPLEX_HALF && ks->base.duplex != DUPLEX_FULL)
		return kawela_link_refuse(netdev, -EINVAL,
					  "without autonegotiation the duplex is half or full");
	cfg->autoneg = false;
	cfg->forced = (ks->base.speed == SPEED_100 ? BMCR_SPEED100 : 0) |
		      (ks->base.duplex == DUPLEX_FULL ? BMCR_FULLDPLX : 0);
	return 0;
}

static int kawela_link_cfg_parse(struct net_device *netdev,
				 const struct ethtool_link_ksettings *ks,
				 struct kawela_link_cfg *cfg)
{
	if (ks->base.port != PORT_TP)
		return kawela_link_refuse(netdev, -EINVAL,
					  "the only port is twisted pair");
	if (ks->base.phy_address != KAWELA_PHY_ADDR)
		return kawela_link_refuse(netdev, -EINVAL,
					  "the only PHY has address 1");
	if (ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_INVALID &&
	    ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_AUTO)
		return kawela_link_refuse(netdev, -EOPNOTSUPP,
					  "MDI-X is automatic");
	if (ks->base.autoneg == AUTONEG_ENABLE)
		return kawela_link_cfg_auto(netdev, ks, cfg);
	return kawela_link_cfg_forced(netdev, ks, cfg);
}

/* A failure leaves the settings before in force as far as the PHY follows */
static int kawela_link_cfg_apply(struct kawela *pf,
				 const struct kawela_link_cfg *cfg)
{
	struct kawela_link_cfg old = pf->link_cfg;
	int err;

	if (kawela_link_cfg_same(&old, cfg))
		return 0;
	pf->link_cfg = *cfg;
	err = kawela_link_start(pf);
	if (err) {
		pf->link_cfg = old;
		kawela_link_start(pf);
	}
	/* The link may stay up while what was agreed on changes */
	mod_delayed_work(pf->wq, &pf->periodic, 0);
	return err;
}

/**
 * kawela_set_link_ksettings() - ethtool -s IF
 * @netdev: the PF's netdev
 * @ks: the settings
 *
 * Settings survive resets of the device.
 *
 * Context: the port's lock.
 * Return: 0; -EINVAL or -EOPNOTSUPP with the reason in the log; or an errno of
 * kawela_phy_write(). Nothing is changed then.
 */
int kawela_set_link_ksettings(struct net_device *netdev,
			      const struct ethtool_link_ksettings *ks)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_link_cfg cfg = pf->link_cfg;
	int err = kawela_link_cfg_parse(netdev, ks, &cfg);

	netdev_assert_locked_ops_compat(netdev);
	return err ?: kawela_link_cfg_apply(pf, &cfg);
}

/**
 * kawela_nway_reset() - ethtool -r
 * @netdev: the PF's netdev
 *
 * Context: the port's lock.
 * Return: 0; -EINVAL without autonegotiation; or an errno of kawela_phy_write().
 */
int kawela_nway_reset(struct net_device *netdev)
{
	struct kawela *pf = kawela_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	return pf->link_cfg.autoneg ? kawela_link_start(pf) : -EINVAL;
}

/**
 * kawela_get_pauseparam() - ethtool -a
 * @netdev: the PF's netdev
 * @pause: receives the settings; ethtool itself shows what was negotiated
 *
 * Context: the port's lock.
 */
void kawela_get_pauseparam(struct net_device *netdev,
			   struct ethtool_pauseparam *pause)
{
	const struct kawela_link_cfg *cfg = &kawela_of(netdev)->link_cfg;

	netdev_assert_locked_ops_compat(netdev);
	pause->autoneg = cfg->pause_autoneg;
	pause->rx_pause = !!(cfg->pause & FLOW_CTRL_RX);
	pause->tx_pause = !!(cfg->pause & FLOW_CTRL_TX);
}

/**
 * kawela_set_pauseparam() - ethtool -A
 * @netdev: the PF's netdev
 * @pause: the settings
 *
 * Context: the port's lock.
 * Return: 0; -EINVAL with the reason in the log; or an errno of
 * kawela_phy_write(). Nothing is changed then.
 */
int kawela_set_pauseparam(struct net_device *netdev,
			  struct ethtool_pauseparam *pause)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_link_cfg cfg = pf->link_cfg;

	netdev_assert_locked_ops_compat(netdev);
	if (pause->autoneg && !cfg.autoneg)
		return kawela_link_refuse(netdev, -EINVAL,
					  "pause frames can't be negotiated while autonegotiation is off");
	cfg.pause_autoneg = pause->autoneg;
	cfg.pause = (pause->rx_pause ? FLOW_CTRL_RX : 0) |
		    (pause->tx_pause ? FLOW_CTRL_TX : 0);
	return kawela_link_cfg_apply(pf, &cfg);
}

/**
 * kawela_set_loopback() - let the PHY return what it is sent, or not any more
 * @pf: the PF
 * @on: let it
 *
 * The other settings come back into force behind it.
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno of kawela_phy_write() with nothing changed.
 */
int kawela_set_loopback(struct kawela *pf, bool on)
{
	struct kawela_link_cfg cfg = pf->link_cfg;

	netdev_assert_locked_ops_compat(pf->netdev);
	cfg.loopback = on;
	return kawela_link_cfg_apply(pf, &cfg);
}
