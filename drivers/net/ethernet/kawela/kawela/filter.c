// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write the filter image: only what differs, in an order in which at no moment
 * anybody receives what neither the old nor the new image gives it.
 */
#include <linux/bitfield.h>

#include "filter.h"
#include "filter_image.h"
#include "kawela.h"
#include "trace.h"

static void kawela_wr(struct kawela *pf, u32 reg, u32 val)
{
	trace_kawela_filter(pf->hw.dev, reg, val);
	kwl_wr(&pf->hw, reg, val);
}

static void kawela_write_ra(struct kawela *pf, const struct kawela_image *old,
			    const struct kawela_image *img, unsigned int i)
{
	if (old && old->ra[i].lo == img->ra[i].lo &&
	    old->ra[i].hi == img->ra[i].hi)
		return;
	/* An entry takes effect with AV, in the upper half */
	kawela_wr(pf, KWL_RAH(i), 0);
	kawela_wr(pf, KWL_RAL(i), img->ra[i].lo);
	kwl_flush(&pf->hw);
	kawela_wr(pf, KWL_RAH(i), img->ra[i].hi);
}

/* Write the words of a table that differ */
static void kawela_write_table(struct kawela *pf, u32 reg, const u32 *old,
			       const u32 *img, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!old || old[i] != img[i])
			kawela_wr(pf, reg + 4 * i, img[i]);
}

/* Leave VLANs first, then change who is in which, then enter new ones */
static void kawela_write_vlans(struct kawela *pf,
			       const struct kawela_image *old,
			       const struct kawela_image *img)
{
	unsigned int i;

	for (i = 0; i < KWL_VFTA_WORDS; i++) {
		u32 keep = old ? old->vfta[i] & img->vfta[i] : 0;

		if (!old || keep != old->vfta[i])
			kawela_wr(pf, KWL_VFTA(i), keep);
	}
	kawela_write_table(pf, KWL_VLVF(0), old ? old->vlvf : NULL, img->vlvf,
			   KWL_VLVF_ENTRIES);
	for (i = 0; i < KWL_VFTA_WORDS; i++) {
		u32 kept = old ? old->vfta[i] & img->vfta[i] : 0;

		if (kept != img->vfta[i])
			kawela_wr(pf, KWL_VFTA(i), img->vfta[i]);
	}
}

/* Pools that stop come first, pools that start last */
static void kawela_write_pools(struct kawela *pf,
			       const struct kawela_image *old,
			       const struct kawela_image *img)
{
	kawela_write_table(pf, KWL_VMVIR(0), old ? old->vmvir : NULL,
			   img->vmvir, KWL_POOLS);
	kawela_write_table(pf, KWL_VMOLR(0), old ? old->vmolr : NULL,
			   img->vmolr, KWL_POOLS);
	if (!old || old->dtxswc != img->dtxswc)
		kawela_wr(pf, KWL_DTXSWC, img->dtxswc);
	if (!old || old->vt_ctl != img->vt_ctl)
		kawela_wr(pf, KWL_VT_CTL, img->vt_ctl);
}

/* The pool's queues share a limit each; DQSEL chooses whose register shows */
static void kawela_write_rates(struct kawela *pf,
			       const struct kawela_image *old,
			       const struct kawela_image *img)
{
	unsigned int i, q;

	for (i = 0; i < KWL_POOLS; i++) {
		if (old && old->rate[i] == img->rate[i])
			continue;
		for (q = 0; q < KWL_VF_QUEUES; q++) {
			kawela_wr(pf, KWL_RTTDQSEL, i + q * KWL_POOLS);
			kawela_wr(pf, KWL_RTTBCNRC, img->rate[i]);
		}
	}
}

static void kawela_write_uta(struct kawela *pf, const struct kawela_image *old,
			     const struct kawela_image *img)
{
	unsigned int i;

	if (old && old->uta == img->uta)
		return;
	for (i = 0; i < KWL_UTA_WORDS; i++)
		kawela_wr(pf, KWL_UTA(i), img->uta);
}

static void kawela_write_mode(struct kawela *pf, const struct kawela_image *old,
			      const struct kawela_image *img)
{
	if (!old || old->rlpml != img->rlpml)
		kawela_wr(pf, KWL_RLPML, img->rlpml);
	if (!old || old->mrqc != img->mrqc)
		kawela_wr(pf, KWL_MRQC, img->mrqc);
	if (!old || old->rctl != img->rctl)
		kawela_wr(pf, KWL_RCTL, img->rctl);
}

/* Pools leave before anything changes for them, and enter when all is ready */
static void kawela_write_gates(struct kawela *pf, u8 rx_was, u8 rx, u8 tx_was,
			       u8 tx)
{
	if (rx != rx_was)
		kawela_wr(pf, KWL_VFRE, rx);
	if (tx != tx_was)
		kawela_wr(pf, KWL_VFTE, tx);
}

/*
 * A VF's reset clears its bits of VFRE and VFTE behind our back. The image may
 * say otherwise no longer than until the reset is seen (VFLRE): kawela_vf_reset()
 * takes the bits out of it, so that they differ when the VF is active again.
 */
static void kawela_image_write(struct kawela *pf,
			       const struct kawela_image *old,
			       const struct kawela_image *img)
{
	u8 rx_kept = old ? old->vfre & img->vfre : 0;
	u8 tx_kept = old ? old->vfte & img->vfte : 0;
	unsigned int i;

	/* What a reset of the part leaves there is neither */
	kawela_write_gates(pf, old ? old->vfre : ~rx_kept, rx_kept,
			   old ? old->vfte : ~tx_kept, tx_kept);
	kawela_write_pools(pf, old, img);
	kawela_write_vlans(pf, old, img);
	for (i = 0; i < KWL_RA_ENTRIES; i++)
		kawela_write_ra(pf, old, img, i);
	kawela_write_table(pf, KWL_MTA(0), old ? old->mta : NULL, img->mta,
			   KWL_MTA_WORDS);
	kawela_write_uta(pf, old, img);
	kawela_write_rates(pf, old, img);
	kawela_write_mode(pf, old, img);
	kawela_write_gates(pf, rx_kept, img->vfre, tx_kept, img->vfte);
}

static int kawela_image_current(struct kawela *pf, unsigned int n_vfs,
				struct kawela_image *img)
{
	struct kawela_image_vf vf[KWL_MAX_VFS];
	unsigned int i;

	for (i = 0; i < n_vfs; i++) {
		vf[i].policy = &pf->vf[i].policy;
		vf[i].want = &pf->vf[i].want;
		vf[i].active = pf->vf[i].run.active;
	}
	return kawela_image_build(img, &pf->want, vf, n_vfs, pf->hw.quirks);
}

/**
 * kawela_filters_apply() - bring the filters in line with what everybody wants
 * @pf: the PF
 *
 * Context: may sleep; vf_lock.
 * Return: 0, or -ENOSPC when it doesn't fit the part's tables. Nothing was
 * written then, and the caller takes back what it wanted. Wanting less never
 * fails.
 */
int kawela_filters_apply(struct kawela *pf)
{
	struct kawela_image *img = &pf->next_image;
	int err;

	lockdep_assert_held(&pf->vf_lock);
	err = kawela_image_current(pf, pf->n_vfs, img);
	if (err)
		return err;
	kawela_image_write(pf, pf->image_valid ? &pf->image : NULL, img);
	pf->image = *img;
	pf->image_valid = true;
	return 0;
}

/**
 * kawela_filters_check() - would the filters fit with that many VFs?
 * @pf: the PF
 * @n_vfs: how many
 *
 * Context: vf_lock.
 * Return: 0 or -ENOSPC.
 */
int kawela_filters_check(struct kawela *pf, unsigned int n_vfs)
{
	lockdep_assert_held(&pf->vf_lock);
	return kawela_image_current(pf, n_vfs, &pf->next_image);
}

/**
 * kawela_filters_forget() - the part lost its filters in a reset
 * @pf: the PF
 *
 * Context: vf_lock.
 */
void kawela_filters_forget(struct kawela *pf)
{
	lockdep_assert_held(&pf->vf_lock);
	pf->image_valid = false;
}
