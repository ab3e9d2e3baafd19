// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens beside the datapath: link changes, mailboxes, housekeeping.
 * All of it runs in one ordered workqueue, so no two handlers overlap.
 */
#include <linux/workqueue.h>

#include "irq.h"
#include "kawela.h"
#include "link.h"
#include "mbx.h"
#include "orphan.h"
#include "service.h"
#include "stats.h"
#include "watch.h"

#define KAWELA_PERIOD	(2 * HZ)

/* Now, and as long as needed */
static void kawela_service_mbx(struct kawela *pf)
{
	unsigned long again;

	mutex_lock(&pf->vf_lock);
	again = kawela_mbx_service(pf);
	/* Sooner than what one VF's notice waits for, if another VF needs it */
	if (again)
		mod_delayed_work(pf->wq, &pf->retry, again);
	mutex_unlock(&pf->vf_lock);
}

static void kawela_event(struct work_struct *work)
{
	struct kawela *pf = container_of(work, struct kawela, event);
	u32 icr = kwl_rd(&pf->hw, KWL_ICR);

	if (kwl_gone(&pf->hw))
		return;
	kawela_irq_limit_check(pf);
	if (icr & KWL_INT_LSC)
		kawela_link_check(pf);
	kawela_service_mbx(pf);
}

static void kawela_retry(struct work_struct *work)
{
	kawela_service_mbx(container_of(to_delayed_work(work), struct kawela,
					retry));
}

static void kawela_periodic(struct work_struct *work)
{
	struct kawela *pf = container_of(to_delayed_work(work), struct kawela,
					 periodic);

	kawela_link_check(pf);
	kawela_vf_stats_update_all(pf);
	kawela_hw_stats_update(pf);
	kawela_watch_look(pf);
	kawela_orphans_look(pf);
	queue_delayed_work(pf->wq, &pf->periodic, KAWELA_PERIOD);
}

/**
 * kawela_service_init() - prepare event handling and housekeeping
 * @pf: the PF
 *
 * An interrupt before kawela_service_begin() finds neither a netdev nor a device in
 * order, and does nothing.
 *
 * Return: 0 or -ENOMEM.
 */
int kawela_service_init(struct kawela *pf)
{
	pf->wq = alloc_ordered_workqueue("kawela/%s", WQ_HIGHPRI,
					 pci_name(pf->pdev));
	if (!pf->wq)
		return -ENOMEM;
	INIT_WORK(&pf->event, kawela_event);
	disable_work(&pf->event);
	INIT_DELAYED_WORK(&pf->retry, kawela_retry);
	INIT_DELAYED_WORK(&pf->periodic, kawela_periodic);
	return 0;
}

/**
 * kawela_service_begin() - handle events, and begin housekeeping
 * @pf: the PF, registered
 */
void kawela_service_begin(struct kawela *pf)
{
	enable_work(&pf->event);
	queue_work(pf->wq, &pf->event);
	queue_delayed_work(pf->wq, &pf->periodic, 0);
}

/**
 * kawela_service_pause() - no handler runs, and none starts
 * @pf: the PF
 *
 * Context: may sleep; not under vf_lock.
 */
void kawela_service_pause(struct kawela *pf)
{
	lockdep_assert_not_held(&pf->vf_lock);
	disable_delayed_work_sync(&pf->periodic);
	disable_work_sync(&pf->event);
	disable_delayed_work_sync(&pf->retry);
}

/**
 * kawela_service_resume() - undo kawela_service_pause()
 * @pf: the PF
 *
 * What came meanwhile is looked after at once.
 */
void kawela_service_resume(struct kawela *pf)
{
	enable_delayed_work(&pf->retry);
	enable_work(&pf->event);
	enable_delayed_work(&pf->periodic);
	queue_work(pf->wq, &pf->event);
	queue_delayed_work(pf->wq, &pf->periodic, 0);
}

/**
 * kawela_service_kick() - look after link and mailboxes as on an interrupt
 * @pf: the PF
 *
 * Context: any. While the service is paused nothing happens.
 */
void kawela_service_kick(struct kawela *pf)
{
	queue_work(pf->wq, &pf->event);
}

/**
 * kawela_service_fini() - undo kawela_service_init()
 * @pf: the PF; its misc interrupt is silent, so nothing queues work any more
 *
 * Context: may sleep.
 */
void kawela_service_fini(struct kawela *pf)
{
	cancel_delayed_work_sync(&pf->periodic);
	cancel_work_sync(&pf->event);
	cancel_delayed_work_sync(&pf->retry);
	destroy_workqueue(pf->wq);
}
