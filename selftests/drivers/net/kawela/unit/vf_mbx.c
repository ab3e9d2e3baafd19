// SPDX-License-Identifier: GPL-2.0
/*
 * The VF's end of the mailbox against a PF that lies: its registers say anything, at
 * any time. Time is simulated: each access takes some, and sleeping does.
 *
 * Whatever the PF does, a call ends within its deadline, with an errno that callers
 * know, without a lock, and no register but the mailbox's is touched.
 */
#include <stdlib.h>
#include <time.h>

#include "shim.h"
#include "unit.h"

/* Of the kernel */
typedef int64_t ktime_t;
#define __iomem
#define HZ			250
#define ETH_FCS_LEN		4
#define READ_ONCE(x)		(*(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define msecs_to_jiffies(ms)	((ms) * HZ / 1000)
#define jiffies			((unsigned long)(now / (1000000000 / HZ)))
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define lockdep_assert_held(l)	assert(*(l))
#define cond_resched()
#define trace_kwl_mbx(...)
#define KWL_EXPORT(sym)
#define _LIBKAWELA_TRACE_H

static u64 now;
static unsigned long accesses;

static ktime_t ktime_get(void)
{
	return now;
}

static ktime_t ktime_add_us(ktime_t t, u64 us)
{
	return t + us * 1000;
}

static bool ktime_before(ktime_t a, ktime_t b)
{
	return a < b;
}

static bool ktime_after(ktime_t a, ktime_t b)
{
	return a > b;
}

static void udelay(unsigned int us)
{
	now += us * 1000;
}

static void usleep_range(unsigned int least, unsigned int most)
{
	now += most * 1000;
}

static void put_unaligned_le32(u32 val, u8 *to)
{
	memcpy(to, &val, sizeof(val));
}

static u32 readl(const u8 *addr);
static void writel(u32 val, u8 *addr);

#include <kawela/mbx.h>
#include "mbx_decode.h"

/* As much of the VF as its mailbox knows */
#define _KAWELAVF_H

struct kawelavf {
	struct kwl_hw hw;
	bool mbx_lock;
	struct kwl_mbx mbx;
	bool ready;
	bool v2;
	u8 seq;
	unsigned long patience;
	u32 events;
	u32 link;
	bool impatient;
	struct {
		bool again;
		unsigned long again_at;
	} has;
};

static void mutex_lock(bool *lock)
{
	assert(!*lock);
	*lock = true;
}

static void mutex_unlock(bool *lock)
{
	assert(*lock);
	*lock = false;
}

static void kawelavf_service_kick(struct kawelavf *vf)
{
}

static void kawelavf_assert_locked(const struct kawelavf *vf)
{
}

#include "libkawela/mbx.c"
#include "kawelavf/mbx.c"

void kawelavf_irq_mask(struct kawelavf *vf)
{
}

void kawelavf_irq_unmask(struct kawelavf *vf)
{
}

u32 kwl_rd_suspect(struct kwl_hw *hw, u32 reg)
{
	if (hw->base && readl(hw->base + KWL_STATUS) == ~0U)
		hw->base = NULL;
	return ~0U;
}

/* The device and the PF behind it */
static u8 bar[0x4000];
static u32 words[KWL_MSG_WORDS];
static u32 control;
static u64 state;

static u32 rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

/* What kind of PF it is in this case */
enum lie {
	HONEST,		/* answers what it is asked */
	SILENT,		/* never */
	NOTICES,	/* always has one more notice */
	TALKS,		/* the same, but only while it is asked */
	STUCK,		/* all bits of the control register stay set */
	ONES,		/* all registers read all ones, but STATUS */
	REPLAY,		/* answers with numbers of before */
	GARBAGE,	/* anything */
	LATE,		/* answers in the last moment */
	GONE,		/* leaves the bus on the way */
	LIES,
};

static enum lie lie;
static u64 asked_at;

/* Of one call */
#define MOST_ACCESSES	200000

static u32 answer(u32 w0)
{
	u32 verdict = rnd() % 4 ? KWL_MSG_ACK : KWL_MSG_NACK;

	return (w0 & (KWL_MSG_OP | KWL_MSG_SEQ)) | verdict | KWL_MSG_CTS;
}

static u32 read_control(void)
{
	u32 val = control;

	switch (lie) {
	case NOTICES:
		words[0] = KWL_OP_PF_CONTROL | (rnd() % 2 ? KWL_MSG_CTS : 0);
		return control | KWL_V2P_PFSTS;
	case TALKS:
		if (!asked_at)
			break;
		words[0] = rnd();
		return control | KWL_V2P_PFSTS;
	case STUCK:
		return ~0U >> 8 & ~(rnd() % 2 ? KWL_V2P_RSTI | KWL_V2P_RSTD : 0);
	case ONES:
		return ~0U;
	case GARBAGE:
		return rnd();
	case LATE:
		if (!asked_at || now < asked_at + 699000000ULL)
			return val;
		val |= KWL_V2P_PFSTS;
		asked_at = 0;
		break;
	default:
		break;
	}
	control &= ~(KWL_V2P_PFSTS | KWL_V2P_PFACK | KWL_V2P_RSTD);
	return val;
}

static u32 readl(const u8 *addr)
{
	u32 reg = addr - bar;

	now += 500;
	if (accesses++ > MOST_ACCESSES) {
		printf("a call has no end\n");
		exit(1);
	}
	if (reg == KWL_STATUS)
		return lie == GONE && !(rnd() % 4) ? ~0U : 0;
	if (lie == ONES)
		return ~0U;
	if (lie == GONE && !(rnd() % 8))
		return ~0U;
	if (reg == KWL_V2PMAILBOX)
		return read_control();
	CHECK_EQ(reg >= KWL_VMBMEM_VF && reg < KWL_VMBMEM_VF + 64, true);
	return lie == GARBAGE && rnd() % 2 ? rnd() :
	       words[(reg - KWL_VMBMEM_VF) / 4];
}

static void writel(u32 val, u8 *addr)
{
	u32 reg = addr - bar;
	unsigned int i;

	now += 500;
	accesses++;
	if (reg != KWL_V2PMAILBOX) {
		CHECK_EQ(reg >= KWL_VMBMEM_VF && reg < KWL_VMBMEM_VF + 64, true);
		words[(reg - KWL_VMBMEM_VF) / 4] = val;
		return;
	}
	control &= ~KWL_V2P_VFU;
	if (val & KWL_V2P_VFU && !(lie == SILENT && rnd() % 2))
		control |= KWL_V2P_VFU;
	if (!(val & KWL_V2P_REQ))
		return;
	asked_at = now;
	if (lie == SILENT)
		return;
	words[0] = answer(words[0]);
	if (lie == LATE || lie == TALKS)
		return;
	if (lie == REPLAY)
		words[0] ^= FIELD_PREP(KWL_MSG_SEQ, 1 + rnd() % 31);
	for (i = 1; i < KWL_MSG_WORDS; i++)
		words[i] = rnd() % 3 ? rnd() : rnd() % 6;
	control |= KWL_V2P_PFSTS | KWL_V2P_PFACK;
}

static struct kawelavf vf;

static void fresh(enum lie what)
{
	lie = what;
	control = 0;
	asked_at = 0;
	memset(&vf, 0, sizeof(vf));
	vf.hw.base = bar;
	vf.ready = true;
	vf.v2 = rnd() % 4;
	kwl_mbx_init_vf(&vf.mbx, &vf.hw);
}

/* Tries of a request: one claim with what is drained on the way, and an answer */
#define MOST_MS		(KAWELAVF_TRIES * (KAWELAVF_ANSWER_MS + 150))

static bool known(int err)
{
	return !err || kawelavf_refused(err) || err == -ECONNRESET ||
	       err == -ETIMEDOUT || err == -EBUSY || err == -ENODEV ||
	       err == -ENOTCONN;
}

static const u16 ops[] = {
	KWL_OP_RESET, KWL_OP_SET_MAC, KWL_OP_SET_MC, KWL_OP_SET_VLAN,
	KWL_OP_SET_LPE, KWL_OP_SET_PROMISC, KWL_OP_FEATURES, KWL_OP_GET_POLICY,
	KWL_OP_GET_STATS, KWL_OP_BYE, KWL_OP_SET_QUEUES, KWL_OP_GET_RSS,
};

static int one_call(void)
{
	struct kwl_msg req = { .w = { ops[rnd() % ARRAY_SIZE(ops)] } };
	struct kwl_msg rsp;
	u64 begin = now;
	int err = 0;

	accesses = 0;
	switch (rnd() % 4) {
	case 0:
		kawelavf_mbx_alive(&vf);
		kawelavf_take_events(&vf);
		break;
	case 1:
		err = kawelavf_mbx_call(&vf, &req, &rsp, 1);
		break;
	default:
		err = kawelavf_mbx_ask(&vf, &req, &rsp);
	}
	CHECK_EQ(known(err), true);
	CHECK_EQ(vf.mbx_lock, false);
	CHECK_EQ((now - begin) / 1000000 <= MOST_MS, true);
	return err;
}

static void any_pf(void)
{
	unsigned int i, k;

	for (i = 0; i < 4000; i++) {
		fresh(rnd() % LIES);
		for (k = rnd() % 6; k--; )
			one_call();
	}
}

static void honest(void)
{
	struct kwl_msg req = { .w = { KWL_OP_SET_LPE, 1522 } };
	struct kwl_msg rsp;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		int err;

		fresh(HONEST);
		vf.v2 = true;
		err = kawelavf_mbx_request(&vf, &req);
		CHECK_EQ(!err || kawelavf_refused(err), true);
		CHECK_EQ(vf.ready, true);
	}
	/* An answer with another number is not the answer */
	fresh(REPLAY);
	vf.v2 = true;
	CHECK_EQ(-kawelavf_mbx_call(&vf, &req, &rsp, 1), ETIMEDOUT);
	/* Version 1 has no numbers */
	fresh(REPLAY);
	vf.v2 = false;
	CHECK_EQ(-kawelavf_mbx_call(&vf, &req, &rsp, 1) == ETIMEDOUT, false);
}

/* All requests under one lock end, and the last one ends the connection */
static void patience(void)
{
	struct kwl_msg rsp;
	unsigned int i;
	u64 begin;

	fresh(LATE);
	vf.v2 = true;
	begin = now;
	kawelavf_mbx_begin(&vf);
	for (i = 0; i < 4096; i++) {
		struct kwl_msg req = { .w = { KWL_OP_SET_VLAN, i } };

		accesses = 0;
		kawelavf_mbx_ask(&vf, &req, &rsp);
	}
	kawelavf_mbx_end(&vf);
	CHECK_EQ((now - begin) / 1000000 < 5000 + MOST_MS, true);
	CHECK_EQ(vf.ready, false);
}

static void notices(void)
{
	struct kwl_msg msg = { .w = { KWL_OP_PF_CONTROL | KWL_MSG_CTS } };

	fresh(HONEST);
	vf.v2 = true;
	vf.mbx_lock = true;
	vf.link = KWL_LINK_UP;
	/* A PF that takes this VF for one of version 1 */
	kawelavf_notice(&vf, &msg);
	CHECK_EQ(vf.link, KWL_LINK_UP);
	CHECK_EQ(vf.ready, true);
	msg.w[1] = KWL_EVENT_LINK;
	kawelavf_notice(&vf, &msg);
	CHECK_EQ(vf.link, 0);
	msg.w[1] = KWL_EVENT_RESET;
	kawelavf_notice(&vf, &msg);
	CHECK_EQ(vf.impatient, true);
	msg.w[0] = KWL_OP_PF_CONTROL;
	kawelavf_notice(&vf, &msg);
	CHECK_EQ(vf.ready, false);
}

static void reasons(void)
{
	static const struct {
		u32 reason;
		int err;
	} table[] = {
		{ 0, EPERM }, { KWL_REASON_DENIED, EPERM },
		{ KWL_REASON_INVALID, EINVAL }, { KWL_REASON_FULL, ENOSPC },
		{ KWL_REASON_TAKEN, EADDRINUSE },
		{ KWL_REASON_UNKNOWN, EOPNOTSUPP }, { 6, EPERM }, { ~0U, EPERM },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct kwl_msg msg = { .w = {
			KWL_OP_SET_MAC | KWL_MSG_NACK | KWL_MSG_CTS,
			table[i].reason,
		} };

		CHECK_EQ(-kawelavf_msg_errno(&msg, true), table[i].err);
		CHECK_EQ(kawelavf_refused(-table[i].err), true);
		CHECK_EQ(-kawelavf_msg_errno(&msg, false), EPERM);
		CHECK_EQ(kawelavf_msg_lost(&msg), false);
		msg.w[0] &= ~KWL_MSG_CTS;
		CHECK_EQ(kawelavf_msg_lost(&msg), true);
		msg.w[0] |= KWL_MSG_ACK;
		CHECK_EQ(kawelavf_msg_errno(&msg, true), 0);
	}
	CHECK_EQ(kawelavf_refused(-ETIMEDOUT), false);
	CHECK_EQ(kawelavf_refused(-EBUSY), false);
	CHECK_EQ(kawelavf_refused(0), false);
}

/* Whatever words an answer has, its meaning stays inside of what callers have room for */
static void decode(void)
{
	u8 *key = malloc(KWL_MSG_RSS_KEY_LEN);
	u32 *indir = malloc(KWL_MSG_RSS_BUCKETS * sizeof(*indir));
	u64 *stats = malloc(KWL_STATS * sizeof(*stats));
	struct kawelavf_policy policy;
	struct kwl_msg msg;
	unsigned int i, k;

	for (i = 0; i < 1000000; i++) {
		for (k = 0; k < KWL_MSG_WORDS; k++)
			msg.w[k] = rnd() % 8 ? rnd() : -(rnd() % 2);
		kawelavf_msg_policy(&msg, &policy);
		CHECK_EQ(kawelavf_queues_in(&policy) - 1 < KWL_VF_QUEUES, true);
		kawelavf_msg_stats(&msg, stats);
		kawelavf_msg_nonce(&msg);
		kawelavf_msg_lost(&msg);
		CHECK_EQ(known(kawelavf_msg_errno(&msg, rnd() % 2)), true);
		CHECK_EQ(kwl_msg_words(msg.w[0]) <= KWL_MSG_WORDS, true);
		if (i % 16)
			continue;
		kawelavf_msg_rss(&msg, rnd() % 2 ? key : NULL, indir,
				 1 + i / 16 % 2);
		for (k = 0; k < KWL_MSG_RSS_BUCKETS; k++)
			CHECK_EQ(indir[k] <= i / 16 % 2, true);
	}
	free(key);
	free(indir);
	free(stats);
}

/* Each word where it belongs */
static void meaning(void)
{
	u8 key[KWL_MSG_RSS_KEY_LEN];
	u32 indir[KWL_MSG_RSS_BUCKETS];
	struct kawelavf_policy policy;
	u64 stats[KWL_STATS];
	struct kwl_msg msg;
	unsigned int i;

	for (i = 0; i < KWL_MSG_WORDS; i++)
		msg.w[i] = 0x04030201 + i * 0x10101010;
	kawelavf_msg_stats(&msg, stats);
	for (i = 0; i < KWL_STATS; i++)
		CHECK_EQ(stats[i], (u64)msg.w[2 + 2 * i] << 32 | msg.w[1 + 2 * i]);
	kawelavf_msg_policy(&msg, &policy);
	CHECK_EQ(policy.flags, msg.w[3]);
	CHECK_EQ(policy.link, msg.w[4]);
	CHECK_EQ(policy.max_frame, msg.w[5]);
	CHECK_EQ(policy.max_rate, msg.w[6]);
	CHECK_EQ(policy.limits, msg.w[7]);
	kawelavf_msg_rss(&msg, key, indir, 2);
	for (i = 0; i < KWL_MSG_RSS_KEY_LEN; i++)
		CHECK_EQ(key[i], msg.w[1 + i / 4] >> i % 4 * 8 & 0xff);
	for (i = 0; i < KWL_MSG_RSS_BUCKETS; i++)
		CHECK_EQ(indir[i], msg.w[11 + i / 32] >> i % 32 & 1);
}

/* The seed is printed where a check fails, and may be given */
static void seed(void)
{
	const char *given = getenv("KAWELA_FUZZ_SEED");

	state = given ? strtoull(given, NULL, 0) : (u64)time(NULL);
	state = state ?: 1;
	printf("KAWELA_FUZZ_SEED=%llu\n", (unsigned long long)state);
}

UNIT_MAIN(seed, honest, patience, notices, reasons, any_pf, decode, meaning)
