/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mailbox transport, for either end: claim the buffer, copy words, signal.
 * It knows no opcode.
 */
#ifndef _KAWELA_MBX_H
#define _KAWELA_MBX_H

#include <kawela/hw.h>
#include <kawela/mbx_abi.h>

/* Which end of the mailbox this is; in the order of trace output */
enum kwl_mbx_end {
	KWL_MBX_VF,
	KWL_MBX_PF,
};

/**
 * struct kwl_mbx - one mailbox window, as one end sees it
 * @hw: the function whose BAR the window is in
 * @end: PF or VF
 * @vf: index of the VF that the window belongs to; a VF doesn't know its own
 *	and says 0
 * @ctl: offset of the control register (P2VMAILBOX or V2PMAILBOX)
 * @mem: offset of the shared words
 * @claim: this end's ownership bit in @ctl
 * @sticky: bits of @ctl that reading clears
 * @seen: sticky bits that were read and not yet consumed
 *
 * The caller serialises all access to one window.
 */
struct kwl_mbx {
	struct kwl_hw *hw;
	enum kwl_mbx_end end;
	u8 vf;
	u32 ctl;
	u32 mem;
	u32 claim;
	u32 sticky;
	u32 seen;
};

void kwl_mbx_init_pf(struct kwl_mbx *mbx, struct kwl_hw *hw, u8 vf);
void kwl_mbx_init_vf(struct kwl_mbx *mbx, struct kwl_hw *hw);
u32 kwl_mbx_status(struct kwl_mbx *mbx);
int kwl_mbx_claim(struct kwl_mbx *mbx, unsigned int limit_us);
void kwl_mbx_release(struct kwl_mbx *mbx, u32 signal);
void kwl_mbx_write(struct kwl_mbx *mbx, const struct kwl_msg *msg);
void kwl_mbx_wipe(struct kwl_mbx *mbx);
void kwl_mbx_read(struct kwl_mbx *mbx, struct kwl_msg *msg);
void kwl_mbx_trace(const struct kwl_mbx *mbx, bool sent,
		   const struct kwl_msg *msg, int result);

/**
 * kwl_mbx_take() - test for bits that were seen, and forget them
 * @mbx: the mailbox, whose status was just read
 * @bits: the bits
 *
 * Return: whether any was set.
 */
static inline bool kwl_mbx_take(struct kwl_mbx *mbx, u32 bits)
{
	bool hit = mbx->seen & bits;

	mbx->seen &= ~bits;
	return hit;
}

#endif /* _KAWELA_MBX_H */
