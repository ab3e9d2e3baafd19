// SPDX-License-Identifier: GPL-2.0-only
/*
 * Non-volatile memory: words, checksum, MAC address (datasheet 3.3, 6.1).
 */
#include <linux/bitfield.h>
#include <linux/etherdevice.h>

#include "kawela.h"
#include "nvm.h"
#include "swfw.h"

#define KAWELA_NVM_CSUM_WORDS	0x40
#define KAWELA_NVM_CSUM		0xbaba
#define KAWELA_EERD_US		20000

/* Words, and what is in them */
#define KAWELA_NVM_VERSION	0x05
#define   KAWELA_NVM_MAJOR	GENMASK(15, 12)
#define   KAWELA_NVM_MINOR	GENMASK(11, 4)
#define   KAWELA_NVM_IMAGE	GENMASK(3, 0)
#define KAWELA_NVM_PBA		0x08
#define   KAWELA_NVM_PBA_STRING	0xfafa	/* the next word points to a string */

static int kawela_eerd(struct kwl_hw *hw, u16 word, u16 *data)
{
	u32 val;
	int err;

	kwl_wr(hw, KWL_EERD,
	       FIELD_PREP(KWL_EERD_ADDR, word) | KWL_EERD_START);
	err = kwl_poll(hw, KWL_EERD, val, val & KWL_EERD_DONE, 5,
		       KAWELA_EERD_US);
	if (err)
		return err;
	*data = FIELD_GET(KWL_EERD_DATA, val);
	return 0;
}

/**
 * kawela_nvm_read() - read one word
 * @pf: the PF
 * @word: its address in words
 * @data: receives it
 *
 * Context: may sleep.
 * Return: 0 or -ETIMEDOUT.
 */
int kawela_nvm_read(struct kawela *pf, u16 word, u16 *data)
{
	int err;

	err = kawela_swfw_get(pf, KWL_SW_FW_SYNC_EEP);
	if (err)
		return err;
	err = kawela_eerd(&pf->hw, word, data);
	kawela_swfw_put(pf, KWL_SW_FW_SYNC_EEP);
	return err;
}

/**
 * kawela_nvm_check() - verify the checksum over the first 64 words
 * @pf: the PF
 *
 * Context: may sleep.
 * Return: 0, -EBADMSG for a wrong checksum, or -ETIMEDOUT.
 */
int kawela_nvm_check(struct kawela *pf)
{
	u16 sum = 0, data = 0;
	u16 i;
	int err;

	err = kawela_swfw_get(pf, KWL_SW_FW_SYNC_EEP);
	if (err)
		return err;
	for (i = 0; i < KAWELA_NVM_CSUM_WORDS && !err; i++) {
		err = kawela_eerd(&pf->hw, i, &data);
		sum += data;
	}
	kawela_swfw_put(pf, KWL_SW_FW_SYNC_EEP);
	if (err)
		return err;
	return sum == KAWELA_NVM_CSUM ? 0 : -EBADMSG;
}

/*
 * Words 8 and 9 hold the part number as digits (datasheet 6.4.1), as igb shows it:
 * six, a dash, and a 0 before the last two, which skips the third word's upper half.
 * Boards that store it as a string, behind a pointer, are not served.
 */
static void kawela_nvm_pba(struct kawela *pf)
{
	u16 hi, lo;

	if (kawela_nvm_read(pf, KAWELA_NVM_PBA, &hi) ||
	    kawela_nvm_read(pf, KAWELA_NVM_PBA + 1, &lo) ||
	    hi == KAWELA_NVM_PBA_STRING)
		return;
	snprintf(pf->board.pba, sizeof(pf->board.pba), "%04X%02X-0%02X", hi,
		 lo >> 8, lo & 0xff);
}

/**
 * kawela_nvm_identify() - read what NVM says about the board
 * @pf: the PF; receives it in @pf->board
 *
 * A board that can't be described still works.
 *
 * Context: may sleep.
 */
void kawela_nvm_identify(struct kawela *pf)
{
	u16 word;

	kawela_nvm_pba(pf);
	if (kawela_nvm_read(pf, KAWELA_NVM_VERSION, &word))
		return;
	snprintf(pf->board.version, sizeof(pf->board.version), "%lu.%lu.%lu",
		 FIELD_GET(KAWELA_NVM_MAJOR, word),
		 FIELD_GET(KAWELA_NVM_MINOR, word),
		 FIELD_GET(KAWELA_NVM_IMAGE, word));
}

/**
 * kawela_mac_addr() - the port's permanent address
 * @pf: the PF, fresh from a reset
 * @mac: receives six octets
 *
 * A reset loads the first receive address from NVM, with the difference between
 * the board's ports applied, so that is where it is read.
 *
 * Return: 0, or -EADDRNOTAVAIL when NVM holds no usable address.
 */
int kawela_mac_addr(struct kawela *pf, u8 *mac)
{
	u32 lo = kwl_rd(&pf->hw, KWL_RAL(0));
	u32 hi = kwl_rd(&pf->hw, KWL_RAH(0));
	int i;

	for (i = 0; i < 4; i++)
		mac[i] = lo >> 8 * i;
	for (i = 0; i < 2; i++)
		mac[4 + i] = hi >> 8 * i;
	return is_valid_ether_addr(mac) ? 0 : -EADDRNOTAVAIL;
}
