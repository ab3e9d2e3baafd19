/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching what VFs do to the mailbox, and the health reporters that say so.
 */
#ifndef _KAWELA_WATCH_H
#define _KAWELA_WATCH_H

#include <linux/types.h>
#include <linux/workqueue.h>

#include <kawela/regs.h>

struct devlink_health_reporter;
struct kawela;

#define KAWELA_OFFENCES		7	/* counters of a VF that are watched */

/**
 * struct kawela_seen - one VF's counters at the last look
 * @count: of each offence
 * @served: requests that were served, or had to wait for tokens or the buffer
 * @asking: a request was pending
 */
struct kawela_seen {
	u64 count[KAWELA_OFFENCES];
	u64 served;
	bool asking;
};

/**
 * struct kawela_offence - what a VF was seen to do
 * @what: in words, NULL for nothing
 * @vf: the VF
 * @count: how often since the look before
 */
struct kawela_offence {
	const char *what;
	unsigned int vf;
	u64 count;
};

/**
 * struct kawela_watch - what one health reporter is going to say
 * @reporter: the reporter
 * @seen: an offence that is not reported yet
 * @last: jiffies of the last offence
 * @reported: jiffies of the last report
 * @open: reported, and not known to have ended
 *
 * All but @reporter under vf_lock.
 */
struct kawela_watch {
	struct devlink_health_reporter *reporter;
	struct kawela_offence seen;
	unsigned long last;
	unsigned long reported;
	bool open;
};

/**
 * struct kawela_health - looks after what VFs do to the mailbox
 * @work: reports; holds no lock when it begins
 * @vf: watch of the reporter "vf"
 * @mbx: watch of the reporter "mbx"
 * @seen: each VF's counters at the last look; under vf_lock
 */
struct kawela_health {
	struct work_struct work;
	struct kawela_watch vf;
	struct kawela_watch mbx;
	struct kawela_seen seen[KWL_MAX_VFS];
};

/**
 * kawela_queues_vfs() - the VFs that queues belong to
 * @queues: one bit a queue of the device
 *
 * The last pool is the PF's, if all VFs exist.
 *
 * Return: one bit a VF.
 */
static inline u32 kawela_queues_vfs(u32 queues)
{
	return (queues | queues >> KWL_POOLS) & GENMASK(KWL_MAX_VFS - 1, 0);
}

/* watch.c: when to report */
void kawela_watch_look(struct kawela *pf);
void kawela_watch_work(struct work_struct *work);

/* health.c: what to report */
int kawela_health_create(struct kawela *pf);
void kawela_health_arm(struct kawela *pf);
void kawela_health_disarm(struct kawela *pf);
void kawela_health_destroy(struct kawela *pf);

#endif /* _KAWELA_WATCH_H */
