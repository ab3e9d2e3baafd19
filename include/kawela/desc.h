/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Advanced descriptors of the 82576 (datasheet 7.1.5 receive, 7.2.2 transmit).
 */
#ifndef _KAWELA_DESC_H
#define _KAWELA_DESC_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

/**
 * union kwl_rx_desc - advanced receive descriptor
 * @read: as the driver gives it: where the frame may go
 * @wb: as the device writes it back
 */
union kwl_rx_desc {
	struct {
		__le64 addr;
		__le64 hdr_addr;	/* unused: no header split */
	} read;
	struct {
		__le16 pkt_info;	/* RSS type, packet type */
		__le16 hdr_info;
		__le32 rss;		/* hash, with RXCSUM.PCSD */
		__le32 status_error;
		__le16 length;
		__le16 vlan;
	} wb;
};
static_assert(sizeof(union kwl_rx_desc) == 16);

/**
 * struct kwl_rx_wb - what the device wrote back to a receive descriptor
 * @info: packet information, which has the type of the hash
 * @vlan: VLAN tag
 * @rss: hash
 * @status: status_error
 * @len: length
 *
 * The device can write to the descriptor at any time. Each field is read once, by
 * kwl_rx_read() and kwl_rx_read_rest(); all others look at this copy.
 */
struct kwl_rx_wb {
	u16 info;
	u16 vlan;
	u32 rss;
	u32 status;
	u32 len;
};

#define KWL_RXD_RSS_TYPE		GENMASK(3, 0)	/* of pkt_info */
enum {
	KWL_RSS_NONE			= 0,
	KWL_RSS_TCP_IPV4		= 1,
	KWL_RSS_IPV4			= 2,
	KWL_RSS_TCP_IPV6		= 3,
	KWL_RSS_IPV6_EX			= 4,
	KWL_RSS_IPV6			= 5,
	KWL_RSS_TCP_IPV6_EX		= 6,
	KWL_RSS_UDP_IPV4		= 7,
	KWL_RSS_UDP_IPV6		= 8,
	KWL_RSS_UDP_IPV6_EX		= 9,
};

#define KWL_RXD_DD			BIT(0)	/* of status_error */
#define KWL_RXD_EOP			BIT(1)
#define KWL_RXD_VP			BIT(3)
#define KWL_RXD_UDPCS			BIT(4)
#define KWL_RXD_L4CS			BIT(5)
#define KWL_RXD_IPCS			BIT(6)
#define KWL_RXD_TS			BIT(16)
#define KWL_RXD_ERR_L4E			BIT(29)
#define KWL_RXD_ERR_IPE			BIT(30)
#define KWL_RXD_ERR_RXE			BIT(31)

/**
 * union kwl_tx_desc - advanced transmit descriptor, data or context
 * @read: data descriptor as the driver writes it
 * @ctx: context descriptor as the driver writes it
 * @wb: as the device writes it back
 */
union kwl_tx_desc {
	struct {
		__le64 addr;
		__le32 cmd_type_len;
		__le32 olinfo_status;
	} read;
	struct {
		__le32 vlan_macip_lens;
		__le32 seqnum_seed;
		__le32 type_tucmd;
		__le32 mss_l4len_idx;
	} ctx;
	struct {
		__le64 rsvd;
		__le32 nxtseq_seed;
		__le32 status;
	} wb;
};
static_assert(sizeof(union kwl_tx_desc) == 16);

#define KWL_TXD_DTALEN			GENMASK(15, 0)	/* of cmd_type_len */
#define KWL_TXD_TSTAMP			BIT(19)	/* take a timestamp */
#define KWL_TXD_DTYP_CTX		(2U << 20)
#define KWL_TXD_DTYP_DATA		(3U << 20)
#define KWL_TXD_EOP			BIT(24)
#define KWL_TXD_IFCS			BIT(25)
#define KWL_TXD_RS			BIT(27)
#define KWL_TXD_DEXT			BIT(29)
#define KWL_TXD_VLE			BIT(30)
#define KWL_TXD_TSE			BIT(31)

#define KWL_TXD_IXSM			BIT(8)	/* of olinfo_status */
#define KWL_TXD_TXSM			BIT(9)
#define KWL_TXD_PAYLEN			GENMASK(31, 14)

#define KWL_TXD_DD			BIT(0)	/* of wb.status */

#define KWL_CTX_IPLEN			GENMASK(8, 0)	/* of vlan_macip_lens */
#define KWL_CTX_MACLEN			GENMASK(15, 9)
#define KWL_CTX_VLAN			GENMASK(31, 16)
#define KWL_CTX_IPV4			BIT(10)	/* of type_tucmd */
#define KWL_CTX_L4T			GENMASK(12, 11)
enum {
	KWL_L4T_UDP			= 0,
	KWL_L4T_TCP			= 1,
	KWL_L4T_SCTP			= 2,
};
#define KWL_CTX_L4LEN			GENMASK(15, 8)	/* of mss_l4len_idx */
#define KWL_CTX_MSS			GENMASK(31, 16)

#endif /* _KAWELA_DESC_H */
