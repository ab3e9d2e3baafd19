/* SPDX-License-Identifier: GPL-2.0-only */
/* Resets, suspend and PCIe errors with everything at work */
#ifndef _KAWELAVF_RECOVER_H
#define _KAWELAVF_RECOVER_H

#include <linux/pci.h>
#include <linux/pm.h>

struct kawelavf;

void kawelavf_recover_init(struct kawelavf *vf);
void kawelavf_recover_stop(struct kawelavf *vf);

extern const struct pci_error_handlers kawelavf_err_handlers;
extern const struct dev_pm_ops kawelavf_pm_ops;

#endif /* _KAWELAVF_RECOVER_H */
