// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF's mailbox service: whom to serve, when, and how often.
 *
 * A VF is not trusted. Its message is copied once, answered once, and costs a
 * token; a VF without tokens waits, and nobody else does.
 */
#include <linux/bitfield.h>
#include <linux/jiffies.h>

#include "kawela.h"

/* Requests that a VF may make at once, and a second */
#define KAWELA_TOKENS_MAX	128
#define KAWELA_TOKENS_PER_SEC	500
/* How long to try for the mailbox buffer before taking it */
#define KAWELA_CLAIM_US		200
/* A message that a VF has not taken after this time may be overwritten */
#define KAWELA_UNACKED		(HZ / 5)
/* When to try again what could not be done at once */
#define KAWELA_RETRY		msecs_to_jiffies(10)
/* Rounds over all VFs before other work gets its turn */
#define KAWELA_ROUNDS		8

static bool kawela_token_take(struct kawela_vf *vf)
{
	unsigned long passed = jiffies - vf->run.refilled;
	u64 more = (u64)passed * KAWELA_TOKENS_PER_SEC / HZ;

	if (more) {
		vf->run.tokens = min_t(u64, vf->run.tokens + more,
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
 * The buffer is the PF's when this returns. A VF that signalled has released
 * it; one that holds on to it loses it. The emulated part doesn't take it from
 * the VF, but doesn't protect it either.
 */
static void kawela_mbx_take(struct kawela_vf *vf)
{
	if (!kwl_mbx_claim(&vf->mbx, KAWELA_CLAIM_US))
		return;
	kwl_mbx_release(&vf->mbx, KWL_P2V_RVFU);
	kwl_mbx_claim(&vf->mbx, 0);
}

static void kawela_mbx_send(struct kawela_vf *vf, const struct kwl_msg *msg,
			    u32 signal, int result)
{
	kwl_mbx_write(&vf->mbx, msg);
	kwl_mbx_trace(&vf->mbx, true, msg, result);
	kwl_mbx_release(&vf->mbx, signal);
	/* 0 means "none", so the one jiffy that is 0 counts as the next */
	vf->run.unacked = jiffies ?: 1;
}

/* Header of an answer. The one to RESET carries no CTS: DPDK compares it. */
static u32 kawela_answer(const struct kawela_vf *vf, const struct kwl_msg *req,
			 int err)
{
	u32 op = FIELD_GET(KWL_MSG_OP, req->w[0]);
	u32 w0 = op | (err ? KWL_MSG_NACK : KWL_MSG_ACK);

	if (vf->run.active && op != KWL_OP_RESET)
		w0 |= KWL_MSG_CTS;
	return w0;
}

static void kawela_mbx_serve(struct kawela *pf, struct kawela_vf *vf)
{
	struct kwl_msg req, rsp = {};
	int err;

	kawela_mbx_take(vf);
	kwl_mbx_read(&vf->mbx, &req);
	kwl_mbx_trace(&vf->mbx, false, &req, 0);
	err = kawela_vf_op(pf, vf, &req, &rsp);
	rsp.w[0] = kawela_answer(vf, &req, err);
	vf->run.requests++;
	vf->run.refused += !!err;
	kawela_mbx_send(vf, &rsp, KWL_P2V_STS | KWL_P2V_ACK, err);
}

static bool kawela_mbx_unacked(const struct kawela_vf *vf)
{
	return vf->run.unacked &&
	       time_before(jiffies, vf->run.unacked + KAWELA_UNACKED);
}

/*
 * Tell a VF to look at its link. The words are shared with its requests, so this
 * waits for them. Return: false to be called again later.
 */
static bool kawela_mbx_notice(struct kawela_vf *vf)
{
	struct kwl_msg msg = { .w = { KWL_OP_PF_CONTROL } };

	if (kawela_mbx_unacked(vf) || kwl_mbx_claim(&vf->mbx, 0))
		return false;
	if (vf->run.active)
		msg.w[0] |= KWL_MSG_CTS;
	vf->run.notice = false;
	kawela_mbx_send(vf, &msg, KWL_P2V_STS, 0);
	return true;
}

static void kawela_mbx_resets(struct kawela *pf)
{
	u32 bits = kwl_rd(&pf->hw, KWL_VFLRE);
	unsigned int i;

	if (!bits)
		return;
	kwl_wr(&pf->hw, KWL_VFLRE, bits);
	for (i = 0; i < pf->n_vfs; i++)
		if (bits & BIT(i))
			kawela_vf_reset(pf, &pf->vf[i]);
}

static void kawela_mbx_acks(struct kawela *pf, u32 cause)
{
	unsigned int i;

	kwl_wr(&pf->hw, KWL_MBVFICR, cause & KWL_MBVFICR_ACK);
	for (i = 0; i < pf->n_vfs; i++)
		if (FIELD_GET(KWL_MBVFICR_ACK, cause) & BIT(i))
			pf->vf[i].run.unacked = 0;
}

/* Serve every VF that asks and has tokens. Return: the VFs that must wait. */
static u32 kawela_mbx_requests(struct kawela *pf, u32 asking)
{
	u32 waiting = 0;
	unsigned int i;

	for (i = 0; i < pf->n_vfs; i++) {
		if (!(asking & BIT(i)))
			continue;
		if (!kawela_token_take(&pf->vf[i])) {
			waiting |= BIT(i);
			continue;
		}
		/* Cleared before reading: a message after it sets it again */
		kwl_wr(&pf->hw, KWL_MBVFICR, FIELD_PREP(KWL_MBVFICR_REQ, BIT(i)));
		kawela_mbx_serve(pf, &pf->vf[i]);
	}
	return waiting;
}

/**
 * kawela_mbx_service() - serve all mailboxes
 * @pf: the PF
 *
 * Resets come first, then what VFs took, then what they ask for, then what the
 * PF has to say.
 *
 * Context: may sleep; vf_lock; @pf->wq.
 * Return: jiffies after which to call again, 0 for not before the next
 * interrupt.
 */
unsigned long kawela_mbx_service(struct kawela *pf)
{
	u32 all = GENMASK(KWL_MAX_VFS, 0) >> (KWL_MAX_VFS + 1 - pf->n_vfs);
	u32 waiting = 0;
	unsigned int round, i;
	bool again = false;

	for (round = 0; round < KAWELA_ROUNDS; round++) {
		u32 cause, asking;

		kawela_mbx_resets(pf);
		cause = kwl_rd(&pf->hw, KWL_MBVFICR);
		if (kwl_gone(&pf->hw))
			return 0;
		kawela_mbx_acks(pf, cause);
		asking = FIELD_GET(KWL_MBVFICR_REQ, cause) & all & ~waiting;
		if (!asking)
			break;
		waiting |= kawela_mbx_requests(pf, asking);
	}
	for (i = 0; i < pf->n_vfs; i++)
		if (pf->vf[i].run.notice)
			again |= !kawela_mbx_notice(&pf->vf[i]);
	return waiting || again || round == KAWELA_ROUNDS ? KAWELA_RETRY : 0;
}

/**
 * kawela_mbx_notify_all() - let every VF look at its link
 * @pf: the PF
 *
 * Context: vf_lock.
 */
void kawela_mbx_notify_all(struct kawela *pf)
{
	unsigned int i;

	lockdep_assert_held(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		pf->vf[i].run.notice = true;
	if (pf->n_vfs)
		mod_delayed_work(pf->wq, &pf->retry, 0);
}
