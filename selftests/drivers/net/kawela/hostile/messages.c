// SPDX-License-Identifier: GPL-2.0
/*
 * What a VF may do with its mailbox. Answers are judged where it is sure what the PF
 * has read: no request may be granted that policy forbids an untrusted VF.
 */
#include <stdio.h>
#include <string.h>

#include "hostile.h"

static const uint16_t ops[] = {
	RESET, SET_MAC, SET_MC, SET_VLAN, SET_LPE, SET_PROMISC, FEATURES,
	GET_POLICY, GET_STATS, BYE, SET_QUEUES, GET_RSS, PF_CONTROL,
};

static const uint32_t edges[] = {
	0, 1, 2, 3, 30, 31, 63, 64, 68, 1522, 4094, 4095, 4096, 4097, 9728, 9729,
	0x7fff, 0x8000, 0xffff, 0x10000, 0x6b776c76, 0x7fffffff, 0x80000000,
	0xfffffffe, 0xffffffff,
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static uint32_t edge(void)
{
	return rnd(4) ? edges[rnd(COUNT(edges))] : (uint32_t)rnd(1U << 31) * 2 + rnd(2);
}

/* One of another function, one of this one's own choice, or none at all */
static void put_mac(uint32_t *w)
{
	static const uint8_t odd[][6] = {
		{ 0 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 1, 0, 0x5e, 0, 0, 1 },
	};
	uint8_t mac[8] = { 2, 0, 0, 0x66, rnd(4), rnd(32) };

	if (!rnd(3))
		memcpy(mac, taken[rnd(n_taken)], 6);
	else if (!rnd(4))
		memcpy(mac, odd[rnd(COUNT(odd))], 6);
	memcpy(w, mac, 8);
}

static void edgy(const struct vf *vf, uint32_t *w)
{
	uint32_t op = rnd(16) ? ops[rnd(COUNT(ops))] : rnd(0x10000);

	memset(w, 0, 4 * WORDS);
	for (uint32_t i = 1; i < WORDS; i++)
		w[i] = edge();
	w[0] = op | INFO(rnd(2) ? rnd(4) : rnd(256)) | rnd(32) << 24;
	if (!rnd(16))
		w[0] |= edge() & (ACK | NACK | CTS);
	if (op == SET_MAC && rnd(8))
		put_mac(w + 1);
	if (op == SET_VLAN && rnd(2))
		w[1] = rnd(4096);
	if (op == RESET && rnd(2)) {
		w[1] = 0x6b776c76;
		w[2] = 2 << 16 | 2;
	}
	if (op == FEATURES && rnd(2)) {
		w[1] = 2;
		w[2] = rnd(2) ? vf->nonce : vf->old_nonce;
	}
}

static void compose(struct vf *vf, uint32_t *w)
{
	uint32_t kind = rnd(10);

	if (kind < 6) {
		edgy(vf, w);
	} else if (kind < 8) {
		memcpy(w, vf->last, 4 * WORDS);
		for (uint32_t n = 1 + rnd(4); n; n--)
			w[rnd(3) ? rnd(3) : rnd(WORDS)] ^= 1U << rnd(32);
	} else {
		for (uint32_t i = 0; i < WORDS; i++)
			w[i] = edge();
	}
}

static bool claim(struct vf *vf)
{
	for (uint32_t i = 0; i < 200; i++) {
		wr(vf, V2PMAILBOX, VFU);
		if (rd(vf, V2PMAILBOX) & VFU)
			return true;
	}
	return false;
}

static void put(struct vf *vf, const uint32_t *w)
{
	for (uint32_t i = 0; i < WORDS; i++)
		wr(vf, VMBMEM(i), w[i]);
	memcpy(vf->last, w, sizeof(vf->last));
}

static void signal_pf(struct vf *vf, uint32_t with)
{
	wr(vf, V2PMAILBOX, with);
	counts.messages += with & REQ;
}

static bool is_taken(const uint32_t *w)
{
	for (uint32_t i = 0; i < n_taken; i++)
		if (!memcmp(w + 1, taken[i], 6))
			return true;
	return false;
}

static bool is_multicast_or_zero(const uint32_t *w)
{
	return w[1] & 1 || !(w[1] | (w[2] & 0xffff));
}

static bool is_v2(uint32_t op)
{
	return op >= GET_POLICY && op <= GET_RSS;
}

/* Why a request must not be granted, or NULL */
static const char *forbidden(const struct vf *vf, const uint32_t *w)
{
	uint32_t op = w[0] & 0xffff, info = w[0] >> 16 & 0xff;

	if (op != RESET && !vf->active)
		return "before the handshake";
	if (is_v2(op) && !vf->v2)
		return "an opcode of version 2 in version 1";
	switch (op) {
	case RESET:
	case GET_POLICY:
	case GET_STATS:
	case BYE:
		return NULL;
	case SET_MAC:
		if (info == 1)
			return NULL;
		return info > 2 ? "an unknown kind of SET_MAC" :
		       is_taken(w) ? "an address of another function" :
		       is_multicast_or_zero(w) ? "no unicast address" : NULL;
	case SET_MC:
		return (info & 0x3f) > 30 ? "more groups than a message has" :
		       info & 0x40 && !vf->v2 ? "ADD in version 1" : NULL;
	case SET_VLAN:
		return w[1] >= 4095 ? "no VLAN" : NULL;
	case SET_LPE:
		return w[1] < 64 || w[1] > 9728 ? "no such length" : NULL;
	case SET_PROMISC:
		return info & 3 ? "promiscuous without trust" : NULL;
	case FEATURES:
		return !vf->nonce || w[2] != vf->nonce || w[1] != 2 ?
			       "a wrong nonce or version" : NULL;
	case SET_QUEUES:
		return !w[1] || w[1] > 2 ? "more queues than there are" : NULL;
	case GET_RSS:
		return "the hash key without trust";
	default:
		return "an unknown opcode";
	}
}

static void judge(const struct vf *vf, const uint32_t *req, const uint32_t *rsp)
{
	const char *why = forbidden(vf, req);

	if (!(rsp[0] & ACK) || !why || !vf->sure)
		return;
	counts.wrong++;
	printf("wrong: %s: %s: %08x %08x %08x\n", vf->name, why, req[0], req[1],
	       req[2]);
}

/* What an answer changes */
static void learn(struct vf *vf, const uint32_t *req, const uint32_t *rsp)
{
	uint32_t op = req[0] & 0xffff;

	if (!(rsp[0] & ACK))
		return;
	if (op == RESET) {
		vf->active = true;
		vf->v2 = false;
		vf->old_nonce = vf->nonce;
		vf->nonce = rsp[3] == 0x6b776c70 ? rsp[5] : 0;
		vf->sure = true;
	} else if (op == FEATURES) {
		vf->v2 = true;
	} else if (op == BYE) {
		vf->active = vf->v2 = false;
		vf->nonce = 0;
	}
}

/* Return: whether an answer to this request came */
static bool answer(struct vf *vf, const uint32_t *req)
{
	uint64_t end = now_ms() + 400;
	uint32_t rsp[WORDS];

	while (now_ms() < end) {
		if (!(rd(vf, V2PMAILBOX) & PFSTS))
			continue;
		for (uint32_t i = 0; i < WORDS; i++)
			rsp[i] = rd(vf, VMBMEM(i));
		if (rnd(16))
			wr(vf, V2PMAILBOX, ACKED);
		/* Notices, and answers to what was asked before */
		if ((rsp[0] ^ req[0]) & 0xffff || !(rsp[0] & (ACK | NACK)))
			continue;
		if (vf->v2 && (rsp[0] ^ req[0]) & SEQ)
			continue;
		counts.acks += !!(rsp[0] & ACK);
		counts.nacks += !(rsp[0] & ACK);
		judge(vf, req, rsp);
		learn(vf, req, rsp);
		return true;
	}
	counts.silent++;
	/* It may be served later */
	vf->sure = false;
	return false;
}

static void ask(struct vf *vf, const uint32_t *w)
{
	if (!claim(vf)) {
		vf->sure = false;
		return;
	}
	put(vf, w);
	signal_pf(vf, REQ);
	answer(vf, w);
}

static void reset(struct vf *vf)
{
	wr(vf, VTCTRL, VTCTRL_RST);
	counts.resets++;
	vf->sure = vf->active = vf->v2 = false;
}

static void handshake(struct vf *vf)
{
	uint32_t w[WORDS] = { RESET, 0x6b776c76, 2 << 16 | 2 };

	if (rnd(3))
		w[1] = w[2] = 0;
	if (rnd(2))
		reset(vf);
	ask(vf, w);
	if (!vf->nonce || !rnd(3))
		return;
	memset(w, 0, sizeof(w));
	w[0] = FEATURES;
	w[1] = 2;
	w[2] = vf->nonce;
	ask(vf, w);
}

/* Changed while the PF may read it, or by one who never claimed it */
static void scribble(struct vf *vf)
{
	uint32_t w[WORDS];

	compose(vf, w);
	if (rnd(2))
		claim(vf);
	put(vf, w);
	signal_pf(vf, REQ | (rnd(4) ? 0 : VFU));
	for (uint32_t n = rnd(400); n; n--, counts.scribbles++)
		wr(vf, VMBMEM(rnd(WORDS)), edge());
	vf->sure = false;
}

static void flood(struct vf *vf)
{
	uint32_t kind = rnd(4), n = rnd(2000);
	uint32_t w[WORDS];

	edgy(vf, w);
	put(vf, w);
	for (; n; n--) {
		switch (kind) {
		case 0:
			signal_pf(vf, REQ);
			break;
		case 1:
			wr(vf, V2PMAILBOX, ACKED);
			counts.forged++;
			break;
		case 2:
			reset(vf);
			break;
		default:
			signal_pf(vf, rnd(256));
		}
	}
	vf->sure = false;
}

/* Just below the limit of 200 ms, just above it, or with resets in between */
static void hold(struct vf *vf)
{
	uint32_t w[WORDS];

	edgy(vf, w);
	claim(vf);
	put(vf, w);
	signal_pf(vf, VFU | REQ);
	counts.holds++;
	vf->until = now_ms() + 150 + rnd(4) * 30;
	vf->sure = false;
}

void message_step(struct vf *vf)
{
	uint32_t w[WORDS], what = rnd(100);

	if (vf->until) {
		if (now_ms() < vf->until) {
			if (!rnd(50))
				reset(vf);
			return;
		}
		wr(vf, V2PMAILBOX, 0);
		vf->until = 0;
	}
	if (!vf->active || what < 3) {
		if (what < 80)
			handshake(vf);
	} else if (what < 80) {
		compose(vf, w);
		ask(vf, w);
	} else if (what < 90) {
		scribble(vf);
	} else if (what < 94) {
		reset(vf);
	} else if (what < 96) {
		flood(vf);
	} else if (what < 97) {
		hold(vf);
	} else {
		wr(vf, V2PMAILBOX, rnd(256));
		vf->sure = false;
	}
	/* It takes a tenth of a second */
	if (!rnd(2000)) {
		vfio_flr(vf);
		counts.flrs++;
		vf->sure = vf->active = vf->v2 = false;
	}
}
