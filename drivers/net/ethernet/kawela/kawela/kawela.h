/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF driver's state, and its functions grouped by file.
 *
 * Locks, in this order:
 *   devlink's lock	the core holds it over devlink's operations
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
#include "ptp.h"

#define KAWELA_NAME			"kawela"

/* MSI-X vectors of the PF: link and mailbox, then one for each queue pair */
#define KAWELA_VECTOR_MISC		0
#define KAWELA_VECTOR_QUEUE		1

/*
 * What becomes of a VF, for tracepoints: X(symbol, name)
 */
#define KAWELA_VF_STATES(X)			\
	X(KAWELA_VF_CREATED,	"created")	\
	X(KAWELA_VF_RESET,	"reset")	\
	X(KAWELA_VF_ACTIVE,	"active")	\
	X(KAWELA_VF_V2,		"version 2")	\
	X(KAWELA_VF_POLICY,	"policy")	\
	X(KAWELA_VF_GONE,	"gone")

#define KAWELA_VF_STATE_ENUM(sym, name)	sym,
enum kawela_vf_state {
	KAWELA_VF_STATES(KAWELA_VF_STATE_ENUM)
};

/* Counters of a VF, in the order of kwl_msg_stat */
enum kawela_vf_counter {
	KAWELA_VF_RX_PACKETS	= KWL_STAT_RX_PACKETS,
	KAWELA_VF_TX_PACKETS	= KWL_STAT_TX_PACKETS,
	KAWELA_VF_RX_BYTES	= KWL_STAT_RX_BYTES,
	KAWELA_VF_TX_BYTES	= KWL_STAT_TX_BYTES,
	KAWELA_VF_RX_MC		= KWL_STAT_RX_MULTICAST,
	KAWELA_VF_COUNTERS	= KWL_STATS,
};

/**
 * struct kawela_vf_stats - what the part counted for a VF
 * @sum: since the VF was created
 * @last: what the registers held at the last look
 */
struct kawela_vf_stats {
	u64 sum[KAWELA_VF_COUNTERS];
	u32 last[KAWELA_VF_COUNTERS];
};

/**
 * struct kawela_vf_run - how far a VF is
 * @active: it finished its reset handshake and may send requests
 * @v2: it speaks version 2 of the mailbox
 * @nonce: what FEATURES must repeat; 0 when the VF can't version 2
 * @unacked: jiffies when a message was sent that it has not taken yet, or 0
 * @held: jiffies when it was found holding the buffer after a request, or 0
 * @events: what it is to be told when its mailbox is free (KWL_EVENT_*)
 * @tokens: requests it may make before it has to wait
 * @refilled: jiffies of the last refill of @tokens
 * @requests: requests answered
 * @refused: requests answered with NACK
 * @throttled: times that it had to wait
 * @resets: resets seen
 * @untaken: messages that it had not taken when the next one came
 * @seized: times that the PF took the buffer because it didn't release it
 */
struct kawela_vf_run {
	bool active;
	bool v2;
	u32 nonce;
	unsigned long unacked;
	unsigned long held;
	u32 events;
	unsigned int tokens;
	unsigned long refilled;
	u64 requests;
	u64 refused;
	u64 throttled;
	u64 resets;
	u64 untaken;
	u64 seized;
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
 * @stats: what the part counted for it
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
	struct kawela_vf_stats stats;
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

/* Counters of the port, see hw_stats.c */
#define KAWELA_HW_COUNTERS	42

/**
 * struct kawela_calm - a period in which interrupts are counted
 * @end: when it ends, in jiffies
 * @irqs: kawela.misc_irqs at its beginning
 * @usecs: least time between interrupts now
 */
struct kawela_calm {
	unsigned long end;
	unsigned int irqs;
	u32 usecs;
};

/**
 * struct kawela_rss - how received frames are spread over queues
 * @key: hash key
 * @table: queue that was chosen for each hash bucket; it need not exist now
 *
 * Which header fields are hashed stands in struct kawela_want.
 */
struct kawela_rss {
	u8 key[KWL_RSS_KEY_LEN];
	u8 table[KWL_RETA_ENTRIES];
};

/**
 * struct kawela - the PF, from probe to remove
 * @pdev: the PCI function
 * @hw: its registers
 * @io: mapping of BAR 0, kept for iounmap() when @hw has lost it
 * @netdev: its interface
 * @devlink: its devlink instance
 * @wq: runs everything below; ordered, so that handlers don't overlap
 * @event: link and mailbox interrupts
 * @retry: mailboxes that could not be served at once
 * @periodic: once in two seconds: link, in case an interrupt was lost
 * @misc_irqs: interrupts for link and mailbox
 * @calm: what keeps them from being too many; written by @wq
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
 * @dir: its directory in debugfs
 * @ptp: its clock and timestamps
 * @queues: queue pairs to use while no VF exists
 * @rss: how received frames are spread over them
 * @stats_lock: the part's counters; innermost
 * @hw_stats: what it counted since probe
 */
struct kawela {
	struct pci_dev *pdev;
	struct kwl_hw hw;
	u8 __iomem *io;
	struct net_device *netdev;
	struct devlink *devlink;

	struct workqueue_struct *wq;
	struct work_struct event;
	struct delayed_work retry;
	struct delayed_work periodic;

	unsigned int misc_irqs;
	struct kawela_calm calm;
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
	struct dentry *dir;
	struct kawela_ptp ptp;

	u16 queues;
	struct kawela_rss rss;

	struct mutex stats_lock;	/* registers that reading clears */
	atomic64_t hw_stats[KAWELA_HW_COUNTERS];
};

/**
 * struct kawela_net - private area of the PF's netdev
 * @port: the datapath; first, see kwl_port_of()
 * @pf: the device
 * @rx_mode: carries address lists out of atomic context, where the kernel has
 *	no ndo_set_rx_mode_async
 */
struct kawela_net {
	struct kwl_port port;
	struct kawela *pf;
	struct work_struct rx_mode;
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
#define KAWELA_PBA_LEN			11
#define KAWELA_NVM_VERSION_LEN		12
int kawela_nvm_check(struct kawela *pf);
int kawela_nvm_read(struct kawela *pf, u16 word, u16 *data);
int kawela_nvm_pba(struct kawela *pf, char *text);
int kawela_nvm_version(struct kawela *pf, char *text);
int kawela_mac_addr(struct kawela *pf, u8 *mac);

/* phy.c */
int kawela_phy_read(struct kawela *pf, u8 reg, u16 *val);
int kawela_phy_write(struct kawela *pf, u8 reg, u16 val);
int kawela_phy_start(struct kawela *pf);

/* link.c */
void kawela_link_check(struct kawela *pf);
void kawela_link_lost(struct kawela *pf);

/* reset.c */
int kawela_reset(struct kawela *pf);
void kawela_quiesce(struct kawela *pf);

/* irq.c */
int kawela_irq_init(struct kawela *pf);
void kawela_irq_fini(struct kawela *pf);
void kawela_irq_setup(struct kawela *pf);
void kawela_irq_calm(struct kawela *pf);
void kawela_irq_start(struct kawela *pf);
void kawela_irq_stop(struct kawela *pf);
void kawela_irq_automatic(struct kawela *pf, u16 queues);
void kawela_route(struct kwl_port *port, u16 hwq, u16 vector, bool on);

/* events.c: what the misc interrupt is about */
int kawela_service_init(struct kawela *pf);
void kawela_service_fini(struct kawela *pf);
void kawela_service_pause(struct kawela *pf);
void kawela_service_resume(struct kawela *pf);
void kawela_mailboxes_serve(struct kawela *pf);

/* filter.c */
int kawela_filters_apply(struct kawela *pf);
int kawela_filters_check(struct kawela *pf, unsigned int n_vfs);
void kawela_filters_forget(struct kawela *pf);

/* hw_stats.c: what the part counts */
void kawela_hw_stats_update(struct kawela *pf);
void kawela_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *st);
int kawela_hw_stats_count(void);
void kawela_hw_stats_strings(u8 *data);
void kawela_get_ethtool_stats(struct net_device *netdev,
			      struct ethtool_stats *stats, u64 *data);
void kawela_get_eth_mac_stats(struct net_device *netdev,
			      struct ethtool_eth_mac_stats *st);
void kawela_get_eth_phy_stats(struct net_device *netdev,
			      struct ethtool_eth_phy_stats *st);
void kawela_get_rmon_stats(struct net_device *netdev,
			   struct ethtool_rmon_stats *st,
			   const struct ethtool_rmon_hist_range **ranges);

/* rss.c */
void kawela_rss_init(struct kawela *pf);
void kawela_rss_start(struct kawela *pf);
u32 kawela_get_rxfh_key_size(struct net_device *netdev);
u32 kawela_get_rxfh_indir_size(struct net_device *netdev);
int kawela_get_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh);
int kawela_set_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh,
		    struct netlink_ext_ack *extack);
int kawela_get_rxfh_fields(struct net_device *netdev,
			   struct ethtool_rxfh_fields *fields);
int kawela_set_rxfh_fields(struct net_device *netdev,
			   const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack);
void kawela_rss_pools(struct kawela *pf);
void kawela_rss_tell(struct kawela *pf, const struct kawela_vf *vf,
		     struct kwl_msg *msg);

/* rx_all.c */
void kawela_rx_all_update(struct kawela *pf);
netdev_features_t kawela_fix_features(struct net_device *netdev,
				      netdev_features_t features);
int kawela_set_features(struct net_device *netdev, netdev_features_t features);

/* netdev.c */
int kawela_netdev_create(struct kawela *pf, unsigned int queues);
void kawela_netdev_destroy(struct kawela *pf);

/* dp_role.c */
extern const struct kwl_role kawela_role;
void kawela_dp_cfg(struct kawela *pf, unsigned int n_vfs,
		   struct kwl_dp_cfg *cfg);
unsigned int kawela_dp_vfs(struct kawela *pf);
int kawela_dp_move(struct kawela *pf, unsigned int n_vfs);

/* sriov.c */
int kawela_sriov_configure(struct pci_dev *pdev, int n);
int kawela_sriov_adopt(struct kawela *pf);
void kawela_sriov_remove(struct kawela *pf);

/* vf.c */
void kawela_vf_create(struct kawela *pf, unsigned int i);
void kawela_vf_reset(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_activate(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_state(struct kawela *pf, const struct kawela_vf *vf,
		     enum kawela_vf_state state);
u32 kawela_vf_link(const struct kawela *pf, const struct kawela_vf *vf);
bool kawela_vf_mac_taken(struct kawela *pf, const struct kawela_vf *vf,
			 const u8 *mac);
bool kawela_vf_may_log(struct kawela_vf *vf);

/* vf_mbx.c */
unsigned long kawela_mailbox_service(struct kawela *pf);
void kawela_mbx_notify(struct kawela *pf, struct kawela_vf *vf, u32 events);
void kawela_mbx_notify_all(struct kawela *pf, u32 events);
void kawela_mbx_notify_now(struct kawela *pf, u32 events);

/* vf_ops.c: what each opcode does */
int kawela_vf_op(struct kawela *pf, struct kawela_vf *vf,
		 const struct kwl_msg *req, struct kwl_msg *rsp);

/* vf_policy.c: what the administrator decides */
int kawela_set_vf_mac(struct net_device *netdev, int i, u8 *mac);
int kawela_set_vf_vlan(struct net_device *netdev, int i, u16 vlan, u8 qos,
		       __be16 proto);
int kawela_set_vf_rate(struct net_device *netdev, int i, int min, int max);
int kawela_set_vf_spoofchk(struct net_device *netdev, int i, bool on);
int kawela_set_vf_trust(struct net_device *netdev, int i, bool on);
int kawela_set_vf_link_state(struct net_device *netdev, int i, int state);
int kawela_get_vf_config(struct net_device *netdev, int i,
			 struct ifla_vf_info *info);

/* vf_stats.c */
void kawela_vf_stats_base(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_stats_update(struct kawela *pf, struct kawela_vf *vf);
void kawela_vf_stats_update_all(struct kawela *pf);
int kawela_get_vf_stats(struct net_device *netdev, int i,
			struct ifla_vf_stats *st);

/* bridge.c: VEB and VEPA */
int kawela_bridge_setlink(struct net_device *netdev, struct nlmsghdr *nlh,
			  u16 flags, struct netlink_ext_ack *extack);
int kawela_bridge_getlink(struct sk_buff *skb, u32 pid, u32 seq,
			  struct net_device *netdev, u32 filter_mask,
			  int nlflags);

/* debugfs.c */
void kawela_debugfs_init(struct kawela *pf);
void kawela_debugfs_fini(struct kawela *pf);
void kawela_debugfs_register(void);
void kawela_debugfs_unregister(void);

/* recover.c: resets and sleep, with VFs at work */
void kawela_stop_all(struct kawela *pf);
int kawela_start_all(struct kawela *pf);
void kawela_suspend(struct kawela *pf);
int kawela_resume(struct kawela *pf);
int kawela_reset_running(struct kawela *pf);
extern const struct pci_error_handlers kawela_err_handlers;
extern const struct dev_pm_ops kawela_pm_ops;

/* selftest.c: ethtool -t */
int kawela_selftest_count(void);
void kawela_selftest_strings(u8 *data);
void kawela_selftest(struct net_device *netdev, struct ethtool_test *test,
		     u64 *data);

/* devlink.c */
int kawela_devlink_create(struct kawela *pf);
void kawela_devlink_register(struct kawela *pf);
void kawela_devlink_unregister(struct kawela *pf);
void kawela_devlink_destroy(struct kawela *pf);

/* watch.c */
void kawela_watch_look(struct kawela *pf);

/* ethtool.c */
extern struct ethtool_ops kawela_ethtool_ops;

#endif /* _KAWELA_H */
