// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of rings: enabling a queue and taking it back.
 */
#include <linux/bitfield.h>
#include <linux/netdevice.h>
#include <net/page_pool/helpers.h>

#include "lib.h"
#include "rx.h"
#include "tx.h"
#include "xsk.h"

/* A queue follows its enable bit within this time (datasheet 4.5.9, 4.5.10) */
#define KWL_ENABLE_US		10000
/* 4095 frames of 9.5 KiB take 311 ms at 1 Gb/s; what is left then is dropped */
#define KWL_DRAIN_US		400000

/*
 * Prefetch when less than 8 descriptors are left on chip and at least 8 wait
 * in memory; write back each descriptor at once: NAPI polls them, and EITR
 * moderates interrupts.
 */
#define KWL_RXDCTL_THRESH					\
	(FIELD_PREP(KWL_RXDCTL_PTHRESH, 8) |			\
	 FIELD_PREP(KWL_RXDCTL_HTHRESH, 8) |			\
	 FIELD_PREP(KWL_RXDCTL_WTHRESH, 1))
#define KWL_TXDCTL_THRESH					\
	(FIELD_PREP(KWL_TXDCTL_PTHRESH, 8) |			\
	 FIELD_PREP(KWL_TXDCTL_HTHRESH, 1) |			\
	 FIELD_PREP(KWL_TXDCTL_WTHRESH, 1))

static int kwl_queue_enable(struct kwl_hw *hw, u32 reg, u32 val, u32 bit)
{
	u32 now;

	kwl_wr(hw, reg, val | bit);
	return kwl_poll(hw, reg, now, now & bit, 10, KWL_ENABLE_US);
}

/* Return: whether the queue has stopped */
static bool kwl_queue_disable(struct kwl_hw *hw, u32 reg, u32 bit)
{
	u32 now;

	kwl_rmw(hw, reg, bit, 0);
	if (!kwl_poll(hw, reg, now, !(now & bit) || kwl_gone(hw), 10,
		      KWL_ENABLE_US))
		return true;
	dev_warn_ratelimited(hw->dev, "queue at 0x%x doesn't stop (0x%x)\n", reg,
			     now);
	return false;
}

/**
 * kwl_rx_ring_start() - hand a receive ring to the device
 * @hw: the function
 * @rx: the ring, with its buffers
 *
 * Order of datasheet 4.5.9: base, length, SRRCTL, head, enable, then the tail,
 * whose write also makes the emulated device look for waiting frames.
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or -ETIMEDOUT when the queue doesn't enable.
 */
int kwl_rx_ring_start(struct kwl_hw *hw, struct kwl_rx_ring *rx)
{
	u32 regs = rx->mem.regs;
	int err;

	netdev_assert_locked_ops_compat(rx->netdev);
	kwl_queue_disable(hw, regs + KWL_RXDCTL, KWL_RXDCTL_ENABLE);
	kwl_wr(hw, regs + KWL_RDBAL, lower_32_bits(rx->mem.dma));
	kwl_wr(hw, regs + KWL_RDBAH, upper_32_bits(rx->mem.dma));
	kwl_wr(hw, regs + KWL_RDLEN, rx->count * sizeof(*rx->desc));
	kwl_wr(hw, regs + KWL_SRRCTL,
	       FIELD_PREP(KWL_SRRCTL_BSIZEPKT,
			  DIV_ROUND_UP(rx->buf_len, SZ_1K)) |
	       FIELD_PREP(KWL_SRRCTL_DESCTYPE, KWL_DESCTYPE_ADV_ONEBUF) |
	       KWL_SRRCTL_DROP_EN);
	kwl_wr(hw, regs + KWL_RDH, 0);
	kwl_wr(hw, regs + KWL_RDT, 0);

	err = kwl_queue_enable(hw, regs + KWL_RXDCTL, KWL_RXDCTL_THRESH,
			       KWL_RXDCTL_ENABLE);
	if (err)
		return err;
	if (rx->xsk)
		kwl_xsk_fill(rx);
	else
		page_pool_enable_direct_recycling(rx->pool, rx->napi);
	writel(rx->fill, rx->tail);
	return 0;
}

/**
 * kwl_rx_ring_stop() - take a receive ring back from the device
 * @hw: the function
 * @rx: the ring
 *
 * Context: may sleep; the port's lock; the ring's NAPI instance is disabled.
 */
void kwl_rx_ring_stop(struct kwl_hw *hw, struct kwl_rx_ring *rx)
{
	netdev_assert_locked_ops_compat(rx->netdev);
	DEBUG_NET_WARN_ON_ONCE(container_of(rx->napi, struct kwl_qvec,
					    napi)->enabled);
	/* One that goes on would take what is at address 0 for its descriptors */
	if (kwl_queue_disable(hw, rx->mem.regs + KWL_RXDCTL, KWL_RXDCTL_ENABLE)) {
		kwl_wr(hw, rx->mem.regs + KWL_RDBAL, 0);
		kwl_wr(hw, rx->mem.regs + KWL_RDBAH, 0);
	}
	/* Leave nothing behind: a later owner of the queue could inherit it */
	kwl_wr(hw, rx->mem.regs + KWL_SRRCTL, 0);
	if (!rx->xsk)
		page_pool_disable_direct_recycling(rx->pool);
	kwl_rx_rewind(rx);
}

/*
 * End the frame that the queue's last owner, perhaps another guest, left without an end:
 * the first one of this ring would be taken for the rest of it. A frame without an octet is
 * not sent, and nobody waits for it.
 */
static void kwl_tx_end_stale_frame(struct kwl_tx_ring *tx)
{
	tx->fill = kwl_tx_put_one(tx, 0, tx->mem.dma, 0, KWL_TX_CMD | KWL_TXD_EOP, 0);
	tx->clean = tx->fill;
	kwl_tx_doorbell(tx);
}

/**
 * kwl_tx_ring_start() - hand a transmit ring to the device
 * @hw: the function
 * @tx: the ring, empty
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or -ETIMEDOUT when the queue doesn't enable.
 */
int kwl_tx_ring_start(struct kwl_hw *hw, struct kwl_tx_ring *tx)
{
	u32 regs = tx->mem.regs;
	int err;

	netdev_assert_locked_ops_compat(tx->txq->dev);
	kwl_queue_disable(hw, regs + KWL_TXDCTL, KWL_TXDCTL_ENABLE);
	kwl_wr(hw, regs + KWL_TDBAL, lower_32_bits(tx->mem.dma));
	kwl_wr(hw, regs + KWL_TDBAH, upper_32_bits(tx->mem.dma));
	kwl_wr(hw, regs + KWL_TDLEN, tx->count * sizeof(*tx->desc));
	/* A driver before us may have asked for head write-back */
	kwl_wr(hw, regs + KWL_TDWBAL, 0);
	kwl_wr(hw, regs + KWL_TDWBAH, 0);
	kwl_wr(hw, regs + KWL_TDH, 0);
	kwl_wr(hw, regs + KWL_TDT, 0);
	tx->ctx = (struct kwl_tx_ctx) {};

	err = kwl_queue_enable(hw, regs + KWL_TXDCTL, KWL_TXDCTL_THRESH,
			       KWL_TXDCTL_ENABLE);
	if (err)
		return err;
	if (kwl_has_quirk(hw, KWL_QUIRK_STALE_FRAME))
		kwl_tx_end_stale_frame(tx);
	return 0;
}

/**
 * kwl_tx_ring_drain() - wait until the device has sent what it was given
 * @hw: the function
 * @tx: the ring; transmission is stopped
 *
 * Without link nothing drains on silicon; the deadline ends the wait.
 *
 * Context: may sleep; the port's lock.
 */
void kwl_tx_ring_drain(struct kwl_hw *hw, struct kwl_tx_ring *tx)
{
	u32 head;

	netdev_assert_locked_ops_compat(tx->txq->dev);
	DEBUG_NET_WARN_ON_ONCE(tx->open);
	/* Where a ring didn't start, TDH is still that of the ring before */
	if (READ_ONCE(tx->clean) == tx->fill)
		return;
	kwl_poll(hw, tx->mem.regs + KWL_TDH, head,
		 head == tx->fill || kwl_gone(hw), 50, KWL_DRAIN_US);
}

/**
 * kwl_tx_ring_stop() - take a transmit ring back from the device
 * @hw: the function
 * @tx: the ring
 *
 * Context: may sleep; the port's lock; the ring's NAPI instance is disabled.
 */
void kwl_tx_ring_stop(struct kwl_hw *hw, struct kwl_tx_ring *tx)
{
	netdev_assert_locked_ops_compat(tx->txq->dev);
	/* As above */
	if (kwl_queue_disable(hw, tx->mem.regs + KWL_TXDCTL, KWL_TXDCTL_ENABLE)) {
		kwl_wr(hw, tx->mem.regs + KWL_TDBAL, 0);
		kwl_wr(hw, tx->mem.regs + KWL_TDBAH, 0);
	}
	kwl_tx_rewind(tx);
	netdev_tx_reset_queue(tx->txq);
}
