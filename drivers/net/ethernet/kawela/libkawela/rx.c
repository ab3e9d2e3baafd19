// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive: descriptor to skb, and fresh buffers to the device.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <net/page_pool/helpers.h>

#include "lib.h"
#include "rx_decode.h"

/* Counters of one poll, folded into the queue's at its end */
struct kwl_rx_tally {
	u32 packets;
	u32 bytes;
	u32 csum_bad;
	u32 csum_none;
	u32 csum_ok;
	u32 errors;
	u32 skb_fail;
};

static void kwl_rx_fold(struct kwl_rx_stats *st, const struct kwl_rx_tally *t)
{
	u64_stats_update_begin(&st->sync);
	u64_stats_add(&st->packets, t->packets);
	u64_stats_add(&st->bytes, t->bytes);
	u64_stats_add(&st->csum_bad, t->csum_bad);
	u64_stats_add(&st->csum_none, t->csum_none);
	u64_stats_add(&st->csum_ok, t->csum_ok);
	u64_stats_add(&st->errors, t->errors);
	u64_stats_add(&st->skb_fail, t->skb_fail);
	u64_stats_update_end(&st->sync);
}

/**
 * kwl_rx_give() - write the descriptor of a buffer
 * @rx: the ring
 * @i: index of descriptor and buffer
 */
void kwl_rx_give(struct kwl_rx_ring *rx, u16 i)
{
	dma_addr_t dma = page_pool_get_dma_addr(rx->page[i]);

	rx->desc[i].read.addr = cpu_to_le64(dma + KWL_RX_HEADROOM);
	/* Lies over status_error: clears DD */
	rx->desc[i].read.hdr_addr = 0;
}

/**
 * kwl_rx_fill() - allocate buffers and write their descriptors
 * @rx: the ring
 * @n: how many, less than the ring has free
 * @gfp: GFP_KERNEL, or GFP_ATOMIC in NAPI
 *
 * The device isn't told; that is a write to RDT.
 *
 * Return: false when memory ran out before all were there.
 */
bool kwl_rx_fill(struct kwl_rx_ring *rx, u16 n, gfp_t gfp)
{
	u16 i = rx->fill;

	for (; n; n--) {
		struct page *page;

		page = page_pool_alloc_pages(rx->pool, gfp | __GFP_NOWARN);
		if (unlikely(!page))
			break;
		rx->page[i] = page;
		kwl_rx_give(rx, i);
		i = kwl_ring_next(i, rx->count);
	}
	/* An old DD in the slot that stays empty would look like a frame */
	rx->desc[i].wb.status_error = 0;
	rx->fill = i;
	return !n;
}

/* Return: false while the device holds no buffer at all */
static bool kwl_rx_refill(struct kwl_rx_ring *rx)
{
	u16 n = kwl_ring_free_slots(rx->fill, rx->next, rx->count);

	if (n < KWL_RX_REFILL)
		return true;
	if (unlikely(!kwl_rx_fill(rx, n, GFP_ATOMIC))) {
		u64_stats_update_begin(&rx->stats->sync);
		u64_stats_inc(&rx->stats->alloc_fail);
		u64_stats_update_end(&rx->stats->sync);
	}
	/* Descriptors before the tail that offers them; writel() orders them */
	writel(rx->fill, rx->tail);
	return rx->fill != rx->next;
}

static struct sk_buff *kwl_rx_first(struct kwl_rx_ring *rx, struct page *page,
				    u32 len)
{
	struct sk_buff *skb;

	net_prefetch(page_address(page) + KWL_RX_HEADROOM);
	skb = napi_build_skb(page_address(page), PAGE_SIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, KWL_RX_HEADROOM);
	__skb_put(skb, len);
	skb_mark_for_recycle(skb);
	return skb;
}

static bool kwl_rx_append(struct sk_buff *skb, struct page *page, u32 len)
{
	u32 n = skb_shinfo(skb)->nr_frags;

	if (unlikely(n == MAX_SKB_FRAGS))
		return false;
	skb_add_rx_frag(skb, n, page, KWL_RX_HEADROOM, len, PAGE_SIZE);
	return true;
}

/* Add one descriptor's data to the frame. Takes the page. */
static bool kwl_rx_add(struct kwl_rx_ring *rx, struct page *page, u32 len)
{
	if (likely(!rx->skb)) {
		rx->skb = kwl_rx_first(rx, page, len);
		if (likely(rx->skb))
			return true;
	} else if (kwl_rx_append(rx->skb, page, len)) {
		return true;
	}
	page_pool_recycle_direct(rx->pool, page);
	return false;
}

static void kwl_rx_set_csum(struct sk_buff *skb, u32 status,
			    netdev_features_t features, struct kwl_rx_tally *t)
{
	enum kwl_csum csum = kwl_rx_csum(status);

	if (likely(csum == KWL_CSUM_GOOD && features & NETIF_F_RXCSUM)) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		t->csum_ok++;
	} else if (csum == KWL_CSUM_BAD) {
		t->csum_bad++;
	} else {
		t->csum_none++;
	}
}

static void kwl_rx_set_hash(struct sk_buff *skb, const union kwl_rx_desc *desc)
{
	u32 type = le16_get_bits(desc->wb.pkt_info, KWL_RXD_RSS_TYPE);

	if (type == KWL_RSS_NONE)
		return;
	skb_set_hash(skb, le32_to_cpu(desc->wb.rss),
		     kwl_rx_hash_is_l4(type) ? PKT_HASH_TYPE_L4 :
					       PKT_HASH_TYPE_L3);
}

static void kwl_rx_set_vlan(struct kwl_rx_ring *rx, struct sk_buff *skb,
			    u16 tci)
{
	if (!rx->vlans || test_bit(tci & VLAN_VID_MASK, rx->vlans))
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), tci);
}

/* For each of the few frames that the device took a timestamp of */
static void kwl_rx_stamp(struct kwl_rx_ring *rx, struct sk_buff *skb)
{
	struct kwl_port *port = kwl_port_of(rx->netdev);

	if (port->role->stamp_rx)
		port->role->stamp_rx(port, skb);
}

static void kwl_rx_deliver(struct kwl_rx_ring *rx,
			   const union kwl_rx_desc *desc, u32 status,
			   struct kwl_rx_tally *t)
{
	netdev_features_t features = rx->netdev->features;
	struct sk_buff *skb = rx->skb;

	rx->skb = NULL;
	if (unlikely(skb->len < ETH_HLEN)) {
		t->errors++;
		dev_kfree_skb_any(skb);
		return;
	}
	kwl_rx_set_csum(skb, status, features, t);
	if (features & NETIF_F_RXHASH)
		kwl_rx_set_hash(skb, desc);
	if (status & KWL_RXD_VP && features & NETIF_F_HW_VLAN_CTAG_RX)
		kwl_rx_set_vlan(rx, skb, le16_to_cpu(desc->wb.vlan));
	if (unlikely(status & KWL_RXD_TS))
		kwl_rx_stamp(rx, skb);
	skb_record_rx_queue(skb, rx->queue);
	t->packets++;
	t->bytes += skb->len;
	skb->protocol = eth_type_trans(skb, rx->netdev);
	napi_gro_receive(rx->napi, skb);
}

/* A frame that can't be used: forget what came and skip what is to come */
static void kwl_rx_discard(struct kwl_rx_ring *rx, u32 status)
{
	kfree_skb(rx->skb);
	rx->skb = NULL;
	rx->skip = !(status & KWL_RXD_EOP);
}

/* Return: 1 when the descriptor ended a frame, good or bad */
static int kwl_rx_one(struct kwl_rx_ring *rx, const union kwl_rx_desc *desc,
		      struct page *page, u32 status, struct kwl_rx_tally *t)
{
	u32 len = le16_to_cpu(desc->wb.length);

	if (unlikely(rx->skip || len > KWL_RX_BUF_LEN ||
		     status & KWL_RXD_ERR_RXE)) {
		t->errors += !rx->skip;
		page_pool_recycle_direct(rx->pool, page);
		kwl_rx_discard(rx, status);
		return !rx->skip;
	}
	page_pool_dma_sync_for_cpu(rx->pool, page, 0, len);
	if (unlikely(!kwl_rx_add(rx, page, len))) {
		t->skb_fail++;
		kwl_rx_discard(rx, status);
		return !rx->skip;
	}
	if (unlikely(!(status & KWL_RXD_EOP)))
		return 0;
	kwl_rx_deliver(rx, desc, status, t);
	return 1;
}

/**
 * kwl_rx_poll() - take frames from a ring and give it fresh buffers
 * @rx: the ring
 * @budget: most frames to take
 *
 * Context: the queue's NAPI instance.
 * Return: frames taken; @budget also when the ring ran out of memory for
 * buffers and the device holds none, so that NAPI comes back.
 */
int kwl_rx_poll(struct kwl_rx_ring *rx, int budget)
{
	struct kwl_rx_tally tally = {};
	int done = 0;

	while (done < budget) {
		union kwl_rx_desc *desc = &rx->desc[rx->next];
		u32 status = le32_to_cpu(READ_ONCE(desc->wb.status_error));
		struct page *page;

		if (!(status & KWL_RXD_DD))
			break;
		/* The rest of the descriptor is valid only behind DD */
		dma_rmb();
		page = rx->page[rx->next];
		rx->next = kwl_ring_next(rx->next, rx->count);
		done += kwl_rx_one(rx, desc, page, status, &tally);
	}
	if (done)
		kwl_rx_fold(rx->stats, &tally);
	return likely(kwl_rx_refill(rx)) ? done : budget;
}
