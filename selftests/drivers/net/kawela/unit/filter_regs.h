/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Filter registers as the device holds them, and who receives by them.
 */
#ifndef _KAWELA_UNIT_FILTER_REGS_H
#define _KAWELA_UNIT_FILTER_REGS_H

/* Registers, as the device holds them */
struct regs {
	struct kawela_ra ra[KWL_RA_ENTRIES];
	u32 vlvf[KWL_VLVF_ENTRIES];
	u32 vfta[KWL_VFTA_WORDS];
	u32 vmolr[KWL_POOLS];
	u32 vmvir[KWL_POOLS];
	u32 mta[KWL_MTA_WORDS];
	u32 uta[KWL_UTA_WORDS];
	u32 rate[KWL_QUEUES];
	u32 dqsel;
	u32 dtxswc;
	u32 vt_ctl;
	u32 rlpml;
	u32 rctl;
	u32 mrqc;
	u32 vfre;
	u32 vfte;
};

/* Pools that an address, or a VLAN, is for */
static u32 ra_pools(const struct kawela_ra *table, const struct kawela_ra *ra)
{
	u32 pools = 0;

	for (u32 i = 0; i < KWL_RA_ENTRIES; i++)
		if (kawela_ra_same(&table[i], ra))
			pools |= FIELD_GET(KWL_RAH_POOL, table[i].hi);
	return pools;
}

static u32 vlan_pools(const u32 *vlvf, const u32 *vfta, u32 vid)
{
	u32 pools = 0;

	if (!(vfta[vid / 32] & BIT(vid % 32)))
		return 0;
	for (u32 i = 0; i < KWL_VLVF_ENTRIES; i++)
		if (vlvf[i] & KWL_VLVF_EN &&
		    FIELD_GET(KWL_VLVF_VID, vlvf[i]) == vid)
			pools |= FIELD_GET(KWL_VLVF_POOL, vlvf[i]);
	return pools;
}

#endif /* _KAWELA_UNIT_FILTER_REGS_H */
