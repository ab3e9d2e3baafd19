// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF's mailbox service: which VF to serve, when, and how often.
 *
 * A VF is not trusted. Its message is copied once, answered once, and costs a
 * token; a VF without tokens waits, and no other VF does.
 */
#include <linux/bitfield.h>
#include <linux/jiffies.h>

#include "kawela.h"
#include "mbx.h"
#include "vf.h"

/* Requests that a VF may make at once, and a second */
#define KAWELA_TOKENS_MAX	256
#define KAWELA_TOKENS_PER_SEC	500
/*
 * How long a VF may hold the buffer that it asked for something in. One whose CPU
 * is busy elsewhere is in the middle of writing; one that still holds it then
 * doesn't want to let go.
 */
#define KAWELA_HELD		(HZ / 5)
/* The same when there is no time to come back */
#define KAWELA_CLAIM_US		200
/* A message that a VF has not taken after this time may be overwritten */
#define KAWELA_UNACKED		HZ
/* When to try again what could not be done at once */
#define KAWELA_RETRY		msecs_to_jiffies(10)
/* The same for a notice to a VF that keeps the buffer for itself, in the end */
#define KAWELA_NOTICE_MAX	(2UL * HZ)
/* Rounds over all VFs before other work gets its turn */
#define KAWELA_ROUNDS		8

static bool kawela_token_take(struct kawela_vf *vf)
{
	/* A second fills it */
	unsigned int passed = min(jiffies - vf->run.refilled, HZ + 0UL);
	unsigned int more = passed * KAWELA_TOKENS_PER_SEC / HZ;

	if (more) {
		vf->run.tokens = min_t(unsigned int, vf->run.tokens + more,
				       KAWELA_TOKENS_MAX);
		vf->run.refilled = jiffies;
	}
	if (!vf->run.tokens) {
		vf->run.throttled++;
		return false;
	}
	vf->run.tokens--;
	return true;
}

/*
 * The buffer is the PF's when this returns. The emulated device doesn't take it
 * from the VF, but doesn't protect it either.
 */
static void kawela_mbx_seize(struct kawela_vf *vf)
{
	kwl_mbx_release(&vf->mbx, KWL_P2V_RVFU);
	kwl_mbx_claim(&vf->mbx, 0);
}

/*
 * Return: whether the buffer is the PF's; otherwise to be tried again. A reset of the
 * VF is no reason to wait anew: the device leaves it the buffer.
 */
static bool kawela_mbx_take(struct kawela_vf *vf)
{
	if (kwl_mbx_claim(&vf->mbx, 0)) {
		vf->run.waits++;
		if (!vf->run.held)
			vf->run.held = jiffies ?: 1;
		if (time_before(jiffies, vf->run.held + KAWELA_HELD))
			return false;
		vf->run.seized++;
		kawela_mbx_seize(vf);
	}
	vf->run.held = 0;
	return true;
}

static void kawela_mbx_send(struct kawela_vf *vf, const struct kwl_msg *msg,
			    u32 signal, int result)
{
	/*
	 * A driver that follows version 2 takes its messages always. Others don't
	 * while their interface is down.
	 */
	vf->run.untaken += vf->run.v2 && vf->run.unacked;
	kwl_mbx_write(&vf->mbx, msg);
	kwl_mbx_trace(&vf->mbx, true, msg, result);
	kwl_mbx_release(&vf->mbx, signal);
	/* 0 means "none", so the one jiffy that is 0 counts as the next */
	vf->run.unacked = jiffies ?: 1;
	vf->run.notice_wait = 0;
}

/* Header of an answer. The one to RESET carries no CTS: DPDK compares it. */
static u32 kawela_answer(const struct kawela_vf *vf, const struct kwl_msg *req,
			 u32 seq, int err)
{
	u32 op = FIELD_GET(KWL_MSG_OP, req->w[0]);
	u32 w0 = op | seq | (err ? KWL_MSG_NACK : KWL_MSG_ACK);

	if (vf->run.active && op != KWL_OP_RESET)
		w0 |= KWL_MSG_CTS;
	return w0;
}

static u32 kawela_reason(int err)
{
	switch (err) {
	case -EINVAL:
	case -ERANGE:
		return KWL_REASON_INVALID;
	case -ENOSPC:
		return KWL_REASON_FULL;
	case -EADDRINUSE:
		return KWL_REASON_TAKEN;
	case -EOPNOTSUPP:
		return KWL_REASON_UNKNOWN;
	default:
		return KWL_REASON_DENIED;
	}
}

/*
 * A VF that is active loses at once what it had; for being active it has paid.
 * Further resets cost a token each, and one without waits in VFLRE.
 * Return: the VFs that must wait.
 */
static u32 kawela_mbx_resets(struct kawela *pf)
{
	u32 bits = kwl_rd(&pf->hw, KWL_VFLRE), waiting = 0;
	unsigned int i;

	if (!bits || kwl_gone(&pf->hw))
		return 0;
	for (i = 0; i < pf->n_vfs; i++)
		if (bits & BIT(i) && !kawela_token_take(&pf->vf[i]) &&
		    !pf->vf[i].run.active)
			waiting |= BIT(i);
	bits &= ~waiting;
	kwl_wr(&pf->hw, KWL_VFLRE, bits);
	for (i = 0; i < pf->n_vfs; i++)
		if (bits & BIT(i))
			kawela_vf_reset(pf, &pf->vf[i]);
	return waiting;
}

/* The buffer is the PF's */
static void kawela_mbx_clean(struct kawela_vf *vf)
{
	if (vf->run.stale)
		kwl_mbx_wipe(&vf->mbx);
	vf->run.stale = false;
}

/* The buffer is the PF's, and what is in it was signalled */
static void kawela_mbx_serve(struct kawela *pf, struct kawela_vf *vf)
{
	struct kwl_msg req, rsp = {};
	u32 seq;
	int err;

	kwl_mbx_read(&vf->mbx, &req);
	kwl_mbx_trace(&vf->mbx, false, &req, 0);
	/*
	 * A VF resets itself before it says so. Its reset must not be found
	 * behind the message, and undo the handshake.
	 */
	if (FIELD_GET(KWL_MSG_OP, req.w[0]) == KWL_OP_RESET)
		kwl_wr(&pf->hw, KWL_VFLRE, BIT(vf->index));
	vf->run.unacked = 0;
	/* The request itself may end version 2 */
	seq = vf->run.v2 ? req.w[0] & KWL_MSG_SEQ : 0;
	err = kawela_vf_op(pf, vf, &req, &rsp);
	rsp.w[0] = kawela_answer(vf, &req, seq, err);
	if (err && vf->run.v2)
		rsp.w[1] = kawela_reason(err);
	vf->run.requests++;
	vf->run.refused += !!err;
	kawela_mbx_clean(vf);
	kawela_mbx_send(vf, &rsp, KWL_P2V_STS | KWL_P2V_ACK, err);
}

/* Return: jiffies until then, 0 when it has passed */
static unsigned long kawela_until(unsigned long then)
{
	unsigned long now = jiffies;

	return time_before(now, then) ? then - now : 0;
}

static void kawela_mbx_event(struct kawela *pf, struct kawela_vf *vf)
{
	struct kwl_msg msg = { .w = { KWL_OP_PF_CONTROL } };

	if (vf->run.active)
		msg.w[0] |= KWL_MSG_CTS;
	if (vf->run.v2) {
		msg.w[1] = vf->run.events;
		msg.w[2] = kawela_vf_link(pf, vf);
	}
	vf->run.events = 0;
	kawela_mbx_send(vf, &msg, KWL_P2V_STS, 0);
}

/* Return: jiffies to wait before the next attempt; longer each time */
static unsigned long kawela_mbx_postpone(struct kawela_vf *vf)
{
	vf->run.notice_wait = clamp(2 * vf->run.notice_wait, KAWELA_RETRY,
				    KAWELA_NOTICE_MAX);
	vf->run.notice_at = jiffies + vf->run.notice_wait;
	return vf->run.notice_wait;
}

/*
 * Notify a VF of what there is to look at. The words are shared with its requests, so
 * this waits for them. Return: 0, or jiffies after which to call again.
 */
static unsigned long kawela_mbx_notice(struct kawela *pf, struct kawela_vf *vf)
{
	unsigned long wait = 0;

	/* It interrupts when it takes the message */
	if (vf->run.unacked)
		wait = kawela_until(vf->run.unacked + KAWELA_UNACKED);
	if (!wait && vf->run.notice_wait)
		wait = kawela_until(vf->run.notice_at);
	if (wait)
		return wait;
	if (kwl_mbx_claim(&vf->mbx, 0))
		return kawela_mbx_postpone(vf);
	/* It may have written a request before the buffer was claimed */
	if (kwl_rd(&pf->hw, KWL_MBVFICR) & BIT(vf->index)) {
		kwl_mbx_release(&vf->mbx, 0);
		return KAWELA_RETRY;
	}
	kawela_mbx_event(pf, vf);
	return 0;
}

/* Return: 0, or jiffies after which to call again */
static unsigned long kawela_mbx_notices(struct kawela *pf)
{
	unsigned long wait, again = 0;
	unsigned int i;

	for (i = 0; i < pf->n_vfs; i++) {
		if (!pf->vf[i].run.events)
			continue;
		wait = kawela_mbx_notice(pf, &pf->vf[i]);
		again = min_not_zero(again, wait);
	}
	return again;
}

/* The VF took its message. Return: whether that is to be believed now. */
static bool kawela_mbx_ack(struct kawela_vf *vf)
{
	/* One for each message is free */
	if (!vf->run.unacked && !kawela_token_take(vf))
		return false;
	vf->run.unacked = 0;
	return true;
}

/* Return: the VFs that must wait */
static u32 kawela_mbx_acks(struct kawela *pf, u32 acks)
{
	u32 done = 0;
	unsigned int i;

	for (i = 0; i < pf->n_vfs; i++)
		if (acks & BIT(i) && kawela_mbx_ack(&pf->vf[i]))
			done |= BIT(i);
	if (done)
		kwl_wr(&pf->hw, KWL_MBVFICR, FIELD_PREP(KWL_MBVFICR_ACK, done));
	return acks & ~done;
}

/* Serve every VF that asks and has tokens. Return: the VFs that must wait. */
static u32 kawela_mbx_requests(struct kawela *pf, u32 asking)
{
	u32 waiting = 0;
	unsigned int i;

	for (i = 0; i < pf->n_vfs; i++) {
		if (!(asking & BIT(i)))
			continue;
		if (!kawela_mbx_take(&pf->vf[i])) {
			waiting |= BIT(i);
			continue;
		}
		if (!kawela_token_take(&pf->vf[i])) {
			kwl_mbx_release(&pf->vf[i].mbx, 0);
			waiting |= BIT(i);
			continue;
		}
		/* Cleared before reading: a message after it sets it again */
		kwl_wr(&pf->hw, KWL_MBVFICR, FIELD_PREP(KWL_MBVFICR_REQ, BIT(i)));
		kawela_mbx_serve(pf, &pf->vf[i]);
	}
	return waiting;
}

/*
 * What a VF's driver left in the words is not for the next one. Where that has
 * written already, its answer wipes them. Return: the VFs that must wait.
 */
static u32 kawela_mbx_wipe(struct kawela *pf, u32 vfs)
{
	u32 waiting = 0;
	unsigned int i;

	for (i = 0; i < pf->n_vfs; i++) {
		struct kawela_vf *vf = &pf->vf[i];

		if (!(vfs & BIT(i)) || !vf->run.stale)
			continue;
		if (!kawela_mbx_take(vf)) {
			waiting |= BIT(i);
			continue;
		}
		if (!(kwl_rd(&pf->hw, KWL_MBVFICR) & BIT(i)))
			kawela_mbx_clean(vf);
		kwl_mbx_release(&vf->mbx, 0);
	}
	return waiting;
}

/**
 * kawela_mbx_service() - serve all mailboxes
 * @pf: the PF
 *
 * Resets come first, then what VFs took, then what they ask for, then what the
 * PF has to say. A VF that must wait gets none of the later ones.
 *
 * Context: may sleep; vf_lock; @pf->wq.
 * Return: jiffies after which to call again, 0 for not before the next
 * interrupt.
 */
unsigned long kawela_mbx_service(struct kawela *pf)
{
	u32 all = GENMASK(KWL_MAX_VFS, 0) >> (KWL_MAX_VFS + 1 - pf->n_vfs);
	u32 waiting = 0;
	unsigned long again;
	unsigned int round;

	lockdep_assert_held(&pf->vf_lock);
	DEBUG_NET_WARN_ON_ONCE(!current_work());
	for (round = 0; round < KAWELA_ROUNDS; round++) {
		u32 cause, asking;

		waiting |= kawela_mbx_resets(pf);
		cause = kwl_rd(&pf->hw, KWL_MBVFICR);
		if (kwl_gone(&pf->hw))
			return 0;
		waiting |= kawela_mbx_acks(pf, FIELD_GET(KWL_MBVFICR_ACK, cause) &
					       all & ~waiting);
		asking = FIELD_GET(KWL_MBVFICR_REQ, cause) & all & ~waiting;
		waiting |= kawela_mbx_wipe(pf, all & ~asking & ~waiting);
		if (!asking)
			break;
		waiting |= kawela_mbx_requests(pf, asking);
	}
	again = kawela_mbx_notices(pf);
	return waiting || round == KAWELA_ROUNDS ? KAWELA_RETRY : again;
}

/**
 * kawela_mbx_notify_now() - let every VF look at something, before this returns
 * @pf: the PF
 * @events: KWL_EVENT_*
 *
 * For what the mailbox won't survive. A VF in the middle of a request loses it,
 * and asks again. Nothing is sent while the device is gone from the bus.
 *
 * Context: may sleep; vf_lock; @pf->wq is idle.
 */
void kawela_mbx_notify_now(struct kawela *pf, u32 events)
{
	unsigned int i;

	lockdep_assert_held(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++) {
		if (!pf->vf[i].run.active || kwl_gone(&pf->hw))
			continue;
		pf->vf[i].run.events |= events;
		/* No fault of the VF's: it wasn't given the time to release it */
		if (kwl_mbx_claim(&pf->vf[i].mbx, KAWELA_CLAIM_US))
			kawela_mbx_seize(&pf->vf[i]);
		kawela_mbx_event(pf, &pf->vf[i]);
	}
}
