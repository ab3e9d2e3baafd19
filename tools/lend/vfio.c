// SPDX-License-Identifier: GPL-2.0-only
/* A VF through VFIO (type 1), and a BAR of another function as the only memory that the
 * VF's DMA can reach.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "affinity.h"
#include "vfio.h"

#define PCI	"/sys/bus/pci/devices"

static struct vfio_vf *vf_of(struct lend_device *dev)
{
	return (struct vfio_vf *)((char *)dev - offsetof(struct vfio_vf, dev));
}

static int vf_read(struct lend_device *dev, uint32_t region, uint64_t offset, void *data,
		   uint32_t count)
{
	struct vfio_vf *v = vf_of(dev);
	ssize_t n = pread(v->fd, data, count, (off_t)(v->base[region] + offset));

	if (n < 0)
		return -errno;
	return n == (ssize_t)count ? 0 : -EIO;
}

static int vf_write(struct lend_device *dev, uint32_t region, uint64_t offset,
		    const void *data, uint32_t count)
{
	struct vfio_vf *v = vf_of(dev);
	ssize_t n = pwrite(v->fd, data, count, (off_t)(v->base[region] + offset));

	if (n < 0)
		return -errno;
	return n == (ssize_t)count ? 0 : -EIO;
}

static int vf_map(struct lend_device *dev, uint64_t address, uint64_t size, uint64_t offset,
		  uint32_t flags)
{
	struct vfio_vf *v = vf_of(dev);
	struct vfio_iommu_type1_dma_map m = {
		.argsz = sizeof(m),
		.flags = (flags & VU_DMA_READABLE ? VFIO_DMA_MAP_FLAG_READ : 0) |
			 (flags & VU_DMA_WRITABLE ? VFIO_DMA_MAP_FLAG_WRITE : 0),
		.vaddr = (uintptr_t)v->memory + offset,
		.iova = address,
		.size = size,
	};

	return ioctl(v->container, VFIO_IOMMU_MAP_DMA, &m) ? -errno : 0;
}

static int unmap(struct vfio_vf *v, uint32_t flags, uint64_t address, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap m = { sizeof(m), flags, address, size };

	return ioctl(v->container, VFIO_IOMMU_UNMAP_DMA, &m) ? -errno : 0;
}

static int vf_unmap(struct lend_device *dev, uint64_t address, uint64_t size)
{
	return unmap(vf_of(dev), 0, address, size);
}

static int vf_unmap_all(struct lend_device *dev)
{
	return unmap(vf_of(dev), VFIO_DMA_UNMAP_FLAG_ALL, 0, 0);
}

/* Deliver COUNT interrupts of an index to eventfds; none of them with a count of 0 */
static int deliver(struct vfio_vf *v, uint32_t index, const int *fds, uint32_t count)
{
	struct {
		struct vfio_irq_set s;
		int fd[LEND_VECTORS];
	} q = { .s = { .argsz = sizeof(q.s) + count * sizeof(int), .index = index,
		       .count = count, .flags = VFIO_IRQ_SET_ACTION_TRIGGER |
		       (count ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE) } };

	memcpy(q.fd, fds, count * sizeof(int));
	return ioctl(v->fd, VFIO_DEVICE_SET_IRQS, &q) ? -errno : 0;
}

static int vf_msix(struct lend_device *dev, bool on)
{
	struct vfio_vf *v = vf_of(dev);
	int err = deliver(v, VFIO_PCI_MSIX_IRQ_INDEX, v->msix, on ? dev->vectors : 0);

	if (on && !err)
		affinity_irqs(v->pci, v->cpu);
	return err;
}

static uint32_t vf_take_irqs(struct lend_device *dev)
{
	struct vfio_vf *v = vf_of(dev);
	struct pollfd p[LEND_VECTORS];
	uint32_t came = 0;
	uint64_t times;

	for (uint32_t i = 0; i < dev->vectors; i++)
		p[i] = (struct pollfd){ v->msix[i], POLLIN, 0 };
	if (poll(p, dev->vectors, 0) <= 0)
		return 0;
	for (uint32_t i = 0; i < dev->vectors; i++)
		if (p[i].revents && read(v->msix[i], &times, sizeof(times)) == sizeof(times))
			came |= 1u << i;
	return came;
}

static int vf_stop(struct lend_device *dev)
{
	uint16_t command;
	int err = vf_read(dev, VU_CONFIG, PCI_COMMAND, &command, sizeof(command));

	command &= (uint16_t)~PCI_COMMAND_MASTER;
	return err ?: vf_write(dev, VU_CONFIG, PCI_COMMAND, &command, sizeof(command));
}

static int vf_reset(struct lend_device *dev)
{
	return ioctl(vf_of(dev)->fd, VFIO_DEVICE_RESET) ? -errno : 0;
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

/* The last part of what a link in a function's directory points to */
static bool link_of(const char *pci, const char *name, char *to, size_t length)
{
	char path[128], target[256];
	ssize_t n;

	snprintf(path, sizeof(path), PCI "/%s/%s", pci, name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = 0;
	snprintf(to, length, "%.60s", strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
	return true;
}

static int open_group(const struct loan_config *c, char *why, size_t length)
{
	char path[96], driver[64] = "no driver", group[64];
	int fd;

	snprintf(path, sizeof(path), PCI "/%s", c->vf);
	if (access(path, F_OK)) {
		snprintf(why, length, "%s: there is no VF %s", c->name, c->vf);
		return -1;
	}
	link_of(c->vf, "driver", driver, sizeof(driver));
	if (strcmp(driver, "vfio-pci")) {
		snprintf(why, length, "%s: VF %s is in use here: it has %s, not vfio-pci",
			 c->name, c->vf, driver);
		return -1;
	}
	if (!link_of(c->vf, "iommu_group", group, sizeof(group))) {
		snprintf(why, length, "%s: VF %s has no IOMMU group", c->name, c->vf);
		return -1;
	}
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		snprintf(why, length, errno == EBUSY ?
			 "%s: VF %s is in use by another process" : "%s: VF %s: %m", c->name,
			 c->vf);
	return fd;
}

static int open_window(const struct loan_config *c, char *why, size_t length)
{
	char path[96];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), PCI "/%s/resource2", c->window);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		snprintf(why, length, "%s: window %s: %m", c->name, c->window);
	} else if ((uint64_t)st.st_size != c->size) {
		snprintf(why, length, "%s: window %s has %llu octets, not %llu", c->name,
			 c->window, (unsigned long long)st.st_size,
			 (unsigned long long)c->size);
		close(fd);
		fd = -1;
	}
	return fd;
}

int vfio_check(const struct loan_config *c, char *why, size_t length)
{
	int window, group;

	window = open_window(c, why, length);
	if (window < 0)
		return -1;
	close(window);
	group = open_group(c, why, length);
	if (group < 0)
		return -1;
	close(group);
	return 0;
}

static int fill_regions(struct vfio_vf *v)
{
	for (uint32_t i = 0; i < VU_REGIONS; i++) {
		struct vfio_region_info r = { .argsz = sizeof(r), .index = i };

		if (i == VU_ROM || i == VU_VGA)
			continue;
		if (ioctl(v->fd, VFIO_DEVICE_GET_REGION_INFO, &r))
			return -1;
		v->dev.sizes[i] = r.size;
		v->base[i] = r.offset;
	}
	return 0;
}

static int fill_irqs(struct vfio_vf *v)
{
	struct vfio_irq_info i = { .argsz = sizeof(i), .index = VFIO_PCI_MSIX_IRQ_INDEX };

	if (ioctl(v->fd, VFIO_DEVICE_GET_IRQ_INFO, &i))
		return -1;
	v->dev.vectors = i.count > LEND_VECTORS ? LEND_VECTORS : i.count;
	for (uint32_t n = 0; n < v->dev.vectors; n++)
		v->msix[n] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	v->err = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	v->req = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	/* A function without AER has no ERR */
	deliver(v, VFIO_PCI_ERR_IRQ_INDEX, &v->err, 1);
	return deliver(v, VFIO_PCI_REQ_IRQ_INDEX, &v->req, 1);
}

/* What can fail after group and window are there */
static const char *finish(struct vfio_vf *v, const struct loan_config *c, int window)
{
	v->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return "/dev/vfio/vfio";
	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container))
		return "a container";
	if (ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return "the IOMMU";
	v->fd = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, c->vf);
	if (v->fd < 0)
		return "the device";
	v->memory = mmap(NULL, c->size, PROT_READ | PROT_WRITE, MAP_SHARED, window, 0);
	if (v->memory == MAP_FAILED)
		return "the window";
	if (fill_regions(v))
		return "its regions";
	return fill_irqs(v) ? "its interrupts" : NULL;
}

int vfio_open(struct vfio_vf *v, const struct loan_config *c, char *why, size_t length)
{
	const char *what;
	int window;

	memset(v, 0, sizeof(*v));
	v->dev.ops = &ops;
	v->dev.window = c->size;
	v->pci = c->vf;
	v->cpu = affinity_pin();
	window = open_window(c, why, length);
	if (window < 0)
		return -1;
	v->group = open_group(c, why, length);
	if (v->group < 0)
		return -1;
	what = finish(v, c, window);
	if (what)
		snprintf(why, length, "%s: VF %s: %s: %m", c->name, c->vf, what);
	close(window);
	return what ? -1 : 0;
}
