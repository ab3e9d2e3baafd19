// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs, run on received frames.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <net/page_pool/helpers.h>

#include "xdp.h"

static void kwl_xdp_free(struct kwl_rx_ring *rx, struct xdp_buff *xdp)
{
	if (rx->xsk)
		xsk_buff_free(xdp);
	else if (unlikely(xdp_buff_has_frags(xdp)))
		xdp_return_buff(xdp);
	else
		page_pool_recycle_direct(rx->pool,
					 virt_to_page(xdp->data_hard_start));
}

static bool kwl_xdp_redirect(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			     struct xdp_buff *xdp)
{
	int err = xdp_do_redirect(rx->netdev, xdp, prog);

	if (likely(!err)) {
		rx->xdp_redirected = true;
		return true;
	}
	/* A socket that can't take more says when it can; don't burn frames */
	if (err == -ENOBUFS && rx->xsk && xsk_uses_need_wakeup(rx->xsk))
		rx->xsk_full = true;
	return false;
}

/* Return: whether the frame went where the program wants it */
static bool kwl_xdp_act(struct kwl_rx_ring *rx, struct bpf_prog *prog,
			struct xdp_buff *xdp, u32 act)
{
	switch (act) {
	case XDP_PASS:
		kwl_xdp_count(rx, KWL_XDP_PASS, 1);
		return true;
	case XDP_DROP:
		kwl_xdp_count(rx, KWL_XDP_DROP, 1);
		kwl_xdp_free(rx, xdp);
		return true;
	case XDP_TX:
		/* Counted when it is known whether there was room */
		return kwl_xdp_tx(rx, xdp);
	case XDP_REDIRECT:
		if (!kwl_xdp_redirect(rx, prog, xdp))
			return false;
		kwl_xdp_count(rx, KWL_XDP_REDIRECT, 1);
		return true;
	case XDP_ABORTED:
		return false;
	default:
		bpf_warn_invalid_xdp_action(rx->netdev, prog, act);
		return false;
	}
}

/**
 * kwl_xdp_run() - let an XDP program decide about a frame
 * @rx: the ring
 * @prog: the program
 * @xdp: the frame
 *
 * Frames longer than the MTU allows may arrive until the device knows of a new
 * MTU; a program that can't look at several buffers doesn't get to see them.
 *
 * Context: the queue's NAPI instance.
 * Return: XDP_PASS when the frame is still the caller's, anything else when it
 * is gone.
 */
u32 kwl_xdp_run(struct kwl_rx_ring *rx, struct bpf_prog *prog,
		struct xdp_buff *xdp)
{
	u32 act = XDP_ABORTED;

	if (likely(!xdp_buff_has_frags(xdp) || prog->aux->xdp_has_frags))
		act = bpf_prog_run_xdp(prog, xdp);
	if (likely(kwl_xdp_act(rx, prog, xdp, act)))
		return act;
	trace_xdp_exception(rx->netdev, prog, act);
	kwl_xdp_count(rx, KWL_XDP_ABORTED, 1);
	kwl_xdp_free(rx, xdp);
	return XDP_ABORTED;
}
