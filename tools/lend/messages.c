// SPDX-License-Identifier: GPL-2.0-only
/* The message table. All bounds that need no state of the server are here. */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "messages.h"

/* What of a window is mapped, is mapped by pages */
#define PAGE	4096u

static int check_version(const void *payload, uint32_t length)
{
	const struct vu_version *v = payload;
	const char *end = memchr(v->capabilities, 0, length - sizeof(*v));

	return end ? 0 : -EINVAL;
}

static int check_map(const void *payload, uint32_t length)
{
	const struct vu_dma_map *m = payload;

	(void)length;
	if (m->argsz < sizeof(*m) || !m->flags || m->flags & ~(VU_DMA_READABLE | VU_DMA_WRITABLE))
		return -EINVAL;
	if (!m->size || (m->size | m->address | m->offset) % PAGE)
		return -EINVAL;
	/* The last octet has an address */
	return m->address + (m->size - 1) < m->address ||
	       m->offset + (m->size - 1) < m->offset ? -EINVAL : 0;
}

static int check_unmap(const void *payload, uint32_t length)
{
	const struct vu_dma_unmap *m = payload;

	(void)length;
	if (m->argsz < sizeof(*m))
		return -EINVAL;
	if (m->flags == VU_UNMAP_ALL)
		return m->address || m->size ? -EINVAL : 0;
	if (m->flags || !m->size || (m->size | m->address) % PAGE)
		return -EINVAL;
	return m->address + (m->size - 1) < m->address ? -EINVAL : 0;
}

static int check_info(const void *payload, uint32_t length)
{
	/* What all these begin with */
	const uint32_t *argsz = payload;

	return *argsz < length ? -EINVAL : 0;
}

static int check_irqs(const void *payload, uint32_t length)
{
	const struct vu_irq_set *s = payload;

	(void)length;
	if (s->argsz < sizeof(*s) || s->index >= VU_IRQS)
		return -EINVAL;
	return s->flags == (VU_IRQ_TRIGGER | VU_IRQ_DATA_NONE) ||
	       s->flags == (VU_IRQ_TRIGGER | VU_IRQ_DATA_EVENTFD) ? 0 : -EINVAL;
}

/* BARs are accessed as a CPU does it; configuration space also as a whole */
static int check_place(uint64_t offset, uint32_t region, uint32_t count)
{
	if (region >= VU_REGIONS || !count || count > VU_DATA_MAX)
		return -EINVAL;
	if (region == VU_CONFIG)
		return 0;
	return count > 8 || count & (count - 1) || offset % count ? -EINVAL : 0;
}

static int check_read(const void *payload, uint32_t length)
{
	const struct vu_access *a = payload;

	(void)length;
	return check_place(a->offset, a->region, a->count);
}

static int check_write(const void *payload, uint32_t length)
{
	const struct vu_access *a = payload;

	if (a->count != length - sizeof(*a))
		return -EINVAL;
	return check_place(a->offset, a->region, a->count);
}

static int check_multi(const void *payload, uint32_t length)
{
	const struct vu_write_multi *m = payload;

	if (!m->count || m->count > VU_WRITES_MAX ||
	    length != sizeof(*m) + m->count * sizeof(m->writes[0]))
		return -EINVAL;
	for (uint64_t i = 0; i < m->count; i++) {
		const struct vu_write *w = &m->writes[i];

		/* In configuration space a write may be a reset: one at a time */
		if (w->region == VU_CONFIG || w->count > sizeof(w->data) ||
		    check_place(w->offset, w->region, w->count))
			return -EINVAL;
	}
	return 0;
}

static int check_knock(const void *payload, uint32_t length)
{
	const struct vu_knock *k = payload;

	(void)length;
	return memcmp(k->magic, VU_MAGIC, sizeof(k->magic)) ? -EINVAL : 0;
}

/* What a reset costs */
#define RESET	5000

#define FIXED(type)	sizeof(type), sizeof(type)

static const struct vu_message borrowers[] = {
	/* Name, side, served, octets of the payload, cost, check. A session ends in a reset,
	 * and so costs as much
	 */
	[VU_VERSION] = { "VERSION", VU_BORROWER, 1, sizeof(struct vu_version) + 1,
			 sizeof(struct vu_version) + 1024, RESET, check_version },
	[VU_DMA_MAP] = { "DMA_MAP", VU_BORROWER, 1, FIXED(struct vu_dma_map), 500, check_map },
	[VU_DMA_UNMAP] = { "DMA_UNMAP", VU_BORROWER, 1, FIXED(struct vu_dma_unmap), 500,
			   check_unmap },
	[VU_GET_INFO] = { "GET_INFO", VU_BORROWER, 1, FIXED(struct vu_info), 10, check_info },
	[VU_GET_REGION_INFO] = { "GET_REGION_INFO", VU_BORROWER, 1,
				 FIXED(struct vu_region_info), 10, check_info },
	[VU_GET_REGION_IO_FDS] = { "GET_REGION_IO_FDS", VU_BORROWER, 0, 0, VU_DATA_MAX, 10, NULL },
	[VU_GET_IRQ_INFO] = { "GET_IRQ_INFO", VU_BORROWER, 1, FIXED(struct vu_irq_info), 10,
			      check_info },
	[VU_SET_IRQS] = { "SET_IRQS", VU_BORROWER, 1, FIXED(struct vu_irq_set), 500, check_irqs },
	[VU_REGION_READ] = { "REGION_READ", VU_BORROWER, 1, FIXED(struct vu_access), 1,
			     check_read },
	[VU_REGION_WRITE] = { "REGION_WRITE", VU_BORROWER, 1, sizeof(struct vu_access) + 1,
			      sizeof(struct vu_access) + VU_DATA_MAX, 1, check_write },
	[VU_DMA_READ] = { "DMA_READ", VU_LENDER, 0, 0, VU_DATA_MAX, 10, NULL },
	[VU_DMA_WRITE] = { "DMA_WRITE", VU_LENDER, 0, 0, VU_DATA_MAX, 10, NULL },
	[VU_RESET] = { "RESET", VU_BORROWER, 1, 0, 0, RESET, NULL },
	[VU_DIRTY_PAGES] = { "DIRTY_PAGES", VU_BORROWER, 0, 0, VU_DATA_MAX, 10, NULL },
	[VU_WRITE_MULTI] = { "WRITE_MULTI", VU_BORROWER, 1,
			     sizeof(struct vu_write_multi) + sizeof(struct vu_write),
			     sizeof(struct vu_write_multi) +
			     VU_WRITES_MAX * sizeof(struct vu_write), VU_WRITES_MAX, check_multi },
};

static const struct vu_message ours[] = {
	{ "KNOCK", VU_BORROWER, 1, FIXED(struct vu_knock), 1000, check_knock },
	{ "GONE", VU_BORROWER, 1, 0, 0, 0, NULL },
	{ "HELLO", VU_LENDER, 0, FIXED(struct vu_hello), 0, NULL },
	{ "IRQ", VU_LENDER, 0, FIXED(struct vu_irq), 0, NULL },
	{ "REVOKED", VU_LENDER, 0, FIXED(struct vu_revoked), 0, NULL },
	{ "ANEW", VU_LENDER, 0, 0, 0, 0, NULL },
};

const struct vu_message *vu_find(uint16_t command)
{
	const struct vu_message *m = NULL;

	if (command < sizeof(borrowers) / sizeof(*borrowers))
		m = &borrowers[command];
	else if (command >= VU_KNOCK && command <= VU_ANEW)
		m = &ours[command - VU_KNOCK];
	return m && m->name ? m : NULL;
}

/* A command that isn't served, or that nobody knows, has its answer, too */
int vu_check_header(const struct vu_header *header, enum vu_side from)
{
	const struct vu_message *m = vu_find(header->command);
	uint32_t length = header->size - sizeof(*header);

	if (header->size < sizeof(*header) || header->size > VU_MESSAGE_MAX)
		return -EPROTO;
	if (m && header->command >= VU_KNOCK)
		return m->side == from && length >= m->least && length <= m->most ? 0 : -EPROTO;
	if (from == VU_BORROWER)
		return 0;
	return (header->flags & VU_TYPE) == VU_REPLY ? 0 : -EPROTO;
}

int vu_check(const struct vu_header *header, const void *payload)
{
	const struct vu_message *m = vu_find(header->command);
	uint32_t length = header->size - sizeof(*header);

	if (!m || m->side != VU_BORROWER || !m->served)
		return -ENOTSUP;
	if (header->flags & VU_TYPE || length < m->least || length > m->most)
		return -EINVAL;
	return m->check ? m->check(payload, length) : 0;
}

bool vu_is_config_write(const struct vu_header *header, const void *payload)
{
	const struct vu_access *a = payload;

	return header->command == VU_REGION_WRITE && header->size > sizeof(*header) + sizeof(*a) &&
	       a->region == VU_CONFIG;
}

/* Bit 15 of a register, such as FLR's. Others, that cost as much, aren't written often */
static bool may_reset(const struct vu_header *header, const void *payload)
{
	const struct vu_access *a = payload;
	uint32_t length = header->size - sizeof(*header) - sizeof(*a);

	for (uint32_t i = !(a->offset & 1); i < length; i += 2)
		if (a->data[i] & 0x80)
			return true;
	return false;
}

uint32_t vu_cost(const struct vu_header *header, const void *payload)
{
	const struct vu_message *m = vu_find(header->command);

	if (vu_is_config_write(header, payload) && may_reset(header, payload))
		return RESET;
	return m ? m->cost : 10;
}
