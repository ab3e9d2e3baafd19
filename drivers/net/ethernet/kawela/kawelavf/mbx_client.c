// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to the PF: one typed function each, answered or given up within a
 * deadline.
 *
 * The PF may be kawela or any other that speaks the messages of igb. Those carry
 * no sequence number, so an answer is known by its opcode, and before a request
 * whatever came late is thrown away. In version 2 an answer repeats the request's
 * number.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/jiffies.h>

#include "kawelavf.h"

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

/* A notice came instead of, or before, an answer */
static void kawelavf_notice(struct kawelavf *vf, const struct kwl_msg *msg)
{
	/* Without CTS: the PF was reset and has forgotten us */
	if (!(msg->w[0] & KWL_MSG_CTS))
		vf->ready = false;
	if (vf->v2) {
		vf->events |= msg->w[1];
		WRITE_ONCE(vf->policy.link, msg->w[2]);
		if (msg->w[1] & KWL_EVENT_RESET)
			WRITE_ONCE(vf->impatient, true);
	}
	kawelavf_service_kick(vf);
}

static u32 kawelavf_op(const struct kwl_msg *msg)
{
	return FIELD_GET(KWL_MSG_OP, msg->w[0]);
}

/* Take a message that the status told of. Return: whether it did. */
static bool kawelavf_mbx_recv(struct kawelavf *vf, struct kwl_msg *msg)
{
	if (!kwl_mbx_take(&vf->mbx, KWL_V2P_PFSTS))
		return false;
	kwl_mbx_read(&vf->mbx, msg);
	kwl_mbx_release(&vf->mbx, KWL_V2P_ACK);
	return true;
}

/* Empty the mailbox of what nobody waits for any more */
static void kawelavf_mbx_drain(struct kawelavf *vf)
{
	struct kwl_msg msg;

	while (kawelavf_mbx_recv(vf, &msg)) {
		kwl_mbx_trace(&vf->mbx, false, &msg, 0);
		if (kawelavf_op(&msg) == KWL_OP_PF_CONTROL)
			kawelavf_notice(vf, &msg);
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

/* An answer has a verdict, and the opcode and number of its request */
static bool kawelavf_answers(struct kawelavf *vf, const struct kwl_msg *req,
			     const struct kwl_msg *rsp)
{
	u32 same = vf->v2 ? KWL_MSG_OP | KWL_MSG_SEQ : KWL_MSG_OP;

	return rsp->w[0] & (KWL_MSG_ACK | KWL_MSG_NACK) &&
	       !((rsp->w[0] ^ req->w[0]) & same);
}

/* The PF has forgotten us */
static int kawelavf_lost(struct kawelavf *vf)
{
	vf->ready = false;
	kawelavf_service_kick(vf);
	return -ECONNRESET;
}

/* Errno of an answer. A NACK without CTS comes from a PF that forgot us. */
static int kawelavf_verdict(struct kawelavf *vf, const struct kwl_msg *rsp)
{
	if (rsp->w[0] & KWL_MSG_ACK)
		return 0;
	if (rsp->w[0] & KWL_MSG_CTS || kawelavf_op(rsp) == KWL_OP_RESET)
		return -EPERM;
	return kawelavf_lost(vf);
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
			if (kawelavf_answers(vf, req, rsp))
				return kawelavf_verdict(vf, rsp);
			kwl_mbx_trace(&vf->mbx, false, rsp, 0);
			if (kawelavf_op(rsp) == KWL_OP_PF_CONTROL)
				kawelavf_notice(vf, rsp);
			continue;
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
 * Return: 0 for ACK, -EPERM for NACK, -ECONNRESET when the PF asks for a new
 * handshake, -ETIMEDOUT, -EBUSY or -ENODEV.
 */
static int kawelavf_mbx_call(struct kawelavf *vf, struct kwl_msg *req,
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

/* A request of a VF whose handshake is through, with an answer that says more */
static int kawelavf_mbx_ask(struct kawelavf *vf, struct kwl_msg *req,
			    struct kwl_msg *rsp)
{
	int err;

	if (!READ_ONCE(vf->ready))
		return -ENOTCONN;
	err = kawelavf_mbx_call(vf, req, rsp, KAWELAVF_TRIES);
	if (err == -ETIMEDOUT) {
		WRITE_ONCE(vf->ready, false);
		kawelavf_service_kick(vf);
	}
	return err;
}

static int kawelavf_mbx_request(struct kawelavf *vf, struct kwl_msg *req)
{
	struct kwl_msg rsp;

	return kawelavf_mbx_ask(vf, req, &rsp);
}

/**
 * kawelavf_req_reset() - ask the PF for a place and an address
 * @vf: the VF
 * @mac: receives the address; zero when the PF has none to give
 * @nonce: receives what begins version 2; 0 when the PF doesn't speak it
 *
 * Asked once: who calls comes back later.
 *
 * Return: 0 or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_reset(struct kawelavf *vf, u8 *mac, u32 *nonce)
{
	struct kwl_msg req = { .w = {
		KWL_OP_RESET, KWL_MSG_HELLO,
		FIELD_PREP(KWL_MSG_VERSION_LEAST, KWL_MSG_VERSION) |
			FIELD_PREP(KWL_MSG_VERSION_MOST, KWL_MSG_VERSION),
	} };
	struct kwl_msg rsp;
	int err;

	*nonce = 0;
	err = kawelavf_mbx_call(vf, &req, &rsp, 1);
	/* igb says NACK for "no address set; choose one" */
	if (err == -EPERM) {
		eth_zero_addr(mac);
		return 0;
	}
	if (err)
		return err;
	kwl_msg_get_mac(&rsp, mac);
	/* Others leave these words as we wrote them: zero */
	if (rsp.w[3] == KWL_MSG_WELCOME && rsp.w[4] == KWL_MSG_VERSION)
		*nonce = rsp.w[5];
	return 0;
}

static void kawelavf_get_policy(struct kawelavf *vf, const struct kwl_msg *rsp)
{
	struct kawelavf_policy *policy = &vf->policy;

	kwl_msg_get_mac(rsp, policy->mac);
	policy->flags = rsp->w[3];
	WRITE_ONCE(policy->link, rsp->w[4]);
	policy->max_frame = rsp->w[5];
	policy->max_rate = rsp->w[6];
	policy->limits = rsp->w[7];
}

/**
 * kawelavf_req_features() - begin version 2
 * @vf: the VF
 * @nonce: what the answer to RESET said
 *
 * Return: 0 with @vf->policy filled in, or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_features(struct kawelavf *vf, u32 nonce)
{
	struct kwl_msg req = { .w = {
		KWL_OP_FEATURES, KWL_MSG_VERSION, nonce,
	} };
	struct kwl_msg rsp;
	int err;

	err = kawelavf_mbx_call(vf, &req, &rsp, 1);
	if (!err)
		kawelavf_get_policy(vf, &rsp);
	return err;
}

/**
 * kawelavf_req_policy() - ask what is decided for us; version 2
 * @vf: the VF
 *
 * Return: 0 with @vf->policy filled in, or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_policy(struct kawelavf *vf)
{
	struct kwl_msg req = { .w = { KWL_OP_GET_POLICY } };
	struct kwl_msg rsp;
	int err;

	err = kawelavf_mbx_ask(vf, &req, &rsp);
	if (!err)
		kawelavf_get_policy(vf, &rsp);
	return err;
}

/**
 * kawelavf_req_stats() - ask what the PF counted for us; version 2
 * @vf: the VF
 * @stats: receives KWL_STATS counters
 *
 * Return: 0 or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_stats(struct kawelavf *vf, u64 *stats)
{
	struct kwl_msg req = { .w = { KWL_OP_GET_STATS } };
	struct kwl_msg rsp;
	unsigned int i;
	int err;

	err = kawelavf_mbx_ask(vf, &req, &rsp);
	for (i = 0; i < KWL_STATS && !err; i++)
		stats[i] = rsp.w[1 + 2 * i] | (u64)rsp.w[2 + 2 * i] << 32;
	return err;
}

/**
 * kawelavf_req_promisc() - ask for more than is for us
 * @vf: the VF
 * @mode: KWL_MSG_PROMISC_*
 *
 * Return: 0, -EPERM when the PF doesn't trust us, or an errno of
 * kawelavf_mbx_call().
 */
int kawelavf_req_promisc(struct kawelavf *vf, u32 mode)
{
	struct kwl_msg req = { .w = { KWL_OP_SET_PROMISC | mode } };

	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_queues() - say how many queue pairs we use; version 2
 * @vf: the VF
 * @n: how many
 *
 * Return: 0, -EPERM when the PF doesn't grant so many, or an errno of
 * kawelavf_mbx_call().
 */
int kawelavf_req_queues(struct kawelavf *vf, u16 n)
{
	struct kwl_msg req = { .w = { KWL_OP_SET_QUEUES, n } };

	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_rss() - ask how our frames are spread; version 2
 * @vf: the VF
 * @rsp: receives the answer
 *
 * Return: 0, -EPERM when the PF doesn't trust us, or an errno of
 * kawelavf_mbx_call().
 */
int kawelavf_req_rss(struct kawelavf *vf, struct kwl_msg *rsp)
{
	struct kwl_msg req = { .w = { KWL_OP_GET_RSS } };

	return kawelavf_mbx_ask(vf, &req, rsp);
}

/**
 * kawelavf_req_bye() - say that our driver goes; version 2
 * @vf: the VF
 *
 * Asked once: a PF that doesn't hear it sees the reset that follows.
 *
 * Return: 0 or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_bye(struct kawelavf *vf)
{
	struct kwl_msg req = { .w = { KWL_OP_BYE } };
	struct kwl_msg rsp;

	return kawelavf_mbx_call(vf, &req, &rsp, 1);
}

/**
 * kawelavf_req_mac() - ask for another address
 * @vf: the VF
 * @mac: the address
 *
 * Return: 0, -EPERM when the PF refuses, or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_mac(struct kawelavf *vf, const u8 *mac)
{
	struct kwl_msg req = { .w = { KWL_OP_SET_MAC } };

	kwl_msg_put_mac(&req, mac);
	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_uc_clear() - give all additional addresses back
 * @vf: the VF
 *
 * Return: 0 or an errno of kawelavf_mbx_call(). igb refuses always.
 */
int kawelavf_req_uc_clear(struct kawelavf *vf)
{
	struct kwl_msg req = { .w = {
		KWL_OP_SET_MAC | FIELD_PREP(KWL_MSG_INFO, KWL_MSG_MAC_CLEAR),
	} };

	/* igb looks at the address before it looks at what to do */
	kwl_msg_put_mac(&req, kawelavf_netdev(vf)->dev_addr);
	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_uc_add() - ask for an additional address
 * @vf: the VF
 * @mac: the address
 *
 * Return: 0, -EPERM when the PF refuses, or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_uc_add(struct kawelavf *vf, const u8 *mac)
{
	struct kwl_msg req = { .w = {
		KWL_OP_SET_MAC | FIELD_PREP(KWL_MSG_INFO, KWL_MSG_MAC_ADD),
	} };

	kwl_msg_put_mac(&req, mac);
	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_mc() - ask for the multicast groups in @vf->want
 * @vf: the VF
 *
 * Return: 0 or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_mc(struct kawelavf *vf)
{
	const struct kawelavf_want *want = &vf->want;
	struct kwl_msg req = { .w = {
		KWL_OP_SET_MC | FIELD_PREP(KWL_MSG_MC_COUNT, want->n_mc),
	} };
	unsigned int i;

	if (want->mc_overflow)
		req.w[0] |= KWL_MSG_MC_OVERFLOW;
	for (i = 0; i < want->n_mc; i++)
		req.w[1 + i / 2] |= want->mc[i] << 16 * (i % 2);
	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_vlan() - enter or leave a VLAN
 * @vf: the VF
 * @vid: the VLAN
 * @add: enter
 *
 * Return: 0, -EPERM when the PF refuses, or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_vlan(struct kawelavf *vf, u16 vid, bool add)
{
	struct kwl_msg req = { .w = {
		KWL_OP_SET_VLAN | FIELD_PREP(KWL_MSG_INFO, add), vid,
	} };

	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_lpe() - ask for frames up to a length
 * @vf: the VF
 * @frame: octets, with FCS and a tag
 *
 * Return: 0, -EPERM when the PF refuses, or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_lpe(struct kawelavf *vf, u32 frame)
{
	struct kwl_msg req = { .w = { KWL_OP_SET_LPE, frame } };

	return kawelavf_mbx_request(vf, &req);
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
	vf->events = 0;
	mutex_unlock(&vf->mbx_lock);
	return events;
}
