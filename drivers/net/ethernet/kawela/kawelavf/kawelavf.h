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
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include <kawela/mbx.h>
#include <kawela/port.h>

#include "mbx_decode.h"

#define KAWELAVF_NAME			"kawelavf"

/* Additional addresses and hashes of groups that we keep */
#define KAWELAVF_UC_MAX			8
#define KAWELAVF_MC_MAX			240

/**
 * struct kawelavf_want - what the stack and the user want
 * @mac_set: the user chose the address; the PF's is not adopted
 * @vlans: VLANs; 0, of frames that have a priority only, is always among them
 * @mc: hashes of multicast groups
 * @n_mc: how many
 * @mc_more: groups beyond these
 * @mc_all: all groups
 * @uc: additional unicast addresses
 * @n_uc: how many
 * @uc_more: addresses beyond these
 * @promisc: everything
 *
 * Asked for again after every reset of PF or VF. Under the port's lock.
 */
struct kawelavf_want {
	bool mac_set;
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	u16 mc[KAWELAVF_MC_MAX];
	unsigned int n_mc;
	unsigned int mc_more;
	bool mc_all;
	u8 uc[KAWELAVF_UC_MAX][ETH_ALEN];
	unsigned int n_uc;
	unsigned int uc_more;
	bool promisc;
};

/**
 * struct kawelavf_has - what of it the PF has granted
 * @vlans: VLANs
 * @vlans_refused: how many the PF refused when it was last asked
 * @uc: additional unicast addresses
 * @n_uc: how many
 * @uc_unsure: the PF may hold other additional addresses than these
 * @promisc: what SET_PROMISC granted
 * @uc_missing: additional addresses that are wanted and receive nothing
 * @mc_missing: the same of groups
 * @less: what only trusted VFs may have is wanted and isn't granted: 1 all groups,
 *	2 everything
 * @again: a request failed for a reason that may have passed by now
 * @again_at: jiffies when to ask again
 *
 * A reset of PF or VF begins a new one. Under the port's lock; the last two also under
 * rtnl alone, and the service looks at them without.
 */
struct kawelavf_has {
	DECLARE_BITMAP(vlans, VLAN_N_VID);
	unsigned int vlans_refused;
	u8 uc[KAWELAVF_UC_MAX][ETH_ALEN];
	unsigned int n_uc;
	bool uc_unsure;
	u32 promisc;
	unsigned int uc_missing;
	unsigned int mc_missing;
	u8 less;
	bool again;
	unsigned long again_at;
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
 * @misc_irqs: interrupts of the mailbox's vector
 * @irq_on: the mailbox's vector may interrupt; mbx_lock
 * @ready: the reset handshake is through; the PF answers
 * @v2: both ends speak version 2
 * @seq: sequence number of the last request
 * @patience: jiffies when the holder of the port's lock gives up asking, or 0
 * @events: what the PF said there is to look at (KWL_EVENT_*)
 * @link: what the PF said last of the link (KWL_LINK_*); valid with @v2
 * @link_told: the link that the stack knows; as kawelavf_link_read()
 * @link_told_at: jiffies when it was told
 * @impatient: the PF said that it is about to reset: look often
 * @policy: what the PF says was decided for us; valid with @v2; the port's lock
 * @pf_stats: what the PF counted for us since the last handshake, when it was last
 *	asked
 * @pf_stats_before: the same of all handshakes before
 * @pf_mac: address that the PF gave in the handshake
 * @want: what is wanted
 * @has: what the PF granted
 * @failures: attempts in a row to come back that failed behind the handshake
 * @failure_said: the log has one of them
 * @retry: jiffies before which there is no other attempt; valid with @failures
 * @looked: jiffies when news of the PF were last looked at
 * @say: budget of log lines that the PF can cause; kawelavf_may_say()
 * @queues_told: queue pairs in use that the PF knows of, since the handshake
 * @wq: runs the works below
 * @suspended: kawelavf_suspend() is in force; the device's lock
 * @thaw: resumes after a fatal error if the PCI core doesn't call
 * @service: link and mailbox, on interrupt and once a second
 * @mprc: VFMPRC when it was looked at last; @service alone
 * @multicast: frames to groups, as far as it has looked
 * @rx_mode: address lists, where the kernel has no ndo_set_rx_mode_async, and after
 *	the interface was detached
 */
struct kawelavf {
	struct kwl_port port;
	struct pci_dev *pdev;
	struct devlink *devlink;
	struct kwl_hw hw;
	u8 __iomem *io;

	struct mutex mbx_lock;	/* one request in flight */
	struct kwl_mbx mbx;
	unsigned int misc_irqs;
	bool irq_on;
	bool ready;
	bool v2;
	u8 seq;
	unsigned long patience;
	u32 events;
	u32 link;
	u32 link_told;
	unsigned long link_told_at;
	bool impatient;
	struct kawelavf_policy policy;
	u64 pf_stats[KWL_STATS];
	u64 pf_stats_before[KWL_STATS];
	u8 pf_mac[ETH_ALEN];
	struct kawelavf_want want;
	struct kawelavf_has has;
	unsigned int failures;
	bool failure_said;
	unsigned long retry;
	unsigned long looked;
	struct ratelimit_state say;
	u16 queues_told;

	struct workqueue_struct *wq;
	bool suspended;
	struct delayed_work thaw;
	struct delayed_work service;
	u32 mprc;
	atomic64_t multicast;
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
 * kawelavf_assert_locked() - the port's lock is held
 * @vf: the VF; before its interface is registered no lock is needed
 */
static inline void kawelavf_assert_locked(const struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);

	if (netdev->reg_state != NETREG_UNINITIALIZED)
		netdev_assert_locked_ops_compat(netdev);
}

/**
 * kawelavf_lock() - take the port's lock
 * @vf: the VF
 *
 * Context: may sleep.
 */
static inline void kawelavf_lock(struct kawelavf *vf)
{
	rtnl_lock();
	netdev_lock(kawelavf_netdev(vf));
}

/**
 * kawelavf_unlock() - undo kawelavf_lock()
 * @vf: the VF
 */
static inline void kawelavf_unlock(struct kawelavf *vf)
{
	netdev_unlock(kawelavf_netdev(vf));
	rtnl_unlock();
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

/**
 * kawelavf_may_say() - may the log have another line that the PF can cause?
 * @vf: the VF
 *
 * A PF that lies could fill the log.
 *
 * Context: any.
 * Return: whether it may.
 */
static inline bool kawelavf_may_say(struct kawelavf *vf)
{
	return __ratelimit(&vf->say);
}

#endif /* _KAWELAVF_H */
