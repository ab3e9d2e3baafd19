/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world of filters.c, and what must be true of it: of the image, of registers
 * between any two writes, and of what VFs hold.
 */
#ifndef _KAWELA_UNIT_FILTER_RULES_H
#define _KAWELA_UNIT_FILTER_RULES_H

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
	u32 quirks;
	u64 writes;
	u64 random;
	u64 sum;
} x;

u32 rnd(u32 below);

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
	struct kawela_ra is = x.regs.ra[i];

	/* No address that is half the one and half the other */
	if (is.hi & KWL_RAH_AV)
		CHECK_EQ(kawela_ra_same(&is, ra[0]) || kawela_ra_same(&is, ra[1]), 1);

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

/* Is a VLAN let in for nobody in particular? Its unicast is the default pool's then. */
static bool vlan_stray(const u32 *vlvf, const u32 *vfta, u32 vid)
{
	return vfta[vid / 32] & BIT(vid % 32) && !vlan_pools(vlvf, vfta, vid);
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
		CHECK_EQ(vlan_stray(x.regs.vlvf, x.regs.vfta, vid[k]) &&
			 !vlan_stray(a->vlvf, a->vfta, vid[k]) &&
			 !vlan_stray(b->vlvf, b->vfta, vid[k]), 0);
	}
}

static void between_writes(u32 reg)
{
	const struct kawela_image *a = x.from, *b = x.to;
	u32 i;

	/* With the first VF, and the last, all pools are closed meanwhile */
	if (!a || (a->mrqc ^ b->mrqc) & KWL_MRQC_MODE)
		return;
	/* A pool that closes is closed first, one that opens is opened last */
	if (reg == KWL_VFRE || reg == KWL_VFTE) {
		between(a->vfre, b->vfre, x.regs.vfre);
		between(a->vfte, b->vfte, x.regs.vfte);
	} else {
		CHECK_EQ(x.regs.vfre, a->vfre & b->vfre);
		CHECK_EQ(x.regs.vfte, a->vfte & b->vfte);
	}
	for (i = 0; i < KWL_RA_ENTRIES; i++)
		if (reg == KWL_RAL(i) || reg == KWL_RAH(i)) {
			between_ras(i);
			between_addresses();
		}
	for (i = 0; b->mrqc & 1 && i < KWL_VLVF_ENTRIES; i++)
		between_vlans(i, reg);
}

static void table(u32 reg, u32 val, u32 first, u32 *words, u32 n)
{
	if (reg >= first && reg < first + 4 * n)
		words[(reg - first) / 4] = val;
}

static void write_reg(struct kawela_writer *w, u32 reg, u32 val)
{
	struct regs *r = &x.regs;

	x.writes++;
	for (u32 i = 0; i < KWL_RA_ENTRIES; i++) {
		table(reg, val, KWL_RAL(i), &r->ra[i].lo, 1);
		table(reg, val, KWL_RAH(i), &r->ra[i].hi, 1);
	}
	table(reg, val, KWL_VLVF(0), r->vlvf, KWL_VLVF_ENTRIES);
	table(reg, val, KWL_VFTA(0), r->vfta, KWL_VFTA_WORDS);
	table(reg, val, KWL_VMOLR(0), r->vmolr, KWL_POOLS);
	table(reg, val, KWL_VMVIR(0), r->vmvir, KWL_POOLS);
	table(reg, val, KWL_MTA(0), r->mta, KWL_MTA_WORDS);
	table(reg, val, KWL_UTA(0), r->uta, KWL_UTA_WORDS);
	table(reg, val, KWL_DTXSWC, &r->dtxswc, 1);
	table(reg, val, KWL_VT_CTL, &r->vt_ctl, 1);
	table(reg, val, KWL_RLPML, &r->rlpml, 1);
	table(reg, val, KWL_RCTL, &r->rctl, 1);
	table(reg, val, KWL_MRQC, &r->mrqc, 1);
	table(reg, val, KWL_VFRE, &r->vfre, 1);
	table(reg, val, KWL_VFTE, &r->vfte, 1);
	table(reg, val, KWL_RTTDQSEL, &r->dqsel, 1);
	if (reg == KWL_RTTBCNRC)
		r->rate[r->dqsel] = val;
	x.sum = x.sum * 31 + reg * 7 + val;
	between_writes(reg);
}

static void flush(struct kawela_writer *w)
{
}

/* What the device holds is the image, all of it */
static void written(void)
{
	const struct kawela_image *img = &x.img;
	const struct regs *r = &x.regs;

	CHECK_EQ(!!memcmp(r->ra, img->ra, sizeof(img->ra)), 0);
	CHECK_EQ(!!memcmp(r->vlvf, img->vlvf, sizeof(img->vlvf)), 0);
	CHECK_EQ(!!memcmp(r->vfta, img->vfta, sizeof(img->vfta)), 0);
	CHECK_EQ(!!memcmp(r->vmolr, img->vmolr, sizeof(img->vmolr)), 0);
	CHECK_EQ(!!memcmp(r->vmvir, img->vmvir, sizeof(img->vmvir)), 0);
	CHECK_EQ(!!memcmp(r->mta, img->mta, sizeof(img->mta)), 0);
	CHECK_EQ(!!memcmp(r->uta, img->uta, sizeof(img->uta)), 0);
	for (u32 q = 0; q < KWL_QUEUES; q++)
		CHECK_EQ(r->rate[q], img->rate[q % KWL_POOLS]);
	CHECK_EQ(r->dtxswc, img->dtxswc);
	CHECK_EQ(r->vt_ctl, img->vt_ctl);
	CHECK_EQ(r->rlpml, img->rlpml);
	CHECK_EQ(r->rctl, img->rctl);
	CHECK_EQ(r->mrqc, img->mrqc);
	CHECK_EQ(r->vfre, img->vfre);
	CHECK_EQ(r->vfte, img->vfte);
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

/* Of a list of addresses, what was there before and is no more */
static bool mac_lost(const struct kawela_vf_want *was,
		     const struct kawela_vf_want *is)
{
	for (u32 k = 0; k < was->n_uc; k++) {
		bool found = false;

		for (u32 m = 0; m < is->n_uc; m++)
			found |= ether_addr_equal(was->uc[k], is->uc[m]);
		if (!found)
			return true;
	}
	return false;
}

/*
 * Who lost something is told, and nobody else. One who holds no more than its share of
 * VLANs loses none, and nobody gets what it didn't ask for.
 */
static void lost(u8 who, const struct kawela_vf_want *before)
{
	for (u32 i = 0; i < x.c.n_vfs; i++) {
		const struct kawela_vf_want *was = &before[i], *is = &x.want[i];
		u32 more = bitmap_weight(is->vlans, VLAN_N_VID);
		bool less = mac_lost(was, is);

		CHECK_EQ(mac_lost(is, was), false);
		for (u32 k = 0; k < ARRAY_SIZE(is->vlans); k++)
			CHECK_EQ(is->vlans[k] & ~was->vlans[k], 0);
		if (more < bitmap_weight(was->vlans, VLAN_N_VID)) {
			less = true;
			CHECK_EQ(more >= kawela_vf_vlan_share(&x.c), 1);
		}
		if (!kawela_mac_fixed(&x.policy[i]))
			less |= !ether_addr_equal(was->mac, is->mac);
		CHECK_EQ(who >> i & 1, less);
	}
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

static bool vf_has(u32 i, const u8 *mac)
{
	for (u32 k = 0; k < x.want[i].n_uc; k++)
		if (ether_addr_equal(x.want[i].uc[k], mac))
			return true;
	return ether_addr_equal(kawela_vf_mac(&x.policy[i], &x.want[i]), mac);
}

/* An address of VF @i; VFs that are trusted may share it */
static void check_vf_mac(u32 i, const u8 *mac)
{
	u32 pools = BIT(i);

	for (u32 k = 0; k < x.c.n_vfs; k++)
		if (x.policy[i].trusted && x.policy[k].trusted &&
		    x.c.vf[k].active && vf_has(k, mac))
			pools |= BIT(k);
	check_mac(mac, pools);
}

/* Each address that was granted has its entry, for its owners alone */
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
		check_vf_mac(i, kawela_vf_mac(&x.policy[i], &x.want[i]));
		for (u32 k = 0; k < x.want[i].n_uc; k++)
			check_vf_mac(i, x.want[i].uc[k]);
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
		else
			CHECK_EQ(pools & pf, x.pf.promisc && pools ? pf : 0);
	}
}

static u32 has(u32 reg, u32 bit)
{
	return !!(reg & bit);
}

/* What a VF receives beside its addresses, sends, and is kept from */
static void vf_pool(u32 i)
{
	const struct kawela_vf_policy *policy = &x.policy[i];
	const struct kawela_vf_want *want = &x.want[i];
	u32 vmolr = x.img.vmolr[i], on = x.c.vf[i].active;
	u32 trusted = on && policy->trusted, mc = 0;
	u32 open = on && policy->link != IFLA_VF_LINK_STATE_DISABLE;

	for (u32 k = 0; k < KAWELA_MC_HASHES; k += BITS_PER_LONG)
		mc |= on && want->mc[k / BITS_PER_LONG];
	CHECK_EQ(x.img.vfre >> i & 1, open);
	CHECK_EQ(x.img.vfte >> i & 1, open);
	CHECK_EQ(has(vmolr, KWL_VMOLR_ROPE), trusted && want->promisc);
	CHECK_EQ(has(vmolr, KWL_VMOLR_MPME),
		 trusted && (want->promisc || want->allmulti || want->mc_more));
	CHECK_EQ(has(vmolr, KWL_VMOLR_ROMPE),
		 mc || has(vmolr, KWL_VMOLR_MPME));
	CHECK_EQ(has(vmolr, KWL_VMOLR_AUPE), on && !policy->vlan);
	CHECK_EQ(has(vmolr, KWL_VMOLR_BAM), on);
	CHECK_EQ(has(vmolr, KWL_VMOLR_RSSE), on && want->queues > 1);
	CHECK_EQ(FIELD_GET(KWL_VMOLR_RLPML, vmolr), on ? want->max_frame : 0);
	CHECK_EQ(x.img.vmvir[i], on && policy->vlan ?
		 FIELD_PREP(KWL_VMVIR_ACTION, KWL_VMVIR_DEFAULT) |
		 policy->qos << VLAN_PRIO_SHIFT | policy->vlan : 0);
	CHECK_EQ(x.img.dtxswc >> i & 1, policy->spoofchk);
	CHECK_EQ(x.img.dtxswc >> (8 + i) & 1, policy->spoofchk);
	CHECK_EQ(x.img.rate[i],
		 kawela_rate_to_rc(x.pf.speed, policy->max_rate));
}

static void pf_pool(void)
{
	u32 pool = x.c.n_vfs, vmolr = x.img.vmolr[pool], up = x.pf.up;

	CHECK_EQ(FIELD_GET(KWL_VT_CTL_DEF_PL, x.img.vt_ctl), pool);
	CHECK_EQ(has(x.img.vt_ctl, KWL_VT_CTL_DIS_DEF_PL), !up);
	CHECK_EQ(x.img.vfre >> pool, up);
	CHECK_EQ(x.img.vfte >> pool, up);
	CHECK_EQ(has(vmolr, KWL_VMOLR_ROPE), up && (x.pf.promisc ||
		 x.n_uc > kawela_pf_uc_room(&x.c)));
	CHECK_EQ(has(vmolr, KWL_VMOLR_MPME),
		 up && (x.pf.promisc || x.pf.allmulti));
	CHECK_EQ(has(vmolr, KWL_VMOLR_AUPE), up);
	CHECK_EQ(has(x.img.dtxswc, KWL_DTXSWC_LOOPBACK_EN), !x.pf.vepa);
	CHECK_EQ(x.img.dtxswc >> pool & 1, 0);
	CHECK_EQ(FIELD_GET(KWL_MRQC_MODE, x.img.mrqc),
		 x.quirks & KWL_QUIRK_POOL_ONE_PAIR ? KWL_MRQC_VMDQ :
						      KWL_MRQC_VMDQ_RSS);
	CHECK_EQ(x.img.rlpml, KWL_MAX_FRAME);
}

static void no_pool(void)
{
	u32 rctl = x.img.rctl, up = x.pf.up;

	CHECK_EQ(has(rctl, KWL_RCTL_EN), up);
	CHECK_EQ(has(rctl, KWL_RCTL_UPE), up && (x.pf.promisc ||
		 x.n_uc > kawela_pf_uc_room(&x.c)));
	CHECK_EQ(has(rctl, KWL_RCTL_MPE), up && (x.pf.promisc || x.pf.allmulti));
	CHECK_EQ(has(rctl, KWL_RCTL_SBP), up && x.pf.rx_all);
	CHECK_EQ(has(rctl, KWL_RCTL_VFE), 1);
	CHECK_EQ(x.img.rlpml, up ? x.pf.max_frame : 0);
	CHECK_EQ(x.img.vt_ctl | x.img.dtxswc | x.img.vfre | x.img.vfte, 0);
	CHECK_EQ(FIELD_GET(KWL_MRQC_MODE, x.img.mrqc), KWL_MRQC_RSS);
}

/* The hash table of groups has those that were named, and all if all are wanted */
static void groups(void)
{
	u32 all = x.pf.up && (x.pf.promisc || x.pf.allmulti) && x.c.n_vfs;
	const u32 *mc;

	for (u32 i = 0; i < x.c.n_vfs; i++)
		all |= has(x.img.vmolr[i], KWL_VMOLR_MPME);
	all = all && x.quirks & KWL_QUIRK_NO_ROPE_MPME;
	for (u32 k = 0; k < KWL_MTA_WORDS; k++) {
		u32 word = x.pf.up ? x.pf.mta[k] : 0;

		for (u32 i = 0; i < x.c.n_vfs; i++) {
			mc = (const u32 *)x.want[i].mc;
			word |= x.c.vf[i].active ? mc[k] : 0;
		}
		CHECK_EQ(x.img.mta[k], all ? ~0U : word);
	}
}

/* The same for unknown unicast: the PF's that found no entry, or all */
static void unknown(void)
{
	u32 room = kawela_pf_uc_room(&x.c), all = x.c.n_vfs && x.pf.up && x.pf.promisc;
	u32 uta[KWL_UTA_WORDS] = {};

	for (u32 i = 0; i < x.c.n_vfs; i++)
		all |= has(x.img.vmolr[i], KWL_VMOLR_ROPE);
	for (u32 i = room; i < x.n_uc && x.pf.up; i++)
		uta[kwl_mc_hash(x.uc[i]) / 32] |= BIT(kwl_mc_hash(x.uc[i]) % 32);
	if (all)
		memset(uta, 0xff, sizeof(uta));
	CHECK_EQ(!!memcmp(x.img.uta, uta, sizeof(uta)), 0);
}

static void pools(void)
{
	for (u32 i = 0; i < x.c.n_vfs; i++)
		vf_pool(i);
	if (x.c.n_vfs)
		pf_pool();
	else
		no_pool();
	groups();
	unknown();
}

#endif /* _KAWELA_UNIT_FILTER_RULES_H */
