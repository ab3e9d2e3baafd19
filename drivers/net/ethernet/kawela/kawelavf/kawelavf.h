/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VF driver's state.
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
 * @suspended: kawelavf_suspend() is in force
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
	bool suspended;
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

/**
 * kawelavf_service_kick() - look after link and mailbox now
 * @vf: the VF
 *
 * Context: any.
 */
static inline void kawelavf_service_kick(struct kawelavf *vf)
{
	mod_delayed_work(vf->wq, &vf->service, 0);
}

#endif /* _KAWELAVF_H */
