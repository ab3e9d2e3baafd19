// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt moderation of a queue pair: the interval that the user chose, or one that
 * is adapted to the load (moderation.h).
 */
#include <linux/ethtool.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>

#include <kawela/moderation.h>

#include "lib.h"

/* A queue without interrupts for so long is idle: the next frame is answered fast */
#define KWL_IDLE	msecs_to_jiffies(20)

static void kwl_moder_write(struct kwl_qvec *qv, u32 usecs)
{
	qv->moder.usecs = usecs;
	kwl_wr(qv->port->hw, KWL_EITR(qv->vector),
	       kwl_usecs_to_eitr(usecs, qv->port->hw->quirks));
}

static u32 kwl_moder_frames(const struct kwl_qvec *qv)
{
	return u64_stats_read(&qv->rx->stats->packets) +
	       u64_stats_read(&qv->tx->stats->packets);
}

/*
 * Frames that may gather. Half the receive ring: the rate may double before the next
 * look. A transmit ring that is full costs no frames.
 */
static u32 kwl_moder_room(const struct kwl_qvec *qv)
{
	return min(qv->rx->count / 2, qv->tx->count / 4 * 3);
}

/* A window begins */
static void kwl_moder_open(struct kwl_qvec *qv)
{
	struct kwl_moder *moder = &qv->moder;

	moder->since = ktime_get_ns();
	moder->since_events = READ_ONCE(moder->events);
	moder->since_frames = kwl_moder_frames(qv);
}

static bool kwl_moder_is_burst(const struct kwl_moder *moder)
{
	return kwl_adapt_is_burst(&moder->adapt,
			       READ_ONCE(moder->events) - moder->since_events);
}

/* Learn from the window, if it is long enough */
static void kwl_moder_window(struct kwl_qvec *qv)
{
	struct kwl_moder *moder = &qv->moder;
	u32 usecs = div_u64(ktime_get_ns() - moder->since, NSEC_PER_USEC);

	if (usecs >= KWL_ADAPT_WINDOW)
		kwl_adapt_window(&moder->adapt,
				 kwl_moder_frames(qv) - moder->since_frames,
				 READ_ONCE(moder->events) - moder->since_events,
				 usecs);
	else if (kwl_moder_is_burst(moder))
		kwl_adapt_burst(&moder->adapt);
	else
		return;
	kwl_moder_open(qv);
}

/* Forget what the load was */
static void kwl_moder_rewind(struct kwl_qvec *qv)
{
	qv->moder.adapt = (struct kwl_adapt) {};
	kwl_moder_open(qv);
}

/**
 * kwl_moder_poll() - a poll is at its end: look whether the time suits the load
 * @qv: the vector
 *
 * Looks once a tick, and when a load begins: often enough, and polls between cost
 * next to nothing.
 *
 * Context: NAPI, before napi_complete_done(): the rings may go after that.
 */
void kwl_moder_poll(struct kwl_qvec *qv)
{
	struct kwl_moder *moder = &qv->moder;
	unsigned long now = jiffies, last = moder->last;
	u32 usecs;

	if (!moder->adaptive || (now == last && !kwl_moder_is_burst(moder)))
		return;
	moder->last = now;
	if (time_after(now, last + KWL_IDLE))
		kwl_moder_rewind(qv);
	else
		kwl_moder_window(qv);
	usecs = kwl_adapt_usecs(&moder->adapt, kwl_moder_room(qv));
	if (usecs != moder->usecs)
		kwl_moder_write(qv, usecs);
}

/**
 * kwl_moder_start() - let a vector interrupt as often as was chosen for it
 * @qv: the vector, which has rings and isn't polled
 * @coal: what the user chose
 *
 * Context: the port's lock.
 */
void kwl_moder_start(struct kwl_qvec *qv, const struct kwl_coalesce *coal)
{
	netdev_assert_locked_ops_compat(qv->port->netdev);
	qv->moder.adaptive = coal->adaptive;
	qv->moder.last = jiffies;
	kwl_moder_rewind(qv);
	kwl_moder_write(qv, coal->adaptive ? kwl_intervals[0] : coal->usecs);
}

/* A running vector is moved from one choice to the other */
static void kwl_moder_change(struct kwl_port *port, u16 i)
{
	struct kwl_qvec *qv = &port->qvec[i];

	napi_disable_locked(&qv->napi);
	kwl_moder_start(qv, &port->coalesce[i]);
	napi_enable_locked(&qv->napi);
	/* An interrupt while NAPI was off masked its vector and was not seen */
	kwl_wr(port->hw, KWL_EIMS, BIT(qv->vector));
	kwl_wr(port->hw, KWL_EICS, BIT(qv->vector));
}

/*
 * rx-usecs may be chosen while adaptive-rx is on. NetworkManager and others set it
 * alone, and no driver can distinguish that from a request for both.
 */
static int kwl_check_coalesce(const struct kwl_coalesce *old,
			      const struct ethtool_coalesce *ec,
			      struct netlink_ext_ack *extack)
{
	if (ec->rx_coalesce_usecs > KWL_USECS_MAX) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "rx-usecs %u exceeds the device's limit of %u",
				       ec->rx_coalesce_usecs, KWL_USECS_MAX);
		return -ERANGE;
	}
	if (ec->use_adaptive_rx_coalesce && ec->rx_coalesce_usecs != old->usecs)
		NL_SET_ERR_MSG_MOD(extack,
				   "rx-usecs takes effect when adaptive-rx is switched off");
	return 0;
}

static void kwl_put_coalesce(struct kwl_port *port, u16 i,
			     const struct ethtool_coalesce *ec)
{
	bool stays = port->coalesce[i].adaptive && ec->use_adaptive_rx_coalesce;

	port->coalesce[i] = (struct kwl_coalesce) {
		.adaptive = ec->use_adaptive_rx_coalesce,
		.usecs = ec->rx_coalesce_usecs,
	};
	/* What is adapted goes on with what it has learnt */
	if (!stays && kwl_port_running(port) && i < port->dp->cfg.queues)
		kwl_moder_change(port, i);
}

/**
 * kwl_get_coalesce() - ethtool -c
 * @netdev: the netdev
 * @ec: receives what was chosen for the first queue pair; receive and transmit
 *	share an interrupt, so there is no time for the latter
 * @kec: unused
 * @extack: unused
 *
 * Return: 0.
 */
int kwl_get_coalesce(struct net_device *netdev, struct ethtool_coalesce *ec,
		     struct kernel_ethtool_coalesce *kec,
		     struct netlink_ext_ack *extack)
{
	return kwl_get_per_queue_coalesce(netdev, 0, ec);
}

/**
 * kwl_set_coalesce() - ethtool -C
 * @netdev: the netdev
 * @ec: what to choose for all queue pairs, those to come included
 * @kec: unused
 * @extack: receives the reason of a refusal
 *
 * Context: the port's lock.
 * Return: 0 or -ERANGE.
 */
int kwl_set_coalesce(struct net_device *netdev, struct ethtool_coalesce *ec,
		     struct kernel_ethtool_coalesce *kec,
		     struct netlink_ext_ack *extack)
{
	struct kwl_port *port = kwl_port_of(netdev);
	u16 i;
	int err;

	netdev_assert_locked_ops_compat(netdev);
	err = kwl_check_coalesce(&port->coalesce[0], ec, extack);
	for (i = 0; !err && i < KWL_MAX_QUEUES; i++)
		kwl_put_coalesce(port, i, ec);
	return err;
}

/**
 * kwl_get_per_queue_coalesce() - ethtool --per-queue --show-coalesce
 * @netdev: the netdev
 * @queue: the queue pair
 * @ec: receives what was chosen for it
 *
 * Return: 0, or -EINVAL when it doesn't exist.
 */
int kwl_get_per_queue_coalesce(struct net_device *netdev, u32 queue,
			       struct ethtool_coalesce *ec)
{
	struct kwl_port *port = kwl_port_of(netdev);

	if (queue >= port->dp->cfg.queues)
		return -EINVAL;
	ec->use_adaptive_rx_coalesce = port->coalesce[queue].adaptive;
	ec->rx_coalesce_usecs = port->coalesce[queue].usecs;
	return 0;
}

/**
 * kwl_set_per_queue_coalesce() - ethtool --per-queue --coalesce
 * @netdev: the netdev
 * @queue: the queue pair
 * @ec: what to choose for it
 *
 * Context: the port's lock.
 * Return: 0, -ERANGE, or -EINVAL.
 */
int kwl_set_per_queue_coalesce(struct net_device *netdev, u32 queue,
			       struct ethtool_coalesce *ec)
{
	struct kwl_port *port = kwl_port_of(netdev);
	int err;

	netdev_assert_locked_ops_compat(netdev);
	if (queue >= port->dp->cfg.queues)
		return -EINVAL;
	err = kwl_check_coalesce(&port->coalesce[queue], ec, NULL);
	if (!err)
		kwl_put_coalesce(port, queue, ec);
	return err;
}
