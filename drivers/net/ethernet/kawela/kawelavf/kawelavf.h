/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VF driver's state, and its functions grouped by file.
 *
 * Locks, in this order:
 *   devlink's lock	the core holds it over devlink's operations
 *   the port's lock	rtnl and, where the kernel has it, the netdev's instance
 *			lock
 *   mbx_lock		one request in flight. The VF waits for answers with it
 *			held, in process context, and never longer than a
 *			deadline.
 */
#ifndef _KAWELAVF_H
#define _KAWELAVF_H

#include <linux/if_vlan.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include <kawela/mbx.h>
#include <kawela/port.h>

#define KAWELAVF_NAME			"kawelavf"

/* MSI-X vectors of a VF */
#define KAWELAVF_VECTOR_QUEUE		0
#define KAWELAVF_VECTOR_MISC		1
#define KAWELAVF_VECTOR_QUEUE1		2

/* Additional addresses: what we keep, and what a PF of version 1 grants */
#define KAWELAVF_UC_MAX			8
#define KAWELAVF_UC_LEGACY		3

/**
 * struct kawelavf_want - what this driver asked the PF for
 * @mac_set: the user chose the address; the PF's is not adopted
 * @vlans: VLANs
 * @mc: hashes of multicast groups
 * @n_mc: how many
 * @mc_overflow: there were more
 * @uc: additional unicast addresses
 * @n_uc: how many
 * @uc_overflow: there were more
 * @promisc: everything
 *
 * Replayed after every reset of PF or VF. Under the port's lock and mbx_lock.
 */
struct kawelavf_want {
	bool mac_set;
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	u16 mc[KWL_MSG_MC_MAX];
	u8 n_mc;
	bool mc_overflow;
	u8 uc[KAWELAVF_UC_MAX][ETH_ALEN];
	u8 n_uc;
	bool uc_overflow;
	bool promisc;
};

/**
 * struct kawelavf_policy - what the PF says was decided for us, version 2
 * @mac: our address
 * @flags: KWL_POLICY_*
 * @link: KWL_LINK_*
 * @max_frame: longest frame that we may ask for, with FCS and tags
 * @max_rate: limit of our transmit rate in Mb/s, 0 for none
 * @limits: KWL_LIMIT_*
 */
struct kawelavf_policy {
	u8 mac[ETH_ALEN];
	u32 flags;
	u32 link;
	u32 max_frame;
	u32 max_rate;
	u32 limits;
};

/**
 * struct kawelavf - a VF, from probe to remove; private area of its netdev
 * @port: the datapath; first, see kwl_port_of()
 * @pdev: the PCI function
 * @devlink: its devlink instance
 * @hw: its registers
 * @io: mapping of BAR 0, kept for iounmap() when @hw has lost it
 * @mbx_lock: see above
 * @mbx: the mailbox
 * @irq_on: the mailbox's vector may interrupt; mbx_lock
 * @ready: the reset handshake is through; the PF answers
 * @v2: both ends speak version 2
 * @seq: sequence number of the last request
 * @events: what the PF said there is to look at (KWL_EVENT_*)
 * @impatient: the PF said that it is about to reset: look often
 * @promisc_sent: what the PF was asked for by SET_PROMISC
 * @policy: what the PF says was decided for us; valid with @v2
 * @pf_stats: what the PF counted for us, when it was last asked
 * @pf_stats_shown: ethtool was told that there are @pf_stats
 * @pf_mac: address that the PF gave in the handshake
 * @want: what to replay
 * @queues_told: queue pairs that the PF was told we use, since the handshake
 * @wq: runs the works below
 * @service: link and mailbox, on interrupt and once a second
 * @rx_mode: address lists, where the kernel has no ndo_set_rx_mode_async
 */
struct kawelavf {
	struct kwl_port port;
	struct pci_dev *pdev;
	struct devlink *devlink;
	struct kwl_hw hw;
	u8 __iomem *io;

	struct mutex mbx_lock;	/* one request in flight */
	struct kwl_mbx mbx;
	bool irq_on;
	bool ready;
	bool v2;
	u8 seq;
	u32 events;
	bool impatient;
	u32 promisc_sent;
	struct kawelavf_policy policy;
	u64 pf_stats[KWL_STATS];
	bool pf_stats_shown;
	u8 pf_mac[ETH_ALEN];
	struct kawelavf_want want;
	u16 queues_told;

	struct workqueue_struct *wq;
	struct delayed_work service;
	struct work_struct rx_mode;
};
static_assert(offsetof(struct kawelavf, port) == 0);

static inline struct kawelavf *kawelavf_of(const struct net_device *netdev)
{
	return netdev_priv(netdev);
}

static inline struct net_device *kawelavf_netdev(const struct kawelavf *vf)
{
	return vf->port.netdev;
}

/* mbx_client.c: one function for each request */
int kawelavf_req_reset(struct kawelavf *vf, u8 *mac, u32 *nonce);
int kawelavf_req_features(struct kawelavf *vf, u32 nonce);
int kawelavf_req_policy(struct kawelavf *vf);
int kawelavf_req_stats(struct kawelavf *vf, u64 *stats);
int kawelavf_req_promisc(struct kawelavf *vf, u32 mode);
int kawelavf_req_queues(struct kawelavf *vf, u16 n);
int kawelavf_req_rss(struct kawelavf *vf, struct kwl_msg *rsp);
int kawelavf_req_bye(struct kawelavf *vf);
int kawelavf_req_mac(struct kawelavf *vf, const u8 *mac);
int kawelavf_req_uc_clear(struct kawelavf *vf);
int kawelavf_req_uc_add(struct kawelavf *vf, const u8 *mac);
int kawelavf_req_mc(struct kawelavf *vf);
int kawelavf_req_vlan(struct kawelavf *vf, u16 vid, bool add);
int kawelavf_req_lpe(struct kawelavf *vf, u32 frame);
bool kawelavf_mbx_alive(struct kawelavf *vf);
u32 kawelavf_take_events(struct kawelavf *vf);

/* reset.c */
int kawelavf_handshake(struct kawelavf *vf);
bool kawelavf_recover(struct kawelavf *vf);
void kawelavf_suspend(struct kawelavf *vf);
void kawelavf_resume(struct kawelavf *vf);
extern const struct pci_error_handlers kawelavf_err_handlers;
extern const struct dev_pm_ops kawelavf_pm_ops;
void kawelavf_goodbye(struct kawelavf *vf);

/* irq.c */
int kawelavf_irq_init(struct kawelavf *vf);
void kawelavf_irq_fini(struct kawelavf *vf);
void kawelavf_irq_setup(struct kawelavf *vf);
void kawelavf_irq_mask(struct kawelavf *vf);
void kawelavf_irq_unmask(struct kawelavf *vf);
void kawelavf_irq_stop(struct kawelavf *vf);
void kawelavf_route(struct kwl_port *port, u16 hwq, u16 vector, bool on);

/* service.c */
int kawelavf_service_init(struct kawelavf *vf);
void kawelavf_service_start(struct kawelavf *vf);
void kawelavf_service_pause(struct kawelavf *vf);
void kawelavf_service_fini(struct kawelavf *vf);
void kawelavf_service_kick(struct kawelavf *vf);

/* queues.c */
extern const struct kwl_role kawelavf_role;
void kawelavf_queues_begin(struct kawelavf *vf);
void kawelavf_queues_adopt(struct kawelavf *vf);
u16 kawelavf_select_queue(struct net_device *netdev, struct sk_buff *skb,
			  struct net_device *sb_dev);
u32 kawelavf_get_rxfh_key_size(struct net_device *netdev);
u32 kawelavf_get_rxfh_indir_size(struct net_device *netdev);
int kawelavf_get_rxfh(struct net_device *netdev,
		      struct ethtool_rxfh_param *rxfh);

/* policy.c */
void kawelavf_policy_adopt(struct kawelavf *vf);
void kawelavf_policy_refresh(struct kawelavf *vf);
void kawelavf_take_mac(struct kawelavf *vf, const u8 *mac);

/* rx_mode.c */
int kawelavf_rx_mode_replay(struct kawelavf *vf);
int kawelavf_set_rx_mode_async(struct net_device *netdev,
			       struct netdev_hw_addr_list *uc,
			       struct netdev_hw_addr_list *mc);
void kawelavf_set_rx_mode(struct net_device *netdev);
void kawelavf_rx_mode_work(struct work_struct *work);

/* devlink.c */
int kawelavf_devlink_create(struct kawelavf *vf);
void kawelavf_devlink_register(struct kawelavf *vf);
void kawelavf_devlink_unregister(struct kawelavf *vf);
void kawelavf_devlink_destroy(struct kawelavf *vf);

/* netdev.c */
struct kawelavf *kawelavf_netdev_create(struct pci_dev *pdev);
int kawelavf_netdev_init(struct kawelavf *vf);
void kawelavf_netdev_fini(struct kawelavf *vf);
u32 kawelavf_mtu_to_frame(int mtu);
int kawelavf_frame_to_mtu(u32 frame);

/* ethtool.c */
extern struct ethtool_ops kawelavf_ethtool_ops;

#endif /* _KAWELAVF_H */
