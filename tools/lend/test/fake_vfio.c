// SPDX-License-Identifier: GPL-2.0-only
/* VFIO that isn't there, for kawela-lend without a VF: with this in place of vfio.c, its
 * processes, its orders and its relay can be tried. A write to register DOORBELL of BAR 0
 * causes an interrupt of vector 1.
 */

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../vfio.h"
#include "fake_device.h"

#define DOORBELL	0x10

static struct fake_device fake;
static struct vfio_vf *vf;

static int vf_read(struct lend_device *dev, uint32_t region, uint64_t offset, void *data,
		   uint32_t count)
{
	(void)dev;
	return fake.dev.ops->read(&fake.dev, region, offset, data, count);
}

static int vf_write(struct lend_device *dev, uint32_t region, uint64_t offset,
		    const void *data, uint32_t count)
{
	uint64_t one = 1;

	(void)dev;
	if (region == VU_BAR0 && offset == DOORBELL && fake.msix &&
	    write(vf->msix[1], &one, sizeof(one)) != sizeof(one))
		return -1;
	return fake.dev.ops->write(&fake.dev, region, offset, data, count);
}

static int vf_map(struct lend_device *dev, uint64_t address, uint64_t size, uint64_t offset,
		  uint32_t flags)
{
	(void)dev;
	return fake.dev.ops->map(&fake.dev, address, size, offset, flags);
}

static int vf_unmap(struct lend_device *dev, uint64_t address, uint64_t size)
{
	(void)dev;
	return fake.dev.ops->unmap(&fake.dev, address, size);
}

static int vf_unmap_all(struct lend_device *dev)
{
	(void)dev;
	return fake.dev.ops->unmap_all(&fake.dev);
}

static int vf_msix(struct lend_device *dev, bool on)
{
	(void)dev;
	return fake.dev.ops->msix(&fake.dev, on);
}

static uint32_t vf_take_irqs(struct lend_device *dev)
{
	uint32_t came = 0;
	uint64_t times;

	for (uint32_t i = 0; i < dev->vectors; i++)
		if (read(vf->msix[i], &times, sizeof(times)) == sizeof(times))
			came |= 1u << i;
	return came;
}

static int vf_stop(struct lend_device *dev)
{
	(void)dev;
	return fake.dev.ops->stop(&fake.dev);
}

static int vf_reset(struct lend_device *dev)
{
	(void)dev;
	return fake.dev.ops->reset(&fake.dev);
}

static const struct lend_device_ops ops = {
	.read = vf_read,
	.write = vf_write,
	.map = vf_map,
	.unmap = vf_unmap,
	.unmap_all = vf_unmap_all,
	.msix = vf_msix,
	.take_irqs = vf_take_irqs,
	.stop = vf_stop,
	.reset = vf_reset,
};

int vfio_check(const struct loan_config *c, char *why, size_t length)
{
	if (strcmp(c->vf, "0000:ff:1f.7"))
		return 0;
	snprintf(why, length, "%s: there is no VF %s", c->name, c->vf);
	return -1;
}

int vfio_open(struct vfio_vf *v, const struct loan_config *c, char *why, size_t length)
{
	if (vfio_check(c, why, length))
		return -1;
	memset(v, 0, sizeof(*v));
	fake_device_init(&fake);
	fake.dev.window = c->size;
	v->dev = fake.dev;
	v->dev.ops = &ops;
	for (uint32_t i = 0; i < v->dev.vectors; i++)
		v->msix[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	v->err = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	v->req = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	vf = v;
	return 0;
}
