/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The complete picture of the device's filters and pools, computed from what PF
 * and VFs claim. Pure: no register, no lock, no allocation.
 */
#ifndef _KAWELA_FILTER_IMAGE_H
#define _KAWELA_FILTER_IMAGE_H

#include <linux/types.h>

#include <kawela/regs.h>

#include "claims.h"

/**
 * struct kawela_ra - a receive address entry
 * @lo: RAL
 * @hi: RAH
 */
struct kawela_ra {
	u32 lo;
	u32 hi;
};

/**
 * struct kawela_image - the picture: register contents
 * @rctl: receive control
 * @rlpml: longest frame that any pool takes
 * @mrqc: whether pools or RSS choose the queue
 * @vt_ctl: default pool
 * @dtxswc: switch and anti-spoofing
 * @ra: receive addresses with pools; the first is the PF's
 * @mta: multicast hash table
 * @uta: unicast hash table
 * @vfta: VLANs of any function
 * @vlvf: VLANs with pools; the first is VLAN 0
 * @vmolr: receive rules of each pool
 * @vmvir: tag inserted for each pool
 * @rate: RTTBCNRC of each pool's queues
 * @vfre: pools that may receive
 * @vfte: pools that may send
 */
struct kawela_image {
	u32 rctl;
	u16 rlpml;
	u32 mrqc;
	u32 vt_ctl;
	u32 dtxswc;
	struct kawela_ra ra[KWL_RA_ENTRIES];
	u32 mta[KWL_MTA_WORDS];
	u32 uta[KWL_UTA_WORDS];
	u32 vfta[KWL_VFTA_WORDS];
	u32 vlvf[KWL_VLVF_ENTRIES];
	u32 vmolr[KWL_POOLS];
	u32 vmvir[KWL_POOLS];
	u32 rate[KWL_POOLS];
	u8 vfre;
	u8 vfte;
};

/**
 * kawela_ra_same() - do two entries hold the same address, for whomever?
 * @a: one
 * @b: the other
 *
 * Return: whether they do; never for one that isn't in use.
 */
static inline bool kawela_ra_same(const struct kawela_ra *a,
				  const struct kawela_ra *b)
{
	return a->hi & b->hi & KWL_RAH_AV && a->lo == b->lo &&
	       !((a->hi ^ b->hi) & KWL_RAH_ADDR);
}

void kawela_image_build(struct kawela_image *img,
			const struct kawela_image *old,
			const struct kawela_claims *c, u32 quirks);

#endif /* _KAWELA_FILTER_IMAGE_H */
