/* SPDX-License-Identifier: GPL-2.0-only */
/* A VF that vfio-pci drives, and a window to its borrower's memory. */

#ifndef LEND_VFIO_H
#define LEND_VFIO_H

#include "config.h"
#include "device.h"

/**
 * struct vfio_vf - an open VF
 * @dev: for the server
 * @container: the VF's own, so that its IOMMU domain has this borrower's memory alone
 * @group: its group
 * @fd: the VF
 * @memory: the window
 * @base: where each region begins in @fd
 * @msix: eventfds of the vectors
 * @err: eventfd: the VF has had an error
 * @req: eventfd: the system wants the VF back
 * @pci: its address
 * @cpu: of this process and of the VF's interrupts; -1 for any
 */
struct vfio_vf {
	struct lend_device dev;
	int container;
	int group;
	int fd;
	void *memory;
	uint64_t base[VU_REGIONS];
	int msix[LEND_VECTORS];
	int err;
	int req;
	const char *pci;
	int cpu;
};

/**
 * vfio_check - could a loan begin? Nothing is changed.
 * @c: the loan
 * @why: says what is wrong, in a line
 * @length: octets of @why
 *
 * Return: 0, or -1 with a reason.
 */
int vfio_check(const struct loan_config *c, char *why, size_t length);

/**
 * vfio_open - open a loan's VF and window
 * @v: into this
 * @c: the loan
 * @why: says what is wrong, in a line
 * @length: octets of @why
 *
 * There is no close: the process ends, and the kernel unmaps and resets.
 *
 * Return: 0, or -1 with a reason.
 */
int vfio_open(struct vfio_vf *v, const struct loan_config *c, char *why, size_t length);

#endif
