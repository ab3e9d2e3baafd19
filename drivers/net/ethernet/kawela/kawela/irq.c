// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectors of the PF: how many, which cause goes where.
 */
#include <linux/bitfield.h>
#include <linux/interrupt.h>
#include <linux/pci.h>

#include <kawela/moderation.h>

#include "irq.h"
#include "kawela.h"

/*
 * A VF can interrupt as fast as it can write a register. Honest VFs cause fewer than
 * this many interrupts in a period. Beyond that, interrupts are at least
 * KAWELA_STORM_USECS apart for the rest of it; otherwise answers aren't delayed.
 */
#define KAWELA_LIMIT_PERIOD	(HZ / 10)
#define KAWELA_LIMIT_IRQS	1000
#define KAWELA_STORM_USECS	200

static irqreturn_t kawela_msix_misc(int irq, void *data)
{
	struct kawela *pf = data;

	WRITE_ONCE(pf->misc_irqs, pf->misc_irqs + 1);
	/* Causes stay in ICR, so further ones don't interrupt until it is read */
	queue_work(pf->wq, &pf->event);
	return IRQ_HANDLED;
}

/**
 * kawela_irq_init() - allocate vectors and take the one for link and mailbox
 * @pf: the PF
 *
 * With VFs the device leaves the PF vectors 0 to 24 - 3 * n, so the few that are
 * used here stay valid with any number of VFs: a PF with VFs has one queue.
 *
 * Context: may sleep.
 * Return: number of vectors for queues, or an errno.
 */
int kawela_irq_init(struct kawela *pf)
{
	int got, err;

	got = pci_alloc_irq_vectors(pf->pdev, KAWELA_VECTOR_QUEUE + 1,
				    KAWELA_VECTOR_QUEUE + KWL_MAX_QUEUES,
				    PCI_IRQ_MSIX);
	if (got < 0)
		return dev_err_probe(&pf->pdev->dev, got,
				     "%u MSI-X vectors are needed, and there are none: is MSI off (pci=nomsi)?\n",
				     KAWELA_VECTOR_QUEUE + 1);
	err = request_irq(pci_irq_vector(pf->pdev, KAWELA_VECTOR_MISC),
			  kawela_msix_misc, 0, pci_name(pf->pdev), pf);
	if (err) {
		pci_free_irq_vectors(pf->pdev);
		return err;
	}
	return got - KAWELA_VECTOR_QUEUE;
}

/**
 * kawela_irq_fini() - undo kawela_irq_init()
 * @pf: the PF
 */
void kawela_irq_fini(struct kawela *pf)
{
	free_irq(pci_irq_vector(pf->pdev, KAWELA_VECTOR_MISC), pf);
	pci_free_irq_vectors(pf->pdev);
}

/**
 * kawela_irq_automatic() - let vectors clear and mask themselves
 * @pf: the PF
 * @queues: queue pairs in use; vectors behind theirs may be VFs'
 */
void kawela_irq_automatic(struct kawela *pf, u16 queues)
{
	u32 mask = GENMASK(KAWELA_VECTOR_QUEUE + queues - 1,
			   KAWELA_VECTOR_QUEUE);

	kwl_wr(&pf->hw, KWL_EIAC, mask | BIT(KAWELA_VECTOR_MISC));
	kwl_wr(&pf->hw, KWL_EIAM, mask);
}

/**
 * kawela_irq_setup() - program the interrupt mode after a reset
 * @pf: the PF
 *
 * GPIE comes first: the registers behind it mean something else without
 * Multiple_MSIX.
 */
void kawela_irq_setup(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;

	kwl_wr(hw, KWL_GPIE, KWL_GPIE_MULTI_MSIX | KWL_GPIE_PBA |
			     KWL_GPIE_EIAME | KWL_GPIE_NSICR);
	kwl_wr(hw, KWL_IVAR_MISC,
	       FIELD_PREP(KWL_IVAR_MISC_OTHER,
			  KAWELA_VECTOR_MISC | KWL_IVAR_VALID));
	kawela_irq_automatic(pf, kawela_port(pf)->dp->cfg.queues);
	pf->irq_limit = (struct kawela_irq_limit) {
		.end = jiffies + KAWELA_LIMIT_PERIOD,
		.irqs = READ_ONCE(pf->misc_irqs),
	};
	kwl_wr(hw, KWL_EITR(KAWELA_VECTOR_MISC), 0);
}

/**
 * kawela_irq_limit_check() - bound what interrupts for link and mailbox cost
 * @pf: the PF
 *
 * Context: @pf->wq, behind each interrupt.
 */
void kawela_irq_limit_check(struct kawela *pf)
{
	struct kawela_irq_limit *limit = &pf->irq_limit;
	unsigned int irqs = READ_ONCE(pf->misc_irqs);
	u32 usecs;

	if (time_after(jiffies, limit->end)) {
		limit->end = jiffies + KAWELA_LIMIT_PERIOD;
		limit->irqs = irqs;
	}
	usecs = irqs - limit->irqs > KAWELA_LIMIT_IRQS ? KAWELA_STORM_USECS : 0;
	if (usecs == limit->usecs)
		return;
	limit->usecs = usecs;
	kwl_wr(&pf->hw, KWL_EITR(KAWELA_VECTOR_MISC),
	       kwl_usecs_to_eitr(usecs, pf->hw.quirks));
}

/**
 * kawela_irq_arm() - let link and mailbox interrupt, causes pending as they are
 * @pf: the PF
 */
void kawela_irq_arm(struct kawela *pf)
{
	kwl_wr(&pf->hw, KWL_EIMS, BIT(KAWELA_VECTOR_MISC));
	kwl_wr(&pf->hw, KWL_IMS, KWL_INT_LSC | KWL_INT_VMMB);
}

/**
 * kawela_irq_start() - let link and mailbox interrupt
 * @pf: the PF; the caller lets the service look at link and mailbox anyway
 *
 * A cause that is pending would keep the next from interrupting.
 */
void kawela_irq_start(struct kawela *pf)
{
	kwl_rd(&pf->hw, KWL_ICR);
	kawela_irq_arm(pf);
}

/**
 * kawela_irq_stop() - undo kawela_irq_start()
 * @pf: the PF
 */
void kawela_irq_stop(struct kawela *pf)
{
	struct kwl_hw *hw = &pf->hw;

	kwl_wr(hw, KWL_IMC, ~0U);
	kwl_wr(hw, KWL_EIMC, BIT(KAWELA_VECTOR_MISC));
	kwl_flush(hw);
	synchronize_irq(pci_irq_vector(pf->pdev, KAWELA_VECTOR_MISC));
}

/**
 * kawela_route() - let a queue pair interrupt through a vector
 * @port: the PF's port
 * @hwq: hardware queue pair
 * @vector: the vector
 * @on: or through none
 *
 * Context: the port's lock.
 */
void kawela_route(struct kwl_port *port, u16 hwq, u16 vector, bool on)
{
	u8 entry = on ? vector | KWL_IVAR_VALID : 0;
	unsigned int shift = hwq < KWL_POOLS ? 0 : 16;

	netdev_assert_locked_ops_compat(port->netdev);
	/* Receive and transmit of a pair stand side by side */
	kwl_rmw(port->hw, KWL_IVAR(hwq % KWL_POOLS), 0xffff << shift,
		(entry | entry << 8) << shift);
}
