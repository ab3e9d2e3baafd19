// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -t. The offline tests take the device away from all users and end with a
 * reset, after which PF and VFs go on.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include <kawela/reg_run.h>

#include "irq.h"
#include "kawela.h"
#include "netdev.h"
#include "nvm.h"
#include "recover.h"
#include "reset.h"

#define KAWELA_IRQ_US		100000

/* The last queue is no VF's, whatever their number: a guest can write to its own */
#define KAWELA_TEST_RXQ		KWL_RXQ(KWL_QUEUES - 1)
#define KAWELA_TEST_TXQ		KWL_TXQ(KWL_QUEUES - 1)

static const struct kwl_reg_test kawela_test_regs[] = {
	{ KAWELA_TEST_RXQ + KWL_RDBAL,	GENMASK(31, 7) },
	{ KAWELA_TEST_RXQ + KWL_RDBAH,	GENMASK(31, 0) },
	{ KAWELA_TEST_RXQ + KWL_RDLEN,	GENMASK(19, 7) },
	{ KAWELA_TEST_TXQ + KWL_TDBAL,	GENMASK(31, 7) },
	{ KAWELA_TEST_TXQ + KWL_TDBAH,	GENMASK(31, 0) },
	{ KAWELA_TEST_TXQ + KWL_TDLEN,	GENMASK(19, 7) },
	{ KWL_RAL(1),			GENMASK(31, 0) },
	{ KWL_RAH(1),			KWL_RAH_ADDR },
	{ KWL_MTA(0),			GENMASK(31, 0) },
	{ KWL_VFTA(0),			GENMASK(31, 0) },
	{ KWL_RETA(0),			0x07070707 },
	{ KWL_RSSRK(0),			GENMASK(31, 0) },
};

static u64 kawela_test_registers(struct kawela *pf)
{
	return kwl_regs_test(&pf->hw, kawela_test_regs,
			     ARRAY_SIZE(kawela_test_regs));
}

static u64 kawela_test_nvm(struct kawela *pf)
{
	return kawela_nvm_check(pf) ? 1 : 0;
}

static u64 kawela_test_interrupt(struct kawela *pf)
{
	unsigned int before = READ_ONCE(pf->misc_irqs), now;

	kwl_wr(&pf->hw, KWL_EICS, BIT(KAWELA_VECTOR_MISC));
	return read_poll_timeout(READ_ONCE, now, now != before, 100,
				 KAWELA_IRQ_US, false, pf->misc_irqs) ? 1 : 0;
}

static u64 kawela_test_link(struct kawela *pf)
{
	return kwl_rd(&pf->hw, KWL_STATUS) & KWL_STATUS_LU ? 0 : 1;
}

static const struct {
	char name[ETH_GSTRING_LEN];
	u64 (*run)(struct kawela *pf);
	bool silent;	/* on a device that was reset and does nothing */
	bool offline;
} kawela_tests[] = {
	{ "Register test (offline)",  kawela_test_registers, true, true },
	{ "NVM test (offline)",	      kawela_test_nvm, false, true },
	{ "Interrupt test (offline)", kawela_test_interrupt, false, true },
	{ "Link test (on/offline)",   kawela_test_link },
};

/**
 * kawela_selftest_count() - how many tests there are
 *
 * Return: it.
 */
int kawela_selftest_count(void)
{
	return ARRAY_SIZE(kawela_tests);
}

/**
 * kawela_selftest_strings() - their names
 * @data: receives them
 */
void kawela_selftest_strings(u8 *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kawela_tests); i++)
		memcpy(data + i * ETH_GSTRING_LEN, kawela_tests[i].name,
		       ETH_GSTRING_LEN);
}

static void kawela_selftest_one(struct kawela *pf, struct ethtool_test *test,
				unsigned int i, u64 *data)
{
	data[i] = kawela_tests[i].run(pf);
	if (data[i])
		test->flags |= ETH_TEST_FL_FAILED;
}

static void kawela_selftest_run(struct kawela *pf, struct ethtool_test *test,
				bool silent, u64 *data)
{
	bool offline = test->flags & ETH_TEST_FL_OFFLINE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kawela_tests); i++)
		if (kawela_tests[i].silent == silent &&
		    (offline || !kawela_tests[i].offline))
			kawela_selftest_one(pf, test, i, data);
}

/**
 * kawela_selftest() - ethtool's self_test
 * @netdev: the PF
 * @test: which tests; receives whether one failed
 * @data: receives a number for each test, 0 for success; for the register test
 *	the register plus one
 *
 * The link is tested first: the offline tests take it away for a moment.
 *
 * Context: may sleep; the port's lock.
 */
void kawela_selftest(struct net_device *netdev, struct ethtool_test *test,
		     u64 *data)
{
	struct kawela *pf = kawela_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	kawela_selftest_run(pf, test, false, data);
	if (!(test->flags & ETH_TEST_FL_OFFLINE))
		return;
	kawela_stop_all(pf);
	if (kawela_reset(pf))
		test->flags |= ETH_TEST_FL_FAILED;
	else
		kawela_selftest_run(pf, test, true, data);
	if (kawela_start_all(pf))
		test->flags |= ETH_TEST_FL_FAILED;
}
