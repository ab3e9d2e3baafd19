// SPDX-License-Identifier: GPL-2.0-only
/*
 * One VF: its beginning, its resets, its handshake.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/ratelimit.h>

#include "kawela.h"

/* EICR bits of a VF's vectors, as the PF sees them (datasheet 7.3.2.2) */
static u32 kawela_vf_vectors(const struct kawela_vf *vf)
{
	unsigned int low = 22 - KWL_VF_VECTORS * vf->index;

	return GENMASK(low + KWL_VF_VECTORS - 1, low);
}

static void kawela_queue_sanitize(struct kwl_hw *hw, unsigned int q)
{
	kwl_wr(hw, KWL_RXQ(q) + KWL_RXDCTL, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TXDCTL, 0);
	kwl_wr(hw, KWL_RXQ(q) + KWL_SRRCTL, 0);
	kwl_wr(hw, KWL_RXQ(q) + KWL_RXCTL, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TXCTL, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TDWBAL, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TDWBAH, 0);
	kwl_wr(hw, KWL_RXQ(q) + KWL_RDH, 0);
	kwl_wr(hw, KWL_RXQ(q) + KWL_RDT, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TDH, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TDT, 0);
}

/*
 * A VF's reset leaves most of what its driver wrote (82576 specification
 * update, software clarification 3). Clear it, so that the next driver, perhaps
 * another guest's, finds nothing.
 */
static void kawela_vf_sanitize(struct kawela *pf, struct kawela_vf *vf)
{
	struct kwl_hw *hw = &pf->hw;
	unsigned int q;

	for (q = 0; q < KWL_VF_QUEUES; q++)
		kawela_queue_sanitize(hw, vf->index + q * KWL_POOLS);
	kwl_wr(hw, KWL_PSRTYPE(vf->index), 0);
	kwl_wr(hw, KWL_EIMC, kawela_vf_vectors(vf));
	if (kwl_has_quirk(hw, KWL_QUIRK_VTIVAR_OR))
		kwl_wr(hw, KWL_IVAR(vf->index), 0);
}

/**
 * kawela_vf_create() - begin the life of a VF
 * @pf: the PF
 * @i: its number
 *
 * Context: vf_lock, before the VF exists on the bus.
 */
void kawela_vf_create(struct kawela *pf, unsigned int i)
{
	struct kawela_vf *vf = &pf->vf[i];
	u8 mac[ETH_ALEN];

	ether_addr_copy(mac, vf->mac);
	memset(vf, 0, sizeof(*vf));
	vf->index = i;
	if (is_valid_ether_addr(mac))
		ether_addr_copy(vf->mac, mac);
	else
		eth_random_addr(vf->mac);
	vf->policy.spoofchk = true;
	vf->run.tokens = 1;
	vf->run.refilled = jiffies - HZ;
	kwl_mbx_init_pf(&vf->mbx, &pf->hw, i);
	ratelimit_state_init(&vf->log, 60 * HZ, 3);
	ratelimit_set_flags(&vf->log, RATELIMIT_MSG_ON_RELEASE);
}

/**
 * kawela_vf_reset() - a VF was reset, by its driver, by FLR or by the PF
 * @pf: the PF
 * @vf: the VF
 *
 * What the administrator decided stays; what the VF's driver asked for goes.
 *
 * Context: vf_lock.
 */
void kawela_vf_reset(struct kawela *pf, struct kawela_vf *vf)
{
	lockdep_assert_held(&pf->vf_lock);
	vf->run.active = false;
	vf->run.unacked = 0;
	vf->run.notice = false;
	vf->run.resets++;
	vf->want = (struct kawela_vf_want) {};
	/* Its pool is closed before its queues are touched. This can't fail. */
	kawela_filters_apply(pf);
	kawela_vf_sanitize(pf, vf);
}

/**
 * kawela_vf_activate() - a VF's driver finished its reset handshake
 * @pf: the PF
 * @vf: the VF
 *
 * The caller applies the filters.
 *
 * Context: vf_lock.
 */
void kawela_vf_activate(struct kawela *pf, struct kawela_vf *vf)
{
	const u8 *mac = is_zero_ether_addr(vf->policy.mac) ? vf->mac :
							     vf->policy.mac;

	lockdep_assert_held(&pf->vf_lock);
	ether_addr_copy(vf->want.mac, mac);
	vf->want.max_frame = VLAN_ETH_FRAME_LEN + ETH_FCS_LEN;
	vf->run.active = true;
}

static bool kawela_vf_owns(const struct kawela_vf *vf, const u8 *mac)
{
	unsigned int i;

	if (ether_addr_equal(mac, vf->mac) ||
	    ether_addr_equal(mac, vf->policy.mac))
		return true;
	if (!vf->run.active)
		return false;
	for (i = 0; i < vf->want.n_uc; i++)
		if (ether_addr_equal(mac, vf->want.uc[i]))
			return true;
	return ether_addr_equal(mac, vf->want.mac);
}

/**
 * kawela_vf_mac_taken() - does an address belong to another function?
 * @pf: the PF
 * @vf: who asks
 * @mac: the address
 *
 * Two functions with one address would see each other's frames.
 *
 * Context: vf_lock.
 * Return: whether it does.
 */
bool kawela_vf_mac_taken(struct kawela *pf, const struct kawela_vf *vf,
			 const u8 *mac)
{
	unsigned int i;

	if (ether_addr_equal(mac, pf->want.mac))
		return true;
	for (i = 0; i < pf->want.n_uc; i++)
		if (ether_addr_equal(mac, pf->want.uc[i]))
			return true;
	for (i = 0; i < pf->n_vfs; i++)
		if (&pf->vf[i] != vf && kawela_vf_owns(&pf->vf[i], mac))
			return true;
	return false;
}

/**
 * kawela_vf_may_log() - may a line that this VF caused go to the log?
 * @vf: the VF
 *
 * Return: true three times a minute.
 */
bool kawela_vf_may_log(struct kawela_vf *vf)
{
	return ___ratelimit(&vf->log, "kawela");
}
