/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel compatibility, all of it. The sources are written for Linux 7.3; this
 * header makes older kernels look like it. Kbuild includes it before everything
 * else.
 *
 * What a kernel has is asked of its headers: compat.sh looks, and Kbuild defines
 * each KWL_HAVE_... as 1 or 0. Each paragraph names the first version that has the
 * interface, for the reader alone, and what stands in before.
 */
#ifndef _KAWELA_COMPAT_H
#define _KAWELA_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#error "kawela needs Linux 6.12 or later: build it against one (make modules KDIR=...)"
#endif

#ifndef KWL_HAVE_OPS_LOCK
#error "kawela is built by its own Kbuild, which asks the kernel's headers what they have"
#endif

#include <linux/ethtool.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/devlink.h>
#include <net/page_pool/types.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#ifndef CONFIG_NET_DEVLINK
#error "kawela needs a kernel with CONFIG_NET_DEVLINK"
#endif

/*
 * EXPORT_SYMBOL_FOR_MODULES(), 6.17: only the named modules may use a symbol.
 * Before, a symbol namespace says which do; its name is a string from 6.13 on.
 */
#ifdef EXPORT_SYMBOL_FOR_MODULES
#define KWL_EXPORT(sym)		EXPORT_SYMBOL_FOR_MODULES(sym, "kawela,kawelavf")
#define KWL_IMPORT()
#elif KWL_HAVE_NS_STRINGS
#define KWL_EXPORT(sym)		EXPORT_SYMBOL_NS_GPL(sym, "LIBKAWELA")
#define KWL_IMPORT()		MODULE_IMPORT_NS("LIBKAWELA")
#else
#define KWL_EXPORT(sym)		EXPORT_SYMBOL_NS_GPL(sym, LIBKAWELA)
#define KWL_IMPORT()		MODULE_IMPORT_NS(LIBKAWELA)
#endif

/*
 * The netdev instance lock, 6.15: control operations of a driver that asks for
 * it run under netdev->lock. Before, rtnl protects them, and callers that hold
 * rtnl anyway need nothing more.
 */
#if KWL_HAVE_OPS_LOCK
#include <net/netdev_lock.h>

#if !KWL_HAVE_ASSERT_OPS_COMPAT
/* Its name before 7.2 */
#define netdev_assert_locked_ops_compat(dev)	netdev_ops_assert_locked(dev)
#endif

static inline void kwl_request_ops_lock(struct net_device *netdev)
{
	netdev->request_ops_lock = true;
}
#else
#define netdev_assert_locked_ops_compat(dev)	ASSERT_RTNL()
#define netdev_lock(dev)			((void)(dev))
#define netdev_unlock(dev)			((void)(dev))
#define napi_enable_locked(napi)		napi_enable(napi)
#define napi_disable_locked(napi)		napi_disable(napi)
#define netif_napi_del_locked(napi)		netif_napi_del(napi)
#define netif_napi_set_irq_locked(napi, irq)	netif_napi_set_irq(napi, irq)
#define netif_napi_add_config_locked(dev, napi, poll, index)	\
	netif_napi_add(dev, napi, poll)

static inline void kwl_request_ops_lock(struct net_device *netdev)
{
}
#endif

/*
 * netif_set_affinity_auto(), 6.15: a CPU for each queue's interrupt, and the user's
 * choice kept when queues come back. Before, they are where the interrupt core puts
 * them; it remembers the user's choice, too.
 */
#if !KWL_HAVE_AFFINITY_AUTO
static inline void netif_set_affinity_auto(struct net_device *netdev)
{
}
#endif

/*
 * page_pool_enable_direct_recycling(), 6.18: attach a pool to a NAPI instance. What
 * netlink reports of that, 6.12 notes when the pool is made.
 */
#if !KWL_HAVE_DIRECT_RECYCLING
static inline void page_pool_enable_direct_recycling(struct page_pool *pool,
						     struct napi_struct *napi)
{
	WRITE_ONCE(pool->p.napi, napi);
#if KWL_HAVE_POOL_NAPI_ID
	pool->user.napi_id = napi->napi_id;
#endif
}
#endif

/*
 * devlink_port_attrs.no_phys_port_name, 6.17. A port with attributes gives its
 * netdev a phys_port_name, from which udev makes a new name for the interface.
 * Before, the port goes without attributes.
 */
#if KWL_HAVE_NO_PHYS_PORT_NAME
static inline void kwl_devlink_port_attrs_set(struct devlink_port *port,
					      struct devlink_port_attrs *attrs)
{
	attrs->no_phys_port_name = 1;
	devlink_port_attrs_set(port, attrs);
}
#else
static inline void kwl_devlink_port_attrs_set(struct devlink_port *port,
					      struct devlink_port_attrs *attrs)
{
}
#endif

/*
 * devlink_health_reporter_ops.default_graceful_period, 6.18: before, an argument
 * says how long to wait between recoveries. Here it is 0 everywhere: the drivers
 * bound their reports themselves.
 */
#if KWL_HAVE_DEFAULT_GRACEFUL_PERIOD
#define kwl_health_reporter_create(devlink, ops, priv)	\
	devlink_health_reporter_create(devlink, ops, priv)
#else
#define kwl_health_reporter_create(devlink, ops, priv)	\
	devlink_health_reporter_create(devlink, ops, 0, priv)
#endif

/*
 * Hashed header fields have operations of their own, 6.17 and late 6.12. Before,
 * they can't be seen or changed.
 */
#if KWL_HAVE_RXFH_FIELDS
#define KWL_RXFH_FIELDS(get, set)	\
	.get_rxfh_fields = (get), .set_rxfh_fields = (set),
#else
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};

#define KWL_RXFH_FIELDS(get, set)
#endif

/*
 * ethtool_ops.get_rx_ring_count(), 7.0; before, one of the questions to get_rxnfc().
 * An operation of one's own leaves to kwl_get_rxnfc() what it doesn't know.
 */
#if KWL_HAVE_RX_RING_COUNT
static inline u32 kwl_get_rx_ring_count(struct net_device *netdev)
{
	return netdev->real_num_rx_queues;
}

static inline int kwl_get_rxnfc(struct net_device *netdev,
				struct ethtool_rxnfc *info, u32 *rules)
{
	return -EOPNOTSUPP;
}

#define KWL_GET_RX_RING_COUNT	.get_rx_ring_count = kwl_get_rx_ring_count
#define KWL_GET_RXNFC(get)	KWL_GET_RX_RING_COUNT, .get_rxnfc = (get)
#else
static inline int kwl_get_rxnfc(struct net_device *netdev,
				struct ethtool_rxnfc *info, u32 *rules)
{
	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = netdev->real_num_rx_queues;
	return 0;
}

#define KWL_GET_RX_RING_COUNT	.get_rxnfc = kwl_get_rxnfc
#define KWL_GET_RXNFC(get)	.get_rxnfc = (get)
#endif

/* Queue management operations get a configuration, 7.0 */
#if KWL_HAVE_QUEUE_CONFIG
#define KWL_QCFG		struct netdev_queue_config *qcfg,
#else
#define KWL_QCFG
#endif

/*
 * ethtool_ops.op_needs_rtnl, 7.2: operations that need rtnl beside the instance
 * lock. Queue counts reach the qdiscs, and link watch wants rtnl. Before, all
 * have it.
 */
#ifdef ETHTOOL_OP_NEEDS_RTNL_SCHANNELS
#define KWL_OPS_NEED_RTNL						\
	.op_needs_rtnl = ETHTOOL_OP_NEEDS_RTNL_SCHANNELS |		\
			 ETHTOOL_OP_NEEDS_RTNL_GLINK,
#else
#define KWL_OPS_NEED_RTNL
#endif

/* Questions about a buffer or descriptor that promise not to change it, late 6.12 */
#if !KWL_HAVE_XDP_CONST
#define xdp_buff_has_frags(xdp)					\
	xdp_buff_has_frags((struct xdp_buff *)(xdp))
#define xdp_buff_is_frag_pfmemalloc(xdp)			\
	xdp_buff_is_frag_pfmemalloc((struct xdp_buff *)(xdp))
#define xdp_get_shared_info_from_buff(xdp)			\
	xdp_get_shared_info_from_buff((struct xdp_buff *)(xdp))
#define xdp_get_buff_len(xdp)	xdp_get_buff_len((struct xdp_buff *)(xdp))
#define xsk_is_eop_desc(desc)	xsk_is_eop_desc((struct xdp_desc *)(desc))
#endif

/*
 * xdp_buff_add_frag(), 6.14, and xsk_buff_add_frag() with its two arguments,
 * 6.14: add a buffer to a frame.
 */
#if !KWL_HAVE_XDP_ADD_FRAG || !KWL_HAVE_XSK_ADD_FRAG_TO_HEAD
static inline bool kwl_add_frag(struct xdp_buff *xdp, struct page *page,
				u32 offset, u32 size)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);

	if (!xdp_buff_has_frags(xdp)) {
		xdp_buff_set_frags_flag(xdp);
		info->nr_frags = 0;
		info->xdp_frags_size = 0;
	} else if (unlikely(info->nr_frags == MAX_SKB_FRAGS)) {
		return false;
	}
	skb_frag_fill_page_desc(&info->frags[info->nr_frags++], page, offset,
				size);
	info->xdp_frags_size += size;
	return true;
}

#endif

#if !KWL_HAVE_XDP_ADD_FRAG
static inline bool xdp_buff_add_frag(struct xdp_buff *xdp, netmem_ref netmem,
				     u32 offset, u32 size, u32 truesize)
{
	struct page *page = netmem_to_page(netmem);

	if (!kwl_add_frag(xdp, page, offset, size))
		return false;
	if (unlikely(page_is_pfmemalloc(page)))
		xdp_buff_set_frag_pfmemalloc(xdp);
	return true;
}
#endif

#if !KWL_HAVE_XSK_ADD_FRAG_TO_HEAD
static inline bool kwl_xsk_add_frag(struct xdp_buff *head,
				    struct xdp_buff *xdp)
{
	if (!kwl_add_frag(head, virt_to_page(xdp->data),
			  offset_in_page(xdp->data),
			  xdp->data_end - xdp->data))
		return false;
	xsk_buff_add_frag(xdp);
	return true;
}
#else
#define kwl_xsk_add_frag(head, xdp)	xsk_buff_add_frag(head, xdp)
#endif

/* xdp_update_skb_frags_info(), 6.18: an skb takes over a frame's buffers */
#if !KWL_HAVE_XDP_FRAGS_INFO
static inline void xdp_update_skb_frags_info(struct sk_buff *skb, u8 nr_frags,
					     unsigned int size,
					     unsigned int truesize, u32 flags)
{
	xdp_update_skb_shared_info(skb, nr_frags, size, truesize,
				   flags & XDP_FLAGS_FRAGS_PF_MEMALLOC);
}

#define xdp_buff_get_skb_flags(xdp)	((xdp)->flags)
#endif

/*
 * xdp_rxq_info without napi_id, 7.0: the kernel knows a queue's NAPI instance by
 * netif_queue_set_napi(). Before, sockets learn it from here.
 */
#if KWL_HAVE_RXQ_NAPI_ID
static inline void kwl_xdp_rxq_set_napi(struct xdp_rxq_info *rxq,
					const struct napi_struct *napi)
{
	rxq->napi_id = napi->napi_id;
}
#else
static inline void kwl_xdp_rxq_set_napi(struct xdp_rxq_info *rxq,
					const struct napi_struct *napi)
{
}
#endif

/*
 * ndo_set_rx_mode_async(), 7.1: address lists arrive as snapshots in process
 * context. Before, ndo_set_rx_mode() is called with a spinlock held and defers
 * to a work item.
 */
#if KWL_HAVE_RX_MODE_ASYNC
#define KWL_NDO_SET_RX_MODE(atomic, async)	.ndo_set_rx_mode_async = (async)
#else
#define KWL_NDO_SET_RX_MODE(atomic, async)	.ndo_set_rx_mode = (atomic)
#endif

#endif /* _KAWELA_COMPAT_H */
