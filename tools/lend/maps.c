// SPDX-License-Identifier: GPL-2.0-only
/* Mappings of a borrower's memory: inside the window, without overlap, and not too many. */

#include <errno.h>
#include <string.h>

#include "maps.h"

static uint64_t last(const struct lend_map *m)
{
	return m->address + (m->size - 1);
}

/* The first mapping that ends at an address or behind it */
static uint32_t find(const struct lend_maps *maps, uint64_t address)
{
	uint32_t i = 0;

	while (i < maps->count && last(&maps->map[i]) < address)
		i++;
	return i;
}

int lend_maps_add(struct lend_maps *maps, struct lend_device *dev, const struct vu_dma_map *m,
		  bool real)
{
	uint32_t at = find(maps, m->address);
	int err;

	if (real && (m->offset > dev->window || m->size > dev->window - m->offset))
		return -ERANGE;
	if (at < maps->count && maps->map[at].address <= m->address + (m->size - 1))
		return -EEXIST;
	if (maps->count == LEND_MAPS)
		return -ENOSPC;
	err = real ? dev->ops->map(dev, m->address, m->size, m->offset, m->flags) : 0;
	if (err)
		return err;
	memmove(&maps->map[at + 1], &maps->map[at], (maps->count - at) * sizeof(maps->map[0]));
	maps->map[at] = (struct lend_map){ m->address, m->size, real };
	maps->count++;
	return 0;
}

static void drop(struct lend_maps *maps, uint32_t at)
{
	maps->count--;
	memmove(&maps->map[at], &maps->map[at + 1], (maps->count - at) * sizeof(maps->map[0]));
}

int lend_maps_remove(struct lend_maps *maps, struct lend_device *dev, uint64_t address,
		     uint64_t size)
{
	uint64_t end = address + (size - 1);
	uint32_t first = find(maps, address), i;

	for (i = first; i < maps->count && maps->map[i].address <= end; i++)
		if (maps->map[i].address < address || last(&maps->map[i]) > end)
			return -EINVAL;
	while (first < maps->count && maps->map[first].address <= end) {
		const struct lend_map *m = &maps->map[first];
		int err = m->real ? dev->ops->unmap(dev, m->address, m->size) : 0;

		if (err)
			return err;
		drop(maps, first);
	}
	return 0;
}

int lend_maps_clear(struct lend_maps *maps, struct lend_device *dev)
{
	maps->count = 0;
	return dev->ops->unmap_all(dev);
}
