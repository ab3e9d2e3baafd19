// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one table that says what each implementation of the device gets wrong.
 */
#include <linux/export.h>
#include <linux/pci.h>

#include <kawela/quirks.h>

/**
 * struct kwl_quirk_row - what one implementation gets wrong
 * @subvendor: PCI subsystem vendor
 * @subdevice: PCI subsystem device
 * @name: for people
 * @quirks: KWL_QUIRK_*
 */
struct kwl_quirk_row {
	u16 subvendor;
	u16 subdevice;
	const char *name;
	u32 quirks;
};

static const struct kwl_quirk_row kwl_quirk_rows[] = {
	{
		.subvendor = PCI_SUBVENDOR_ID_REDHAT_QUMRANET,
		.subdevice = PCI_SUBDEVICE_ID_QEMU,
		.name = "QEMU igb",
		.quirks = KWL_QUIRK_NO_AUTOMASK | KWL_QUIRK_EITR_RAW |
			  KWL_QUIRK_MISC_MASK | KWL_QUIRK_NO_ROPE_MPME |
			  KWL_QUIRK_VTIVAR_OR | KWL_QUIRK_NO_AUTO_RD |
			  KWL_QUIRK_TSYNC_ONE_TYPE |
			  KWL_QUIRK_POOL_ONE_PAIR |
			  KWL_QUIRK_NO_USO | KWL_QUIRK_NO_TUNNELS |
			  KWL_QUIRK_NO_POOL_HASH | KWL_QUIRK_ALWAYS_1000 |
			  KWL_QUIRK_LINK_NEEDS_AN | KWL_QUIRK_ECHO |
			  KWL_QUIRK_NO_STEERING | KWL_QUIRK_STALE_FRAME |
			  KWL_QUIRK_TAIL_ONLY,
	},
};

/**
 * kwl_quirks() - look up what a function's implementation gets wrong
 * @pdev: PF or VF; both carry the board's subsystem id
 *
 * Return: a set of KWL_QUIRK_*, empty for real boards.
 */
u32 kwl_quirks(struct pci_dev *pdev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kwl_quirk_rows); i++) {
		const struct kwl_quirk_row *row = &kwl_quirk_rows[i];

		if (row->subvendor == pdev->subsystem_vendor &&
		    row->subdevice == pdev->subsystem_device) {
			pci_dbg(pdev, "%s: quirks 0x%x\n", row->name,
				row->quirks);
			return row->quirks;
		}
	}
	return 0;
}
KWL_EXPORT(kwl_quirks);
