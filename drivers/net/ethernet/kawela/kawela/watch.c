// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watching what VFs do to the mailbox, for devlink's health reporters.
 *
 * What a VF does is counted where it is served, and nothing more: a guest may
 * send messages at any rate. Once in two seconds a look compares the counters with
 * those of the look before. What is beyond a budget is reported, at most once in
 * KAWELA_REPORT_PERIOD, by a work item of its own: a report takes devlink's
 * lock, and its dump vf_lock, so neither the mailbox service nor a caller that
 * holds vf_lock can make it.
 */
#include <linux/bitfield.h>
#include <linux/jiffies.h>

#include "devlink.h"
#include "kawela.h"
#include "vf.h"
#include "watch.h"

#define KAWELA_REPORT_PERIOD	(10 * HZ)

/**
 * struct kawela_rule - what a VF must not do too often
 * @what: in words
 * @mbx: reported by "mbx" instead of "vf"
 * @budget: how often is allowed between two looks
 * @counter: offset of the counter in struct kawela_vf_run
 */
struct kawela_rule {
	const char *what;
	bool mbx;
	u16 budget;
	size_t counter;
};

static const struct kawela_rule kawela_rules[] = {
	{
		.what = "requests refused",
		.budget = 32,
		.counter = offsetof(struct kawela_vf_run, refused),
	}, {
		.what = "times throttled",
		.budget = 100,
		.counter = offsetof(struct kawela_vf_run, throttled),
	}, {
		.what = "resets",
		.budget = 20,
		.counter = offsetof(struct kawela_vf_run, resets),
	}, {
		.what = "times its queues were blocked for their descriptors",
		.budget = 0,
		.counter = offsetof(struct kawela_vf_run, blocked),
	}, {
		.what = "times it sent with spoofed addresses or VLANs",
		.budget = 0,
		.counter = offsetof(struct kawela_vf_run, spoofed),
	}, {
		.what = "messages not taken",
		.mbx = true,
		.budget = 0,
		.counter = offsetof(struct kawela_vf_run, untaken),
	}, {
		.what = "times the buffer was not released",
		.mbx = true,
		.budget = 0,
		.counter = offsetof(struct kawela_vf_run, seized),
	},
};
static_assert(ARRAY_SIZE(kawela_rules) == KAWELA_OFFENCES);

static void kawela_watch_note(struct kawela_watch *watch, unsigned int vf,
			      const char *what, u64 count)
{
	watch->seen = (struct kawela_offence) {
		.what = what, .vf = vf, .count = count,
	};
	watch->last = jiffies;
}

static void kawela_look_rules(struct kawela_health *health,
			      const struct kawela_vf *vf,
			      struct kawela_seen *seen)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kawela_rules); i++) {
		const struct kawela_rule *rule = &kawela_rules[i];
		u64 now = *(const u64 *)((const char *)&vf->run +
					 rule->counter);
		/* A VF that was removed and created again counts from 0 */
		u64 more = now - (now >= seen->count[i] ? seen->count[i] : 0);

		seen->count[i] = now;
		if (more > rule->budget)
			kawela_watch_note(rule->mbx ? &health->mbx : &health->vf,
					  vf->index, rule->what, more);
	}
}

/* A request that waits since the last look without being served */
static void kawela_look_stalled(struct kawela_health *health,
				const struct kawela_vf *vf,
				struct kawela_seen *seen, bool asking)
{
	u64 served = vf->run.requests + vf->run.throttled + vf->run.waits;

	if (asking && seen->asking && served == seen->served) {
		kawela_watch_note(&health->mbx, vf->index,
				  "request without interrupt", 1);
		/* No VF can cause this, and the report cures it: don't wait */
		health->mbx.open = false;
	}
	seen->asking = asking;
	seen->served = served;
}

/*
 * WVBR: queues that the device has blocked because their descriptors could hang it
 * (DTXCTL.MDP_EN), and queues that sent with spoofed addresses or VLANs
 * (DTXSWC). A read clears both.
 */
static void kawela_look_wvbr(struct kawela *pf)
{
	u32 wvbr = kwl_rd(&pf->hw, KWL_WVBR);
	u32 blocked = kawela_queues_vfs(FIELD_GET(KWL_WVBR_BLOCKED, wvbr));
	u32 spoofed = kawela_queues_vfs(FIELD_GET(KWL_WVBR_SPOOFED, wvbr));
	unsigned int i;

	if (kwl_gone(&pf->hw))
		return;
	for (i = 0; i < pf->n_vfs; i++) {
		pf->vf[i].run.blocked += !!(blocked & BIT(i));
		pf->vf[i].run.spoofed += !!(spoofed & BIT(i));
	}
}

/* Something to report, or an end to declare? */
static bool kawela_watch_due(const struct kawela_watch *watch)
{
	if (watch->seen.what)
		return !watch->open ||
		       time_after(jiffies, watch->reported + KAWELA_REPORT_PERIOD);
	return watch->open &&
	       time_after(jiffies, watch->last + KAWELA_REPORT_PERIOD);
}

/**
 * kawela_watch_look() - look after what VFs did since the last look
 * @pf: the PF
 *
 * Context: may sleep; takes vf_lock; @pf->wq.
 */
void kawela_watch_look(struct kawela *pf)
{
	struct kawela_health *health = kawela_health_of(pf);
	bool due = false;
	unsigned int i;
	u32 asking;

	DEBUG_NET_WARN_ON_ONCE(!current_work());
	mutex_lock(&pf->vf_lock);
	kawela_look_wvbr(pf);
	asking = FIELD_GET(KWL_MBVFICR_REQ, kwl_rd(&pf->hw, KWL_MBVFICR));
	if (!kwl_gone(&pf->hw)) {
		for (i = 0; i < pf->n_vfs; i++) {
			kawela_look_rules(health, &pf->vf[i], &health->seen[i]);
			kawela_look_stalled(health, &pf->vf[i],
					    &health->seen[i], asking & BIT(i));
		}
		due = kawela_watch_due(&health->vf) ||
		      kawela_watch_due(&health->mbx);
	}
	mutex_unlock(&pf->vf_lock);
	if (due)
		queue_work(system_freezable_wq, &health->work);
}

/* Return: an offence to report, or an end, which has no name */
static bool kawela_watch_take(struct kawela *pf, struct kawela_watch *watch,
			      struct kawela_offence *offence)
{
	bool due;

	mutex_lock(&pf->vf_lock);
	due = kawela_watch_due(watch);
	if (due) {
		*offence = watch->seen;
		watch->open = offence->what;
		watch->reported = jiffies;
		watch->seen.what = NULL;
	}
	mutex_unlock(&pf->vf_lock);
	return due;
}

static void kawela_watch_tell(struct kawela *pf, struct kawela_watch *watch)
{
	struct kawela_offence offence;
	char msg[96];

	if (!kawela_watch_take(pf, watch, &offence))
		return;
	if (!offence.what) {
		devlink_health_reporter_state_update(watch->reporter,
						     DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
		return;
	}
	snprintf(msg, sizeof(msg), "VF %u: %llu %s", offence.vf, offence.count,
		 offence.what);
	devlink_health_report(watch->reporter, msg, &offence);
}

/**
 * kawela_watch_work() - report what the last look saw
 * @work: of struct kawela_health
 *
 * Context: may sleep; takes devlink's lock, and vf_lock under it.
 */
void kawela_watch_work(struct work_struct *work)
{
	struct kawela_health *health = container_of(work, struct kawela_health,
						    work);
	struct kawela *pf = container_of(health, struct kawela_devlink,
					 health)->pf;

	kawela_watch_tell(pf, &health->vf);
	kawela_watch_tell(pf, &health->mbx);
}
