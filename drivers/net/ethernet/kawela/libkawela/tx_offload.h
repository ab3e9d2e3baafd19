/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a frame asks of the device, as descriptor bits.
 */
#ifndef _LIBKAWELA_TX_OFFLOAD_H
#define _LIBKAWELA_TX_OFFLOAD_H

#include <kawela/ring.h>

/* cmd_type_len of each data descriptor */
#define KWL_TX_CMD		(KWL_TXD_DTYP_DATA | KWL_TXD_DEXT | KWL_TXD_IFCS)

/**
 * struct kwl_tx_meta - descriptor bits of one frame
 * @cmd: cmd_type_len of each of its descriptors, without length and EOP
 * @olinfo: olinfo_status of its first descriptor
 * @ctx: the context it needs; type_tucmd 0 means none
 * @segs: frames it becomes on the wire
 * @hdr_len: octets repeated in each of them, 0 without segmentation
 */
struct kwl_tx_meta {
	u32 cmd;
	u32 olinfo;
	struct kwl_tx_ctx ctx;
	u16 segs;
	u16 hdr_len;
};

/**
 * kwl_tx_ip_offset() - where the device is to see the frame's IP header
 * @skb: the frame
 *
 * In a tunnel it is the inner one; what stands before it is a long MAC header to the
 * device, repeated in each segment.
 *
 * Return: octets from the frame's beginning.
 */
static inline u32 kwl_tx_ip_offset(const struct sk_buff *skb)
{
	return unlikely(skb->encapsulation) ? skb_inner_network_offset(skb) :
					      skb_network_offset(skb);
}

int kwl_tx_offload(struct sk_buff *skb, struct kwl_tx_meta *meta);

/**
 * kwl_tx_wire_bytes() - octets that a frame becomes on the wire
 * @skb: the frame
 * @meta: its descriptor bits
 *
 * Return: octets, without FCS.
 */
static inline u32 kwl_tx_wire_bytes(const struct sk_buff *skb,
				    const struct kwl_tx_meta *meta)
{
	return skb->len + (meta->segs - 1) * meta->hdr_len;
}

#endif /* _LIBKAWELA_TX_OFFLOAD_H */
