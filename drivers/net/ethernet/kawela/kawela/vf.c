// SPDX-License-Identifier: GPL-2.0-only
/*
 * One VF: its beginning, its resets, its handshake.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/ratelimit.h>

#include "filter.h"
#include "kawela.h"
#include "stats.h"
#include "trace.h"
#include "vf.h"


/* First of a VF's vectors as the PF numbers them (datasheet 7.3.2.2) */
static unsigned int kawela_vf_vector(const struct kawela_vf *vf)
{
	return 22 - KWL_VF_VECTORS * vf->index;
}

static void kawela_queue_sanitize(struct kwl_hw *hw, unsigned int q)
{
	kwl_wr(hw, KWL_RXQ(q) + KWL_RXDCTL, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TXDCTL, 0);
	kwl_wr(hw, KWL_RXQ(q) + KWL_RDBAL, 0);
	kwl_wr(hw, KWL_RXQ(q) + KWL_RDBAH, 0);
	kwl_wr(hw, KWL_RXQ(q) + KWL_RDLEN, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TDBAL, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TDBAH, 0);
	kwl_wr(hw, KWL_TXQ(q) + KWL_TDLEN, 0);
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
	unsigned int vector = kawela_vf_vector(vf);
	struct kwl_hw *hw = &pf->hw;
	unsigned int q, i;

	for (q = 0; q < KWL_VF_QUEUES; q++)
		kawela_queue_sanitize(hw, vf->index + q * KWL_POOLS);
	kwl_wr(hw, KWL_PSRTYPE(vf->index), 0);
	kwl_wr(hw, KWL_EIMC, GENMASK(vector + KWL_VF_VECTORS - 1, vector));
	for (i = 0; i < KWL_VF_VECTORS; i++)
		kwl_wr(hw, KWL_EITR(vector + i), 0);
	if (kwl_has_quirk(hw, KWL_QUIRK_VTIVAR_OR))
		kwl_wr(hw, KWL_IVAR(vf->index), 0);
}

/**
 * kawela_vf_state() - trace what becomes of a VF
 * @pf: the PF
 * @vf: the VF
 * @state: it
 */
void kawela_vf_state(struct kawela *pf, const struct kawela_vf *vf,
		     enum kawela_vf_state state)
{
	trace_kawela_vf_state(pf->hw.dev, vf->index, state);
}

/**
 * kawela_vf_create() - begin the life of a VF
 * @pf: the PF
 * @i: its number, below KWL_MAX_VFS
 *
 * Context: vf_lock, before the VF exists on the bus.
 */
void kawela_vf_create(struct kawela *pf, unsigned int i)
{
	struct kawela_vf *vf;
	u8 mac[ETH_ALEN];

	lockdep_assert_held(&pf->vf_lock);
	if (WARN_ON_ONCE(i >= ARRAY_SIZE(pf->vf)))
		return;
	vf = &pf->vf[i];
	ether_addr_copy(mac, vf->mac);
	memset(vf, 0, sizeof(*vf));
	vf->index = i;
	/* The PF may have taken the old one meanwhile */
	while (!is_valid_ether_addr(mac) || kawela_pf_owns(pf, mac))
		eth_random_addr(mac);
	ether_addr_copy(vf->mac, mac);
	vf->policy.spoofchk = true;
	vf->run.tokens = 1;
	vf->run.refilled = jiffies - HZ;
	kwl_mbx_init_pf(&vf->mbx, &pf->hw, i);
	/* The VF has no driver yet; drop what an earlier one signalled */
	kwl_mbx_wipe(&vf->mbx);
	kwl_wr(&pf->hw, KWL_MBVFICR, FIELD_PREP(KWL_MBVFICR_REQ, BIT(i)) |
				     FIELD_PREP(KWL_MBVFICR_ACK, BIT(i)));
	ratelimit_state_init(&vf->log, 60 * HZ, 3);
	ratelimit_set_flags(&vf->log, RATELIMIT_MSG_ON_RELEASE);
	kawela_vf_stats_base(pf, vf);
	kawela_vf_state(pf, vf, KAWELA_VF_CREATED);
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
	bool active = vf->run.active;

	lockdep_assert_held(&pf->vf_lock);
	vf->run.active = false;
	vf->run.v2 = false;
	vf->run.nonce = 0;
	vf->run.unacked = 0;
	vf->run.stale = true;
	vf->run.events = 0;
	memset(vf->run.missed, 0, sizeof(vf->run.missed));
	vf->run.resets++;
	vf->want = (struct kawela_vf_want) {};
	/* Its pool is closed before its queues are touched; if it was open */
	if (active)
		kawela_filters_apply(pf);
	kawela_vf_sanitize(pf, vf);
	kawela_vf_stats_begin(pf, vf);
	kawela_vf_state(pf, vf, KAWELA_VF_RESET);
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
	vf->want.max_frame = VLAN_ETH_FRAME_LEN + VLAN_HLEN + ETH_FCS_LEN;
	vf->run.active = true;
	kawela_vf_state(pf, vf, KAWELA_VF_ACTIVE);
}

/**
 * kawela_vf_link() - the link that a VF has
 * @pf: the PF
 * @vf: the VF
 *
 * Context: vf_lock.
 * Return: KWL_LINK_*.
 */
u32 kawela_vf_link(const struct kawela *pf, const struct kawela_vf *vf)
{
	lockdep_assert_held(&pf->vf_lock);
	if (vf->policy.link == IFLA_VF_LINK_STATE_DISABLE)
		return 0;
	if (pf->link.up)
		return KWL_LINK_UP | FIELD_PREP(KWL_LINK_SPEED, pf->link.speed) |
		       (pf->link.duplex == DUPLEX_FULL ? KWL_LINK_FULL : 0);
	/* Between functions the device switches at its full speed */
	if (vf->policy.link == IFLA_VF_LINK_STATE_ENABLE)
		return KWL_LINK_UP | KWL_LINK_FULL |
		       FIELD_PREP(KWL_LINK_SPEED, SPEED_1000);
	return 0;
}
