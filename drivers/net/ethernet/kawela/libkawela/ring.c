// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of rings: descriptors, buffers, and their return.
 */
#include <linux/pci.h>
#include <linux/slab.h>
#include <net/page_pool/helpers.h>

#include "lib.h"
#include "rx.h"
#include "tx.h"
#include "xsk.h"

static_assert(KWL_RX_HEADROOM + KWL_RX_BUF_LEN +
	      SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) <= KWL_RX_TRUESIZE);
static_assert(KWL_RX_PARTS > 0);

static u16 kwl_hwq(const struct kwl_dp_cfg *cfg, u16 i)
{
	return cfg->first_hwq + i * cfg->hwq_stride;
}

static int kwl_desc_alloc(struct device *dev, struct kwl_desc_mem *mem,
			  u16 count)
{
	/* Coherent memory is page aligned; the device asks for 128 octets */
	mem->cpu = dma_alloc_coherent(dev, count * sizeof(union kwl_rx_desc),
				      &mem->dma, GFP_KERNEL);
	mem->count = count;
	return mem->cpu ? 0 : -ENOMEM;
}

static void kwl_desc_free(struct device *dev, struct kwl_desc_mem *mem)
{
	dma_free_coherent(dev, mem->count * sizeof(union kwl_rx_desc),
			  mem->cpu, mem->dma);
}

/*
 * Pages that a pool keeps for those it hands out. What TCP holds in its queues
 * comes back in bursts from other contexts; what doesn't fit then is unmapped and
 * freed, and mapped and allocated anew a moment later.
 */
#define KWL_POOL_MIN		1024

static struct page_pool *kwl_pool_create(struct kwl_port *port,
					 struct kwl_rx_ring *rx)
{
	struct page_pool_params pp = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = max_t(u16, rx->count, KWL_POOL_MIN) / KWL_RX_PARTS,
		.nid = dev_to_node(port->hw->dev),
		.dev = port->hw->dev,
		/* XDP_TX sends from these buffers, once a program comes */
		.dma_dir = DMA_BIDIRECTIONAL,
		.offset = KWL_RX_POOL_OFFSET,
		.max_len = KWL_RX_PARTS > 1 ? PAGE_SIZE : KWL_RX_BUF_LEN,
		.netdev = port->netdev,
		.queue_idx = rx->queue,
	};

	return page_pool_create(&pp);
}

/* xdp_return_buff() is for NAPI only: it looks for what XDP has redirected there */
static void kwl_rx_drop_partial(struct kwl_rx_ring *rx)
{
	struct xdp_buff *xdp = &rx->frame.xdp;
	const struct skb_shared_info *info;
	u32 f;

	if (rx->state == KWL_RX_MORE) {
		info = xdp_get_shared_info_from_buff(xdp);
		for (f = 0; xdp_buff_has_frags(xdp) && f < info->nr_frags; f++)
			page_pool_free_va(rx->pool,
					  skb_frag_address(&info->frags[f]),
					  false);
		page_pool_free_va(rx->pool, xdp->data_hard_start, false);
	}
	rx->state = KWL_RX_FIRST;
}

/* Buffers stand between the next descriptor to look at and the next to fill */
static void kwl_rx_drop_buffers(struct kwl_rx_ring *rx)
{
	u16 i;

	for (i = rx->next; i != rx->fill; i = kwl_ring_next(i, rx->count))
		page_pool_free_va(rx->pool, rx->buf[i], false);
	kwl_rx_drop_partial(rx);
}

static int kwl_rx_rxq_reg(struct kwl_rx_ring *rx)
{
	int err;

	err = __xdp_rxq_info_reg(&rx->xdp_rxq, rx->netdev, rx->queue, 0,
				 KWL_RX_TRUESIZE);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&rx->xdp_rxq, MEM_TYPE_PAGE_POOL,
					 rx->pool);
	if (err)
		xdp_rxq_info_unreg(&rx->xdp_rxq);
	return err;
}

static int kwl_rx_pages_alloc(struct kwl_port *port, struct kwl_rx_ring *rx)
{
	int err;

	rx->buf_len = KWL_RX_BUF_LEN;
	rx->pool = kwl_pool_create(port, rx);
	if (IS_ERR(rx->pool))
		return PTR_ERR(rx->pool);
	err = kwl_rx_rxq_reg(rx);
	if (err)
		goto err_destroy_pool;
	/* All buffers now: once this ring replaces another, nothing may fail */
	if (!kwl_rx_fill(rx, rx->count - 1, GFP_KERNEL)) {
		err = -ENOMEM;
		goto err_unreg;
	}
	return 0;

err_unreg:
	kwl_rx_drop_buffers(rx);
	xdp_rxq_info_unreg(&rx->xdp_rxq);
err_destroy_pool:
	page_pool_destroy(rx->pool);
	return err;
}

static int kwl_rx_buffers_alloc(struct kwl_port *port, struct kwl_rx_ring *rx)
{
	const struct kwl_xsk *xsk = port->xsk[rx->queue];
	int err = 0;

	rx->buf = kvcalloc(rx->count, sizeof(*rx->buf), GFP_KERNEL);
	if (!rx->buf)
		return -ENOMEM;
	if (xsk) {
		/* Its buffers belong to the ring that runs */
		rx->xsk = xsk->pool;
		rx->buf_len = kwl_xsk_room(xsk->pool);
	} else {
		err = kwl_rx_pages_alloc(port, rx);
	}
	if (err)
		kvfree(rx->buf);
	return err;
}

static void kwl_rx_buffers_free(struct kwl_rx_ring *rx)
{
	if (!rx->xsk) {
		kwl_rx_drop_buffers(rx);
		xdp_rxq_info_unreg(&rx->xdp_rxq);
		page_pool_destroy(rx->pool);
	}
	kvfree(rx->buf);
}

/* A pool's frames may come back to it. Without pools nothing does. */
static struct kwl_echo *kwl_ring_echo(const struct kwl_port *port,
				      const struct kwl_dp_cfg *cfg)
{
	return port->role->pooled || cfg->hwq_stride == KWL_POOLS ? port->echo :
								    NULL;
}

static void kwl_rx_ring_init(struct kwl_port *port, struct kwl_rx_ring *rx,
			     const struct kwl_dp_cfg *cfg, u16 i)
{
	rx->count = cfg->rx_count;
	rx->queue = i;
	rx->netdev = port->netdev;
	rx->dev = port->hw->dev;
	rx->napi = &port->qvec[i].napi;
	rx->stats = &port->rx_stats[i];
	rx->vlans = port->vlans;
	rx->echo = kwl_ring_echo(port, cfg);
	rx->prog = port->xdp_prog;
	rx->mem.regs = port->role->rxq_base +
		       port->role->rxq_stride * kwl_hwq(cfg, i);
}

/**
 * kwl_rx_ring_alloc() - build a receive ring with all its buffers
 * @port: the port
 * @cfg: sizes and hardware queues
 * @i: index of the queue in the netdev
 *
 * Touches no register, so a running ring of the same queue isn't disturbed.
 *
 * Context: may sleep.
 * Return: the ring, or an ERR_PTR.
 */
struct kwl_rx_ring *kwl_rx_ring_alloc(struct kwl_port *port,
				      const struct kwl_dp_cfg *cfg, u16 i)
{
	u8 __iomem *base = READ_ONCE(port->hw->base);
	struct kwl_rx_ring *rx;
	int err;

	if (!base)
		return ERR_PTR(-ENODEV);
	rx = kzalloc(sizeof(*rx), GFP_KERNEL);
	if (!rx)
		return ERR_PTR(-ENOMEM);
	kwl_rx_ring_init(port, rx, cfg, i);
	rx->tail = base + rx->mem.regs + KWL_RDT;

	err = kwl_desc_alloc(port->hw->dev, &rx->mem, rx->count);
	if (err)
		goto err_free_ring;
	rx->desc = rx->mem.cpu;
	err = kwl_rx_buffers_alloc(port, rx);
	if (err)
		goto err_free_desc;
	return rx;

err_free_desc:
	kwl_desc_free(port->hw->dev, &rx->mem);
err_free_ring:
	kfree(rx);
	return ERR_PTR(err);
}

/**
 * kwl_rx_ring_free() - give back a receive ring that the device doesn't use
 * @rx: the ring
 *
 * Context: may sleep.
 */
void kwl_rx_ring_free(struct kwl_rx_ring *rx)
{
	kwl_rx_buffers_free(rx);
	kwl_desc_free(rx->dev, &rx->mem);
	kfree(rx);
}

static void kwl_reverse(void **buf, u16 from, u16 to)
{
	for (; from + 1 < to; from++, to--)
		swap(buf[from], buf[to - 1]);
}

/**
 * kwl_rx_rewind() - make a stopped receive ring begin at descriptor 0 again
 * @rx: the ring; the device doesn't use it
 *
 * Frames that the device delivered and NAPI didn't see are dropped; their
 * buffers are used again, so this can't fail. Those of an AF_XDP socket go back
 * to it: the next owner of the queue may want them.
 */
void kwl_rx_rewind(struct kwl_rx_ring *rx)
{
	u16 held = rx->count - 1 - kwl_ring_free_slots(rx->fill, rx->next,
						       rx->count);
	u16 i;

	if (rx->xsk) {
		kwl_xsk_drop_buffers(rx);
		return;
	}
	kwl_rx_drop_partial(rx);
	/* Rotate left by @next: reverse both parts, then the whole */
	kwl_reverse(rx->buf, 0, rx->next);
	kwl_reverse(rx->buf, rx->next, rx->count);
	kwl_reverse(rx->buf, 0, rx->count);
	rx->next = 0;
	rx->fill = held;
	for (i = 0; i < held; i++)
		kwl_rx_give_again(rx, i);
}

/**
 * kwl_tx_ring_alloc() - build a transmit ring
 * @port: the port
 * @cfg: sizes and hardware queues
 * @i: index of the queue in the netdev
 *
 * Context: may sleep.
 * Return: the ring, or an ERR_PTR.
 */
struct kwl_tx_ring *kwl_tx_ring_alloc(struct kwl_port *port,
				      const struct kwl_dp_cfg *cfg, u16 i)
{
	u8 __iomem *base = READ_ONCE(port->hw->base);
	const struct kwl_role *role = port->role;
	struct kwl_tx_ring *tx;
	int err;

	if (!base)
		return ERR_PTR(-ENODEV);
	tx = kzalloc(sizeof(*tx), GFP_KERNEL);
	if (!tx)
		return ERR_PTR(-ENOMEM);
	tx->count = cfg->tx_count;
	tx->dev = port->hw->dev;
	tx->txq = netdev_get_tx_queue(port->netdev, i);
	tx->stats = &port->tx_stats[i];
	tx->echo = kwl_ring_echo(port, cfg);
	tx->zeros = port->zeros;
	tx->mem.regs = role->txq_base + role->txq_stride * kwl_hwq(cfg, i);
	tx->tail = base + tx->mem.regs + KWL_TDT;

	tx->buf = kvcalloc(tx->count, sizeof(*tx->buf), GFP_KERNEL);
	if (!tx->buf) {
		err = -ENOMEM;
		goto err_free_ring;
	}
	err = kwl_desc_alloc(tx->dev, &tx->mem, tx->count);
	if (err)
		goto err_free_buf;
	tx->desc = tx->mem.cpu;
	return tx;

err_free_buf:
	kvfree(tx->buf);
err_free_ring:
	kfree(tx);
	return ERR_PTR(err);
}

/**
 * kwl_tx_rewind() - empty a stopped transmit ring and make it begin at 0 again
 * @tx: the ring; the device doesn't use it
 */
void kwl_tx_rewind(struct kwl_tx_ring *tx)
{
	DEBUG_NET_WARN_ON_ONCE(tx->open);
	kwl_tx_drop_all(tx);
	tx->fill = 0;
	tx->clean = 0;
}

/**
 * kwl_tx_ring_free() - give back a transmit ring that the device doesn't use
 * @tx: the ring; frames still in it are dropped
 *
 * Context: may sleep.
 */
void kwl_tx_ring_free(struct kwl_tx_ring *tx)
{
	DEBUG_NET_WARN_ON_ONCE(tx->open);
	kwl_tx_drop_all(tx);
	kwl_desc_free(tx->dev, &tx->mem);
	kvfree(tx->buf);
	kfree(tx);
}
