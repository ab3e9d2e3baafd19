// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which rules of ethtool -N the device has filters for.
 */
#include <linux/bitfield.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/string.h>

#include "ntuple_rule.h"

/* Fields that filters compare */
enum kawela_ntuple_what {
	KAWELA_NTUPLE_ETYPE,
	KAWELA_NTUPLE_PROTO,
	KAWELA_NTUPLE_SRC,
	KAWELA_NTUPLE_DST,
	KAWELA_NTUPLE_SPORT,
	KAWELA_NTUPLE_DPORT,
};

/**
 * struct kawela_ntuple_field - where a field stands in ethtool's words
 * @flow: in flows of this type
 * @what: the field
 * @at: offset in octets
 * @size: octets
 */
struct kawela_ntuple_field {
	u8 flow;
	u8 what;
	u8 at;
	u8 size;
};

#define KAWELA_NTUPLE_FIELD(flow, what, member)				\
	{ (flow), KAWELA_NTUPLE_##what,					\
	  offsetof(union ethtool_flow_union, member),			\
	  sizeof_field(union ethtool_flow_union, member) }

/* All that can be compared; whatever else a rule wants is refused */
static const struct kawela_ntuple_field kawela_ntuple_fields[] = {
	KAWELA_NTUPLE_FIELD(TCP_V4_FLOW, SRC, tcp_ip4_spec.ip4src),
	KAWELA_NTUPLE_FIELD(TCP_V4_FLOW, DST, tcp_ip4_spec.ip4dst),
	KAWELA_NTUPLE_FIELD(TCP_V4_FLOW, SPORT, tcp_ip4_spec.psrc),
	KAWELA_NTUPLE_FIELD(TCP_V4_FLOW, DPORT, tcp_ip4_spec.pdst),
	KAWELA_NTUPLE_FIELD(UDP_V4_FLOW, SRC, udp_ip4_spec.ip4src),
	KAWELA_NTUPLE_FIELD(UDP_V4_FLOW, DST, udp_ip4_spec.ip4dst),
	KAWELA_NTUPLE_FIELD(UDP_V4_FLOW, SPORT, udp_ip4_spec.psrc),
	KAWELA_NTUPLE_FIELD(UDP_V4_FLOW, DPORT, udp_ip4_spec.pdst),
	KAWELA_NTUPLE_FIELD(IPV4_USER_FLOW, SRC, usr_ip4_spec.ip4src),
	KAWELA_NTUPLE_FIELD(IPV4_USER_FLOW, DST, usr_ip4_spec.ip4dst),
	KAWELA_NTUPLE_FIELD(IPV4_USER_FLOW, PROTO, usr_ip4_spec.proto),
	KAWELA_NTUPLE_FIELD(ETHER_FLOW, ETYPE, ether_spec.h_proto),
};

#define KAWELA_FTQF_NOTHING						\
	(KWL_FTQF_PROTO_BP | KWL_FTQF_SRC_BP | KWL_FTQF_DST_BP |	\
	 KWL_FTQF_SPORT_BP)

static void kawela_ntuple_protocol(struct kawela_ntuple_filter *filter, u8 proto)
{
	filter->ftqf &= ~KWL_FTQF_PROTO_BP;
	filter->ftqf |= FIELD_PREP(KWL_FTQF_PROTO, proto);
}

/* What there is in a filter before fields are added */
static int kawela_ntuple_begin(u32 flow, struct kawela_ntuple_filter *filter)
{
	*filter = (struct kawela_ntuple_filter) {
		.ftqf = KWL_FTQF_QUEUE_EN | KWL_FTQF_VF_BP | KAWELA_FTQF_NOTHING,
		.imir = KWL_IMIR_PORT_BP,
	};
	switch (flow) {
	case TCP_V4_FLOW:
		kawela_ntuple_protocol(filter, IPPROTO_TCP);
		return 0;
	case UDP_V4_FLOW:
		kawela_ntuple_protocol(filter, IPPROTO_UDP);
		return 0;
	case IPV4_USER_FLOW:
		return 0;
	case ETHER_FLOW:
		*filter = (struct kawela_ntuple_filter) {
			.etqf = KWL_ETQF_FILTER_EN | KWL_ETQF_QUEUE_EN,
		};
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* @val has the field's first octet lowest */
static void kawela_ntuple_add(struct kawela_ntuple_filter *filter,
			      enum kawela_ntuple_what what, u32 val)
{
	switch (what) {
	case KAWELA_NTUPLE_ETYPE:
		filter->etqf |= (val & 0xff) << 8 | val >> 8;
		break;
	case KAWELA_NTUPLE_PROTO:
		kawela_ntuple_protocol(filter, val);
		break;
	case KAWELA_NTUPLE_SRC:
		filter->ftqf &= ~KWL_FTQF_SRC_BP;
		filter->saqf = val;
		break;
	case KAWELA_NTUPLE_DST:
		filter->ftqf &= ~KWL_FTQF_DST_BP;
		filter->daqf = val;
		break;
	case KAWELA_NTUPLE_SPORT:
		filter->ftqf &= ~KWL_FTQF_SPORT_BP;
		filter->spqf = val;
		break;
	case KAWELA_NTUPLE_DPORT:
		filter->imir = val;
		break;
	}
}

/* Return: 0, also when the field isn't compared; or -EINVAL for a part of it */
static int kawela_ntuple_take(const struct kawela_ntuple_field *field,
			      const struct ethtool_rx_flow_spec *fs,
			      struct kawela_ntuple_filter *filter)
{
	const u8 *mask = &fs->m_u.hdata[field->at];
	const u8 *octet = &fs->h_u.hdata[field->at];
	unsigned int i;
	u32 val = 0;

	if (!memchr_inv(mask, 0, field->size))
		return 0;
	if (memchr_inv(mask, 0xff, field->size))
		return -EINVAL;
	for (i = 0; i < field->size; i++)
		val |= (u32)octet[i] << 8 * i;
	kawela_ntuple_add(filter, field->what, val);
	return 0;
}

static int kawela_ntuple_match(u32 flow, const struct ethtool_rx_flow_spec *fs,
			       struct kawela_ntuple_filter *filter,
			       const char **why)
{
	union ethtool_flow_union rest = fs->m_u;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kawela_ntuple_fields); i++) {
		const struct kawela_ntuple_field *field =
			&kawela_ntuple_fields[i];

		if (field->flow != flow)
			continue;
		if (kawela_ntuple_take(field, fs, filter)) {
			*why = "a field is compared as a whole or not at all";
			return -EINVAL;
		}
		memset(&rest.hdata[field->at], 0, field->size);
	}
	if (memchr_inv(&rest, 0, sizeof(rest))) {
		*why = "the device doesn't compare this field";
		return -EOPNOTSUPP;
	}
	return 0;
}

/* An EtherType that has another filter, or that the device looks behind */
static int kawela_ntuple_check_etype(u32 etype, const char **why)
{
	if (etype < ETH_P_802_3_MIN) {
		*why = "a rule for frames takes an EtherType";
		return -EINVAL;
	}
	switch (etype) {
	case ETH_P_IP:
	case ETH_P_IPV6:
	case ETH_P_8021Q:
	case ETH_P_8021AD:
		*why = "filters for EtherTypes are for other types than those of IP and VLANs";
		return -EOPNOTSUPP;
	case ETH_P_1588:
		*why = "this EtherType's filter belongs to time stamps";
		return -EOPNOTSUPP;
	}
	return 0;
}

static int kawela_ntuple_check(const struct kawela_ntuple_filter *filter,
			       const char **why)
{
	if (filter->etqf)
		return kawela_ntuple_check_etype(FIELD_GET(KWL_ETQF_ETYPE,
							   filter->etqf), why);
	if ((filter->ftqf & KAWELA_FTQF_NOTHING) == KAWELA_FTQF_NOTHING) {
		*why = "the rule compares nothing";
		return -EINVAL;
	}
	return 0;
}

static int kawela_ntuple_queue(u64 cookie, unsigned int queues,
			       struct kawela_ntuple_filter *filter,
			       const char **why)
{
	if (cookie == RX_CLS_FLOW_DISC || cookie == RX_CLS_FLOW_WAKE ||
	    ethtool_get_flow_spec_ring_vf(cookie)) {
		*why = "a rule leads to a queue of the PF: no drop, no wake, no VF";
		return -EOPNOTSUPP;
	}
	if (cookie >= queues) {
		*why = "there is no such queue";
		return -EINVAL;
	}
	if (filter->etqf)
		filter->etqf |= FIELD_PREP(KWL_ETQF_QUEUE, cookie);
	else
		filter->ftqf |= FIELD_PREP(KWL_FTQF_QUEUE, cookie);
	return 0;
}

/**
 * kawela_ntuple_parse() - find the filter that does what a rule says
 * @fs: the rule
 * @queues: queues that the PF has
 * @filter: receives the filter
 * @why: receives the reason of a refusal
 *
 * Return: 0; -EOPNOTSUPP when the device has no such filter; or -EINVAL for a rule
 * that makes no sense.
 */
int kawela_ntuple_parse(const struct ethtool_rx_flow_spec *fs,
			unsigned int queues,
			struct kawela_ntuple_filter *filter, const char **why)
{
	u32 flow = fs->flow_type;
	int err;

	/* With VLAN, destination MAC address or RSS context it is none of these */
	err = kawela_ntuple_begin(flow, filter);
	if (err) {
		*why = "the device has filters for tcp4, udp4, ip4 and ether alone";
		return err;
	}
	if (flow == IPV4_USER_FLOW &&
	    fs->h_u.usr_ip4_spec.ip_ver != ETH_RX_NFC_IP4) {
		*why = "no IP version but 4";
		return -EINVAL;
	}
	err = kawela_ntuple_match(flow, fs, filter, why);
	if (!err)
		err = kawela_ntuple_check(filter, why);
	return err ?: kawela_ntuple_queue(fs->ring_cookie, queues, filter, why);
}

/**
 * kawela_ntuple_same() - do two filters match the same frames?
 * @a: one
 * @b: another
 *
 * Return: whether they do, whatever their queues are.
 */
bool kawela_ntuple_same(const struct kawela_ntuple_filter *a,
			const struct kawela_ntuple_filter *b)
{
	return !((a->etqf ^ b->etqf) & ~KWL_ETQF_QUEUE) &&
	       !((a->ftqf ^ b->ftqf) & ~KWL_FTQF_QUEUE) &&
	       a->saqf == b->saqf && a->daqf == b->daqf &&
	       a->spqf == b->spqf && a->imir == b->imir;
}

/**
 * kawela_ntuple_place() - find a rule's location
 * @used: bitmap of locations that are taken
 * @filter: the rule's filter
 * @location: what the user wants, or RX_CLS_LOC_ANY
 * @why: receives the reason of a refusal
 *
 * Return: the location, which may be taken if the user wants it; -ENOSPC when all are
 * taken; or -EINVAL for a location that isn't for such filters.
 */
int kawela_ntuple_place(const unsigned long *used,
			const struct kawela_ntuple_filter *filter,
			u32 location, const char **why)
{
	unsigned int first = filter->etqf ? KWL_FTQFS : 0;
	unsigned int end = filter->etqf ? KAWELA_NTUPLE_RULES : KWL_FTQFS;
	unsigned int i;

	if (location != RX_CLS_LOC_ANY) {
		if (location >= first && location < end)
			return location;
		*why = filter->etqf ? "rules for EtherTypes have locations 8 to 14" :
				      "rules for IPv4 have locations 0 to 7";
		return -EINVAL;
	}
	for (i = first; i < end; i++)
		if (!test_bit(i, used))
			return i;
	*why = "all filters of this kind are taken";
	return -ENOSPC;
}
