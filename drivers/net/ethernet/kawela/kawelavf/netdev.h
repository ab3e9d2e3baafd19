/* SPDX-License-Identifier: GPL-2.0-only */
/* The VF's network interface */
#ifndef _KAWELAVF_NETDEV_H
#define _KAWELAVF_NETDEV_H

struct kawelavf;
struct pci_dev;

struct kawelavf *kawelavf_netdev_create(struct pci_dev *pdev);
int kawelavf_netdev_init(struct kawelavf *vf);
void kawelavf_netdev_fini(struct kawelavf *vf);

#endif /* _KAWELAVF_NETDEV_H */
