// SPDX-License-Identifier: GPL-2.0-only
/*
 * AF_XDP sockets of a port: giving a queue a socket's memory, and taking it away.
 */
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "lib.h"
#include "xsk.h"

/* The kernel's helpers sync by hand; order is the descriptor's business */
#define KWL_XSK_DMA_ATTRS	(DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_WEAK_ORDERING)

/**
 * kwl_xsk_check() - do a socket's buffers fit the device and an MTU?
 * @port: the port
 * @pool: the buffers
 * @mtu: the MTU
 *
 * Says in the log why not. A socket that didn't ask for frames in several
 * buffers would lose them without a word.
 *
 * Context: may sleep; the port's lock.
 * Return: 0 or -EINVAL.
 */
int kwl_xsk_check(struct kwl_port *port, struct xsk_buff_pool *pool, int mtu)
{
	u32 room = kwl_xsk_room(pool);
	bool single = !(pool->umem->flags & XDP_UMEM_SG_FLAG) ||
		      (port->xdp_prog && !port->xdp_prog->aux->xdp_has_frags);

	netdev_assert_locked_ops_compat(port->netdev);
	/* kwl_xsk_put() counts a descriptor for each buffer */
	if (xsk_pool_get_chunk_size(pool) > KWL_TX_DESC_MAX_LEN) {
		netif_err(port, drv, port->netdev,
			  "AF_XDP: buffers of %u octets exceed the %u of a descriptor\n",
			  xsk_pool_get_chunk_size(pool), KWL_TX_DESC_MAX_LEN);
		return -EINVAL;
	}
	if (!room) {
		netif_err(port, drv, port->netdev,
			  "AF_XDP: buffers of %u octets leave less than the 1024 for a frame that the device needs\n",
			  xsk_pool_get_chunk_size(pool));
		return -EINVAL;
	}
	/* The device lets these in with a smaller MTU, too */
	if (single && ETH_DATA_LEN + KWL_XSK_HEADERS > room) {
		netif_err(port, drv, port->netdev,
			  "AF_XDP: frames of 1500 octets take several buffers of %u, of which the device uses %u: that needs multi-buffer support\n",
			  xsk_pool_get_chunk_size(pool), room);
		return -EINVAL;
	}
	if (single && mtu + KWL_XSK_HEADERS > room) {
		netif_err(port, drv, port->netdev,
			  "AF_XDP: MTU %d takes several buffers of %u octets, of which the device uses %u: without multi-buffer support MTU %d is the limit\n",
			  mtu, xsk_pool_get_chunk_size(pool), room,
			  (int)room - KWL_XSK_HEADERS);
		return -EINVAL;
	}
	if (kwl_xsk_bounded(pool) &&
	    port->netdev->features & (NETIF_F_RXALL | NETIF_F_RXFCS)) {
		netif_err(port, drv, port->netdev,
			  "AF_XDP: longer frames come with rx-all and rx-fcs, and buffers of %u octets take %u: switch both off\n",
			  xsk_pool_get_chunk_size(pool), room);
		return -EINVAL;
	}
	return 0;
}

static struct kwl_xsk *kwl_xsk_create(struct kwl_port *port,
				      struct xsk_buff_pool *pool, u16 queue)
{
	struct kwl_xsk *xsk = kzalloc(sizeof(*xsk), GFP_KERNEL);
	int err;

	if (!xsk)
		return ERR_PTR(-ENOMEM);
	xsk->pool = pool;
	err = __xdp_rxq_info_reg(&xsk->rxq, port->netdev, queue, 0,
				 xsk_pool_get_rx_frag_step(pool));
	if (err)
		goto err_free;
	err = xdp_rxq_info_reg_mem_model(&xsk->rxq, MEM_TYPE_XSK_BUFF_POOL,
					 NULL);
	if (err)
		goto err_unreg;
	err = xsk_pool_dma_map(pool, port->hw->dev, KWL_XSK_DMA_ATTRS);
	if (err)
		goto err_unreg;
	xsk_pool_set_rxq_info(pool, &xsk->rxq);
	xsk->bounded = kwl_xsk_bounded(pool);
	port->bounded += xsk->bounded;
	return xsk;

err_unreg:
	xdp_rxq_info_unreg(&xsk->rxq);
err_free:
	kfree(xsk);
	return ERR_PTR(err);
}

static void kwl_xsk_destroy(struct kwl_port *port, struct kwl_xsk *xsk)
{
	port->bounded -= xsk->bounded;
	xsk_pool_dma_unmap(xsk->pool, KWL_XSK_DMA_ATTRS);
	xdp_rxq_info_unreg(&xsk->rxq);
	kfree(xsk);
}

static int kwl_xsk_enable(struct kwl_port *port, struct xsk_buff_pool *pool,
			  u16 queue)
{
	struct kwl_xsk *xsk;
	int err;

	err = kwl_xsk_check(port, pool, port->netdev->mtu);
	if (err)
		return err;
	xsk = kwl_xsk_create(port, pool, queue);
	if (IS_ERR(xsk))
		return PTR_ERR(xsk);
	WRITE_ONCE(port->xsk[queue], xsk);
	err = kwl_dp_replace_pair(port, queue);
	if (err) {
		WRITE_ONCE(port->xsk[queue], NULL);
		kwl_xsk_destroy(port, xsk);
	}
	return err;
}

/* The socket's memory goes away, whether there is other memory or not */
static int kwl_xsk_disable(struct kwl_port *port, u16 queue)
{
	struct kwl_xsk *xsk = port->xsk[queue];
	int err;

	if (!xsk)
		return 0;
	WRITE_ONCE(port->xsk[queue], NULL);
	err = kwl_dp_replace_pair(port, queue);
	if (err) {
		netif_err(port, drv, port->netdev,
			  "queue %u has no buffers to replace those of an AF_XDP socket: %pe\n",
			  queue, ERR_PTR(err));
		kwl_dp_drop_pair(port, queue);
	}
	kwl_xsk_destroy(port, xsk);
	return 0;
}

/**
 * kwl_xsk_setup() - give a queue an AF_XDP socket's memory, or take it away
 * @port: the port
 * @pool: the socket's buffers, or NULL
 * @queue: index of the queue
 *
 * Other queues don't notice.
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno with nothing changed.
 */
int kwl_xsk_setup(struct kwl_port *port, struct xsk_buff_pool *pool, u16 queue)
{
	netdev_assert_locked_ops_compat(port->netdev);
	if (queue >= KWL_MAX_QUEUES)
		return -EINVAL;
	/* Also from a queue that there isn't any more */
	if (!pool)
		return kwl_xsk_disable(port, queue);
	return queue < port->max_queues ? kwl_xsk_enable(port, pool, queue) :
					  -EINVAL;
}
