/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The datapath of one netdev, the same for the PF and for a VF.
 *
 * The types: struct kwl_hw (registers), kwl_rx_ring and kwl_tx_ring
 * (descriptors), kwl_dp (a configuration with its rings: a value that is built,
 * swapped in and thrown away), kwl_qvec (NAPI instance and interrupt, which
 * outlive rings) and kwl_port, which ties them to a netdev.
 *
 * Lock: everything here that is not called from NAPI or ndo_start_xmit runs
 * under the netdev's instance lock (under rtnl on kernels that have none),
 * called "the port's lock" below.
 */
#ifndef _KAWELA_PORT_H
#define _KAWELA_PORT_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include <kawela/moderation.h>
#include <kawela/ring.h>

#define KWL_MAX_QUEUES			8	/* what RSS can address */

struct devlink;
struct devlink_health_reporter;
struct kwl_echo;
struct kwl_port;
struct kwl_xsk;

/**
 * struct kwl_dp_cfg - what a user may reconfigure
 * @queues: ring pairs, 1 to KWL_MAX_QUEUES
 * @first_hwq: hardware queue of pair 0
 * @hwq_stride: distance of the next pair's hardware queue: 1, or 8 inside a pool
 * @rx_count: descriptors in each receive ring
 * @tx_count: descriptors in each transmit ring
 */
struct kwl_dp_cfg {
	u16 queues;
	u16 first_hwq;
	u16 hwq_stride;
	u16 rx_count;
	u16 tx_count;
};

/**
 * struct kwl_dp - a datapath: its configuration and, when allocated, its rings
 * @cfg: the configuration
 * @rx: receive rings; see enum kwl_port_state
 * @tx: transmit rings
 *
 * Holds nothing that must survive a reconfiguration.
 */
struct kwl_dp {
	struct kwl_dp_cfg cfg;
	struct kwl_rx_ring *rx[KWL_MAX_QUEUES];
	struct kwl_tx_ring *tx[KWL_MAX_QUEUES];
};

/**
 * struct kwl_coalesce - how often a queue pair interrupts, as the user chose
 * @adaptive: as the load suggests
 * @usecs: least time between interrupts while not @adaptive
 */
struct kwl_coalesce {
	bool adaptive;
	u16 usecs;
};

/**
 * struct kwl_moder - moderation of a vector at work
 * @adapt: what adaptive moderation remembers
 * @adaptive: use it
 * @events: interrupts
 * @usecs: least time between interrupts in force
 * @last: jiffies of the last poll
 * @since: when the window began in which the load is measured, in ns
 * @since_events: @events then
 * @since_frames: frames sent and received until then
 */
struct kwl_moder {
	struct kwl_adapt adapt;
	bool adaptive;
	u16 usecs;
	u32 events;
	unsigned long last;
	u64 since;
	u32 since_events;
	u32 since_frames;
};

/**
 * struct kwl_qvec - a NAPI instance with its interrupt
 * @napi: NAPI instance
 * @enabled: the NAPI instance is enabled
 * @rx: receive ring that it serves, while enabled
 * @tx: transmit ring that it serves, while enabled
 * @port: the port
 * @moder: how often it interrupts
 * @rearm: EIMS bits to write when a poll is complete; 0 where nothing masked
 * @vector: MSI-X vector, which is also its bit in EIMS and its EITR register
 * @name: name of the interrupt
 */
struct kwl_qvec {
	struct napi_struct napi;
	bool enabled;
	struct kwl_rx_ring *rx;
	struct kwl_tx_ring *tx;
	struct kwl_port *port;
	struct kwl_moder moder;
	u32 rearm;
	u16 vector;
	char name[IFNAMSIZ + 12];
};

/**
 * struct kwl_role - what differs between the PF's datapath and a VF's
 * @rxq_base: offset of receive queue 0's registers
 * @rxq_stride: distance of the next receive queue's registers
 * @txq_base: offset of transmit queue 0's registers
 * @txq_stride: distance of the next transmit queue's registers
 * @vectors: MSI-X vector of each queue pair
 * @xdp_txqs: transmit queues, from the first, that XDP may send through where the
 *	driver chooses
 * @pooled: its queues are those of a pool at all times
 * @route: let hardware queue pair @hwq interrupt through @vector, or through
 *	nothing when @on is false. Called under the port's lock.
 * @start: bring what surrounds the rings (pool, filters, frame size) in line
 *	with port->dp->cfg; called under the port's lock just before its rings
 *	are enabled. It must not fail.
 * @stop: undo @start; called under the port's lock when the rings are disabled
 * @recovered: the library's own attempt has started a datapath that had failed, so a
 *	driver that could not resume it can go on; called under the port's lock
 * @stamp_tx: ask for a frame's transmit timestamp, and say whether its descriptors
 *	are to ask the device for it; NULL where the function can't
 * @stamp_rx: take the timestamp of the frame that was received last, in ns, or 0;
 *	NULL where the function can't
 *
 * Where a difference is a number it stands here as data; a hook needs a reason.
 */
struct kwl_role {
	u32 rxq_base;
	u32 rxq_stride;
	u32 txq_base;
	u32 txq_stride;
	const u8 *vectors;
	u16 xdp_txqs;
	bool pooled;
	void (*route)(struct kwl_port *port, u16 hwq, u16 vector, bool on);
	void (*start)(struct kwl_port *port);
	void (*stop)(struct kwl_port *port);
	void (*recovered)(struct kwl_port *port);
	bool (*stamp_tx)(struct kwl_port *port, struct sk_buff *skb);
	u64 (*stamp_rx)(struct kwl_port *port);
};

/**
 * struct kwl_hang - what is done about transmit queues that hang
 * @reporter: devlink's health reporter "tx", or NULL
 * @work: reports the hang; the report restarts the queues
 * @queue: the queue that hung last
 */
struct kwl_hang {
	struct devlink_health_reporter *reporter;
	struct work_struct work;
	unsigned int queue;
};

/**
 * enum kwl_port_state - whether a port's datapath runs
 * @KWL_PORT_CLOSED: there are no rings and no vectors
 * @KWL_PORT_PAUSED: nothing runs, until kwl_dp_resume()
 * @KWL_PORT_FAILED: the same, because it didn't start; it has no carrier, and the library
 *	tries again. Of a ring that could not be allocated the pointer is NULL.
 * @KWL_PORT_RUNNING: every queue pair's rings and NAPI instance are enabled
 *
 * Changes under the port's lock.
 */
enum kwl_port_state {
	KWL_PORT_CLOSED,
	KWL_PORT_PAUSED,
	KWL_PORT_FAILED,
	KWL_PORT_RUNNING,
};

/**
 * struct kwl_port - a netdev's datapath, from probe to remove
 * @netdev: the netdev; its private area begins with this struct
 * @hw: registers of the function
 * @pdev: the function
 * @role: PF or VF
 * @dp: the datapath in force
 * @max_queues: most ring pairs that the device and its vectors allow
 * @state: whether it runs
 * @carrier_lock: @state and @link with the carrier that follows from them
 * @link: there is link
 * @retry: tries again to start the datapath
 * @vlans: VLANs whose tags are shown on receive, NULL for all; set by the role
 * @coalesce: how often each queue pair interrupts, as the user chose
 * @tx: by queue, the transmit ring that senders may use, or the closed one. Written and
 *	read under the queue's transmit lock.
 * @closed: rings without room, which take no frame
 * @qvec: vectors, one for each possible queue pair
 * @rx_stats: counters of each receive queue since probe
 * @tx_stats: counters of each transmit queue since probe
 * @xdp_prog: XDP program, or NULL; the port holds a reference
 * @xsk: AF_XDP sockets' memory, by queue; NULL where there is none
 * @bounded: so many of @xsk rely on the device to drop long frames, kwl_xsk_bounded()
 * @hang: what is done about transmit queues that hang
 * @msg_enable: NETIF_MSG_*: what the log gets, see kwl_port_init()
 * @echo: what a pool sent and may get back; NULL where the device doesn't do that
 * @zeros: ETH_ZLEN octets of zeros, to be sent behind short frames
 */
struct kwl_port {
	struct net_device *netdev;
	struct kwl_hw *hw;
	struct pci_dev *pdev;
	const struct kwl_role *role;
	struct kwl_dp *dp;
	u16 max_queues;
	enum kwl_port_state state;
	spinlock_t carrier_lock;	/* state, link, carrier */
	bool link;
	struct delayed_work retry;
	const unsigned long *vlans;
	struct kwl_coalesce coalesce[KWL_MAX_QUEUES];
	struct kwl_tx_ring *tx[KWL_MAX_QUEUES];
	struct kwl_tx_ring closed[KWL_MAX_QUEUES];
	struct kwl_qvec qvec[KWL_MAX_QUEUES];
	struct kwl_rx_stats rx_stats[KWL_MAX_QUEUES];
	struct kwl_tx_stats tx_stats[KWL_MAX_QUEUES];
	struct bpf_prog *xdp_prog;
	struct kwl_xsk *xsk[KWL_MAX_QUEUES];
	u16 bounded;
	struct kwl_hang hang;
	u32 msg_enable;
	struct kwl_echo *echo;
	dma_addr_t zeros;
};

/**
 * kwl_port_of() - the port of a netdev of ours
 * @netdev: a netdev whose private area begins with struct kwl_port
 *
 * Return: its port.
 */
static inline struct kwl_port *kwl_port_of(const struct net_device *netdev)
{
	return netdev_priv(netdev);
}

/**
 * kwl_port_running() - does a port's datapath run?
 * @port: the port
 *
 * Context: any; without the port's lock it may change at once.
 * Return: whether it does.
 */
static inline bool kwl_port_running(const struct kwl_port *port)
{
	return READ_ONCE(port->state) == KWL_PORT_RUNNING;
}

/* port.c */
int kwl_port_init(struct kwl_port *port, struct net_device *netdev,
		  struct pci_dev *pdev, struct kwl_hw *hw,
		  const struct kwl_role *role, const struct kwl_dp_cfg *cfg);
void kwl_port_fini(struct kwl_port *port);
int kwl_port_open(struct kwl_port *port);
void kwl_port_close(struct kwl_port *port);

/* state.c */
bool kwl_port_set_link(struct kwl_port *port, bool link);

/* dp.c */
struct kwl_dp *kwl_dp_clone(const struct kwl_port *port);

/* reconfigure.c */
int kwl_dp_reconfigure(struct kwl_port *port, struct kwl_dp *next,
		       struct netlink_ext_ack *extack);

/* run.c */
void kwl_dp_pause(struct kwl_port *port);
int kwl_dp_resume(struct kwl_port *port);

/**
 * kwl_dp_restart() - stop the datapath in force and start it again
 * @port: the port, in any state
 *
 * Context: may sleep; the port's lock.
 * Return: as kwl_dp_resume().
 */
static inline int kwl_dp_restart(struct kwl_port *port)
{
	kwl_dp_pause(port);
	return kwl_dp_resume(port);
}

/* restart.c */
int kwl_rx_restart(struct kwl_port *port);

/* hang.c */
int kwl_hang_create(struct kwl_port *port, struct devlink *devlink);
void kwl_hang_arm(struct kwl_port *port);
void kwl_hang_disarm(struct kwl_port *port);
void kwl_hang_destroy(struct kwl_port *port);
void kwl_tx_timeout(struct net_device *netdev, unsigned int txq);

/* tx.c */
netdev_tx_t kwl_xmit(struct sk_buff *skb, struct net_device *netdev);

/* xdp_setup.c */
int kwl_bpf(struct net_device *netdev, struct netdev_bpf *bpf);
int kwl_xdp_check_mtu(struct net_device *netdev, int mtu);

/* xdp_tx.c */
int kwl_xdp_xmit(struct net_device *netdev, int n, struct xdp_frame **frames,
		 u32 flags);

/* xsk.c */
int kwl_xsk_wakeup(struct net_device *netdev, u32 queue, u32 flags);

/* xdp_stats.c */
unsigned int kwl_xdp_stats(const struct kwl_port *port, u8 *strings,
			   u64 *values);

/* tx_offload.c */
netdev_features_t kwl_features_check(struct sk_buff *skb,
				     struct net_device *netdev,
				     netdev_features_t features);

/* features.c */
#define KWL_F_PORT	(NETIF_F_RXALL | NETIF_F_RXFCS | NETIF_F_LOOPBACK)

/* stats.c */
void kwl_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *st);
extern const struct netdev_stat_ops kwl_stat_ops;

/* ethtool.c */
void kwl_ethtool_fill(struct ethtool_ops *ops);
void kwl_get_channels(struct net_device *netdev, struct ethtool_channels *ch);
int kwl_set_channels(struct net_device *netdev, struct ethtool_channels *ch);

#endif /* _KAWELA_PORT_H */
