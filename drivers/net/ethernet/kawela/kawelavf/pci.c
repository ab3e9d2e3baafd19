// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VF as a PCI driver: probe, remove and shutdown, one visible order each.
 * The same on the host and in a guest.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "devlink.h"
#include "ethtool.h"
#include "irq.h"
#include "kawelavf.h"
#include "mbx.h"
#include "mbx_ops.h"
#include "netdev.h"
#include "policy.h"
#include "queues.h"
#include "recover.h"
#include "reset.h"
#include "service.h"
#include "vlan.h"

static const struct pci_device_id kawelavf_ids[] = {
	{ PCI_VDEVICE(INTEL, KWL_DEV_ID_VF) },	/* 82576 VF */
	{}
};
MODULE_DEVICE_TABLE(pci, kawelavf_ids);

static int kawelavf_map(struct kawelavf *vf)
{
	struct pci_dev *pdev = vf->pdev;
	int err;

	/* A device that lies: no register is behind what is mapped */
	if (pci_resource_len(pdev, 0) < SZ_16K) {
		pci_err(pdev, "BAR 0 is too small\n");
		return -ENODEV;
	}
	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto err_disable;
	err = pci_request_mem_regions(pdev, KAWELAVF_NAME);
	if (err)
		goto err_disable;
	vf->io = pci_ioremap_bar(pdev, 0);
	if (!vf->io) {
		err = -ENOMEM;
		goto err_release;
	}
	vf->hw.base = vf->io;
	vf->hw.dev = &pdev->dev;
	vf->hw.quirks = kwl_quirks(pdev);
	kwl_mbx_init_vf(&vf->mbx, &vf->hw);
	pci_set_master(pdev);
	return 0;

err_release:
	pci_release_mem_regions(pdev);
err_disable:
	pci_disable_device(pdev);
	return err;
}

static void kawelavf_unmap(struct kawelavf *vf)
{
	iounmap(vf->io);
	pci_release_mem_regions(vf->pdev);
	pci_disable_device(vf->pdev);
}

/*
 * Without a PF that answers, the VF begins with a random address and without
 * carrier; the service task connects it when the PF comes.
 */
static void kawelavf_first_contact(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);
	struct kawelavf_policy policy;
	int err = kawelavf_handshake(vf, &policy);

	if (err) {
		pci_info(vf->pdev, "no answer from the PF yet: %pe\n",
			 ERR_PTR(err));
	} else {
		kawelavf_connect(vf, &policy);
		kawelavf_mbx_begin(vf);
		/* igb leaves what the VF's last driver asked for */
		kawelavf_req_lpe(vf, kawelavf_mtu_to_frame(netdev, netdev->mtu));
		kawelavf_vlans_sync(vf);
		kawelavf_mbx_end(vf);
	}
	kawelavf_queues_begin(vf);
	if (!err && is_valid_ether_addr(vf->pf_mac)) {
		eth_hw_addr_set(netdev, vf->pf_mac);
		return;
	}
	eth_hw_addr_random(netdev);
	if (!err)
		kawelavf_req_mac(vf, netdev->dev_addr);
}

static int kawelavf_register(struct kawelavf *vf)
{
	struct net_device *netdev = kawelavf_netdev(vf);
	int err;

	kwl_port_set_link(&vf->port, false);
	err = register_netdev(netdev);
	if (err)
		return err;
	kawelavf_service_start(vf);
	return 0;
}

static int kawelavf_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct kawelavf *vf;
	int err;

	vf = kawelavf_netdev_create(pdev);
	if (!vf)
		return -ENOMEM;
	pci_set_drvdata(pdev, vf);
	kawelavf_recover_init(vf);
	err = kawelavf_map(vf);
	if (err)
		goto err_free;
	err = kawelavf_service_init(vf);
	if (err)
		goto err_unmap;
	err = kawelavf_irq_init(vf);
	if (err)
		goto err_service;
	err = kawelavf_netdev_init(vf);
	if (err)
		goto err_irq;
	err = kawelavf_devlink_create(vf);
	if (err)
		goto err_netdev;
	kawelavf_first_contact(vf);
	err = kawelavf_register(vf);
	if (err)
		goto err_goodbye;
	/* What recovery from a PCIe error restores */
	pci_save_state(pdev);
	kawelavf_devlink_register(vf);
	return 0;

err_goodbye:
	kawelavf_irq_stop(vf);
	kawelavf_goodbye(vf);
	kawelavf_devlink_destroy(vf);
err_netdev:
	kawelavf_netdev_fini(vf);
err_irq:
	kawelavf_irq_fini(vf);
err_service:
	kawelavf_service_fini(vf);
err_unmap:
	kawelavf_unmap(vf);
err_free:
	free_netdev(kawelavf_netdev(vf));
	return err;
}

static void kawelavf_remove(struct pci_dev *pdev)
{
	struct kawelavf *vf = pci_get_drvdata(pdev);

	/* What begins work */
	kawelavf_devlink_unregister(vf);
	kawelavf_recover_stop(vf);
	kawelavf_service_pause(vf);
	kawelavf_irq_stop(vf);
	/* Callers */
	unregister_netdev(kawelavf_netdev(vf));
	cancel_work_sync(&vf->rx_mode);
	/* The device */
	kawelavf_goodbye(vf);
	/* Memory */
	kawelavf_devlink_destroy(vf);
	kawelavf_netdev_fini(vf);
	kawelavf_irq_fini(vf);
	kawelavf_service_fini(vf);
	kawelavf_unmap(vf);
	free_netdev(kawelavf_netdev(vf));
}

static void kawelavf_shutdown(struct pci_dev *pdev)
{
	struct kawelavf *vf = pci_get_drvdata(pdev);
	struct net_device *netdev = kawelavf_netdev(vf);

	kwl_hang_disarm(&vf->port);
	kawelavf_recover_stop(vf);
	kawelavf_service_pause(vf);
	kawelavf_irq_stop(vf);
	rtnl_lock();
	netif_device_detach(netdev);
	dev_close(netdev);
	rtnl_unlock();
	cancel_work_sync(&vf->rx_mode);
	kawelavf_goodbye(vf);
	pci_disable_device(pdev);
}

static struct pci_driver kawelavf_driver = {
	.name = KAWELAVF_NAME,
	.id_table = kawelavf_ids,
	.probe = kawelavf_probe,
	.remove = kawelavf_remove,
	.shutdown = kawelavf_shutdown,
	.err_handler = &kawelavf_err_handlers,
	.driver.pm = pm_sleep_ptr(&kawelavf_pm_ops),
};

static int __init kawelavf_init(void)
{
	kwl_ethtool_fill(&kawelavf_ethtool_ops);
	return pci_register_driver(&kawelavf_driver);
}
module_init(kawelavf_init);

static void __exit kawelavf_exit(void)
{
	pci_unregister_driver(&kawelavf_driver);
}
module_exit(kawelavf_exit);

KWL_IMPORT();
MODULE_DESCRIPTION("Intel 82576 VF driver");
MODULE_LICENSE("GPL");
