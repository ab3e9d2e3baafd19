/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index arithmetic of descriptor rings. Pure.
 */
#ifndef _KAWELA_RING_INDEX_H
#define _KAWELA_RING_INDEX_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * kwl_ring_next() - the index behind an index
 * @i: an index
 * @count: descriptors in the ring
 *
 * Return: the next index, around the end.
 */
static inline u16 kwl_ring_next(u16 i, u16 count)
{
	return unlikely(++i == count) ? 0 : i;
}

/**
 * kwl_ring_prev() - the index before an index
 * @i: an index
 * @count: descriptors in the ring
 *
 * Return: the previous index, around the beginning.
 */
static inline u16 kwl_ring_prev(u16 i, u16 count)
{
	return (unlikely(!i) ? count : i) - 1;
}

/**
 * kwl_ring_free_slots() - descriptors that may be written
 * @fill: next descriptor to write
 * @clean: next descriptor to complete
 * @count: descriptors in the ring
 *
 * One always stays unused: the device takes head == tail for an empty ring.
 *
 * Return: how many.
 */
static inline u16 kwl_ring_free_slots(u16 fill, u16 clean, u16 count)
{
	return (clean > fill ? 0 : count) + clean - fill - 1;
}

#endif /* _KAWELA_RING_INDEX_H */
