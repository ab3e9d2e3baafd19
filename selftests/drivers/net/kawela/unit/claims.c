// SPDX-License-Identifier: GPL-2.0
/* Shares of VFs in the filters that all functions share. */
#include "shim.h"
#include "unit.h"

#include "kawela/claims.c"

static struct kawela_want pf;
static struct kawela_vf_policy policy[KWL_MAX_VFS];
static struct kawela_vf_want want[KWL_MAX_VFS];
static u8 given[KWL_MAX_VFS][ETH_ALEN];
static struct kawela_claims c;

static void vfs(u32 n)
{
	memset(&pf, 0, sizeof(pf));
	memset(policy, 0, sizeof(policy));
	memset(want, 0, sizeof(want));
	c = (struct kawela_claims) { .pf = &pf, .n_vfs = n };
	for (u32 i = 0; i < n; i++) {
		memcpy(given[i], (u8[]) { 2, 1, 0, 0, 0, i }, ETH_ALEN);
		memcpy(want[i].mac, given[i], ETH_ALEN);
		c.vf[i] = (struct kawela_vf_claims) {
			.policy = &policy[i], .want = &want[i],
			.given = given[i], .active = true,
		};
	}
}

static const u8 *mac(u32 i)
{
	static u8 addr[ETH_ALEN];

	memcpy(addr, (u8[]) { 2, 0, 0, 0, i >> 8, i }, ETH_ALEN);
	return addr;
}

/* VLAN 0 costs nobody anything */
static void vlan_zero(void)
{
	vfs(1);
	__set_bit(0, pf.vlans);
	CHECK_EQ(kawela_vf_vlan_share(&c), KAWELA_VLANS_MAX);
	vfs(4);
	CHECK_EQ(kawela_vf_vlan_share(&c), KAWELA_VLANS_MAX / 4);
	__set_bit(0, pf.vlans);
	CHECK_EQ(kawela_vf_vlan_share(&c), KAWELA_VLANS_MAX / 4);
	for (u32 vid = 1; vid <= KAWELA_VLANS_MAX; vid++) {
		CHECK_EQ(kawela_grant_vlan(&c, 0, 0), 0);
		CHECK_EQ(kawela_grant_vlan(&c, 0, vid),
			 vid <= KAWELA_VLANS_MAX / 4 ? 0 : -ENOSPC);
	}
}

/* Who is trusted has what others leave, and no VF's use changes another's share */
static void uc_shares(void)
{
	static const u8 each[] = { 3, 3, 3, 3, 3, 2, 2 };
	static const u8 one_trusted[] = { 8, 8, 8, 8, 6, 7, 4 };
	static const u8 all_trusted[] = { 8, 8, 6, 4, 3, 2, 2 };

	for (u32 n = 1; n <= KWL_MAX_VFS; n++) {
		vfs(n);
		CHECK_EQ(kawela_vf_uc_share(&c, n - 1), each[n - 1]);
		policy[0].trusted = true;
		CHECK_EQ(kawela_vf_uc_share(&c, 0), one_trusted[n - 1]);
		for (u32 i = 0; i < n; i++)
			policy[i].trusted = true;
		CHECK_EQ(kawela_vf_uc_share(&c, 0), all_trusted[n - 1]);
		want[n - 1].n_uc = 2;
		CHECK_EQ(kawela_vf_uc_share(&c, 0), all_trusted[n - 1]);
	}
}

/* What the PF takes, VFs above their share lose, and nobody else */
static void gives_way(void)
{
	vfs(2);
	for (u32 i = 0; i < 3; i++)
		CHECK_EQ(kawela_grant_uc(&c, 0, mac(i)), 0);
	CHECK_EQ(kawela_grant_uc(&c, 0, mac(3)), -ENOSPC);
	CHECK_EQ(kawela_grant_uc(&c, 0, mac(2)), 0);
	CHECK_EQ(kawela_grant_uc(&c, 1, mac(2)), -EADDRINUSE);
	CHECK_EQ(kawela_grant_uc(&c, 1, mac(10)), 0);
	/* 21 entries beside three own addresses; then 3, and a share of one each */
	pf.n_uc = 18;
	for (u32 i = 0; i < pf.n_uc; i++)
		ether_addr_copy(pf.uc[i], mac(100 + i));
	CHECK_EQ(kawela_claims_settle(&c), 1);
	CHECK_EQ(want[0].n_uc, 2);
	CHECK_EQ(want[1].n_uc, 1);
	/* One of those that are left */
	ether_addr_copy(pf.uc[0], mac(10));
	CHECK_EQ(kawela_claims_settle(&c), 2);
	CHECK_EQ(want[1].n_uc, 0);
	CHECK_EQ(kawela_grant_uc(&c, 1, mac(10)), -EADDRINUSE);
}

/* An address that was decided for another VF isn't one that a VF chose any more */
static void decided(void)
{
	vfs(2);
	CHECK_EQ(kawela_grant_mac(&c, 0, mac(1)), 0);
	CHECK_EQ(kawela_grant_mac(&c, 0, given[1]), -EADDRINUSE);
	ether_addr_copy(policy[1].mac, mac(1));
	CHECK_EQ(kawela_claims_settle(&c), 1);
	CHECK_EQ(ether_addr_equal(want[0].mac, given[0]), 1);
	CHECK_EQ(kawela_grant_mac(&c, 1, mac(2)), -EPERM);
	CHECK_EQ(kawela_grant_uc(&c, 1, mac(2)), -EPERM);
	policy[1].trusted = true;
	CHECK_EQ(kawela_grant_mac(&c, 1, mac(2)), 0);
	want[1].promisc = true;
	policy[1].trusted = false;
	kawela_claims_settle(&c);
	CHECK_EQ(ether_addr_equal(want[1].mac, mac(1)), 1);
	CHECK_EQ(want[1].promisc, false);
}

/* With too many VLANs the PF has the lowest, and VFs three each */
static void too_many_vlans(void)
{
	DECLARE_BITMAP(vlans, VLAN_N_VID);

	vfs(7);
	policy[0].vlan = 4000;
	policy[1].vlan = 5;
	for (u32 vid = 2; vid < 4000; vid++)
		__set_bit(vid, pf.vlans);
	CHECK_EQ(kawela_vf_vlan_share(&c), KAWELA_VF_VLANS_MIN);
	CHECK_EQ(kawela_pf_vlans(&c, vlans), false);
	/* 31, less 21 of VFs and two of the administrator's, one of which it shares */
	CHECK_EQ(bitmap_weight(vlans, VLAN_N_VID), 9);
	CHECK_EQ(find_last_bit(vlans, VLAN_N_VID), 10);
}

/* Trust that is taken away takes the groups along that only trust allows */
static void trusted_no_more(void)
{
	vfs(2);
	policy[0].trusted = true;
	for (u32 i = 0; i <= KAWELA_VF_MC_MAX; i++)
		__set_bit(i, want[0].mc);
	__set_bit(7, want[1].mc);
	kawela_claims_settle(&c);
	CHECK_EQ(bitmap_weight(want[0].mc, KAWELA_MC_HASHES), KAWELA_VF_MC_MAX + 1);
	policy[0].trusted = false;
	kawela_claims_settle(&c);
	CHECK_EQ(bitmap_weight(want[0].mc, KAWELA_MC_HASHES), 0);
	CHECK_EQ(bitmap_weight(want[1].mc, KAWELA_MC_HASHES), 1);
}

/* Two VFs that are trusted may have one address; without trust, one of them */
static void shared(void)
{
	vfs(3);
	policy[0].trusted = true;
	CHECK_EQ(kawela_grant_mac(&c, 0, given[1]), -EADDRINUSE);
	policy[1].trusted = true;
	CHECK_EQ(kawela_grant_mac(&c, 0, given[1]), 0);
	CHECK_EQ(kawela_claims_settle(&c), 0);
	CHECK_EQ(kawela_grant_uc(&c, 2, given[1]), -EADDRINUSE);
	CHECK_EQ(kawela_mac_decided(&c, 2, given[1]), true);
	/* An address that neither was given */
	CHECK_EQ(kawela_grant_uc(&c, 0, mac(9)), 0);
	CHECK_EQ(kawela_grant_uc(&c, 1, mac(9)), 0);
	CHECK_EQ(kawela_grant_uc(&c, 2, mac(9)), -EADDRINUSE);
	ether_addr_copy(pf.mac, mac(8));
	CHECK_EQ(kawela_grant_mac(&c, 0, mac(8)), -EADDRINUSE);
	/* The owner of the one keeps it; of the other, who is still trusted */
	policy[1].trusted = false;
	CHECK_EQ(kawela_claims_settle(&c), 3);
	CHECK_EQ(ether_addr_equal(want[1].mac, given[1]), true);
	CHECK_EQ(ether_addr_equal(want[0].mac, given[0]), true);
	CHECK_EQ(want[0].n_uc, 1);
	CHECK_EQ(want[1].n_uc, 0);
	CHECK_EQ(kawela_claims_settle(&c), 0);
}

UNIT_MAIN(vlan_zero, uc_shares, gives_way, decided, too_many_vlans, trusted_no_more,
	  shared)
