/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of libkawela: every mailbox message, at either end.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kawela

#if !defined(_LIBKAWELA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _LIBKAWELA_TRACE_H

#include <linux/tracepoint.h>

#include <kawela/mbx.h>

#define KWL_TRACE_OP(sym, num, name, words)	TRACE_DEFINE_ENUM(sym);
KWL_MBX_OPS(KWL_TRACE_OP)
#undef KWL_TRACE_OP

#define KWL_TRACE_OP_NAME(sym, num, name, words)	{ num, name },

TRACE_EVENT(kwl_mbx,
	TP_PROTO(const struct kwl_mbx *mbx, bool sent, const struct kwl_msg *msg,
		 int result),
	TP_ARGS(mbx, sent, msg, result),
	TP_STRUCT__entry(
		__string(dev, dev_name(mbx->hw->dev))
		__field(u8, end)
		__field(u8, vf)
		__field(bool, sent)
		__field(int, result)
		__array(u32, w, KWL_MSG_WORDS)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->end = mbx->end;
		__entry->vf = mbx->vf;
		__entry->sent = sent;
		__entry->result = result;
		memcpy(__entry->w, msg->w, sizeof(msg->w));
	),
	TP_printk("%s %s vf=%u %s %s%s%s%s seq=%u info=%u w=%s result=%d",
		  __get_str(dev), __entry->end == KWL_MBX_PF ? "PF" : "VF",
		  __entry->vf, __entry->sent ? "send" : "recv",
		  __print_symbolic(__entry->w[0] & KWL_MSG_OP,
				   KWL_MBX_OPS(KWL_TRACE_OP_NAME)
				   { -1, NULL }),
		  __entry->w[0] & KWL_MSG_ACK ? " ACK" : "",
		  __entry->w[0] & KWL_MSG_NACK ? " NACK" : "",
		  __entry->w[0] & KWL_MSG_CTS ? " CTS" : "",
		  __entry->w[0] >> 24 & 0x1f, (u8)(__entry->w[0] >> 16),
		  __print_array(__entry->w, KWL_MSG_WORDS, sizeof(u32)),
		  __entry->result)
);

#endif /* _LIBKAWELA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
