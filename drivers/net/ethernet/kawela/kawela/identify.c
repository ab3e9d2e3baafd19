// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -p: the port's LEDs blink, so that a person finds it (datasheet 8.2.9).
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "kawela.h"
#include "netdev.h"

#define KAWELA_LEDS		4
#define KAWELA_LED_BITS		8

static u32 kawela_leds_blinking(u32 ledctl)
{
	unsigned int i;

	for (i = 0; i < KAWELA_LEDS; i++) {
		u32 shift = i * KAWELA_LED_BITS;

		ledctl &= ~((u32)KWL_LEDCTL_MODE << shift);
		ledctl |= (u32)(KWL_LED_ON | KWL_LEDCTL_BLINK) << shift;
	}
	return ledctl;
}

/**
 * kawela_set_phys_id() - ethtool -p
 * @netdev: the PF's netdev
 * @state: begin or end; the device blinks by itself in between
 *
 * Context: rtnl or the port's lock; the core begins once before it ends.
 * Return: 0; or -EINVAL for what is not asked of a device that blinks by itself.
 */
int kawela_set_phys_id(struct net_device *netdev,
		       enum ethtool_phys_id_state state)
{
	struct kawela *pf = kawela_of(netdev);

	switch (state) {
	case ETHTOOL_ID_ACTIVE:
		pf->ledctl = kwl_rd(&pf->hw, KWL_LEDCTL);
		kwl_wr(&pf->hw, KWL_LEDCTL, kawela_leds_blinking(pf->ledctl));
		return 0;
	case ETHTOOL_ID_INACTIVE:
		kwl_wr(&pf->hw, KWL_LEDCTL, pf->ledctl);
		return 0;
	default:
		return -EINVAL;
	}
}
