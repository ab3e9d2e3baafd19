// SPDX-License-Identifier: GPL-2.0-only
/*
 * A register that reads all ones: data, or a device that left the bus?
 */
#include <linux/export.h>

#include <kawela/hw.h>

/**
 * kwl_rd_suspect() - judge a read of all ones
 * @hw: the function
 * @reg: the register that read all ones
 *
 * STATUS never reads all ones on a device that is there (its upper bits are
 * reserved and zero, datasheet 8.2.2). If it does, the base pointer is dropped,
 * so that no later access touches the bus, and the loss is logged once.
 *
 * Context: any.
 * Return: all ones.
 */
u32 kwl_rd_suspect(struct kwl_hw *hw, u32 reg)
{
	u8 __iomem *base = READ_ONCE(hw->base);

	if (base && readl(base + KWL_STATUS) == ~0U) {
		WRITE_ONCE(hw->base, NULL);
		dev_err(hw->dev, "device left the bus (register 0x%x)\n", reg);
	}
	return ~0U;
}
KWL_EXPORT(kwl_rd_suspect);
