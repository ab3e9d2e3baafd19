// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/kawela/<PCI address>/: what should be in the device and what
 * is, for people and tests.
 */
#include <linux/debugfs.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "filter_image.h"
#include "kawela.h"
#include "vf.h"

static struct dentry *kawela_debugfs_root;

static void kawela_show_reg(struct seq_file *m, struct kawela *pf,
			    const char *name, unsigned int i, u32 reg, u32 want)
{
	u32 is = kwl_rd(&pf->hw, reg);

	seq_printf(m, "%s[%u] 0x%08x 0x%08x%s\n", name, i, want, is,
		   is == want ? "" : " differs");
}

static void kawela_show_table(struct seq_file *m, struct kawela *pf,
			      const char *name, u32 reg, const u32 *want,
			      unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		kawela_show_reg(m, pf, name, i, reg + 4 * i, want[i]);
}

static void kawela_show_image(struct seq_file *m, struct kawela *pf,
			      const struct kawela_image *img)
{
	unsigned int i;

	kawela_show_reg(m, pf, "RCTL", 0, KWL_RCTL, img->rctl);
	kawela_show_reg(m, pf, "RLPML", 0, KWL_RLPML, img->rlpml);
	kawela_show_reg(m, pf, "MRQC", 0, KWL_MRQC, img->mrqc);
	kawela_show_reg(m, pf, "VT_CTL", 0, KWL_VT_CTL, img->vt_ctl);
	kawela_show_reg(m, pf, "DTXSWC", 0, KWL_DTXSWC, img->dtxswc);
	kawela_show_reg(m, pf, "VFRE", 0, KWL_VFRE, img->vfre);
	kawela_show_reg(m, pf, "VFTE", 0, KWL_VFTE, img->vfte);
	kawela_show_table(m, pf, "VMOLR", KWL_VMOLR(0), img->vmolr, KWL_POOLS);
	kawela_show_table(m, pf, "VMVIR", KWL_VMVIR(0), img->vmvir, KWL_POOLS);
	kawela_show_table(m, pf, "VLVF", KWL_VLVF(0), img->vlvf,
			  KWL_VLVF_ENTRIES);
	for (i = 0; i < KWL_RA_ENTRIES; i++) {
		kawela_show_reg(m, pf, "RAL", i, KWL_RAL(i), img->ra[i].lo);
		kawela_show_reg(m, pf, "RAH", i, KWL_RAH(i), img->ra[i].hi);
	}
	kawela_show_table(m, pf, "MTA", KWL_MTA(0), img->mta, KWL_MTA_WORDS);
	kawela_show_table(m, pf, "VFTA", KWL_VFTA(0), img->vfta,
			  KWL_VFTA_WORDS);
}

/* Lines of: register, desired, actual */
static int kawela_filters_show(struct seq_file *m, void *data)
{
	struct kawela *pf = m->private;

	/* A device in reset doesn't answer, and would be taken for one that is gone */
	rtnl_lock();
	netdev_lock(pf->netdev);
	mutex_lock(&pf->vf_lock);
	if (pf->image_valid)
		kawela_show_image(m, pf, &pf->image);
	mutex_unlock(&pf->vf_lock);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kawela_filters);

static void kawela_show_vf(struct seq_file *m, const struct kawela_vf *vf)
{
	const struct kawela_vf_policy *policy = &vf->policy;
	const struct kawela_vf_want *want = &vf->want;
	const struct kawela_vf_run *run = &vf->run;

	seq_printf(m, "vf %u\n", vf->index);
	seq_printf(m, " policy mac %pM vlan %u qos %u spoofchk %d trusted %d link %u max_rate %u\n",
		   policy->mac, policy->vlan, policy->qos, policy->spoofchk,
		   policy->trusted, policy->link, policy->max_rate);
	seq_printf(m, " want mac %pM uc %u mc %u promisc %d allmulti %d vlans %u max_frame %u\n",
		   want->mac, want->n_uc,
		   bitmap_weight(want->mc, KAWELA_MC_HASHES), want->promisc,
		   want->allmulti, bitmap_weight(want->vlans, VLAN_N_VID),
		   want->max_frame);
	seq_printf(m, " run active %d version %d tokens %u requests %llu refused %llu throttled %llu resets %llu seized %llu\n",
		   run->active, run->v2 ? 2 : 1, run->tokens, run->requests,
		   run->refused, run->throttled, run->resets, run->seized);
}

static int kawela_vfs_show(struct seq_file *m, void *data)
{
	struct kawela *pf = m->private;
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_show_vf(m, &pf->vf[i]);
	mutex_unlock(&pf->vf_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kawela_vfs);

/**
 * kawela_debugfs_init() - show a PF
 * @pf: the PF
 */
void kawela_debugfs_init(struct kawela *pf)
{
	pf->dir = debugfs_create_dir(pci_name(pf->pdev), kawela_debugfs_root);
	debugfs_create_file("filters", 0400, pf->dir, pf, &kawela_filters_fops);
	debugfs_create_file("vfs", 0400, pf->dir, pf, &kawela_vfs_fops);
}

/**
 * kawela_debugfs_fini() - undo kawela_debugfs_init()
 * @pf: the PF
 */
void kawela_debugfs_fini(struct kawela *pf)
{
	debugfs_remove_recursive(pf->dir);
}

/**
 * kawela_debugfs_register() - make the driver's directory
 */
void kawela_debugfs_register(void)
{
	kawela_debugfs_root = debugfs_create_dir(KAWELA_NAME, NULL);
}

/**
 * kawela_debugfs_unregister() - undo kawela_debugfs_register()
 */
void kawela_debugfs_unregister(void)
{
	debugfs_remove(kawela_debugfs_root);
}
