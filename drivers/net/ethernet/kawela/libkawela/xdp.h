/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XDP programs on received frames, and where their frames go.
 */
#ifndef _LIBKAWELA_XDP_H
#define _LIBKAWELA_XDP_H

#include <kawela/ring.h>

/* xdp.c */
u32 kwl_xdp_run(struct kwl_rx_ring *rx, struct bpf_prog *prog,
		struct xdp_buff *xdp);

/* xdp_stats.c */
void kwl_xdp_count(struct kwl_rx_ring *rx, enum kwl_xdp_stat what, u32 n);

/* xdp_tx.c */
bool kwl_xdp_tx(struct kwl_rx_ring *rx, struct xdp_buff *xdp);
void kwl_xdp_finish(struct kwl_rx_ring *rx);

#endif /* _LIBKAWELA_XDP_H */
