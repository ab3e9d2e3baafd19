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
		dev_err_ratelimited(hw->dev, "device left the bus (register 0x%x)\n",
				    reg);
	}
	return ~0U;
}
KWL_EXPORT(kwl_rd_suspect);

/**
 * kwl_revive() - is a device back that had left the bus?
 * @hw: the function
 * @io: its mapping
 *
 * Context: any; no other caller looks after a missing device at the same time.
 * Return: whether it is. It has forgotten everything then.
 */
bool kwl_revive(struct kwl_hw *hw, u8 __iomem *io)
{
	if (readl(io + KWL_STATUS) == ~0U)
		return false;
	dev_info_ratelimited(hw->dev, "device is back on the bus\n");
	WRITE_ONCE(hw->base, io);
	return true;
}
KWL_EXPORT(kwl_revive);
