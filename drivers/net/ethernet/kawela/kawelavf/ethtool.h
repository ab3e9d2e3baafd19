/* SPDX-License-Identifier: GPL-2.0-only */
/* ethtool operations of a VF */
#ifndef _KAWELAVF_ETHTOOL_H
#define _KAWELAVF_ETHTOOL_H

struct ethtool_ops;

extern struct ethtool_ops kawelavf_ethtool_ops;

#endif /* _KAWELAVF_ETHTOOL_H */
