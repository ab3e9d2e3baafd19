// SPDX-License-Identifier: GPL-2.0
/*
 * Claims, filter image and its writing, over random histories: what PF, administrator
 * and VFs do in any order. Checked behind each step, and between any two register
 * writes. KAWELA_FUZZ_SEED repeats a history, KAWELA_FUZZ_CASES is its length.
 */
#include <stdlib.h>
#include <time.h>

#include "shim.h"
#include "unit.h"

#include "kawela/claims.c"
#include "kawela/filter_image.c"
#include "kawela/filter_write.c"
#include "filter_regs.h"
#include "filter_rules.h"

#define STEPS		50000
#define MACS		48	/* addresses that there are */

u32 rnd(u32 below)
{
	x.random = x.random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (x.random >> 33) % below;
}

static const u8 *some_mac(void)
{
	static u8 mac[ETH_ALEN];

	u32 i = rnd(MACS);

	/* They differ in either half of an entry, or in both */
	memcpy(mac, (u8[]) { 2, 0, 0, i % 4, 0, i / 2 }, ETH_ALEN);
	return mac;
}

/* One that a VF may ask for: also what is no address of anybody, or another's own */
static const u8 *any_mac(void)
{
	static u8 mac[ETH_ALEN];
	u32 kind = rnd(16);

	memcpy(mac, kind == 2 ? x.given[rnd(KWL_MAX_VFS)] :
		    kind == 3 ? x.pf.mac : some_mac(), ETH_ALEN);
	if (!kind)
		memset(mac, 0, ETH_ALEN);
	if (kind == 1)
		mac[0] |= 1;
	return mac;
}

static u32 some_vid(void)
{
	return rnd(16) ? rnd(VIDS) : rnd(VLAN_N_VID);
}

static void apply(void)
{
	static struct kawela_vf_want before[KWL_MAX_VFS];

	memcpy(before, x.want, sizeof(before));
	lost(kawela_claims_settle(&x.c), before);
	CHECK_EQ(kawela_claims_settle(&x.c), 0);
	kawela_image_build(&x.next, &x.img, &x.c, x.quirks);
	if (!memcmp(&x.next, &x.img, sizeof(x.img)))
		return;
	kept();
	x.from = &x.img;
	x.to = &x.next;
	kawela_image_write(&x.w, &x.img, &x.next);
	x.img = x.next;
	written();
}

/* As netdev.c takes the PF's list: the table's part, and hashes of the rest */
static void pf_list(void)
{
	struct kawela_want *pf = &x.pf;

	pf->n_uc = 0;
	pf->uc_more = false;
	memset(pf->uc_hash, 0, sizeof(pf->uc_hash));
	for (u32 i = 0; i < x.n_uc; i++) {
		if (pf->n_uc < KAWELA_UC_MAX) {
			ether_addr_copy(pf->uc[pf->n_uc++], x.uc[i]);
			continue;
		}
		pf->uc_more = true;
		kawela_put_hash(pf->uc_hash, kwl_mc_hash(x.uc[i]));
		kawela_claims_evict_mac(&x.c, x.uc[i]);
	}
}

static bool pf_has(const u8 *mac)
{
	for (u32 i = 0; i < x.n_uc; i++)
		if (ether_addr_equal(x.uc[i], mac))
			return true;
	return ether_addr_equal(x.pf.mac, mac);
}

/* The whole list comes, or goes */
static void pf_addresses(void)
{
	u32 n = x.n_uc;
	const u8 *mac;

	x.n_uc = 0;
	for (u32 i = 0; i < 2 * UC_LIST && !n && x.n_uc < UC_LIST; i++) {
		mac = some_mac();
		if (!pf_has(mac) && !kawela_mac_of_vf(&x.c, x.c.n_vfs, mac))
			ether_addr_copy(x.uc[x.n_uc++], mac);
	}
	pf_list();
}

static void pf_address(void)
{
	u8 old[ETH_ALEN];
	const u8 *mac = some_mac();
	u32 at = x.n_uc ? rnd(x.n_uc) : 0;

	if (!rnd(8) && x.n_uc) {
		/* One of its own becomes the first; perhaps the first stays */
		ether_addr_copy(old, x.pf.mac);
		ether_addr_copy(x.pf.mac, x.uc[at]);
		ether_addr_copy(x.uc[at], rnd(2) ? old : x.uc[--x.n_uc]);
	} else if (rnd(2) && x.n_uc) {
		u32 i = rnd(x.n_uc--);

		ether_addr_copy(x.uc[i], x.uc[x.n_uc]);
	} else if (!pf_has(mac) && !kawela_mac_of_vf(&x.c, x.c.n_vfs, mac)) {
		ether_addr_copy(x.n_uc < UC_LIST ? x.uc[x.n_uc++] : x.pf.mac,
				mac);
	}
	pf_list();
}

static void pf_vlan(void)
{
	u32 vid = some_vid();

	if (!rnd(200))
		bitmap_zero(x.pf.vlans, VLAN_N_VID);
	else if (!rnd(50))
		for (u32 i = 0; i < 10 + rnd(VIDS); i++)
			__set_bit(rnd(VIDS), x.pf.vlans);
	else if (test_bit(vid, x.pf.vlans))
		__clear_bit(vid, x.pf.vlans);
	else
		__set_bit(vid, x.pf.vlans);
}

static void vf_forget(u32 i)
{
	x.c.vf[i].active = false;
	x.want[i] = (struct kawela_vf_want) {};
}

static void vf_begin(u32 i)
{
	vf_forget(i);
	ether_addr_copy(x.want[i].mac, kawela_mac_default(&x.c.vf[i]));
	x.want[i].max_frame = 1522;
	x.c.vf[i].active = true;
}

static void vfs(u32 n)
{
	x.c.n_vfs = n;
	for (u32 i = 0; i < n; i++) {
		vf_forget(i);
		x.policy[i] = (struct kawela_vf_policy) { .spoofchk = true };
		memcpy(x.given[i], (u8[]) { 2, 1, 0, 0, 0, i }, ETH_ALEN);
		x.c.vf[i].policy = &x.policy[i];
		x.c.vf[i].want = &x.want[i];
		x.c.vf[i].given = x.given[i];
	}
}

static void pf_step(void)
{
	static const u16 speeds[] = { 0, 10, 100, 1000 };

	switch (rnd(18)) {
	case 16:
		x.pf.vepa = rnd(2);
		x.pf.rx_all = rnd(2);
		x.pf.speed = speeds[rnd(4)];
		x.pf.max_frame = 1522 + rnd(8000);
		break;
	case 17:
		x.pf.mta[rnd(KWL_MTA_WORDS)] = rnd(3) ? 0 : BIT(rnd(32));
		break;
	case 0:
		x.pf.up = !x.pf.up;
		break;
	case 1:
		x.pf.promisc = !rnd(4);
		break;
	case 2:
		x.pf.allmulti = rnd(2);
		break;
	case 3:
		if (!rnd(20))
			vfs(x.c.n_vfs ? 0 : 1 + rnd(KWL_MAX_VFS));
		break;
	case 4 ... 9:
		if (rnd(30))
			pf_address();
		else
			pf_addresses();
		break;
	default:
		pf_vlan();
	}
}

static void decide(u32 i)
{
	struct kawela_vf_policy *policy = &x.policy[i];
	const u8 *mac;

	switch (rnd(6)) {
	case 5:
		policy->max_rate = rnd(2) ? 0 : rnd(KAWELA_RATE_MAX + 1);
		break;
	case 0:
		mac = some_mac();
		if (rnd(3))
			memset(policy->mac, 0, ETH_ALEN);
		else if (!kawela_mac_decided(&x.c, i, mac) && !pf_has(mac)) {
			ether_addr_copy(policy->mac, mac);
			ether_addr_copy(x.want[i].mac, mac);
		}
		break;
	case 1:
		policy->vlan = rnd(2) ? 0 : some_vid() % VLAN_VID_MASK;
		policy->qos = policy->vlan ? rnd(8) : 0;
		break;
	case 2:
		policy->trusted = rnd(2);
		break;
	case 3:
		policy->link = rnd(3);
		break;
	default:
		policy->spoofchk = rnd(2);
	}
}

/*
 * Who but the asking VF has an address: the PF, a VF that it can't share with, or
 * nobody
 */
static bool is_taken(u32 i, const u8 *mac)
{
	bool taken = pf_has(mac);

	for (u32 k = 0; k < x.c.n_vfs; k++) {
		if (k == i || (x.policy[i].trusted && x.policy[k].trusted))
			continue;
		taken |= ether_addr_equal(mac, x.given[k]) ||
			 ether_addr_equal(mac, x.policy[k].mac);
		for (u32 m = 0; m < x.want[k].n_uc; m++)
			taken |= ether_addr_equal(mac, x.want[k].uc[m]);
		taken |= x.c.vf[k].active && ether_addr_equal(mac, x.want[k].mac);
	}
	return taken;
}

static bool is_bound(u32 i)
{
	return !is_zero_ether_addr(x.policy[i].mac) && !x.policy[i].trusted;
}

static void ask_mac(u32 i)
{
	const u8 *mac = any_mac();
	int want = !is_valid_ether_addr(mac) ? -EINVAL :
		   is_bound(i) && memcmp(mac, x.policy[i].mac, ETH_ALEN) ?
		   -EPERM : is_taken(i, mac) ? -EADDRINUSE : 0;

	/* As mbx_ops.c does, which knows addresses beyond the table, too */
	if (pf_has(mac))
		return;
	CHECK_EQ(kawela_grant_mac(&x.c, i, mac), want);
	if (!want)
		CHECK_EQ(ether_addr_equal(x.want[i].mac, mac), true);
}

static void ask_uc(u32 i)
{
	struct kawela_vf_want *want = &x.want[i];
	bool more = want->n_uc < kawela_vf_uc_share(&x.c, i), again = false;
	u32 n = want->n_uc;
	const u8 *mac = any_mac();
	int err;

	if (pf_has(mac))
		return;
	for (u32 k = 0; k < n; k++)
		again |= ether_addr_equal(mac, want->uc[k]);
	err = !is_valid_ether_addr(mac) ? -EINVAL : is_bound(i) ? -EPERM :
	      again ? 0 : is_taken(i, mac) ? -EADDRINUSE : more ? 0 : -ENOSPC;
	CHECK_EQ(kawela_grant_uc(&x.c, i, mac), err);
	CHECK_EQ(want->n_uc, n + (!err && !again));
	CHECK_EQ(want->n_uc <= (x.policy[i].trusted ? KAWELA_VF_UC_TRUSTED :
						      KAWELA_VF_UC_MAX), true);
}

static void ask_groups(u32 i)
{
	u16 hash[KWL_MSG_MC_MAX];
	u32 n = rnd(KWL_MSG_MC_MAX + 1), held;

	for (u32 k = 0; k < n; k++)
		hash[k] = rnd(0x10000);
	if (!rnd(8))
		bitmap_zero(x.want[i].mc, KAWELA_MC_HASHES);
	x.want[i].mc_more = !rnd(8);
	if (kawela_grant_mc(&x.c, i, hash, n)) {
		held = bitmap_weight(x.want[i].mc, KAWELA_MC_HASHES);
		CHECK_EQ(held > KAWELA_VF_MC_MAX && !x.policy[i].trusted, true);
		bitmap_zero(x.want[i].mc, KAWELA_MC_HASHES);
	}
	for (u32 k = 0; k < n && !bitmap_empty(x.want[i].mc, KAWELA_MC_HASHES); k++)
		CHECK_EQ(test_bit(hash[k] % KAWELA_MC_HASHES, x.want[i].mc), 1);
	held = bitmap_weight(x.want[i].mc, KAWELA_MC_HASHES);
	CHECK_EQ(held <= KAWELA_VF_MC_MAX || x.policy[i].trusted, true);
}

static void ask_vlan(u32 i)
{
	unsigned long *vlans = x.want[i].vlans;
	u32 vid = some_vid(), held = bitmap_weight(vlans, VLAN_N_VID);
	int want = vid == VLAN_VID_MASK ? -EINVAL : !vid ? 0 :
		   x.policy[i].vlan ? -EPERM : test_bit(vid, vlans) ? 0 :
		   held < kawela_vf_vlan_share(&x.c) ? 0 : -ENOSPC;

	CHECK_EQ(kawela_grant_vlan(&x.c, i, vid), want);
	CHECK_EQ(test_bit(0, vlans), 0);
}

static void ask_modes(u32 i)
{
	/* As mbx_ops.c: refused without trust */
	x.want[i].promisc = x.policy[i].trusted && rnd(2);
	x.want[i].allmulti = x.policy[i].trusted && rnd(2);
	x.want[i].queues = rnd(3);
	x.want[i].max_frame = 64 + rnd(KWL_MAX_FRAME - 63);
}

static void ask_something(u32 i)
{
	switch (x.c.vf[i].active ? rnd(16) : 0) {
	case 0:
		vf_begin(i);
		break;
	case 1:
		vf_forget(i);
		break;
	case 2:
		ask_mac(i);
		break;
	case 3:
		x.want[i].n_uc = 0;
		break;
	case 4 ... 7:
		ask_uc(i);
		break;
	case 8:
		__clear_bit(some_vid(), x.want[i].vlans);
		break;
	case 9:
		ask_groups(i);
		break;
	case 10:
		ask_modes(i);
		break;
	default:
		ask_vlan(i);
	}
}

/* Whatever a VF does costs nobody anything, and what it has it keeps */
static void ask(u32 i)
{
	static struct kawela_vf_want before[KWL_MAX_VFS];
	u32 share[KWL_MAX_VFS], vlans = kawela_vf_vlan_share(&x.c);

	memcpy(before, x.want, sizeof(before));
	for (u32 k = 0; k < x.c.n_vfs; k++)
		share[k] = kawela_vf_uc_share(&x.c, k);
	ask_something(i);
	CHECK_EQ(kawela_claims_settle(&x.c), 0);
	CHECK_EQ(kawela_vf_vlan_share(&x.c), vlans);
	for (u32 k = 0; k < x.c.n_vfs; k++) {
		CHECK_EQ(kawela_vf_uc_share(&x.c, k), share[k]);
		if (k != i)
			CHECK_EQ(!!memcmp(&before[k], &x.want[k],
					  sizeof(before[k])), 0);
	}
}

static void history(u64 seed, u32 steps)
{
	x = (struct world) { .random = seed };
	x.quirks = seed & 1 ? KWL_QUIRK_NO_ROPE_MPME | KWL_QUIRK_POOL_ONE_PAIR : 0;
	x.w.wr = write_reg;
	x.w.flush = flush;
	x.c.pf = &x.pf;
	memcpy(x.pf.mac, (u8[]) { 2, 2 }, 2);
	x.from = NULL;
	kawela_image_build(&x.next, NULL, &x.c, x.quirks);
	kawela_image_write(&x.w, NULL, &x.next);
	x.img = x.next;
	while (steps-- && unit_failed < 20) {
		u32 i = x.c.n_vfs ? rnd(x.c.n_vfs) : 0, what = rnd(8);

		if (!what || !x.c.n_vfs)
			pf_step();
		else if (what == 1)
			decide(i);
		else
			ask(i);
		apply();
		shares();
		addresses();
		vlans();
		pools();
	}
}

static u64 number(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void histories(void)
{
	u64 seed = number("KAWELA_FUZZ_SEED", time(NULL));
	u32 steps = number("KAWELA_FUZZ_CASES", STEPS), part;
	u64 sum;

	printf("KAWELA_FUZZ_SEED=%llu KAWELA_FUZZ_CASES=%u\n",
	       (unsigned long long)seed, steps);
	fflush(stdout);
	/* A history of its own for each part: a device begins anew, or has quirks */
	for (u32 done = 0; done < steps && !unit_failed; done += part) {
		part = min(steps - done, 10000U);
		history(seed + done / 10000, part);
	}
	printf("%llu register writes in the last part\n",
	       (unsigned long long)x.writes);
	/* The same history gives the same writes */
	history(seed, 5000);
	sum = x.sum;
	history(seed, 5000);
	CHECK_EQ(x.sum, sum);
}

UNIT_MAIN(histories)
