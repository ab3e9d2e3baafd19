/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a borrower's memory its VF reaches, and at which addresses. */

#ifndef LEND_MAPS_H
#define LEND_MAPS_H

#include "device.h"

/* A machine has some twenty while it starts */
#define LEND_MAPS	256

/**
 * struct lend_map - one mapping
 * @address: where the VF sees it
 * @size: octets
 * @real: it is of the window; others (ROMs) are only remembered
 */
struct lend_map {
	uint64_t address;
	uint64_t size;
	bool real;
};

/**
 * struct lend_maps - all of them, by address
 * @count: how many
 * @map: none overlaps another
 */
struct lend_maps {
	uint32_t count;
	struct lend_map map[LEND_MAPS];
};

/**
 * lend_maps_add - map, as a checked message asks
 * @maps: to these
 * @dev: of this VF
 * @m: the message's payload
 * @real: it is of the window
 *
 * Return: 0; -ERANGE outside of the window, -EEXIST over another, -ENOSPC with too many,
 * or what the device said.
 */
int lend_maps_add(struct lend_maps *maps, struct lend_device *dev, const struct vu_dma_map *m,
		  bool real);

/**
 * lend_maps_remove - unmap all that lies in a range
 * @maps: of these
 * @dev: of this VF
 * @address: the range begins there
 * @size: and has so many octets
 *
 * Return: 0, also where nothing was; -EINVAL when one mapping lies there only in part.
 */
int lend_maps_remove(struct lend_maps *maps, struct lend_device *dev, uint64_t address,
		     uint64_t size);

/**
 * lend_maps_clear - unmap all
 * @maps: these
 * @dev: of this VF
 *
 * Return: 0, or what the device said.
 */
int lend_maps_clear(struct lend_maps *maps, struct lend_device *dev);

#endif
