// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests: what user space has no way to ask for, and what no device of the lab
 * does by itself. Files of debugfs, below kawela_test/, each of which takes the name
 * of an interface and a number:
 *
 * restart: the core replaces that receive queue, by the driver's queue management
 *	operations.
 * length: of the next frame that comes to the first receive queue, the first
 *	descriptor says that length.
 * error: the same descriptor says that such bits of its status are set.
 * clear: the same descriptor says that such bits of its status are not set.
 * refuse_start: so many times the hardware doesn't enable a receive queue.
 * refuse_tx: so many times the hardware doesn't enable a transmit queue.
 * refuse_skip: neither of these meets the first so many queues of the interface. It may
 *	be any.
 * refuse_alloc: so many times there is no memory for a receive ring.
 * bus_reset: so many times the PCI core's reset of the bus after a fatal error becomes
 *	a function level reset of its first function: links of virtual machines don't
 *	come back. The interface may be any.
 * slow_poll: polls of all queues take so many ms more at their end, where the interval
 *	between interrupts is chosen. The interface may be any.
 * quirks: the driver takes the contrary of such KWL_QUIRK_* for granted; twice is as
 *	before.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/iopoll.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/netdev_rx_queue.h>

#include <kawela/port.h>
#include <kawela/ring.h>

/* How long to wait for a frame, in us */
#define WAIT	(5 * USEC_PER_SEC)

/* Not every kernel exports it */
int netdev_rx_queue_restart(struct net_device *netdev, unsigned int i) __weak;

typedef int (*kwl_test_op)(struct net_device *netdev, unsigned int value);
typedef void (*kwl_test_forger)(union kwl_rx_desc *desc, unsigned int value);

static int kwl_test_restart(struct net_device *netdev, unsigned int queue)
{
	if (!netdev_rx_queue_restart)
		return -EOPNOTSUPP;
	return netdev_rx_queue_restart(netdev, queue);
}

/* Change the next descriptor between the device, which wrote it, and the driver */
static int kwl_test_forge(struct net_device *netdev, kwl_test_forger forge,
			  unsigned int value)
{
	struct kwl_port *port = kwl_port_of(netdev);
	struct kwl_qvec *qv = &port->qvec[0];
	union kwl_rx_desc *desc;
	__le32 status;
	int err;

	if (!kwl_port_running(port))
		return -ENETDOWN;
	napi_disable_locked(&qv->napi);
	desc = &qv->rx->desc[qv->rx->next];
	err = read_poll_timeout(READ_ONCE, status,
				status & cpu_to_le32(KWL_RXD_DD), 100, WAIT,
				false, desc->wb.status_error);
	if (!err)
		forge(desc, value);
	napi_enable_locked(&qv->napi);
	kwl_wr(port->hw, KWL_EIMS, BIT(qv->vector));
	kwl_wr(port->hw, KWL_EICS, BIT(qv->vector));
	return err;
}

static void kwl_test_forge_length(union kwl_rx_desc *desc, unsigned int length)
{
	desc->wb.length = cpu_to_le16(length);
}

static int kwl_test_length(struct net_device *netdev, unsigned int length)
{
	return kwl_test_forge(netdev, kwl_test_forge_length, length);
}

static void kwl_test_forge_error(union kwl_rx_desc *desc, unsigned int bits)
{
	desc->wb.status_error |= cpu_to_le32(bits);
}

static int kwl_test_error(struct net_device *netdev, unsigned int bits)
{
	return kwl_test_forge(netdev, kwl_test_forge_error, bits);
}

static void kwl_test_forge_clear(union kwl_rx_desc *desc, unsigned int bits)
{
	desc->wb.status_error &= cpu_to_le32(~bits);
}

static int kwl_test_clear(struct net_device *netdev, unsigned int bits)
{
	return kwl_test_forge(netdev, kwl_test_forge_clear, bits);
}

/*
 * Functions of the library that fail instead of running, as long as a count lasts. The
 * probe replaces the call by one of an empty function.
 */
struct kwl_test_refusal {
	struct kprobe probe;
	struct net_device *netdev;
	atomic_t left;
	long value;
};

static notrace noinline void kwl_test_return(void)
{
	asm volatile("");
}

static int kwl_test_refuse(struct kwl_test_refusal *refusal,
			   const struct net_device *netdev, struct pt_regs *regs)
{
	if (netdev != refusal->netdev ||
	    atomic_dec_if_positive(&refusal->left) < 0)
		return 0;
	regs_set_return_value(regs, refusal->value);
	instruction_pointer_set(regs, (unsigned long)kwl_test_return);
	return 1;
}

/* Queues, from the first, that start */
static unsigned int kwl_test_skip;

static int kwl_test_on_start(struct kprobe *probe, struct pt_regs *regs)
{
	const struct kwl_rx_ring *rx =
		(void *)regs_get_kernel_argument(regs, 1);

	if (rx->queue < READ_ONCE(kwl_test_skip))
		return 0;
	return kwl_test_refuse(container_of(probe, struct kwl_test_refusal,
					    probe), rx->netdev, regs);
}

static int kwl_test_on_tx(struct kprobe *probe, struct pt_regs *regs)
{
	const struct kwl_tx_ring *tx =
		(void *)regs_get_kernel_argument(regs, 1);
	struct net_device *netdev = tx->txq->dev;

	if (tx->txq - netdev_get_tx_queue(netdev, 0) < READ_ONCE(kwl_test_skip))
		return 0;
	return kwl_test_refuse(container_of(probe, struct kwl_test_refusal,
					    probe), netdev, regs);
}

static int kwl_test_on_alloc(struct kprobe *probe, struct pt_regs *regs)
{
	const struct kwl_port *port =
		(void *)regs_get_kernel_argument(regs, 0);

	return kwl_test_refuse(container_of(probe, struct kwl_test_refusal,
					    probe), port->netdev, regs);
}

/* A probe that has one may change where the kernel goes on */
static void kwl_test_behind(struct kprobe *probe, struct pt_regs *regs,
			    unsigned long flags)
{
}

static struct kwl_test_refusal kwl_test_start = {
	.probe = {
		.symbol_name = "kwl_rx_ring_start",
		.pre_handler = kwl_test_on_start,
		.post_handler = kwl_test_behind,
	},
	.value = -ETIMEDOUT,
};

static struct kwl_test_refusal kwl_test_tx = {
	.probe = {
		.symbol_name = "kwl_tx_ring_start",
		.pre_handler = kwl_test_on_tx,
		.post_handler = kwl_test_behind,
	},
	.value = -ETIMEDOUT,
};

static struct kwl_test_refusal kwl_test_alloc = {
	.probe = {
		.symbol_name = "kwl_rx_ring_alloc",
		.pre_handler = kwl_test_on_alloc,
		.post_handler = kwl_test_behind,
	},
	.value = -ENOMEM,
};

static int kwl_test_refuse_start(struct net_device *netdev, unsigned int count)
{
	kwl_test_start.netdev = netdev;
	atomic_set(&kwl_test_start.left, count);
	return 0;
}

static int kwl_test_refuse_tx(struct net_device *netdev, unsigned int count)
{
	kwl_test_tx.netdev = netdev;
	atomic_set(&kwl_test_tx.left, count);
	return 0;
}

static int kwl_test_refuse_skip(struct net_device *netdev, unsigned int queues)
{
	WRITE_ONCE(kwl_test_skip, queues);
	return 0;
}

static int kwl_test_refuse_alloc(struct net_device *netdev, unsigned int count)
{
	kwl_test_alloc.netdev = netdev;
	atomic_set(&kwl_test_alloc.left, count);
	return 0;
}

static atomic_t kwl_test_bus_resets;

/* Instead of aer_root_reset() */
static pci_ers_result_t kwl_test_root_reset(struct pci_dev *bridge)
{
	struct pci_dev *pdev = list_first_entry(&bridge->subordinate->devices,
						struct pci_dev, bus_list);
	int err;

	device_lock(&pdev->dev);
	err = __pci_reset_function_locked(pdev);
	device_unlock(&pdev->dev);
	return err ? PCI_ERS_RESULT_DISCONNECT : PCI_ERS_RESULT_RECOVERED;
}

static int kwl_test_on_root_reset(struct kprobe *probe, struct pt_regs *regs)
{
	if (atomic_dec_if_positive(&kwl_test_bus_resets) < 0)
		return 0;
	instruction_pointer_set(regs, (unsigned long)kwl_test_root_reset);
	return 1;
}

static struct kprobe kwl_test_root = {
	.symbol_name = "aer_root_reset",
	.pre_handler = kwl_test_on_root_reset,
	.post_handler = kwl_test_behind,
};

static int kwl_test_bus_reset(struct net_device *netdev, unsigned int count)
{
	atomic_set(&kwl_test_bus_resets, count);
	return 0;
}

static unsigned int kwl_test_poll_ms;

static int kwl_test_on_poll(struct kprobe *probe, struct pt_regs *regs)
{
	mdelay(READ_ONCE(kwl_test_poll_ms));
	return 0;
}

static struct kprobe kwl_test_poll = {
	.symbol_name = "kwl_moder_poll",
	.pre_handler = kwl_test_on_poll,
};

static int kwl_test_slow_poll(struct net_device *netdev, unsigned int ms)
{
	if (ms > 10)
		return -ERANGE;
	WRITE_ONCE(kwl_test_poll_ms, ms);
	return 0;
}

static void kwl_test_offer(struct net_device *netdev, netdev_features_t features,
			   bool offered)
{
	netdev->hw_features |= features;
	if (offered)
		netdev->wanted_features |= features;
	else
		netdev->wanted_features &= ~features;
	netdev_update_features(netdev);
	if (!offered)
		netdev->hw_features &= ~features;
}

/* What is offered by a quirk when the driver is loaded is offered or not from now on */
static int kwl_test_quirks(struct net_device *netdev, unsigned int quirks)
{
	struct kwl_hw *hw = kwl_port_of(netdev)->hw;
	bool steering = quirks & KWL_QUIRK_NO_STEERING;

	if (steering && !kwl_has_quirk(hw, KWL_QUIRK_NO_STEERING))
		kwl_test_offer(netdev, NETIF_F_NTUPLE, false);
	hw->quirks ^= quirks;
	if (steering && !kwl_has_quirk(hw, KWL_QUIRK_NO_STEERING))
		kwl_test_offer(netdev, NETIF_F_NTUPLE, true);
	return 0;
}

static struct kprobe *kwl_test_probes[] = {
	&kwl_test_start.probe, &kwl_test_tx.probe, &kwl_test_alloc.probe,
	&kwl_test_root, &kwl_test_poll,
};

/* The interface must be one of these drivers: its private area is looked at */
static int kwl_test_do(kwl_test_op op, const char *name, unsigned int value)
{
	struct net_device *netdev;
	int err = -ENODEV;

	rtnl_lock();
	netdev = __dev_get_by_name(current->nsproxy->net_ns, name);
	if (netdev && netdev->dev.parent &&
	    strstarts(dev_driver_string(netdev->dev.parent), "kawela")) {
		netdev_lock(netdev);
		err = op(netdev, value);
		netdev_unlock(netdev);
	}
	rtnl_unlock();
	return err;
}

static ssize_t kwl_test_write(struct file *file, const char __user *from,
			      size_t count, loff_t *pos)
{
	char text[64] = {}, name[IFNAMSIZ];
	unsigned int value;
	int err;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, count))
		return -EFAULT;
	if (sscanf(text, "%15s %u", name, &value) != 2)
		return -EINVAL;
	err = kwl_test_do(file_inode(file)->i_private, name, value);
	return err ?: count;
}

static const struct file_operations kwl_test_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = kwl_test_write,
};

static struct dentry *kwl_test_dir;

static int __init kwl_test_init(void)
{
	int err = register_kprobes(kwl_test_probes, ARRAY_SIZE(kwl_test_probes));

	if (err)
		return err;
	kwl_test_dir = debugfs_create_dir("kawela_test", NULL);
	debugfs_create_file("restart", 0200, kwl_test_dir, kwl_test_restart,
			    &kwl_test_fops);
	debugfs_create_file("length", 0200, kwl_test_dir, kwl_test_length,
			    &kwl_test_fops);
	debugfs_create_file("error", 0200, kwl_test_dir, kwl_test_error,
			    &kwl_test_fops);
	debugfs_create_file("clear", 0200, kwl_test_dir, kwl_test_clear,
			    &kwl_test_fops);
	debugfs_create_file("refuse_start", 0200, kwl_test_dir,
			    kwl_test_refuse_start, &kwl_test_fops);
	debugfs_create_file("refuse_tx", 0200, kwl_test_dir, kwl_test_refuse_tx,
			    &kwl_test_fops);
	debugfs_create_file("refuse_skip", 0200, kwl_test_dir,
			    kwl_test_refuse_skip, &kwl_test_fops);
	debugfs_create_file("refuse_alloc", 0200, kwl_test_dir,
			    kwl_test_refuse_alloc, &kwl_test_fops);
	debugfs_create_file("bus_reset", 0200, kwl_test_dir,
			    kwl_test_bus_reset, &kwl_test_fops);
	debugfs_create_file("slow_poll", 0200, kwl_test_dir, kwl_test_slow_poll,
			    &kwl_test_fops);
	debugfs_create_file("quirks", 0200, kwl_test_dir, kwl_test_quirks,
			    &kwl_test_fops);
	return 0;
}
module_init(kwl_test_init);

static void __exit kwl_test_exit(void)
{
	debugfs_remove(kwl_test_dir);
	unregister_kprobes(kwl_test_probes, ARRAY_SIZE(kwl_test_probes));
}
module_exit(kwl_test_exit);

MODULE_DESCRIPTION("Tests of the drivers for the Intel 82576");
MODULE_INFO(import_ns, "NETDEV_INTERNAL");
MODULE_LICENSE("GPL");
