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
#include <net/xdp.h>

#include <kawela/desc.h>
#include <kawela/hw.h>
#include <kawela/ring_index.h>

/*
 * Descriptors of a ring by default. What one VF may have under way to another
 * finds room there while moderation lets frames gather (moderation.h).
 */
#define KWL_TX_RING_DEFAULT		256
#define KWL_RX_RING_DEFAULT		512

/*
 * A receive buffer is 4 KiB of a page: room for XDP in front, 3 KiB that the device
 * may write (SRRCTL counts in KiB) and behind it room for skb_shared_info, so
 * that an skb is built around it without copying. Longer frames take several
 * buffers, up to the device's maximum frame.
 */
#define KWL_RX_HEADROOM			256	/* XDP_PACKET_HEADROOM */
#define KWL_RX_BUF_LEN			3072
#define KWL_RX_TRUESIZE			4096
/* Larger pages are cut into several buffers */
#define KWL_RX_PARTS			(PAGE_SIZE / KWL_RX_TRUESIZE)

/* Descriptors to return to the device at once; each write of RDT is costly */
#define KWL_RX_REFILL			32

/* Frames that XDP_TX collects before it takes the transmit queue's lock */
#define KWL_XDP_BULK			16

/* What became of frames that an XDP program saw */
enum kwl_xdp_stat {
	KWL_XDP_PASS,
	KWL_XDP_DROP,
	KWL_XDP_TX,
	KWL_XDP_REDIRECT,
	KWL_XDP_ABORTED,	/* by the program, or because there was no room */
	KWL_XDP_STATS,
};

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
 * @xdp: what became of frames that an XDP program saw; @packets has them, too
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
	u64_stats_t xdp[KWL_XDP_STATS];
};

/**
 * struct kwl_tx_stats - what a transmit queue counted since probe
 * @sync: makes the 64-bit counters readable on 32-bit machines
 * @packets: frames put on the wire, each segment counted
 * @bytes: their octets, without FCS
 * @tso_packets: super-packets that the device segmented
 * @tso_bytes: their octets before segmentation
 * @tso_segs: frames that they became
 * @tso_wire_bytes: octets of these
 * @xsync: as @sync, for what transmission writes
 * @stop: times that the queue was stopped for want of descriptors
 * @wake: times that it was woken
 * @dropped: frames that could not be sent (mapping or header errors), or were not
 *	before the ring stopped
 * @csum: frames whose checksum the device filled in
 * @xdp: frames of XDP (XDP_TX, and redirected from elsewhere)
 * @xdp_full: frames of XDP refused for want of descriptors
 * @xsk: frames of AF_XDP sockets
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
	u64_stats_t tso_segs;
	u64_stats_t tso_wire_bytes;
	u64_stats_t stop;
	u64_stats_t dropped;
	u64_stats_t csum;
	u64_stats_t xdp;
	u64_stats_t xdp_full;
	u64_stats_t xsk;
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

struct bpf_prog;
struct kwl_echo;
struct kwl_tx_ring;
struct page_pool;
struct xsk_buff_pool;

/**
 * struct kwl_xdp_buff - a received frame as XDP programs see it
 * @xdp: what the kernel knows of it
 * @wb: what the device wrote to its last descriptor, for the metadata that programs
 *	ask for
 * @stamp: when it arrived, in ns of the PTP clock, or 0; set where @wb says that
 *	the device took a timestamp
 *
 * Lies over struct xdp_buff_xsk where the frame is in an AF_XDP socket's memory.
 */
struct kwl_xdp_buff {
	struct xdp_buff xdp;
	struct kwl_rx_wb wb;
	u64 stamp;
};

/**
 * enum kwl_rx_state - where in a frame the next descriptor is
 * @KWL_RX_FIRST: it begins a frame
 * @KWL_RX_MORE: it continues the one in @frame
 * @KWL_RX_SKIP: it continues one that is being dropped
 */
enum kwl_rx_state {
	KWL_RX_FIRST,
	KWL_RX_MORE,
	KWL_RX_SKIP,
};

/**
 * struct kwl_rx_ring - one receive ring
 * @desc: descriptors
 * @buf: the buffer behind each descriptor
 * @xsk_buf: the same for a ring that fills an AF_XDP socket's memory
 * @pool: where buffers come from and return to; NULL with @xsk
 * @tail: RDT
 * @netdev: receiver of the frames
 * @stats: counters, in the port
 * @napi: the queue's NAPI instance
 * @prog: XDP program, or NULL; replaced while the ring runs
 * @vlans: VLANs whose tags are shown, NULL for all: the tag of a VLAN that the
 *	administrator put a VF into is not the VF's business
 * @echo: what the port sent and may get back, or NULL
 * @count: descriptors in the ring
 * @next: next descriptor to look at
 * @fill: next descriptor to give to the device
 * @queue: index of the queue in the netdev
 * @state: enum kwl_rx_state
 * @xdp_redirected: frames were redirected in this poll
 * @xdp_sent: XDP_TX filled descriptors that the device doesn't know of yet
 * @xdp_bulked: frames in @xdp_bulk
 * @xsk_full: the socket took no more frames; it will wake us
 * @frame: a frame in several buffers, or one that an XDP program looks at
 * @tx: where XDP_TX goes: the ring of the same queue pair, or another one that the
 *	role says; while polled
 * @xdp_bulk: frames that wait for the lock of @tx
 * @xdp_rxq: what XDP programs may know of the ring
 * @xsk: pool of an AF_XDP socket, or NULL
 * @xsk_first: first buffer of a frame in several, in the socket's memory
 * @buf_len: octets that the device may write into a buffer
 * @dev: the device
 * @mem: descriptor memory
 */
struct kwl_rx_ring {
	union kwl_rx_desc *desc;
	union {
		void **buf;
		struct xdp_buff **xsk_buf;
	};
	struct page_pool *pool;
	void __iomem *tail;
	struct net_device *netdev;
	struct kwl_rx_stats *stats;
	struct napi_struct *napi;
	struct bpf_prog *prog;
	const unsigned long *vlans;
	struct kwl_echo *echo;
	u16 count;
	u16 next;
	u16 fill;
	u16 queue;
	u8 state;

	/* With an XDP program, or for frames in several buffers */
	bool xdp_redirected;
	bool xdp_sent;
	bool xsk_full;
	u8 xdp_bulked;
	struct kwl_xdp_buff frame;
	struct kwl_tx_ring *tx;
	struct xdp_frame *xdp_bulk[KWL_XDP_BULK];
	struct xdp_rxq_info xdp_rxq;

	/* AF_XDP */
	struct xsk_buff_pool *xsk;
	struct xdp_buff *xsk_first;

	/* Slow path fields follow */
	u32 buf_len;
	struct device *dev;
	struct kwl_desc_mem mem;
};

/**
 * enum kwl_tx_kind - whose frame stands behind a descriptor
 * @KWL_TX_SKB: the stack's
 * @KWL_TX_XDP: XDP's
 * @KWL_TX_XSK: an AF_XDP socket's
 */
enum kwl_tx_kind {
	KWL_TX_SKB,
	KWL_TX_XDP,
	KWL_TX_XSK,
};

/**
 * struct kwl_tx_buf - what stands behind one transmit descriptor
 * @skb: the frame, in its first descriptor
 * @xdpf: the same for a frame of XDP
 * @xsk_bufs: for a frame of an AF_XDP socket: in how many buffers the socket gave it
 * @eop: the frame's last descriptor, in its first; NULL while not handed over
 * @dma: mapping
 * @len: length of the mapping, 0 for none
 * @segs: frames that this one becomes on the wire
 * @kind: enum kwl_tx_kind, in the frame's first descriptor
 * @bytes: octets on the wire
 */
struct kwl_tx_buf {
	union {
		struct sk_buff *skb;
		struct xdp_frame *xdpf;
		u32 xsk_bufs;
	};
	union kwl_tx_desc *eop;
	dma_addr_t dma;
	u32 len;
	u32 bytes;
	u16 segs;
	u8 kind;
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
 * @xsk: pool of an AF_XDP socket, or NULL
 * @echo: where to note what may come back, or NULL
 * @zeros: the port's
 * @count: descriptors in the ring
 * @fill: next descriptor to write; written by transmission only
 * @clean: next descriptor to complete; written by completion only
 * @open: senders may use it; completion wakes no queue whose ring isn't open
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
	struct xsk_buff_pool *xsk;
	struct kwl_echo *echo;
	dma_addr_t zeros;
	u16 count;
	u16 fill;

	u16 clean ____cacheline_aligned_in_smp;
	bool open;

	/* Slow path fields follow */
	struct kwl_desc_mem mem;
};

#endif /* _KAWELA_RING_H */
