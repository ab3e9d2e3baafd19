// SPDX-License-Identifier: GPL-2.0
/*
 * Claims, filter image and its writing, over random histories: what PF, administrator
 * and VFs do in any order. Checked behind each step, and between any two register
 * writes. KAWELA_SEED repeats a history, KAWELA_STEPS is its length.
 */
#include <stdlib.h>
#include <time.h>

#include "shim.h"
#include "unit.h"

#include "kawela/claims.c"
#include "kawela/filter_image.c"
#include "kawela/filter_write.c"
#include "filter_regs.h"

#define STEPS		100000
#define MACS		48	/* addresses that there are */
#define VIDS		60	/* VLANs that most steps choose from */
#define UC_LIST		40	/* longest list of the PF's netdev */

static struct world {
	struct kawela_want pf;
	u8 uc[UC_LIST][ETH_ALEN];
	unsigned int n_uc;
	struct kawela_vf_policy policy[KWL_MAX_VFS];
	struct kawela_vf_want want[KWL_MAX_VFS];
	u8 given[KWL_MAX_VFS][ETH_ALEN];
	struct kawela_claims c;
	struct kawela_image img, next;
	struct kawela_writer w;
	struct regs regs;
	const struct kawela_image *from, *to;	/* while writing */
	u64 writes;
	u64 random;
	u64 sum;
} x;

static u32 rnd(u32 below)
{
	x.random = x.random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (x.random >> 33) % below;
}

static const u8 *some_mac(void)
{
	static u8 mac[ETH_ALEN];

	memcpy(mac, (u8[]) { 2, 0, 0, 0, 0, rnd(MACS) }, ETH_ALEN);
	return mac;
}

static u32 some_vid(void)
{
	return rnd(16) ? rnd(VIDS) : rnd(VLAN_N_VID);
}

/* What both images give is there, and nothing that neither gives */
static void between(u32 was, u32 will, u32 is)
{
	CHECK_EQ(was & will & ~is, 0);
	CHECK_EQ(is & ~(was | will), 0);
}

/* The PF may change the places of two of its own addresses in a full table */
static bool swaps(const struct kawela_image *a, const struct kawela_image *b)
{
	return ra_pools(a->ra + 1, &b->ra[0]) && ra_pools(b->ra + 1, &a->ra[0]);
}

/* Only addresses of the entry that was written can have come or gone */
static void between_ras(u32 i)
{
	const struct kawela_image *a = x.from, *b = x.to;
	const struct kawela_ra *ra[] = { &a->ra[i], &b->ra[i] };

	for (u32 k = 0; k < ARRAY_SIZE(ra) && !swaps(a, b); k++)
		between(ra_pools(a->ra, ra[k]), ra_pools(b->ra, ra[k]),
			ra_pools(x.regs.ra, ra[k]));
}

/* A VF that changes its address has one of both all the time, if there is room */
static void between_addresses(void)
{
	u32 was = 0, will = 0, is = 0, vacant = 0, fresh = 0;

	for (u32 i = 1; i < KWL_RA_ENTRIES; i++) {
		was |= FIELD_GET(KWL_RAH_POOL, x.from->ra[i].hi);
		will |= FIELD_GET(KWL_RAH_POOL, x.to->ra[i].hi);
		is |= FIELD_GET(KWL_RAH_POOL, x.regs.ra[i].hi);
		vacant += !x.from->ra[i].hi;
		fresh += x.to->ra[i].hi &&
			 !kawela_ra_same(&x.from->ra[i], &x.to->ra[i]);
	}
	if (fresh <= vacant)
		CHECK_EQ(was & will & ~is & (BIT(x.c.n_vfs) - 1), 0);
}

/* The VLANs of entry @i, if the register that was written is about them */
static void between_vlans(u32 i, u32 reg)
{
	const struct kawela_image *a = x.from, *b = x.to;
	u32 vid[] = { FIELD_GET(KWL_VLVF_VID, a->vlvf[i]),
		      FIELD_GET(KWL_VLVF_VID, b->vlvf[i]) };

	for (u32 k = 0; k < ARRAY_SIZE(vid); k++) {
		if (reg != KWL_VLVF(i) && reg != KWL_VFTA(vid[k] / 32))
			continue;
		between(vlan_pools(a->vlvf, a->vfta, vid[k]),
			vlan_pools(b->vlvf, b->vfta, vid[k]),
			vlan_pools(x.regs.vlvf, x.regs.vfta, vid[k]));
	}
}

static void between_writes(u32 reg)
{
	const struct kawela_image *a = x.from, *b = x.to;
	u32 i;

	/* With the first VF, and the last, all pools are closed meanwhile */
	if (!a || (a->mrqc ^ b->mrqc) & KWL_MRQC_MODE)
		return;
	between(a->vfre, b->vfre, x.regs.vfre);
	for (i = 0; i < KWL_RA_ENTRIES; i++)
		if (reg == KWL_RAL(i) || reg == KWL_RAH(i)) {
			between_ras(i);
			between_addresses();
		}
	for (i = 0; b->mrqc & 1 && i < KWL_VLVF_ENTRIES; i++)
		between_vlans(i, reg);
}

static void write_reg(struct kawela_writer *w, u32 reg, u32 val)
{
	x.writes++;
	for (u32 i = 0; i < KWL_RA_ENTRIES; i++) {
		if (reg == KWL_RAL(i))
			x.regs.ra[i].lo = val;
		if (reg == KWL_RAH(i))
			x.regs.ra[i].hi = val;
	}
	if (reg >= KWL_VLVF(0) && reg < KWL_VLVF(KWL_VLVF_ENTRIES))
		x.regs.vlvf[(reg - KWL_VLVF(0)) / 4] = val;
	if (reg >= KWL_VFTA(0) && reg < KWL_VFTA(KWL_VFTA_WORDS))
		x.regs.vfta[(reg - KWL_VFTA(0)) / 4] = val;
	if (reg >= KWL_VMOLR(0) && reg < KWL_VMOLR(KWL_POOLS))
		x.regs.vmolr[(reg - KWL_VMOLR(0)) / 4] = val;
	if (reg == KWL_VFRE)
		x.regs.vfre = val;
	if (reg == KWL_MRQC)
		x.regs.mrqc = val;
	x.sum = x.sum * 31 + reg * 7 + val;
	between_writes(reg);
}

static void flush(struct kawela_writer *w)
{
}

/* What the device holds is the image */
static void written(void)
{
	CHECK_EQ(!!memcmp(x.regs.ra, x.img.ra, sizeof(x.img.ra)), 0);
	CHECK_EQ(!!memcmp(x.regs.vlvf, x.img.vlvf, sizeof(x.img.vlvf)), 0);
	CHECK_EQ(!!memcmp(x.regs.vfta, x.img.vfta, sizeof(x.img.vfta)), 0);
	CHECK_EQ(!!memcmp(x.regs.vmolr, x.img.vmolr, sizeof(x.img.vmolr)), 0);
	CHECK_EQ(x.regs.vfre, x.img.vfre);
	CHECK_EQ(x.regs.mrqc, x.img.mrqc);
}

/* What stays is where it was */
static void kept(void)
{
	for (u32 i = 1; i < KWL_RA_ENTRIES; i++)
		for (u32 k = 1; k < KWL_RA_ENTRIES; k++)
			if (kawela_ra_same(&x.img.ra[i], &x.next.ra[k]))
				CHECK_EQ(i, k);
	for (u32 i = 0; i < KWL_VLVF_ENTRIES; i++)
		for (u32 k = 0; k < KWL_VLVF_ENTRIES; k++)
			if (kawela_vlvf_same(x.img.vlvf[i], x.next.vlvf[k]))
				CHECK_EQ(i, k);
}

/* One who holds no more than its share loses nothing but what others were given */
static void lost(u8 who, const u32 *uc, const u32 *vlans)
{
	for (u32 i = 0; i < x.c.n_vfs; i++) {
		const struct kawela_vf_want *want = &x.want[i];
		u32 more = bitmap_weight(want->vlans, VLAN_N_VID);

		CHECK_EQ(want->n_uc <= uc[i] && more <= vlans[i], 1);
		if (want->n_uc < uc[i] || more < vlans[i])
			CHECK_EQ(who >> i & 1, 1);
		if (more < vlans[i])
			CHECK_EQ(more >= kawela_vf_vlan_share(&x.c), 1);
	}
}

static void apply(void)
{
	u32 uc[KWL_MAX_VFS], vlans[KWL_MAX_VFS];

	for (u32 i = 0; i < x.c.n_vfs; i++) {
		uc[i] = x.want[i].n_uc;
		vlans[i] = bitmap_weight(x.want[i].vlans, VLAN_N_VID);
	}
	lost(kawela_claims_settle(&x.c), uc, vlans);
	CHECK_EQ(kawela_claims_settle(&x.c), 0);
	kawela_image_build(&x.next, &x.img, &x.c, 0);
	if (!memcmp(&x.next, &x.img, sizeof(x.img)))
		return;
	kept();
	x.from = &x.img;
	x.to = &x.next;
	kawela_image_write(&x.w, &x.img, &x.next);
	x.img = x.next;
	written();
}

/* Shares are kept: all that VFs hold and may still ask for is there */
static void shares(void)
{
	u32 uc = 0, vlans = 0;
	bool fit;

	for (u32 i = 0; i < x.c.n_vfs; i++) {
		uc += max(x.want[i].n_uc, kawela_vf_uc_share(&x.c, i));
		vlans += max(bitmap_weight(x.want[i].vlans, VLAN_N_VID),
			     kawela_vf_vlan_share(&x.c));
	}
	if (!x.c.n_vfs)
		return;
	CHECK_EQ(uc <= kawela_uc_left(&x.c), 1);
	CHECK_EQ(vlans <= kawela_vlans_left(&x.c, &fit), 1);
}

static void check_mac(const u8 *mac, u32 pools)
{
	struct kawela_ra ra = kawela_ra_of(mac, 0);

	CHECK_EQ(ra_pools(x.img.ra, &ra), pools);
}

/* Each address that was granted has its entry, for its owner alone */
static void addresses(void)
{
	for (u32 i = 0; i < x.pf.n_uc && x.pf.up; i++) {
		u16 hash = kwl_mc_hash(x.pf.uc[i]);

		if (i < kawela_pf_uc_room(&x.c))
			check_mac(x.pf.uc[i], BIT(x.c.n_vfs));
		else
			CHECK_EQ(x.img.uta[hash / 32] >> hash % 32 & 1, 1);
	}
	check_mac(x.pf.mac, x.pf.up ? BIT(x.c.n_vfs) : 0);
	if (x.pf.up && x.n_uc > kawela_pf_uc_room(&x.c))
		CHECK_EQ(x.c.n_vfs ? x.img.vmolr[x.c.n_vfs] & KWL_VMOLR_ROPE :
				     x.img.rctl & KWL_RCTL_UPE,
			 x.c.n_vfs ? KWL_VMOLR_ROPE : KWL_RCTL_UPE);
	for (u32 i = 0; i < x.c.n_vfs; i++) {
		if (!x.c.vf[i].active)
			continue;
		check_mac(kawela_vf_mac(&x.policy[i], &x.want[i]), BIT(i));
		for (u32 k = 0; k < x.want[i].n_uc; k++)
			check_mac(x.want[i].uc[k], BIT(i));
	}
}

/* Each is in its VLANs and in no other; the PF may have too many */
static void vlans(void)
{
	DECLARE_BITMAP(entries, VLAN_N_VID);
	u32 pf = BIT(x.c.n_vfs), vid;

	if (!x.c.n_vfs) {
		for (vid = rnd(16); vid < VIDS; vid += 1 + rnd(32))
			CHECK_EQ(x.img.vfta[vid / 32] >> vid % 32 & 1,
				 !vid || (x.pf.up && (x.pf.promisc ||
						      test_bit(vid, x.pf.vlans))));
		return;
	}
	if (!kawela_pf_vlans(&x.c, entries))
		CHECK_EQ(bitmap_weight(entries, VLAN_N_VID) >= 3, 1);
	for (vid = rnd(16); vid < VIDS; vid += 1 + rnd(32)) {
		u32 pools = vlan_pools(x.img.vlvf, x.img.vfta, vid);

		for (u32 i = 0; i < x.c.n_vfs; i++)
			CHECK_EQ(pools >> i & 1,
				 x.policy[i].vlan ? vid == x.policy[i].vlan :
				 x.c.vf[i].active &&
				 (!vid || test_bit(vid, x.want[i].vlans)));
		if (!x.pf.up)
			CHECK_EQ(pools & pf, 0);
		else if (!vid || test_bit(vid, entries) ||
			 (pools && test_bit(vid, x.pf.vlans)))
			CHECK_EQ(pools & pf, pf);
		else if (!x.pf.promisc)
			CHECK_EQ(pools & pf, 0);
	}
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
	switch (rnd(16)) {
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

	switch (rnd(5)) {
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

static void ask_uc(u32 i)
{
	struct kawela_vf_want *want = &x.want[i];
	bool more = want->n_uc < kawela_vf_uc_share(&x.c, i);
	u32 n = want->n_uc;
	const u8 *mac = some_mac();
	int err;

	if (pf_has(mac))
		return;
	err = kawela_grant_uc(&x.c, i, mac);
	CHECK_EQ(want->n_uc > n, !err && want->n_uc != n);
	CHECK_EQ(err == -ENOSPC && more, 0);
	CHECK_EQ(want->n_uc > n && !more, 0);
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

static void ask(u32 i)
{
	u16 hash[4] = { rnd(4096), rnd(4096), rnd(4096), rnd(4096) };
	u8 lost;

	switch (x.c.vf[i].active ? rnd(16) : 0) {
	case 0:
		vf_begin(i);
		break;
	case 1:
		vf_forget(i);
		break;
	case 2:
		if (!pf_has(some_mac()))
			kawela_grant_mac(&x.c, i, some_mac());
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
		if (kawela_grant_mc(&x.c, i, hash, 4))
			bitmap_zero(x.want[i].mc, KAWELA_MC_HASHES);
		break;
	default:
		ask_vlan(i);
	}
	/* Whatever VFs do costs nobody anything */
	lost = kawela_claims_settle(&x.c);
	if (!x.n_uc)
		CHECK_EQ(lost, 0);
}

static void history(u64 seed, u32 steps)
{
	x = (struct world) { .random = seed };
	x.w.wr = write_reg;
	x.w.flush = flush;
	x.c.pf = &x.pf;
	memcpy(x.pf.mac, (u8[]) { 2, 2 }, 2);
	x.from = NULL;
	kawela_image_build(&x.next, NULL, &x.c, 0);
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
	}
}

static u64 number(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void histories(void)
{
	u64 seed = number("KAWELA_SEED", time(NULL));
	u64 sum;

	printf("KAWELA_SEED=%llu\n", (unsigned long long)seed);
	history(seed, number("KAWELA_STEPS", STEPS));
	printf("%llu register writes\n", (unsigned long long)x.writes);
	/* The same history gives the same writes */
	history(seed, 10000);
	sum = x.sum;
	history(seed, 10000);
	CHECK_EQ(x.sum, sum);
}

UNIT_MAIN(histories)
