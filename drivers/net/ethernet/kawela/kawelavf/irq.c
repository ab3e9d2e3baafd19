// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VF's three vectors.
 */
#include <linux/bitfield.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/pci.h>

#include "irq.h"
#include "kawelavf.h"

static irqreturn_t kawelavf_msix_misc(int irq, void *data)
{
	struct kawelavf *vf = data;

	WRITE_ONCE(vf->misc_irqs, vf->misc_irqs + 1);
	kawelavf_service_kick(vf);
	return IRQ_HANDLED;
}

/**
 * kawelavf_irq_init() - allocate vectors and take the one for the mailbox
 * @vf: the VF
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int kawelavf_irq_init(struct kawelavf *vf)
{
	int err;

	err = pci_alloc_irq_vectors(vf->pdev, KWL_VF_VECTORS, KWL_VF_VECTORS,
				    PCI_IRQ_MSIX);
	if (err < 0)
		return dev_err_probe(&vf->pdev->dev, err,
				     "%u MSI-X vectors are needed, and there are none: is MSI off (pci=nomsi)?\n",
				     KWL_VF_VECTORS);
	err = request_irq(pci_irq_vector(vf->pdev, KAWELAVF_VECTOR_MISC),
			  kawelavf_msix_misc, 0, pci_name(vf->pdev), vf);
	if (err)
		pci_free_irq_vectors(vf->pdev);
	return err;
}

/**
 * kawelavf_irq_fini() - undo kawelavf_irq_init()
 * @vf: the VF
 */
void kawelavf_irq_fini(struct kawelavf *vf)
{
	free_irq(pci_irq_vector(vf->pdev, KAWELAVF_VECTOR_MISC), vf);
	pci_free_irq_vectors(vf->pdev);
}

static u32 kawelavf_misc_entry(struct kawelavf *vf)
{
	if (kwl_has_quirk(&vf->hw, KWL_QUIRK_MISC_MASK))
		return KWL_IVAR_VALID | BIT(KAWELAVF_VECTOR_MISC);
	return KWL_IVAR_VALID | KAWELAVF_VECTOR_MISC;
}

/**
 * kawelavf_irq_setup() - program interrupts after a reset
 * @vf: the VF
 */
void kawelavf_irq_setup(struct kawelavf *vf)
{
	struct kwl_hw *hw = &vf->hw;
	u32 all = GENMASK(KWL_VF_VECTORS - 1, 0);

	kwl_wr(hw, KWL_EIMC, all);
	kwl_wr(hw, KWL_VTIVAR_MISC, kawelavf_misc_entry(vf));
	kwl_wr(hw, KWL_EIAC, all);
	kwl_wr(hw, KWL_EIAM, all & ~BIT(KAWELAVF_VECTOR_MISC));
	kwl_wr(hw, KWL_EITR(KAWELAVF_VECTOR_MISC), 0);
	mutex_lock(&vf->mbx_lock);
	vf->irq_on = true;
	kwl_wr(hw, KWL_EIMS, BIT(KAWELAVF_VECTOR_MISC));
	mutex_unlock(&vf->mbx_lock);
}

/**
 * kawelavf_irq_mask() - keep the mailbox's vector silent for a while
 * @vf: the VF
 *
 * While the mailbox is polled anyway, an interrupt only costs time, in a virtual
 * machine more than the answer itself.
 *
 * Context: mbx_lock.
 */
void kawelavf_irq_mask(struct kawelavf *vf)
{
	lockdep_assert_held(&vf->mbx_lock);
	if (vf->irq_on)
		kwl_wr(&vf->hw, KWL_EIMC, BIT(KAWELAVF_VECTOR_MISC));
}

/**
 * kawelavf_irq_unmask() - undo kawelavf_irq_mask()
 * @vf: the VF
 *
 * What came meanwhile doesn't interrupt: the caller looks at the mailbox.
 *
 * Context: mbx_lock.
 */
void kawelavf_irq_unmask(struct kawelavf *vf)
{
	lockdep_assert_held(&vf->mbx_lock);
	if (!vf->irq_on)
		return;
	kwl_wr(&vf->hw, KWL_EICR, BIT(KAWELAVF_VECTOR_MISC));
	kwl_wr(&vf->hw, KWL_EIMS, BIT(KAWELAVF_VECTOR_MISC));
}

/**
 * kawelavf_irq_stop() - silence the mailbox's vector
 * @vf: the VF
 */
void kawelavf_irq_stop(struct kawelavf *vf)
{
	mutex_lock(&vf->mbx_lock);
	vf->irq_on = false;
	kwl_wr(&vf->hw, KWL_EIMC, BIT(KAWELAVF_VECTOR_MISC));
	kwl_flush(&vf->hw);
	mutex_unlock(&vf->mbx_lock);
	synchronize_irq(pci_irq_vector(vf->pdev, KAWELAVF_VECTOR_MISC));
}

/**
 * kawelavf_route() - let a queue pair interrupt through a vector
 * @port: the VF's port
 * @hwq: hardware queue pair, 0 or 1
 * @vector: the vector
 * @on: or through none
 *
 * Context: the port's lock.
 */
void kawelavf_route(struct kwl_port *port, u16 hwq, u16 vector, bool on)
{
	u32 entry = on ? vector | KWL_IVAR_VALID : 0;
	unsigned int shift = 16 * hwq;

	kawelavf_assert_locked(kawelavf_of(port->netdev));
	kwl_rmw(port->hw, KWL_VTIVAR, 0xffffU << shift,
		(entry | entry << 8) << shift);
}
