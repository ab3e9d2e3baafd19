/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resets and sleep, with VFs at work.
 */
#ifndef _KAWELA_RECOVER_H
#define _KAWELA_RECOVER_H

struct dev_pm_ops;
struct kawela;
struct pci_error_handlers;

void kawela_stop_all(struct kawela *pf);
int kawela_start_all(struct kawela *pf);
void kawela_suspend(struct kawela *pf);
int kawela_resume(struct kawela *pf);
int kawela_reset_running(struct kawela *pf);

extern const struct pci_error_handlers kawela_err_handlers;
extern const struct dev_pm_ops kawela_pm_ops;

#endif /* _KAWELA_RECOVER_H */
