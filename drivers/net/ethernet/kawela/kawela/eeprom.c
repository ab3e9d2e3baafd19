// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -e: the contents of non-volatile memory, to read.
 *
 * Writing isn't offered. The 82576 is written bit by bit through EECD, which QEMU
 * doesn't model; code that never ran must not touch what a card can't do without.
 */
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "kawela.h"
#include "netdev.h"
#include "nvm.h"

/* EECD counts in powers of two; size code 0 is 64 words (datasheet 8.4.1) */
#define KAWELA_NVM_WORDS_SHIFT	6
#define KAWELA_NVM_WORDS_MAX	SZ_4K
/* For all words: each has a deadline of its own, and a device may use it up */
#define KAWELA_NVM_TIME		(20 * HZ)

/**
 * kawela_get_eeprom_len() - how much ethtool -e shows
 * @netdev: the PF's netdev
 *
 * Return: octets.
 */
int kawela_get_eeprom_len(struct net_device *netdev)
{
	struct kawela *pf = kawela_of(netdev);
	u32 code = FIELD_GET(KWL_EECD_SIZE, kwl_rd(&pf->hw, KWL_EECD));

	return 2 * min_t(u32, BIT(code + KAWELA_NVM_WORDS_SHIFT),
			 KAWELA_NVM_WORDS_MAX);
}

/**
 * kawela_get_eeprom() - ethtool -e
 * @netdev: the PF's netdev
 * @ee: which octets; receives the magic number of the device
 * @data: receives them, as the words lie in memory: low octet first
 *
 * Context: may sleep; the port's lock. The core has checked the range.
 * Return: 0 or -ETIMEDOUT.
 */
int kawela_get_eeprom(struct net_device *netdev, struct ethtool_eeprom *ee,
		      u8 *data)
{
	struct kawela *pf = kawela_of(netdev);
	u32 at = ee->offset, end = ee->offset + ee->len;
	unsigned long late = jiffies + KAWELA_NVM_TIME;
	u16 word;
	int err;

	netdev_assert_locked_ops_compat(netdev);
	ee->magic = pf->pdev->vendor | pf->pdev->device << 16;
	while (at < end) {
		if (time_after(jiffies, late))
			return -ETIMEDOUT;
		err = kawela_nvm_read(pf, at / 2, &word);
		if (err)
			return err;
		if (!(at & 1)) {
			*data++ = word & 0xff;
			at++;
		}
		if (at < end) {
			*data++ = word >> 8;
			at++;
		}
	}
	return 0;
}
