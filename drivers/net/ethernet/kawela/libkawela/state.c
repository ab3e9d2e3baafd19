// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port's state and its carrier: a port that has failed has none, whatever the link.
 */
#include <linux/netdevice.h>

#include "lib.h"

/* The state changes under the port's lock, the link without it */
static void kwl_port_update_carrier(struct kwl_port *port)
{
	lockdep_assert_held(&port->carrier_lock);
	/* An event for a netdev that goes away would outlive it */
	DEBUG_NET_WARN_ON_ONCE(port->netdev->reg_state > NETREG_REGISTERED);
	if (port->link && port->state != KWL_PORT_FAILED)
		netif_carrier_on(port->netdev);
	else
		netif_carrier_off(port->netdev);
}

/**
 * kwl_port_set_state() - change a port's state
 * @port: the port
 * @state: the new state, which the caller has brought about
 *
 * The carrier goes when the port fails, and comes back with the link.
 *
 * Context: process; the port's lock.
 */
void kwl_port_set_state(struct kwl_port *port, enum kwl_port_state state)
{
	bool failed = port->state == KWL_PORT_FAILED;

	netdev_assert_locked_ops_compat(port->netdev);
	spin_lock(&port->carrier_lock);
	WRITE_ONCE(port->state, state);
	if (failed || state == KWL_PORT_FAILED)
		kwl_port_update_carrier(port);
	spin_unlock(&port->carrier_lock);
}

/**
 * kwl_port_set_link() - there is link, or there is none
 * @port: the port
 * @link: whether there is
 *
 * Sets the carrier, unless the port has failed. Without link the carrier is off in any
 * case when this returns. With link, frames that the device has not sent yet are shown
 * to it again where it needs that, also if the link was there before.
 *
 * Context: process; no lock is needed. The netdev is registered, or not yet.
 * Return: whether that is new.
 */
bool kwl_port_set_link(struct kwl_port *port, bool link)
{
	bool changed;

	spin_lock(&port->carrier_lock);
	changed = port->link != link;
	port->link = link;
	kwl_port_update_carrier(port);
	spin_unlock(&port->carrier_lock);
	if (link && kwl_has_quirk(port->hw, KWL_QUIRK_TAIL_ONLY))
		kwl_tx_resume(port);
	return changed;
}
KWL_EXPORT(kwl_port_set_link);
