// SPDX-License-Identifier: GPL-2.0-only
/*
 * Housekeeping: link, notices from the PF, and the way back after a reset. On
 * the mailbox's interrupt, and once a second because other PFs may send no notices
 * and a device may lose the interrupt.
 */
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "kawelavf.h"
#include "mbx.h"
#include "policy.h"
#include "reset.h"
#include "service.h"

#define KAWELAVF_SERVICE_PERIOD	HZ
/* Asking a PF that isn't there takes a second; leave it that much again */
#define KAWELAVF_ABSENT_PERIOD	(2 * HZ)
/* A reset of the PF that was announced, or that took us off the bus, is short */
#define KAWELAVF_SOON_PERIOD	(HZ / 20)
/* How often to ask what the PF decided */
#define KAWELAVF_NEWS_PERIOD	(HZ / 10)

/* The link in KWL_LINK_*, of a PF of version 1 as STATUS has it; 0 for none */
static u32 kawelavf_link_read(struct kawelavf *vf)
{
	u32 link = kwl_rd(&vf->hw, KWL_VTSTATUS);

	if (!READ_ONCE(vf->ready) || kwl_gone(&vf->hw))
		return 0;
	if (READ_ONCE(vf->v2)) {
		link = READ_ONCE(vf->link) &
		       (KWL_LINK_UP | KWL_LINK_SPEED | KWL_LINK_FULL);
		return link & KWL_LINK_UP ? link : 0;
	}
	link &= KWL_STATUS_LU | KWL_STATUS_SPEED | KWL_STATUS_FD;
	return link & KWL_STATUS_LU ? link : 0;
}

static void kawelavf_link_note(struct kawelavf *vf, u32 link)
{
	vf->link_told = link;
	vf->link_told_at = jiffies;
}

/*
 * Speed and duplex may change while the link stays up. The stack is told once in a
 * period, because a PF that changes them all the time would make an event each time;
 * the next look comes before another period is over.
 */
static void kawelavf_link_check(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);
	u32 link = kawelavf_link_read(vf);

	if (kwl_port_set_link(&vf->port, link)) {
		kawelavf_link_note(vf, link);
		if (kawelavf_may_say(vf))
			netif_info(&vf->port, link, netdev, "link %s\n",
				   link ? "up" : "down");
		return;
	}
	if (!link || link == vf->link_told ||
	    time_before(jiffies, vf->link_told_at + KAWELAVF_SERVICE_PERIOD))
		return;
	kawelavf_link_note(vf, link);
	netif_carrier_event(netdev);
}

/* Return: whether the PF answers */
static bool kawelavf_connected(struct kawelavf *vf)
{
	/* A reset of the PF takes its VFs off the bus for a moment */
	if (kwl_gone(&vf->hw)) {
		WRITE_ONCE(vf->ready, false);
		if (!kwl_revive(&vf->hw, vf->io))
			return false;
	}
	if (kawelavf_mbx_alive(vf))
		return true;
	if (vf->failures && time_before(jiffies, READ_ONCE(vf->retry)))
		return false;
	return kawelavf_reconnect(vf);
}

/* A PF that has news all the time must not keep the port's lock from others */
static void kawelavf_news(struct kawelavf *vf)
{
	u32 events;

	if (time_before(jiffies, vf->looked + KAWELAVF_NEWS_PERIOD))
		return;
	events = kawelavf_take_events(vf);
	if (!(events & (KWL_EVENT_POLICY | KWL_EVENT_TAKEN)))
		return;
	kawelavf_policy_refresh(vf, events);
	vf->looked = jiffies;
}

/* Where it goes back the PF was reset a moment ago, or the device lies */
static void kawelavf_count_multicast(struct kawelavf *vf)
{
	u32 now = kwl_rd(&vf->hw, KWL_VFMPRC);
	u32 more = now - vf->mprc;

	if (now == U32_MAX || kwl_gone(&vf->hw))
		return;
	if (more <= S32_MAX)
		atomic64_add(more, &vf->multicast);
	vf->mprc = now;
}

static unsigned long kawelavf_service_period(struct kawelavf *vf,
					     bool connected)
{
	if (!connected && vf->failures && time_before(jiffies, READ_ONCE(vf->retry)))
		return max_t(long, READ_ONCE(vf->retry) - jiffies,
			     KAWELAVF_SOON_PERIOD);
	if (kwl_gone(&vf->hw) || READ_ONCE(vf->impatient) ||
	    READ_ONCE(vf->events) || READ_ONCE(vf->mbx.seen) & KWL_V2P_PFSTS)
		return KAWELAVF_SOON_PERIOD;
	return connected ? KAWELAVF_SERVICE_PERIOD : KAWELAVF_ABSENT_PERIOD;
}

static void kawelavf_service(struct work_struct *work)
{
	struct kawelavf *vf = container_of(to_delayed_work(work),
					   struct kawelavf, service);
	bool connected = kawelavf_connected(vf);

	if (connected) {
		kawelavf_news(vf);
		kawelavf_policy_again(vf);
		kawelavf_count_multicast(vf);
	}
	kawelavf_link_check(vf);
	queue_delayed_work(vf->wq, &vf->service,
			   kawelavf_service_period(vf, connected));
}

/**
 * kawelavf_service_init() - prepare housekeeping
 * @vf: the VF
 *
 * Nothing runs before kawelavf_service_start().
 *
 * Return: 0 or -ENOMEM.
 */
int kawelavf_service_init(struct kawelavf *vf)
{
	vf->wq = alloc_ordered_workqueue("kawelavf/%s", 0, pci_name(vf->pdev));
	if (!vf->wq)
		return -ENOMEM;
	INIT_DELAYED_WORK(&vf->service, kawelavf_service);
	disable_delayed_work(&vf->service);
	vf->looked = jiffies - KAWELAVF_NEWS_PERIOD;
	return 0;
}

/**
 * kawelavf_service_start() - begin housekeeping
 * @vf: the VF, with its interface registered
 */
void kawelavf_service_start(struct kawelavf *vf)
{
	vf->mprc = kwl_rd(&vf->hw, KWL_VFMPRC);
	enable_delayed_work(&vf->service);
	kawelavf_service_kick(vf);
}

/**
 * kawelavf_service_pause() - suspend housekeeping; kawelavf_service_start() goes on
 * @vf: the VF
 *
 * Context: may sleep; not under the port's lock, which the work takes.
 */
void kawelavf_service_pause(struct kawelavf *vf)
{
	disable_delayed_work_sync(&vf->service);
}

/**
 * kawelavf_service_fini() - end housekeeping
 * @vf: the VF; its interface is not registered any more, its interrupt silent
 *
 * Context: may sleep; not under the port's lock, which the work takes.
 */
void kawelavf_service_fini(struct kawelavf *vf)
{
	disable_delayed_work_sync(&vf->service);
	destroy_workqueue(vf->wq);
}
