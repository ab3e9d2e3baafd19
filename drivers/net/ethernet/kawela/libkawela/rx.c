// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive: descriptor to skb, and fresh buffers to the device.
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <net/page_pool/helpers.h>

#include "echo.h"
#include "lib.h"
#include "rx.h"
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

static void kwl_rx_give(struct kwl_rx_ring *rx, u16 i, dma_addr_t dma)
{
	rx->desc[i].read.addr = cpu_to_le64(dma + KWL_RX_HEADROOM);
	/* Lies over status_error: clears DD */
	rx->desc[i].read.hdr_addr = 0;
}

/**
 * kwl_rx_give_again() - write the descriptor of a buffer that the ring has already
 * @rx: the ring
 * @i: index of descriptor and buffer
 */
void kwl_rx_give_again(struct kwl_rx_ring *rx, u16 i)
{
	void *buf = rx->buf[i];

	kwl_rx_give(rx, i, page_pool_get_dma_addr(virt_to_page(buf)) +
			   offset_in_page(buf));
}

static struct page *kwl_rx_alloc(struct kwl_rx_ring *rx, unsigned int *offset,
				 gfp_t gfp)
{
	if (KWL_RX_PARTS > 1)
		return page_pool_alloc_frag(rx->pool, offset, KWL_RX_TRUESIZE,
					    gfp);
	*offset = 0;
	return page_pool_alloc_pages(rx->pool, gfp);
}

/**
 * kwl_rx_fill() - allocate buffers and write their descriptors
 * @rx: the ring
 * @n: how many, less than the ring has free
 * @gfp: GFP_KERNEL, or GFP_ATOMIC in NAPI
 *
 * The device isn't notified; that is a write to RDT.
 *
 * Return: false when memory ran out before all were there.
 */
bool kwl_rx_fill(struct kwl_rx_ring *rx, u16 n, gfp_t gfp)
{
	u16 i = rx->fill;

	for (; n; n--) {
		unsigned int offset;
		struct page *page;

		page = kwl_rx_alloc(rx, &offset, gfp | __GFP_NOWARN);
		if (unlikely(!page))
			break;
		rx->buf[i] = page_address(page) + offset;
		kwl_rx_give(rx, i, page_pool_get_dma_addr(page) + offset);
		i = kwl_ring_next(i, rx->count);
	}
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
static struct sk_buff *kwl_rx_build(void *buf, u32 len)
{
	struct sk_buff *skb;

	net_prefetch(buf + KWL_RX_HEADROOM);
	skb = napi_build_skb(buf, KWL_RX_TRUESIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, KWL_RX_HEADROOM);
	__skb_put(skb, len);
	skb_mark_for_recycle(skb);
	return skb;
}

/*
 * Any frame, as an XDP program left it. The skb takes its buffers. Kernel 6.12 has no
 * xdp_build_skb_from_buff().
 */
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

static void kwl_rx_set_hash(struct sk_buff *skb, const struct kwl_rx_wb *wb)
{
	u32 type = kwl_rx_rss_type(wb);

	if (type == KWL_RSS_NONE)
		return;
	skb_set_hash(skb, wb->rss,
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

/* What kwl_rx_read_rest() has read */
static __always_inline void kwl_rx_set_rest(struct kwl_rx_ring *rx,
					    struct sk_buff *skb,
					    const struct kwl_rx_wb *wb,
					    netdev_features_t features)
{
	if (features & NETIF_F_RXHASH)
		kwl_rx_set_hash(skb, wb);
	if (wb->status & KWL_RXD_VP && features & NETIF_F_HW_VLAN_CTAG_RX)
		kwl_rx_set_vlan(rx, skb, wb->vlan);
}

static __always_inline void kwl_rx_pass(struct kwl_rx_ring *rx,
					struct sk_buff *skb,
					const struct kwl_rx_wb *wb,
					netdev_features_t features,
					struct kwl_rx_tally *t)
{
	kwl_rx_set_csum(skb, wb->status, features, t);
	skb_record_rx_queue(skb, rx->queue);
	skb->protocol = eth_type_trans(skb, rx->netdev);
	napi_gro_receive(rx->napi, skb);
}

static void kwl_rx_set_stamp(struct sk_buff *skb, u64 ns)
{
	skb_hwtstamps(skb)->hwtstamp = ns_to_ktime(ns);
}

/**
 * kwl_rx_deliver() - give a frame to the stack that XDP could have seen
 * @rx: the ring
 * @skb: the frame
 * @frame: what it was made of
 * @t: counters
 */
void kwl_rx_deliver(struct kwl_rx_ring *rx, struct sk_buff *skb,
		    const struct kwl_xdp_buff *frame, struct kwl_rx_tally *t)
{
	netdev_features_t features = rx->netdev->features;

	if (unlikely(frame->wb.status & KWL_RXD_TS))
		kwl_rx_set_stamp(skb, frame->stamp);
	kwl_rx_set_rest(rx, skb, &frame->wb, features);
	kwl_rx_pass(rx, skb, &frame->wb, features, t);
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

static void kwl_rx_recycle(struct kwl_rx_ring *rx, void *buf)
{
	page_pool_recycle_direct(rx->pool, virt_to_page(buf));
}

/* A frame that can't be used: forget what came and skip what is to come */
static int kwl_rx_discard(struct kwl_rx_ring *rx, void *buf, u32 status)
{
	kwl_rx_recycle(rx, buf);
	if (rx->state == KWL_RX_MORE)
		xdp_return_buff(&rx->frame.xdp);
	return kwl_rx_next_state(rx, status, KWL_RX_SKIP);
}

/* Add one descriptor's data to the frame. Return: whether the buffer was taken */
static bool kwl_rx_add(struct kwl_rx_ring *rx, void *buf, u32 len)
{
	struct xdp_buff *xdp = &rx->frame.xdp;

	if (rx->state == KWL_RX_FIRST) {
		net_prefetch(buf + KWL_RX_HEADROOM);
		xdp_init_buff(xdp, KWL_RX_TRUESIZE, &rx->xdp_rxq);
		xdp_prepare_buff(xdp, buf, KWL_RX_HEADROOM, len, true);
		return true;
	}
	if (likely(len))
		return xdp_buff_add_frag(xdp, page_to_netmem(virt_to_page(buf)),
					 offset_in_page(buf) + KWL_RX_HEADROOM,
					 len, KWL_RX_TRUESIZE);
	kwl_rx_recycle(rx, buf);
	return true;
}

/* A whole frame for XDP and, if XDP leaves it, for the stack */
static void kwl_rx_frame(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			 struct kwl_rx_tally *t)
{
	struct xdp_buff *xdp = &rx->frame.xdp;
	struct sk_buff *skb;

	t->packets++;
	t->bytes += xdp_get_buff_len(xdp);
	if (unlikely(rx->frame.wb.status & KWL_RXD_TS))
		rx->frame.stamp = kwl_rx_stamp(rx);
	if (prog && kwl_xdp_run(rx, prog, xdp) != XDP_PASS)
		return;
	skb = kwl_rx_build_xdp(xdp);
	if (unlikely(!skb)) {
		t->skb_fail++;
		xdp_return_buff(xdp);
		return;
	}
	kwl_rx_deliver(rx, skb, &rx->frame, t);
}

/* One descriptor of a frame that has several, or that XDP wants to see */
static int kwl_rx_gather(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			 const union kwl_rx_desc *desc, void *buf,
			 struct kwl_rx_wb wb, struct kwl_rx_tally *t)
{
	if (unlikely(rx->state == KWL_RX_SKIP))
		return kwl_rx_discard(rx, buf, wb.status);
	if (unlikely(!kwl_rx_add(rx, buf, wb.len))) {
		t->errors++;
		return kwl_rx_discard(rx, buf, wb.status);
	}
	if (!kwl_rx_next_state(rx, wb.status, KWL_RX_MORE))
		return 0;
	kwl_rx_read_rest(desc, &wb);
	rx->frame.wb = wb;
	kwl_rx_frame(rx, prog, t);
	return 1;
}

/**
 * struct kwl_rx_terms - what is looked up once for all frames of a poll
 * @prog: the XDP program, or NULL
 * @features: the netdev's
 * @echoes: frames that may be the port's own (kwl_echo_suspects())
 * @sync: whether the CPU has to be shown what the device wrote; only mapping a buffer
 *	changes that, at the end of a poll
 */
struct kwl_rx_terms {
	struct bpf_prog *prog;
	netdev_features_t features;
	u32 echoes;
	bool sync;
};

static __always_inline struct kwl_rx_terms
kwl_rx_look_up(const struct kwl_rx_ring *rx)
{
	return (struct kwl_rx_terms) {
		.prog = READ_ONCE(rx->prog),
		.features = rx->netdev->features,
		.echoes = kwl_echo_suspects(rx->echo, rx->netdev),
		.sync = dma_dev_need_sync(rx->pool->p.dev),
	};
}

static noinline void kwl_rx_sync(struct kwl_rx_ring *rx, void *buf, u32 len)
{
	page_pool_dma_sync_for_cpu(rx->pool, virt_to_page(buf),
				   offset_in_page(buf) + KWL_RX_HEADROOM -
				   KWL_RX_POOL_OFFSET, len);
}

/* Return: 1 when the descriptor ended a frame, good or bad */
static __always_inline int kwl_rx_one(struct kwl_rx_ring *rx,
				      const struct kwl_rx_terms *terms,
				      const union kwl_rx_desc *desc, void *buf,
				      struct kwl_rx_wb *wb,
				      struct kwl_rx_tally *t)
{
	u32 len = wb->len, status = wb->status;
	struct sk_buff *skb;

	if (unlikely(kwl_rx_broken(status, len, KWL_RX_BUF_LEN) &&
		     !kwl_rx_keep_broken(rx, len, KWL_RX_BUF_LEN)) ||
	    unlikely(rx->state == KWL_RX_FIRST && kwl_rx_runt(len))) {
		t->errors += rx->state != KWL_RX_SKIP;
		return kwl_rx_discard(rx, buf, status);
	}
	if (unlikely(terms->sync))
		kwl_rx_sync(rx, buf, len);
	if (unlikely(kwl_echo_suspected(terms->echoes, buf + KWL_RX_HEADROOM)) &&
	    rx->state == KWL_RX_FIRST &&
	    kwl_echo_heard(rx->echo, rx->netdev, buf + KWL_RX_HEADROOM, len)) {
		/* The register waits until it is read */
		if (status & KWL_RXD_TS)
			kwl_rx_stamp(rx);
		return kwl_rx_discard(rx, buf, status);
	}
	if (unlikely(terms->prog || rx->state != KWL_RX_FIRST ||
		     !(status & KWL_RXD_EOP)))
		return kwl_rx_gather(rx, terms->prog, desc, buf, *wb, t);
	skb = kwl_rx_build(buf, len);
	if (unlikely(!skb)) {
		t->skb_fail++;
		return kwl_rx_discard(rx, buf, status);
	}
	t->packets++;
	t->bytes += len;
	if (unlikely(status & KWL_RXD_TS))
		kwl_rx_set_stamp(skb, kwl_rx_stamp(rx));
	if (status & KWL_RXD_VP || terms->features & NETIF_F_RXHASH) {
		kwl_rx_read_rest(desc, wb);
		kwl_rx_set_rest(rx, skb, wb, terms->features);
	}
	kwl_rx_pass(rx, skb, wb, terms->features, t);
	return 1;
}

/**
 * kwl_rx_poll() - take frames from a ring and give it fresh buffers
 * @rx: the ring
 * @budget: most frames to take, and most descriptors
 *
 * Context: the queue's NAPI instance.
 * Return: frames taken; @budget also when there may be more descriptors to look at,
 * or when the ring ran out of memory for buffers and the device holds none, so that
 * NAPI comes back.
 */
int kwl_rx_poll(struct kwl_rx_ring *rx, int budget)
{
	const struct kwl_rx_terms terms = kwl_rx_look_up(rx);
	int limit = kwl_rx_limit(rx, budget), left = limit;
	struct kwl_rx_tally tally = {};
	u16 next = rx->next;
	struct kwl_rx_wb wb;
	int done = 0;

	DEBUG_NET_WARN_ON_ONCE(budget <= 0);
	for (; left; left--) {
		const union kwl_rx_desc *desc = &rx->desc[next];
		void *buf = rx->buf[next];

		if (!kwl_rx_read(desc, &wb))
			break;
		next = kwl_ring_next(next, rx->count);
		done += kwl_rx_one(rx, &terms, desc, buf, &wb, &tally);
	}
	rx->next = next;
	if (unlikely(terms.prog))
		kwl_xdp_finish(rx);
	if (done || unlikely(tally.errors))
		kwl_rx_fold(rx->stats, &tally);
	if (!left && limit == budget)
		done = budget;
	return likely(kwl_rx_refill(rx)) ? done : budget;
}
