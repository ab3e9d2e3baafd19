// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue pair's NAPI instance and interrupt.
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "lib.h"
#include "xsk.h"

static irqreturn_t kwl_msix_queue(int irq, void *data)
{
	struct kwl_qvec *qv = data;

	WRITE_ONCE(qv->moder.events, qv->moder.events + 1);
	/*
	 * The vector masked itself (EIAM), or on devices that can't do that may
	 * interrupt again: then NAPI remembers it and polls once more.
	 */
	napi_schedule_irqoff(&qv->napi);
	return IRQ_HANDLED;
}

static int kwl_poll_napi(struct napi_struct *napi, int budget)
{
	struct kwl_qvec *qv = container_of(napi, struct kwl_qvec, napi);
	int done = kwl_poll_rings(qv->rx, qv->tx, budget);

	/* Also with netpoll's budget of 0, which completes nothing */
	if (done >= budget)
		return budget;
	kwl_moder_poll(qv);
	/* From here on the rings may go, and another CPU may poll */
	if (likely(napi_complete_done(napi, done)) && qv->rearm)
		kwl_wr(qv->port->hw, KWL_EIMS, qv->rearm);
	return done;
}

static void kwl_qvec_fini_one(struct kwl_port *port, u16 i)
{
	struct kwl_qvec *qv = &port->qvec[i];

	DEBUG_NET_WARN_ON_ONCE(qv->enabled);
	netif_napi_set_irq_locked(&qv->napi, -1);
	free_irq(pci_irq_vector(port->pdev, qv->vector), qv);
	netif_napi_del_locked(&qv->napi);
}

static int kwl_qvec_init_one(struct kwl_port *port, u16 i)
{
	struct kwl_qvec *qv = &port->qvec[i];
	int irq, err;

	qv->port = port;
	qv->vector = port->role->vectors[i];
	qv->rearm = kwl_has_quirk(port->hw, KWL_QUIRK_NO_AUTOMASK) ?
			    0 : BIT(qv->vector);
	netif_napi_add_config_locked(port->netdev, &qv->napi, kwl_poll_napi, i);
	snprintf(qv->name, sizeof(qv->name), "%s-TxRx-%u", port->netdev->name,
		 i);
	irq = pci_irq_vector(port->pdev, qv->vector);
	err = request_irq(irq, kwl_msix_queue, 0, qv->name, qv);
	if (err) {
		netif_napi_del_locked(&qv->napi);
		return err;
	}
	netif_napi_set_irq_locked(&qv->napi, irq);
	return 0;
}

/**
 * kwl_qvec_open() - make NAPI instances and interrupts for more queue pairs
 * @port: the port
 * @from: first queue pair
 * @to: one behind the last; nothing happens when it is not above @from
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno with none of them made.
 */
int kwl_qvec_open(struct kwl_port *port, u16 from, u16 to)
{
	u16 i;
	int err;

	netdev_assert_locked_ops_compat(port->netdev);
	for (i = from; i < to; i++) {
		err = kwl_qvec_init_one(port, i);
		if (err)
			goto err_fini;
	}
	return 0;

err_fini:
	while (i-- > from)
		kwl_qvec_fini_one(port, i);
	return err;
}

/**
 * kwl_qvec_close() - undo kwl_qvec_open()
 * @port: the port
 * @from: first queue pair
 * @to: one behind the last
 *
 * Context: may sleep; the port's lock; the vectors are stopped.
 */
void kwl_qvec_close(struct kwl_port *port, u16 from, u16 to)
{
	netdev_assert_locked_ops_compat(port->netdev);
	while (to-- > from)
		kwl_qvec_fini_one(port, to);
}

static void kwl_qvec_set_napi(struct kwl_port *port, u16 i,
			      struct napi_struct *napi)
{
	netif_queue_set_napi(port->netdev, i, NETDEV_QUEUE_TYPE_RX, napi);
	netif_queue_set_napi(port->netdev, i, NETDEV_QUEUE_TYPE_TX, napi);
}

/**
 * kwl_qvec_start() - let a queue pair interrupt and be polled
 * @port: the port
 * @i: the queue pair; its rings are enabled
 *
 * Context: may sleep; the port's lock.
 */
void kwl_qvec_start(struct kwl_port *port, u16 i)
{
	const struct kwl_dp_cfg *cfg = &port->dp->cfg;
	struct kwl_qvec *qv = &port->qvec[i];
	struct kwl_hw *hw = port->hw;

	netdev_assert_locked_ops_compat(port->netdev);
	DEBUG_NET_WARN_ON_ONCE(qv->enabled);
	qv->rx = port->dp->rx[i];
	qv->tx = port->dp->tx[i];
	/* Here, because rings of a pair may be replaced one by one */
	qv->rx->tx = port->dp->tx[i % port->role->xdp_txqs];
	kwl_qvec_set_napi(port, i, &qv->napi);
	kwl_moder_start(qv, &port->coalesce[i]);
	napi_enable_locked(&qv->napi);
	qv->enabled = true;
	if (!qv->rx->xsk)
		kwl_xdp_rxq_set_napi(&qv->rx->xdp_rxq, &qv->napi);
	else if (port->xsk[i])
		kwl_xdp_rxq_set_napi(&port->xsk[i]->rxq, &qv->napi);
	port->role->route(port, cfg->first_hwq + i * cfg->hwq_stride,
			  qv->vector, true);
	kwl_wr(hw, KWL_EIMS, BIT(qv->vector));
	/* Frames that came before the vector was routed raised nothing */
	kwl_wr(hw, KWL_EICS, BIT(qv->vector));
}

/**
 * kwl_qvec_stop() - silence a queue pair, if it isn't
 * @port: the port
 * @i: the queue pair
 *
 * When this returns its interrupt handler does not run, and its poll function does not
 * use the rings. A poll that was at its end may unmask the vector a little later; it is
 * not routed any more then, or started again.
 *
 * Context: may sleep; the port's lock.
 */
void kwl_qvec_stop(struct kwl_port *port, u16 i)
{
	const struct kwl_dp_cfg *cfg = &port->dp->cfg;
	struct kwl_qvec *qv = &port->qvec[i];

	netdev_assert_locked_ops_compat(port->netdev);
	/* Disabling a NAPI instance twice would wait for ever */
	if (!qv->enabled)
		return;
	kwl_wr(port->hw, KWL_EIMC, BIT(qv->vector));
	kwl_flush(port->hw);
	synchronize_irq(pci_irq_vector(port->pdev, qv->vector));
	napi_disable_locked(&qv->napi);
	port->role->route(port, cfg->first_hwq + i * cfg->hwq_stride,
			  qv->vector, false);
	kwl_qvec_set_napi(port, i, NULL);
	qv->enabled = false;
	qv->rx = NULL;
	qv->tx = NULL;
}
