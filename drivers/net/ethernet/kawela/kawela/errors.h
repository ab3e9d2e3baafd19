/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCIe errors, and function level reset.
 */
#ifndef _KAWELA_ERRORS_H
#define _KAWELA_ERRORS_H

struct pci_error_handlers;

extern const struct pci_error_handlers kawela_err_handlers;

#endif /* _KAWELA_ERRORS_H */
