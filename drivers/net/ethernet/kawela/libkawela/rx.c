// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive: descriptor to skb, and fresh buffers to the device.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <net/page_pool/helpers.h>

#include "lib.h"
#include "rx.h"
#include "rx_decode.h"
#include "xdp.h"

/**
 * kwl_rx_fold() - add what one poll counted to the queue's counters
 * @st: the queue's
 * @t: the poll's
 */
void kwl_rx_fold(struct kwl_rx_stats *st, const struct kwl_rx_tally *t)
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

/* A frame in one buffer that no XDP program wants to see */
static struct sk_buff *kwl_rx_build(struct page *page, u32 len)
{
	struct sk_buff *skb;

	net_prefetch(page_address(page) + KWL_RX_HEADROOM);
	skb = napi_build_skb(page_address(page), KWL_RX_TRUESIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, KWL_RX_HEADROOM);
	__skb_put(skb, len);
	skb_mark_for_recycle(skb);
	return skb;
}

/* Any frame, as an XDP program left it. The skb takes its buffers. */
static struct sk_buff *kwl_rx_build_xdp(const struct xdp_buff *xdp)
{
	int meta = xdp->data - xdp->data_meta;
	u32 nr_frags = 0, size = 0;
	struct sk_buff *skb;

	if (xdp_buff_has_frags(xdp)) {
		/* The skb clears this when it is built over it */
		nr_frags = xdp_get_shared_info_from_buff(xdp)->nr_frags;
		size = xdp_get_shared_info_from_buff(xdp)->xdp_frags_size;
	}
	skb = napi_build_skb(xdp->data_hard_start, KWL_RX_TRUESIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (meta > 0)
		skb_metadata_set(skb, meta);
	skb_mark_for_recycle(skb);
	if (nr_frags)
		xdp_update_skb_frags_info(skb, nr_frags, size,
					  nr_frags * KWL_RX_TRUESIZE,
					  xdp_buff_get_skb_flags(xdp));
	return skb;
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

/**
 * kwl_rx_stamp() - take the timestamp of a frame
 * @rx: the ring
 *
 * For each of the few frames whose descriptors say that the device took one.
 *
 * Context: the queue's NAPI instance.
 * Return: the timestamp in ns of the PTP clock, or 0.
 */
u64 kwl_rx_stamp(struct kwl_rx_ring *rx)
{
	struct kwl_port *port = kwl_port_of(rx->netdev);

	return port->role->stamp_rx ? port->role->stamp_rx(port) : 0;
}

static __always_inline void kwl_rx_pass(struct kwl_rx_ring *rx,
					struct sk_buff *skb,
					const union kwl_rx_desc *desc,
					u32 status, struct kwl_rx_tally *t)
{
	netdev_features_t features = rx->netdev->features;

	kwl_rx_set_csum(skb, status, features, t);
	if (features & NETIF_F_RXHASH)
		kwl_rx_set_hash(skb, desc);
	if (status & KWL_RXD_VP && features & NETIF_F_HW_VLAN_CTAG_RX)
		kwl_rx_set_vlan(rx, skb, le16_to_cpu(desc->wb.vlan));
	if (unlikely(status & KWL_RXD_TS))
		skb_hwtstamps(skb)->hwtstamp = ns_to_ktime(kwl_rx_stamp(rx));
	skb_record_rx_queue(skb, rx->queue);
	skb->protocol = eth_type_trans(skb, rx->netdev);
	napi_gro_receive(rx->napi, skb);
}

/**
 * kwl_rx_deliver() - give a frame to the stack
 * @rx: the ring
 * @skb: the frame
 * @desc: its last descriptor
 * @status: status_error of @desc
 * @t: counters
 */
void kwl_rx_deliver(struct kwl_rx_ring *rx, struct sk_buff *skb,
		    const union kwl_rx_desc *desc, u32 status,
		    struct kwl_rx_tally *t)
{
	kwl_rx_pass(rx, skb, desc, status, t);
}

/**
 * kwl_rx_keep_broken() - whether data of a broken frame is to be delivered
 * @rx: the ring
 * @len: the descriptor's length
 * @room: octets that the device may write to the buffer
 *
 * Asked about the few only, so apart from the code that all go through.
 *
 * Return: whether the user wants such frames, and the length can be.
 */
noinline bool kwl_rx_keep_broken(const struct kwl_rx_ring *rx, u32 len, u32 room)
{
	return len <= room && rx->netdev->features & NETIF_F_RXALL;
}

/* Return: 1 when the descriptor ended a frame */
static int kwl_rx_next_state(struct kwl_rx_ring *rx, u32 status, u8 within)
{
	rx->state = status & KWL_RXD_EOP ? KWL_RX_FIRST : within;
	return !!(status & KWL_RXD_EOP);
}

/* A frame that can't be used: forget what came and skip what is to come */
static int kwl_rx_discard(struct kwl_rx_ring *rx, struct page *page, u32 status)
{
	page_pool_recycle_direct(rx->pool, page);
	if (rx->state == KWL_RX_MORE)
		xdp_return_buff(&rx->frame.xdp);
	return kwl_rx_next_state(rx, status, KWL_RX_SKIP);
}

/* Add one descriptor's data to the frame. Return: whether the page was taken */
static bool kwl_rx_add(struct kwl_rx_ring *rx, struct page *page, u32 len)
{
	struct xdp_buff *xdp = &rx->frame.xdp;

	if (rx->state == KWL_RX_FIRST) {
		net_prefetch(page_address(page) + KWL_RX_HEADROOM);
		xdp_init_buff(xdp, KWL_RX_TRUESIZE, &rx->xdp_rxq);
		xdp_prepare_buff(xdp, page_address(page), KWL_RX_HEADROOM, len,
				 true);
		return true;
	}
	if (likely(len))
		return xdp_buff_add_frag(xdp, page_to_netmem(page),
					 KWL_RX_HEADROOM, len, KWL_RX_TRUESIZE);
	page_pool_recycle_direct(rx->pool, page);
	return true;
}

/* A whole frame for XDP and, if XDP leaves it, for the stack */
static void kwl_rx_frame(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			 u32 status, struct kwl_rx_tally *t)
{
	struct xdp_buff *xdp = &rx->frame.xdp;
	u32 len = xdp_get_buff_len(xdp);
	struct sk_buff *skb;

	if (unlikely(kwl_rx_runt(len))) {
		t->errors++;
		xdp_return_buff(xdp);
		return;
	}
	t->packets++;
	t->bytes += len;
	if (unlikely(status & KWL_RXD_TS))
		rx->frame.stamp = kwl_rx_stamp(rx);
	if (prog && kwl_xdp_run(rx, prog, xdp) != XDP_PASS)
		return;
	skb = kwl_rx_build_xdp(xdp);
	if (unlikely(!skb)) {
		t->skb_fail++;
		xdp_return_buff(xdp);
		return;
	}
	status = kwl_rx_keep_stamp(skb, &rx->frame, status);
	kwl_rx_deliver(rx, skb, rx->frame.desc, status, t);
}

/* One descriptor of a frame that has several, or that XDP wants to see */
static int kwl_rx_gather(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			 const union kwl_rx_desc *desc, struct page *page,
			 u32 status, struct kwl_rx_tally *t)
{
	if (unlikely(rx->state == KWL_RX_SKIP))
		return kwl_rx_discard(rx, page, status);
	if (unlikely(!kwl_rx_add(rx, page, le16_to_cpu(desc->wb.length)))) {
		t->errors++;
		return kwl_rx_discard(rx, page, status);
	}
	if (!kwl_rx_next_state(rx, status, KWL_RX_MORE))
		return 0;
	rx->frame.desc = desc;
	kwl_rx_frame(rx, prog, status, t);
	return 1;
}

/* Return: 1 when the descriptor ended a frame, good or bad */
static int kwl_rx_one(struct kwl_rx_ring *rx, struct bpf_prog *prog,
		      const union kwl_rx_desc *desc, struct page *page,
		      u32 status, struct kwl_rx_tally *t)
{
	u32 len = le16_to_cpu(desc->wb.length);
	struct sk_buff *skb;

	if (unlikely(kwl_rx_broken(status, len, KWL_RX_BUF_LEN)) &&
	    !kwl_rx_keep_broken(rx, len, KWL_RX_BUF_LEN)) {
		t->errors += rx->state != KWL_RX_SKIP;
		return kwl_rx_discard(rx, page, status);
	}
	page_pool_dma_sync_for_cpu(rx->pool, page, 0, len);
	if (unlikely(prog || rx->state != KWL_RX_FIRST ||
		     !(status & KWL_RXD_EOP)))
		return kwl_rx_gather(rx, prog, desc, page, status, t);
	if (unlikely(kwl_rx_runt(len))) {
		t->errors++;
		return kwl_rx_discard(rx, page, status);
	}
	skb = kwl_rx_build(page, len);
	if (unlikely(!skb)) {
		t->skb_fail++;
		return kwl_rx_discard(rx, page, status);
	}
	t->packets++;
	t->bytes += len;
	kwl_rx_pass(rx, skb, desc, status, t);
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
	struct bpf_prog *prog = READ_ONCE(rx->prog);
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
		done += kwl_rx_one(rx, prog, desc, page, status, &tally);
	}
	if (unlikely(prog))
		kwl_xdp_finish(rx);
	if (done || unlikely(tally.errors))
		kwl_rx_fold(rx->stats, &tally);
	return likely(kwl_rx_refill(rx)) ? done : budget;
}
