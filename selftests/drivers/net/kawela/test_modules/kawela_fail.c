// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests: let a function of the drivers report a failure that no device of the
 * lab causes. The file kawela_fail of debugfs takes
 *
 *	FUNCTION ERRNO TIMES
 *
 * The function does what it always does, and its next TIMES callers get the negative
 * errno. Reading tells how many of these are left. An empty line ends it.
 */
#include <linux/debugfs.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

static DEFINE_MUTEX(kwl_fail_lock);	/* the probe */
static char kwl_fail_name[64];
static int kwl_fail_errno;
static atomic_t kwl_fail_left;
static struct kretprobe kwl_fail_probe;
static bool kwl_fail_armed;

static int kwl_fail_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (atomic_dec_if_positive(&kwl_fail_left) >= 0)
		regs_set_return_value(regs, -kwl_fail_errno);
	return 0;
}

static void kwl_fail_disarm(void)
{
	if (kwl_fail_armed)
		unregister_kretprobe(&kwl_fail_probe);
	kwl_fail_armed = false;
	atomic_set(&kwl_fail_left, 0);
}

static int kwl_fail_arm(const char *text)
{
	int err, times;

	if (sscanf(text, "%63s %d %d", kwl_fail_name, &kwl_fail_errno,
		   &times) != 3)
		return -EINVAL;
	kwl_fail_probe = (struct kretprobe) {
		.kp.symbol_name = kwl_fail_name,
		.handler = kwl_fail_return,
	};
	atomic_set(&kwl_fail_left, times);
	err = register_kretprobe(&kwl_fail_probe);
	kwl_fail_armed = !err;
	return err;
}

static ssize_t kwl_fail_write(struct file *file, const char __user *from,
			      size_t count, loff_t *pos)
{
	char text[96] = {};
	int err = 0;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, count))
		return -EFAULT;
	mutex_lock(&kwl_fail_lock);
	kwl_fail_disarm();
	if (text[0] && text[0] != '\n')
		err = kwl_fail_arm(text);
	mutex_unlock(&kwl_fail_lock);
	return err ?: count;
}

static ssize_t kwl_fail_read(struct file *file, char __user *to, size_t count,
			     loff_t *pos)
{
	char text[16];
	int n = scnprintf(text, sizeof(text), "%d\n",
			  atomic_read(&kwl_fail_left));

	return simple_read_from_buffer(to, count, pos, text, n);
}

static const struct file_operations kwl_fail_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = kwl_fail_read,
	.write = kwl_fail_write,
};

static struct dentry *kwl_fail_file;

static int __init kwl_fail_init(void)
{
	kwl_fail_file = debugfs_create_file("kawela_fail", 0600, NULL, NULL,
					    &kwl_fail_fops);
	return 0;
}
module_init(kwl_fail_init);

static void __exit kwl_fail_exit(void)
{
	debugfs_remove(kwl_fail_file);
	kwl_fail_disarm();
}
module_exit(kwl_fail_exit);

MODULE_DESCRIPTION("Failures of the drivers for the Intel 82576, for tests");
MODULE_LICENSE("GPL");
