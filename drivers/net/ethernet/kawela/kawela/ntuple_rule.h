/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a rule of ethtool -N to the registers of a filter, and its place among them. Pure.
 *
 * A location is a filter: the first ones are those for IPv4, the others those for
 * EtherTypes, of which the first belongs to time stamps. So a rule that comes or goes
 * leaves the others alone. Of two filters that match, the first counts.
 */
#ifndef _KAWELA_NTUPLE_RULE_H
#define _KAWELA_NTUPLE_RULE_H

#include <linux/bitmap.h>
#include <linux/ethtool.h>
#include <linux/types.h>

#include <kawela/regs.h>

#define KAWELA_NTUPLE_RULES	(KWL_FTQFS + KWL_ETQFS - 1)

/**
 * struct kawela_ntuple_filter - registers of a filter
 * @etqf: ETQF; 0 for a filter for IPv4, which has those below
 * @ftqf: FTQF
 * @saqf: SAQF
 * @daqf: DAQF
 * @spqf: SPQF
 * @imir: IMIR
 */
struct kawela_ntuple_filter {
	u32 etqf;
	u32 ftqf;
	u32 saqf;
	u32 daqf;
	u32 spqf;
	u32 imir;
};

/**
 * kawela_ntuple_etqf() - the ETQF behind a location
 * @location: one of the locations behind the filters for IPv4
 *
 * Return: its index.
 */
static inline unsigned int kawela_ntuple_etqf(unsigned int location)
{
	return location - KWL_FTQFS + 1;
}

int kawela_ntuple_parse(const struct ethtool_rx_flow_spec *fs,
			unsigned int queues,
			struct kawela_ntuple_filter *filter, const char **why);
bool kawela_ntuple_same(const struct kawela_ntuple_filter *a,
			const struct kawela_ntuple_filter *b);
int kawela_ntuple_place(const unsigned long *used,
			const struct kawela_ntuple_filter *filter,
			u32 location, const char **why);

#endif /* _KAWELA_NTUPLE_RULE_H */
