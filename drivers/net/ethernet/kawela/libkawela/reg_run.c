// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that keep what is written.
 */
#include <linux/array_size.h>
#include <linux/export.h>

#include <kawela/reg_run.h>

static const u32 kwl_test_patterns[] = {
	0x5a5a5a5a, 0xa5a5a5a5, 0x00000000, 0xffffffff,
};

/**
 * kwl_regs_test() - do registers keep what is written?
 * @hw: the function; nothing works with these registers
 * @tests: the registers
 * @n: how many
 *
 * Context: may sleep.
 * Return: 0, or the offset of one that doesn't, plus one.
 */
u64 kwl_regs_test(struct kwl_hw *hw, const struct kwl_reg_test *tests,
		  unsigned int n)
{
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < ARRAY_SIZE(kwl_test_patterns); k++) {
			u32 want = kwl_test_patterns[k] & tests[i].mask;

			kwl_wr(hw, tests[i].reg, want);
			if ((kwl_rd(hw, tests[i].reg) & tests[i].mask) != want)
				return tests[i].reg + 1;
		}
	}
	return 0;
}
KWL_EXPORT(kwl_regs_test);
