#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Ask a kernel's headers what they have. Kbuild hands the answers to compat.h, as
# compiler flags: -DKWL_HAVE_NAME=1 or =0.
#
#   compat.sh INCLUDE     INCLUDE is the directory with linux/netdevice.h
#
# Version numbers would be no answer: distributions take interfaces from later
# versions into theirs.

set -eu

include=$1

if ! [ -r "$include/linux/netdevice.h" ]; then
	echo "kawela: there are no kernel headers in $include" >&2
	exit 1
fi

# ask NAME HEADER PATTERN: PATTERN sees any white space as one space
ask()
{
	have=0
	if [ -r "$include/$2" ] &&
		tr -s '[:space:]' ' ' < "$include/$2" | grep -q -e "$3"; then
		have=1
	fi
	echo "-DKWL_HAVE_$1=$have"
}

ask NS_STRINGS linux/module.h 'MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, ns)'
ask OPS_LOCK linux/netdevice.h ' request_ops_lock'
ask ASSERT_OPS_COMPAT net/netdev_lock.h ' netdev_assert_locked_ops_compat('
ask AFFINITY_AUTO linux/netdevice.h ' netif_set_affinity_auto('
ask DIRECT_RECYCLING net/page_pool/types.h ' page_pool_enable_direct_recycling('
ask POOL_NAPI_ID net/page_pool/types.h ' napi_id;'
ask NO_PHYS_PORT_NAME net/devlink.h ' no_phys_port_name'
ask DEFAULT_GRACEFUL_PERIOD net/devlink.h ' default_graceful_period;'
ask RXFH_FIELDS linux/ethtool.h '(\*get_rxfh_fields)'
ask RX_RING_COUNT linux/ethtool.h '(\*get_rx_ring_count)'
ask QUEUE_CONFIG net/netdev_queues.h \
	'(\*ndo_queue_mem_alloc)(struct net_device \*dev, struct netdev_queue_config '
ask XDP_ADD_FRAG net/xdp.h ' xdp_buff_add_frag('
ask XSK_ADD_FRAG_TO_HEAD net/xdp_sock_drv.h ' xsk_buff_add_frag(struct xdp_buff \*head,'
ask XDP_CONST net/xdp.h ' xdp_buff_has_frags(const '
ask XDP_FRAGS_INFO net/xdp.h ' xdp_update_skb_frags_info('
ask RXQ_NAPI_ID net/xdp.h ' napi_id;'
ask RX_MODE_ASYNC linux/netdevice.h '(\*ndo_set_rx_mode_async)'
