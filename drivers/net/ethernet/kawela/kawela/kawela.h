/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF driver's state. What its files offer each other stands in one header a
 * concept.
 *
 * Locks, in this order:
 *   devlink's lock	the core holds it over devlink's operations
 *   the port's lock	rtnl and, where the kernel has it, the netdev's instance
 *			lock: the PF's own datapath
 *   vf_lock		VFs, mailboxes, filters, and the device's reset, which
 *			takes all of them away. The mailbox service takes this
 *			one only; it isn't held while calling into the PCI core,
 *			because VF drivers probe in there and wait for answers.
 */
#ifndef _KAWELA_H
#define _KAWELA_H

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include <kawela/port.h>

#include "filter_image.h"
#include "irq.h"
#include "link.h"
#include "ntuple.h"
#include "nvm.h"
#include "ptp.h"
#include "recover.h"
#include "rss.h"
#include "stats.h"
#include "vf.h"

#define KAWELA_NAME			"kawela"

/**
 * struct kawela - the PF, from probe to remove
 * @pdev: the PCI function
 * @hw: its registers
 * @io: mapping of BAR 0, kept for iounmap() when @hw has lost it
 * @netdev: its interface
 * @devlink: its devlink instance
 * @board: what NVM says about the board
 * @wq: runs everything below; ordered, so that handlers don't overlap
 * @event: link and mailbox interrupts
 * @retry: mailboxes that could not be served at once
 * @periodic: once in two seconds: link, in case an interrupt was lost
 * @recovery: what brings a device back that failed
 * @misc_irqs: interrupts for link and mailbox
 * @irq_limit: what keeps them from being too many; written by @wq
 * @phy_lock: MDIC, and CTRL while the device works
 * @link: what the PHY said last; written under @vf_lock, by @wq or while that is idle
 * @link_cfg: what the user wants it to be; written under the port's lock
 * @partner: what the link partner offers; read by @wq, and anew after new settings
 * @ledctl: LEDCTL as it was before the LEDs were made to blink
 * @wol: WAKE_*: by what to wake the machine; written under the port's lock
 * @vf_lock: see above
 * @n_vfs: VFs that exist for the filters and the mailbox
 * @vf: the VFs; the first @n_vfs exist
 * @want: what the PF's own interface wants to receive
 * @image: what was last written to the filters
 * @next_image: where the next one is built
 * @image_valid: @image is what the device holds
 * @uc_full: the PF has more addresses than the table has room for, and said so
 * @vlans_full: the same for VLANs
 * @undo: what a VF wanted before the request that is being handled
 * @dir: its directory in debugfs
 * @ptp: its clock and timestamps
 * @queues: queue pairs to use while no VF exists
 * @rss: how received frames are spread over them
 * @ntuple: rules that send frames to one of them
 * @stats_lock: the device's counters; innermost
 * @hw_stats: what it counted since probe
 */
struct kawela {
	struct pci_dev *pdev;
	struct kwl_hw hw;
	u8 __iomem *io;
	struct net_device *netdev;
	struct devlink *devlink;
	struct kawela_board board;

	struct workqueue_struct *wq;
	struct work_struct event;
	struct delayed_work retry;
	struct delayed_work periodic;
	struct kawela_recovery recovery;

	unsigned int misc_irqs;
	struct kawela_irq_limit irq_limit;
	struct mutex phy_lock;	/* MDIC, CTRL */
	struct kawela_link link;
	struct kawela_link_cfg link_cfg;
	struct kawela_partner partner;
	u32 ledctl;
	u32 wol;

	struct mutex vf_lock;	/* VFs, mailboxes, filters */
	unsigned int n_vfs;
	struct kawela_vf vf[KWL_MAX_VFS];
	struct kawela_want want;
	struct kawela_image image;
	struct kawela_image next_image;
	bool image_valid;
	bool uc_full;
	bool vlans_full;
	struct kawela_vf_want undo;
	struct dentry *dir;
	struct kawela_ptp ptp;

	u16 queues;
	struct kawela_rss rss;
	struct kawela_ntuple ntuple;

	struct mutex stats_lock;	/* registers that reading clears */
	atomic64_t hw_stats[KAWELA_HW_COUNTERS];
};

/**
 * struct kawela_net - private area of the PF's netdev
 * @port: the datapath; first, see kwl_port_of()
 * @pf: the device
 * @rx_mode: carries address lists out of atomic context, where the kernel has
 *	no ndo_set_rx_mode_async; and kawela_relist()
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

/**
 * kawela_assert_locked() - the port's lock is held
 * @pf: the PF; before its interface is registered no lock is needed
 */
static inline void kawela_assert_locked(const struct kawela *pf)
{
	if (pf->netdev->reg_state != NETREG_UNINITIALIZED)
		netdev_assert_locked_ops_compat(pf->netdev);
}

static inline struct kwl_port *kawela_port(const struct kawela *pf)
{
	return netdev_priv(pf->netdev);
}

/**
 * kawela_relist() - look at the PF's address lists again
 * @pf: the PF
 *
 * Context: any.
 */
static inline void kawela_relist(struct kawela *pf)
{
	struct kawela_net *net = netdev_priv(pf->netdev);

	queue_work(pf->wq, &net->rx_mode);
}

/**
 * kawela_relist_cancel() - lists that nobody has looked at yet are not looked at
 * @pf: the PF; kawela_relist() when it goes on
 *
 * Context: may sleep; not under vf_lock, which the work takes.
 */
static inline void kawela_relist_cancel(struct kawela *pf)
{
	struct kawela_net *net = netdev_priv(pf->netdev);

	lockdep_assert_not_held(&pf->vf_lock);
	cancel_work_sync(&net->rx_mode);
}

#endif /* _KAWELA_H */
