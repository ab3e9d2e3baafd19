// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the VF asks the PF for: one typed function for each opcode.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>

#include "kawelavf.h"
#include "mbx.h"
#include "mbx_decode.h"
#include "mbx_ops.h"

/**
 * kawelavf_req_reset() - ask the PF for a place and an address
 * @vf: the VF
 * @mac: receives the address; zero when the PF has none to give
 * @nonce: receives what begins version 2; 0 when the PF doesn't speak it
 *
 * Sent once: the caller tries again later.
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
	*nonce = kawelavf_msg_nonce(&rsp);
	return 0;
}

/**
 * kawelavf_req_features() - begin version 2
 * @vf: the VF
 * @nonce: what the answer to RESET said
 * @policy: receives what is decided for us
 *
 * Return: 0 or an errno of kawelavf_mbx_call().
 */
int kawelavf_req_features(struct kawelavf *vf, u32 nonce,
			  struct kawelavf_policy *policy)
{
	struct kwl_msg req = { .w = {
		KWL_OP_FEATURES, KWL_MSG_VERSION, nonce,
	} };
	struct kwl_msg rsp;
	int err;

	err = kawelavf_mbx_call(vf, &req, &rsp, 1);
	if (!err)
		kawelavf_msg_policy(&rsp, policy);
	return err;
}

/**
 * kawelavf_req_policy() - ask what is decided for us; version 2
 * @vf: the VF
 * @policy: receives it
 *
 * Return: 0 or an errno of kawelavf_mbx_ask().
 */
int kawelavf_req_policy(struct kawelavf *vf, struct kawelavf_policy *policy)
{
	struct kwl_msg req = { .w = { KWL_OP_GET_POLICY } };
	struct kwl_msg rsp;
	int err;

	err = kawelavf_mbx_ask(vf, &req, &rsp);
	if (!err)
		kawelavf_msg_policy(&rsp, policy);
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
	int err;

	err = kawelavf_mbx_ask(vf, &req, &rsp);
	if (!err)
		kawelavf_msg_stats(&rsp, stats);
	return err;
}

/**
 * kawelavf_req_promisc() - ask for more than is for us
 * @vf: the VF
 * @mode: KWL_MSG_PROMISC_*
 *
 * Return: 0 or an errno of kawelavf_mbx_ask().
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
 * Return: 0 or an errno of kawelavf_mbx_ask().
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
 * Return: 0 or an errno of kawelavf_mbx_ask().
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
 * Return: 0, or an errno of kawelavf_msg_errno() or kawelavf_mbx_ask().
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
 * Return: 0 or an errno of kawelavf_mbx_ask(). igb refuses always.
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
 * Return: 0, or an errno of kawelavf_msg_errno() or kawelavf_mbx_ask().
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
 * kawelavf_req_mc() - ask for multicast groups
 * @vf: the VF
 * @hash: their hashes
 * @n: how many, KWL_MSG_MC_MAX at most
 * @flags: KWL_MSG_MC_ADD, KWL_MSG_MC_OVERFLOW
 *
 * Return: 0 or an errno of kawelavf_mbx_ask().
 */
int kawelavf_req_mc(struct kawelavf *vf, const u16 *hash, unsigned int n,
		    u32 flags)
{
	struct kwl_msg req = { .w = {
		KWL_OP_SET_MC | FIELD_PREP(KWL_MSG_MC_COUNT, n) | flags,
	} };
	unsigned int i;

	for (i = 0; i < n; i++)
		req.w[1 + i / 2] |= (u32)hash[i] << 16 * (i % 2);
	return kawelavf_mbx_request(vf, &req);
}

/**
 * kawelavf_req_vlan() - enter or leave a VLAN
 * @vf: the VF
 * @vid: the VLAN
 * @add: enter
 *
 * Return: 0, or an errno of kawelavf_msg_errno() or kawelavf_mbx_ask().
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
 * Return: 0, or an errno of kawelavf_msg_errno() or kawelavf_mbx_ask().
 */
int kawelavf_req_lpe(struct kawelavf *vf, u32 frame)
{
	struct kwl_msg req = { .w = { KWL_OP_SET_LPE, frame } };

	return kawelavf_mbx_request(vf, &req);
}
