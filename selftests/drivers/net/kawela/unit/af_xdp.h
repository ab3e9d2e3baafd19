/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of AF_XDP as the code of rings needs. Part of netdev.h.
 */
#ifndef _KAWELA_UNIT_AF_XDP_H
#define _KAWELA_UNIT_AF_XDP_H

#define XSK_PRIV_MAX		24
#define XDP_PACKET_HEADROOM	256
struct xdp_desc { u64 addr; u32 len; bool more; };
struct xdp_umem { u32 flags; };
#define XDP_UMEM_SG_FLAG	BIT(1)
struct xsk_buff_pool {
	struct xdp_umem *umem;
	u32 chunk_size;
	struct xdp_desc *tx_descs;
	struct xdp_buff_xsk *frags[MAX_SKB_FRAGS + 1];
	u32 n_frags;
};
struct xdp_buff_xsk { struct xdp_buff xdp; u8 cb[XSK_PRIV_MAX]; struct xsk_buff_pool *pool; };
#define XSK_CHECK_PRIV_TYPE(t)						\
	BUILD_BUG_ON(sizeof(t) > offsetof(struct xdp_buff_xsk, pool))

static long xsk_out, xsk_sent;
/* The longest buffer that a socket sends; 1: each is a frame, 2: there are longer ones */
static u32 xsk_longest = 1500, xsk_parts = 2;

static u32 xsk_buff_alloc_batch(struct xsk_buff_pool *pool, struct xdp_buff **out,
				u32 n)
{
	u32 i;

	not_in_netpoll("takes a socket's buffers");
	for (i = 0; i < n && chance(50); i++) {
		struct xdp_buff_xsk *buf = calloc(1, sizeof(*buf));

		buf->pool = pool;
		buf->xdp.frame_sz = pool->chunk_size;
		buf->xdp.data_hard_start = aligned_alloc(64, pool->chunk_size);
		out[i] = &buf->xdp;
		xsk_out++;
	}
	return i;
}

static void xsk_free_one(struct xdp_buff_xsk *buf)
{
	free(buf->xdp.data_hard_start);
	free(buf);
	xsk_out--;
}

static void xsk_buff_free(struct xdp_buff *xdp)
{
	struct xdp_buff_xsk *buf = container_of(xdp, struct xdp_buff_xsk, xdp);

	if (xdp->frags) {
		while (buf->pool->n_frags)
			xsk_free_one(buf->pool->frags[--buf->pool->n_frags]);
	}
	xsk_free_one(buf);
}

static bool kwl_xsk_add_frag(struct xdp_buff *head, struct xdp_buff *xdp)
{
	struct xdp_buff_xsk *buf = container_of(xdp, struct xdp_buff_xsk, xdp);

	/* Others leave no room for the list of buffers */
	assert(buf->pool->umem->flags & XDP_UMEM_SG_FLAG);
	if (!frag_add(head, xdp->data, xdp->data_end - xdp->data))
		return false;
	buf->pool->frags[buf->pool->n_frags++] = buf;
	return true;
}

static void xsk_buff_set_size(struct xdp_buff *xdp, u32 size)
{
	xdp->data = xdp->data_hard_start + XDP_PACKET_HEADROOM;
	xdp->data_meta = xdp->data;
	xdp->data_end = xdp->data + size;
	xdp->frags = false;
}

#define xsk_buff_xdp_get_dma(xdp)	((dma_addr_t)(xdp)->data_hard_start + 256)
#define xsk_buff_dma_sync_for_cpu(xdp)	device_acts()
#define xsk_pool_get_headroom(pool)	XDP_PACKET_HEADROOM
#define xsk_pool_get_chunk_size(pool)	((pool)->chunk_size)
#define xsk_uses_need_wakeup(pool)	((void)(pool), chance(2))
#define xsk_set_rx_need_wakeup(pool)	((void)(pool))
#define xsk_clear_rx_need_wakeup(pool)	((void)(pool))
#define xsk_set_tx_need_wakeup(pool)	((void)(pool))
#define xsk_clear_tx_need_wakeup(pool)	((void)(pool))
#define xsk_is_eop_desc(d)		(!(d)->more)
#define xsk_buff_raw_get_dma(pool, addr)	(addr)
#define xsk_buff_raw_get_data(pool, addr)	((void *)(uintptr_t)(addr))
#define xsk_buff_raw_dma_sync_for_device(pool, dma, len)	\
	((void)(dma), (void)(len), device_acts())

static u32 xsk_tx_peek_release_desc_batch(struct xsk_buff_pool *pool, u32 most)
{
	u32 n = chance(most + 1);

	not_in_netpoll("takes a socket's frames");
	/* Memory of its own, so that a read behind it is seen */
	free(pool->tx_descs);
	pool->tx_descs = n ? calloc(n, sizeof(*pool->tx_descs)) : NULL;
	for (u32 i = 0; i < n; i++)
		pool->tx_descs[i] = (struct xdp_desc) {
			.addr = 4096, .len = 1 + chance(xsk_longest),
			.more = chance(xsk_parts),
		};
	xsk_sent += n;
	return n;
}

static void xsk_tx_completed(struct xsk_buff_pool *pool, u32 n)
{
	not_in_netpoll("completes a socket's frames");
	xsk_sent -= n;
}

/* XDP_TX takes a frame: as it is, or copied out of a socket's memory, which has no rxq */
static struct xdp_frame *xdp_convert_buff_to_frame(struct xdp_buff *xdp)
{
	u32 len = xdp->data_end - xdp->data;
	struct xdp_frame *f;

	if (!chance(20))
		return NULL;
	f = calloc(1, sizeof(*f));
	f->len = len;
	f->frame_sz = PAGE_SIZE;
	if (!xdp->rxq) {
		f->hard = page_new(1);
		f->data = memcpy(f->hard, xdp->data, len);
		xsk_buff_free(xdp);
		return f;
	}
	f->frags = xdp->frags;
	f->frame_sz = xdp->frame_sz;
	f->hard = xdp->data_hard_start;
	f->data = xdp->data;
	return f;
}

#endif /* _KAWELA_UNIT_AF_XDP_H */
