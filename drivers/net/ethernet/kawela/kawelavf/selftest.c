// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -t of a VF: what it can test without taking anything from others.
 */
#include <linux/array_size.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include <kawela/reg_run.h>

#include "ethtool.h"
#include "irq.h"
#include "kawelavf.h"
#include "mbx_ops.h"
#include "policy.h"

#define KAWELAVF_IRQ_US		100000

/* Of the first queue pair, which is stopped meanwhile and set up anew behind it */
static const struct kwl_reg_test kawelavf_test_regs[] = {
	{ KWL_VF_RXQ(0) + KWL_RDBAL,	GENMASK(31, 7) },
	{ KWL_VF_RXQ(0) + KWL_RDBAH,	GENMASK(31, 0) },
	{ KWL_VF_RXQ(0) + KWL_RDLEN,	GENMASK(19, 7) },
	{ KWL_VF_TXQ(0) + KWL_TDBAL,	GENMASK(31, 7) },
	{ KWL_VF_TXQ(0) + KWL_TDBAH,	GENMASK(31, 0) },
	{ KWL_VF_TXQ(0) + KWL_TDLEN,	GENMASK(19, 7) },
};

static u64 kawelavf_test_registers(struct kawelavf *vf)
{
	return kwl_regs_test(&vf->hw, kawelavf_test_regs,
			     ARRAY_SIZE(kawelavf_test_regs));
}

/* A request that changes nothing */
static u64 kawelavf_test_mailbox(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);
	u32 frame = kawelavf_mtu_to_frame(netdev, netdev->mtu);

	return kawelavf_req_lpe(vf, frame) ? 1 : 0;
}

static u64 kawelavf_test_interrupt(struct kawelavf *vf)
{
	unsigned int before = READ_ONCE(vf->misc_irqs), now;

	kwl_wr(&vf->hw, KWL_EICS, BIT(KAWELAVF_VECTOR_MISC));
	return read_poll_timeout(READ_ONCE, now, now != before, 100,
				 KAWELAVF_IRQ_US, false, vf->misc_irqs) ? 1 : 0;
}

static u64 kawelavf_test_link(struct kawelavf *vf)
{
	return READ_ONCE(vf->port.link) ? 0 : 1;
}

static const struct {
	char name[ETH_GSTRING_LEN];
	u64 (*run)(struct kawelavf *vf);
	bool offline;
} kawelavf_tests[] = {
	{ "Register test (offline)",	 kawelavf_test_registers, true },
	{ "Mailbox test (on/offline)",	 kawelavf_test_mailbox },
	{ "Interrupt test (on/offline)", kawelavf_test_interrupt },
	{ "Link test (on/offline)",	 kawelavf_test_link },
};

/**
 * kawelavf_selftest_count() - how many tests there are
 *
 * Return: it.
 */
int kawelavf_selftest_count(void)
{
	return ARRAY_SIZE(kawelavf_tests);
}

/**
 * kawelavf_selftest_strings() - their names
 * @data: receives them
 */
void kawelavf_selftest_strings(u8 *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kawelavf_tests); i++)
		ethtool_puts(&data, kawelavf_tests[i].name);
}

/**
 * kawelavf_selftest() - ethtool's self_test
 * @netdev: the VF
 * @test: which tests; receives whether one failed
 * @data: receives a number for each test, 0 for success; for the register test
 *	the register plus one
 *
 * The offline test stops the queues, and no more.
 *
 * Context: may sleep; the port's lock.
 */
void kawelavf_selftest(struct net_device *netdev, struct ethtool_test *test,
		       u64 *data)
{
	struct kawelavf *vf = kawelavf_of(netdev);
	bool offline = test->flags & ETH_TEST_FL_OFFLINE;
	bool pause = offline && kwl_port_running(&vf->port);
	unsigned int i;

	netdev_assert_locked_ops_compat(netdev);
	if (pause)
		kwl_dp_pause(&vf->port);
	for (i = 0; i < ARRAY_SIZE(kawelavf_tests); i++) {
		if (kawelavf_tests[i].offline && !offline)
			continue;
		data[i] = kawelavf_tests[i].run(vf);
		if (data[i])
			test->flags |= ETH_TEST_FL_FAILED;
	}
	if (pause && kwl_dp_resume(&vf->port))
		test->flags |= ETH_TEST_FL_FAILED;
}
