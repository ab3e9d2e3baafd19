// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much each function may have of the filters that all share. See claims.h.
 */
#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/string.h>

#include "claims.h"

/* The address that a VF has when it doesn't choose */
static const u8 *kawela_mac_default(const struct kawela_vf_claims *vf)
{
	return is_zero_ether_addr(vf->policy->mac) ? vf->given :
						     vf->policy->mac;
}

static bool kawela_mac_given(const struct kawela_vf_claims *vf, const u8 *mac)
{
	return ether_addr_equal(mac, vf->given) ||
	       ether_addr_equal(mac, vf->policy->mac);
}

/*
 * Two VFs that the administrator trusts may have one address: bonding and VRRP move
 * it from one to the other. Both receive what is sent to it.
 */
static bool kawela_mac_shared(const struct kawela_claims *c, unsigned int i,
			      unsigned int k)
{
	return c->vf[i].policy->trusted && c->vf[k].policy->trusted;
}

/**
 * kawela_mac_of_vf() - is an address a VF's by decision, not by its own choice?
 * @c: the claims
 * @except: VF that isn't asked about; @c->n_vfs for none
 * @mac: the address
 *
 * Return: whether the administrator or the PF gave it to a VF.
 */
bool kawela_mac_of_vf(const struct kawela_claims *c, unsigned int except,
		      const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < c->n_vfs; i++)
		if (i != except && kawela_mac_given(&c->vf[i], mac))
			return true;
	return false;
}

static bool kawela_mac_of_pf(const struct kawela_claims *c, const u8 *mac)
{
	unsigned int i;

	for (i = 0; i < c->pf->n_uc; i++)
		if (ether_addr_equal(mac, c->pf->uc[i]))
			return true;
	return ether_addr_equal(mac, c->pf->mac);
}

/**
 * kawela_mac_decided() - does an address belong to the PF, or to a VF by decision?
 * @c: the claims
 * @except: VF that isn't asked about; @c->n_vfs for none
 * @mac: the address
 *
 * What a VF has chosen for itself doesn't count.
 *
 * Return: whether it does.
 */
bool kawela_mac_decided(const struct kawela_claims *c, unsigned int except,
			const u8 *mac)
{
	return kawela_mac_of_pf(c, mac) || kawela_mac_of_vf(c, except, mac);
}

/* Was an address decided for a function that VF @i can't share it with? */
static bool kawela_mac_foreign(const struct kawela_claims *c, unsigned int i,
			       const u8 *mac)
{
	unsigned int k;

	for (k = 0; k < c->n_vfs; k++)
		if (k != i && kawela_mac_given(&c->vf[k], mac) &&
		    !kawela_mac_shared(c, i, k))
			return true;
	return kawela_mac_of_pf(c, mac);
}

/* Has a VF that VF @who can't share with chosen an address for itself? */
static bool kawela_mac_claimed(const struct kawela_claims *c, unsigned int who,
			       const u8 *mac)
{
	unsigned int i, k;

	for (i = 0; i < c->n_vfs; i++) {
		const struct kawela_vf_want *want = c->vf[i].want;

		if (i == who || !c->vf[i].active ||
		    kawela_mac_shared(c, who, i))
			continue;
		if (ether_addr_equal(mac, want->mac))
			return true;
		for (k = 0; k < want->n_uc; k++)
			if (ether_addr_equal(mac, want->uc[k]))
				return true;
	}
	return false;
}

/**
 * kawela_pf_uc_room() - additional addresses of the PF that the table has room for
 * @c: the claims
 *
 * Each VF's own address has its entry from the beginning.
 *
 * Return: how many.
 */
unsigned int kawela_pf_uc_room(const struct kawela_claims *c)
{
	return KAWELA_UC_MAX - c->n_vfs;
}

/* Entries for additional addresses of VFs */
static unsigned int kawela_uc_left(const struct kawela_claims *c)
{
	unsigned int room = kawela_pf_uc_room(c);

	return room - min(room, c->pf->n_uc);
}

/**
 * kawela_vf_uc_share() - additional addresses that a VF may have
 * @c: the claims
 * @i: the VF
 *
 * Return: how many.
 */
unsigned int kawela_vf_uc_share(const struct kawela_claims *c, unsigned int i)
{
	const struct kawela_vf_policy *policy = c->vf[i].policy;
	unsigned int left = kawela_uc_left(c);
	unsigned int each = min(left / c->n_vfs, KAWELA_VF_UC_MAX);
	unsigned int k, trusted = 0;

	if (kawela_mac_fixed(policy))
		return 0;
	if (!policy->trusted)
		return each;
	for (k = 0; k < c->n_vfs; k++) {
		trusted += c->vf[k].policy->trusted;
		if (!c->vf[k].policy->trusted &&
		    !kawela_mac_fixed(c->vf[k].policy))
			left -= each;
	}
	return min(left / trusted, KAWELA_VF_UC_TRUSTED);
}

/* VLANs that the administrator has put VFs into */
static void kawela_port_vlans(const struct kawela_claims *c,
			      unsigned long *vlans)
{
	unsigned int i;

	bitmap_zero(vlans, VLAN_N_VID);
	for (i = 0; i < c->n_vfs; i++)
		if (c->vf[i].policy->vlan)
			__set_bit(c->vf[i].policy->vlan, vlans);
}

/* Entries for VLANs of VFs' own choice; @fit: the PF's VLANs all have theirs */
static unsigned int kawela_vlans_left(const struct kawela_claims *c, bool *fit)
{
	DECLARE_BITMAP(all, VLAN_N_VID);
	unsigned int taken, n = c->n_vfs * KAWELA_VF_VLANS_MIN;

	kawela_port_vlans(c, all);
	bitmap_or(all, all, c->pf->vlans, VLAN_N_VID);
	/* VLAN 0 belongs to all functions and counts for none */
	__clear_bit(0, all);
	taken = bitmap_weight(all, VLAN_N_VID);
	*fit = taken <= KAWELA_VLANS_MAX;
	return *fit ? KAWELA_VLANS_MAX - taken : n;
}
static_assert(KWL_MAX_VFS * (KAWELA_VF_VLANS_MIN + 1) <= KAWELA_VLANS_MAX);

/**
 * kawela_pf_vlans() - VLANs of the PF that get an entry for the PF's sake
 * @c: the claims, with VFs
 * @vlans: receives them
 *
 * All, if they fit beside those of the administrator. If not, VFs keep their
 * guaranteed minimum, used or not: what the PF has doesn't depend on them.
 *
 * Return: whether these are all.
 */
bool kawela_pf_vlans(const struct kawela_claims *c, unsigned long *vlans)
{
	DECLARE_BITMAP(ports, VLAN_N_VID);
	unsigned int vid, room;
	bool fit;

	bitmap_copy(vlans, c->pf->vlans, VLAN_N_VID);
	__clear_bit(0, vlans);
	room = KAWELA_VLANS_MAX - kawela_vlans_left(c, &fit);
	if (fit)
		return true;
	kawela_port_vlans(c, ports);
	room -= bitmap_weight(ports, VLAN_N_VID);
	for_each_set_bit(vid, vlans, VLAN_N_VID) {
		if (test_bit(vid, ports))
			continue;
		if (room)
			room--;
		else
			__clear_bit(vid, vlans);
	}
	return false;
}

/**
 * kawela_vf_vlan_share() - VLANs of its own choice that a VF may have
 * @c: the claims
 *
 * Return: how many, beside VLAN 0.
 */
unsigned int kawela_vf_vlan_share(const struct kawela_claims *c)
{
	bool fit;

	return kawela_vlans_left(c, &fit) / c->n_vfs;
}

/* Return: whether VF @i had the address, and has lost it */
static bool kawela_evict_mac(const struct kawela_vf_claims *vf, const u8 *mac)
{
	struct kawela_vf_want *want = vf->want;
	bool lost = false;
	unsigned int k;

	for (k = want->n_uc; k--; ) {
		if (!ether_addr_equal(mac, want->uc[k]))
			continue;
		memmove(want->uc[k], want->uc[k + 1],
			(--want->n_uc - k) * ETH_ALEN);
		lost = true;
	}
	if (ether_addr_equal(mac, want->mac) &&
	    !ether_addr_equal(mac, kawela_mac_default(vf))) {
		ether_addr_copy(want->mac, kawela_mac_default(vf));
		lost = true;
	}
	return lost;
}

/**
 * kawela_claims_evict_mac() - an address is the PF's from now on
 * @c: the claims
 * @mac: the address
 *
 * Return: VFs that had chosen it and have lost it.
 */
u8 kawela_claims_evict_mac(const struct kawela_claims *c, const u8 *mac)
{
	unsigned int i;
	u8 lost = 0;

	for (i = 0; i < c->n_vfs; i++)
		if (c->vf[i].active && kawela_evict_mac(&c->vf[i], mac))
			lost |= BIT(i);
	return lost;
}

/* What policy doesn't allow, or no longer. Return: whether addresses are lost. */
static bool kawela_settle_policy(const struct kawela_vf_claims *vf)
{
	u8 most = kawela_vf_uc_max(vf->policy);
	bool lost = vf->want->n_uc > most;

	if (lost)
		vf->want->n_uc = most;
	if (kawela_mac_fixed(vf->policy))
		ether_addr_copy(vf->want->mac, vf->policy->mac);
	if (!vf->policy->trusted) {
		vf->want->promisc = false;
		vf->want->allmulti = false;
		/* It asks again for as many as it may have */
		if (bitmap_weight(vf->want->mc, KAWELA_MC_HASHES) >
		    KAWELA_VF_MC_MAX)
			bitmap_zero(vf->want->mc, KAWELA_MC_HASHES);
	}
	return lost;
}

/*
 * What has been decided for the PF or for another VF isn't this VF's. Of two VFs that
 * shared an address, the one that isn't trusted any more loses it.
 */
static bool kawela_mac_lost(const struct kawela_claims *c, unsigned int i,
			    const u8 *mac)
{
	return kawela_mac_foreign(c, i, mac) ||
	       (!c->vf[i].policy->trusted && kawela_mac_claimed(c, i, mac));
}

static bool kawela_settle_macs(const struct kawela_claims *c, unsigned int i)
{
	const struct kawela_vf_claims *vf = &c->vf[i];
	bool lost = false;
	unsigned int k;
	u8 mac[ETH_ALEN];

	for (k = vf->want->n_uc; k--; ) {
		ether_addr_copy(mac, vf->want->uc[k]);
		if (kawela_mac_lost(c, i, mac))
			lost |= kawela_evict_mac(vf, mac);
	}
	ether_addr_copy(mac, vf->want->mac);
	if (kawela_mac_lost(c, i, mac))
		lost |= kawela_evict_mac(vf, mac);
	return lost;
}

/*
 * The VF furthest above its share, when the shares of all others don't fit beside
 * what it holds; @c->n_vfs when all fit
 */
static unsigned int kawela_beyond(const struct kawela_claims *c,
				  const unsigned int *held,
				  const unsigned int *share, unsigned int room)
{
	unsigned int i, most = 0, sum = 0, who = c->n_vfs;

	for (i = 0; i < c->n_vfs; i++) {
		sum += max(held[i], share[i]);
		if (held[i] > share[i] && held[i] - share[i] >= most) {
			most = held[i] - share[i];
			who = i;
		}
	}
	return sum > room ? who : c->n_vfs;
}

static u8 kawela_settle_uc(const struct kawela_claims *c)
{
	unsigned int held[KWL_MAX_VFS], share[KWL_MAX_VFS];
	unsigned int i, room = kawela_uc_left(c);
	u8 lost = 0;

	for (i = 0; i < c->n_vfs; i++) {
		held[i] = c->vf[i].want->n_uc;
		share[i] = kawela_vf_uc_share(c, i);
	}
	while ((i = kawela_beyond(c, held, share, room)) < c->n_vfs) {
		c->vf[i].want->n_uc = --held[i];
		lost |= BIT(i);
	}
	return lost;
}

static u8 kawela_settle_vlans(const struct kawela_claims *c)
{
	unsigned int held[KWL_MAX_VFS], share[KWL_MAX_VFS];
	unsigned int i, room;
	u8 lost = 0;
	bool fit;

	room = kawela_vlans_left(c, &fit);
	for (i = 0; i < c->n_vfs; i++) {
		held[i] = bitmap_weight(c->vf[i].want->vlans, VLAN_N_VID);
		share[i] = room / c->n_vfs;
	}
	while ((i = kawela_beyond(c, held, share, room)) < c->n_vfs) {
		unsigned long *vlans = c->vf[i].want->vlans;

		__clear_bit(find_last_bit(vlans, VLAN_N_VID), vlans);
		held[i]--;
		lost |= BIT(i);
	}
	return lost;
}

/**
 * kawela_claims_settle() - take from VFs what the PF or the administrator needs
 * @c: the claims
 *
 * All claims fit the device's tables behind this. A VF within its share loses
 * nothing but addresses that have been decided for others.
 *
 * Return: VFs that have lost something.
 */
u8 kawela_claims_settle(const struct kawela_claims *c)
{
	unsigned int i;
	u8 lost = 0;

	for (i = 0; i < c->n_vfs; i++) {
		if (!c->vf[i].active)
			continue;
		if (kawela_settle_policy(&c->vf[i]))
			lost |= BIT(i);
		if (kawela_settle_macs(c, i))
			lost |= BIT(i);
	}
	return lost | kawela_settle_uc(c) | kawela_settle_vlans(c);
}

/**
 * kawela_grant_mac() - a VF asks for another address of its own
 * @c: the claims
 * @i: the VF
 * @mac: the address
 *
 * Return: 0, -EINVAL, -EPERM when the administrator has decided, or -EADDRINUSE.
 */
int kawela_grant_mac(const struct kawela_claims *c, unsigned int i,
		     const u8 *mac)
{
	const struct kawela_vf_policy *policy = c->vf[i].policy;

	if (!is_valid_ether_addr(mac))
		return -EINVAL;
	if (kawela_mac_fixed(policy) && !ether_addr_equal(mac, policy->mac))
		return -EPERM;
	if (kawela_mac_foreign(c, i, mac) || kawela_mac_claimed(c, i, mac))
		return -EADDRINUSE;
	ether_addr_copy(c->vf[i].want->mac, mac);
	return 0;
}

/**
 * kawela_grant_uc() - a VF asks for an additional address
 * @c: the claims
 * @i: the VF
 * @mac: the address
 *
 * Return: 0, -EINVAL, -EPERM when the administrator has decided, -EADDRINUSE, or
 * -ENOSPC beyond its share.
 */
int kawela_grant_uc(const struct kawela_claims *c, unsigned int i,
		    const u8 *mac)
{
	struct kawela_vf_want *want = c->vf[i].want;
	unsigned int k;

	if (!is_valid_ether_addr(mac))
		return -EINVAL;
	if (kawela_mac_fixed(c->vf[i].policy))
		return -EPERM;
	for (k = 0; k < want->n_uc; k++)
		if (ether_addr_equal(mac, want->uc[k]))
			return 0;
	if (kawela_mac_foreign(c, i, mac) || kawela_mac_claimed(c, i, mac))
		return -EADDRINUSE;
	if (want->n_uc >= kawela_vf_uc_share(c, i))
		return -ENOSPC;
	ether_addr_copy(want->uc[want->n_uc++], mac);
	return 0;
}

/**
 * kawela_grant_vlan() - a VF asks to join a VLAN
 * @c: the claims
 * @i: the VF
 * @vid: the VLAN
 *
 * Return: 0, -EINVAL, -EPERM while the administrator has put it into one, or -ENOSPC
 * beyond its share.
 */
int kawela_grant_vlan(const struct kawela_claims *c, unsigned int i, u32 vid)
{
	struct kawela_vf_want *want = c->vf[i].want;

	if (vid >= VLAN_VID_MASK)
		return -EINVAL;
	/* Each interface that comes up asks for VLAN 0; see filter_image.c */
	if (!vid)
		return 0;
	if (c->vf[i].policy->vlan)
		return -EPERM;
	if (test_bit(vid, want->vlans))
		return 0;
	if (bitmap_weight(want->vlans, VLAN_N_VID) >= kawela_vf_vlan_share(c))
		return -ENOSPC;
	__set_bit(vid, want->vlans);
	return 0;
}

/**
 * kawela_grant_mc() - a VF names groups
 * @c: the claims
 * @i: the VF
 * @hash: the groups, as hashes
 * @n: how many
 *
 * Return: 0, or -ENOSPC beyond its share.
 */
int kawela_grant_mc(const struct kawela_claims *c, unsigned int i,
		    const u16 *hash, unsigned int n)
{
	struct kawela_vf_want *want = c->vf[i].want;
	unsigned int k;

	for (k = 0; k < n; k++)
		__set_bit(hash[k] % KAWELA_MC_HASHES, want->mc);
	if (!c->vf[i].policy->trusted &&
	    bitmap_weight(want->mc, KAWELA_MC_HASHES) > KAWELA_VF_MC_MAX)
		return -ENOSPC;
	return 0;
}
