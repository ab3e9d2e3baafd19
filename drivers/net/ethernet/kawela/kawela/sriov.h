/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Creating and removing VFs.
 */
#ifndef _KAWELA_SRIOV_H
#define _KAWELA_SRIOV_H

struct kawela;
struct pci_dev;

int kawela_sriov_configure(struct pci_dev *pdev, int n);
int kawela_sriov_adopt(struct kawela *pf);
void kawela_sriov_limit(struct kawela *pf);
void kawela_sriov_remove(struct kawela *pf);

#endif /* _KAWELA_SRIOV_H */
