/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register access. Reads detect a device that is gone from the bus.
 */
#ifndef _KAWELA_HW_H
#define _KAWELA_HW_H

#include <linux/device.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/types.h>

#include <kawela/quirks.h>
#include <kawela/regs.h>

/**
 * struct kwl_hw - one function's registers
 * @base: BAR 0, or NULL once the device was found missing from the bus
 * @dev: the PCI function, for DMA and for log lines
 * @quirks: what this implementation of the device gets wrong, see quirks.h
 *
 * Lives from probe to remove. Holds no lock and knows no register's meaning.
 */
struct kwl_hw {
	u8 __iomem *base;
	struct device *dev;
	u32 quirks;
};

u32 kwl_rd_suspect(struct kwl_hw *hw, u32 reg);
bool kwl_revive(struct kwl_hw *hw, u8 __iomem *io);

/**
 * kwl_rd() - read a register
 * @hw: the function
 * @reg: byte offset
 *
 * Context: any.
 * Return: the value; all ones when the device has left the bus.
 */
static inline u32 kwl_rd(struct kwl_hw *hw, u32 reg)
{
	u8 __iomem *base = READ_ONCE(hw->base);
	u32 val = base ? readl(base + reg) : ~0U;

	/* All ones are data or a missing device; the cold path finds out which */
	return unlikely(val == ~0U) ? kwl_rd_suspect(hw, reg) : val;
}

/**
 * kwl_wr() - write a register
 * @hw: the function
 * @reg: byte offset
 * @val: the value
 *
 * Context: any. A write to a missing device is dropped.
 */
static inline void kwl_wr(struct kwl_hw *hw, u32 reg, u32 val)
{
	u8 __iomem *base = READ_ONCE(hw->base);

	if (likely(base))
		writel(val, base + reg);
}

/**
 * kwl_rmw() - clear, then set bits of a register
 * @hw: the function
 * @reg: byte offset
 * @clear: bits to clear
 * @set: bits to set
 *
 * Context: any; the caller keeps other writers away.
 */
static inline void kwl_rmw(struct kwl_hw *hw, u32 reg, u32 clear, u32 set)
{
	kwl_wr(hw, reg, (kwl_rd(hw, reg) & ~clear) | set);
}

/**
 * kwl_flush() - wait until the writes before it have reached the device
 * @hw: the function
 *
 * STATUS has the same offset in the PF and in a VF and no side effect.
 */
static inline void kwl_flush(struct kwl_hw *hw)
{
	kwl_rd(hw, KWL_STATUS);
}

/**
 * kwl_has_quirk() - does this device get something wrong?
 * @hw: the function
 * @quirk: one of KWL_QUIRK_*
 *
 * Return: whether it does.
 */
static inline bool kwl_has_quirk(const struct kwl_hw *hw, u32 quirk)
{
	return hw->quirks & quirk;
}

/**
 * kwl_gone() - has the device left the bus?
 * @hw: the function
 *
 * Return: whether a register read has found it missing.
 */
static inline bool kwl_gone(struct kwl_hw *hw)
{
	return !READ_ONCE(hw->base);
}

/**
 * kwl_poll - wait for a register to satisfy a condition, with a deadline
 * @hw: the function
 * @reg: byte offset
 * @val: variable that receives each value read
 * @cond: expression over @val that ends the wait
 * @sleep_us: time between reads
 * @limit_us: the deadline
 *
 * Context: may sleep.
 * Return: 0, or -ETIMEDOUT with the last value in @val.
 */
#define kwl_poll(hw, reg, val, cond, sleep_us, limit_us) \
	read_poll_timeout(kwl_rd, val, cond, sleep_us, limit_us, false, hw, reg)

#endif /* _KAWELA_HW_H */
