/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vectors of the PF.
 */
#ifndef _KAWELA_IRQ_H
#define _KAWELA_IRQ_H

#include <linux/types.h>

struct kawela;
struct kwl_port;

/* MSI-X vectors of the PF: link and mailbox, then one for each queue pair */
#define KAWELA_VECTOR_MISC		0
#define KAWELA_VECTOR_QUEUE		1

/**
 * struct kawela_irq_limit - a period in which interrupts are counted
 * @end: when it ends, in jiffies
 * @irqs: kawela.misc_irqs at its beginning
 * @usecs: least time between interrupts now
 */
struct kawela_irq_limit {
	unsigned long end;
	unsigned int irqs;
	u32 usecs;
};

int kawela_irq_init(struct kawela *pf);
void kawela_irq_fini(struct kawela *pf);
void kawela_irq_setup(struct kawela *pf);
void kawela_irq_limit_check(struct kawela *pf);
void kawela_irq_arm(struct kawela *pf);
void kawela_irq_start(struct kawela *pf);
void kawela_irq_stop(struct kawela *pf);
void kawela_irq_automatic(struct kawela *pf, u16 queues);
void kawela_route(struct kwl_port *port, u16 hwq, u16 vector, bool on);

#endif /* _KAWELA_IRQ_H */
