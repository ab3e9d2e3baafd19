// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter image. See filter_image.h.
 *
 * With n VFs, pools 0 to n - 1 are theirs and pool n is the PF's, which is also
 * the default pool: it gets unicast frames from the wire that no filter took.
 * Without VFs the device works without pools.
 *
 * What was in a table before keeps its place, so that writing a new image disturbs
 * no function that is in both.
 */
#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/string.h>

#include <kawela/quirks.h>

#include "filter_image.h"
#include "rate.h"

/* State of one build */
struct kawela_build {
	struct kawela_image *img;
	const struct kawela_image *old;
	const struct kawela_claims *c;
	u32 quirks;
	struct kawela_ra ra[KWL_RA_ENTRIES];
	unsigned int n_ra;
	u32 vlvf[KWL_VLVF_ENTRIES];	/* but the first, VLAN 0 */
	unsigned int n_vlvf;
};

static struct kawela_ra kawela_ra_of(const u8 *mac, u8 pools)
{
	return (struct kawela_ra) {
		.lo = mac[0] | mac[1] << 8 | mac[2] << 16 | (u32)mac[3] << 24,
		.hi = mac[4] | mac[5] << 8 |
		      FIELD_PREP(KWL_RAH_POOL, pools) | KWL_RAH_AV,
	};
}

/* kawela_claims_settle() has seen to it that there is room */
static void kawela_put_ra(struct kawela_build *b, const u8 *mac, u8 pools)
{
	struct kawela_ra ra = kawela_ra_of(mac, pools);
	unsigned int i;

	for (i = 0; i < b->n_ra; i++) {
		if (kawela_ra_same(&b->ra[i], &ra)) {
			b->ra[i].hi |= ra.hi;
			return;
		}
	}
	if (b->n_ra < KWL_RA_ENTRIES - 1)
		b->ra[b->n_ra++] = ra;
}

/* Where an address was; 0, which is the PF's own place, when it is new */
static unsigned int kawela_ra_was(const struct kawela_build *b,
				  const struct kawela_ra *ra)
{
	unsigned int i;

	for (i = 1; b->old && i < KWL_RA_ENTRIES; i++)
		if (kawela_ra_same(&b->old->ra[i], ra))
			return i;
	return 0;
}

/* A place for a new address, preferably one where nothing was */
static unsigned int kawela_ra_vacant(const struct kawela_build *b)
{
	unsigned int i, vacant = 0;

	for (i = KWL_RA_ENTRIES - 1; i; i--) {
		if (b->img->ra[i].hi)
			continue;
		if (!vacant || !b->old || !b->old->ra[i].hi ||
		    b->old->ra[vacant].hi)
			vacant = i;
	}
	return vacant;
}

static void kawela_place_ras(struct kawela_build *b)
{
	unsigned int i, at;

	for (i = 0; i < b->n_ra; i++) {
		at = kawela_ra_was(b, &b->ra[i]);
		if (at)
			b->img->ra[at] = b->ra[i];
	}
	for (i = 0; i < b->n_ra; i++)
		if (!kawela_ra_was(b, &b->ra[i]))
			b->img->ra[kawela_ra_vacant(b)] = b->ra[i];
}

static void kawela_put_hash(u32 *table, u16 hash)
{
	table[hash / 32] |= BIT(hash % 32);
}

static bool kawela_vf_in_vlan(const struct kawela_vf_claims *vf,
			      unsigned int vid)
{
	if (vf->policy->vlan)
		return vf->policy->vlan == vid;
	return vf->active && (!vid || test_bit(vid, vf->want->vlans));
}

/* Pools whose owner is in a VLAN. Promiscuous, the PF is in all that there are. */
static u32 kawela_vlan_pools(const struct kawela_build *b, unsigned int vid)
{
	const struct kawela_claims *c = b->c;
	u32 pools = 0;
	unsigned int i;

	for (i = 0; i < c->n_vfs; i++)
		if (kawela_vf_in_vlan(&c->vf[i], vid))
			pools |= BIT(i);
	if (c->pf->up && (!vid || c->pf->promisc || test_bit(vid, c->pf->vlans)))
		pools |= BIT(c->n_vfs);
	return pools;
}

static u32 kawela_vlvf_of(const struct kawela_build *b, unsigned int vid)
{
	u32 pools = kawela_vlan_pools(b, vid);

	return pools ? FIELD_PREP(KWL_VLVF_VID, vid) |
		       FIELD_PREP(KWL_VLVF_POOL, pools) | KWL_VLVF_EN : 0;
}

/* kawela_claims_settle() has seen to it that there is room */
static void kawela_put_vlvf(struct kawela_build *b, unsigned int vid)
{
	u32 vlvf = kawela_vlvf_of(b, vid);

	if (vlvf && b->n_vlvf < KWL_VLVF_ENTRIES - 1)
		b->vlvf[b->n_vlvf++] = vlvf;
}

static bool kawela_vlvf_same(u32 a, u32 b)
{
	return a & b & KWL_VLVF_EN && !((a ^ b) & KWL_VLVF_VID);
}

/* Where a VLAN was; beyond the table when it is new */
static unsigned int kawela_vlvf_was(const struct kawela_build *b, u32 vlvf)
{
	unsigned int i;

	for (i = 1; b->old && i < KWL_VLVF_ENTRIES; i++)
		if (kawela_vlvf_same(b->old->vlvf[i], vlvf))
			return i;
	return KWL_VLVF_ENTRIES;
}

static void kawela_place_vlvfs(struct kawela_build *b)
{
	unsigned int i, at, next = 1;

	for (i = 0; i < b->n_vlvf; i++) {
		at = kawela_vlvf_was(b, b->vlvf[i]);
		if (at < KWL_VLVF_ENTRIES)
			b->img->vlvf[at] = b->vlvf[i];
	}
	for (i = 0; i < b->n_vlvf; i++) {
		if (kawela_vlvf_was(b, b->vlvf[i]) < KWL_VLVF_ENTRIES)
			continue;
		while (b->img->vlvf[next])
			next++;
		b->img->vlvf[next] = b->vlvf[i];
	}
}

/* VLANs of VFs, by their own choice or the administrator's */
static void kawela_vf_vlans(const struct kawela_claims *c,
			    unsigned long *vlans)
{
	unsigned int i;

	bitmap_zero(vlans, VLAN_N_VID);
	for (i = 0; i < c->n_vfs; i++) {
		if (c->vf[i].policy->vlan)
			__set_bit(c->vf[i].policy->vlan, vlans);
		else if (c->vf[i].active)
			bitmap_or(vlans, vlans, c->vf[i].want->vlans,
				  VLAN_N_VID);
	}
}

/*
 * VLAN 0 is that of untagged frames with a priority. All functions are in it except
 * VFs inside a VLAN of the administrator's.
 */
static void kawela_build_vlvfs(struct kawela_build *b)
{
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	DECLARE_BITMAP(pf, VLAN_N_VID);
	unsigned int vid;

	kawela_vf_vlans(b->c, vlans);
	if (b->c->pf->up) {
		kawela_pf_vlans(b->c, pf);
		bitmap_or(vlans, vlans, pf, VLAN_N_VID);
	}
	for_each_set_bit(vid, vlans, VLAN_N_VID)
		kawela_put_vlvf(b, vid);
	kawela_place_vlvfs(b);
	b->img->vlvf[0] = kawela_vlvf_of(b, 0);
}

static void kawela_build_vlans(struct kawela_build *b)
{
	const struct kawela_want *pf = b->c->pf;
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	unsigned int vid;

	kawela_vf_vlans(b->c, vlans);
	if (pf->up)
		bitmap_or(vlans, vlans, pf->vlans, VLAN_N_VID);
	__set_bit(0, vlans);
	for_each_set_bit(vid, vlans, VLAN_N_VID)
		kawela_put_hash(b->img->vfta, vid);
	if (pf->up && pf->promisc)
		memset(b->img->vfta, 0xff, sizeof(b->img->vfta));
	if (b->c->n_vfs)
		kawela_build_vlvfs(b);
}

/* With KWL_QUIRK_NO_ROPE_MPME, "every group" is a full hash table */
static u32 kawela_allmulti(struct kawela_build *b)
{
	if (b->quirks & KWL_QUIRK_NO_ROPE_MPME)
		memset(b->img->mta, 0xff, sizeof(b->img->mta));
	return KWL_VMOLR_MPME | KWL_VMOLR_ROMPE;
}

/*
 * "Everything" is a full unicast hash table. Where KWL_QUIRK_NO_ROPE_MPME has it
 * work through ROMPE, unknown unicast floods to every pool with groups, as in a
 * switch that doesn't know a destination.
 */
static u32 kawela_promisc(struct kawela_build *b)
{
	memset(b->img->uta, 0xff, sizeof(b->img->uta));
	return KWL_VMOLR_ROPE | kawela_allmulti(b);
}

static u32 kawela_vmolr_base(u16 max_frame)
{
	return FIELD_PREP(KWL_VMOLR_RLPML, max_frame) | KWL_VMOLR_LPE |
	       KWL_VMOLR_BAM | KWL_VMOLR_STRVLAN | KWL_VMOLR_STRCRC;
}

static void kawela_build_vf_addrs(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_want *want = b->c->vf[i].want;
	unsigned int k;

	kawela_put_ra(b, kawela_vf_mac(b->c->vf[i].policy, want), BIT(i));
	for (k = 0; k < want->n_uc; k++)
		kawela_put_ra(b, want->uc[k], BIT(i));
	for_each_set_bit(k, want->mc, KAWELA_MC_HASHES)
		kawela_put_hash(b->img->mta, k);
}

static u32 kawela_vf_vmolr(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_policy *policy = b->c->vf[i].policy;
	const struct kawela_vf_want *want = b->c->vf[i].want;
	u32 vmolr = kawela_vmolr_base(want->max_frame);

	if (!bitmap_empty(want->mc, KAWELA_MC_HASHES))
		vmolr |= KWL_VMOLR_ROMPE;
	if (want->queues > 1)
		vmolr |= KWL_VMOLR_RSSE;
	if (policy->trusted && (want->allmulti || want->mc_more))
		vmolr |= kawela_allmulti(b);
	if (policy->trusted && want->promisc)
		vmolr |= kawela_promisc(b);
	/* In a VLAN of the administrator's, untagged frames don't belong to the VF */
	if (!policy->vlan)
		vmolr |= KWL_VMOLR_AUPE;
	return vmolr;
}

static void kawela_build_vf(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_policy *policy = b->c->vf[i].policy;

	kawela_build_vf_addrs(b, i);
	b->img->vmolr[i] = kawela_vf_vmolr(b, i);
	if (policy->vlan)
		b->img->vmvir[i] =
			FIELD_PREP(KWL_VMVIR_ACTION, KWL_VMVIR_DEFAULT) |
			FIELD_PREP(KWL_VMVIR_TAG,
				   policy->qos << VLAN_PRIO_SHIFT |
				   policy->vlan);
	if (policy->link == IFLA_VF_LINK_STATE_DISABLE)
		return;
	b->img->vfre |= BIT(i);
	b->img->vfte |= BIT(i);
}

/* What holds for a VF also before its driver is there */
static void kawela_build_vf_guard(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_policy *policy = b->c->vf[i].policy;

	if (policy->spoofchk)
		b->img->dtxswc |= FIELD_PREP(KWL_DTXSWC_MACAS, BIT(i)) |
				  FIELD_PREP(KWL_DTXSWC_VLANAS, BIT(i));
	b->img->rate[i] = kawela_rate_to_rc(b->c->pf->speed, policy->max_rate);
}

/*
 * Addresses of the PF; those beyond the table by their hash. Return: whether there
 * are such.
 */
static bool kawela_build_pf_addrs(struct kawela_build *b)
{
	const struct kawela_want *pf = b->c->pf;
	unsigned int i, room = kawela_pf_uc_room(b->c);

	memcpy(b->img->uta, pf->uc_hash, sizeof(b->img->uta));
	for (i = 0; i < pf->n_uc; i++) {
		if (i < room)
			kawela_put_ra(b, pf->uc[i], BIT(b->c->n_vfs));
		else
			kawela_put_hash(b->img->uta, kwl_mc_hash(pf->uc[i]));
	}
	return pf->uc_more || pf->n_uc > room;
}

/* The PF in its pool */
static void kawela_build_pf_pool(struct kawela_build *b, bool more)
{
	const struct kawela_want *pf = b->c->pf;
	unsigned int pool = b->c->n_vfs;
	u32 vmolr = kawela_vmolr_base(pf->max_frame);

	vmolr |= KWL_VMOLR_AUPE | KWL_VMOLR_ROMPE;
	if (more)
		vmolr |= KWL_VMOLR_ROPE;
	if (pf->allmulti)
		vmolr |= kawela_allmulti(b);
	if (pf->promisc)
		vmolr |= kawela_promisc(b);
	b->img->vmolr[pool] = vmolr;
	b->img->vfre |= BIT(pool);
	b->img->vfte |= BIT(pool);
}

static void kawela_build_pf(struct kawela_build *b)
{
	const struct kawela_want *pf = b->c->pf;
	bool more = kawela_build_pf_addrs(b);
	unsigned int i;

	for (i = 0; i < KWL_MTA_WORDS; i++)
		b->img->mta[i] |= pf->mta[i];
	if (b->c->n_vfs) {
		kawela_build_pf_pool(b, more);
		return;
	}
	if (pf->promisc || more)
		b->img->rctl |= KWL_RCTL_UPE;
	if (pf->promisc || pf->allmulti)
		b->img->rctl |= KWL_RCTL_MPE;
	if (pf->rx_all)
		b->img->rctl |= KWL_RCTL_SBP;
	if (pf->rx_fcs)
		b->img->rctl &= ~KWL_RCTL_SECRC;
	b->img->rctl |= KWL_RCTL_EN;
	b->img->rlpml = pf->max_frame;
}

static void kawela_build_switch(struct kawela_build *b)
{
	const struct kawela_want *pf = b->c->pf;
	struct kawela_image *img = b->img;

	/* Pools without VMOLR.RSSE have all in their first queue in either mode */
	if (b->quirks & KWL_QUIRK_POOL_ONE_PAIR)
		img->mrqc = FIELD_PREP(KWL_MRQC_MODE, KWL_MRQC_VMDQ);
	else
		img->mrqc = FIELD_PREP(KWL_MRQC_MODE, KWL_MRQC_VMDQ_RSS) |
			    pf->rss_types;
	img->vt_ctl = FIELD_PREP(KWL_VT_CTL_DEF_PL, b->c->n_vfs) |
		      KWL_VT_CTL_REPL_EN;
	if (!pf->up)
		img->vt_ctl |= KWL_VT_CTL_DIS_DEF_PL;
	if (!pf->vepa)
		img->dtxswc = KWL_DTXSWC_LOOPBACK_EN;
	/* VFs receive also while the PF's interface is down */
	img->rctl |= KWL_RCTL_EN;
	img->rlpml = KWL_MAX_FRAME;
}

/**
 * kawela_image_build() - compute the picture
 * @img: receives it
 * @old: what is written now, for the places of what stays; NULL for a new beginning
 * @c: all claims, settled
 * @quirks: the device's quirks
 */
void kawela_image_build(struct kawela_image *img,
			const struct kawela_image *old,
			const struct kawela_claims *c, u32 quirks)
{
	struct kawela_build b = {
		.img = img, .old = old, .c = c, .quirks = quirks,
	};
	unsigned int i;

	memset(img, 0, sizeof(*img));
	img->mrqc = FIELD_PREP(KWL_MRQC_MODE, KWL_MRQC_RSS) | c->pf->rss_types;
	img->rctl = KWL_RCTL_LPE | KWL_RCTL_BAM | KWL_RCTL_VFE | KWL_RCTL_SECRC;
	for (i = 0; i < KWL_POOLS; i++)
		img->vmolr[i] = KWL_VMOLR_STRCRC;
	/* The first entry is always the PF's, as after a reset */
	img->ra[0] = kawela_ra_of(c->pf->mac, c->pf->up ? BIT(c->n_vfs) : 0);
	if (c->n_vfs)
		kawela_build_switch(&b);
	if (c->pf->up)
		kawela_build_pf(&b);
	for (i = 0; i < c->n_vfs; i++) {
		kawela_build_vf_guard(&b, i);
		if (c->vf[i].active)
			kawela_build_vf(&b, i);
	}
	kawela_place_ras(&b);
	kawela_build_vlans(&b);
}
