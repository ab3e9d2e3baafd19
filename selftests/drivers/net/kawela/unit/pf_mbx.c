// SPDX-License-Identifier: GPL-2.0
/*
 * The PF's end of the mailbox against VFs that obey nothing: they do something between
 * any two accesses of the PF to its registers. One VF is honest.
 *
 * Whatever the others do, they get what policy allows and their share, within their
 * budget; the honest one is answered; nothing that one user of a VF wrote is there for
 * the next. KAWELA_FUZZ_CASES is the number of messages, KAWELA_FUZZ_SEED repeats.
 */
#include "pf_kernel.h"
#include "unit.h"

#include "libkawela/mbx.c"
#include "kawela/claims.c"
#include "kawela/filter_image.c"
#include "kawela/filter_write.c"
#include "kawela/filter.c"
#include "kawela/notice.c"
#include "kawela/vf_stats.c"
#include "kawela/vf.c"
#include "kawela/mbx_ops.c"
#include "kawela/mbx.c"

#define CASES		200000
#define VFS		7
#define HONEST		5
#define TRUSTED		6
#define SECRET		0x5ec00000

static u8 bar[0x10000];
static struct net_device netdev = { .dev_addr = { 2, 2 } };
static struct kawela pf;
static u64 state, messages;
static u32 words[VFS][KWL_MSG_WORDS], mbvficr, vflre, vfre, looks;
static u64 acks[VFS], sent[VFS];	/* believed, and messages of the PF */
static bool pfu[VFS], vfu[VFS], pfsts[VFS], mine[VFS];
static u32 frames[VFS];		/* that the device counted */
static u32 heard[VFS], began[VFS];	/* the same at a request, and at the handshake */
static u32 users[VFS];		/* how many have had a VF */
static u32 lines[VFS];
static struct kwl_msg asks[VFS];	/* what the PF has read */
static struct kawela_vf_run was[VFS];
static struct kawela_vf_want wants[VFS];
static bool serving;
static bool v2[VFS];		/* as the PF's answers say */
static enum { ANYTHING, RESETS, ACKS, HOLDS, GROUPS, MOODS } mood[VFS];
static u64 asked, slowest;	/* by the honest one, ns */
static bool knows;		/* its handshake is through */

/* xorshift64* */
u32 rnd(u32 below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 2685821657736338717ULL >> 32) * below >> 32;
}

static void said(unsigned int vf)
{
	if (vf < VFS)
		lines[vf]++;
}

void kawela_rss_tell(struct kawela *p, const struct kawela_vf *vf,
		     struct kwl_msg *msg)
{
	CHECK_EQ(vf->policy.trusted, true);
}

u32 kwl_rd_suspect(struct kwl_hw *hw, u32 reg)
{
	return ~0U;
}

static u32 edge(unsigned int i)
{
	static const u32 edges[] = {
		0, 1, 2, 3, 30, 31, 64, 63, 4094, 4095, 4096, 9728, 9729, 0xffff,
		KWL_MSG_HELLO, 2 << 16 | 2, 0x80000000, 0xffffffff,
	};

	switch (rnd(4)) {
	case 0:
		return SECRET | i << 16 | (users[i] & 0xffff);
	case 1:
		return get_random_u32();
	default:
		return edges[rnd(ARRAY_SIZE(edges))];
	}
}

static void put_address(u32 *w)
{
	u8 mac[8] = { 2, 0, 0, 0, 0, rnd(64) };

	switch (rnd(8)) {
	case 0:
		memcpy(mac, pf.want.mac, ETH_ALEN);
		break;
	case 1:
		memcpy(mac, pf.vf[rnd(VFS)].mac, ETH_ALEN);
		break;
	}
	memcpy(w, mac, 8);
}

static void compose(unsigned int i)
{
	static const u16 ops[] = {
		KWL_OP_RESET, KWL_OP_SET_MAC, KWL_OP_SET_MAC, KWL_OP_SET_MC,
		KWL_OP_SET_VLAN, KWL_OP_SET_VLAN, KWL_OP_SET_LPE,
		KWL_OP_SET_PROMISC, KWL_OP_FEATURES, KWL_OP_GET_POLICY,
		KWL_OP_GET_STATS, KWL_OP_BYE, KWL_OP_SET_QUEUES, KWL_OP_GET_RSS,
		KWL_OP_PF_CONTROL, 0, 7, KWL_OP_GET_RSS + 1, 0xffff,
	};
	u32 *w = words[i], op = ops[rnd(ARRAY_SIZE(ops))];

	for (u32 k = 1; k < KWL_MSG_WORDS; k++)
		w[k] = edge(i);
	w[0] = op | rnd(rnd(2) ? 4 : 256) << 16 | rnd(32) << 24;
	if (op == KWL_OP_SET_MAC)
		put_address(w + 1);
	if (mood[i] == GROUPS && v2[i])
		w[0] = KWL_OP_SET_MC | KWL_MSG_MC_ADD |
		       FIELD_PREP(KWL_MSG_MC_COUNT, KWL_MSG_MC_MAX);
	if (op == KWL_OP_SET_VLAN && rnd(2))
		w[1] = rnd(100);
	if (op == KWL_OP_FEATURES && rnd(2)) {
		w[1] = KWL_MSG_VERSION;
		w[2] = pf.vf[i].run.nonce;
	}
	if (op == KWL_OP_RESET && rnd(2)) {
		w[1] = KWL_MSG_HELLO;
		w[2] = 2 << 16 | 2;
	}
}

static void reset(unsigned int i)
{
	users[i]++;
	vflre |= BIT(i);
	vfre &= ~BIT(i);
}

static void act(unsigned int i)
{
	if (!rnd(2000))
		mood[i] = rnd(MOODS);
	switch (mood[i] == RESETS ? 0 : mood[i] == ACKS ? 1 :
		mood[i] == HOLDS ? 6 : mood[i] == GROUPS ? 7 : rnd(16)) {
	case 0:
		reset(i);
		break;
	case 1:
		mbvficr |= FIELD_PREP(KWL_MBVFICR_ACK, BIT(i));
		break;
	case 2:
		words[i][rnd(KWL_MSG_WORDS)] = edge(i);
		break;
	case 3:
		vfu[i] = !pfu[i];
		break;
	case 4:
		vfu[i] = false;
		break;
	case 6:
		vfu[i] = !pfu[i];
		mbvficr |= FIELD_PREP(KWL_MBVFICR_REQ, BIT(i));
		if (!rnd(100))
			reset(i);
		break;
	default:
		/* Now and then without having the buffer, or without letting go */
		if (rnd(8) && pfu[i])
			break;
		compose(i);
		vfu[i] = !pfu[i] && !rnd(16);
		mbvficr |= FIELD_PREP(KWL_MBVFICR_REQ, BIT(i));
		messages++;
	}
}

static void be_honest(void);

static void acts(void)
{
	u32 i = rnd(VFS);

	if (i != HONEST)
		act(i);
	else
		be_honest();
}

static u32 readl(const u8 *addr)
{
	u32 reg = addr - bar, i;

	sim_ns += 500;
	if (serving && !rnd(8))
		acts();
	looks += reg == KWL_VFLRE;
	for (i = 0; i < VFS; i++) {
		if (reg == KWL_PVFGPRC(i))
			return frames[i] += rnd(3);
		if (reg == KWL_P2VMAILBOX(i))
			return (pfu[i] ? KWL_P2V_PFU : 0) |
			       (vfu[i] ? KWL_P2V_VFU : 0);
		if (reg >= KWL_VMBMEM(i) && reg < KWL_VMBMEM(i) + 64)
			return words[i][(reg - KWL_VMBMEM(i)) / 4];
	}
	return reg == KWL_MBVFICR ? mbvficr : reg == KWL_VFLRE ? vflre : 0;
}

static void write_mailbox(u32 i, u32 val)
{
	pfu[i] = val & KWL_P2V_PFU && !vfu[i];
	if (val & KWL_P2V_RVFU)
		mbvficr &= ~(u32)(FIELD_PREP(KWL_MBVFICR_REQ, BIT(i)) |
				  FIELD_PREP(KWL_MBVFICR_ACK, BIT(i)));
	pfsts[i] |= !!(val & KWL_P2V_STS);
}

static void writel(u32 val, u8 *addr)
{
	u32 reg = addr - bar, i;

	sim_ns += 500;
	if (serving && !rnd(8))
		acts();
	if (reg == KWL_MBVFICR)
		mbvficr &= ~val;
	for (i = 0; reg == KWL_MBVFICR && i < VFS; i++)
		acks[i] += FIELD_GET(KWL_MBVFICR_ACK, val) >> i & 1;
	if (reg == KWL_VFLRE)
		vflre &= ~val;
	if (reg == KWL_VFRE)
		vfre = val;
	for (i = 0; i < VFS; i++) {
		if (reg == KWL_P2VMAILBOX(i))
			write_mailbox(i, val);
		if (reg >= KWL_VMBMEM(i) && reg < KWL_VMBMEM(i) + 64)
			words[i][(reg - KWL_VMBMEM(i)) / 4] = val;
	}
}

/* With the handshake it begins anew */
static void leave(void)
{
	reset(HONEST);
	asked = 0;
	knows = false;
}

/* Asks for something all the time, and takes what it gets */
static void be_honest(void)
{
	u32 *w = words[HONEST];
	if (pfsts[HONEST]) {
		pfsts[HONEST] = false;
		mbvficr |= FIELD_PREP(KWL_MBVFICR_ACK, BIT(HONEST));
		if (FIELD_GET(KWL_MSG_OP, w[0]) == KWL_OP_PF_CONTROL)
			return;
		CHECK_EQ(!!(w[0] & KWL_MSG_ACK), true);
		slowest = max(slowest, sim_ns - asked);
		mine[HONEST] = false;
		if (!rnd(50))
			leave();
	}
	/* Within its own budget */
	if (mine[HONEST] || pfu[HONEST] || sim_ns - asked < 4000000)
		return;
	memset(w, 0, sizeof(words[HONEST]));
	w[0] = knows ? KWL_OP_SET_LPE : KWL_OP_RESET;
	w[1] = knows ? 1522 : 0;
	knows = true;
	mine[HONEST] = true;
	asked = sim_ns;
	mbvficr |= FIELD_PREP(KWL_MBVFICR_REQ, BIT(HONEST));
}

static bool is_foreign(u32 i, const struct kwl_msg *req)
{
	u8 mac[ETH_ALEN];

	kwl_msg_get_mac(req, mac);
	for (u32 k = 0; k < VFS; k++)
		if (k != i && ether_addr_equal(mac, pf.vf[k].mac))
			return true;
	return ether_addr_equal(mac, netdev.dev_addr) || !is_valid_ether_addr(mac);
}

/* Must this request be refused, whatever shares are left? */
static bool forbidden(u32 i, const struct kwl_msg *req)
{
	u32 op = FIELD_GET(KWL_MSG_OP, req->w[0]), arg = req->w[1];
	u32 info = FIELD_GET(KWL_MSG_INFO, req->w[0]);
	bool trusted = pf.vf[i].policy.trusted;

	if (op != KWL_OP_RESET && !was[i].active)
		return true;
	switch (op) {
	case KWL_OP_RESET:
		return false;
	case KWL_OP_SET_MAC:
		return info != KWL_MSG_MAC_CLEAR &&
		       (info > KWL_MSG_MAC_ADD || is_foreign(i, req));
	case KWL_OP_SET_MC:
		return (info & 0x3f) > KWL_MSG_MC_MAX || (info & 0x40 && !v2[i]);
	case KWL_OP_SET_VLAN:
		return arg >= VLAN_VID_MASK;
	case KWL_OP_SET_LPE:
		return arg < 64 || arg > KWL_MAX_FRAME;
	case KWL_OP_SET_PROMISC:
		return info & 3 && !trusted;
	case KWL_OP_FEATURES:
		return !was[i].nonce || req->w[2] != was[i].nonce ||
		       arg != KWL_MSG_VERSION;
	case KWL_OP_SET_QUEUES:
		return !v2[i] || !arg || arg > KWL_VF_QUEUES;
	case KWL_OP_GET_RSS:
		return !v2[i] || !trusted;
	case KWL_OP_GET_POLICY:
	case KWL_OP_GET_STATS:
	case KWL_OP_BYE:
		return !v2[i];
	default:
		return true;
	}
}

/* What the PF has read, and what it answers */
static void traced(const struct kwl_mbx *mbx, bool is_sent, const struct kwl_msg *msg,
		   int result)
{
	u32 i = mbx->vf, op;

	sent[i] += is_sent;
	if (!is_sent) {
		asks[i] = *msg;
		was[i] = pf.vf[i].run;
		wants[i] = pf.vf[i].want;
		heard[i] = frames[i];
	} else if (msg->w[0] & KWL_MSG_ACK) {
		CHECK_EQ(forbidden(i, &asks[i]), false);
		op = FIELD_GET(KWL_MSG_OP, asks[i].w[0]);
		if (op == KWL_OP_RESET)
			began[i] = heard[i];
		if (op == KWL_OP_GET_STATS)
			CHECK_EQ(msg->w[1] <= frames[i] - began[i], true);
		v2[i] = op == KWL_OP_FEATURES ||
			(v2[i] && op != KWL_OP_RESET && op != KWL_OP_BYE);
	} else if (msg->w[0] & KWL_MSG_NACK) {
		CHECK_EQ(!!memcmp(&wants[i], &pf.vf[i].want, sizeof(wants[i])), 0);
	}
}

static void allowed(u32 i)
{
	const struct kawela_vf *vf = &pf.vf[i];
	const struct kawela_vf_want *want = &vf->want;
	struct kawela_claims c;

	kawela_claims_of(&pf, &c);
	if (i != TRUSTED) {
		CHECK_EQ(want->promisc || want->allmulti, false);
		CHECK_EQ(bitmap_weight(want->mc, KAWELA_MC_HASHES) <=
			 KAWELA_VF_MC_MAX, true);
		CHECK_EQ(pf.image.vmolr[i] &
			 (KWL_VMOLR_ROPE | KWL_VMOLR_MPME), 0);
	}
	CHECK_EQ(want->n_uc <= kawela_vf_uc_share(&c, i), true);
	CHECK_EQ(bitmap_weight(want->vlans, VLAN_N_VID) <=
		 kawela_vf_vlan_share(&c), true);
	CHECK_EQ(want->queues <= KWL_VF_QUEUES, true);
	CHECK_EQ(vf->run.active, want->max_frame >= 64 &&
		 want->max_frame <= KWL_MAX_FRAME);
	if (!vf->run.active)
		CHECK_EQ(pf.image.vfre >> i & 1, 0);
}

static void owners(void)
{
	for (u32 i = 0; i < KWL_RA_ENTRIES; i++) {
		u32 pools = FIELD_GET(KWL_RAH_POOL, pf.image.ra[i].hi);

		CHECK_EQ(pools & (pools - 1), 0);
		for (u32 k = 0; k < i; k++)
			CHECK_EQ(kawela_ra_same(&pf.image.ra[i], &pf.image.ra[k]),
				 false);
	}
}

/* What it costs the PF, and the log */
static void budget(u32 i)
{
	const struct kawela_vf_run *run = &pf.vf[i].run;
	u64 most = 256 + 500 * sim_ns / 1000000000 + 8;

	CHECK_EQ(run->requests <= most, true);
	CHECK_EQ(acks[i] <= most + sent[i], true);
	/* A request that is a handshake is a reset, too, and pays for one more */
	CHECK_EQ(run->resets <= most + run->requests, true);
	CHECK_EQ(lines[i] <= 3 * (sim_ns / 60000000000ULL + 1), true);
}

static void secrets(u32 i)
{
	if (vflre >> i & 1 || pf.vf[i].run.stale)
		return;
	for (u32 k = 0; k < KWL_MSG_WORDS; k++)
		if (words[i][k] >> 16 == (SECRET >> 16 | i))
			CHECK_EQ(words[i][k] & 0xffff, users[i] & 0xffff);
}

static void serve(void)
{
	looks = 0;
	serving = true;
	kawela_mbx_service(&pf);
	serving = false;
	/* A read waits for the device: one a round, however many VFs there are */
	CHECK_EQ(looks >= 1 && looks <= KAWELA_ROUNDS, true);
	for (u32 i = 0; i < VFS; i++) {
		allowed(i);
		budget(i);
		secrets(i);
	}
	owners();
}

static void begin(void)
{
	sim_ns = 1000000000;
	pf.hw.base = bar;
	pf.netdev = &netdev;
	pf.want.max_frame = 1522;
	pf.want.up = true;
	memcpy(pf.want.mac, netdev.dev_addr, ETH_ALEN);
	pf.n_vfs = VFS;
	for (u32 i = 0; i < VFS; i++)
		kawela_vf_create(&pf, i);
	pf.vf[TRUSTED].policy.trusted = true;
	kawela_filters_apply(&pf);
}

static u64 number(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void attacked(void)
{
	u64 seed = number("KAWELA_FUZZ_SEED", time(NULL));
	u64 cases = number("KAWELA_FUZZ_CASES", CASES);

	printf("KAWELA_FUZZ_SEED=%llu KAWELA_FUZZ_CASES=%llu\n",
	       (unsigned long long)seed, (unsigned long long)cases);
	fflush(stdout);
	state = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	begin();
	while (messages < cases && !unit_failed) {
		for (u32 n = rnd(8); n; n--)
			acts();
		be_honest();
		serve();
		sim_ns += rnd(64) ? rnd(200000) : rnd(20000000);
	}
	printf("%llu ms, %llu messages, %llu served of the honest VF, at most %llu us\n",
	       (unsigned long long)sim_ns / 1000000, (unsigned long long)messages,
	       (unsigned long long)pf.vf[HONEST].run.requests,
	       (unsigned long long)slowest / 1000);
	CHECK_EQ(pf.vf[HONEST].run.requests > 10, true);
	CHECK_EQ(pf.vf[HONEST].run.throttled, 0);
	CHECK_EQ(slowest < 50000000, true);
	CHECK_EQ(pf.vf[HONEST].run.refused | pf.vf[HONEST].run.seized, 0);
	/* One that holds the buffer for seconds has lost it */
	for (u32 i = 0; i < VFS; i++)
		CHECK_EQ(pf.vf[i].run.seized > 0 || cases < CASES || i == HONEST, true);
}

/* Quiet VFs that have done their handshake, the first two with version 2 */
static void quiet(void)
{
	memset(&pf, 0, sizeof(pf));
	memset(words, 0, sizeof(words));
	memset(pfu, 0, sizeof(pfu));
	memset(vfu, 0, sizeof(vfu));
	memset(pfsts, 0, sizeof(pfsts));
	mbvficr = 0;
	vflre = 0;
	begin();
	pf.link.up = true;
	pf.link.speed = SPEED_1000;
	for (u32 i = 0; i < VFS; i++) {
		pf.vf[i].run.active = true;
		pf.vf[i].run.v2 = v2[i] = i < 2;
	}
}

/* Whoever has the buffer is left alone for a time that doubles up to two seconds */
static void postponed(void)
{
	static const u32 waits[] = { 2, 4, 8, 16, 32, 64, 128, 256, 500, 500 };

	quiet();
	vfu[0] = true;
	kawela_notify(&pf, &pf.vf[0], KWL_EVENT_LINK);
	CHECK_EQ(pf.retry.asked, true);
	for (u32 k = 0; k < ARRAY_SIZE(waits); k++) {
		CHECK_EQ(kawela_mbx_service(&pf), waits[k]);
		CHECK_EQ(pf.vf[0].run.events, KWL_EVENT_LINK);
		/* Not before that */
		CHECK_EQ(kawela_mbx_service(&pf) <= waits[k], true);
		sim_ns += waits[k] * (1000000000ULL / HZ);
	}
	/* Another VF isn't kept waiting by it */
	kawela_notify(&pf, &pf.vf[1], KWL_EVENT_POLICY);
	CHECK_EQ(kawela_mbx_service(&pf) > 0, true);
	CHECK_EQ(pfsts[1] && !pfsts[0], true);
	vfu[0] = false;
	sim_ns += 2000000000;
	CHECK_EQ(kawela_mbx_service(&pf), 0);
	CHECK_EQ(pfsts[0], true);
	CHECK_EQ(pf.vf[0].run.events, 0);
}

/* What they say, and that one message waits for the other to be taken */
static void noticed(void)
{
	quiet();
	kawela_notify_all(&pf, KWL_EVENT_POLICY);
	CHECK_EQ(kawela_mbx_service(&pf), 0);
	for (u32 i = 0; i < VFS; i++) {
		CHECK_EQ(pfsts[i], true);
		CHECK_EQ(words[i][0], KWL_OP_PF_CONTROL | KWL_MSG_CTS);
		CHECK_EQ(words[i][1], i < 2 ? KWL_EVENT_POLICY : 0);
		CHECK_EQ(words[i][2], i < 2 ? kawela_vf_link(&pf, &pf.vf[i]) : 0);
		CHECK_EQ(pfu[i], false);
	}
	/* Taken by one of them; the other has a second to take it */
	mbvficr = FIELD_PREP(KWL_MBVFICR_ACK, BIT(1));
	kawela_notify(&pf, &pf.vf[0], KWL_EVENT_LINK);
	kawela_notify(&pf, &pf.vf[1], KWL_EVENT_LINK);
	CHECK_EQ(kawela_mbx_service(&pf), HZ);
	CHECK_EQ(words[0][1], KWL_EVENT_POLICY);
	CHECK_EQ(words[1][1], KWL_EVENT_LINK);
	sim_ns += 1000000000;
	CHECK_EQ(kawela_mbx_service(&pf), 0);
	CHECK_EQ(words[0][1], KWL_EVENT_LINK);
	CHECK_EQ(pf.vf[0].run.untaken, 1);
	CHECK_EQ(pf.vf[1].run.untaken, 0);
}

/* At once, whoever has the buffer, but to those only that are there */
static void noticed_now(void)
{
	quiet();
	pf.vf[1].run.active = false;
	vfu[0] = true;
	kawela_mbx_notify_now(&pf, KWL_EVENT_RESET);
	/* No fault of whoever had it */
	CHECK_EQ(pf.vf[0].run.seized, 0);
	CHECK_EQ(pfsts[0], true);
	CHECK_EQ(pfsts[1] || pf.vf[1].run.events, false);
	CHECK_EQ(pfsts[2], true);
	CHECK_EQ(pf.vf[2].run.seized, 0);
	CHECK_EQ(words[0][1], KWL_EVENT_RESET);
}

/* All of a policy, as it is */
static void told(void)
{
	u32 *w = words[0];

	quiet();
	pf.link.duplex = DUPLEX_FULL;
	pf.vf[0].policy = (struct kawela_vf_policy) {
		.mac = { 2, 1, 2, 3, 4, 5 }, .vlan = 7, .qos = 3, .spoofchk = true,
		.max_rate = 55,
	};
	w[0] = KWL_OP_GET_POLICY;
	mbvficr = FIELD_PREP(KWL_MBVFICR_REQ, BIT(0));
	kawela_mbx_service(&pf);
	CHECK_EQ(w[0], KWL_OP_GET_POLICY | KWL_MSG_ACK | KWL_MSG_CTS);
	CHECK_EQ(memcmp(w + 1, pf.vf[0].policy.mac, ETH_ALEN), 0);
	CHECK_EQ(w[3], 7 | 3 << 13 | KWL_POLICY_SPOOFCHK | KWL_POLICY_MAC_FIXED);
	CHECK_EQ(w[4], SPEED_1000 | KWL_LINK_UP | KWL_LINK_FULL);
	CHECK_EQ(w[5], KWL_MAX_FRAME);
	CHECK_EQ(w[6], 55);
	/* Its share of 16 and 31 entries; there are two pairs for each VF */
	CHECK_EQ(w[7], 0 | 4 << 8 | KWL_VF_QUEUES << 16);
	pf.link.duplex = 0;
	CHECK_EQ(kawela_vf_link(&pf, &pf.vf[0]), SPEED_1000 | KWL_LINK_UP);
}

UNIT_MAIN(attacked, told, postponed, noticed, noticed_now)
