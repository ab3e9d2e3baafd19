// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF as a PCI driver: probe, remove and shutdown, one visible order each.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "debugfs.h"
#include "devlink.h"
#include "errors.h"
#include "filter.h"
#include "irq.h"
#include "kawela.h"
#include "netdev.h"
#include "nvm.h"
#include "ptp.h"
#include "recover.h"
#include "reset.h"
#include "service.h"
#include "sriov.h"
#include "wol.h"

static const struct pci_device_id kawela_ids[] = {
	{ PCI_VDEVICE(INTEL, KWL_DEV_ID_PF) },	/* 82576, copper */
	{}
};
MODULE_DEVICE_TABLE(pci, kawela_ids);

static int kawela_map(struct kawela *pf)
{
	struct pci_dev *pdev = pf->pdev;
	int err;

	/* A device that lies: no register is behind what is mapped */
	if (pci_resource_len(pdev, 0) < SZ_128K) {
		pci_err(pdev, "BAR 0 is too small\n");
		return -ENODEV;
	}
	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto err_disable;
	err = pci_request_mem_regions(pdev, KAWELA_NAME);
	if (err)
		goto err_disable;
	pf->io = pci_ioremap_bar(pdev, 0);
	if (!pf->io) {
		err = -ENOMEM;
		goto err_release;
	}
	pf->hw.base = pf->io;
	pf->hw.dev = &pdev->dev;
	pf->hw.quirks = kwl_quirks(pdev);
	/* What a kernel that crashed, or a loader, left enabled */
	kwl_wr(&pf->hw, KWL_IMC, ~0U);
	kwl_wr(&pf->hw, KWL_EIMC, ~0U);
	kwl_flush(&pf->hw);
	pci_set_master(pdev);
	return 0;

err_release:
	pci_release_mem_regions(pdev);
err_disable:
	pci_disable_device(pdev);
	return err;
}

static void kawela_unmap(struct kawela *pf)
{
	iounmap(pf->io);
	pci_release_mem_regions(pf->pdev);
	pci_disable_device(pf->pdev);
}

/* A silent device with its address known */
static int kawela_start_hw(struct kawela *pf)
{
	int err;

	err = kawela_reset(pf);
	if (err)
		return dev_err_probe(&pf->pdev->dev, err, "reset fails\n");
	/* Drop what was counted before us */
	memset(pf->hw_stats, 0, sizeof(pf->hw_stats));
	err = kawela_nvm_check(pf);
	if (err)
		return dev_err_probe(&pf->pdev->dev, err,
				     "NVM can't be read, or its checksum is wrong\n");
	kawela_nvm_identify(pf);
	kawela_wol_init(pf);
	err = kawela_mac_addr(pf, pf->want.mac);
	if (err)
		return dev_err_probe(&pf->pdev->dev, err,
				     "NVM holds no MAC address\n");
	mutex_lock(&pf->vf_lock);
	kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
	return 0;
}

static int kawela_register(struct kawela *pf)
{
	int err;

	eth_hw_addr_set(pf->netdev, pf->want.mac);
	ether_addr_copy(pf->netdev->perm_addr, pf->want.mac);
	kwl_port_set_link(kawela_port(pf), false);
	err = register_netdev(pf->netdev);
	if (err)
		return err;
	kawela_irq_start(pf);
	kawela_service_begin(pf);
	return 0;
}

static struct kawela *kawela_alloc(struct pci_dev *pdev)
{
	struct kawela *pf = kvzalloc(sizeof(*pf), GFP_KERNEL);

	if (!pf)
		return NULL;
	pf->pdev = pdev;
	mutex_init(&pf->phy_lock);
	pf->link_cfg = KAWELA_LINK_CFG_DEFAULT;
	mutex_init(&pf->vf_lock);
	mutex_init(&pf->stats_lock);
	pci_set_drvdata(pdev, pf);
	return pf;
}

static void kawela_free(struct kawela *pf)
{
	pci_set_drvdata(pf->pdev, NULL);
	mutex_destroy(&pf->stats_lock);
	mutex_destroy(&pf->vf_lock);
	mutex_destroy(&pf->phy_lock);
	kvfree(pf);
}

static int kawela_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct kawela *pf;
	int err, queues;

	if (pdev->is_virtfn)
		return dev_err_probe(&pdev->dev, -EINVAL,
				     "this is a VF; kawelavf drives it\n");
	pf = kawela_alloc(pdev);
	if (!pf)
		return -ENOMEM;
	err = kawela_map(pf);
	if (err)
		goto err_free;
	err = kawela_service_init(pf);
	if (err)
		goto err_unmap;
	queues = kawela_irq_init(pf);
	if (queues < 0) {
		err = queues;
		goto err_service;
	}
	err = kawela_netdev_create(pf, queues);
	if (err)
		goto err_irq;
	err = kawela_devlink_create(pf);
	if (err)
		goto err_netdev;
	kawela_ptp_create(pf);
	err = kawela_start_hw(pf);
	if (err)
		goto err_quiesce;
	kawela_sriov_limit(pf);
	err = kawela_sriov_adopt(pf);
	if (err)
		goto err_quiesce;
	err = kawela_register(pf);
	if (err)
		goto err_quiesce;
	/* What recovery from a PCIe error restores */
	pci_save_state(pdev);
	kawela_debugfs_init(pf);
	kawela_devlink_register(pf);
	return 0;

err_quiesce:
	kawela_quiesce(pf);
	kawela_ptp_destroy(pf);
	kawela_devlink_destroy(pf);
err_netdev:
	kawela_netdev_destroy(pf);
err_irq:
	kawela_irq_fini(pf);
err_service:
	kawela_service_fini(pf);
err_unmap:
	kawela_unmap(pf);
err_free:
	kawela_free(pf);
	return err;
}

static void kawela_remove(struct pci_dev *pdev)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	kawela_devlink_unregister(pf);
	kawela_sriov_remove(pf);
	kawela_debugfs_fini(pf);
	kawela_irq_stop(pf);
	kawela_service_pause(pf);
	unregister_netdev(pf->netdev);
	kawela_quiesce(pf);
	kawela_ptp_destroy(pf);
	kawela_irq_fini(pf);
	kawela_service_fini(pf);
	kawela_devlink_destroy(pf);
	kawela_netdev_destroy(pf);
	kawela_unmap(pf);
	kawela_free(pf);
}

/* Power off or kexec: no DMA may go on behind the next kernel's back */
static void kawela_shutdown(struct pci_dev *pdev)
{
	struct kawela *pf = pci_get_drvdata(pdev);

	/* No later attempt to bring the device back */
	kawela_health_disarm(pf);
	rtnl_lock();
	/* A reset would begin work again; from here on all are refused */
	netif_device_detach(pf->netdev);
	kawela_irq_stop(pf);
	/* VFs in guests may still ask for something */
	kawela_service_pause(pf);
	dev_close(pf->netdev);
	netdev_lock(pf->netdev);
	kawela_ptp_stop(pf);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
	kawela_quiesce(pf);
	kawela_wol_arm(pf);
	/* Later reads of the clock must not reach a device without power */
	WRITE_ONCE(pf->hw.base, NULL);
	pci_disable_device(pdev);
	kawela_wol_power_off(pf);
}

static struct pci_driver kawela_driver = {
	.name = KAWELA_NAME,
	.id_table = kawela_ids,
	.probe = kawela_probe,
	.remove = kawela_remove,
	.shutdown = kawela_shutdown,
	.sriov_configure = kawela_sriov_configure,
	.err_handler = &kawela_err_handlers,
	.driver.pm = pm_sleep_ptr(&kawela_pm_ops),
};

static int __init kawela_init(void)
{
	int err;

	kwl_ethtool_fill(&kawela_ethtool_ops);
	kawela_debugfs_register();
	err = pci_register_driver(&kawela_driver);
	if (err)
		kawela_debugfs_unregister();
	return err;
}
module_init(kawela_init);

static void __exit kawela_exit(void)
{
	pci_unregister_driver(&kawela_driver);
	kawela_debugfs_unregister();
}
module_exit(kawela_exit);

KWL_IMPORT();
MODULE_DESCRIPTION("Intel 82576 PF driver");
MODULE_LICENSE("GPL");
