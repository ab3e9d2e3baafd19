/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one filter image to the next: which registers to write, in which order.
 * Pure: the caller says how a register is written.
 */
#ifndef _KAWELA_FILTER_WRITE_H
#define _KAWELA_FILTER_WRITE_H

#include <linux/types.h>

#include "filter_image.h"

/**
 * struct kawela_writer - how registers are written
 * @wr: write one
 * @flush: what was written has reached the device
 */
struct kawela_writer {
	void (*wr)(struct kawela_writer *w, u32 reg, u32 val);
	void (*flush)(struct kawela_writer *w);
};

void kawela_image_write(struct kawela_writer *w,
			const struct kawela_image *old,
			const struct kawela_image *img);

#endif /* _KAWELA_FILTER_WRITE_H */
