/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each implementation of the 82576 gets wrong. The table that assigns
 * these to devices is in libkawela/quirks.c; nothing else asks which device it is.
 */
#ifndef _KAWELA_QUIRKS_H
#define _KAWELA_QUIRKS_H

#include <linux/bits.h>
#include <linux/types.h>

struct pci_dev;

/* Interrupts don't mask their vector (EIAM), so it needs no unmasking either */
#define KWL_QUIRK_NO_AUTOMASK		BIT(0)
/* EITR counts raw * 1.024 us instead of INTERVAL us */
#define KWL_QUIRK_EITR_RAW		BIT(1)
/* VTIVAR_MISC holds a bit mask of vectors instead of a vector number */
#define KWL_QUIRK_MISC_MASK		BIT(2)
/* VMOLR.ROPE and MPME do nothing; UTA and MTA work through ROMPE instead */
#define KWL_QUIRK_NO_ROPE_MPME		BIT(3)
/* VTIVAR can set bits but not clear them; the PF must clear IVAR */
#define KWL_QUIRK_VTIVAR_OR		BIT(4)
/* EECD.AUTO_RD is never set */
#define KWL_QUIRK_NO_AUTO_RD		BIT(5)
/* Receive timestamps for one PTP message type only, whatever TSYNCRXCTL.TYPE says */
#define KWL_QUIRK_TSYNC_ONE_TYPE	BIT(6)
/* The second queue pair of a pool gets neither frames nor interrupts */
#define KWL_QUIRK_POOL_ONE_PAIR		BIT(7)
/* TSE cuts UDP into IP fragments instead of datagrams */
#define KWL_QUIRK_NO_USO		BIT(8)
/* Checksums and segments by the outer headers that it finds, not by the context */
#define KWL_QUIRK_NO_TUNNELS		BIT(9)
/* Frames for pools (VMDq) aren't hashed */
#define KWL_QUIRK_NO_POOL_HASH		BIT(10)
/* Autonegotiation ends in 1000 Mb/s, full duplex, whatever is advertised */
#define KWL_QUIRK_ALWAYS_1000		BIT(11)
/* Only autonegotiation brings the link up; CTRL sets speed and duplex */
#define KWL_QUIRK_LINK_NEEDS_AN		BIT(12)
/* A pool gets back what it sends to groups, and to unknown addresses if it wants all */
#define KWL_QUIRK_ECHO			BIT(13)
/* No filter chooses a queue: FTQF reads zero, ETQF's queue is not looked at */
#define KWL_QUIRK_NO_STEERING		BIT(14)
/* A transmit queue goes on within the frame that its last owner did not end */
#define KWL_QUIRK_STALE_FRAME		BIT(15)
/* A transmit queue that may send again doesn't, until its tail is written */
#define KWL_QUIRK_TAIL_ONLY		BIT(16)

u32 kwl_quirks(struct pci_dev *pdev);

#endif /* _KAWELA_QUIRKS_H */
