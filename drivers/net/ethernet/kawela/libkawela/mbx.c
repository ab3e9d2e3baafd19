// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mailbox transport for both ends (datasheet 7.10.2.9.1).
 *
 * The 16 words are shared by both directions. An end claims them with its
 * ownership bit, writes, and signals; the write that signals also releases.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/ktime.h>

#include <kawela/mbx.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * kwl_mbx_init_pf() - describe the PF's end of a VF's mailbox
 * @mbx: to fill in
 * @hw: the PF
 * @vf: index of the VF
 */
void kwl_mbx_init_pf(struct kwl_mbx *mbx, struct kwl_hw *hw, u8 vf)
{
	*mbx = (struct kwl_mbx) {
		.hw = hw,
		.end = KWL_MBX_PF,
		.vf = vf,
		.ctl = KWL_P2VMAILBOX(vf),
		.mem = KWL_VMBMEM(vf),
		.claim = KWL_P2V_PFU,
	};
}
KWL_EXPORT(kwl_mbx_init_pf);

/**
 * kwl_mbx_init_vf() - describe the VF's end of its mailbox
 * @mbx: to fill in
 * @hw: the VF
 */
void kwl_mbx_init_vf(struct kwl_mbx *mbx, struct kwl_hw *hw)
{
	*mbx = (struct kwl_mbx) {
		.hw = hw,
		.end = KWL_MBX_VF,
		.ctl = KWL_V2PMAILBOX,
		.mem = KWL_VMBMEM_VF,
		.claim = KWL_V2P_VFU,
		.sticky = KWL_V2P_PFSTS | KWL_V2P_PFACK | KWL_V2P_RSTD,
	};
}
KWL_EXPORT(kwl_mbx_init_vf);

/**
 * kwl_mbx_status() - read the control register without losing anything
 * @mbx: the mailbox
 *
 * Some bits are cleared by reading; they stay set here until consumed.
 *
 * Return: the register, with the bits seen before.
 */
u32 kwl_mbx_status(struct kwl_mbx *mbx)
{
	u32 val = kwl_rd(mbx->hw, mbx->ctl);

	/* A device that is gone reads all ones; no message came from it */
	if (kwl_gone(mbx->hw))
		return 0;
	mbx->seen |= val & mbx->sticky;
	return val | mbx->seen;
}
KWL_EXPORT(kwl_mbx_status);

/**
 * kwl_mbx_claim() - get hold of the shared words
 * @mbx: the mailbox
 * @limit_us: how long to try; 0 tries once
 *
 * Context: may sleep.
 * Return: 0, -EBUSY when the other end holds them all the time, or -ENODEV.
 */
int kwl_mbx_claim(struct kwl_mbx *mbx, unsigned int limit_us)
{
	ktime_t end = ktime_add_us(ktime_get(), limit_us);

	for (;;) {
		bool late = !limit_us || ktime_after(ktime_get(), end);

		kwl_wr(mbx->hw, mbx->ctl, mbx->claim);
		if (kwl_mbx_status(mbx) & mbx->claim)
			return 0;
		if (kwl_gone(mbx->hw))
			return -ENODEV;
		if (late)
			return -EBUSY;
		usleep_range(20, 40);
	}
}
KWL_EXPORT(kwl_mbx_claim);

/**
 * kwl_mbx_release() - give up the shared words, with a signal or without
 * @mbx: the mailbox
 * @signal: bits of the control register that reach the other end, or 0
 */
void kwl_mbx_release(struct kwl_mbx *mbx, u32 signal)
{
	kwl_wr(mbx->hw, mbx->ctl, signal);
}
KWL_EXPORT(kwl_mbx_release);

#define KWL_MBX_OP_ROW(sym, num, name, words)	{ num, words },

static const struct {
	u16 op;
	u16 words;
} kwl_mbx_lengths[] = {
	KWL_MBX_OPS(KWL_MBX_OP_ROW)
};

/*
 * How many words a message and its answer take. The opcode says it, and nothing
 * that the sender could choose; all for an opcode that isn't known.
 */
static unsigned int kwl_msg_words(u32 w0)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kwl_mbx_lengths); i++)
		if (kwl_mbx_lengths[i].op == FIELD_GET(KWL_MSG_OP, w0))
			return kwl_mbx_lengths[i].words;
	return KWL_MSG_WORDS;
}

/**
 * kwl_mbx_write() - write as many words as a message or its answer takes
 * @mbx: the mailbox, claimed
 * @msg: the message
 */
void kwl_mbx_write(struct kwl_mbx *mbx, const struct kwl_msg *msg)
{
	unsigned int words = kwl_msg_words(msg->w[0]);
	unsigned int i;

	for (i = 0; i < words; i++)
		kwl_wr(mbx->hw, mbx->mem + 4 * i, msg->w[i]);
}
KWL_EXPORT(kwl_mbx_write);

/**
 * kwl_mbx_wipe() - write zero to all words
 * @mbx: the mailbox, claimed
 */
void kwl_mbx_wipe(struct kwl_mbx *mbx)
{
	unsigned int i;

	for (i = 0; i < KWL_MSG_WORDS; i++)
		kwl_wr(mbx->hw, mbx->mem + 4 * i, 0);
}
KWL_EXPORT(kwl_mbx_wipe);

/**
 * kwl_mbx_read() - copy a message's words, each once
 * @mbx: the mailbox
 * @msg: receives the message; words that it doesn't have read zero
 */
void kwl_mbx_read(struct kwl_mbx *mbx, struct kwl_msg *msg)
{
	unsigned int words;
	unsigned int i;

	*msg = (struct kwl_msg) { .w = { kwl_rd(mbx->hw, mbx->mem) } };
	words = kwl_msg_words(msg->w[0]);
	for (i = 1; i < words; i++)
		msg->w[i] = kwl_rd(mbx->hw, mbx->mem + 4 * i);
}
KWL_EXPORT(kwl_mbx_read);

/**
 * kwl_mbx_trace() - record a message
 * @mbx: the mailbox
 * @sent: sent by this end, not received
 * @msg: the message
 * @result: what became of it: 0 or a negative errno
 */
void kwl_mbx_trace(const struct kwl_mbx *mbx, bool sent,
		   const struct kwl_msg *msg, int result)
{
	trace_kwl_mbx(mbx, sent, msg, result);
}
KWL_EXPORT(kwl_mbx_trace);
