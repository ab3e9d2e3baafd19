/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all senders that put frames into a transmit ring share: the stack, XDP
 * and AF_XDP. All of them do so under the queue's transmit lock.
 */
#ifndef _LIBKAWELA_TX_H
#define _LIBKAWELA_TX_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>

#include <kawela/port.h>
#include <kawela/regs.h>

#include "tx_offload.h"

/*
 * Most descriptors that one frame needs: a context, the linear part and each
 * fragment, and one more for every 32 KiB, of which a frame of at most 64 KiB
 * (gso_max_size) has two, and one for the headers on top.
 */
#define KWL_TX_NEED		(1 + 1 + MAX_SKB_FRAGS + 3)
/*
 * Wake when two such frames fit, so that the queue doesn't toggle; or when the
 * smallest ring is all but empty, where the kernel's frames have many fragments
 * (CONFIG_MAX_SKB_FRAGS)
 */
#define KWL_TX_WAKE		min(2 * KWL_TX_NEED, KWL_RING_MIN - KWL_RING_STEP)
/* The emulated device silently drops frames of more data descriptors than this */
static_assert(KWL_TX_NEED - 1 <= 64);
static_assert(KWL_RING_MIN - KWL_RING_STEP - KWL_TX_NEED > 0);
/*
 * Buffers of an AF_XDP socket for which there is room where @free descriptors are: some
 * stay for the stack, whose queue isn't stopped even if each buffer is a short frame and
 * takes another descriptor for its padding
 */
#define KWL_XSK_ROOM(free)						\
	min((free) - KWL_TX_WAKE, ((free) - KWL_TX_NEED) / 2)
/* Those that a frame of a socket may have and still fit the smallest ring */
#define KWL_XSK_SEGS		min(MAX_SKB_FRAGS + 1, KWL_XSK_ROOM(KWL_RING_MIN - 1))

/**
 * struct kwl_tx_done - what one round of completion found
 * @frames: frames
 * @packets: what they became on the wire
 * @bytes: octets on the wire
 * @unqueued: those of @bytes that the stack's byte queue limits don't know of
 */
struct kwl_tx_done {
	u32 frames;
	u32 packets;
	u32 bytes;
	u32 unqueued;
};

static inline u16 kwl_tx_free(const struct kwl_tx_ring *tx)
{
	return kwl_ring_free_slots(READ_ONCE(tx->fill), READ_ONCE(tx->clean),
				   tx->count);
}

static inline void kwl_tx_doorbell(struct kwl_tx_ring *tx)
{
	writel(tx->fill, tx->tail);
}

static inline u16 kwl_tx_put_one(struct kwl_tx_ring *tx, u16 i, dma_addr_t dma,
				 u32 len, u32 cmd, u32 olinfo)
{
	union kwl_tx_desc *desc = &tx->desc[i];

	desc->read.addr = cpu_to_le64(dma);
	desc->read.cmd_type_len = cpu_to_le32(cmd | len);
	desc->read.olinfo_status = cpu_to_le32(olinfo);
	return kwl_ring_next(i, tx->count);
}

/* Describe one mapping, in as many descriptors as its length takes */
static inline u16 kwl_tx_put_data(struct kwl_tx_ring *tx, u16 i, dma_addr_t dma,
				  u32 len, u32 cmd, u32 olinfo)
{
	while (unlikely(len > KWL_TX_DESC_MAX_LEN)) {
		i = kwl_tx_put_one(tx, i, dma, KWL_TX_DESC_MAX_LEN, cmd, olinfo);
		dma += KWL_TX_DESC_MAX_LEN;
		len -= KWL_TX_DESC_MAX_LEN;
	}
	return kwl_tx_put_one(tx, i, dma, len, cmd, olinfo);
}

/*
 * Describe the zeros that follow a frame of @bytes: the emulated device sends short frames
 * short. They aren't written behind the frame, because that memory may be somebody else's.
 */
static inline u16 kwl_tx_put_pad(struct kwl_tx_ring *tx, u16 i, u32 bytes,
				 u32 olinfo)
{
	if (likely(bytes >= ETH_ZLEN))
		return i;
	return kwl_tx_put_one(tx, i, tx->zeros, ETH_ZLEN - bytes, KWL_TX_CMD,
			      olinfo);
}

/* End the frame with @eop, before @end, and hand it to completion */
static inline void kwl_tx_publish_eop(struct kwl_tx_ring *tx,
				      struct kwl_tx_buf *buf,
				      union kwl_tx_desc *eop, u16 end)
{
	eop->read.cmd_type_len |= cpu_to_le32(KWL_TXD_EOP | KWL_TXD_RS);
	/* Descriptors before the pointer that completion follows to them */
	dma_wmb();
	WRITE_ONCE(buf->eop, eop);
	WRITE_ONCE(tx->fill, end);
}

/* The same, where the last descriptor has to be found */
static inline void kwl_tx_publish(struct kwl_tx_ring *tx,
				  struct kwl_tx_buf *buf, u16 end)
{
	kwl_tx_publish_eop(tx, buf, &tx->desc[kwl_ring_prev(end, tx->count)],
			   end);
}

/* Has the device sent the frame that begins here? */
static inline bool kwl_tx_is_done(const struct kwl_tx_buf *buf)
{
	union kwl_tx_desc *eop = READ_ONCE(buf->eop);

	if (!eop)
		return false;
	/* Pairs with dma_wmb() in kwl_tx_publish_eop() */
	smp_rmb();
	return READ_ONCE(eop->wb.status) & cpu_to_le32(KWL_TXD_DD);
}

/* tx_clean.c */
void kwl_tx_unmap(struct kwl_tx_ring *tx, struct kwl_tx_buf *buf);
bool kwl_tx_usable(const struct kwl_tx_ring *tx);
void kwl_tx_used(struct kwl_tx_ring *tx);
void kwl_tx_drop_all(struct kwl_tx_ring *tx);
bool kwl_tx_clean(struct kwl_tx_ring *tx, int budget);

/* Take the descriptors of the finished frame @buf back, from @i on; return the index behind */
static inline u16 kwl_tx_take(struct kwl_tx_ring *tx, struct kwl_tx_buf *buf,
			      u16 i, struct kwl_tx_done *done)
{
	u16 last = buf->eop - tx->desc;

	done->frames++;
	done->packets += buf->segs;
	done->bytes += buf->bytes;
	buf->eop = NULL;
	kwl_tx_unmap(tx, buf);
	while (unlikely(i != last)) {
		i = kwl_ring_next(i, tx->count);
		kwl_tx_unmap(tx, &tx->buf[i]);
	}
	return kwl_ring_next(i, tx->count);
}

#endif /* _LIBKAWELA_TX_H */
