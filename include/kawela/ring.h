/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptor rings: their memory, their buffers and their index arithmetic.
 */
#ifndef _KAWELA_RING_H
#define _KAWELA_RING_H

#include <linux/dma-mapping.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>

#include <kawela/desc.h>
#include <kawela/hw.h>
#include <kawela/ring_index.h>

/*
 * A receive buffer is one page: room for XDP in front, 3 KiB that the device
 * may write (SRRCTL counts in KiB) and behind it room for skb_shared_info, so
 * that an skb is built around it without copying. Longer frames take several
 * buffers, up to the part's maximum frame.
 */
#define KWL_RX_HEADROOM			256	/* XDP_PACKET_HEADROOM */
#define KWL_RX_BUF_LEN			3072
#define KWL_RX_TRUESIZE			4096

/* Descriptors to return to the device at once; each write of RDT is costly */
#define KWL_RX_REFILL			32

/* A transmit descriptor carries at most this many octets */
#define KWL_TX_DESC_MAX_LEN		SZ_32K

/**
 * struct kwl_rx_stats - what a receive queue counted since probe
 * @sync: makes the 64-bit counters readable on 32-bit machines
 * @packets: frames given to the stack
 * @bytes: their octets, without FCS
 * @csum_bad: frames whose checksum the device found wrong
 * @csum_none: frames whose checksum the device didn't check
 * @csum_ok: frames whose checksum the device found right
 * @errors: frames dropped because the device marked them bad
 * @alloc_fail: buffers that could not be allocated
 * @skb_fail: frames dropped for want of an skb
 *
 * Lives in the port, so counters never go backwards when rings change.
 * Written only from the queue's NAPI instance.
 */
struct kwl_rx_stats {
	struct u64_stats_sync sync;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t csum_bad;
	u64_stats_t csum_none;
	u64_stats_t csum_ok;
	u64_stats_t errors;
	u64_stats_t alloc_fail;
	u64_stats_t skb_fail;
};

/**
 * struct kwl_tx_stats - what a transmit queue counted since probe
 * @sync: makes the 64-bit counters readable on 32-bit machines
 * @packets: frames put on the wire, each segment counted
 * @bytes: their octets, without FCS
 * @tso_packets: super-packets that the device segmented
 * @tso_bytes: their octets before segmentation
 * @xsync: as @sync, for what transmission writes
 * @stop: times that the queue was stopped for want of descriptors
 * @wake: times that it was woken
 * @dropped: frames that could not be sent (mapping or header errors)
 * @csum: frames whose checksum the device filled in
 *
 * @packets, @bytes and @wake are written by completion, the others by
 * transmission; both under the rules of u64_stats with one writer a field.
 */
struct kwl_tx_stats {
	struct u64_stats_sync sync;	/* completion */
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t wake;
	struct u64_stats_sync xsync;	/* transmission */
	u64_stats_t tso_packets;
	u64_stats_t tso_bytes;
	u64_stats_t stop;
	u64_stats_t dropped;
	u64_stats_t csum;
};

/**
 * struct kwl_desc_mem - the descriptors that a ring shares with the device
 * @cpu: their address for the driver
 * @dma: their address for the device
 * @count: how many; a multiple of KWL_RING_STEP
 * @regs: offset of the ring's register block
 */
struct kwl_desc_mem {
	void *cpu;
	dma_addr_t dma;
	u16 count;
	u32 regs;
};

struct page_pool;

/**
 * struct kwl_rx_ring - one receive ring
 * @desc: descriptors
 * @page: the buffer behind each descriptor
 * @pool: where buffers come from and return to
 * @tail: RDT
 * @netdev: receiver of the frames
 * @stats: counters, in the port
 * @skb: frame whose last descriptor has not been seen yet
 * @skip: drop descriptors up to the end of the current frame
 * @napi: the queue's NAPI instance
 * @vlans: VLANs whose tags are shown, NULL for all: the tag of a VLAN that the
 *	administrator put a VF into is not the VF's business
 * @count: descriptors in the ring
 * @next: next descriptor to look at
 * @fill: next descriptor to give to the device
 * @queue: index of the queue in the netdev
 * @mem: descriptor memory
 */
struct kwl_rx_ring {
	union kwl_rx_desc *desc;
	struct page **page;
	struct page_pool *pool;
	void __iomem *tail;
	struct net_device *netdev;
	struct kwl_rx_stats *stats;
	struct sk_buff *skb;
	struct napi_struct *napi;
	const unsigned long *vlans;
	u16 count;
	u16 next;
	u16 fill;
	u16 queue;
	bool skip;

	/* Slow path fields follow */
	struct kwl_desc_mem mem;
};

/**
 * struct kwl_tx_buf - what stands behind one transmit descriptor
 * @skb: the frame, in its first descriptor
 * @eop: the frame's last descriptor, in its first; NULL while not handed over
 * @dma: mapping
 * @len: length of the mapping, 0 for none
 * @segs: frames that this one becomes on the wire
 * @bytes: octets on the wire
 */
struct kwl_tx_buf {
	struct sk_buff *skb;
	union kwl_tx_desc *eop;
	dma_addr_t dma;
	u32 len;
	u32 bytes;
	u16 segs;
};

/**
 * struct kwl_tx_ctx - the offload context that the device remembers for a ring
 * @vlan_macip_lens: as in the context descriptor
 * @type_tucmd: as in the context descriptor
 * @mss_l4len_idx: as in the context descriptor
 */
struct kwl_tx_ctx {
	u32 vlan_macip_lens;
	u32 type_tucmd;
	u32 mss_l4len_idx;
};

/**
 * struct kwl_tx_ring - one transmit ring
 * @desc: descriptors
 * @buf: what stands behind each of them
 * @tail: TDT
 * @dev: the device that maps buffers
 * @txq: the stack's queue
 * @stats: counters, in the port
 * @ctx: the context that the device holds; type_tucmd 0 means none
 * @count: descriptors in the ring
 * @fill: next descriptor to write; written by transmission only
 * @clean: next descriptor to complete; written by completion only
 * @mem: descriptor memory
 */
struct kwl_tx_ring {
	union kwl_tx_desc *desc;
	struct kwl_tx_buf *buf;
	void __iomem *tail;
	struct device *dev;
	struct netdev_queue *txq;
	struct kwl_tx_stats *stats;
	struct kwl_tx_ctx ctx;
	u16 count;
	u16 fill;

	u16 clean ____cacheline_aligned_in_smp;

	/* Slow path fields follow */
	struct kwl_desc_mem mem;
};

#endif /* _KAWELA_RING_H */
