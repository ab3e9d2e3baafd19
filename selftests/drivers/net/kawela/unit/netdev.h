/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the code of rings needs: page pools, XDP, AF_XDP, skbs,
 * transmit queues. Memory is the C library's, a piece for each buffer, so that
 * AddressSanitizer sees what goes beyond one, or is used or given back twice.
 *
 * The device acts (device_acts(), which the program defines) wherever the code reads
 * what it wrote, behind each read.
 */
#ifndef _KAWELA_UNIT_NETDEV_H
#define _KAWELA_UNIT_NETDEV_H

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <time.h>

#include "shim.h"

#ifndef PAGE_SIZE
#define PAGE_SIZE		4096UL
#endif
#ifndef MAX_SKB_FRAGS
#define MAX_SKB_FRAGS		17
#endif
/* SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) */
#define SHARED_INFO		((48 + 16 * MAX_SKB_FRAGS + 63) & ~63)

static u32 written;		/* to a register, last */

void device_acts(void);
u32 chance(u32 n);	/* a number below n */

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

/* Compiler and language */
typedef u64 dma_addr_t, netdev_features_t, ktime_t, netmem_ref;
typedef unsigned int gfp_t;
typedef int netdev_tx_t, irqreturn_t;
#define __iomem
#define ____cacheline_aligned_in_smp
#undef __always_inline
#define __always_inline		inline
#define noinline
#define __aligned_largest
#define offset_in_page(p)	((unsigned long)(p) & (PAGE_SIZE - 1))
#define min_t(t, a, b)		((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define max_t(t, a, b)		((t)(a) > (t)(b) ? (t)(a) : (t)(b))
#define round_down(x, y)	((x) & ~((y) - 1))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define SZ_1K			0x400
#define SZ_2K			0x800
#define SZ_32K			0x8000
#define IFNAMSIZ		16
#define ETH_ZLEN		60
#define ETH_DATA_LEN		1500
#define VLAN_HLEN		4
#define VLAN_ETH_HLEN		18
#define VLAN_ETH_FRAME_LEN	1518
#define VLAN_VID_MASK		0xfff
#define ETH_P_8021Q		0x8100
#define ETH_P_8021AD		0x88a8
#define ETH_P_ARP		0x0806
#define GFP_ATOMIC		0
#define GFP_KERNEL		0
#define __GFP_NOWARN		0
#define BUILD_BUG_ON(c)		static_assert(!(c), #c)
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))
#define dma_rmb()		device_acts()
#define dma_wmb()		device_acts()
#define smp_rmb()		device_acts()
#define smp_mb()		device_acts()
#define smp_mb__after_atomic()	device_acts()
typedef struct {
	int counter;
} atomic_t;
#define atomic_set(v, i)	WRITE_ONCE((v)->counter, i)
#define atomic_add(i, v)	((void)((v)->counter += (i)))
#define atomic_dec_if_positive(v)					\
	((v)->counter > 0 ? --(v)->counter : (v)->counter - 1)
#define smp_store_release(p, v)	WRITE_ONCE(*(p), v)
#define cpu_to_le64(x)		(x)
#define cpu_to_le32(x)		(x)
#define le32_to_cpu(x)		({ u32 _x = (x); device_acts(); _x; })
#define le16_to_cpu(x)		({ u16 _x = (x); device_acts(); _x; })
#define writel(v, a)		(written = (v), (void)(a), device_acts())
#define readl(a)		((void)(a), 0U)
#define read_poll_timeout(...)	0
#define KWL_EXPORT(sym)
#define DEBUG_NET_WARN_ON_ONCE(c)	assert(!(c))
#define test_bit(n, map)	((map)[(n) / 64] >> (n) % 64 & 1)
#define rcu_read_lock()
#define rcu_read_unlock()
#define local_bh_disable()
#define local_bh_enable()
#define smp_processor_id()	0
#define ns_to_ktime(ns)		(ns)
#define HZ			250
#define IFF_PROMISC		0x100
#define is_multicast_ether_addr(a)	((a)[0] & 1)
#define get_unaligned_be16(p)						\
	((u16)(((const u8 *)(p))[0] << 8 | ((const u8 *)(p))[1]))
#define get_unaligned_be32(p)						\
	((u32)get_unaligned_be16(p) << 16 |				\
	 get_unaligned_be16((const u8 *)(p) + 2))
#define get_unaligned(p)						\
	({ typeof(*(p)) _v; memcpy((void *)&_v, p, sizeof(_v)); _v; })

static __attribute__((unused)) unsigned long jiffies;

/* Counters */
typedef u64 u64_stats_t;
struct u64_stats_sync {};
#define u64_stats_update_begin(s)
#define u64_stats_update_end(s)
#define u64_stats_update_begin_irqsave(s)	0
#define u64_stats_update_end_irqrestore(s, flags)	((void)(flags))
#define u64_stats_fetch_begin(s)	0
#define u64_stats_fetch_retry(s, seq)	((void)(seq), 0)
#define u64_stats_read(v)		(*(v))
#define u64_stats_add(v, n)		(*(v) += (n))
#define u64_stats_inc(v)		(++*(v))

/* What only pointers point to, and what nothing here looks into */
struct device { int unused; };
struct devlink;
struct devlink_health_reporter;
struct ethtool_channels;
struct ethtool_coalesce;
struct ethtool_ops;
struct kernel_ethtool_coalesce;
struct netdev_bpf;
struct netdev_queue_mgmt_ops;
struct netdev_stat_ops;
struct netlink_ext_ack;
struct rtnl_link_stats64;
struct work_struct { int unused; };
struct delayed_work { int unused; };
typedef struct { int unused; } spinlock_t;

#define NETIF_F_RXCSUM			BIT(0)
#define NETIF_F_RXHASH			BIT(1)
#define NETIF_F_RXALL			BIT(2)
#define NETIF_F_HW_VLAN_CTAG_RX		BIT(3)

struct net_device;
struct netdev_queue { struct net_device *dev; bool stopped, _xmit_lock; };
struct napi_struct { int unused; };
struct net_device {
	netdev_features_t features;
	unsigned int flags;
	void *priv;
	u32 real_num_rx_queues, real_num_tx_queues;
	struct netdev_queue *queue;
};
#define netdev_priv(d)			((d)->priv)
#define netif_carrier_ok(d)		true
#define netdev_get_tx_queue(d, i)	((void)(i), (d)->queue)
#define netif_tx_queue_stopped(q)	((q)->stopped)
#define netif_tx_stop_queue(q)		((q)->stopped = true)
#define netif_tx_wake_queue(q)		((q)->stopped = false)
#define txq_trans_cond_update(q)	((void)(q))
#define lockdep_assert_held(l)		assert(*(l))
#define __netif_tx_lock(q, cpu)						\
	((void)(cpu), assert(!(q)->_xmit_lock), (q)->_xmit_lock = true)
#define __netif_tx_unlock(q)		((q)->_xmit_lock = false)
#define __netif_tx_lock_bh(q)		__netif_tx_lock(q, 0)
#define __netif_tx_unlock_bh(q)		__netif_tx_unlock(q)
#define __netif_txq_completed_wake(q, n, bytes, room, wake, down)		\
	((q)->stopped && (room) >= (wake) && !(down) ?			\
	 (q)->stopped = false : 1)
#define napi_if_scheduled_mark_missed(n)	((void)(n), true)
#define napi_schedule(n)			((void)(n))
#define net_prefetch(p)				((void)(p))

/* Pages: each a piece of its own, with its reference count behind */
struct page;
struct page_pool { unsigned int cut; struct page *current; struct { struct device *dev; } p; };

static long pages_out;
/* Nothing may be taken from page pools and sockets, or given back */
static bool netpolling;

static void not_in_netpoll(const char *what)
{
	if (netpolling) {
		fprintf(stderr, "netpoll ");
		fail(what);
	}
}

#define virt_to_page(p)		((struct page *)((unsigned long)(p) & ~(PAGE_SIZE - 1)))
#define virt_to_head_page(p)	virt_to_page(p)
#define page_address(p)		((void *)(p))
#define page_to_netmem(p)	((netmem_ref)(p))
#define page_pool_get_dma_addr(p)	((dma_addr_t)(p))

__attribute__((no_sanitize_address))
static int page_ref(struct page *page, int by)
{
	int *refs = (int *)((char *)page + PAGE_SIZE);

	return *refs += by;
}

static struct page *page_new(int refs)
{
	char *page = aligned_alloc(PAGE_SIZE, 2 * PAGE_SIZE);

	*(int *)(page + PAGE_SIZE) = refs;
	__asan_poison_memory_region(page + PAGE_SIZE, PAGE_SIZE);
	pages_out++;
	return (struct page *)page;
}

static void page_put(struct page *page)
{
	not_in_netpoll("frees a page of a pool");
	/* Says so if it is free already */
	*(volatile char *)page;
	if (page_ref(page, -1))
		return;
	__asan_unpoison_memory_region((char *)page + PAGE_SIZE, PAGE_SIZE);
	free(page);
	pages_out--;
}

static struct page *page_pool_alloc_pages(struct page_pool *pool, gfp_t gfp)
{
	not_in_netpoll("takes a page of a pool");
	return chance(50) ? page_new(1) : NULL;
}

static struct page *page_pool_alloc_frag(struct page_pool *pool,
					 unsigned int *offset, u32 size, gfp_t gfp)
{
	not_in_netpoll("takes a part of a pool's page");
	if (!chance(50))
		return NULL;
	if (!pool->current) {
		pool->current = page_new(PAGE_SIZE / size);
		pool->cut = 0;
	}
	struct page *page = pool->current;

	*offset = pool->cut;
	pool->cut += size;
	if (pool->cut == PAGE_SIZE)
		pool->current = NULL;
	return page;
}

#define page_pool_recycle_direct(pool, page)	page_put(page)
#define page_pool_free_va(pool, p, direct)	page_put(virt_to_page(p))
#define page_pool_dma_sync_for_cpu(pool, page, offset, len)		\
	((void)(page), (void)(offset), (void)(len), device_acts())

/* DMA */
#define DMA_TO_DEVICE		0
#define DMA_BIDIRECTIONAL	0
#define dma_dev_need_sync(dev)	((void)(dev), true)
#define dma_map_page(dev, page, offset, len, dir)	\
	((dma_addr_t)(page) + (offset))
#define dma_mapping_error(dev, dma)	(!(dma) || !chance(30))
#define dma_unmap_page(dev, dma, len, dir)	\
	((void)(dma), (void)(len))
#define dma_sync_single_for_device(dev, dma, len, dir)	device_acts()

/* Frames in parts */
typedef struct { void *at; u32 len; } skb_frag_t;
struct skb_shared_info { u32 nr_frags, xdp_frags_size; skb_frag_t frags[MAX_SKB_FRAGS]; };
#define skb_frag_address(f)	((f)->at)
#define skb_frag_size(f)	((f)->len)
static_assert(sizeof(struct skb_shared_info) <= SHARED_INFO, "shared info");
#define SKB_DATA_ALIGN(x)	SHARED_INFO

struct xdp_rxq_info { struct net_device *dev; };
struct xdp_buff {
	void *data, *data_end, *data_meta, *data_hard_start;
	struct xdp_rxq_info *rxq;
	u32 frame_sz;
	bool frags;
};

static struct skb_shared_info *xdp_get_shared_info_from_buff(const struct xdp_buff *xdp)
{
	return xdp->data_hard_start + xdp->frame_sz - SHARED_INFO;
}

#define xdp_buff_has_frags(xdp)		((xdp)->frags)
#define xdp_buff_get_skb_flags(xdp)	0

static u32 xdp_get_buff_len(const struct xdp_buff *xdp)
{
	return xdp->data_end - xdp->data +
	       (xdp->frags ? xdp_get_shared_info_from_buff(xdp)->xdp_frags_size : 0);
}

static void xdp_init_buff(struct xdp_buff *xdp, u32 size, struct xdp_rxq_info *rxq)
{
	xdp->frame_sz = size;
	xdp->rxq = rxq;
	xdp->frags = false;
}

static void xdp_prepare_buff(struct xdp_buff *xdp, void *hard, int room, int len,
			     bool meta)
{
	xdp->data_hard_start = hard;
	xdp->data = hard + room;
	xdp->data_end = xdp->data + len;
	xdp->data_meta = xdp->data;
}

static bool frag_add(struct xdp_buff *xdp, void *at, u32 len)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);

	if (!xdp->frags) {
		xdp->frags = true;
		info->nr_frags = 0;
		info->xdp_frags_size = 0;
	} else if (info->nr_frags == MAX_SKB_FRAGS) {
		return false;
	}
	info->frags[info->nr_frags++] = (skb_frag_t) { at, len };
	info->xdp_frags_size += len;
	return true;
}

#define xdp_buff_add_frag(xdp, netmem, offset, size, truesize)	\
	frag_add(xdp, (char *)(netmem) + (offset), size)

static void frags_put(const struct skb_shared_info *info)
{
	for (u32 i = 0; i < info->nr_frags; i++)
		page_put(virt_to_page(info->frags[i].at));
}

static void xdp_return_buff(struct xdp_buff *xdp)
{
	if (xdp->frags)
		frags_put(xdp_get_shared_info_from_buff(xdp));
	page_put(virt_to_page(xdp->data_hard_start));
}

/* Somebody reads all of a frame */
static u32 sum;

static void look(const void *at, u32 len)
{
	for (u32 i = 0; i < len; i++)
		sum += ((const u8 *)at)[i];
}

static void look_at_frags(const struct skb_shared_info *info)
{
	u32 size = 0;

	if (info->nr_frags > MAX_SKB_FRAGS)
		fail("too many fragments");
	for (u32 i = 0; i < info->nr_frags; i++) {
		look(info->frags[i].at, info->frags[i].len);
		size += info->frags[i].len;
	}
	if (size != info->xdp_frags_size)
		fail("the fragments' length is another");
}

/* skbs: over a buffer, or with memory of their own */
struct sk_buff {
	void *hard, *data, *tail;
	u32 len, headlen, headroom;
	struct skb_shared_info info;
	bool own, encapsulation, recycle;
	u16 protocol;
	int ip_summed;
	u64 hwtstamp;
	u32 metalen;
};
#define CHECKSUM_UNNECESSARY	1
#define skb_hwtstamps(skb)	(skb)
#define skb_inner_network_offset(skb)	0
#define skb_network_offset(skb)	0
#define skb_record_rx_queue(skb, q)
#define skb_mark_for_recycle(skb)	((skb)->recycle = true)
#define skb_metadata_set(skb, n)	((skb)->metalen = (n))
enum { PKT_HASH_TYPE_L3, PKT_HASH_TYPE_L4 };
#define skb_set_hash(skb, hash, type)	(sum += (hash) + (type))
#define __vlan_hwaccel_put_tag(skb, proto, tci)	(sum += (tci))

static struct sk_buff *napi_build_skb(void *data, u32 size)
{
	struct sk_buff *skb = chance(40) ? calloc(1, sizeof(*skb)) : NULL;

	if (skb)
		skb->hard = skb->data = skb->tail = data;
	return skb;
}

static struct sk_buff *napi_alloc_skb(struct napi_struct *napi, u32 len)
{
	struct sk_buff *skb = napi_build_skb(NULL, 0);

	if (skb) {
		skb->own = true;
		skb->hard = skb->data = skb->tail = malloc(len);
	}
	return skb;
}

static void skb_reserve(struct sk_buff *skb, u32 n)
{
	skb->data += n;
	skb->tail += n;
}

static void *__skb_put(struct sk_buff *skb, u32 n)
{
	void *at = skb->tail;

	skb->tail += n;
	skb->len += n;
	return at;
}

static void *__skb_pull(struct sk_buff *skb, u32 n)
{
	if (skb->tail - skb->data < n)
		fail("__skb_pull() finds too little in front: BUG()");
	skb->len -= n;
	return skb->data += n;
}

#define skb_put_data(skb, from, n)	memcpy(__skb_put(skb, n), from, n)

static void xdp_update_skb_frags_info(struct sk_buff *skb, u32 n, u32 size,
				      u32 truesize, u32 flags)
{
	struct skb_shared_info *info = skb->hard + truesize / n - SHARED_INFO;

	skb->info = *info;
	if (info->nr_frags != n || info->xdp_frags_size != size)
		fail("the fragments aren't those of the frame");
	skb->len += size;
}

static void kfree_skb(struct sk_buff *skb)
{
	frags_put(&skb->info);
	if (skb->own)
		free(skb->hard);
	else
		page_put(virt_to_page(skb->hard));
	free(skb);
}

#define dev_kfree_skb_any(skb)		kfree_skb(skb)
#define napi_consume_skb(skb, budget)	kfree_skb(skb)

static u16 eth_type_trans(struct sk_buff *skb, struct net_device *netdev)
{
	__skb_pull(skb, ETH_HLEN);
	return 0;
}

static u32 meta_passed;		/* octets of metadata that the last program left */

static void napi_gro_receive(struct napi_struct *napi, struct sk_buff *skb)
{
	if (skb->metalen != meta_passed)
		fail("metadata of XDP is lost");
	look(skb->data - ETH_HLEN - skb->metalen, skb->metalen);
	look(skb->data - ETH_HLEN, ETH_HLEN);
	look(skb->data, skb->tail - skb->data);
	look_at_frags(&skb->info);
	kfree_skb(skb);
}

/* XDP: verdicts by chance */
struct bpf_prog { int unused; struct { bool xdp_has_frags; } *aux; };
enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };
#define XDP_XMIT_FLUSH		1
#define XDP_XMIT_FLAGS_MASK	1
#define bpf_warn_invalid_xdp_action(dev, prog, act)
#define trace_xdp_exception(dev, prog, act)
#define xdp_do_flush()

static u32 bpf_prog_run_xdp(struct bpf_prog *prog, struct xdp_buff *xdp)
{
	look(xdp->data, xdp->data_end - xdp->data);
	if (xdp->frags)
		look_at_frags(xdp_get_shared_info_from_buff(xdp));
	if (!chance(4)) {
		xdp->data -= chance(64);
		xdp->data_meta = xdp->data;
	} else if (!chance(4)) {
		xdp->data_meta -= 4 * chance(8);
	}
	device_acts();
	meta_passed = xdp->data - xdp->data_meta;
	return chance(6);
}

struct xdp_frame {
	void *data;
	u32 len, frame_sz, headroom;
	bool frags, own;
	void *hard;
};
struct xdp_frame_bulk { int unused; };
#define xdp_frame_bulk_init(b)		((void)(b))
#define xdp_flush_frame_bulk(b)		((void)(b))
#define xdp_frame_has_frags(f)		((f)->frags)

static struct skb_shared_info *xdp_get_shared_info_from_frame(const struct xdp_frame *f)
{
	return f->hard + f->frame_sz - SHARED_INFO;
}

static u32 xdp_get_frame_len(const struct xdp_frame *f)
{
	return f->len + (f->frags ? xdp_get_shared_info_from_frame(f)->xdp_frags_size : 0);
}

static void xdp_return_frame(struct xdp_frame *f)
{
	look(f->data, f->len);
	if (f->frags)
		frags_put(xdp_get_shared_info_from_frame(f));
	page_put(virt_to_page(f->hard));
	free(f);
}

#define xdp_return_frame_bulk(f, b)	xdp_return_frame(f)
#define xdp_return_frame_rx_napi(f)	xdp_return_frame(f)

static int xdp_do_redirect(struct net_device *dev, struct xdp_buff *xdp,
			   struct bpf_prog *prog);

#include "af_xdp.h"

#endif /* _KAWELA_UNIT_NETDEV_H */
