// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests of the lab: make the kernel report what the lab must not let pass. The
 * parameter says which kind; loading the module does it, and always fails.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <net/page_pool/helpers.h>

/* Longer than the detectors' limits, which the test lowers; in s */
#define HANG	8

static char *kind = "";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "what the kernel shall report");

/* Not constants, so that the compiler can't tell what comes of them */
static int kwl_report_much = 70;
static int kwl_report_octets = 64;

static void kwl_report_warning(void)
{
	WARN_ON(kwl_report_much);
}

static void kwl_report_refcount(void)
{
	refcount_t ref = REFCOUNT_INIT(0);

	refcount_inc(&ref);
}

static void kwl_report_hung(void)
{
	schedule_timeout_uninterruptible(HANG * HZ);
}

static void kwl_report_rcu_done(struct rcu_head *head)
{
	kfree(head);
}

/* A grace period that can't end, and a CPU that nothing else gets */
static void kwl_report_stall(void)
{
	struct rcu_head *head = kzalloc(sizeof(*head), GFP_KERNEL);
	int i;

	if (!head)
		return;
	call_rcu(head, kwl_report_rcu_done);
	preempt_disable();
	rcu_read_lock();
	for (i = 0; i < HANG; i++)
		mdelay(1000);
	rcu_read_unlock();
	preempt_enable();
}

static void kwl_report_pages(void)
{
	struct page_pool_params params = {
		.pool_size = 4,
		.nid = NUMA_NO_NODE,
	};
	struct page_pool *pool = page_pool_create(&params);

	if (IS_ERR(pool))
		return;
	page_pool_dev_alloc_pages(pool);
	page_pool_destroy(pool);
}

static void kwl_report_sleep(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static void kwl_report_kasan(void)
{
	u8 *octets = kzalloc(kwl_report_octets, GFP_KERNEL);

	if (octets)
		WRITE_ONCE(kwl_report_much, octets[kwl_report_octets]);
	kfree(octets);
}

static void kwl_report_ubsan(void)
{
	WRITE_ONCE(kwl_report_octets, 1 << kwl_report_much);
}

static void kwl_report_leak(void)
{
	int i;

	for (i = 0; i < 4; i++)
		WRITE_ONCE(kwl_report_much, !kzalloc(200, GFP_KERNEL));
}

static DEFINE_MUTEX(kwl_report_first);
static DEFINE_MUTEX(kwl_report_second);

static void kwl_report_lockdep(void)
{
	mutex_lock(&kwl_report_first);
	mutex_lock(&kwl_report_second);
	mutex_unlock(&kwl_report_second);
	mutex_unlock(&kwl_report_first);

	mutex_lock(&kwl_report_second);
	mutex_lock(&kwl_report_first);
	mutex_unlock(&kwl_report_first);
	mutex_unlock(&kwl_report_second);
}

/* A mapping that goes with another length than it came with */
static void kwl_report_dma(void)
{
	struct platform_device *dev;
	dma_addr_t dma;
	void *octets;

	dev = platform_device_register_simple("kawela_report", -1, NULL, 0);
	if (IS_ERR(dev))
		return;
	octets = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (octets && !dma_coerce_mask_and_coherent(&dev->dev, DMA_BIT_MASK(64))) {
		dma = dma_map_single(&dev->dev, octets, 512, DMA_TO_DEVICE);
		if (!dma_mapping_error(&dev->dev, dma))
			dma_unmap_single(&dev->dev, dma, 256, DMA_TO_DEVICE);
	}
	kfree(octets);
	platform_device_unregister(dev);
}

struct kwl_report_timed {
	struct timer_list timer;
};

static void kwl_report_expired(struct timer_list *timer)
{
}

static void kwl_report_object(void)
{
	struct kwl_report_timed *timed = kzalloc(sizeof(*timed), GFP_KERNEL);

	if (!timed)
		return;
	timer_setup(&timed->timer, kwl_report_expired, 0);
	mod_timer(&timed->timer, jiffies + 1000 * HZ);
	/* Where nobody looks, a timer in freed memory would do harm */
	if (!IS_ENABLED(CONFIG_DEBUG_OBJECTS_TIMERS))
		timer_delete_sync(&timed->timer);
	kfree(timed);
}

static const struct {
	const char *kind;
	void (*cause)(void);
} kwl_reports[] = {
	{ "warning", kwl_report_warning },
	{ "refcount", kwl_report_refcount },
	{ "hung", kwl_report_hung },
	{ "stall", kwl_report_stall },
	{ "pages", kwl_report_pages },
	{ "sleep", kwl_report_sleep },
	{ "kasan", kwl_report_kasan },
	{ "ubsan", kwl_report_ubsan },
	{ "leak", kwl_report_leak },
	{ "lockdep", kwl_report_lockdep },
	{ "dma", kwl_report_dma },
	{ "object", kwl_report_object },
};

static int __init kwl_report_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kwl_reports); i++) {
		if (strcmp(kind, kwl_reports[i].kind))
			continue;
		kwl_reports[i].cause();
		return -ECANCELED;
	}
	return -EINVAL;
}
module_init(kwl_report_init);

MODULE_DESCRIPTION("Reports of the kernel, for tests of the lab for the Intel 82576");
MODULE_LICENSE("GPL");
