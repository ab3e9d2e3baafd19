/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The complete picture of the part's filters and pools, computed from what PF
 * and VFs want. Pure: no register, no lock, no allocation.
 */
#ifndef _KAWELA_FILTER_IMAGE_H
#define _KAWELA_FILTER_IMAGE_H

#include <linux/etherdevice.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/types.h>

#include <kawela/mbx_abi.h>
#include <kawela/quirks.h>
#include <kawela/regs.h>

#define KAWELA_UC_MAX		(KWL_RA_ENTRIES - 1)	/* beside the first */
/* Additional addresses of one VF */
#define KAWELA_VF_UC_MAX	3
#define KAWELA_VF_UC_TRUSTED	8

/**
 * struct kawela_want - what the PF's own netdev wants to receive
 * @mac: its address
 * @uc: additional unicast addresses
 * @n_uc: how many
 * @mta: multicast hash table of its groups
 * @vlans: VLANs it is in
 * @max_frame: longest frame with FCS and tags
 * @up: the interface is up; when not, nothing is for it
 * @promisc: everything
 * @allmulti: every group
 * @rx_all: also what is broken or too long
 * @vepa: an external switch forwards between functions, the part doesn't
 * @speed: the link's speed in Mb/s, 0 without link; rate limits depend on it
 * @rss_types: what the hash that chooses a queue covers, as bits of MRQC
 */
struct kawela_want {
	u8 mac[ETH_ALEN];
	u8 uc[KAWELA_UC_MAX][ETH_ALEN];
	u8 n_uc;
	u32 mta[KWL_MTA_WORDS];
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	u16 max_frame;
	bool up;
	bool promisc;
	bool allmulti;
	bool rx_all;
	bool vepa;
	u16 speed;
	u32 rss_types;
};

/**
 * struct kawela_vf_policy - what the administrator decided for a VF
 * @mac: address the VF must use; zero lets it choose
 * @vlan: VLAN that its frames are put into, 0 for none
 * @qos: priority in that tag
 * @spoofchk: refuse source addresses that aren't its own
 * @trusted: may receive what isn't for it, and choose its address
 * @link: one of IFLA_VF_LINK_STATE_*
 * @max_rate: transmit limit in Mb/s, 0 for none
 *
 * Kept over everything but the VF's removal.
 */
struct kawela_vf_policy {
	u8 mac[ETH_ALEN];
	u16 vlan;
	u8 qos;
	bool spoofchk;
	bool trusted;
	u8 link;
	u16 max_rate;
};

/**
 * struct kawela_vf_want - what the VF's driver asked for
 * @mac: its address
 * @uc: additional unicast addresses
 * @n_uc: how many
 * @mc: hashes of its groups
 * @n_mc: how many
 * @promisc: everything
 * @allmulti: every group
 * @vlans: VLANs it is in
 * @max_frame: longest frame with FCS and tags
 * @queues: queue pairs that it uses; 0 and 1 are the same
 *
 * Forgotten when the VF is reset. What policy doesn't allow, or no longer, may
 * stand here; the image leaves it out.
 */
struct kawela_vf_want {
	u8 mac[ETH_ALEN];
	u8 uc[KAWELA_VF_UC_TRUSTED][ETH_ALEN];
	u8 n_uc;
	u16 mc[KWL_MSG_MC_MAX];
	u8 n_mc;
	bool promisc;
	bool allmulti;
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	u16 max_frame;
	u8 queues;
};

/**
 * struct kawela_image_vf - one VF as the image sees it
 * @policy: what the administrator decided
 * @want: what the VF asked for
 * @active: the VF finished its reset handshake; when not, nothing is for it
 */
struct kawela_image_vf {
	const struct kawela_vf_policy *policy;
	const struct kawela_vf_want *want;
	bool active;
};

/**
 * struct kawela_image - the picture: register contents
 * @rctl: receive control
 * @rlpml: longest frame that any pool takes
 * @mrqc: whether pools or RSS choose the queue
 * @vt_ctl: default pool
 * @dtxswc: switch and anti-spoofing
 * @ra: receive addresses with pools
 * @mta: multicast hash table
 * @uta: what each word of the unicast hash table holds
 * @vfta: VLANs of anybody
 * @vlvf: VLANs with pools
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
	struct {
		u32 lo;
		u32 hi;
	} ra[KWL_RA_ENTRIES];
	u32 mta[KWL_MTA_WORDS];
	u32 uta;
	u32 vfta[KWL_VFTA_WORDS];
	u32 vlvf[KWL_VLVF_ENTRIES];
	u32 vmolr[KWL_POOLS];
	u32 vmvir[KWL_POOLS];
	u32 rate[KWL_POOLS];
	u8 vfre;
	u8 vfte;
};

/**
 * kawela_mac_fixed() - is a VF bound to the administrator's address?
 * @policy: what the administrator decided
 *
 * Return: whether it may have that address alone.
 */
static inline bool kawela_mac_fixed(const struct kawela_vf_policy *policy)
{
	return !is_zero_ether_addr(policy->mac) && !policy->trusted;
}

/**
 * kawela_vf_mac() - the address that a VF has
 * @policy: what the administrator decided
 * @want: what the VF asked for
 *
 * Return: six octets.
 */
static inline const u8 *kawela_vf_mac(const struct kawela_vf_policy *policy,
				      const struct kawela_vf_want *want)
{
	return kawela_mac_fixed(policy) ? policy->mac : want->mac;
}

/**
 * kawela_vf_uc_max() - additional addresses that a VF may have
 * @policy: what the administrator decided
 *
 * Return: how many.
 */
static inline u8 kawela_vf_uc_max(const struct kawela_vf_policy *policy)
{
	if (policy->trusted)
		return KAWELA_VF_UC_TRUSTED;
	return kawela_mac_fixed(policy) ? 0 : KAWELA_VF_UC_MAX;
}

/**
 * kawela_vf_queues_max() - queue pairs that a VF may use
 * @quirks: the part's quirks
 *
 * Return: how many.
 */
static inline u8 kawela_vf_queues_max(u32 quirks)
{
	return quirks & KWL_QUIRK_POOL_ONE_PAIR ? 1 : KWL_VF_QUEUES;
}

int kawela_image_build(struct kawela_image *img, const struct kawela_want *pf,
		       const struct kawela_image_vf *vf, unsigned int n_vfs,
		       u32 quirks);

#endif /* _KAWELA_FILTER_IMAGE_H */
