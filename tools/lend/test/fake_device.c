// SPDX-License-Identifier: GPL-2.0-only
/* A VF that isn't there; see fake_device.h */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "fake_device.h"

static const char *wrong;

static void expect(bool good, const char *what)
{
	if (!good && !wrong)
		wrong = what;
}

const char *fake_device_wrong(void)
{
	return wrong;
}

static struct fake_device *fake(struct lend_device *dev)
{
	return (struct fake_device *)((char *)dev - offsetof(struct fake_device, dev));
}

static bool fails(struct fake_device *f)
{
	return f->fail && !--f->fail;
}

static uint8_t *place(struct fake_device *f, uint32_t region, uint64_t offset, uint32_t count)
{
	uint32_t slot = region == VU_CONFIG ? 2 : region == 3;

	expect(region < VU_REGIONS, "an access to no region");
	expect(f->dev.sizes[region] >= count && offset <= f->dev.sizes[region] - count,
	       "an access beyond a region");
	return wrong ? f->memory : f->memory + slot * 16384 + offset;
}

static int fake_read(struct lend_device *dev, uint32_t region, uint64_t offset, void *data,
		     uint32_t count)
{
	struct fake_device *f = fake(dev);

	if (fails(f))
		return -EIO;
	memcpy(data, place(f, region, offset, count), count);
	f->irqs |= f->after_read;
	return 0;
}

static int fake_write(struct lend_device *dev, uint32_t region, uint64_t offset,
		      const void *data, uint32_t count)
{
	struct fake_device *f = fake(dev);

	if (fails(f))
		return -EIO;
	memcpy(place(f, region, offset, count), data, count);
	return 0;
}

static int fake_map(struct lend_device *dev, uint64_t address, uint64_t size, uint64_t offset,
		    uint32_t flags)
{
	struct fake_device *f = fake(dev);

	if (fails(f))
		return -ENOMEM;
	expect(!f->stopped, "a mapping for nobody");
	expect(size && offset <= dev->window && size <= dev->window - offset,
	       "a mapping beyond the window");
	expect(!((address | size | offset) & 4095), "a mapping of half a page");
	expect(flags && !(flags & ~3u), "a mapping with odd flags");
	expect(f->maps < 256, "too many mappings");
	for (uint32_t i = 0; i < f->maps; i++)
		expect(f->address[i] + (f->size[i] - 1) < address ||
		       address + (size - 1) < f->address[i], "mappings overlap");
	f->address[f->maps] = address;
	f->size[f->maps++] = size;
	return 0;
}

static int fake_unmap(struct lend_device *dev, uint64_t address, uint64_t size)
{
	struct fake_device *f = fake(dev);
	uint32_t i = 0;

	if (fails(f))
		return -EIO;
	while (i < f->maps && (f->address[i] != address || f->size[i] != size))
		i++;
	expect(i < f->maps, "unmapped what wasn't mapped");
	if (i < f->maps) {
		f->maps--;
		f->address[i] = f->address[f->maps];
		f->size[i] = f->size[f->maps];
	}
	return 0;
}

static int fake_unmap_all(struct lend_device *dev)
{
	fake(dev)->maps = 0;
	return 0;
}

static int fake_msix(struct lend_device *dev, bool on)
{
	struct fake_device *f = fake(dev);

	if (on && fails(f))
		return -EIO;
	/* As VFIO does */
	if (!on && !f->msix)
		return -EINVAL;
	f->msix = on;
	f->irqs = 0;
	return 0;
}

static uint32_t fake_take_irqs(struct lend_device *dev)
{
	struct fake_device *f = fake(dev);
	uint32_t came = f->irqs;

	expect(f->msix, "interrupts were looked for that aren't delivered");
	f->irqs = 0;
	return came;
}

static int fake_stop(struct lend_device *dev)
{
	fake(dev)->stopped = true;
	return 0;
}

/* A reset that the borrower didn't ask for comes after its memory is out of reach */
static int fake_reset(struct lend_device *dev)
{
	struct fake_device *f = fake(dev);

	expect(!f->stopped || !f->maps, "a reset before the memory was out of reach");
	f->stopped = false;
	f->resets++;
	return 0;
}

static const struct lend_device_ops ops = {
	.read = fake_read,
	.write = fake_write,
	.map = fake_map,
	.unmap = fake_unmap,
	.unmap_all = fake_unmap_all,
	.msix = fake_msix,
	.take_irqs = fake_take_irqs,
	.stop = fake_stop,
	.reset = fake_reset,
};

void fake_device_init(struct fake_device *f)
{
	memset(f, 0, sizeof(*f));
	f->dev.ops = &ops;
	f->dev.sizes[VU_BAR0] = 16384;
	f->dev.sizes[3] = 16384;
	f->dev.sizes[VU_CONFIG] = 4096;
	f->dev.vectors = 3;
	f->dev.window = FAKE_WINDOW;
	wrong = NULL;
}
