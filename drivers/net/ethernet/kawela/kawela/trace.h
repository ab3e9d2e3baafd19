/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the PF: what becomes of VFs, and what is written to the filters.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kawela

#if !defined(_KAWELA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KAWELA_TRACE_H

#include <linux/tracepoint.h>

#include "kawela.h"

#define KAWELA_TRACE_ENUM(sym, name)	TRACE_DEFINE_ENUM(sym);
KAWELA_VF_STATES(KAWELA_TRACE_ENUM)
#undef KAWELA_TRACE_ENUM

#define KAWELA_TRACE_NAME(sym, name)	{ sym, name },

TRACE_EVENT(kawela_vf_state,
	TP_PROTO(const struct device *dev, u8 vf, enum kawela_vf_state state),
	TP_ARGS(dev, vf, state),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__field(u8, vf)
		__field(int, state)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->vf = vf;
		__entry->state = state;
	),
	TP_printk("%s vf=%u %s", __get_str(dev), __entry->vf,
		  __print_symbolic(__entry->state,
				   KAWELA_VF_STATES(KAWELA_TRACE_NAME)
				   { -1, NULL }))
);

TRACE_EVENT(kawela_filter,
	TP_PROTO(const struct device *dev, u32 reg, u32 val),
	TP_ARGS(dev, reg, val),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__field(u32, reg)
		__field(u32, val)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->reg = reg;
		__entry->val = val;
	),
	TP_printk("%s reg=0x%05x val=0x%08x", __get_str(dev), __entry->reg,
		  __entry->val)
);

#endif /* _KAWELA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
