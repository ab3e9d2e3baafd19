/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AF_XDP sockets' memory in rings.
 */
#ifndef _LIBKAWELA_XSK_H
#define _LIBKAWELA_XSK_H

#include <linux/if_vlan.h>

#include <kawela/port.h>

/* Octets of a frame beside those that the MTU counts: Ethernet with two tags */
#define KWL_XSK_HEADERS		(ETH_HLEN + 2 * VLAN_HLEN)

/**
 * struct kwl_xsk - a queue's AF_XDP socket memory
 * @pool: buffers
 * @rxq: what XDP programs may know of the queue. Not in the ring, because
 *	buffers refer to it also while there is no ring.
 * @bounded: what kwl_xsk_bounded() said; another socket of the same memory may
 *	change that
 */
struct kwl_xsk {
	struct xsk_buff_pool *pool;
	struct xdp_rxq_info rxq;
	bool bounded;
};

/* xsk.c: what NAPI runs */
u32 kwl_xsk_room(struct xsk_buff_pool *pool);
bool kwl_xsk_bounded(struct xsk_buff_pool *pool);
int kwl_xsk_poll(struct kwl_rx_ring *rx, int budget);
void kwl_xsk_fill(struct kwl_rx_ring *rx);
void kwl_xsk_drop_buffers(struct kwl_rx_ring *rx);
bool kwl_xsk_xmit(struct kwl_tx_ring *tx);

/* xsk_pool.c: setting up */
int kwl_xsk_setup(struct kwl_port *port, struct xsk_buff_pool *pool, u16 queue);
int kwl_xsk_check(struct kwl_port *port, struct xsk_buff_pool *pool, int mtu);

#endif /* _LIBKAWELA_XSK_H */
