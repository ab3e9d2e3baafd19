/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF driver's state, and its functions grouped by file.
 *
 * Locks, in this order:
 *   the port's lock	rtnl and, where the kernel has it, the netdev's instance
 *			lock: the PF's own datapath
 *   vf_lock		VFs, mailboxes, filters. The mailbox service takes this
 *			one only; nobody holds it while calling into the PCI core,
 *			because VF drivers probe in there and wait for answers.
 */
#ifndef _KAWELA_H
#define _KAWELA_H

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include <kawela/mbx.h>
#include <kawela/port.h>

#include "filter_image.h"

#define KAWELA_NAME			"kawela"

/* MSI-X vectors of the PF: link and mailbox, then one for each queue pair */
#define KAWELA_VECTOR_MISC		0
#define KAWELA_VECTOR_QUEUE		1

/**
 * struct kawela_vf_run - how far a VF is
 * @active: it finished its reset handshake and may send requests
 * @unacked: jiffies when a message was sent that it has not taken yet, or 0
 * @notice: it is to be told of a change when its mailbox is free
 * @tokens: requests it may make before it has to wait
 * @refilled: jiffies of the last refill of @tokens
 * @requests: requests answered
 * @refused: requests answered with NACK
 * @throttled: times that it had to wait
 * @resets: resets seen
 */
struct kawela_vf_run {
	bool active;
	unsigned long unacked;
	bool notice;
	unsigned int tokens;
	unsigned long refilled;
	u64 requests;
	u64 refused;
	u64 throttled;
	u64 resets;
};

/**
 * struct kawela_vf - one VF
 * @index: its number
 * @mbx: the PF's end of its mailbox
 * @mac: address that the PF gives it when the administrator doesn't; the same
 *	from probe to remove
 * @policy: what the administrator decided; kept until the VF goes away
 * @want: what its driver asked for; forgotten when it is reset
 * @run: handshake, budgets and counters
 * @log: budget for log lines that it can cause
 *
 * All under vf_lock.
 */
struct kawela_vf {
	u8 index;
	struct kwl_mbx mbx;
	u8 mac[ETH_ALEN];
	struct kawela_vf_policy policy;
	struct kawela_vf_want want;
	struct kawela_vf_run run;
	struct ratelimit_state log;
};

/**
 * struct kawela_link - what the PHY says
 * @up: there is a link partner
 * @speed: SPEED_10, SPEED_100 or SPEED_1000; valid while @up
 * @duplex: DUPLEX_HALF or DUPLEX_FULL; valid while @up
 */
struct kawela_link {
	bool up;
	int speed;
	u8 duplex;
};

/**
 * struct kawela - the PF, from probe to remove
 * @pdev: the PCI function
 * @hw: its registers
 * @io: mapping of BAR 0, kept for iounmap() when @hw has lost it
 * @netdev: its interface
 * @wq: runs everything below; ordered, so that handlers don't overlap
 * @event: link and mailbox interrupts
 * @retry: mailboxes that could not be served at once
 * @service: once in two seconds: link, in case an interrupt was lost
 * @phy_lock: MDIC
 * @link: what the PHY said last; written by @wq
 * @vf_lock: see above
 * @n_vfs: VFs that exist for the filters and the mailbox
 * @vf: the VFs; the first @n_vfs exist
 * @want: what the PF's own interface wants to receive
 * @image: what was last written to the filters
 * @next_image: where the next one is built
 * @image_valid: @image is what the part holds
 * @undo: what a VF wanted before the request that is being handled
 * @rss_key: hash key
 * @rss_table: queue of each hash bucket
 */
struct kawela {
	struct pci_dev *pdev;
	struct kwl_hw hw;
	u8 __iomem *io;
	struct net_device *netdev;

	struct workqueue_struct *wq;
	struct work_struct event;
	struct delayed_work retry;
	struct delayed_work service;

	struct mutex phy_lock;	/* MDIC */
	struct kawela_link link;

	struct mutex vf_lock;	/* VFs, mailboxes, filters */
	unsigned int n_vfs;
	struct kawela_vf vf[KWL_MAX_VFS];
	struct kawela_want want;
	struct kawela_image image;
	struct kawela_image next_image;
	bool image_valid;
	struct kawela_vf_want undo;

	u8 rss_key[KWL_RSS_KEY_LEN];
	u8 rss_table[KWL_RETA_ENTRIES];
};

/**
 * struct kawela_net - private area of the PF's netdev
 * @port: the datapath; first, see kwl_port_of()
 * @pf: the device
 * @rx_mode: carries address lists out of atomic context, where the kernel has
 *	no ndo_set_rx_mode_async
 * @tx_timeout: restarts queues that hang
 */
struct kawela_net {
	struct kwl_port port;
	struct kawela *pf;
	struct work_struct rx_mode;
	struct work_struct tx_timeout;
};
static_assert(offsetof(struct kawela_net, port) == 0);

static inline struct kawela *kawela_of(const struct net_device *netdev)
{
	return ((struct kawela_net *)netdev_priv(netdev))->pf;
}

static inline struct kwl_port *kawela_port(const struct kawela *pf)
{
	return netdev_priv(pf->netdev);
}

/* swfw.c: semaphores shared with firmware and the other port */
int kawela_swfw_get(struct kawela *pf, u32 mask);
void kawela_swfw_put(struct kawela *pf, u32 mask);

/* nvm.c */
int kawela_nvm_check(struct kawela *pf);
int kawela_nvm_read(struct kawela *pf, u16 word, u16 *data);
int kawela_mac_addr(struct kawela *pf, u8 *mac);

/* phy.c */
int kawela_phy_read(struct kawela *pf, u8 reg, u16 *val);
int kawela_phy_write(struct kawela *pf, u8 reg, u16 val);
int kawela_phy_start(struct kawela *pf);

/* link.c */
void kawela_link_check(struct kawela *pf);

/* reset.c */
int kawela_reset(struct kawela *pf);
void kawela_quiesce(struct kawela *pf);

/* irq.c */
int kawela_irq_init(struct kawela *pf);
void kawela_irq_fini(struct kawela *pf);
void kawela_irq_setup(struct kawela *pf);
void kawela_irq_start(struct kawela *pf);
void kawela_irq_stop(struct kawela *pf);
void kawela_route(struct kwl_port *port, u16 hwq, u16 vector, bool on);

/* events.c: what the misc interrupt is about */
int kawela_events_init(struct kawela *pf);
void kawela_events_fini(struct kawela *pf);

/* filter.c */
int kawela_filters_apply(struct kawela *pf);
int kawela_filters_check(struct kawela *pf, unsigned int n_vfs);
void kawela_filters_forget(struct kawela *pf);

/* rss.c */
void kawela_rss_init(struct kawela *pf, u16 queues);
void kawela_rss_write(struct kawela *pf, u16 queues);

/* netdev.c */
int kawela_netdev_create(struct kawela *pf, unsigned int queues);
void kawela_netdev_destroy(struct kawela *pf);

/* dp_role.c */
extern const struct kwl_role kawela_role;
void kawela_dp_cfg(struct kawela *pf, unsigned int n_vfs,
		   struct kwl_dp_cfg *cfg);
int kawela_dp_move(struct kawela *pf, unsigned int n_vfs);

/* sriov.c */
int kawela_sriov_configure(struct pci_dev *pdev, int n);
void kawela_sriov_remove(struct kawela *pf);

/* vf.c */
void kawela_vf_create(struct kawela *pf, unsigned int i);
void kawela_vf_reset(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_activate(struct kawela *pf, struct kawela_vf *vf);
bool kawela_vf_mac_taken(struct kawela *pf, const struct kawela_vf *vf,
			 const u8 *mac);
bool kawela_vf_may_log(struct kawela_vf *vf);

/* vf_mbx.c */
unsigned long kawela_mbx_service(struct kawela *pf);
void kawela_mbx_notify_all(struct kawela *pf);

/* vf_ops.c: what each opcode does */
int kawela_vf_op(struct kawela *pf, struct kawela_vf *vf,
		 const struct kwl_msg *req, struct kwl_msg *rsp);

/* ethtool.c */
extern const struct ethtool_ops kawela_ethtool_ops;

#endif /* _KAWELA_H */
