/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the PF's messages mean. Pure: no register, no lock, no state. The PF may lie,
 * so whatever it says gives a value that callers can bear.
 */
#ifndef _KAWELAVF_MBX_DECODE_H
#define _KAWELAVF_MBX_DECODE_H

#include <linux/bitfield.h>
#include <linux/err.h>
#include <linux/if_ether.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#include <kawela/mbx_abi.h>

/**
 * struct kawelavf_policy - what the PF says was decided for us, version 2
 * @mac: our address
 * @flags: KWL_POLICY_*
 * @link: KWL_LINK_*, as it was then
 * @max_frame: longest frame that we may ask for, with FCS and tags
 * @max_rate: limit of our transmit rate in Mb/s, 0 for none
 * @limits: KWL_LIMIT_*
 */
struct kawelavf_policy {
	u8 mac[ETH_ALEN];
	u32 flags;
	u32 link;
	u32 max_frame;
	u32 max_rate;
	u32 limits;
};

static inline u32 kawelavf_msg_op(const struct kwl_msg *msg)
{
	return FIELD_GET(KWL_MSG_OP, msg->w[0]);
}

/**
 * kawelavf_msg_answers() - is a message the answer to a request?
 * @req: the request
 * @msg: the message
 * @v2: answers repeat the number of the request
 *
 * An answer has a verdict, and the opcode and number of its request.
 *
 * Return: whether it is.
 */
static inline bool kawelavf_msg_answers(const struct kwl_msg *req,
					const struct kwl_msg *msg, bool v2)
{
	u32 same = v2 ? KWL_MSG_OP | KWL_MSG_SEQ : KWL_MSG_OP;

	return msg->w[0] & (KWL_MSG_ACK | KWL_MSG_NACK) &&
	       !((msg->w[0] ^ req->w[0]) & same);
}

/**
 * kawelavf_msg_lost() - does an answer come from a PF that has forgotten us?
 * @msg: the answer
 *
 * Return: whether it refuses a request because there was no handshake.
 */
static inline bool kawelavf_msg_lost(const struct kwl_msg *msg)
{
	return !(msg->w[0] & (KWL_MSG_ACK | KWL_MSG_CTS)) &&
	       kawelavf_msg_op(msg) != KWL_OP_RESET;
}

/**
 * kawelavf_msg_errno() - the verdict of an answer
 * @msg: the answer
 * @v2: a refusal has a reason
 *
 * Return: 0, or a negative errno that kawelavf_refused() knows.
 */
static inline int kawelavf_msg_errno(const struct kwl_msg *msg, bool v2)
{
	if (msg->w[0] & KWL_MSG_ACK)
		return 0;
	switch (v2 ? msg->w[1] : 0) {
	case KWL_REASON_INVALID:
		return -EINVAL;
	case KWL_REASON_FULL:
		return -ENOSPC;
	case KWL_REASON_TAKEN:
		return -EADDRINUSE;
	case KWL_REASON_UNKNOWN:
		return -EOPNOTSUPP;
	default:
		return -EPERM;
	}
}

/**
 * kawelavf_refused() - did the PF answer, and say no?
 * @err: what a request returned
 *
 * Return: false for success, and for failures that asking again may cure.
 */
static inline bool kawelavf_refused(int err)
{
	return err == -EPERM || err == -EINVAL || err == -ENOSPC ||
	       err == -EADDRINUSE || err == -EOPNOTSUPP;
}

/**
 * kawelavf_msg_nonce() - what begins version 2
 * @msg: the answer to RESET
 *
 * PFs of other drivers leave these words as we wrote them: zero.
 *
 * Return: the nonce; 0 when the PF doesn't speak version 2.
 */
static inline u32 kawelavf_msg_nonce(const struct kwl_msg *msg)
{
	return msg->w[3] == KWL_MSG_WELCOME && msg->w[4] == KWL_MSG_VERSION ?
	       msg->w[5] : 0;
}

/**
 * kawelavf_msg_policy() - the answer to FEATURES and GET_POLICY
 * @msg: the answer
 * @policy: receives it
 */
static inline void kawelavf_msg_policy(const struct kwl_msg *msg,
				       struct kawelavf_policy *policy)
{
	kwl_msg_get_mac(msg, policy->mac);
	policy->flags = msg->w[3];
	policy->link = msg->w[4];
	policy->max_frame = msg->w[5];
	policy->max_rate = msg->w[6];
	policy->limits = msg->w[7];
}

/**
 * kawelavf_msg_stats() - the answer to GET_STATS
 * @msg: the answer
 * @stats: receives KWL_STATS counters
 */
static inline void kawelavf_msg_stats(const struct kwl_msg *msg, u64 *stats)
{
	unsigned int i;

	for (i = 0; i < KWL_STATS; i++)
		stats[i] = msg->w[1 + 2 * i] | (u64)msg->w[2 + 2 * i] << 32;
}

/**
 * kawelavf_msg_rss() - the answer to GET_RSS
 * @msg: the answer
 * @key: receives KWL_MSG_RSS_KEY_LEN octets, unless NULL
 * @indir: receives KWL_MSG_RSS_BUCKETS queues, unless NULL
 * @queues: queues that we use; all numbers are below
 */
static inline void kawelavf_msg_rss(const struct kwl_msg *msg, u8 *key,
				    u32 *indir, u32 queues)
{
	unsigned int i;

	for (i = 0; key && i < KWL_MSG_RSS_KEY_LEN; i += 4)
		put_unaligned_le32(msg->w[KWL_MSG_RSS_KEY + i / 4], key + i);
	for (i = 0; indir && i < KWL_MSG_RSS_BUCKETS; i++)
		indir[i] = min(kwl_msg_rss_queue(msg, i), queues - 1);
}

/**
 * kawelavf_queues_in() - queue pairs that a policy grants
 * @policy: the policy
 *
 * Return: 1 to KWL_VF_QUEUES.
 */
static inline u16 kawelavf_queues_in(const struct kawelavf_policy *policy)
{
	return clamp(FIELD_GET(KWL_LIMIT_QUEUES, policy->limits), 1U,
		     (u32)KWL_VF_QUEUES);
}

#endif /* _KAWELAVF_MBX_DECODE_H */
