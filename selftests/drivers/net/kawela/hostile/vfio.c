// SPDX-License-Identifier: GPL-2.0
/* VFs that are bound to vfio-pci. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "hostile.h"

#define COMMAND		4
#define MEMORY_MASTER	6
#define CONFIG		((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40)

static int group_of(const char *name)
{
	char path[128], link[256];
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", name);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return -1;
	link[len] = 0;
	snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(link, '/') + 1);
	return open(path, O_RDWR | O_CLOEXEC);
}

static void enable(const struct vf *vf)
{
	uint16_t command = 0;

	if (pread(vf->device, &command, 2, CONFIG + COMMAND) != 2)
		perror("reading PCI_COMMAND");
	command |= MEMORY_MASTER;
	if (pwrite(vf->device, &command, 2, CONFIG + COMMAND) != 2)
		perror("writing PCI_COMMAND");
}

static bool map_arena(int container)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = ARENA_IOVA,
		.size = ARENA,
	};

	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	map.vaddr = (uintptr_t)arena;
	return arena != MAP_FAILED && !ioctl(container, VFIO_IOMMU_MAP_DMA, &map);
}

/* Vectors have somebody who listens, so that the kernel lets them through */
static bool listen(const struct vf *vf)
{
	char data[sizeof(struct vfio_irq_set) + VECTORS * sizeof(int32_t)] = {};
	struct vfio_irq_set *set = (struct vfio_irq_set *)data;
	int32_t file;

	set->argsz = sizeof(data);
	set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	set->index = VFIO_PCI_MSIX_IRQ_INDEX;
	set->count = VECTORS;
	for (unsigned int i = 0; i < VECTORS; i++) {
		file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		memcpy(set->data + i * sizeof(file), &file, sizeof(file));
	}
	return !ioctl(vf->device, VFIO_DEVICE_SET_IRQS, set);
}

static bool open_one(struct vf *vf, int container, bool first)
{
	int group = group_of(vf->name);

	if (group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container))
		return false;
	if (first && (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) ||
		      !map_arena(container)))
		return false;
	vf->device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, vf->name);
	if (vf->device < 0)
		return false;
	enable(vf);
	if (!listen(vf))
		return false;
	vf->regs = mmap(NULL, 0x4000, PROT_READ | PROT_WRITE, MAP_SHARED,
			vf->device, 0);
	return vf->regs != MAP_FAILED;
}

/* All share one container, and so the arena */
bool vfio_open(struct vf *vfs, unsigned int n)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);

	for (unsigned int i = 0; i < n; i++) {
		if (container >= 0 && open_one(&vfs[i], container, !i))
			continue;
		perror(vfs[i].name);
		return false;
	}
	return true;
}

/* What a guest causes that writes to its capability */
void vfio_flr(struct vf *vf)
{
	ioctl(vf->device, VFIO_DEVICE_RESET);
	enable(vf);
}
