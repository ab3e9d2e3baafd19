/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of libkawela share with each other only.
 */
#ifndef _LIBKAWELA_LIB_H
#define _LIBKAWELA_LIB_H

#include <kawela/port.h>

/* ring.c: memory of rings */
struct kwl_rx_ring *kwl_rx_ring_alloc(struct kwl_port *port,
				      const struct kwl_dp_cfg *cfg, u16 i);
void kwl_rx_ring_free(struct kwl_rx_ring *rx);
struct kwl_tx_ring *kwl_tx_ring_alloc(struct kwl_port *port,
				      const struct kwl_dp_cfg *cfg, u16 i);
void kwl_tx_ring_free(struct kwl_tx_ring *tx);
void kwl_rx_rewind(struct kwl_rx_ring *rx);
void kwl_tx_rewind(struct kwl_tx_ring *tx);

/* ring_hw.c: their registers */
int kwl_rx_ring_start(struct kwl_hw *hw, struct kwl_rx_ring *rx);
void kwl_rx_ring_stop(struct kwl_hw *hw, struct kwl_rx_ring *rx);
int kwl_tx_ring_start(struct kwl_hw *hw, struct kwl_tx_ring *tx);
void kwl_tx_ring_drain(struct kwl_hw *hw, struct kwl_tx_ring *tx);
void kwl_tx_ring_stop(struct kwl_hw *hw, struct kwl_tx_ring *tx);

/* poll.c: what NAPI does with them */
int kwl_poll_rings(struct kwl_rx_ring *rx, struct kwl_tx_ring *tx, int budget);

/* qvec.c: NAPI instances and interrupts */
int kwl_qvec_open(struct kwl_port *port, u16 from, u16 to);
void kwl_qvec_close(struct kwl_port *port, u16 from, u16 to);
void kwl_qvec_start(struct kwl_port *port, u16 i);
void kwl_qvec_stop(struct kwl_port *port, u16 i);

/* moderation.c: how often they interrupt */
void kwl_moder_start(struct kwl_qvec *qv, const struct kwl_coalesce *coal);
void kwl_moder_poll(struct kwl_qvec *qv);
int kwl_get_coalesce(struct net_device *netdev, struct ethtool_coalesce *ec,
		     struct kernel_ethtool_coalesce *kec,
		     struct netlink_ext_ack *extack);
int kwl_set_coalesce(struct net_device *netdev, struct ethtool_coalesce *ec,
		     struct kernel_ethtool_coalesce *kec,
		     struct netlink_ext_ack *extack);
int kwl_get_per_queue_coalesce(struct net_device *netdev, u32 queue,
			       struct ethtool_coalesce *ec);
int kwl_set_per_queue_coalesce(struct net_device *netdev, u32 queue,
			       struct ethtool_coalesce *ec);

/* restart.c: one receive ring, others undisturbed */
extern const struct netdev_queue_mgmt_ops kwl_queue_mgmt_ops;

/* xdp_meta.c: what programs may ask */
void kwl_xdp_init(struct kwl_port *port);

/* tx.c: frames of the stack */
void kwl_tx_resume(struct kwl_port *port);

/* features.c: what the role takes away from what the netdev offers */
void kwl_features_init(struct kwl_port *port);

/* hang.c: transmit queues that hang */
void kwl_hang_init(struct kwl_port *port);

/* state.c */
void kwl_port_set_state(struct kwl_port *port, enum kwl_port_state state);

/* Time after which the library tries again to start a datapath */
#define KWL_RETRY_PERIOD	(2 * HZ)

/* run.c: the datapath at work */
void kwl_txq_init(struct kwl_port *port);
int kwl_dp_set_queues(struct kwl_port *port, u16 n);
int kwl_dp_start(struct kwl_port *port);
void kwl_dp_stop(struct kwl_port *port);
void kwl_dp_fail(struct kwl_port *port);
int kwl_dp_retry(struct kwl_port *port);
int kwl_dp_start_pair(struct kwl_port *port, u16 i);
void kwl_dp_stop_pair(struct kwl_port *port, u16 i);

/* dp.c: rings of a datapath */
int kwl_dp_alloc(struct kwl_port *port, struct kwl_dp *dp);
void kwl_dp_free_rings(struct kwl_port *port, struct kwl_dp *dp);

/* reconfigure.c: other rings */
int kwl_dp_replace_pair(struct kwl_port *port, u16 i);
void kwl_dp_drop_pair(struct kwl_port *port, u16 i);

#endif /* _LIBKAWELA_LIB_H */
