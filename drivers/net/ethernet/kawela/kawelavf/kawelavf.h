/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VF driver's state, and its functions grouped by file.
 *
 * Locks, in this order:
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

/* MSI-X vectors of a VF: queue pair 0, mailbox, and the third for either */
#define KAWELAVF_VECTOR_QUEUE		0
#define KAWELAVF_VECTOR_MISC		1

#define KAWELAVF_UC_MAX			3	/* what a PF grants at most */

/**
 * struct kawelavf_want - what this driver asked the PF for
 * @mac_set: the user chose the address; the PF's is not adopted
 * @vlans: VLANs
 * @mc: hashes of multicast groups
 * @n_mc: how many
 * @mc_overflow: there were more
 * @uc: additional unicast addresses
 * @n_uc: how many
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
};

/**
 * struct kawelavf - a VF, from probe to remove; private area of its netdev
 * @port: the datapath; first, see kwl_port_of()
 * @pdev: the PCI function
 * @hw: its registers
 * @io: mapping of BAR 0, kept for iounmap() when @hw has lost it
 * @mbx_lock: see above
 * @mbx: the mailbox
 * @ready: the reset handshake is through; the PF answers
 * @pf_mac: address that the PF gave in the handshake
 * @want: what to replay
 * @wq: runs the works below
 * @service: link and mailbox, on interrupt and once a second
 * @rx_mode: address lists, where the kernel has no ndo_set_rx_mode_async
 * @tx_timeout: restarts queues that hang
 */
struct kawelavf {
	struct kwl_port port;
	struct pci_dev *pdev;
	struct kwl_hw hw;
	u8 __iomem *io;

	struct mutex mbx_lock;	/* one request in flight */
	struct kwl_mbx mbx;
	bool ready;
	u8 pf_mac[ETH_ALEN];
	struct kawelavf_want want;

	struct workqueue_struct *wq;
	struct delayed_work service;
	struct work_struct rx_mode;
	struct work_struct tx_timeout;
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
int kawelavf_req_reset(struct kawelavf *vf, u8 *mac);
int kawelavf_req_mac(struct kawelavf *vf, const u8 *mac);
int kawelavf_req_uc_clear(struct kawelavf *vf);
int kawelavf_req_uc_add(struct kawelavf *vf, const u8 *mac);
int kawelavf_req_mc(struct kawelavf *vf);
int kawelavf_req_vlan(struct kawelavf *vf, u16 vid, bool add);
int kawelavf_req_lpe(struct kawelavf *vf, u32 frame);
bool kawelavf_mbx_alive(struct kawelavf *vf);

/* reset.c */
int kawelavf_handshake(struct kawelavf *vf);
bool kawelavf_recover(struct kawelavf *vf);
void kawelavf_goodbye(struct kawelavf *vf);

/* irq.c */
int kawelavf_irq_init(struct kawelavf *vf);
void kawelavf_irq_fini(struct kawelavf *vf);
void kawelavf_irq_setup(struct kawelavf *vf);
void kawelavf_irq_stop(struct kawelavf *vf);
void kawelavf_route(struct kwl_port *port, u16 hwq, u16 vector, bool on);

/* service.c */
int kawelavf_service_init(struct kawelavf *vf);
void kawelavf_service_start(struct kawelavf *vf);
void kawelavf_service_fini(struct kawelavf *vf);
void kawelavf_service_kick(struct kawelavf *vf);

/* rx_mode.c */
int kawelavf_rx_mode_replay(struct kawelavf *vf);
int kawelavf_set_rx_mode_async(struct net_device *netdev,
			       struct netdev_hw_addr_list *uc,
			       struct netdev_hw_addr_list *mc);
void kawelavf_set_rx_mode(struct net_device *netdev);
void kawelavf_rx_mode_work(struct work_struct *work);

/* netdev.c */
struct kawelavf *kawelavf_netdev_create(struct pci_dev *pdev);
int kawelavf_netdev_init(struct kawelavf *vf);
void kawelavf_netdev_fini(struct kawelavf *vf);
u32 kawelavf_mtu_to_frame(int mtu);

/* ethtool.c */
extern const struct ethtool_ops kawelavf_ethtool_ops;

#endif /* _KAWELAVF_H */
