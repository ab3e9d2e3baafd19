// SPDX-License-Identifier: GPL-2.0-only
/*
 * Semaphores that driver, firmware and the board's other port share
 * (datasheet 4.7).
 */
#include <linux/delay.h>
#include <linux/ktime.h>

#include "kawela.h"
#include "swfw.h"

#define KAWELA_SWSM_US		50000
#define KAWELA_SWFW_US		1000000

/* SWSM guards SW_FW_SYNC: SMBI against drivers, SWESMBI against firmware */
static int kawela_swsm_get(struct kwl_hw *hw)
{
	u32 val;
	int err;

	/* Reading SMBI as 0 sets it, and so takes it */
	err = kwl_poll(hw, KWL_SWSM, val, !(val & KWL_SWSM_SMBI), 50,
		       KAWELA_SWSM_US);
	if (err)
		return err;
	kwl_rmw(hw, KWL_SWSM, 0, KWL_SWSM_SWESMBI);
	err = kwl_poll(hw, KWL_SWSM, val, val & KWL_SWSM_SWESMBI, 50,
		       KAWELA_SWSM_US);
	if (err)
		kwl_rmw(hw, KWL_SWSM, KWL_SWSM_SMBI | KWL_SWSM_SWESMBI, 0);
	return err;
}

static void kawela_swsm_put(struct kwl_hw *hw)
{
	kwl_rmw(hw, KWL_SWSM, KWL_SWSM_SMBI | KWL_SWSM_SWESMBI, 0);
}

/**
 * kawela_swfw_get() - take a resource
 * @pf: the PF
 * @mask: KWL_SW_FW_SYNC_*
 *
 * Context: may sleep.
 * Return: 0, or -ETIMEDOUT when another owner keeps it.
 */
int kawela_swfw_get(struct kawela *pf, u32 mask)
{
	u32 busy = mask | mask << KWL_SW_FW_SYNC_FW_SHIFT;
	ktime_t end = ktime_add_us(ktime_get(), KAWELA_SWFW_US);
	u32 val;
	int err;

	do {
		err = kawela_swsm_get(&pf->hw);
		if (err)
			return err;
		val = kwl_rd(&pf->hw, KWL_SW_FW_SYNC);
		if (!(val & busy)) {
			kwl_wr(&pf->hw, KWL_SW_FW_SYNC, val | mask);
			kawela_swsm_put(&pf->hw);
			return 0;
		}
		kawela_swsm_put(&pf->hw);
		usleep_range(5000, 6000);
	} while (ktime_before(ktime_get(), end));
	return -ETIMEDOUT;
}

/**
 * kawela_swfw_put() - give a resource back
 * @pf: the PF
 * @mask: what was taken
 */
void kawela_swfw_put(struct kawela *pf, u32 mask)
{
	int err = kawela_swsm_get(&pf->hw);

	kwl_rmw(&pf->hw, KWL_SW_FW_SYNC, mask, 0);
	if (!err)
		kawela_swsm_put(&pf->hw);
}
