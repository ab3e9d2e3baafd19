// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices to a VF, and log lines about it.
 */
#include <linux/etherdevice.h>
#include <linux/lockdep.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>

#include "kawela.h"
#include "notice.h"

/**
 * kawela_notify() - let a VF look at something
 * @pf: the PF
 * @vf: the VF
 * @events: KWL_EVENT_*; a VF that speaks version 1 learns that there is something
 *
 * The mailbox service sends it when the VF's mailbox is free.
 *
 * Context: vf_lock.
 */
void kawela_notify(struct kawela *pf, struct kawela_vf *vf, u32 events)
{
	lockdep_assert_held(&pf->vf_lock);
	vf->run.events |= events;
	mod_delayed_work(pf->wq, &pf->retry, 0);
}

/**
 * kawela_notify_all() - let every VF look at something
 * @pf: the PF
 * @events: KWL_EVENT_*
 *
 * Context: vf_lock.
 */
void kawela_notify_all(struct kawela *pf, u32 events)
{
	unsigned int i;

	lockdep_assert_held(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_notify(pf, &pf->vf[i], events);
}

/**
 * kawela_vf_may_log() - may a line that this VF caused go to the log?
 * @vf: the VF
 *
 * Return: true three times a minute.
 */
bool kawela_vf_may_log(struct kawela_vf *vf)
{
	return ___ratelimit(&vf->log, "kawela");
}

/**
 * kawela_vf_miss() - a VF is refused an address that another function has
 * @vf: the VF
 * @mac: the address
 *
 * Context: vf_lock.
 */
void kawela_vf_miss(struct kawela_vf *vf, const u8 *mac)
{
	/* It may have asked before */
	kawela_vf_missed(vf, mac);
	ether_addr_copy(vf->run.missed[vf->run.n_missed++ % KAWELA_VF_MISSED],
			mac);
}

/**
 * kawela_vf_missed() - was a VF refused an address? Forget that.
 * @vf: the VF
 * @mac: the address
 *
 * Context: vf_lock.
 * Return: whether it was.
 */
bool kawela_vf_missed(struct kawela_vf *vf, const u8 *mac)
{
	bool missed = false;
	unsigned int i;

	for (i = 0; i < KAWELA_VF_MISSED; i++) {
		if (!ether_addr_equal(vf->run.missed[i], mac))
			continue;
		eth_zero_addr(vf->run.missed[i]);
		missed = true;
	}
	return missed;
}
