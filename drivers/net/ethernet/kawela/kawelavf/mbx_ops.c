// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the VF asks the PF for: one typed function for each opcode.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>

#include "kawelavf.h"
#include "mbx.h"
#include "mbx_ops.h"

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
