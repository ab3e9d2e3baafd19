/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol between the PF and its VFs: 16 words of shared memory and
 * what they mean. PF and VF meet in this file and nowhere else.
 *
 * Opcodes 0x01 to 0x06 and 0x0100 are those of igb and igbvf, to the bit, so
 * that either end of ours works with either end of theirs. The mailbox has no
 * length field: the opcode says how many words count, and variable messages
 * carry a count in the header's INFO field.
 *
 * Two ends of ours speak version 2. The VF says in RESET, in words that others
 * don't look at, that it can; the PF says so in words of its answer that others
 * leave alone; and nothing is different until the VF has sent FEATURES. So no end
 * ever gets an opcode that it doesn't know. In version 2 requests carry a sequence
 * number that the answer repeats, and PF_CONTROL says what it is about.
 *
 * Documentation/networking/device_drivers/ethernet/kawela/mailbox.rst has a
 * section for each opcode.
 */
#ifndef _KAWELA_MBX_ABI_H
#define _KAWELA_MBX_ABI_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

#define KWL_MSG_WORDS			16

/**
 * struct kwl_msg - one message, in host byte order
 * @w: the words; @w[0] is the header
 */
struct kwl_msg {
	u32 w[KWL_MSG_WORDS];
};
static_assert(sizeof(struct kwl_msg) == 64);

/* Header word */
#define KWL_MSG_OP			GENMASK(15, 0)
#define KWL_MSG_INFO			GENMASK(23, 16)
#define KWL_MSG_SEQ			GENMASK(28, 24)	/* version 2 */
#define KWL_MSG_CTS			BIT(29)	/* PF: you may send requests */
#define KWL_MSG_NACK			BIT(30)
#define KWL_MSG_ACK			BIT(31)

/*
 * Every opcode, once: X(symbol, number, name, words). Names appear in tracepoints,
 * debugfs and documentation. Words are those that the message or its answer takes,
 * whichever is longer.
 */
#define KWL_MBX_OPS(X)						\
	X(KWL_OP_RESET,		0x0001,	"RESET",		6)	\
	X(KWL_OP_SET_MAC,	0x0002,	"SET_MAC",		3)	\
	X(KWL_OP_SET_MC,	0x0003,	"SET_MULTICAST",	16)	\
	X(KWL_OP_SET_VLAN,	0x0004,	"SET_VLAN",		2)	\
	X(KWL_OP_SET_LPE,	0x0005,	"SET_LPE",		2)	\
	X(KWL_OP_SET_PROMISC,	0x0006,	"SET_PROMISC",		2)	\
	X(KWL_OP_FEATURES,	0x0012,	"FEATURES",		8)	\
	X(KWL_OP_GET_POLICY,	0x0040,	"GET_POLICY",		8)	\
	X(KWL_OP_GET_STATS,	0x0041,	"GET_STATS",		11)	\
	X(KWL_OP_BYE,		0x0042,	"BYE",			1)	\
	X(KWL_OP_SET_QUEUES,	0x0043,	"SET_QUEUES",		2)	\
	X(KWL_OP_GET_RSS,	0x0044,	"GET_RSS",		16)	\
	X(KWL_OP_PF_CONTROL,	0x0100,	"PF_CONTROL",		3)

#define KWL_MBX_OP_ENUM(sym, num, name, words)	sym = num,
enum kwl_mbx_op {
	KWL_MBX_OPS(KWL_MBX_OP_ENUM)
};

/*
 * Why the PF refuses: in version 2, w[1] of an answer with NACK. 0, and a number
 * that the VF doesn't know, say nothing.
 */
enum kwl_msg_reason {
	KWL_REASON_DENIED	= 1,	/* the administrator's decisions forbid it */
	KWL_REASON_INVALID	= 2,	/* there is no such address, VLAN, length */
	KWL_REASON_FULL		= 3,	/* the VF's share is used up */
	KWL_REASON_TAKEN	= 4,	/* another function has the address */
	KWL_REASON_UNKNOWN	= 5,	/* the PF doesn't know the opcode */
};

/*
 * RESET, VF to PF: w[0]. Reply: w[1] and w[2] hold the VF's MAC address, the
 * first octet in the lowest byte; NACK means that the PF has none to give
 * (never sent by kawela) and that the VF may choose one.
 *
 * A VF of ours sends KWL_MSG_HELLO in w[1] and the versions that it speaks in
 * w[2]. The answer then has KWL_MSG_WELCOME in w[3], the version to use in w[4]
 * and a nonce in w[5].
 */
#define KWL_MSG_HELLO			0x6b776c76	/* "kwlv" */
#define KWL_MSG_WELCOME			0x6b776c70	/* "kwlp" */
#define KWL_MSG_VERSION_LEAST		GENMASK(31, 16)
#define KWL_MSG_VERSION_MOST		GENMASK(15, 0)
#define KWL_MSG_VERSION			2

/*
 * FEATURES: begin version 2. The version in w[1], the nonce of RESET's answer in
 * w[2]: it shows that the mailbox doesn't hold what an earlier driver left.
 * The answer is that to GET_POLICY.
 */

/*
 * GET_POLICY: what is decided for this VF. The answer:
 * w[1], w[2]	MAC address that it has, layout of RESET's
 * w[3]		KWL_POLICY_*
 * w[4]		KWL_LINK_*
 * w[5]		longest frame that it may ask for (SET_LPE)
 * w[6]		limit of its transmit rate in Mb/s, 0 for none
 * w[7]		KWL_LIMIT_*
 */
#define KWL_POLICY_VLAN			GENMASK(11, 0)	/* its frames are put into */
#define KWL_POLICY_QOS			GENMASK(15, 13)
#define KWL_POLICY_TRUSTED		BIT(16)
#define KWL_POLICY_SPOOFCHK		BIT(17)
#define KWL_POLICY_MAC_FIXED		BIT(18)	/* it may have no other */
#define KWL_LINK_SPEED			GENMASK(15, 0)	/* Mb/s */
#define KWL_LINK_UP			BIT(16)
#define KWL_LINK_FULL			BIT(17)
#define KWL_LIMIT_UC			GENMASK(7, 0)	/* additional addresses */
#define KWL_LIMIT_VLANS			GENMASK(15, 8)
#define KWL_LIMIT_QUEUES		GENMASK(23, 16)	/* queue pairs */

/*
 * GET_STATS: what the PF counted for this VF since its last reset: a driver must not
 * learn what one before it did. The answer has 64-bit counters, lower word first, from
 * w[1] on, in this order.
 */
enum kwl_msg_stat {
	KWL_STAT_RX_PACKETS,
	KWL_STAT_TX_PACKETS,
	KWL_STAT_RX_BYTES,
	KWL_STAT_TX_BYTES,
	KWL_STAT_RX_MULTICAST,
	KWL_STATS
};
static_assert(1 + 2 * KWL_STATS <= KWL_MSG_WORDS);

/* BYE: the VF's driver goes; what it asked for is forgotten, its pool closed */

/*
 * SET_QUEUES: queue pairs that the VF uses, 1 to KWL_LIMIT_QUEUES, in w[1]. After
 * the handshake it is 1. With more, RSS spreads what comes from the wire.
 */

/*
 * GET_RSS: how frames are spread, for a trusted VF: the key is the PF's. The
 * answer has the key from w[1] on, first octet in the lowest byte; from w[11] on
 * the queue of each of 128 buckets, one bit each; in w[15] what is hashed, in
 * the layout of MRQC.
 */
#define KWL_MSG_RSS_KEY			1
#define KWL_MSG_RSS_KEY_LEN		40
#define KWL_MSG_RSS_TABLE		11
#define KWL_MSG_RSS_BUCKETS		128
#define KWL_MSG_RSS_TYPES		15

/* SET_MAC: address in w[1] and w[2], and in INFO what to do with it */
enum kwl_msg_mac {
	KWL_MSG_MAC_PRIMARY		= 0,	/* replace the VF's own address */
	KWL_MSG_MAC_CLEAR		= 1,	/* drop all additional ones */
	KWL_MSG_MAC_ADD			= 2,	/* add one */
};

/*
 * SET_MULTICAST: INFO holds the number of 12-bit hashes (kwl_mc_hash()) that
 * follow from w[1] on, two a word, the first in the lower half. OVERFLOW says
 * that there were more than fit.
 *
 * In version 2 a VF with more groups sends several: ADD says that these come to
 * those of the messages before, and don't replace them. A PF that doesn't know ADD
 * refuses it, because it reads it as part of the count.
 */
#define KWL_MSG_MC_COUNT		GENMASK(21, 16)
#define KWL_MSG_MC_ADD			BIT(22)	/* version 2 */
#define KWL_MSG_MC_OVERFLOW		BIT(23)
#define KWL_MSG_MC_MAX			30

/* SET_VLAN: VLAN in the low 12 bits of w[1]; INFO 1 adds, 0 removes */

/* SET_LPE: largest frame in octets, with FCS and tags, in w[1] */

/* SET_PROMISC: INFO */
#define KWL_MSG_PROMISC_UC		BIT(16)
#define KWL_MSG_PROMISC_MC		BIT(17)

/*
 * PF_CONTROL, PF to VF: with CTS "look at your link", without CTS "I was
 * reset, start over with RESET". DPDK compares the whole word.
 *
 * In version 2 KWL_EVENT_* in w[1] say what there is to look at, and w[2] is the
 * link (KWL_LINK_*). Events are levels: a VF that lost one misses nothing when it
 * looks at the next. After TAKEN the VF asks again for all addresses and VLANs
 * that it wants, and learns from the answers which ones it has.
 */
#define KWL_EVENT_LINK			BIT(0)	/* link: it is in w[2] */
#define KWL_EVENT_POLICY		BIT(1)	/* GET_POLICY has news */
#define KWL_EVENT_RESET			BIT(2)	/* the PF is about to reset */
#define KWL_EVENT_TAKEN			BIT(3)	/* addresses or VLANs were taken back */

/**
 * kwl_msg_rss_queue() - the queue of a bucket in the answer to GET_RSS
 * @msg: the message
 * @i: index below KWL_MSG_RSS_BUCKETS
 *
 * Return: 0 or 1.
 */
static inline u32 kwl_msg_rss_queue(const struct kwl_msg *msg, unsigned int i)
{
	return msg->w[KWL_MSG_RSS_TABLE + i / 32] >> i % 32 & 1;
}

/**
 * kwl_mc_hash() - the device's hash of a multicast address
 * @addr: six octets
 *
 * Bits 47:36 of the address, which is RCTL.MO = 0 (datasheet 7.1.2.2).
 *
 * Return: 12 bits.
 */
static inline u16 kwl_mc_hash(const u8 *addr)
{
	return addr[4] >> 4 | addr[5] << 4;
}

/**
 * kwl_msg_put_mac() - store a MAC address in words 1 and 2
 * @msg: the message
 * @addr: six octets
 */
static inline void kwl_msg_put_mac(struct kwl_msg *msg, const u8 *addr)
{
	msg->w[1] = addr[0] | addr[1] << 8 | addr[2] << 16 | (u32)addr[3] << 24;
	msg->w[2] = addr[4] | addr[5] << 8;
}

/**
 * kwl_msg_get_mac() - read the MAC address in words 1 and 2
 * @msg: the message
 * @addr: receives six octets
 */
static inline void kwl_msg_get_mac(const struct kwl_msg *msg, u8 *addr)
{
	int i;

	for (i = 0; i < 6; i++)
		addr[i] = msg->w[1 + i / 4] >> 8 * (i % 4);
}

/**
 * kwl_msg_mc_hash() - the i-th hash of a SET_MULTICAST message
 * @msg: the message
 * @i: index below KWL_MSG_MC_MAX
 *
 * Return: 12 bits.
 */
static inline u16 kwl_msg_mc_hash(const struct kwl_msg *msg, unsigned int i)
{
	return msg->w[1 + i / 2] >> 16 * (i % 2) & 0xfff;
}

#endif /* _KAWELA_MBX_ABI_H */
