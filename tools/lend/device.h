/* SPDX-License-Identifier: GPL-2.0-only */
/* The VF, as the server uses it: VFIO's in a real life, a false one in tests. */

#ifndef LEND_DEVICE_H
#define LEND_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio_user.h"

/* More vectors than an 82576's VF has; their bits fit into a word */
#define LEND_VECTORS	32

struct lend_device;

/**
 * struct lend_device_ops - what can be done with a VF
 * @read: octets from a region; the server has checked the place. 0 or -errno
 * @write: and to it
 * @map: let the device's DMA at @address reach so many octets of the window at @offset
 * @unmap: no longer; what was mapped in one piece is unmapped in one piece
 * @unmap_all: nothing is reached any longer
 * @msix: deliver the vectors' interrupts, or don't
 * @take_irqs: bits of the vectors that have had an interrupt since the last call
 * @stop: no DMA any longer, until the function is used anew
 * @reset: of the function
 */
struct lend_device_ops {
	int (*read)(struct lend_device *dev, uint32_t region, uint64_t offset, void *data,
		    uint32_t count);
	int (*write)(struct lend_device *dev, uint32_t region, uint64_t offset,
		     const void *data, uint32_t count);
	int (*map)(struct lend_device *dev, uint64_t address, uint64_t size, uint64_t offset,
		   uint32_t flags);
	int (*unmap)(struct lend_device *dev, uint64_t address, uint64_t size);
	int (*unmap_all)(struct lend_device *dev);
	int (*msix)(struct lend_device *dev, bool on);
	uint32_t (*take_irqs)(struct lend_device *dev);
	int (*stop)(struct lend_device *dev);
	int (*reset)(struct lend_device *dev);
};

/**
 * struct lend_device - a VF, and the window to its borrower's memory
 * @ops: see there
 * @sizes: octets of each region; 0 is a region that the borrower doesn't get
 * @vectors: of MSI-X
 * @window: octets of the window
 */
struct lend_device {
	const struct lend_device_ops *ops;
	uint64_t sizes[VU_REGIONS];
	uint32_t vectors;
	uint64_t window;
};

#endif
