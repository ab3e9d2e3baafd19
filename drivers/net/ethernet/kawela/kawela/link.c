// SPDX-License-Identifier: GPL-2.0-only
/*
 * Link: what the PHY says, to the stack and to the VFs.
 */
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "filter.h"
#include "kawela.h"
#include "link.h"
#include "notice.h"

static int kawela_speed(u32 status)
{
	switch (FIELD_GET(KWL_STATUS_SPEED, status)) {
	case KWL_SPEED_10:
		return SPEED_10;
	case KWL_SPEED_100:
		return SPEED_100;
	default:
		return SPEED_1000;
	}
}

static void kawela_link_report(struct kawela *pf)
{
	struct net_device *netdev = pf->netdev;
	bool changed = kwl_port_set_link(kawela_port(pf), pf->link.up);

	if (!pf->link.up) {
		netif_info(kawela_port(pf), link, netdev, "link down\n");
		return;
	}
	netif_info(kawela_port(pf), link, netdev,
		   "link up, %d Mb/s, %s duplex\n", pf->link.speed,
		   pf->link.duplex == DUPLEX_FULL ? "full" : "half");
	/* Another speed or duplex */
	if (!changed)
		netif_carrier_event(netdev);
}

static struct kawela_link kawela_link_read(struct kawela *pf)
{
	u32 status = kwl_rd(&pf->hw, KWL_STATUS);
	struct kawela_link link = {};

	if (!(status & KWL_STATUS_LU) || kwl_gone(&pf->hw))
		return link;
	link.up = true;
	link.speed = kawela_speed(status);
	link.duplex = status & KWL_STATUS_FD ? DUPLEX_FULL : DUPLEX_HALF;
	return link;
}

/**
 * kawela_link_check() - read the link and report changes to stack and VFs
 * @pf: the PF
 *
 * Speed and duplex may change while the link stays up.
 *
 * Context: may sleep; @pf->wq.
 */
void kawela_link_check(struct kawela *pf)
{
	struct kawela_link link = kawela_link_read(pf);
	bool same = link.up == pf->link.up && link.speed == pf->link.speed &&
		    link.duplex == pf->link.duplex;

	DEBUG_NET_WARN_ON_ONCE(!current_work());
	if (!same)
		WRITE_ONCE(pf->partner.known, false);
	kawela_flow_follow(pf, link.up, link.duplex == DUPLEX_FULL);
	if (same)
		return;
	mutex_lock(&pf->vf_lock);
	pf->link = link;
	pf->want.speed = link.speed;
	/* Rate limits follow the speed */
	kawela_filters_apply(pf);
	kawela_notify_all(pf, KWL_EVENT_LINK);
	mutex_unlock(&pf->vf_lock);
	kawela_link_report(pf);
}

/**
 * kawela_link_lost() - there is no link, and the device isn't asked
 * @pf: the PF, suspended
 *
 * Once it is resumed, kawela_link_check() finds the link again.
 *
 * Context: may sleep; takes vf_lock.
 */
void kawela_link_lost(struct kawela *pf)
{
	if (!pf->link.up)
		return;
	mutex_lock(&pf->vf_lock);
	pf->link = (struct kawela_link) {};
	mutex_unlock(&pf->vf_lock);
	kawela_link_report(pf);
}
