/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of registers: to show them, and to try whether they keep what is written.
 */
#ifndef _KAWELA_REG_RUN_H
#define _KAWELA_REG_RUN_H

#include <linux/ethtool.h>
#include <linux/types.h>

#include <kawela/hw.h>

/* Layout of ethtool's dump: pairs of offset and value, 32 bits each */
#define KWL_REGS_VERSION	1

/**
 * struct kwl_reg_run - registers at a constant distance
 * @first: offset of the first
 * @count: how many
 * @step: octets from one to the next
 */
struct kwl_reg_run {
	u32 first;
	u16 count;
	u16 step;
};

#define KWL_REG_RUN(reg)		{ (reg), 1, 4 }
#define KWL_REG_RUNS(reg, n)		{ (reg), (n), 4 }

/**
 * kwl_regs_each() - read all registers of a table
 * @hw: the function
 * @runs: the table
 * @n: its rows
 * @put: is called for each register
 * @context: first argument of @put
 *
 * Context: as @put.
 */
static inline void
kwl_regs_each(struct kwl_hw *hw, const struct kwl_reg_run *runs, unsigned int n,
	      void (*put)(void *context, u32 reg, u32 val), void *context)
{
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		u32 reg = runs[i].first;

		for (k = runs[i].count; k--; reg += runs[i].step)
			put(context, reg, kwl_rd(hw, reg));
	}
}

/**
 * kwl_regs_len() - size of ethtool's register dump
 * @runs: the table
 * @n: its rows
 *
 * Return: octets.
 */
static inline int kwl_regs_len(const struct kwl_reg_run *runs, unsigned int n)
{
	unsigned int i, count = 0;

	for (i = 0; i < n; i++)
		count += runs[i].count;
	return count * 2 * sizeof(u32);
}

static inline void kwl_regs_put(void *context, u32 reg, u32 val)
{
	u32 **next = context;

	*(*next)++ = reg;
	*(*next)++ = val;
}

/**
 * kwl_regs_dump() - ethtool -d
 * @hw: the function
 * @runs: the table
 * @n: its rows
 * @regs: receives the version of the layout
 * @data: receives kwl_regs_len() octets; tools/kawela-regs explains them
 *
 * Context: the port's lock.
 */
static inline void
kwl_regs_dump(struct kwl_hw *hw, const struct kwl_reg_run *runs, unsigned int n,
	      struct ethtool_regs *regs, void *data)
{
	u32 *next = data;

	regs->version = KWL_REGS_VERSION;
	kwl_regs_each(hw, runs, n, kwl_regs_put, &next);
}

/**
 * struct kwl_reg_test - a register that keeps what is written
 * @reg: its offset
 * @mask: the bits that do
 */
struct kwl_reg_test {
	u32 reg;
	u32 mask;
};

u64 kwl_regs_test(struct kwl_hw *hw, const struct kwl_reg_test *tests,
		  unsigned int n);

#endif /* _KAWELA_REG_RUN_H */
