// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what PF, administrator and VFs want to the device's filters.
 */
#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/unaligned.h>

#include "claims.h"
#include "filter.h"
#include "filter_image.h"
#include "filter_write.h"
#include "kawela.h"
#include "notice.h"
#include "trace.h"

/**
 * struct kawela_filter_writer - writes to a device
 * @w: for kawela_image_write()
 * @pf: the device
 */
struct kawela_filter_writer {
	struct kawela_writer w;
	struct kawela *pf;
};

static struct kawela *kawela_written(struct kawela_writer *w)
{
	return container_of(w, struct kawela_filter_writer, w)->pf;
}

static void kawela_wr(struct kawela_writer *w, u32 reg, u32 val)
{
	struct kawela *pf = kawela_written(w);

	trace_kawela_filter(pf->hw.dev, reg, val);
	kwl_wr(&pf->hw, reg, val);
}

static void kawela_flush(struct kawela_writer *w)
{
	kwl_flush(&kawela_written(w)->hw);
}

/**
 * kawela_claims_of() - what all functions claim now
 * @pf: the PF
 * @claims: receives it; points into @pf
 *
 * Context: vf_lock, as long as @claims is used.
 */
void kawela_claims_of(struct kawela *pf, struct kawela_claims *claims)
{
	unsigned int i;

	lockdep_assert_held(&pf->vf_lock);
	claims->pf = &pf->want;
	claims->n_vfs = pf->n_vfs;
	for (i = 0; i < pf->n_vfs; i++)
		claims->vf[i] = (struct kawela_vf_claims) {
			.policy = &pf->vf[i].policy,
			.want = &pf->vf[i].want,
			.given = pf->vf[i].mac,
			.active = pf->vf[i].run.active,
		};
}

/**
 * kawela_claims_lost() - notify VFs that they lost addresses or VLANs
 * @pf: the PF
 * @vfs: which; a bit each
 *
 * Context: vf_lock.
 */
void kawela_claims_lost(struct kawela *pf, u8 vfs)
{
	unsigned int i;

	lockdep_assert_held(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++) {
		if (!(vfs & BIT(i)))
			continue;
		kawela_notify(pf, &pf->vf[i],
			      KWL_EVENT_POLICY | KWL_EVENT_TAKEN);
		if (kawela_vf_may_log(&pf->vf[i]))
			netif_info(kawela_port(pf), drv, pf->netdev,
				   "VF %u: addresses or VLANs taken back, the PF or the administrator needs them\n",
				   i);
	}
}

/* Say once that the PF has more than the tables hold, and once that it fits again */
static void kawela_say_full(struct kawela *pf, const struct kawela_claims *c)
{
	bool uc = pf->want.uc_more || pf->want.n_uc > kawela_pf_uc_room(c);
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	bool vlan = c->n_vfs && !kawela_pf_vlans(c, vlans);

	if (uc && !pf->uc_full)
		netif_warn(kawela_port(pf), drv, pf->netdev,
			   "more addresses than the %u that the table has room for: the others are filtered by hash, or not at all without VFs\n",
			   kawela_pf_uc_room(c));
	if (vlan && !pf->vlans_full)
		netif_warn(kawela_port(pf), drv, pf->netdev,
			   "more VLANs than the table has room for beside those of VFs: of VLANs above %lu only unicast frames are received\n",
			   find_last_bit(vlans, VLAN_N_VID));
	if (!vlan && pf->vlans_full)
		netif_info(kawela_port(pf), drv, pf->netdev,
			   "all VLANs have room in the table again\n");
	pf->uc_full = uc;
	pf->vlans_full = vlan;
}

/* A VF that was refused the address needs not wait until it asks again by itself */
static void kawela_say_free(struct kawela *pf, const struct kawela_ra *ra)
{
	u8 mac[ETH_ALEN];
	unsigned int i;

	put_unaligned_le32(ra->lo, mac);
	put_unaligned_le16(ra->hi & KWL_RAH_ADDR, mac + 4);
	for (i = 0; i < pf->n_vfs; i++)
		if (kawela_vf_missed(&pf->vf[i], mac))
			kawela_notify(pf, &pf->vf[i], KWL_EVENT_POLICY);
}

/* Addresses that a function has given back and no other has got instead */
static void kawela_say_all_free(struct kawela *pf,
				const struct kawela_image *old,
				const struct kawela_image *img)
{
	unsigned int i, k;

	for (i = 0; i < KWL_RA_ENTRIES; i++) {
		for (k = 0; k < KWL_RA_ENTRIES; k++)
			if (kawela_ra_same(&old->ra[i], &img->ra[k]))
				break;
		if (old->ra[i].hi & KWL_RAH_AV && k == KWL_RA_ENTRIES)
			kawela_say_free(pf, &old->ra[i]);
	}
}

/**
 * kawela_filters_apply() - bring the filters in line with what is wanted
 * @pf: the PF
 *
 * Always fits: VFs lose what the PF or the administrator needs, and are notified. What
 * the PF wants beyond the tables, it gets as far as the device can do that without an
 * entry. VFs that were refused an address are notified when it becomes free.
 *
 * Context: may sleep; vf_lock.
 */
void kawela_filters_apply(struct kawela *pf)
{
	struct kawela_filter_writer w = {
		.w = { .wr = kawela_wr, .flush = kawela_flush },
		.pf = pf,
	};
	const struct kawela_image *old = pf->image_valid ? &pf->image : NULL;
	struct kawela_image *img = &pf->next_image;
	struct kawela_claims claims;
	u8 lost;

	lockdep_assert_held(&pf->vf_lock);
	kawela_claims_of(pf, &claims);
	lost = kawela_claims_settle(&claims);
	kawela_image_build(img, old, &claims, pf->hw.quirks);
	kawela_image_write(&w.w, old, img);
	/* After a reset, enable transmit when all limits for senders are written */
	if (!old)
		kwl_rmw(&pf->hw, KWL_TCTL, 0, KWL_TCTL_EN);
	else
		kawela_say_all_free(pf, old, img);
	pf->image = *img;
	pf->image_valid = true;
	kawela_claims_lost(pf, lost);
	kawela_say_full(pf, &claims);
}

/**
 * kawela_filters_forget() - the device lost its filters in a reset
 * @pf: the PF
 *
 * Context: vf_lock.
 */
void kawela_filters_forget(struct kawela *pf)
{
	lockdep_assert_held(&pf->vf_lock);
	pf->image_valid = false;
}

/**
 * kawela_pf_owns() - is an address one of the PF's interface?
 * @pf: the PF
 * @mac: the address
 *
 * Also those that the table has no room for, or that are there since a moment ago.
 *
 * Context: process or softirq.
 * Return: whether it is.
 */
bool kawela_pf_owns(struct kawela *pf, const u8 *mac)
{
	struct netdev_hw_addr *ha;
	bool owns = ether_addr_equal(mac, pf->netdev->dev_addr);

	netif_addr_lock_bh(pf->netdev);
	netdev_for_each_uc_addr(ha, pf->netdev)
		owns |= ether_addr_equal(mac, ha->addr);
	netif_addr_unlock_bh(pf->netdev);
	return owns;
}
