/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF's clock, and the timestamps that it takes (stamp.h).
 */
#ifndef _KAWELA_PTP_H
#define _KAWELA_PTP_H

#include <linux/net_tstamp.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "clock.h"

struct kawela;
struct sk_buff;

/**
 * struct kawela_ptp - the PF's clock and the timestamps that it takes
 * @info: operations, for the PTP core
 * @clock: the PTP core's clock; NULL when there is none
 * @lock: all registers of time synchronization, and what follows
 * @base: from the device's time to the clock's
 * @running: the device counts; not so during its reset
 * @config: which frames get timestamps
 * @tx_skb: the frame that waits for its transmit timestamp, or NULL
 * @tx_since: jiffies when it was sent
 * @rx_since: jiffies when a receive timestamp was found waiting for its frame, or 0
 * @rx_doubt: one was discarded, and no frame of the PF's came since
 * @tx_stamps: transmit timestamps delivered
 * @tx_lost: transmit timestamps that didn't come in time
 * @tx_skipped: frames that went without, because another one waited
 */
struct kawela_ptp {
	struct ptp_clock_info info;
	struct ptp_clock *clock;
	spinlock_t lock;	/* see above */
	struct kawela_clock_base base;
	bool running;
	struct kernel_hwtstamp_config config;
	struct sk_buff *tx_skb;
	unsigned long tx_since;
	unsigned long rx_since;
	bool rx_doubt;
	u64 tx_stamps;
	u64 tx_lost;
	u64 tx_skipped;
};

void kawela_ptp_create(struct kawela *pf);
void kawela_ptp_destroy(struct kawela *pf);
void kawela_ptp_start(struct kawela *pf);
void kawela_ptp_stop(struct kawela *pf);

#endif /* _KAWELA_PTP_H */
