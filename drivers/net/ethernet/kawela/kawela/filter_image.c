// SPDX-License-Identifier: GPL-2.0-only
/*
 * Build the filter image. See filter_image.h.
 *
 * With n VFs, pools 0 to n - 1 are theirs and pool n is the PF's, which is also
 * the default pool: it gets unicast frames from the wire that no filter took.
 * Without VFs the part works without pools.
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
	const struct kawela_want *pf;
	const struct kawela_image_vf *vf;
	unsigned int n_vfs;
	u32 quirks;
	unsigned int n_ra;
	unsigned int n_ra_kept;	/* for VFs that are not active yet */
	unsigned int n_vlvf;
};

static int kawela_put_ra(struct kawela_build *b, const u8 *mac, u8 pools)
{
	if (b->n_ra + b->n_ra_kept == KWL_RA_ENTRIES)
		return -ENOSPC;
	b->img->ra[b->n_ra].lo = mac[0] | mac[1] << 8 | mac[2] << 16 |
				 (u32)mac[3] << 24;
	b->img->ra[b->n_ra].hi = mac[4] | mac[5] << 8 |
				 FIELD_PREP(KWL_RAH_POOL, pools) | KWL_RAH_AV;
	b->n_ra++;
	return 0;
}

static void kawela_put_mc(struct kawela_image *img, u16 hash)
{
	img->mta[hash / 32] |= BIT(hash % 32);
}

/*
 * The administrator's VLAN has its entry also before the VF is active, so that
 * becoming active can't fail
 */
static bool kawela_vf_in_vlan(const struct kawela_image_vf *vf,
			      unsigned int vid)
{
	if (vf->policy->vlan)
		return vf->policy->vlan == vid;
	return vf->active && test_bit(vid, vf->want->vlans);
}

/* Pools whose owner is in a VLAN */
static u32 kawela_vlan_pools(const struct kawela_build *b, unsigned int vid)
{
	u32 pools = 0;
	unsigned int i;

	for (i = 0; i < b->n_vfs; i++)
		if (kawela_vf_in_vlan(&b->vf[i], vid))
			pools |= BIT(i);
	if (b->pf->up && (b->pf->promisc ? pools != 0 :
					   test_bit(vid, b->pf->vlans)))
		pools |= BIT(b->n_vfs);
	return pools;
}

static int kawela_put_vlan(struct kawela_build *b, unsigned int vid)
{
	u32 pools = kawela_vlan_pools(b, vid);

	if (!pools && !(b->pf->up && test_bit(vid, b->pf->vlans)))
		return 0;
	b->img->vfta[vid / 32] |= BIT(vid % 32);
	if (!b->n_vfs)
		return 0;
	if (b->n_vlvf == KWL_VLVF_ENTRIES)
		return -ENOSPC;
	b->img->vlvf[b->n_vlvf++] = FIELD_PREP(KWL_VLVF_VID, vid) |
				    FIELD_PREP(KWL_VLVF_POOL, pools) |
				    KWL_VLVF_EN;
	return 0;
}

static int kawela_build_vlans(struct kawela_build *b)
{
	DECLARE_BITMAP(all, VLAN_N_VID);
	unsigned int i, vid;
	int err;

	bitmap_copy(all, b->pf->vlans, VLAN_N_VID);
	for (i = 0; i < b->n_vfs; i++) {
		bitmap_or(all, all, b->vf[i].want->vlans, VLAN_N_VID);
		if (b->vf[i].policy->vlan)
			__set_bit(b->vf[i].policy->vlan, all);
	}
	for_each_set_bit(vid, all, VLAN_N_VID) {
		err = kawela_put_vlan(b, vid);
		if (err)
			return err;
	}
	if (b->pf->up && b->pf->promisc)
		memset(b->img->vfta, 0xff, sizeof(b->img->vfta));
	return 0;
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
	b->img->uta = ~0U;
	return KWL_VMOLR_ROPE | kawela_allmulti(b);
}

static u32 kawela_vmolr_base(u16 max_frame)
{
	return FIELD_PREP(KWL_VMOLR_RLPML, max_frame) | KWL_VMOLR_LPE |
	       KWL_VMOLR_BAM | KWL_VMOLR_STRVLAN | KWL_VMOLR_STRCRC;
}

static int kawela_build_vf_addrs(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_policy *policy = b->vf[i].policy;
	const struct kawela_vf_want *want = b->vf[i].want;
	unsigned int n_uc = min(want->n_uc, kawela_vf_uc_max(policy));
	unsigned int k;
	int err;

	err = kawela_put_ra(b, kawela_vf_mac(policy, want), BIT(i));
	for (k = 0; k < n_uc && !err; k++)
		err = kawela_put_ra(b, want->uc[k], BIT(i));
	for (k = 0; k < want->n_mc; k++)
		kawela_put_mc(b->img, want->mc[k]);
	return err;
}

static u32 kawela_vf_vmolr(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_policy *policy = b->vf[i].policy;
	const struct kawela_vf_want *want = b->vf[i].want;
	u32 vmolr = kawela_vmolr_base(want->max_frame);

	if (want->n_mc)
		vmolr |= KWL_VMOLR_ROMPE;
	if (want->queues > 1)
		vmolr |= KWL_VMOLR_RSSE;
	if (policy->trusted && want->allmulti)
		vmolr |= kawela_allmulti(b);
	if (policy->trusted && want->promisc)
		vmolr |= kawela_promisc(b);
	/* Inside a VLAN of the administrator's, untagged frames are foreign */
	if (!policy->vlan)
		vmolr |= KWL_VMOLR_AUPE;
	return vmolr;
}

static int kawela_build_vf(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_policy *policy = b->vf[i].policy;
	int err = kawela_build_vf_addrs(b, i);

	if (err)
		return err;
	b->img->vmolr[i] = kawela_vf_vmolr(b, i);
	if (policy->vlan)
		b->img->vmvir[i] =
			FIELD_PREP(KWL_VMVIR_ACTION, KWL_VMVIR_DEFAULT) |
			FIELD_PREP(KWL_VMVIR_TAG,
				   policy->qos << VLAN_PRIO_SHIFT |
				   policy->vlan);
	if (policy->link == IFLA_VF_LINK_STATE_DISABLE)
		return 0;
	b->img->vfre |= BIT(i);
	b->img->vfte |= BIT(i);
	return 0;
}

/* What holds for a VF also before its driver is there */
static void kawela_build_vf_guard(struct kawela_build *b, unsigned int i)
{
	const struct kawela_vf_policy *policy = b->vf[i].policy;

	if (policy->spoofchk)
		b->img->dtxswc |= FIELD_PREP(KWL_DTXSWC_MACAS, BIT(i)) |
				  FIELD_PREP(KWL_DTXSWC_VLANAS, BIT(i));
	b->img->rate[i] = kawela_rate_to_rc(b->pf->speed, policy->max_rate);
}

/* The PF in its pool */
static void kawela_build_pf_pool(struct kawela_build *b)
{
	u32 vmolr = kawela_vmolr_base(b->pf->max_frame);

	vmolr |= KWL_VMOLR_AUPE | KWL_VMOLR_ROMPE;
	if (b->pf->allmulti)
		vmolr |= kawela_allmulti(b);
	if (b->pf->promisc)
		vmolr |= kawela_promisc(b);
	b->img->vmolr[b->n_vfs] = vmolr;
	b->img->vfre |= BIT(b->n_vfs);
	b->img->vfte |= BIT(b->n_vfs);
}

static int kawela_build_pf(struct kawela_build *b)
{
	const struct kawela_want *pf = b->pf;
	unsigned int i;
	int err = 0;

	for (i = 0; i < pf->n_uc && !err; i++)
		err = kawela_put_ra(b, pf->uc[i], BIT(b->n_vfs));
	if (err)
		return err;
	for (i = 0; i < KWL_MTA_WORDS; i++)
		b->img->mta[i] |= pf->mta[i];
	if (b->n_vfs) {
		kawela_build_pf_pool(b);
		return 0;
	}
	if (pf->promisc)
		b->img->rctl |= KWL_RCTL_UPE | KWL_RCTL_MPE;
	if (pf->allmulti)
		b->img->rctl |= KWL_RCTL_MPE;
	if (pf->rx_all)
		b->img->rctl |= KWL_RCTL_SBP;
	b->img->rctl |= KWL_RCTL_EN;
	b->img->rlpml = pf->max_frame;
	return 0;
}

static void kawela_build_switch(struct kawela_build *b)
{
	struct kawela_image *img = b->img;

	/* Pools without VMOLR.RSSE have all in their first queue in either mode */
	if (b->quirks & KWL_QUIRK_POOL_ONE_PAIR)
		img->mrqc = FIELD_PREP(KWL_MRQC_MODE, KWL_MRQC_VMDQ);
	else
		img->mrqc = FIELD_PREP(KWL_MRQC_MODE, KWL_MRQC_VMDQ_RSS) |
			    b->pf->rss_types;
	img->vt_ctl = FIELD_PREP(KWL_VT_CTL_DEF_PL, b->n_vfs) |
		      KWL_VT_CTL_REPL_EN;
	if (!b->pf->up)
		img->vt_ctl |= KWL_VT_CTL_DIS_DEF_PL;
	if (!b->pf->vepa)
		img->dtxswc = KWL_DTXSWC_LOOPBACK_EN;
	/* VFs receive also while the PF's interface is down */
	img->rctl |= KWL_RCTL_EN;
	img->rlpml = KWL_MAX_FRAME;
}

/**
 * kawela_image_build() - compute the picture
 * @img: receives it
 * @pf: what the PF's netdev wants
 * @vf: the VFs
 * @n_vfs: how many, 0 to KWL_MAX_VFS
 * @quirks: the part's quirks
 *
 * Return: 0, or -ENOSPC when receive addresses or VLANs don't fit the part's
 * tables (24 and, with VFs, 32).
 */
int kawela_image_build(struct kawela_image *img, const struct kawela_want *pf,
		       const struct kawela_image_vf *vf, unsigned int n_vfs,
		       u32 quirks)
{
	struct kawela_build b = {
		.img = img, .pf = pf, .vf = vf, .n_vfs = n_vfs,
		.quirks = quirks,
	};
	unsigned int i;
	int err = 0;

	memset(img, 0, sizeof(*img));
	img->mrqc = FIELD_PREP(KWL_MRQC_MODE, KWL_MRQC_RSS) | pf->rss_types;
	img->rctl = KWL_RCTL_LPE | KWL_RCTL_BAM | KWL_RCTL_VFE | KWL_RCTL_SECRC;
	for (i = 0; i < KWL_POOLS; i++)
		img->vmolr[i] = KWL_VMOLR_STRCRC;
	if (n_vfs)
		kawela_build_switch(&b);
	for (i = 0; i < n_vfs; i++) {
		kawela_build_vf_guard(&b, i);
		b.n_ra_kept += !vf[i].active;
	}
	/* The first entry is always the PF's, as after a reset */
	kawela_put_ra(&b, pf->mac, pf->up ? BIT(n_vfs) : 0);
	if (pf->up)
		err = kawela_build_pf(&b);
	for (i = 0; i < n_vfs && !err; i++)
		if (vf[i].active)
			err = kawela_build_vf(&b, i);
	return err ?: kawela_build_vlans(&b);
}
