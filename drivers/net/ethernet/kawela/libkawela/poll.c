// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one poll of a queue pair does with its rings.
 */
#include "lib.h"
#include "rx.h"
#include "tx.h"
#include "xsk.h"

/**
 * kwl_poll_rings() - free what was sent, take what was received, send for a socket
 * @rx: the pair's receive ring
 * @tx: its transmit ring
 * @budget: NAPI's; netpoll asks with 0 for transmit completion alone
 *
 * Context: the queue's NAPI instance; with a @budget of 0 anything, also with interrupts
 * off.
 * Return: frames taken; @budget when there may be more to do.
 */
int kwl_poll_rings(struct kwl_rx_ring *rx, struct kwl_tx_ring *tx, int budget)
{
	bool clean = kwl_tx_clean(tx, budget);
	int done = 0;

	if (likely(budget && !rx->xsk)) {
		done = kwl_rx_poll(rx, budget);
	} else if (budget) {
		clean &= kwl_xsk_xmit(tx);
		done = kwl_xsk_poll(rx, budget);
	}
	return likely(clean) ? done : budget;
}
