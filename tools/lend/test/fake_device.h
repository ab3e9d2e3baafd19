/* SPDX-License-Identifier: GPL-2.0-only */
/* A VF that isn't there. It holds the server to what a VF may be asked, and notes all. */

#ifndef LEND_FAKE_DEVICE_H
#define LEND_FAKE_DEVICE_H

#include "../device.h"

#define FAKE_WINDOW	(64u << 20)
#define FAKE_MAPS	512

/**
 * struct fake_device - the VF and what was done to it
 * @dev: for the server
 * @memory: of all regions, one behind the other
 * @maps: that its IOMMU has
 * @address: of each
 * @size: of each
 * @msix: delivered
 * @irqs: that will be taken next
 * @after_read: interrupts that come while a register is read
 * @stopped: no DMA, until the next reset
 * @resets: how many
 * @fail: so many more operations succeed, then one fails; 0 for never
 */
struct fake_device {
	struct lend_device dev;
	uint8_t memory[3 * 16384];
	uint32_t maps;
	uint64_t address[FAKE_MAPS];
	uint64_t size[FAKE_MAPS];
	bool msix;
	uint32_t irqs;
	uint32_t after_read;
	bool stopped;
	uint32_t resets;
	uint32_t fail;
};

/**
 * fake_device_init - a VF of an 82576: two BARs, configuration space, three vectors
 * @f: this one
 */
void fake_device_init(struct fake_device *f);

/**
 * fake_device_wrong - what was asked of it that may never be
 *
 * Return: text, or NULL.
 */
const char *fake_device_wrong(void);

#endif
