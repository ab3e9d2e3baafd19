// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VF may ask for: one row for each opcode, one function behind it.
 *
 * A handler reads the request and edits what the VF wants, where claims.c or policy
 * allow it; applying that to the filters is done in one place.
 */
#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/nospec.h>
#include <linux/random.h>

#include "claims.h"
#include "filter.h"
#include "kawela.h"
#include "mbx.h"
#include "notice.h"
#include "rss.h"
#include "stats.h"
#include "vf.h"

/**
 * struct kawela_mbx_op - what the PF knows about an opcode
 * @words: how many words of the request count; the rest reads as zero
 * @inactive: allowed before the reset handshake is through; it is the handshake
 * @v2: unknown to a VF that didn't begin version 2
 * @run: check, and edit @vf->want; a negative errno refuses
 */
struct kawela_mbx_op {
	u8 words;
	bool inactive;
	bool v2;
	int (*run)(struct kawela *pf, struct kawela_vf *vf,
		   const struct kwl_msg *req, struct kwl_msg *rsp);
};

/* VFs of others send nothing, or what happens to be there, in these words */
static bool kawela_msg_speaks_v2(const struct kwl_msg *req)
{
	return req->w[1] == KWL_MSG_HELLO &&
	       FIELD_GET(KWL_MSG_VERSION_LEAST, req->w[2]) <= KWL_MSG_VERSION &&
	       FIELD_GET(KWL_MSG_VERSION_MOST, req->w[2]) >= KWL_MSG_VERSION;
}

static int kawela_op_reset(struct kawela *pf, struct kawela_vf *vf,
			   const struct kwl_msg *req, struct kwl_msg *rsp)
{
	kawela_vf_reset(pf, vf);
	kawela_vf_activate(pf, vf);
	kwl_msg_put_mac(rsp, vf->want.mac);
	if (kawela_msg_speaks_v2(req)) {
		do {
			vf->run.nonce = get_random_u32();
		} while (!vf->run.nonce);
		rsp->w[3] = KWL_MSG_WELCOME;
		rsp->w[4] = KWL_MSG_VERSION;
		rsp->w[5] = vf->run.nonce;
	}
	return 0;
}

static void kawela_put_policy(struct kawela *pf, struct kawela_vf *vf,
			      struct kwl_msg *rsp)
{
	const struct kawela_vf_policy *policy = &vf->policy;
	struct kawela_claims claims;

	kawela_claims_of(pf, &claims);
	kwl_msg_put_mac(rsp, kawela_vf_mac(policy, &vf->want));
	rsp->w[3] = FIELD_PREP(KWL_POLICY_VLAN, policy->vlan) |
		    FIELD_PREP(KWL_POLICY_QOS, policy->qos);
	if (policy->trusted)
		rsp->w[3] |= KWL_POLICY_TRUSTED;
	if (policy->spoofchk)
		rsp->w[3] |= KWL_POLICY_SPOOFCHK;
	if (kawela_mac_fixed(policy))
		rsp->w[3] |= KWL_POLICY_MAC_FIXED;
	rsp->w[4] = kawela_vf_link(pf, vf);
	rsp->w[5] = KWL_MAX_FRAME;
	rsp->w[6] = policy->max_rate;
	rsp->w[7] = FIELD_PREP(KWL_LIMIT_UC,
			       kawela_vf_uc_share(&claims, vf->index)) |
		    FIELD_PREP(KWL_LIMIT_VLANS, kawela_vf_vlan_share(&claims)) |
		    FIELD_PREP(KWL_LIMIT_QUEUES,
			       kawela_vf_queues_max(pf->hw.quirks));
}

static int kawela_op_features(struct kawela *pf, struct kawela_vf *vf,
			      const struct kwl_msg *req, struct kwl_msg *rsp)
{
	if (!vf->run.nonce || req->w[2] != vf->run.nonce)
		return -EPERM;
	if (req->w[1] != KWL_MSG_VERSION)
		return -EINVAL;
	vf->run.v2 = true;
	kawela_vf_state(pf, vf, KAWELA_VF_V2);
	kawela_put_policy(pf, vf, rsp);
	return 0;
}

static int kawela_op_get_policy(struct kawela *pf, struct kawela_vf *vf,
				const struct kwl_msg *req, struct kwl_msg *rsp)
{
	kawela_put_policy(pf, vf, rsp);
	return 0;
}

static int kawela_op_get_stats(struct kawela *pf, struct kawela_vf *vf,
			       const struct kwl_msg *req, struct kwl_msg *rsp)
{
	unsigned int i;

	kawela_vf_stats_update(pf, vf);
	for (i = 0; i < KWL_STATS; i++) {
		u64 sum = vf->stats.sum[i] - vf->stats.before[i];

		rsp->w[1 + 2 * i] = lower_32_bits(sum);
		rsp->w[2 + 2 * i] = upper_32_bits(sum);
	}
	return 0;
}

static int kawela_op_bye(struct kawela *pf, struct kawela_vf *vf,
			 const struct kwl_msg *req, struct kwl_msg *rsp)
{
	kawela_vf_reset(pf, vf);
	kawela_vf_state(pf, vf, KAWELA_VF_GONE);
	return 0;
}

static int kawela_op_set_queues(struct kawela *pf, struct kawela_vf *vf,
				const struct kwl_msg *req, struct kwl_msg *rsp)
{
	u32 n = req->w[1];

	if (!n || n > kawela_vf_queues_max(pf->hw.quirks))
		return -ERANGE;
	vf->want.queues = n;
	return 0;
}

/* With the key, a sender can aim at a queue of the PF or of another VF */
static int kawela_op_get_rss(struct kawela *pf, struct kawela_vf *vf,
			     const struct kwl_msg *req, struct kwl_msg *rsp)
{
	if (!vf->policy.trusted)
		return -EPERM;
	kawela_rss_tell(pf, vf, rsp);
	return 0;
}

static int kawela_op_set_mac(struct kawela *pf, struct kawela_vf *vf,
			     const struct kwl_msg *req, struct kwl_msg *rsp)
{
	struct kawela_claims claims;
	u8 mac[ETH_ALEN];

	kawela_claims_of(pf, &claims);
	kwl_msg_get_mac(req, mac);
	switch (FIELD_GET(KWL_MSG_INFO, req->w[0])) {
	case KWL_MSG_MAC_PRIMARY:
		if (kawela_pf_owns(pf, mac))
			return -EADDRINUSE;
		return kawela_grant_mac(&claims, vf->index, mac);
	case KWL_MSG_MAC_CLEAR:
		vf->want.n_uc = 0;
		return 0;
	case KWL_MSG_MAC_ADD:
		if (kawela_pf_owns(pf, mac))
			return -EADDRINUSE;
		return kawela_grant_uc(&claims, vf->index, mac);
	default:
		return -EINVAL;
	}
}

static int kawela_op_set_mc(struct kawela *pf, struct kawela_vf *vf,
			    const struct kwl_msg *req, struct kwl_msg *rsp)
{
	u32 n = FIELD_GET(KWL_MSG_MC_COUNT, req->w[0]);
	bool add = req->w[0] & KWL_MSG_MC_ADD;
	struct kawela_claims claims;
	u16 hash[KWL_MSG_MC_MAX];
	u32 i;

	if (n > KWL_MSG_MC_MAX || (add && !vf->run.v2))
		return -EINVAL;
	for (i = 0; i < n; i++)
		hash[i] = kwl_msg_mc_hash(req, i);
	if (!add)
		bitmap_zero(vf->want.mc, KAWELA_MC_HASHES);
	/* The image gives a trusted VF alone groups that it didn't name */
	vf->want.mc_more = req->w[0] & KWL_MSG_MC_OVERFLOW;
	kawela_claims_of(pf, &claims);
	return kawela_grant_mc(&claims, vf->index, hash, n);
}

static int kawela_op_set_vlan(struct kawela *pf, struct kawela_vf *vf,
			      const struct kwl_msg *req, struct kwl_msg *rsp)
{
	struct kawela_claims claims;
	u32 vid = req->w[1];

	if (vid >= VLAN_VID_MASK)
		return -EINVAL;
	if (FIELD_GET(KWL_MSG_INFO, req->w[0])) {
		kawela_claims_of(pf, &claims);
		return kawela_grant_vlan(&claims, vf->index, vid);
	}
	/* Always, also while policy puts it into another: it doesn't ask twice */
	__clear_bit(vid, vf->want.vlans);
	return 0;
}

static int kawela_op_set_lpe(struct kawela *pf, struct kawela_vf *vf,
			     const struct kwl_msg *req, struct kwl_msg *rsp)
{
	u32 frame = req->w[1];

	if (frame < ETH_ZLEN + ETH_FCS_LEN || frame > KWL_MAX_FRAME)
		return -ERANGE;
	vf->want.max_frame = frame;
	return 0;
}

static int kawela_op_set_promisc(struct kawela *pf, struct kawela_vf *vf,
				 const struct kwl_msg *req, struct kwl_msg *rsp)
{
	u32 mode = req->w[0] & (KWL_MSG_PROMISC_UC | KWL_MSG_PROMISC_MC);

	if (mode && !vf->policy.trusted)
		return -EPERM;
	vf->want.promisc = mode & KWL_MSG_PROMISC_UC;
	vf->want.allmulti = mode & KWL_MSG_PROMISC_MC;
	return 0;
}

static const struct kawela_mbx_op kawela_mbx_ops[] = {
	[KWL_OP_RESET]		= { .words = 3, .inactive = true,
				    .run = kawela_op_reset },
	[KWL_OP_SET_MAC]	= { .words = 3, .run = kawela_op_set_mac },
	[KWL_OP_SET_MC]		= { .words = 16, .run = kawela_op_set_mc },
	[KWL_OP_SET_VLAN]	= { .words = 2, .run = kawela_op_set_vlan },
	[KWL_OP_SET_LPE]	= { .words = 2, .run = kawela_op_set_lpe },
	[KWL_OP_SET_PROMISC]	= { .words = 1, .run = kawela_op_set_promisc },
	[KWL_OP_FEATURES]	= { .words = 3, .run = kawela_op_features },
	[KWL_OP_GET_POLICY]	= { .words = 1, .v2 = true,
				    .run = kawela_op_get_policy },
	[KWL_OP_GET_STATS]	= { .words = 1, .v2 = true,
				    .run = kawela_op_get_stats },
	[KWL_OP_BYE]		= { .words = 1, .v2 = true,
				    .run = kawela_op_bye },
	[KWL_OP_SET_QUEUES]	= { .words = 2, .v2 = true,
				    .run = kawela_op_set_queues },
	[KWL_OP_GET_RSS]	= { .words = 1, .v2 = true,
				    .run = kawela_op_get_rss },
};

static const struct kawela_mbx_op *kawela_mbx_op_find(const struct kwl_msg *req)
{
	u32 op = FIELD_GET(KWL_MSG_OP, req->w[0]);

	if (op >= ARRAY_SIZE(kawela_mbx_ops))
		return NULL;
	op = array_index_nospec(op, ARRAY_SIZE(kawela_mbx_ops));
	return kawela_mbx_ops[op].run ? &kawela_mbx_ops[op] : NULL;
}

/* Words that don't count must not be looked at */
static void kawela_mbx_trim(struct kwl_msg *msg, const struct kwl_msg *req,
			    u8 words)
{
	unsigned int i;

	for (i = 0; i < KWL_MSG_WORDS; i++)
		msg->w[i] = i < words ? req->w[i] : 0;
}

/*
 * Run a handler and apply its outcome; nothing has changed when it refuses. A request
 * that changes nothing costs nothing but its answer.
 */
static int kawela_mbx_op_run(struct kawela *pf, struct kawela_vf *vf,
			     const struct kawela_mbx_op *op,
			     const struct kwl_msg *req, struct kwl_msg *rsp)
{
	int err;

	pf->undo = vf->want;
	err = op->run(pf, vf, req, rsp);
	if (err)
		vf->want = pf->undo;
	else if (op->inactive || memcmp(&pf->undo, &vf->want, sizeof(vf->want)))
		kawela_filters_apply(pf);
	return err;
}

/**
 * kawela_vf_op() - do what a VF asks for, or refuse
 * @pf: the PF
 * @vf: the VF
 * @req: its message: a copy that it can't reach any more
 * @rsp: zeroed; receives words 1 and up of the answer
 *
 * Context: may sleep; vf_lock.
 * Return: 0 to acknowledge, a negative errno to refuse.
 */
int kawela_vf_op(struct kawela *pf, struct kawela_vf *vf,
		 const struct kwl_msg *req, struct kwl_msg *rsp)
{
	const struct kawela_mbx_op *op = kawela_mbx_op_find(req);
	struct kwl_msg msg;
	u8 mac[ETH_ALEN];
	int err;

	lockdep_assert_held(&pf->vf_lock);
	if (!op)
		return -EOPNOTSUPP;
	if (!vf->run.active && !op->inactive)
		return -EPERM;
	if (op->v2 && !vf->run.v2)
		return -EOPNOTSUPP;
	kawela_mbx_trim(&msg, req, op->words);
	err = kawela_mbx_op_run(pf, vf, op, &msg, rsp);
	if (err == -EADDRINUSE) {
		kwl_msg_get_mac(&msg, mac);
		kawela_vf_miss(vf, mac);
	}
	/* It asks again for an address until the other function gives it back */
	if (err && !(err == -EADDRINUSE && vf->run.v2) && kawela_vf_may_log(vf))
		pci_warn(pf->pdev, "VF %u: request 0x%08x refused: %pe\n",
			 vf->index, req->w[0], ERR_PTR(err));
	return err;
}
