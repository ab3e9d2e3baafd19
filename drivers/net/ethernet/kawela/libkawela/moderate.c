// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often a queue pair interrupts: a time that the user chose, or one of
 * kwl_ladder[] that the kernel's DIM library chooses by what the queue carries.
 */
#include <linux/dim.h>
#include <linux/ethtool.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>

#include <kawela/itr.h>

#include "lib.h"

/* A queue without interrupts for so long is idle: the next frame is answered fast */
#define KWL_IDLE	msecs_to_jiffies(10)

static void kwl_moder_write(struct kwl_qvec *qv, u32 usecs)
{
	qv->moder.usecs = usecs;
	kwl_wr(qv->port->hw, KWL_EITR(qv->vector),
	       kwl_usecs_to_eitr(usecs, qv->port->hw->quirks));
}

static u32 kwl_moder_ladder(const struct kwl_qvec *qv)
{
	const struct dim *dim = &qv->moder.dim;

	return kwl_ladder_usecs(dim->profile_ix, dim->prev_stats.ppms,
				min(qv->rx->count, qv->tx->count));
}

/* DIM has chosen */
static void kwl_moder_work(struct work_struct *work)
{
	struct kwl_moder *moder = container_of(work, struct kwl_moder,
					       dim.work);
	struct kwl_qvec *qv = container_of(moder, struct kwl_qvec, moder);

	kwl_moder_write(qv, kwl_moder_ladder(qv));
	moder->dim.state = DIM_START_MEASURE;
}

/* Begin at the bottom of the ladder, upwards */
static void kwl_moder_rewind(struct kwl_moder *moder)
{
	struct dim *dim = &moder->dim;

	dim->profile_ix = 0;
	dim->tune_state = DIM_GOING_RIGHT;
	dim->steps_left = 0;
	dim->steps_right = 0;
	dim->tired = 0;
	dim->prev_stats = (struct dim_stats) {};
	dim->state = DIM_START_MEASURE;
}

/**
 * kwl_moder_poll() - a poll is complete: look whether the time suits the load
 * @qv: the vector
 *
 * Context: NAPI.
 */
void kwl_moder_poll(struct kwl_qvec *qv)
{
	struct kwl_moder *moder = &qv->moder;
	const struct kwl_rx_stats *rx = qv->rx->stats;
	const struct kwl_tx_stats *tx = qv->tx->stats;
	struct dim_sample sample = {};
	unsigned long last = moder->last;

	if (!moder->adaptive)
		return;
	moder->last = jiffies;
	if (time_after(moder->last, last + KWL_IDLE) &&
	    moder->dim.state != DIM_APPLY_NEW_PROFILE) {
		kwl_moder_rewind(moder);
		if (moder->usecs != kwl_ladder[0])
			kwl_moder_write(qv, kwl_ladder[0]);
		return;
	}
	dim_update_sample(READ_ONCE(moder->events),
			  u64_stats_read(&rx->packets) +
			  u64_stats_read(&tx->packets),
			  u64_stats_read(&rx->bytes) +
			  u64_stats_read(&tx->bytes), &sample);
	kwl_net_dim(&moder->dim, &sample);
}

/**
 * kwl_moder_init() - prepare moderation of a vector
 * @qv: the vector
 */
void kwl_moder_init(struct kwl_qvec *qv)
{
	INIT_WORK(&qv->moder.dim.work, kwl_moder_work);
	qv->moder.dim.mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE;
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
	qv->moder.adaptive = coal->adaptive;
	qv->moder.last = jiffies;
	kwl_moder_rewind(&qv->moder);
	kwl_moder_write(qv, coal->adaptive ? kwl_ladder[0] : coal->usecs);
}

/**
 * kwl_moder_stop() - undo kwl_moder_start()
 * @qv: the vector, which isn't polled any more
 *
 * Context: may sleep; the port's lock.
 */
void kwl_moder_stop(struct kwl_qvec *qv)
{
	cancel_work_sync(&qv->moder.dim.work);
}

/* A running vector is moved from one choice to the other */
static void kwl_moder_change(struct kwl_port *port, u16 i)
{
	struct kwl_qvec *qv = &port->qvec[i];

	napi_disable_locked(&qv->napi);
	kwl_moder_stop(qv);
	kwl_moder_start(qv, &port->coalesce[i]);
	napi_enable_locked(&qv->napi);
	/* An interrupt while NAPI was off masked its vector and was not seen */
	kwl_wr(port->hw, KWL_EIMS, BIT(qv->vector));
	kwl_wr(port->hw, KWL_EICS, BIT(qv->vector));
}

static int kwl_check_coalesce(const struct kwl_coalesce *old,
			      const struct ethtool_coalesce *ec,
			      struct netlink_ext_ack *extack)
{
	if (ec->rx_coalesce_usecs > KWL_USECS_MAX) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "rx-usecs %u exceeds the part's limit of %u",
				       ec->rx_coalesce_usecs, KWL_USECS_MAX);
		return -ERANGE;
	}
	if (ec->use_adaptive_rx_coalesce &&
	    ec->rx_coalesce_usecs != old->usecs) {
		NL_SET_ERR_MSG_MOD(extack,
				   "rx-usecs has no effect while adaptive-rx is on: switch that off, too");
		return -EINVAL;
	}
	return 0;
}

static void kwl_put_coalesce(struct kwl_port *port, u16 i,
			     const struct ethtool_coalesce *ec)
{
	port->coalesce[i] = (struct kwl_coalesce) {
		.adaptive = ec->use_adaptive_rx_coalesce,
		.usecs = ec->rx_coalesce_usecs,
	};
	if (port->running && i < port->dp->cfg.queues)
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
 * Return: 0, -ERANGE or -EINVAL.
 */
int kwl_set_coalesce(struct net_device *netdev, struct ethtool_coalesce *ec,
		     struct kernel_ethtool_coalesce *kec,
		     struct netlink_ext_ack *extack)
{
	struct kwl_port *port = kwl_port_of(netdev);
	u16 i;
	int err;

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

	if (queue >= port->dp->cfg.queues)
		return -EINVAL;
	err = kwl_check_coalesce(&port->coalesce[queue], ec, NULL);
	if (!err)
		kwl_put_coalesce(port, queue, ec);
	return err;
}
