// SPDX-License-Identifier: GPL-2.0
/*
 * Steering rules, and a device that has filters for them: the lab's has none. It
 * chooses a queue for each frame by its registers, also between any two writes.
 */
#include "shim.h"
#include "rxnfc.h"
#include "unit.h"

#define _KAWELA_H
#define _KAWELA_COMPAT_H
#define __iomem
#define READ_ONCE(x)		(x)
#define NETIF_F_NTUPLE		BIT(27)
#define netdev_assert_locked_ops_compat(n)
#define net_ratelimit()		true
#define netif_info(port, type, netdev, ...)	said++

static u32 said;
static u32 readl(const u8 *addr);
static void writel(u32 val, u8 *addr);

#include <kawela/hw.h>
#include "kawela/ntuple.h"

struct kwl_dp {
	struct {
		u16 queues;
		u16 first_hwq;
	} cfg;
};

struct kwl_port {
	struct kwl_dp *dp;
	bool running;
};

struct net_device {
	u64 features;
	struct kawela *pf;
};

struct kawela {
	struct kwl_hw hw;
	struct net_device *netdev;
	struct kawela_ntuple ntuple;
	struct kwl_port port;
};

#define kawela_of(n)		((n)->pf)
#define kawela_port(p)		(&(p)->port)
#define kawela_assert_locked(p)	((void)(p))
#define kwl_port_running(p)	((p)->running)

static int kwl_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *info,
			 u32 *rules)
{
	return info->cmd == ETHTOOL_GRXRINGS ? 0 : -EOPNOTSUPP;
}

#include "kawela/ntuple_rule.c"
#include "kawela/ntuple.c"

/* A frame, in the order of the wire */
struct frame {
	u16 etype;
	u8 proto;
	u8 src[4], dst[4];
	u16 sport, dport;
};

static u8 bar[0x10000];
static u8 *const base = bar;
static void (*meanwhile)(void);

u32 kwl_rd_suspect(struct kwl_hw *hw, u32 reg)
{
	return ~0U;
}

static u32 readl(const u8 *addr)
{
	u32 val;

	memcpy(&val, addr, sizeof(val));
	return val;
}

static void writel(u32 val, u8 *addr)
{
	memcpy(addr, &val, sizeof(val));
	if (meanwhile)
		meanwhile();
}

/* Octets of a register, the lowest first, are those of the frame */
static bool octets(u32 reg, const u8 *octet, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if ((reg >> 8 * i & 0xff) != octet[i])
			return false;
	return true;
}

static bool port_is(u32 reg, u16 port)
{
	u8 octet[2] = { port >> 8, port };

	return octets(reg & 0xffff, octet, 2);
}

static bool matches(u32 i, const struct frame *f)
{
	u32 ftqf = readl(base + KWL_FTQF(i)), imir = readl(base + KWL_IMIR(i));

	return ftqf & KWL_FTQF_QUEUE_EN && ftqf & KWL_FTQF_VF_BP &&
	       f->etype == ETH_P_IP &&
	       (ftqf & BIT(28) || (ftqf & 0xff) == f->proto) &&
	       (ftqf & BIT(29) || octets(readl(base + KWL_SAQF(i)), f->src, 4)) &&
	       (ftqf & BIT(30) || octets(readl(base + KWL_DAQF(i)), f->dst, 4)) &&
	       (ftqf & BIT(31) || port_is(readl(base + KWL_SPQF(i)), f->sport)) &&
	       (imir & BIT(17) || port_is(imir, f->dport)) &&
	       readl(base + KWL_IMIREXT(i)) == (BIT(12) | BIT(19));
}

/* Return: the queue that a filter chooses, or -1 for none */
static int queue_of(const struct frame *f)
{
	for (u32 i = 0; i < KWL_ETQFS; i++) {
		u32 etqf = readl(base + KWL_ETQF(i));

		if (etqf & BIT(26) && etqf & BIT(31) && (etqf & 0xffff) == f->etype)
			return etqf >> 16 & 7;
	}
	for (u32 i = 0; i < KWL_FTQFS; i++)
		if (matches(i, f))
			return readl(base + KWL_FTQF(i)) >> 16 & 7;
	return -1;
}

static struct kwl_dp dp;
static struct net_device netdev;
static struct kawela pf;

static void begin(void)
{
	/* What a filter holds that nobody has written */
	memset(bar, 0x5a, sizeof(bar));
	meanwhile = NULL;
	said = 0;
	dp = (struct kwl_dp) { .cfg.queues = 8 };
	pf = (struct kawela) {
		.hw.base = bar,
		.netdev = &netdev,
		.port = { .dp = &dp, .running = true },
	};
	netdev = (struct net_device) { .features = NETIF_F_NTUPLE, .pf = &pf };
	for (u32 i = 0; i < KWL_ETQFS; i++)
		writel(0, bar + KWL_ETQF(i));
	kawela_ntuple_start(&pf);
}

static struct ethtool_rx_flow_spec rule_of(u32 flow, u64 queue)
{
	return (struct ethtool_rx_flow_spec) {
		.flow_type = flow,
		.h_u.usr_ip4_spec.ip_ver = flow == IPV4_USER_FLOW,
		.ring_cookie = queue,
		.location = RX_CLS_LOC_ANY,
	};
}

#define WITH(fs, member, val)						\
	do {								\
		(fs)->h_u.member = (val);				\
		memset(&(fs)->m_u.member, 0xff, sizeof((fs)->m_u.member)); \
	} while (0)

/* Return: the location, or the errno */
static int insert(const struct ethtool_rx_flow_spec *fs)
{
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_SRXCLSRLINS, .fs = *fs };
	int err = kawela_set_rxnfc(&netdev, &info);

	return err ?: (int)info.fs.location;
}

static int delete(u32 location)
{
	struct ethtool_rxnfc info = {
		.cmd = ETHTOOL_SRXCLSRLDEL, .fs.location = location,
	};

	return kawela_set_rxnfc(&netdev, &info);
}

static int port_rule(u32 flow, u16 port, u64 queue, u32 location)
{
	struct ethtool_rx_flow_spec fs = rule_of(flow, queue);

	WITH(&fs, tcp_ip4_spec.pdst, htons(port));
	fs.location = location;
	return insert(&fs);
}

static int etype_rule(u16 etype, u64 queue)
{
	struct ethtool_rx_flow_spec fs = rule_of(ETHER_FLOW, queue);

	WITH(&fs, ether_spec.h_proto, htons(etype));
	return insert(&fs);
}

static const struct frame ssh = {
	.etype = ETH_P_IP, .proto = IPPROTO_TCP, .src = { 192, 0, 2, 1 },
	.dst = { 198, 51, 100, 9 }, .sport = 0x1234, .dport = 22,
};

/* Each field decides, alone and with all others; registers as the datasheet has them */
static void five_tuple(void)
{
	struct ethtool_rx_flow_spec fs = rule_of(TCP_V4_FLOW, 5);
	struct frame f;

	begin();
	CHECK_EQ(queue_of(&ssh), -1);
	WITH(&fs, tcp_ip4_spec.ip4src, htonl(0xc0000201));
	WITH(&fs, tcp_ip4_spec.ip4dst, htonl(0xc6336409));
	WITH(&fs, tcp_ip4_spec.psrc, htons(0x1234));
	WITH(&fs, tcp_ip4_spec.pdst, htons(22));
	CHECK_EQ(insert(&fs), 0);
	CHECK_EQ(readl(base + 0x59e0), 0x00058106);
	CHECK_EQ(readl(base + 0x5980), 0x010200c0);
	CHECK_EQ(readl(base + 0x59a0), 0x096433c6);
	CHECK_EQ(readl(base + 0x59c0), 0x3412);
	CHECK_EQ(readl(base + 0x5a80), 0x1600);
	CHECK_EQ(queue_of(&ssh), 5);
	for (u32 i = 0; i < 6; i++) {
		f = ssh;
		f.etype += i == 0;
		f.proto += i == 1;
		f.src[3] += i == 2;
		f.dst[0] += i == 3;
		f.sport += i == 4;
		f.dport += i == 5;
		CHECK_EQ(queue_of(&f), -1);
	}
	CHECK_EQ(delete(0), 0);
	CHECK_EQ(queue_of(&ssh), -1);
}

/* What a rule doesn't name is not compared */
static void less(void)
{
	struct ethtool_rx_flow_spec fs = rule_of(IPV4_USER_FLOW, 1);
	struct frame f = ssh;

	begin();
	f.proto = 132;
	WITH(&fs, usr_ip4_spec.proto, 132);
	CHECK_EQ(insert(&fs), 0);
	CHECK_EQ(queue_of(&f), 1);
	CHECK_EQ(queue_of(&ssh), -1);
	fs = rule_of(TCP_V4_FLOW, 2);
	CHECK_EQ(insert(&fs), 1);
	CHECK_EQ(queue_of(&ssh), 2);
	/* The first one counts */
	CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 3, RX_CLS_LOC_ANY), 2);
	CHECK_EQ(queue_of(&ssh), 2);
	CHECK_EQ(delete(1), 0);
	CHECK_EQ(queue_of(&ssh), 3);
	CHECK_EQ(etype_rule(0x88b5, 7), 8);
	CHECK_EQ(readl(base + 0x5cb4), 0x840788b5);
	f.etype = 0x88b5;
	CHECK_EQ(queue_of(&f), 7);
	CHECK_EQ(readl(base + 0x5cb0), 0);
}

static void refused(u32 flow, u64 queue, int err)
{
	struct ethtool_rx_flow_spec fs = rule_of(flow, queue);

	if ((flow & 0xff) == TCP_V4_FLOW)
		WITH(&fs, tcp_ip4_spec.pdst, htons(22));
	CHECK_EQ(insert(&fs), err);
}

/* Each field by a part, or by one that isn't compared; and no frame is steered */
static void refusals(void)
{
	static const u32 flows[] = { TCP_V4_FLOW, UDP_V4_FLOW, IPV4_USER_FLOW, ETHER_FLOW };

	begin();
	for (u32 i = 0; i < ARRAY_SIZE(flows); i++)
		for (u32 bit = 0; bit < 8 * 52; bit++) {
			struct ethtool_rx_flow_spec fs = rule_of(flows[i], 1);
			int err;

			fs.m_u.hdata[bit / 8] = BIT(bit % 8);
			err = insert(&fs);
			CHECK_EQ(err == -EINVAL || err == -EOPNOTSUPP, 1);
		}
	for (u32 flow = 0; flow < 256; flow++)
		if (flow != TCP_V4_FLOW && flow != UDP_V4_FLOW)
			CHECK_EQ(kawela_ntuple_begin(flow, &(struct kawela_ntuple_filter) {}),
				 flow == IPV4_USER_FLOW || flow == ETHER_FLOW ? 0 : -EOPNOTSUPP);
	refused(TCP_V4_FLOW | FLOW_EXT, 1, -EOPNOTSUPP);
	refused(TCP_V4_FLOW | FLOW_MAC_EXT, 1, -EOPNOTSUPP);
	refused(TCP_V4_FLOW | FLOW_RSS, 1, -EOPNOTSUPP);
	refused(IPV4_USER_FLOW, 1, -EINVAL);
	refused(TCP_V4_FLOW, 8, -EINVAL);
	refused(TCP_V4_FLOW, 1ULL << 32, -EOPNOTSUPP);
	refused(TCP_V4_FLOW, 1ULL << 40, -EINVAL);
	refused(TCP_V4_FLOW, RX_CLS_FLOW_DISC, -EOPNOTSUPP);
	refused(TCP_V4_FLOW, RX_CLS_FLOW_WAKE, -EOPNOTSUPP);
	CHECK_EQ(etype_rule(0x05ff, 1), -EINVAL);
	CHECK_EQ(etype_rule(ETH_P_IP, 1), -EOPNOTSUPP);
	CHECK_EQ(etype_rule(ETH_P_IPV6, 1), -EOPNOTSUPP);
	CHECK_EQ(etype_rule(ETH_P_1588, 1), -EOPNOTSUPP);
	CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 1, 8), -EINVAL);
	CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 1, RX_CLS_LOC_FIRST), -EINVAL);
	CHECK_EQ(said > 0, 1);
	CHECK_EQ(bitmap_empty(pf.ntuple.used, KAWELA_NTUPLE_RULES), 1);
	CHECK_EQ(queue_of(&ssh), -1);
}

/* The table of each kind, full; what is there twice; what is asked for */
static void table(void)
{
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXCLSRLCNT };
	u32 rules[KAWELA_NTUPLE_RULES];

	begin();
	for (u32 i = 0; i < 8; i++)
		CHECK_EQ(port_rule(UDP_V4_FLOW, 22 + i, i, RX_CLS_LOC_ANY), i);
	for (u32 i = 0; i < 7; i++)
		CHECK_EQ(etype_rule(0x9000 + i, i), 8 + i);
	CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 1, RX_CLS_LOC_ANY), -ENOSPC);
	CHECK_EQ(etype_rule(0x9100, 1), -ENOSPC);
	CHECK_EQ(port_rule(UDP_V4_FLOW, 22, 1, RX_CLS_LOC_ANY), -EEXIST);
	CHECK_EQ(port_rule(UDP_V4_FLOW, 22, 1, 3), -EEXIST);
	CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 1, 3), 3);
	CHECK_EQ(queue_of(&ssh), 1);
	CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 4, 3), 3);
	CHECK_EQ(queue_of(&ssh), 4);
	CHECK_EQ(kawela_get_rxnfc(&netdev, &info, NULL), 0);
	CHECK_EQ(info.rule_cnt, 15);
	CHECK_EQ(info.data, 15 | RX_CLS_LOC_SPECIAL);
	CHECK_EQ(delete(3) | delete(14), 0);
	CHECK_EQ(delete(3), -ENOENT);
	CHECK_EQ(delete(15), -ENOENT);
	info.cmd = ETHTOOL_GRXCLSRLALL;
	info.rule_cnt = 12;
	CHECK_EQ(kawela_get_rxnfc(&netdev, &info, rules), -EMSGSIZE);
	info.rule_cnt = 15;
	CHECK_EQ(kawela_get_rxnfc(&netdev, &info, rules), 0);
	CHECK_EQ(info.rule_cnt, 13);
	CHECK_EQ(rules[3], 4);
	CHECK_EQ(rules[12], 13);
	info.cmd = ETHTOOL_GRXCLSRULE;
	info.fs.location = 4;
	CHECK_EQ(kawela_get_rxnfc(&netdev, &info, NULL), 0);
	CHECK_EQ(info.fs.h_u.tcp_ip4_spec.pdst, htons(26));
	info.fs.location = 3;
	CHECK_EQ(kawela_get_rxnfc(&netdev, &info, NULL), -ENOENT);
	info.cmd = ETHTOOL_GRXRINGS;
	CHECK_EQ(kawela_get_rxnfc(&netdev, &info, NULL), 0);
}

/* Rules are in the device only while the PF has all queues, and come back */
static void when(void)
{
	begin();
	CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 6, RX_CLS_LOC_ANY), 0);
	kawela_ntuple_stop(&pf);
	CHECK_EQ(queue_of(&ssh), -1);
	pf.port.running = false;
	CHECK_EQ(port_rule(UDP_V4_FLOW, 22, 5, RX_CLS_LOC_ANY), 1);
	CHECK_EQ(delete(1), 0);
	kawela_ntuple_switch(&pf, true);
	CHECK_EQ(queue_of(&ssh), -1);
	dp.cfg.first_hwq = 3;
	kawela_ntuple_start(&pf);
	CHECK_EQ(queue_of(&ssh), -1);
	pf.port.running = true;
	kawela_ntuple_switch(&pf, true);
	CHECK_EQ(queue_of(&ssh), -1);
	dp.cfg.queues = 1;
	dp.cfg.first_hwq = 0;
	kawela_ntuple_start(&pf);
	/* No queue 6 */
	CHECK_EQ(queue_of(&ssh), -1);
	dp.cfg.queues = 7;
	memset(bar, 0xa5, sizeof(bar));
	kawela_ntuple_start(&pf);
	CHECK_EQ(queue_of(&ssh), 6);
	kawela_ntuple_switch(&pf, false);
	CHECK_EQ(queue_of(&ssh), -1);
	netdev.features = 0;
	CHECK_EQ(port_rule(UDP_V4_FLOW, 22, 5, RX_CLS_LOC_ANY), -EOPNOTSUPP);
	kawela_ntuple_start(&pf);
	CHECK_EQ(queue_of(&ssh), -1);
	kawela_ntuple_switch(&pf, true);
	CHECK_EQ(queue_of(&ssh), 6);
	/* A device without filters gets no write and no rule */
	pf.hw.quirks = KWL_QUIRK_NO_STEERING;
	netdev.features = NETIF_F_NTUPLE;
	kawela_ntuple_stop(&pf);
	CHECK_EQ(queue_of(&ssh), 6);
	CHECK_EQ(port_rule(UDP_V4_FLOW, 22, 5, RX_CLS_LOC_ANY), -EOPNOTSUPP);
	CHECK_EQ(delete(0), -EOPNOTSUPP);
}

static const struct frame *watched;
static u32 allowed;

static void watch(void)
{
	int queue = queue_of(watched);

	CHECK_EQ(queue < 0 || allowed & BIT(queue), 1);
}

/* While one rule becomes another, no frame goes where neither sends it */
static void changes(void)
{
	static const struct frame mixed[] = {
		{ ETH_P_IP, IPPROTO_TCP, { 192, 0, 2, 1 }, { 198, 51, 100, 9 }, 0x1234, 53 },
		{ ETH_P_IP, IPPROTO_UDP, { 192, 0, 2, 1 }, { 198, 51, 100, 9 }, 0x1234, 22 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(mixed); i++) {
		begin();
		CHECK_EQ(port_rule(TCP_V4_FLOW, 22, 6, 0), 0);
		watched = &mixed[i];
		allowed = 0;
		meanwhile = watch;
		CHECK_EQ(port_rule(UDP_V4_FLOW, 53, 5, 0), 0);
		kawela_ntuple_stop(&pf);
		kawela_ntuple_start(&pf);
	}
}

UNIT_MAIN(five_tuple, less, refusals, table, when, changes)
