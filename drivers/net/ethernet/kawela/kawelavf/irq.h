/* SPDX-License-Identifier: GPL-2.0-only */
/* The VF's three vectors */
#ifndef _KAWELAVF_IRQ_H
#define _KAWELAVF_IRQ_H

#include <linux/types.h>

struct kawelavf;
struct kwl_port;

/* MSI-X vectors of a VF */
#define KAWELAVF_VECTOR_QUEUE		0
#define KAWELAVF_VECTOR_MISC		1
#define KAWELAVF_VECTOR_QUEUE1		2

int kawelavf_irq_init(struct kawelavf *vf);
void kawelavf_irq_fini(struct kawelavf *vf);
void kawelavf_irq_setup(struct kawelavf *vf);
void kawelavf_irq_mask(struct kawelavf *vf);
void kawelavf_irq_unmask(struct kawelavf *vf);
void kawelavf_irq_stop(struct kawelavf *vf);
void kawelavf_route(struct kwl_port *port, u16 hwq, u16 vector, bool on);

#endif /* _KAWELAVF_IRQ_H */
