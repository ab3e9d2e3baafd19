/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What PF, administrator and VFs claim of the filters that all functions share, and
 * how much of it each VF may claim. Pure: no register, no lock, no allocation.
 *
 * The PF comes first, whether it is up or down; then what the administrator decided
 * for VFs; the rest is divided among the VFs by a rule that knows policy and number
 * of VFs only, so that no VF can notice what another one claims. What a VF was
 * granted it keeps until it gives it back, or the PF or the administrator needs it.
 */
#ifndef _KAWELA_CLAIMS_H
#define _KAWELA_CLAIMS_H

#include <linux/etherdevice.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/types.h>

#include <kawela/mbx_abi.h>
#include <kawela/quirks.h>
#include <kawela/regs.h>

#define KAWELA_UC_MAX		(KWL_RA_ENTRIES - 1)	/* beside the first */
/* Additional addresses of one VF, at most */
#define KAWELA_VF_UC_MAX	3U
#define KAWELA_VF_UC_TRUSTED	8U
/* Entries of the VLAN table, beside that of VLAN 0 */
#define KAWELA_VLANS_MAX	(KWL_VLVF_ENTRIES - 1)
/* VLANs that each VF may have if the PF has more than the table holds */
#define KAWELA_VF_VLANS_MIN	3
/* A multicast address as the hash table sees it */
#define KAWELA_MC_HASHES	4096
/* Groups that an untrusted VF may have: other functions hear them, too */
#define KAWELA_VF_MC_MAX	128

/**
 * struct kawela_want - what the PF's own netdev wants to receive
 * @mac: its address
 * @uc: additional unicast addresses
 * @n_uc: how many
 * @uc_hash: unicast hash table of those that @uc has no room for
 * @uc_more: there are such
 * @mta: multicast hash table of its groups
 * @vlans: VLANs it is in
 * @max_frame: longest frame with FCS and tags
 * @up: the interface is up; when not, nothing is for it
 * @promisc: everything
 * @allmulti: every group
 * @rx_all: also what is broken or too long
 * @rx_fcs: frames keep their FCS
 * @vepa: an external switch forwards between functions, the device doesn't
 * @speed: the link's speed in Mb/s, 0 without link; rate limits depend on it
 * @rss_types: what the hash that chooses a queue covers, as bits of MRQC
 */
struct kawela_want {
	u8 mac[ETH_ALEN];
	u8 uc[KAWELA_UC_MAX][ETH_ALEN];
	unsigned int n_uc;
	u32 uc_hash[KWL_UTA_WORDS];
	bool uc_more;
	u32 mta[KWL_MTA_WORDS];
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	u16 max_frame;
	bool up;
	bool promisc;
	bool allmulti;
	bool rx_all;
	bool rx_fcs;
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
 * struct kawela_vf_want - what the VF's driver asked for and was granted
 * @mac: its address
 * @uc: additional unicast addresses
 * @n_uc: how many
 * @mc: hashes of its groups
 * @mc_more: it has more groups than it named; a trusted VF receives all then
 * @promisc: everything
 * @allmulti: every group
 * @vlans: VLANs it is in; without effect while policy puts it into one
 * @max_frame: longest frame with FCS and tags
 * @queues: queue pairs that it uses; 0 and 1 are the same
 *
 * Forgotten when the VF is reset.
 */
struct kawela_vf_want {
	u8 mac[ETH_ALEN];
	u8 uc[KAWELA_VF_UC_TRUSTED][ETH_ALEN];
	unsigned int n_uc;
	DECLARE_BITMAP(mc, KAWELA_MC_HASHES);
	bool mc_more;
	bool promisc;
	bool allmulti;
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	u16 max_frame;
	u8 queues;
};

/**
 * struct kawela_vf_claims - what is claimed by a VF, and for it
 * @policy: what the administrator decided
 * @want: what the VF asked for and was granted
 * @given: address that the PF gives it when the administrator doesn't
 * @active: the VF finished its reset handshake; when not, nothing is for it
 */
struct kawela_vf_claims {
	const struct kawela_vf_policy *policy;
	struct kawela_vf_want *want;
	const u8 *given;
	bool active;
};

/**
 * struct kawela_claims - all claims
 * @pf: the PF's
 * @vf: the VFs'; the first @n_vfs are there
 * @n_vfs: how many, 0 to KWL_MAX_VFS
 */
struct kawela_claims {
	const struct kawela_want *pf;
	struct kawela_vf_claims vf[KWL_MAX_VFS];
	unsigned int n_vfs;
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
 * kawela_vf_uc_max() - additional addresses that policy lets a VF have
 * @policy: what the administrator decided
 *
 * Return: how many, if there is room.
 */
static inline u8 kawela_vf_uc_max(const struct kawela_vf_policy *policy)
{
	if (policy->trusted)
		return KAWELA_VF_UC_TRUSTED;
	return kawela_mac_fixed(policy) ? 0 : KAWELA_VF_UC_MAX;
}

/**
 * kawela_vf_queues_max() - queue pairs that a VF may use
 * @quirks: the device's quirks
 *
 * Return: how many.
 */
static inline u8 kawela_vf_queues_max(u32 quirks)
{
	return quirks & KWL_QUIRK_POOL_ONE_PAIR ? 1 : KWL_VF_QUEUES;
}

bool kawela_mac_of_vf(const struct kawela_claims *c, unsigned int except,
		      const u8 *mac);
bool kawela_mac_decided(const struct kawela_claims *c, unsigned int except,
			const u8 *mac);
unsigned int kawela_pf_uc_room(const struct kawela_claims *c);
bool kawela_pf_vlans(const struct kawela_claims *c, unsigned long *vlans);
unsigned int kawela_vf_uc_share(const struct kawela_claims *c, unsigned int i);
unsigned int kawela_vf_vlan_share(const struct kawela_claims *c);
u8 kawela_claims_evict_mac(const struct kawela_claims *c, const u8 *mac);
int kawela_grant_mac(const struct kawela_claims *c, unsigned int i,
		     const u8 *mac);
int kawela_grant_uc(const struct kawela_claims *c, unsigned int i,
		    const u8 *mac);
int kawela_grant_vlan(const struct kawela_claims *c, unsigned int i, u32 vid);
int kawela_grant_mc(const struct kawela_claims *c, unsigned int i,
		    const u16 *hash, unsigned int n);
u8 kawela_claims_settle(const struct kawela_claims *c);

#endif /* _KAWELA_CLAIMS_H */
