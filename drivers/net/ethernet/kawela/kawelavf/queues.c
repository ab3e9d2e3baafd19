// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VF's queue pairs: its pool has two, and the PF says whether both may be
 * used. RSS spreads over them what comes from the wire.
 *
 * A frame that the device itself forwards to another function goes into the receive
 * queue with the number of the transmit queue that it was sent through, whatever
 * RSS says; a receiver that has one queue would never get it from the second. So
 * all is sent through the first.
 */
#include <linux/netdevice.h>

#include "irq.h"
#include "kawelavf.h"
#include "mbx_decode.h"
#include "mbx_ops.h"
#include "queues.h"

static const u8 kawelavf_vectors[KWL_MAX_QUEUES] = {
	KAWELAVF_VECTOR_QUEUE, KAWELAVF_VECTOR_QUEUE1,
};

/* The PF opens and closes the pool; but it must know where to put frames */
static void kawelavf_role_start(struct kwl_port *port)
{
	struct kawelavf *vf = kawelavf_of(port->netdev);
	u16 n = port->dp->cfg.queues;

	if (!vf->v2 || n == vf->queues_told)
		return;
	if (!kawelavf_req_queues(vf, n))
		vf->queues_told = n;
}

static void kawelavf_role_stop(struct kwl_port *port)
{
}

/* The service begins again at once with what could not start after a reset */
static void kawelavf_role_recovered(struct kwl_port *port)
{
	struct kawelavf *vf = kawelavf_of(port->netdev);

	WRITE_ONCE(vf->retry, jiffies);
	kawelavf_service_kick(vf);
}

const struct kwl_role kawelavf_role = {
	.rxq_base = KWL_VF_RXQ(0),
	.rxq_stride = KWL_VF_RXQ(1) - KWL_VF_RXQ(0),
	.txq_base = KWL_VF_TXQ(0),
	.txq_stride = KWL_VF_TXQ(1) - KWL_VF_TXQ(0),
	.vectors = kawelavf_vectors,
	.xdp_txqs = 1,
	.pooled = true,
	.route = kawelavf_route,
	.start = kawelavf_role_start,
	.stop = kawelavf_role_stop,
	.recovered = kawelavf_role_recovered,
};

/* A PF that isn't ours knows of one pair */
static u16 kawelavf_queues_granted(const struct kawelavf *vf)
{
	return vf->v2 ? kawelavf_queues_in(&vf->policy) : 1;
}

/**
 * kawelavf_queues_begin() - begin with the queue pairs that the PF grants
 * @vf: the VF, with its interface not registered yet
 */
void kawelavf_queues_begin(struct kawelavf *vf)
{
	u16 n = kawelavf_queues_granted(vf);

	vf->port.max_queues = n;
	vf->port.dp->cfg.queues = n;
	netif_set_real_num_queues(kawelavf_netdev(vf), n, n);
}

/**
 * kawelavf_queues_adopt() - follow what the PF grants
 * @vf: the VF
 *
 * A VF that used all queues uses all that are granted now. If there is no memory for
 * that, nothing changes: frames don't come into queues that the PF doesn't grant. If
 * the port fails, the next call tries again.
 *
 * Context: may sleep; the port's lock.
 */
void kawelavf_queues_adopt(struct kawelavf *vf)
{
	struct kwl_port *port = &vf->port;
	u16 now = port->dp->cfg.queues;
	u16 was = port->max_queues;
	struct kwl_dp *next;

	kawelavf_assert_locked(vf);
	port->max_queues = kawelavf_queues_granted(vf);
	if (now <= port->max_queues && now != was)
		return;
	if (now == port->max_queues)
		return;
	next = kwl_dp_clone(port);
	if (!next)
		return;
	next->cfg.queues = port->max_queues;
	if (kwl_dp_reconfigure(port, next, NULL) && port->state == KWL_PORT_FAILED)
		port->max_queues = was;	/* they are asked for again */
}

/**
 * kawelavf_select_queue() - ndo_select_queue
 * @netdev: the VF
 * @skb: a frame
 * @sb_dev: unused
 *
 * Return: the first queue; the reason stands above.
 */
u16 kawelavf_select_queue(struct net_device *netdev, struct sk_buff *skb,
			  struct net_device *sb_dev)
{
	return 0;
}
