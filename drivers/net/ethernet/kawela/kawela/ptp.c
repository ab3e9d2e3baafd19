// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF's clock (datasheet 7.10 and 8.16).
 *
 * SYSTIM counts nanoseconds and is left alone; setting and tuning the clock is
 * arithmetic on what it counts. So nothing depends on how the device takes a new
 * rate while it counts: the emulated one jumps by hours then.
 */
#include <linux/bitfield.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/timekeeping.h>

#include "clock.h"
#include "kawela.h"
#include "ptp.h"
#include "stamp.h"

/* SYSTIM advances by INCVALUE every 16 ns */
#define KAWELA_NS_PER_STEP	16
#define KAWELA_MAX_PPB		100000000

static struct kawela *kawela_of_clock(struct ptp_clock_info *info)
{
	return container_of(info, struct kawela, ptp.info);
}

/* Reading the low half latches the high half */
static u64 kawela_cycles(struct kawela *pf, struct ptp_system_timestamp *sts)
{
	u32 low;

	ptp_read_system_prets(sts);
	low = kwl_rd(&pf->hw, KWL_SYSTIML);
	ptp_read_system_postts(sts);
	return (u64)kwl_rd(&pf->hw, KWL_SYSTIMH) << 32 | low;
}

/* The clock's time now; while the device is in reset the kernel's clock goes on */
static u64 kawela_now(struct kawela *pf, struct ptp_system_timestamp *sts)
{
	struct kawela_ptp *ptp = &pf->ptp;
	u64 ns;

	lockdep_assert_held(&ptp->lock);
	if (ptp->running)
		return kawela_clock_time(&ptp->base, kawela_cycles(pf, sts));
	ptp_read_system_prets(sts);
	ns = ptp->base.ns + ktime_get_boottime_ns() - ptp->base.boottime;
	ptp_read_system_postts(sts);
	return ns;
}

/* Let the clock go on from @ns */
static void kawela_rebase(struct kawela *pf, u64 ns)
{
	struct kawela_ptp *ptp = &pf->ptp;

	lockdep_assert_held(&ptp->lock);
	ptp->base.ns = ns;
	ptp->base.frac = 0;
	ptp->base.boottime = ktime_get_boottime_ns();
	if (ptp->running)
		ptp->base.cycles = kawela_cycles(pf, NULL);
}

/*
 * Let the clock go on from where it is. One look at the device gives both times: what
 * passes between two looks would be lost.
 */
static void kawela_rebase_here(struct kawela *pf)
{
	struct kawela_ptp *ptp = &pf->ptp;

	lockdep_assert_held(&ptp->lock);
	if (!ptp->running) {
		kawela_rebase(pf, kawela_now(pf, NULL));
		return;
	}
	kawela_clock_move(&ptp->base, kawela_cycles(pf, NULL));
	ptp->base.boottime = ktime_get_boottime_ns();
}

static int kawela_adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	struct kawela *pf = kawela_of_clock(info);
	struct kawela_ptp *ptp = &pf->ptp;
	unsigned long flags;

	spin_lock_irqsave(&ptp->lock, flags);
	kawela_rebase_here(pf);
	ptp->base.rate = adjust_by_scaled_ppm(KAWELA_RATE_ONE, scaled_ppm);
	spin_unlock_irqrestore(&ptp->lock, flags);
	return 0;
}

static int kawela_adjtime(struct ptp_clock_info *info, s64 delta)
{
	struct kawela_ptp *ptp = &kawela_of_clock(info)->ptp;
	unsigned long flags;

	spin_lock_irqsave(&ptp->lock, flags);
	ptp->base.ns += delta;
	spin_unlock_irqrestore(&ptp->lock, flags);
	return 0;
}

static int kawela_gettimex64(struct ptp_clock_info *info, struct timespec64 *ts,
			     struct ptp_system_timestamp *sts)
{
	struct kawela *pf = kawela_of_clock(info);
	unsigned long flags;
	u64 ns;

	spin_lock_irqsave(&pf->ptp.lock, flags);
	ns = kawela_now(pf, sts);
	spin_unlock_irqrestore(&pf->ptp.lock, flags);
	if (pf->ptp.running && kwl_gone(&pf->hw))
		return -ENODEV;
	*ts = ns_to_timespec64(ns);
	return 0;
}

static int kawela_settime64(struct ptp_clock_info *info,
			    const struct timespec64 *ts)
{
	struct kawela *pf = kawela_of_clock(info);
	unsigned long flags;

	spin_lock_irqsave(&pf->ptp.lock, flags);
	kawela_rebase(pf, timespec64_to_ns(ts));
	spin_unlock_irqrestore(&pf->ptp.lock, flags);
	return 0;
}

static int kawela_ptp_enable(struct ptp_clock_info *info,
			     struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

static const struct ptp_clock_info kawela_ptp_info = {
	.owner		= THIS_MODULE,
	.name		= KAWELA_NAME,
	.max_adj	= KAWELA_MAX_PPB,
	.adjfine	= kawela_adjfine,
	.adjtime	= kawela_adjtime,
	.gettimex64	= kawela_gettimex64,
	.settime64	= kawela_settime64,
	.enable		= kawela_ptp_enable,
	.do_aux_work	= kawela_stamp_work,
};

/**
 * kawela_ptp_start() - let the device count, and the clock go on with it
 * @pf: the PF, after a reset of the device
 *
 * Context: may sleep; the port's lock, or before the interface is registered.
 */
void kawela_ptp_start(struct kawela *pf)
{
	struct kawela_ptp *ptp = &pf->ptp;
	unsigned long flags;
	u64 ns;

	kawela_assert_locked(pf);
	spin_lock_irqsave(&ptp->lock, flags);
	kwl_wr(&pf->hw, KWL_TIMINCA,
	       FIELD_PREP(KWL_TIMINCA_INCPERIOD, 1) |
	       FIELD_PREP(KWL_TIMINCA_INCVALUE, KAWELA_NS_PER_STEP));
	ns = kawela_now(pf, NULL);
	ptp->running = true;
	kawela_rebase(pf, ns);
	kawela_stamp_apply(pf);
	spin_unlock_irqrestore(&ptp->lock, flags);
}

/**
 * kawela_ptp_stop() - prepare for a reset of the device
 * @pf: the PF
 *
 * Until kawela_ptp_start() the clock goes on with the kernel's.
 *
 * Context: may sleep; the port's lock.
 */
void kawela_ptp_stop(struct kawela *pf)
{
	struct kawela_ptp *ptp = &pf->ptp;
	unsigned long flags;

	kawela_assert_locked(pf);
	spin_lock_irqsave(&ptp->lock, flags);
	/* The time of a device that is gone is unknown */
	if (ptp->running && !kwl_gone(&pf->hw))
		kawela_rebase_here(pf);
	ptp->running = false;
	spin_unlock_irqrestore(&ptp->lock, flags);
	kawela_stamp_forget(pf);
}

/**
 * kawela_ptp_create() - register the PF's clock
 * @pf: the PF, its registers mapped
 *
 * The driver works without, when the kernel has no PTP clocks or no room.
 *
 * Context: may sleep.
 */
void kawela_ptp_create(struct kawela *pf)
{
	struct kawela_ptp *ptp = &pf->ptp;
	struct ptp_clock *clock;

	spin_lock_init(&ptp->lock);
	ptp->info = kawela_ptp_info;
	ptp->base.rate = KAWELA_RATE_ONE;
	ptp->base.ns = ktime_get_real_ns();
	ptp->base.boottime = ktime_get_boottime_ns();
	kawela_stamp_init(pf);
	clock = ptp_clock_register(&ptp->info, &pf->pdev->dev);
	if (IS_ERR(clock)) {
		pci_warn(pf->pdev, "no PTP clock: %pe\n", clock);
		clock = NULL;
	}
	ptp->clock = clock;
}

/**
 * kawela_ptp_destroy() - undo kawela_ptp_create()
 * @pf: the PF; its interface is not registered any more
 *
 * Context: may sleep.
 */
void kawela_ptp_destroy(struct kawela *pf)
{
	if (pf->ptp.clock)
		ptp_clock_unregister(pf->ptp.clock);
	kawela_stamp_forget(pf);
}
