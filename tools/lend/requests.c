// SPDX-License-Identifier: GPL-2.0-only
/* What a borrower's requests do. The table has checked each; here is checked what needs
 * the VF's sizes, the mappings or the state.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "messages.h"
#include "requests.h"

/* QEMU sends at most so many descriptors in a message */
#define FDS_MAX	8

static const char capabilities[] =
	"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":4096,"
	"\"pgsizes\":4096,\"max_dma_maps\":256,\"write_multiple\":true}}";

/* The borrower's capabilities aren't read: nothing here depends on them */
static int version(struct lend_server *s, void *payload)
{
	struct vu_version *v = payload;

	if (s->state != LEND_IDLE)
		return -EBUSY;
	if (v->major != 0)
		return -EPROTONOSUPPORT;
	s->state = LEND_LENT;
	s->counts.borrowers++;
	v->minor = 0;
	memcpy(v->capabilities, capabilities, sizeof(capabilities));
	return sizeof(*v) + sizeof(capabilities);
}

static int info(void *payload)
{
	struct vu_info *i = payload;

	/* VFIO_DEVICE_FLAGS_RESET, _PCI */
	*i = (struct vu_info){ sizeof(*i), 3, VU_REGIONS, VU_IRQS };
	return sizeof(*i);
}

static int region_info(struct lend_server *s, void *payload)
{
	struct vu_region_info *r = payload;
	uint64_t size;

	if (r->index >= VU_REGIONS)
		return -EINVAL;
	size = s->dev->sizes[r->index];
	/* VFIO_REGION_INFO_FLAG_READ, _WRITE; nothing can be mapped */
	*r = (struct vu_region_info){ .argsz = sizeof(*r), .flags = size ? 3 : 0,
				      .index = r->index, .size = size };
	return sizeof(*r);
}

static uint32_t irq_count(const struct lend_server *s, uint32_t index)
{
	if (index == VU_MSIX)
		return s->dev->vectors;
	return index == VU_ERR || index == VU_REQ;
}

static int irq_info(struct lend_server *s, void *payload)
{
	struct vu_irq_info *i = payload;

	if (i->index >= VU_IRQS)
		return -EINVAL;
	i->argsz = sizeof(*i);
	i->count = irq_count(s, i->index);
	i->flags = i->count ? VU_IRQ_EVENTFD : 0;
	return sizeof(*i);
}

static int msix(struct lend_server *s, bool on)
{
	int err;

	if (on == s->msix)
		return 0;
	err = s->dev->ops->msix(s->dev, on);
	if (!err)
		s->msix = on;
	return err;
}

/* The relay keeps the descriptors. Here counts whether there is any: a vector without is
 * dropped there. None at all, or none with a count of 0, is the end.
 */
static int set_irqs(struct lend_server *s, const struct vu_header *header, void *payload)
{
	const struct vu_irq_set *set = payload;
	uint32_t most = irq_count(s, set->index);
	bool some = header->flags & VU_FDS;

	if (set->start > most || set->count > most - set->start)
		return -EINVAL;
	if (set->flags & VU_IRQ_DATA_NONE ? set->count || some :
	    !set->count || set->count > FDS_MAX)
		return -EINVAL;
	if (set->index == VU_MSIX)
		return some || !set->count ? msix(s, some) : 0;
	s->wants &= ~(1u << set->index);
	s->wants |= (uint32_t)some << set->index;
	return 0;
}

static bool inside(const struct lend_server *s, uint32_t region, uint64_t offset,
		   uint32_t count)
{
	uint64_t size = s->dev->sizes[region];

	return offset <= size && count <= size - offset;
}

static int read_region(struct lend_server *s, void *payload)
{
	struct vu_access *a = payload;
	int err;

	if (!inside(s, a->region, a->offset, a->count))
		return -EINVAL;
	s->counts.reads++;
	err = s->dev->ops->read(s->dev, a->region, a->offset, a->data, a->count);
	return err ?: (int)(sizeof(*a) + a->count);
}

static int write_region(struct lend_server *s, void *payload)
{
	struct vu_access *a = payload;

	if (!inside(s, a->region, a->offset, a->count))
		return -EINVAL;
	s->counts.writes++;
	return s->dev->ops->write(s->dev, a->region, a->offset, a->data, a->count) ?:
	       (int)sizeof(*a);
}

/* In their order; the answer says how many were done */
static int write_multi(struct lend_server *s, void *payload)
{
	struct vu_write_multi *m = payload;
	uint64_t i;

	for (i = 0; i < m->count; i++) {
		const struct vu_write *w = &m->writes[i];

		if (!inside(s, w->region, w->offset, w->count) ||
		    s->dev->ops->write(s->dev, w->region, w->offset, w->data, w->count))
			break;
		s->counts.writes++;
	}
	m->count = i;
	return sizeof(*m);
}

static int map(struct lend_server *s, const struct vu_header *header, void *payload)
{
	return lend_maps_add(&s->maps, s->dev, payload, header->flags & VU_FDS);
}

static int unmap(struct lend_server *s, void *payload)
{
	struct vu_dma_unmap *u = payload;
	int err = u->flags & VU_UNMAP_ALL ? lend_maps_clear(&s->maps, s->dev) :
		  lend_maps_remove(&s->maps, s->dev, u->address, u->size);

	return err ?: (int)sizeof(*u);
}

/* A reset leaves the mappings, as VFIO's does, and ends the interrupts */
static int reset(struct lend_server *s)
{
	return s->dev->ops->reset(s->dev);
}

int lend_request(struct lend_server *s, const struct vu_header *header, void *payload)
{
	int err = vu_check(header, payload);

	if (err)
		return err;
	if (s->state != LEND_LENT && header->command != VU_VERSION)
		return -ENOTCONN;
	switch (header->command) {
	case VU_VERSION:
		return version(s, payload);
	case VU_DMA_MAP:
		return map(s, header, payload);
	case VU_DMA_UNMAP:
		return unmap(s, payload);
	case VU_GET_INFO:
		return info(payload);
	case VU_GET_REGION_INFO:
		return region_info(s, payload);
	case VU_GET_IRQ_INFO:
		return irq_info(s, payload);
	case VU_SET_IRQS:
		return set_irqs(s, header, payload);
	case VU_REGION_READ:
		return read_region(s, payload);
	case VU_REGION_WRITE:
		return write_region(s, payload);
	case VU_WRITE_MULTI:
		return write_multi(s, payload);
	case VU_RESET:
		return reset(s);
	}
	return -ENOTSUP;
}
