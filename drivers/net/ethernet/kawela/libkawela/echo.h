/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames that a pool sent and gets back (KWL_QUIRK_ECHO).
 *
 * A bridge would learn from them that its own hosts are out on the wire, and bonding and
 * LLDP would meet themselves. So the last senders are remembered, each with its
 * receiver and a number of frames, and as many that come from them soon afterwards are
 * dropped. The senders' addresses needn't be the netdev's own: there may be a bridge
 * behind it. Another host may use them, too, as with VRRP: each frame comes back once,
 * and what comes after it is from that host.
 */
#ifndef _LIBKAWELA_ECHO_H
#define _LIBKAWELA_ECHO_H

#include <linux/atomic.h>
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/unaligned.h>

#define KWL_ECHO_SLOTS		1024
/* A frame comes back at once, and then waits for NAPI */
#define KWL_ECHO_TIME		HZ

/**
 * struct kwl_echo - what a port has sent
 * @slot: by a hash of sender and receiver
 * @slot.key: another hash of the same; 0 where there is nothing
 * @slot.when: jiffies when the last such frame was sent
 * @slot.left: frames that haven't come back
 *
 * Read and written without a lock: a reader that finds a slot half written drops one
 * frame too few, or one too many of a pair of addresses that has just been sent to.
 */
struct kwl_echo {
	struct {
		u32 key;
		u32 when;
		atomic_t left;
	} slot[KWL_ECHO_SLOTS];
};

/* Both addresses, mixed; the upper half chooses the slot, the lower half is the key */
static inline u64 kwl_echo_hash(const u8 *frame)
{
	u64 hash = get_unaligned((const u64 *)frame) * 0x9e3779b97f4a7c15ULL;

	hash ^= hash >> 29;
	hash += get_unaligned((const u32 *)(frame + 8));
	hash *= 0xbf58476d1ce4e5b9ULL;
	hash ^= hash >> 32;
	return hash | 1;
}

static inline u32 kwl_echo_slot(u64 hash)
{
	return hash >> 32 & (KWL_ECHO_SLOTS - 1);
}

/* Whether such a frame was sent a short time ago */
static inline bool kwl_echo_fresh(const struct kwl_echo *echo, u32 i, u64 hash)
{
	return READ_ONCE(echo->slot[i].key) == (u32)hash &&
	       (u32)jiffies - READ_ONCE(echo->slot[i].when) <= KWL_ECHO_TIME;
}

/* Bits of a frame's first octet, and one more that kwl_echo_suspected() adds */
#define KWL_ECHO_GROUPS		BIT(0)
#define KWL_ECHO_ALL		BIT(8)

/**
 * kwl_echo_suspects() - which frames may come back now
 * @echo: the port's memory, or NULL where nothing comes back
 * @netdev: the port's netdev
 *
 * Those to groups, and those to unknown addresses while all are wanted.
 *
 * Return: for kwl_echo_suspected().
 */
static inline u32 kwl_echo_suspects(const struct kwl_echo *echo,
				    const struct net_device *netdev)
{
	if (!echo)
		return 0;
	return KWL_ECHO_GROUPS |
	       (READ_ONCE(netdev->flags) & IFF_PROMISC ? KWL_ECHO_ALL : 0);
}

/**
 * kwl_echo_suspected() - whether a frame may be one that comes back
 * @suspects: what kwl_echo_suspects() said
 * @frame: its Ethernet header
 *
 * Return: whether kwl_echo_heard() has to look closer.
 */
static inline bool kwl_echo_suspected(u32 suspects, const u8 *frame)
{
	return (frame[0] | KWL_ECHO_ALL) & suspects;
}

/**
 * kwl_echo_sent() - remember a frame that is about to be sent
 * @echo: the port's memory, or NULL where nothing comes back
 * @netdev: the port's netdev
 * @frame: its Ethernet header, whole
 * @count: frames on the wire
 *
 * Context: any; before the doorbell.
 */
static inline void kwl_echo_sent(struct kwl_echo *echo,
				 const struct net_device *netdev,
				 const u8 *frame, u32 count)
{
	u64 hash;
	u32 i;

	if (likely(!echo || (!is_multicast_ether_addr(frame) &&
			     !(READ_ONCE(netdev->flags) & IFF_PROMISC))))
		return;
	hash = kwl_echo_hash(frame);
	i = kwl_echo_slot(hash);
	if (!kwl_echo_fresh(echo, i, hash))
		atomic_set(&echo->slot[i].left, 0);
	WRITE_ONCE(echo->slot[i].when, (u32)jiffies);
	WRITE_ONCE(echo->slot[i].key, (u32)hash);
	atomic_add(count, &echo->slot[i].left);
}

/**
 * kwl_echo_heard() - whether a received frame is one that this port has sent
 * @echo: the port's memory, or NULL where nothing comes back
 * @netdev: the port's netdev
 * @frame: its Ethernet header
 *
 * Context: any.
 * Return: whether it is to be dropped.
 */
static inline bool kwl_echo_heard(struct kwl_echo *echo,
				  const struct net_device *netdev,
				  const u8 *frame)
{
	u64 hash;
	u32 i;

	if (likely(!kwl_echo_suspected(kwl_echo_suspects(echo, netdev), frame)))
		return false;
	hash = kwl_echo_hash(frame);
	i = kwl_echo_slot(hash);
	return kwl_echo_fresh(echo, i, hash) &&
	       atomic_dec_if_positive(&echo->slot[i].left) >= 0;
}

#endif /* _LIBKAWELA_ECHO_H */
