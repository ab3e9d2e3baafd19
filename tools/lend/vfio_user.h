/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages between a borrower and kawela-lend: the vfio-user protocol, version 0, and
 * what the relay adds because a stream carries no file descriptors. Little endian.
 */

#ifndef LEND_VFIO_USER_H
#define LEND_VFIO_USER_H

#include <stdint.h>

enum vu_command {
	VU_VERSION = 1,
	VU_DMA_MAP = 2,
	VU_DMA_UNMAP = 3,
	VU_GET_INFO = 4,
	VU_GET_REGION_INFO = 5,
	VU_GET_REGION_IO_FDS = 6,
	VU_GET_IRQ_INFO = 7,
	VU_SET_IRQS = 8,
	VU_REGION_READ = 9,
	VU_REGION_WRITE = 10,
	VU_DMA_READ = 11,
	VU_DMA_WRITE = 12,
	VU_RESET = 13,
	VU_DIRTY_PAGES = 14,
	VU_WRITE_MULTI = 15,

	/* Ours. The relay sends the first two, kawela-lend the others */
	VU_KNOCK = 0x4b00,
	VU_GONE,
	VU_HELLO,
	VU_IRQ,
	VU_REVOKED,
	VU_ANEW,
};

#define VU_TYPE		0xfu
#define VU_REPLY	0x1u
#define VU_NO_REPLY	(1u << 4)
#define VU_ERROR	(1u << 5)
/* The relay's: the message had file descriptors, for a mapping of the window's file */
#define VU_FDS		(1u << 31)

/* Octets of one access to a region, of any message, and writes of one VU_WRITE_MULTI */
#define VU_DATA_MAX	4096u
#define VU_WRITES_MAX	200u
#define VU_MESSAGE_MAX	8192u

struct vu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size;		/* with this header */
	uint32_t flags;
	uint32_t error;
};

struct vu_version {
	uint16_t major;
	uint16_t minor;
	char capabilities[];	/* JSON, ends with a 0 */
};

struct vu_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset;	/* in the file, that is, in the window */
	uint64_t address;
	uint64_t size;
};

struct vu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t address;
	uint64_t size;
};

struct vu_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t regions;
	uint32_t irqs;
};

struct vu_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};

struct vu_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

struct vu_irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};

struct vu_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[];
};

struct vu_write {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[8];
};

struct vu_write_multi {
	uint64_t count;
	struct vu_write writes[];
};

/* A relay's first message, and again until it is answered */
struct vu_knock {
	char magic[16];		/* VU_MAGIC: found again in a stream that was cut */
	uint64_t nonce;		/* comes back in the answer */
	uint32_t version;	/* VU_PRIVATE */
	uint32_t reserved;
	uint64_t memory;	/* octets of the borrower's memory */
};

/* The answer. The header's error is 0, or why not; the text says it to people */
struct vu_hello {
	char magic[16];
	uint64_t nonce;
	uint32_t version;
	uint32_t reserved;
	uint64_t window;	/* octets */
	char text[128];
};

/* An interrupt of the VF: one of enum vu_irq_index */
struct vu_irq {
	uint32_t index;
	uint32_t vector;
};

/* The VF was taken away, and can't be borrowed; no answer follows */
struct vu_revoked {
	char text[128];
};

#define VU_MAGIC	"kawela-lend 1\r\n"
#define VU_PRIVATE	1u

/* As VFIO numbers a PCI device's */
enum vu_region { VU_BAR0 = 0, VU_BAR5 = 5, VU_ROM = 6, VU_CONFIG = 7, VU_VGA = 8, VU_REGIONS = 9 };
enum vu_irq_index { VU_MSIX = 2, VU_ERR = 3, VU_REQ = 4, VU_IRQS = 5 };

#define VU_IRQ_DATA_NONE	(1u << 0)
#define VU_IRQ_DATA_EVENTFD	(1u << 2)
#define VU_IRQ_TRIGGER		(1u << 5)
#define VU_IRQ_EVENTFD		(1u << 0)	/* of vu_irq_info */
#define VU_DMA_READABLE		(1u << 0)
#define VU_DMA_WRITABLE		(1u << 1)
#define VU_UNMAP_ALL		(1u << 1)

#endif
