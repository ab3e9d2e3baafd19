// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timestamps of frames (datasheet 7.10.2). The device has one register for each
 * direction, which is locked from the frame that filled it until it is read.
 */
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "clock.h"
#include "kawela.h"
#include "ptp.h"
#include "stamp.h"

/* A frame may wait behind a full ring and pause frames; not for ever */
#define KAWELA_TX_STAMP_WAIT	HZ
/* NAPI takes its own within that time. What stays belongs to a VF's frame */
#define KAWELA_RX_STAMP_WAIT	(HZ / 10)
/* EtherType filter that recognises PTP */
#define KAWELA_ETQF_PTP		0

/**
 * struct kawela_rx_filter - a filter that users may ask for
 * @filter: its name there
 * @type: TSYNCRXCTL.TYPE
 * @msg: PTP message type, for TYPEs that want one
 */
struct kawela_rx_filter {
	enum hwtstamp_rx_filters filter;
	u8 type;
	u8 msg;
};

/* What a device with KWL_QUIRK_TSYNC_ONE_TYPE can do comes first */
static const struct kawela_rx_filter kawela_rx_filters[] = {
	{ HWTSTAMP_FILTER_PTP_V2_L2_SYNC, KWL_TSYNC_L2_V2, 0 },
	{ HWTSTAMP_FILTER_PTP_V2_L2_DELAY_REQ, KWL_TSYNC_L2_V2, 1 },
	{ HWTSTAMP_FILTER_PTP_V2_L2_EVENT, KWL_TSYNC_EVENT_V2, 0 },
};

static unsigned int kawela_rx_filter_count(const struct kawela *pf)
{
	return kwl_has_quirk(&pf->hw, KWL_QUIRK_TSYNC_ONE_TYPE) ?
		       2 : ARRAY_SIZE(kawela_rx_filters);
}

static const struct kawela_rx_filter *kawela_rx_filter(const struct kawela *pf,
						       int filter)
{
	unsigned int i;

	for (i = 0; i < kawela_rx_filter_count(pf); i++)
		if (kawela_rx_filters[i].filter == filter)
			return &kawela_rx_filters[i];
	return NULL;
}

/* Unlocks the register: silicon by RXSTMPH, the emulated device by RXSATRH */
static u64 kawela_rx_stamp_take(struct kawela *pf)
{
	u64 cycles = kwl_rd(&pf->hw, KWL_RXSTMPL);

	cycles |= (u64)kwl_rd(&pf->hw, KWL_RXSTMPH) << 32;
	kwl_rd(&pf->hw, KWL_RXSATRL);
	kwl_rd(&pf->hw, KWL_RXSATRH);
	return cycles;
}

static u64 kawela_tx_stamp_take(struct kawela *pf)
{
	u64 cycles = kwl_rd(&pf->hw, KWL_TXSTMPL);

	return cycles | (u64)kwl_rd(&pf->hw, KWL_TXSTMPH) << 32;
}

/**
 * kawela_stamp_apply() - write to the device which frames get timestamps
 * @pf: the PF
 *
 * Context: the clock's lock.
 */
void kawela_stamp_apply(struct kawela *pf)
{
	const struct kernel_hwtstamp_config *config = &pf->ptp.config;
	const struct kawela_rx_filter *rx = kawela_rx_filter(pf,
							     config->rx_filter);
	struct kwl_hw *hw = &pf->hw;

	lockdep_assert_held(&pf->ptp.lock);
	kwl_wr(hw, KWL_TSYNCTXCTL,
	       config->tx_type == HWTSTAMP_TX_ON ? KWL_TSYNC_EN : 0);
	kwl_wr(hw, KWL_TSYNCRXCTL, rx ? KWL_TSYNC_EN |
	       FIELD_PREP(KWL_TSYNCRXCTL_TYPE, rx->type) : 0);
	kwl_wr(hw, KWL_TSYNCRXCFG,
	       rx ? FIELD_PREP(KWL_TSYNCRXCFG_MSGT, rx->msg) : 0);
	kwl_wr(hw, KWL_ETQF(KAWELA_ETQF_PTP), rx ? ETH_P_1588 |
	       KWL_ETQF_FILTER_EN | KWL_ETQF_1588 : 0);
	/* What frames before have left there */
	kawela_rx_stamp_take(pf);
	kawela_tx_stamp_take(pf);
}

/**
 * kawela_stamp_init() - begin without timestamps
 * @pf: the PF
 */
void kawela_stamp_init(struct kawela *pf)
{
	pf->ptp.config.tx_type = HWTSTAMP_TX_OFF;
	pf->ptp.config.rx_filter = HWTSTAMP_FILTER_NONE;
}

/**
 * kawela_stamp_tx() - ask for a frame's transmit timestamp
 * @port: the PF's port
 * @skb: the frame, about to be sent
 *
 * Context: any.
 * Return: whether its descriptors are to ask the device for it.
 */
bool kawela_stamp_tx(struct kwl_port *port, struct sk_buff *skb)
{
	struct kawela *pf = kawela_of(port->netdev);
	struct kawela_ptp *ptp = &pf->ptp;
	unsigned long flags;
	bool mine;

	if (READ_ONCE(ptp->config.tx_type) != HWTSTAMP_TX_ON || !ptp->clock)
		return false;
	spin_lock_irqsave(&ptp->lock, flags);
	mine = !ptp->tx_skb;
	if (mine) {
		ptp->tx_skb = skb_get(skb);
		ptp->tx_since = jiffies;
		/* One that came too late isn't this frame's */
		kawela_tx_stamp_take(pf);
	} else {
		ptp->tx_skipped++;
	}
	spin_unlock_irqrestore(&ptp->lock, flags);
	if (!mine)
		return false;
	skb_shinfo(skb)->tx_flags |= SKBTX_IN_PROGRESS;
	ptp_schedule_worker(ptp->clock, 0);
	return true;
}

/* Return: the frame, when its timestamp is there or doesn't come any more */
static struct sk_buff *kawela_stamp_tx_done(struct kawela *pf,
					    struct skb_shared_hwtstamps *stamp)
{
	struct kawela_ptp *ptp = &pf->ptp;
	struct sk_buff *skb = ptp->tx_skb;
	bool late;

	lockdep_assert_held(&ptp->lock);
	if (!skb)
		return NULL;
	if (kwl_rd(&pf->hw, KWL_TSYNCTXCTL) & KWL_TSYNC_VALID &&
	    !kwl_gone(&pf->hw)) {
		stamp->hwtstamp = ns_to_ktime(kawela_clock_time(&ptp->base,
								kawela_tx_stamp_take(pf)));
		ptp->tx_stamps++;
	} else {
		late = time_is_before_jiffies(ptp->tx_since + KAWELA_TX_STAMP_WAIT);
		if (!late)
			return NULL;
		ptp->tx_lost++;
	}
	ptp->tx_skb = NULL;
	return skb;
}

/* A frame that got a timestamp and was then dropped locks the register */
static void kawela_stamp_rx_unlock(struct kawela *pf)
{
	struct kawela_ptp *ptp = &pf->ptp;

	lockdep_assert_held(&ptp->lock);
	if (ptp->config.rx_filter == HWTSTAMP_FILTER_NONE ||
	    !(kwl_rd(&pf->hw, KWL_TSYNCRXCTL) & KWL_TSYNC_VALID)) {
		ptp->rx_since = 0;
	} else if (!ptp->rx_since) {
		ptp->rx_since = jiffies | 1;
	} else if (time_is_before_jiffies(ptp->rx_since + KAWELA_RX_STAMP_WAIT)) {
		kawela_rx_stamp_take(pf);
		ptp->rx_since = 0;
		ptp->rx_doubt = true;
	}
}

/**
 * kawela_stamp_work() - deliver timestamps, and discard those that aren't taken
 * @info: the clock
 *
 * Context: the PTP core's worker.
 * Return: jiffies until the next run; negative for none before it is scheduled.
 */
long kawela_stamp_work(struct ptp_clock_info *info)
{
	struct kawela *pf = container_of(info, struct kawela, ptp.info);
	struct kawela_ptp *ptp = &pf->ptp;
	struct skb_shared_hwtstamps stamp = {};
	struct sk_buff *skb = NULL;
	unsigned long flags;
	bool waits;
	long again;

	spin_lock_irqsave(&ptp->lock, flags);
	if (ptp->running) {
		skb = kawela_stamp_tx_done(pf, &stamp);
		kawela_stamp_rx_unlock(pf);
	}
	waits = ptp->tx_skb;
	again = ptp->config.rx_filter == HWTSTAMP_FILTER_NONE ?
			-1 : KAWELA_RX_STAMP_WAIT;
	spin_unlock_irqrestore(&ptp->lock, flags);
	if (skb) {
		if (stamp.hwtstamp)
			skb_tstamp_tx(skb, &stamp);
		dev_kfree_skb_any(skb);
	}
	return waits ? 1 : again;
}

/**
 * kawela_stamp_forget() - give up the frame that waits for its timestamp
 * @pf: the PF
 *
 * Context: any.
 */
void kawela_stamp_forget(struct kawela *pf)
{
	struct kawela_ptp *ptp = &pf->ptp;
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&ptp->lock, flags);
	skb = ptp->tx_skb;
	ptp->tx_skb = NULL;
	ptp->tx_lost += !!skb;
	spin_unlock_irqrestore(&ptp->lock, flags);
	dev_kfree_skb_any(skb);
}

/**
 * kawela_stamp_rx() - take the timestamp of a received frame
 * @port: the PF's port
 *
 * For a frame whose descriptor says that it has one; after this the device can take
 * the next.
 *
 * Context: NAPI.
 * Return: the timestamp in ns, or 0 when it isn't there any more.
 */
u64 kawela_stamp_rx(struct kwl_port *port)
{
	struct kawela *pf = kawela_of(port->netdev);
	struct kawela_ptp *ptp = &pf->ptp;
	unsigned long flags;
	u64 ns = 0;

	spin_lock_irqsave(&ptp->lock, flags);
	if (ptp->running &&
	    kwl_rd(&pf->hw, KWL_TSYNCRXCTL) & KWL_TSYNC_VALID)
		ns = kawela_clock_time(&ptp->base, kawela_rx_stamp_take(pf));
	/* The frame may be the one whose timestamp was discarded */
	if (ptp->rx_doubt)
		ns = 0;
	ptp->rx_doubt = false;
	ptp->rx_since = 0;
	spin_unlock_irqrestore(&ptp->lock, flags);
	return ns;
}

/**
 * kawela_hwtstamp_get() - ndo_hwtstamp_get of the PF
 * @netdev: the netdev
 * @config: receives which frames get timestamps
 *
 * Return: 0.
 */
int kawela_hwtstamp_get(struct net_device *netdev,
			struct kernel_hwtstamp_config *config)
{
	*config = kawela_of(netdev)->ptp.config;
	return 0;
}

/**
 * kawela_hwtstamp_set() - ndo_hwtstamp_set of the PF
 * @netdev: the netdev
 * @config: which frames are to get timestamps
 * @extack: receives the reason of a refusal
 *
 * Context: the port's lock.
 * Return: 0, -EOPNOTSUPP without a clock, or -ERANGE for what the device can't do.
 */
int kawela_hwtstamp_set(struct net_device *netdev,
			struct kernel_hwtstamp_config *config,
			struct netlink_ext_ack *extack)
{
	struct kawela *pf = kawela_of(netdev);
	struct kawela_ptp *ptp = &pf->ptp;
	unsigned long flags;

	netdev_assert_locked_ops_compat(netdev);
	if (!ptp->clock) {
		NL_SET_ERR_MSG_MOD(extack, "there is no PTP clock");
		return -EOPNOTSUPP;
	}
	if (config->tx_type != HWTSTAMP_TX_OFF &&
	    config->tx_type != HWTSTAMP_TX_ON) {
		NL_SET_ERR_MSG_MOD(extack,
				   "the device doesn't write timestamps into frames");
		return -ERANGE;
	}
	if (config->rx_filter != HWTSTAMP_FILTER_NONE &&
	    !kawela_rx_filter(pf, config->rx_filter)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "the device's filters take PTP version 2 over Ethernet only, see ethtool -T");
		return -ERANGE;
	}
	spin_lock_irqsave(&ptp->lock, flags);
	ptp->config.tx_type = config->tx_type;
	ptp->config.rx_filter = config->rx_filter;
	if (ptp->running)
		kawela_stamp_apply(pf);
	spin_unlock_irqrestore(&ptp->lock, flags);
	ptp_schedule_worker(ptp->clock, 0);
	return 0;
}

/**
 * kawela_get_ts_info() - ethtool -T
 * @netdev: the netdev
 * @info: receives what timestamps there are
 *
 * Return: 0.
 */
int kawela_get_ts_info(struct net_device *netdev,
		       struct kernel_ethtool_ts_info *info)
{
	struct kawela *pf = kawela_of(netdev);
	unsigned int i;

	ethtool_op_get_ts_info(netdev, info);
	if (!pf->ptp.clock)
		return 0;
	info->phc_index = ptp_clock_index(pf->ptp.clock);
	info->so_timestamping |= SOF_TIMESTAMPING_TX_HARDWARE |
				 SOF_TIMESTAMPING_RAW_HARDWARE;
	info->tx_types = BIT(HWTSTAMP_TX_OFF) | BIT(HWTSTAMP_TX_ON);
	info->rx_filters = BIT(HWTSTAMP_FILTER_NONE);
	/* One type is of no use to a PTP daemon, which would take it for all */
	if (kwl_has_quirk(&pf->hw, KWL_QUIRK_TSYNC_ONE_TYPE))
		return 0;
	info->so_timestamping |= SOF_TIMESTAMPING_RX_HARDWARE;
	for (i = 0; i < kawela_rx_filter_count(pf); i++)
		info->rx_filters |= BIT(kawela_rx_filters[i].filter);
	return 0;
}

/**
 * kawela_get_ts_stats() - ethtool -T --include-statistics
 * @netdev: the netdev
 * @stats: receives counters of transmit timestamps
 */
void kawela_get_ts_stats(struct net_device *netdev,
			 struct ethtool_ts_stats *stats)
{
	struct kawela_ptp *ptp = &kawela_of(netdev)->ptp;
	unsigned long flags;

	spin_lock_irqsave(&ptp->lock, flags);
	stats->pkts = ptp->tx_stamps;
	stats->lost = ptp->tx_lost;
	stats->err = ptp->tx_skipped;
	spin_unlock_irqrestore(&ptp->lock, flags);
}
