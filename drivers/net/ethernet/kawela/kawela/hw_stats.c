// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device counts for the whole port, VFs included, since probe.
 *
 * Reading a counter clears it, and so does a reset: this file alone reads them,
 * often enough that 32 bits don't wrap, and before each reset.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "kawela.h"
#include "stats.h"

/* In the table's order: X(symbol, register, name for ethtool -S or "") */
#define KAWELA_HW_STATS(X)						\
	X(CRCERRS,	KWL_CRCERRS,	"")				\
	X(ALGNERRC,	KWL_ALGNERRC,	"")				\
	X(SYMERRS,	KWL_SYMERRS,	"")				\
	X(RXERRC,	KWL_RXERRC,	"rx_phy_errors")		\
	X(MPC,		KWL_MPC,	"rx_missed")			\
	X(RNBC,		KWL_RNBC,	"rx_no_buffer")			\
	X(RLEC,		KWL_RLEC,	"")				\
	X(RUC,		KWL_RUC,	"")				\
	X(RFC,		KWL_RFC,	"")				\
	X(ROC,		KWL_ROC,	"")				\
	X(RJC,		KWL_RJC,	"")				\
	X(XONRXC,	KWL_XONRXC,	"")			\
	X(XOFFRXC,	KWL_XOFFRXC,	"")			\
	X(XONTXC,	KWL_XONTXC,	"")			\
	X(XOFFTXC,	KWL_XOFFTXC,	"")			\
	X(TSCTC,	KWL_TSCTC,	"tx_segmented")			\
	X(SCC,		KWL_SCC,	"")				\
	X(ECOL,		KWL_ECOL,	"")				\
	X(MCC,		KWL_MCC,	"")				\
	X(LATECOL,	KWL_LATECOL,	"")				\
	X(COLC,		KWL_COLC,	"")		\
	X(DC,		KWL_DC,		"")				\
	X(TNCRS,	KWL_TNCRS,	"")				\
	X(GPRC,		KWL_GPRC,	"")				\
	X(BPRC,		KWL_BPRC,	"")				\
	X(MPRC,		KWL_MPRC,	"")				\
	X(GPTC,		KWL_GPTC,	"")				\
	X(MPTC,		KWL_MPTC,	"")				\
	X(BPTC,		KWL_BPTC,	"")				\
	X(PRC64,	KWL_PRC(0),	"")				\
	X(PRC127,	KWL_PRC(1),	"")				\
	X(PRC255,	KWL_PRC(2),	"")				\
	X(PRC511,	KWL_PRC(3),	"")				\
	X(PRC1023,	KWL_PRC(4),	"")				\
	X(PRC1522,	KWL_PRC(5),	"")				\
	X(PTC64,	KWL_PTC(0),	"")				\
	X(PTC127,	KWL_PTC(1),	"")				\
	X(PTC255,	KWL_PTC(2),	"")				\
	X(PTC511,	KWL_PTC(3),	"")				\
	X(PTC1023,	KWL_PTC(4),	"")				\
	X(PTC1522,	KWL_PTC(5),	"")				\
	/* Two registers each: the lower, then the upper, which clears both */ \
	X(GORC,		KWL_GORCL,	"")				\
	X(GOTC,		KWL_GOTCL,	"")

#define KAWELA_HW_ENUM(sym, reg, name)	KAWELA_HW_##sym,
enum {
	KAWELA_HW_STATS(KAWELA_HW_ENUM)
	KAWELA_HW_COUNT,
};
static_assert(KAWELA_HW_COUNT == KAWELA_HW_COUNTERS);

/**
 * struct kawela_hw_stat - one counter of the device
 * @reg: its register
 * @name: in ethtool -S; empty for what one of the standard groups shows
 */
struct kawela_hw_stat {
	u32 reg;
	char name[20];
};

#define KAWELA_HW_ROW(sym, reg, name)	{ reg, name },
static const struct kawela_hw_stat kawela_hw_stats[] = {
	KAWELA_HW_STATS(KAWELA_HW_ROW)
};

static u64 kawela_hw_read(struct kawela *pf, unsigned int i)
{
	u64 val = kwl_rd(&pf->hw, kawela_hw_stats[i].reg);

	if (i >= KAWELA_HW_GORC)
		val |= (u64)kwl_rd(&pf->hw, kawela_hw_stats[i].reg + 4) << 32;
	return val;
}

/**
 * kawela_hw_stats_update() - take over what the device counted
 * @pf: the PF
 *
 * Context: may sleep; takes @pf->stats_lock.
 */
void kawela_hw_stats_update(struct kawela *pf)
{
	unsigned int i;

	mutex_lock(&pf->stats_lock);
	for (i = 0; i < KAWELA_HW_COUNT; i++) {
		u64 val = kawela_hw_read(pf, i);

		if (kwl_gone(&pf->hw))
			break;
		atomic64_add(val, &pf->hw_stats[i]);
	}
	mutex_unlock(&pf->stats_lock);
}

static u64 kawela_hw_get(struct kawela *pf, unsigned int i)
{
	return atomic64_read(&pf->hw_stats[i]);
}

/**
 * kawela_get_stats64() - ndo_get_stats64 of the PF
 * @netdev: the netdev
 * @st: receives the counters
 *
 * What the device counts is as old as the last look, at most two seconds.
 *
 * Context: RCU.
 */
void kawela_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *st)
{
	struct kawela *pf = kawela_of(netdev);

	kwl_get_stats64(netdev, st);
	st->multicast = kawela_hw_get(pf, KAWELA_HW_MPRC);
	st->rx_missed_errors = kawela_hw_get(pf, KAWELA_HW_MPC);
	st->rx_crc_errors = kawela_hw_get(pf, KAWELA_HW_CRCERRS);
	st->rx_frame_errors = kawela_hw_get(pf, KAWELA_HW_ALGNERRC);
	st->rx_length_errors = kawela_hw_get(pf, KAWELA_HW_RLEC);
	st->rx_errors += st->rx_crc_errors + st->rx_frame_errors +
			 st->rx_length_errors;
	st->tx_carrier_errors = kawela_hw_get(pf, KAWELA_HW_TNCRS);
	st->tx_errors += st->tx_carrier_errors;
	st->collisions = kawela_hw_get(pf, KAWELA_HW_COLC);
}

/**
 * kawela_hw_stats_count() - how many counters ethtool -S shows
 *
 * Return: how many.
 */
int kawela_hw_stats_count(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < KAWELA_HW_COUNT; i++)
		n += !!kawela_hw_stats[i].name[0];
	return n;
}

/**
 * kawela_hw_stats_strings() - their names
 * @data: receives them
 */
void kawela_hw_stats_strings(u8 *data)
{
	unsigned int i;

	for (i = 0; i < KAWELA_HW_COUNT; i++)
		if (kawela_hw_stats[i].name[0])
			ethtool_puts(&data, kawela_hw_stats[i].name);
}

/**
 * kawela_get_ethtool_stats() - ethtool -S
 * @netdev: the PF's netdev
 * @stats: unused
 * @data: receives the counters
 *
 * Context: the port's lock.
 */
void kawela_get_ethtool_stats(struct net_device *netdev,
			      struct ethtool_stats *stats, u64 *data)
{
	struct kawela *pf = kawela_of(netdev);
	unsigned int i;

	netdev_assert_locked_ops_compat(netdev);
	kawela_hw_stats_update(pf);
	for (i = 0; i < KAWELA_HW_COUNT; i++)
		if (kawela_hw_stats[i].name[0])
			*data++ = kawela_hw_get(pf, i);
	kwl_xdp_stats(kawela_port(pf), NULL, data);
}

/**
 * kawela_get_eth_mac_stats() - ethtool -S --groups eth-mac
 * @netdev: the PF's netdev
 * @st: receives the counters
 *
 * Context: the port's lock.
 */
void kawela_get_eth_mac_stats(struct net_device *netdev,
			      struct ethtool_eth_mac_stats *st)
{
	struct kawela *pf = kawela_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	kawela_hw_stats_update(pf);
	st->FramesTransmittedOK = kawela_hw_get(pf, KAWELA_HW_GPTC);
	st->SingleCollisionFrames = kawela_hw_get(pf, KAWELA_HW_SCC);
	st->MultipleCollisionFrames = kawela_hw_get(pf, KAWELA_HW_MCC);
	st->FramesReceivedOK = kawela_hw_get(pf, KAWELA_HW_GPRC);
	st->FrameCheckSequenceErrors = kawela_hw_get(pf, KAWELA_HW_CRCERRS);
	st->AlignmentErrors = kawela_hw_get(pf, KAWELA_HW_ALGNERRC);
	st->OctetsTransmittedOK = kawela_hw_get(pf, KAWELA_HW_GOTC);
	st->FramesWithDeferredXmissions = kawela_hw_get(pf, KAWELA_HW_DC);
	st->LateCollisions = kawela_hw_get(pf, KAWELA_HW_LATECOL);
	st->FramesAbortedDueToXSColls = kawela_hw_get(pf, KAWELA_HW_ECOL);
	st->CarrierSenseErrors = kawela_hw_get(pf, KAWELA_HW_TNCRS);
	st->OctetsReceivedOK = kawela_hw_get(pf, KAWELA_HW_GORC);
	st->MulticastFramesXmittedOK = kawela_hw_get(pf, KAWELA_HW_MPTC);
	st->BroadcastFramesXmittedOK = kawela_hw_get(pf, KAWELA_HW_BPTC);
	st->MulticastFramesReceivedOK = kawela_hw_get(pf, KAWELA_HW_MPRC);
	st->BroadcastFramesReceivedOK = kawela_hw_get(pf, KAWELA_HW_BPRC);
	st->InRangeLengthErrors = kawela_hw_get(pf, KAWELA_HW_RLEC);
	st->FrameTooLongErrors = kawela_hw_get(pf, KAWELA_HW_ROC);
}

/**
 * kawela_get_eth_phy_stats() - ethtool -S --groups eth-phy
 * @netdev: the PF's netdev
 * @st: receives the counter
 *
 * Context: the port's lock.
 */
void kawela_get_eth_phy_stats(struct net_device *netdev,
			      struct ethtool_eth_phy_stats *st)
{
	struct kawela *pf = kawela_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	kawela_hw_stats_update(pf);
	st->SymbolErrorDuringCarrier = kawela_hw_get(pf, KAWELA_HW_SYMERRS);
}

/**
 * kawela_get_pause_stats() - ethtool -I -a
 * @netdev: the PF's netdev
 * @st: receives the counters: XON and XOFF frames together
 *
 * Context: the port's lock.
 */
void kawela_get_pause_stats(struct net_device *netdev,
			    struct ethtool_pause_stats *st)
{
	struct kawela *pf = kawela_of(netdev);

	netdev_assert_locked_ops_compat(netdev);
	kawela_hw_stats_update(pf);
	st->rx_pause_frames = kawela_hw_get(pf, KAWELA_HW_XONRXC) +
			      kawela_hw_get(pf, KAWELA_HW_XOFFRXC);
	st->tx_pause_frames = kawela_hw_get(pf, KAWELA_HW_XONTXC) +
			      kawela_hw_get(pf, KAWELA_HW_XOFFTXC);
}

static const struct ethtool_rmon_hist_range kawela_rmon_ranges[] = {
	{ 0, 64 }, { 65, 127 }, { 128, 255 }, { 256, 511 }, { 512, 1023 },
	{ 1024, KWL_MAX_FRAME }, {}
};

/**
 * kawela_get_rmon_stats() - ethtool -S --groups rmon
 * @netdev: the PF's netdev
 * @st: receives the counters
 * @ranges: receives the ranges of frame lengths
 *
 * Context: the port's lock.
 */
void kawela_get_rmon_stats(struct net_device *netdev,
			   struct ethtool_rmon_stats *st,
			   const struct ethtool_rmon_hist_range **ranges)
{
	struct kawela *pf = kawela_of(netdev);
	unsigned int i;

	netdev_assert_locked_ops_compat(netdev);
	kawela_hw_stats_update(pf);
	*ranges = kawela_rmon_ranges;
	st->undersize_pkts = kawela_hw_get(pf, KAWELA_HW_RUC);
	st->oversize_pkts = kawela_hw_get(pf, KAWELA_HW_ROC);
	st->fragments = kawela_hw_get(pf, KAWELA_HW_RFC);
	st->jabbers = kawela_hw_get(pf, KAWELA_HW_RJC);
	for (i = 0; i < ARRAY_SIZE(kawela_rmon_ranges) - 1; i++) {
		st->hist[i] = kawela_hw_get(pf, KAWELA_HW_PRC64 + i);
		st->hist_tx[i] = kawela_hw_get(pf, KAWELA_HW_PTC64 + i);
	}
}
