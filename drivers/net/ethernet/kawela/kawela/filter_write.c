// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write a filter image: only what differs, in an order in which no function ever
 * receives what neither the old nor the new image gives it, or misses what both
 * give it.
 */
#include <linux/bits.h>

#include "filter_write.h"

/* An entry takes effect with AV, in the upper half; its pools change at once */
static void kawela_write_ra(struct kawela_writer *w,
			    const struct kawela_ra *old,
			    const struct kawela_ra *ra, unsigned int i)
{
	if (old && old->lo == ra->lo && old->hi == ra->hi)
		return;
	if (!old || !kawela_ra_same(old, ra)) {
		w->wr(w, KWL_RAH(i), 0);
		w->wr(w, KWL_RAL(i), ra->lo);
		w->flush(w);
	}
	w->wr(w, KWL_RAH(i), ra->hi);
}

/* Is the PF's new address one that has another entry now? */
static bool kawela_pf_mac_moves(const struct kawela_image *old,
				const struct kawela_image *img)
{
	unsigned int i;

	for (i = 1; i < KWL_RA_ENTRIES; i++)
		if (kawela_ra_same(&old->ra[i], &img->ra[0]))
			return true;
	return false;
}

/* Functions that share an address with those that have it already */
static void kawela_write_joining(struct kawela_writer *w,
				 const struct kawela_image *old,
				 const struct kawela_image *img)
{
	unsigned int i;

	for (i = 1; i < KWL_RA_ENTRIES; i++)
		if (kawela_ra_same(&old->ra[i], &img->ra[i]) &&
		    img->ra[i].hi & ~old->ra[i].hi)
			w->wr(w, KWL_RAH(i), old->ra[i].hi | img->ra[i].hi);
}

/*
 * New addresses into free entries first; then entries that change, then those that
 * end. The first one is the PF's, which may hand its address on to another entry, or
 * take it over from there.
 */
static void kawela_write_ras(struct kawela_writer *w,
			     const struct kawela_image *old,
			     const struct kawela_image *img)
{
	bool moves = old && kawela_pf_mac_moves(old, img);
	unsigned int i;

	for (i = 1; i < KWL_RA_ENTRIES; i++)
		if (!old || !old->ra[i].hi)
			kawela_write_ra(w, old ? &old->ra[i] : NULL,
					&img->ra[i], i);
	if (old)
		kawela_write_joining(w, old, img);
	if (moves)
		kawela_write_ra(w, &old->ra[0], &img->ra[0], 0);
	for (i = 1; old && i < KWL_RA_ENTRIES; i++)
		if (old->ra[i].hi && img->ra[i].hi)
			kawela_write_ra(w, &old->ra[i], &img->ra[i], i);
	if (!moves)
		kawela_write_ra(w, old ? &old->ra[0] : NULL, &img->ra[0], 0);
	for (i = 1; old && i < KWL_RA_ENTRIES; i++)
		if (!img->ra[i].hi)
			kawela_write_ra(w, &old->ra[i], &img->ra[i], i);
}

/* Write the words of a table that differ */
static void kawela_write_table(struct kawela_writer *w, u32 reg, const u32 *old,
			       const u32 *img, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!old || old[i] != img[i])
			w->wr(w, reg + 4 * i, img[i]);
}

/* Leave VLANs first, then change their members, then enter new ones */
static void kawela_write_vlans(struct kawela_writer *w,
			       const struct kawela_image *old,
			       const struct kawela_image *img)
{
	unsigned int i;

	for (i = 0; i < KWL_VFTA_WORDS; i++) {
		u32 keep = old ? old->vfta[i] & img->vfta[i] : 0;

		if (!old || keep != old->vfta[i])
			w->wr(w, KWL_VFTA(i), keep);
	}
	kawela_write_table(w, KWL_VLVF(0), old ? old->vlvf : NULL, img->vlvf,
			   KWL_VLVF_ENTRIES);
	for (i = 0; i < KWL_VFTA_WORDS; i++) {
		u32 kept = old ? old->vfta[i] & img->vfta[i] : 0;

		if (kept != img->vfta[i])
			w->wr(w, KWL_VFTA(i), img->vfta[i]);
	}
}

static void kawela_write_pools(struct kawela_writer *w,
			       const struct kawela_image *old,
			       const struct kawela_image *img)
{
	kawela_write_table(w, KWL_VMVIR(0), old ? old->vmvir : NULL,
			   img->vmvir, KWL_POOLS);
	kawela_write_table(w, KWL_VMOLR(0), old ? old->vmolr : NULL,
			   img->vmolr, KWL_POOLS);
	if (!old || old->dtxswc != img->dtxswc)
		w->wr(w, KWL_DTXSWC, img->dtxswc);
	if (!old || old->vt_ctl != img->vt_ctl)
		w->wr(w, KWL_VT_CTL, img->vt_ctl);
}

/* The pool's queues share a limit each; DQSEL chooses whose register shows */
static void kawela_write_rates(struct kawela_writer *w,
			       const struct kawela_image *old,
			       const struct kawela_image *img)
{
	unsigned int i, q;

	for (i = 0; i < KWL_POOLS; i++) {
		if (old && old->rate[i] == img->rate[i])
			continue;
		for (q = 0; q < KWL_VF_QUEUES; q++) {
			w->wr(w, KWL_RTTDQSEL, i + q * KWL_POOLS);
			w->wr(w, KWL_RTTBCNRC, img->rate[i]);
		}
	}
}

static void kawela_write_mode(struct kawela_writer *w,
			      const struct kawela_image *old,
			      const struct kawela_image *img)
{
	if (!old || old->rlpml != img->rlpml)
		w->wr(w, KWL_RLPML, img->rlpml);
	if (!old || old->mrqc != img->mrqc)
		w->wr(w, KWL_MRQC, img->mrqc);
	if (!old || old->rctl != img->rctl)
		w->wr(w, KWL_RCTL, img->rctl);
}

/* Pools leave before anything changes for them, and enter when all is ready */
static void kawela_write_gates(struct kawela_writer *w, u8 rx_was, u8 rx,
			       u8 tx_was, u8 tx)
{
	if (rx != rx_was)
		w->wr(w, KWL_VFRE, rx);
	if (tx != tx_was)
		w->wr(w, KWL_VFTE, tx);
}

/**
 * kawela_image_write() - bring the device from one image to the next
 * @w: how to write
 * @old: what the device holds; NULL when that isn't known
 * @img: what it is to hold
 *
 * A VF's reset clears its bits of VFRE and VFTE behind our back. The image may
 * say otherwise no longer than until the reset is seen (VFLRE): kawela_vf_reset()
 * takes the bits out of it, so that they differ when the VF is active again.
 */
void kawela_image_write(struct kawela_writer *w,
			const struct kawela_image *old,
			const struct kawela_image *img)
{
	u8 rx_kept = old ? old->vfre & img->vfre : 0;
	u8 tx_kept = old ? old->vfte & img->vfte : 0;

	/* What a reset of the device leaves there is neither */
	kawela_write_gates(w, old ? old->vfre : ~rx_kept, rx_kept,
			   old ? old->vfte : ~tx_kept, tx_kept);
	kawela_write_pools(w, old, img);
	kawela_write_vlans(w, old, img);
	kawela_write_ras(w, old, img);
	kawela_write_table(w, KWL_MTA(0), old ? old->mta : NULL, img->mta,
			   KWL_MTA_WORDS);
	kawela_write_table(w, KWL_UTA(0), old ? old->uta : NULL, img->uta,
			   KWL_UTA_WORDS);
	kawela_write_rates(w, old, img);
	kawela_write_mode(w, old, img);
	kawela_write_gates(w, rx_kept, img->vfre, tx_kept, img->vfte);
}
