// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VF's end of the mailbox: a request is answered or given up within a
 * deadline, and notices are taken on the way.
 *
 * The PF may be kawela or any other that speaks the messages of igb. Those carry
 * no sequence number, so an answer is known by its opcode, and before a request
 * whatever came late is thrown away. In version 2 an answer repeats the request's
 * number.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>

#include "irq.h"
#include "kawelavf.h"
#include "mbx.h"
#include "mbx_decode.h"

/*
 * A PF in another virtual machine may have to be scheduled first. Foreign PFs
 * lose a request when they write a notice at the same time, hence the tries.
 */
#define KAWELAVF_ANSWER_MS	700
#define KAWELAVF_TRIES		3
#define KAWELAVF_CLAIM_US	10000
#define KAWELAVF_CLAIMS		5
/*
 * An answer takes some ten microseconds, and a nap often longer than that, so the
 * first time is spent looking. Under emulation it is half a millisecond.
 */
#define KAWELAVF_LOOK_US	1000

/*
 * When to ask again for an address that was taken, and for what failed. kawela
 * notifies when an address becomes free. Where it can't know, this is soon enough for
 * VRRP: a backup takes an address over when its master was silent for 3 to 4 s.
 */
#define KAWELAVF_TAKEN		(2 * HZ)
#define KAWELAVF_FAILED		HZ
/* How long requests may go on while the port's lock is held for them */
#define KAWELAVF_PATIENCE	(5 * HZ)
/* Messages that are taken one after the other; a PF with more to say waits */
#define KAWELAVF_BURST		8

/* A notice came instead of, or before, an answer */
static void kawelavf_notice(struct kawelavf *vf, const struct kwl_msg *msg)
{
	lockdep_assert_held(&vf->mbx_lock);
	/* Without CTS: the PF was reset and has forgotten us */
	if (!(msg->w[0] & KWL_MSG_CTS))
		vf->ready = false;
	if (vf->v2) {
		WRITE_ONCE(vf->events, vf->events | msg->w[1]);
		/* A PF that takes us for version 1 says nothing in these words */
		if (msg->w[1] & KWL_EVENT_LINK)
			WRITE_ONCE(vf->link, msg->w[2]);
		if (msg->w[1] & KWL_EVENT_RESET)
			WRITE_ONCE(vf->impatient, true);
	}
	kawelavf_service_kick(vf);
}

/* An unsolicited message */
static void kawelavf_unasked(struct kawelavf *vf, const struct kwl_msg *msg)
{
	kwl_mbx_trace(&vf->mbx, false, msg, 0);
	if (kawelavf_msg_op(msg) == KWL_OP_PF_CONTROL)
		kawelavf_notice(vf, msg);
}

/* Take a message if the status has one. Return: whether it had. */
static bool kawelavf_mbx_recv(struct kawelavf *vf, struct kwl_msg *msg)
{
	if (!kwl_mbx_take(&vf->mbx, KWL_V2P_PFSTS))
		return false;
	kwl_mbx_read(&vf->mbx, msg);
	kwl_mbx_release(&vf->mbx, KWL_V2P_ACK);
	return true;
}

/*
 * Empty the mailbox of messages that are not waited for any more. A PF that writes
 * faster than this reads doesn't keep us here.
 */
static void kawelavf_mbx_drain(struct kawelavf *vf)
{
	struct kwl_msg msg;
	unsigned int i;

	for (i = 0; i < KAWELAVF_BURST && kawelavf_mbx_recv(vf, &msg); i++) {
		kawelavf_unasked(vf, &msg);
		kwl_mbx_status(&vf->mbx);
	}
	kwl_mbx_take(&vf->mbx, KWL_V2P_PFACK);
}

/* Own the buffer, with no message of the PF's in it that wasn't taken */
static int kawelavf_mbx_claim(struct kawelavf *vf)
{
	unsigned int i;
	int err;

	for (i = 0; i < KAWELAVF_CLAIMS; i++) {
		err = kwl_mbx_claim(&vf->mbx, KAWELAVF_CLAIM_US);
		if (err)
			return err;
		kwl_mbx_take(&vf->mbx, KWL_V2P_PFACK);
		if (!(vf->mbx.seen & KWL_V2P_PFSTS))
			return 0;
		/* Taking it gives the buffer up */
		kawelavf_mbx_drain(vf);
	}
	return -EBUSY;
}

/* The PF has forgotten us */
static int kawelavf_lost(struct kawelavf *vf)
{
	lockdep_assert_held(&vf->mbx_lock);
	vf->ready = false;
	kawelavf_service_kick(vf);
	return -ECONNRESET;
}

/* Look again at once in the beginning, and later ever more rarely */
static void kawelavf_mbx_nap(ktime_t look, unsigned int *nap)
{
	if (ktime_before(ktime_get(), look)) {
		cond_resched();
		udelay(2);
		return;
	}
	usleep_range(*nap, 2 * *nap);
	*nap = min(2 * *nap, 1000U);
}

/* Wait for the answer to a request; notices in between are taken on the way */
static int kawelavf_mbx_wait(struct kawelavf *vf, const struct kwl_msg *req,
			     struct kwl_msg *rsp)
{
	unsigned long end = jiffies + msecs_to_jiffies(KAWELAVF_ANSWER_MS);
	ktime_t look = ktime_add_us(ktime_get(), KAWELAVF_LOOK_US);
	unsigned int nap = 100;

	for (;;) {
		bool late = time_after(jiffies, end);
		u32 status = kwl_mbx_status(&vf->mbx);

		if (kawelavf_mbx_recv(vf, rsp)) {
			if (kawelavf_msg_answers(req, rsp, vf->v2))
				return kawelavf_msg_lost(rsp) ?
					       kawelavf_lost(vf) :
					       kawelavf_msg_errno(rsp, vf->v2);
			kawelavf_unasked(vf, rsp);
		}
		if (kwl_gone(&vf->hw))
			return -ENODEV;
		/* A PF that was reset meanwhile has lost what we asked */
		if (status & (KWL_V2P_RSTI | KWL_V2P_RSTD))
			return kawelavf_lost(vf);
		if (late)
			return -ETIMEDOUT;
		kawelavf_mbx_nap(look, &nap);
	}
}

static int kawelavf_mbx_try(struct kawelavf *vf, const struct kwl_msg *req,
			    struct kwl_msg *rsp)
{
	int err;

	err = kawelavf_mbx_claim(vf);
	if (err)
		return err;
	kwl_mbx_write(&vf->mbx, req);
	kwl_mbx_trace(&vf->mbx, true, req, 0);
	kwl_mbx_release(&vf->mbx, KWL_V2P_REQ);
	/* For the trace, where no answer comes */
	*rsp = *req;
	err = kawelavf_mbx_wait(vf, req, rsp);
	kwl_mbx_trace(&vf->mbx, false, err == -ETIMEDOUT ? req : rsp, err);
	return err;
}

/**
 * kawelavf_mbx_call() - ask the PF and wait for the answer
 * @vf: the VF
 * @req: the request
 * @rsp: receives the answer
 * @tries: how often to ask when no answer comes
 *
 * Context: may sleep; takes mbx_lock.
 * Return: 0; an errno of kawelavf_refused() when the PF refuses; -ECONNRESET when
 * it asks for a new handshake, -ETIMEDOUT, -EBUSY or -ENODEV.
 */
int kawelavf_mbx_call(struct kawelavf *vf, struct kwl_msg *req,
		      struct kwl_msg *rsp, unsigned int tries)
{
	int err = -ETIMEDOUT;

	mutex_lock(&vf->mbx_lock);
	/* Tries of one request share a number: any of their answers will do */
	if (vf->v2)
		req->w[0] |= FIELD_PREP(KWL_MSG_SEQ,
					++vf->seq & FIELD_MAX(KWL_MSG_SEQ));
	kawelavf_irq_mask(vf);
	while (tries-- && err == -ETIMEDOUT)
		err = kawelavf_mbx_try(vf, req, rsp);
	kawelavf_irq_unmask(vf);
	/* What came behind the answer has not interrupted */
	if (kwl_mbx_status(&vf->mbx) &
	    (KWL_V2P_PFSTS | KWL_V2P_RSTI | KWL_V2P_RSTD))
		kawelavf_service_kick(vf);
	mutex_unlock(&vf->mbx_lock);
	return err;
}

/**
 * kawelavf_mbx_ask() - a request of a VF whose handshake is through
 * @vf: the VF
 * @req: the request
 * @rsp: receives the answer, which says more than yes or no
 *
 * Context: may sleep; takes mbx_lock.
 * Return: 0, -ENOTCONN before the handshake, or an errno of
 * kawelavf_mbx_call().
 */
int kawelavf_mbx_ask(struct kawelavf *vf, struct kwl_msg *req,
		     struct kwl_msg *rsp)
{
	int err;

	if (!READ_ONCE(vf->ready))
		return -ENOTCONN;
	if (vf->patience && time_after(jiffies, vf->patience))
		err = -ETIMEDOUT;
	else
		err = kawelavf_mbx_call(vf, req, rsp, KAWELAVF_TRIES);
	/* What was asked is neither granted nor refused: begin again */
	if (err == -ETIMEDOUT || err == -EBUSY || err == -ENODEV) {
		WRITE_ONCE(vf->ready, false);
		kawelavf_service_kick(vf);
	}
	/* A reset of the PF takes its VFs off the bus for a moment */
	return err == -ENODEV ? -ENOTCONN : err;
}

/**
 * kawelavf_mbx_request() - the same, where the verdict is the answer
 * @vf: the VF
 * @req: the request
 *
 * Context: may sleep; takes mbx_lock.
 * Return: 0 or an errno of kawelavf_mbx_ask().
 */
int kawelavf_mbx_request(struct kawelavf *vf, struct kwl_msg *req)
{
	struct kwl_msg rsp;

	return kawelavf_mbx_ask(vf, req, &rsp);
}

/**
 * kawelavf_mbx_alive() - take notices, and see whether the PF still knows us
 * @vf: the VF
 *
 * Context: may sleep; takes mbx_lock.
 * Return: false when a new handshake is needed.
 */
bool kawelavf_mbx_alive(struct kawelavf *vf)
{
	bool alive;
	u32 status;

	mutex_lock(&vf->mbx_lock);
	status = kwl_mbx_status(&vf->mbx);
	kawelavf_mbx_drain(vf);
	if (kwl_mbx_take(&vf->mbx, KWL_V2P_RSTD) || status & KWL_V2P_RSTI)
		vf->ready = false;
	alive = vf->ready;
	mutex_unlock(&vf->mbx_lock);
	return alive;
}

/**
 * kawelavf_take_events() - what the PF said there is to look at
 * @vf: the VF
 *
 * Context: may sleep; takes mbx_lock.
 * Return: KWL_EVENT_*, each once.
 */
u32 kawelavf_take_events(struct kawelavf *vf)
{
	u32 events;

	mutex_lock(&vf->mbx_lock);
	events = vf->events;
	WRITE_ONCE(vf->events, 0);
	mutex_unlock(&vf->mbx_lock);
	return events;
}

/**
 * kawelavf_mbx_begin() - begin a number of requests under one lock
 * @vf: the VF
 *
 * A PF that answers each of them in the last moment would hold up all callers
 * that wait for the lock. Until kawelavf_mbx_end(), requests that come too late fail
 * with -ETIMEDOUT, and the VF begins with a handshake again.
 *
 * Context: the port's lock.
 */
void kawelavf_mbx_begin(struct kawelavf *vf)
{
	kawelavf_assert_locked(vf);
	/* 0 means "none", so the one jiffy that is 0 counts as the next */
	vf->patience = (jiffies + KAWELAVF_PATIENCE) ?: 1;
}

/**
 * kawelavf_mbx_end() - undo kawelavf_mbx_begin()
 * @vf: the VF
 *
 * Context: the port's lock.
 */
void kawelavf_mbx_end(struct kawelavf *vf)
{
	kawelavf_assert_locked(vf);
	vf->patience = 0;
}

/**
 * kawelavf_mbx_later() - errno of a request that is noted in any case
 * @err: what the request returned
 *
 * Return: 0 when there is no PF now: what is wanted is asked for when it comes.
 */
int kawelavf_mbx_later(int err)
{
	return err == -ENOTCONN || err == -ECONNRESET ? 0 : err;
}

/**
 * kawelavf_mbx_again() - note the result of a request whose failure isn't reported
 * @vf: the VF
 * @err: what the request returned
 *
 * The service asks again unless it was granted, or refused for good. After a
 * handshake everything is asked for anyway.
 *
 * Context: rtnl or the port's lock.
 */
void kawelavf_mbx_again(struct kawelavf *vf, int err)
{
	bool refused = kawelavf_refused(err);

	if (!err || (refused && err != -EADDRINUSE) || !kawelavf_mbx_later(err))
		return;
	/* Another function may give an address back any time */
	WRITE_ONCE(vf->has.again_at,
		   jiffies + (refused ? KAWELAVF_TAKEN : KAWELAVF_FAILED));
	WRITE_ONCE(vf->has.again, true);
}
