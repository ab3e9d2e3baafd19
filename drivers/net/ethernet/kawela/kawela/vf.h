/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VF: what it is and how far it is.
 */
#ifndef _KAWELA_VF_H
#define _KAWELA_VF_H

#include <linux/if_ether.h>
#include <linux/ratelimit_types.h>
#include <linux/types.h>

#include <kawela/mbx.h>

#include "claims.h"
#include "stats.h"

struct kawela;

/* Addresses of others that a VF was refused and that are remembered */
#define KAWELA_VF_MISSED		KAWELA_VF_UC_TRUSTED

/*
 * What becomes of a VF, for tracepoints: X(symbol, name)
 */
#define KAWELA_VF_STATES(X)			\
	X(KAWELA_VF_CREATED,	"created")	\
	X(KAWELA_VF_RESET,	"reset")	\
	X(KAWELA_VF_ACTIVE,	"active")	\
	X(KAWELA_VF_V2,		"version 2")	\
	X(KAWELA_VF_POLICY,	"policy")	\
	X(KAWELA_VF_GONE,	"gone")

#define KAWELA_VF_STATE_ENUM(sym, name)	sym,
enum kawela_vf_state {
	KAWELA_VF_STATES(KAWELA_VF_STATE_ENUM)
};

/**
 * struct kawela_vf_run - how far a VF is
 * @active: it finished its reset handshake and may send requests
 * @v2: it speaks version 2 of the mailbox
 * @nonce: what FEATURES must repeat; 0 when the VF doesn't support version 2
 * @unacked: jiffies when a message was sent that it has not taken yet, or 0
 * @held: jiffies when it was found holding the buffer after a request, or 0
 * @events: notices to send when its mailbox is free (KWL_EVENT_*)
 * @notice_at: jiffies before which its mailbox isn't tried again for @events
 * @notice_wait: jiffies to wait behind the next failure; 0 when none failed yet
 * @orphan: at the last look it was active, and its bus mastering off
 * @stale: the mailbox holds words of an earlier driver
 * @tokens: requests, resets and acknowledgements of nothing that it may make
 *	before it has to wait
 * @refilled: jiffies of the last refill of @tokens
 * @requests: requests answered
 * @refused: requests answered with NACK
 * @throttled: times that it had to wait
 * @resets: resets seen
 * @waits: times that it held the buffer when the PF wanted it
 * @untaken: messages that it had not taken when the next one came
 * @blocked: looks before which the device blocked its queues
 * @spoofed: looks before which the device stopped its frames as spoofed
 * @seized: times that the PF took the buffer because it didn't release it
 * @missed: addresses that it was refused because other functions have them
 * @n_missed: how many, modulo KAWELA_VF_MISSED; the oldest is forgotten first
 */
struct kawela_vf_run {
	bool active;
	bool v2;
	u32 nonce;
	unsigned long unacked;
	unsigned long held;
	u32 events;
	unsigned long notice_at;
	unsigned long notice_wait;
	bool orphan;
	bool stale;
	unsigned int tokens;
	unsigned long refilled;
	u64 requests;
	u64 refused;
	u64 throttled;
	u64 resets;
	u64 waits;
	u64 untaken;
	u64 blocked;
	u64 spoofed;
	u64 seized;
	u8 missed[KAWELA_VF_MISSED][ETH_ALEN];
	unsigned int n_missed;
};

/**
 * struct kawela_vf - one VF
 * @index: its number
 * @mbx: the PF's end of its mailbox
 * @mac: address that the PF gives it when the administrator doesn't; the same
 *	from probe to remove
 * @policy: what the administrator decided; kept until the VF goes away
 * @want: what its driver asked for; forgotten when it is reset
 * @run: handshake, budgets and counters
 * @stats: what the device counted for it
 * @log: budget for log lines that it can cause
 *
 * All under vf_lock.
 */
struct kawela_vf {
	u8 index;
	struct kwl_mbx mbx;
	u8 mac[ETH_ALEN];
	struct kawela_vf_policy policy;
	struct kawela_vf_want want;
	struct kawela_vf_run run;
	struct kawela_vf_stats stats;
	struct ratelimit_state log;
};

void kawela_vf_create(struct kawela *pf, unsigned int i);
void kawela_vf_reset(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_activate(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_state(struct kawela *pf, const struct kawela_vf *vf,
		     enum kawela_vf_state state);
u32 kawela_vf_link(const struct kawela *pf, const struct kawela_vf *vf);

#endif /* _KAWELA_VF_H */
