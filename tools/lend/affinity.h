/* SPDX-License-Identifier: GPL-2.0-only */
/* A loan's process and its VF's interrupts on one CPU. */

#ifndef LEND_AFFINITY_H
#define LEND_AFFINITY_H

/**
 * affinity_pin - keep this process on one CPU
 *
 * Return: that CPU, or -1 when it isn't allowed.
 */
int affinity_pin(void);

/**
 * affinity_irqs - let that CPU take a function's interrupts
 * @pci: its PCI address; its MSI-X is on
 * @cpu: from affinity_pin(); -1 does nothing
 *
 * A message-signalled interrupt that the function sent before it answered a read has then
 * been taken when the read returns to the process. On another CPU it may be late.
 */
void affinity_irqs(const char *pci, int cpu);

#endif
