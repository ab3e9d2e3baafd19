/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames that a pool sent and gets back (KWL_QUIRK_ECHO).
 *
 * A bridge would learn from them that its own hosts are out on the wire, and bonding and
 * LLDP would meet themselves. So the last senders are remembered, each with its
 * receiver and a number of frames, and as many that come from them soon afterwards are
 * dropped. The senders' addresses needn't be the netdev's own: there may be a bridge
 * behind it. Another host may use them, too, as with VRRP. Its frames are told apart by
 * its own IP address; and each frame comes back once, so what comes after it is from
 * that host.
 */
#ifndef _LIBKAWELA_ECHO_H
#define _LIBKAWELA_ECHO_H

#include <linux/atomic.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/unaligned.h>

#define KWL_ECHO_SLOTS		1024
/* A frame comes back at once, and then waits for NAPI */
#define KWL_ECHO_TIME		HZ
/* Octets that are looked at: two tags, and IPv6 up to the end of the sender's address */
#define KWL_ECHO_LEN		(ETH_HLEN + 2 * VLAN_HLEN + 24)

/**
 * struct kwl_echo - what a port has sent
 * @slot: by a hash of sender and receiver, kwl_echo_hash()
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

/* Where the type stands. The device may have inserted or removed tags before it. */
static inline u32 kwl_echo_type_at(const u8 *frame, u32 len)
{
	u32 at = 2 * ETH_ALEN, tags;

	for (tags = 0; tags < 2 && at + VLAN_HLEN + 2 <= len; tags++) {
		u16 type = get_unaligned_be16(frame + at);

		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
		at += VLAN_HLEN;
	}
	return at;
}

/* Who says it: the type, and the sender's own address (of IPv6 the end) where it has one */
static inline u32 kwl_echo_sender(const u8 *frame, u32 len)
{
	u32 at = kwl_echo_type_at(frame, len);
	u16 type = get_unaligned_be16(frame + at);

	switch (type) {
	case ETH_P_IP:
		at += 2 + 12;
		break;
	case ETH_P_ARP:
		at += 2 + 14;
		break;
	case ETH_P_IPV6:
		at += 2 + 20;
		break;
	default:
		return type;
	}
	return at + 4 <= len ? get_unaligned_be32(frame + at) + type : type;
}

/*
 * Both addresses and the sender, mixed; the upper half chooses the slot, the lower half
 * is the key
 */
static inline u64 kwl_echo_hash(const u8 *frame, u32 len)
{
	u64 hash = get_unaligned((const u64 *)frame) * 0x9e3779b97f4a7c15ULL;

	hash ^= hash >> 29;
	hash += get_unaligned((const u32 *)(frame + 8)) +
		((u64)kwl_echo_sender(frame, len) << 32);
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
	/* Where nothing comes back the frame needn't be in the cache yet */
	return unlikely(suspects) && (frame[0] | KWL_ECHO_ALL) & suspects;
}

/**
 * kwl_echo_possible() - whether a frame that is about to be sent may come back
 * @echo: the port's memory, or NULL where nothing comes back
 * @netdev: the port's netdev
 * @frame: its Ethernet header
 *
 * Return: whether to call kwl_echo_sent(), which asks again.
 */
static inline bool kwl_echo_possible(const struct kwl_echo *echo,
				     const struct net_device *netdev,
				     const u8 *frame)
{
	return unlikely(echo && (is_multicast_ether_addr(frame) ||
				 READ_ONCE(netdev->flags) & IFF_PROMISC));
}

/**
 * kwl_echo_sent() - remember a frame that is about to be sent
 * @echo: the port's memory, or NULL where nothing comes back
 * @netdev: the port's netdev
 * @frame: its beginning, at least an Ethernet header
 * @len: octets of it, best KWL_ECHO_LEN
 * @count: frames on the wire
 *
 * Context: any; before the doorbell.
 */
static inline void kwl_echo_sent(struct kwl_echo *echo,
				 const struct net_device *netdev,
				 const u8 *frame, u32 len, u32 count)
{
	u64 hash;
	u32 i;

	if (!kwl_echo_possible(echo, netdev, frame))
		return;
	hash = kwl_echo_hash(frame, len);
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
 * @frame: its beginning, at least an Ethernet header
 * @len: octets of it
 *
 * Context: any.
 * Return: whether it is to be dropped.
 */
static inline bool kwl_echo_heard(struct kwl_echo *echo,
				  const struct net_device *netdev,
				  const u8 *frame, u32 len)
{
	u64 hash;
	u32 i;

	if (likely(!kwl_echo_suspected(kwl_echo_suspects(echo, netdev), frame)))
		return false;
	hash = kwl_echo_hash(frame, len);
	i = kwl_echo_slot(hash);
	return kwl_echo_fresh(echo, i, hash) &&
	       atomic_dec_if_positive(&echo->slot[i].left) >= 0;
}

#endif /* _LIBKAWELA_ECHO_H */
