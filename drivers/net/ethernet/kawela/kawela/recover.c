// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets and sleep of the PF with everything at work: one way down and one way
 * up, which ethtool, self-test, function level reset, error recovery and power
 * management share.
 *
 * VFs hear of it before (KWL_EVENT_RESET) and see it after (RSTI, RSTD). What was
 * decided for them stays; what they asked for they ask for again.
 *
 * A device that doesn't come up is tried again, each time after twice as long, and
 * devlink's health reporter "device" says so. While it is down the interface is
 * detached.
 */
#include <linux/bitmap.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/rtnetlink.h>

#include "devlink.h"
#include "dp_role.h"
#include "filter.h"
#include "irq.h"
#include "kawela.h"
#include "mbx.h"
#include "ptp.h"
#include "recover.h"
#include "reset.h"
#include "rss.h"
#include "service.h"
#include "stats.h"
#include "vf.h"
#include "wol.h"

/* Attempts beside the first; the last one begins about a minute after it */
#define KAWELA_RETRIES		6
#define KAWELA_RETRY_FIRST	HZ
/* What the PCI core takes for its recovery from a fatal error is much less */
#define KAWELA_FROZEN		(5 * HZ)

static void kawela_vfs_forget(struct kawela *pf)
{
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_vf_stats_update(pf, &pf->vf[i]);
	kawela_mbx_notify_now(pf, KWL_EVENT_RESET);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_vf_reset(pf, &pf->vf[i]);
	mutex_unlock(&pf->vf_lock);
}

/* A reset that fails half-way has cleared the VFs' counters, too */
static void kawela_vfs_restore(struct kawela *pf, bool ready)
{
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	for (i = 0; i < pf->n_vfs; i++)
		kawela_vf_stats_base(pf, &pf->vf[i]);
	if (ready && pf->n_vfs)
		kawela_rss_pools(pf);
	if (ready)
		kawela_filters_apply(pf);
	mutex_unlock(&pf->vf_lock);
}

/**
 * kawela_stop_all() - stop interrupts, the service and the datapath
 * @pf: the PF
 *
 * VFs are notified, and have to repeat the handshake.
 *
 * Context: may sleep; the port's lock.
 */
void kawela_stop_all(struct kawela *pf)
{
	netdev_assert_locked_ops_compat(pf->netdev);
	kawela_irq_stop(pf);
	kawela_service_pause(pf);
	kwl_dp_pause(kawela_port(pf));
	kawela_ptp_stop(pf);
	kawela_vfs_forget(pf);
}

static int kawela_start(struct kawela *pf)
{
	int err;

	err = kawela_reset(pf);
	kawela_vfs_restore(pf, !err);
	kawela_irq_start(pf);
	kawela_service_resume(pf);
	return err ?: kwl_dp_resume(kawela_port(pf));
}

static int kawela_vlan_note(struct net_device *vdev, int vid, void *vlans)
{
	__set_bit(vid, vlans);
	return 0;
}

/* The core announced no addresses and VLANs that changed meanwhile */
static void kawela_attach(struct kawela *pf)
{
	DECLARE_BITMAP(vlans, VLAN_N_VID) = {};

	if (netif_device_present(pf->netdev))
		return;
	/* Callers that find it detached hold rtnl */
	vlan_for_each(pf->netdev, kawela_vlan_note, vlans);
	mutex_lock(&pf->vf_lock);
	bitmap_and(pf->want.vlans, pf->want.vlans, vlans, VLAN_N_VID);
	mutex_unlock(&pf->vf_lock);
	netif_device_attach(pf->netdev);
	kawela_relist(pf);
}

static void kawela_back(struct kawela *pf)
{
	struct kawela_recovery *rec = &pf->recovery;

	kawela_attach(pf);
	if (!rec->err)
		return;
	netif_info(kawela_port(pf), hw, pf->netdev, "the device is back\n");
	WRITE_ONCE(rec->err, 0);
	rec->retries = 0;
	/* Report it to devlink */
	mod_delayed_work(system_freezable_wq, &rec->work, 0);
}

static void kawela_not_back(struct kawela *pf, int err)
{
	struct kawela_recovery *rec = &pf->recovery;
	unsigned long delay = 0;

	netif_device_detach(pf->netdev);
	if (rec->err)
		delay = KAWELA_RETRY_FIRST << rec->retries++;
	WRITE_ONCE(rec->err, err);
	if (rec->retries > KAWELA_RETRIES) {
		netif_err(kawela_port(pf), hw, pf->netdev,
			  "the device doesn't come back: %pe; given up until it is reset or recovered (devlink health)\n",
			  ERR_PTR(err));
		rec->retries = KAWELA_RETRIES;
		/* One that was to come, and was overtaken by others */
		cancel_delayed_work(&rec->work);
		return;
	}
	netif_err(kawela_port(pf), hw, pf->netdev,
		  "the device doesn't come back: %pe; next attempt in %lu s\n",
		  ERR_PTR(err), delay / HZ);
	mod_delayed_work(system_freezable_wq, &rec->work, delay);
}

/**
 * kawela_start_all() - reset the device and start again what kawela_stop_all()
 * stopped
 * @pf: the PF
 *
 * When that fails, nothing runs but the service, the interface is detached, and a
 * work item tries again.
 *
 * Context: may sleep; the port's lock.
 * Return: 0 or an errno.
 */
int kawela_start_all(struct kawela *pf)
{
	int err;

	netdev_assert_locked_ops_compat(pf->netdev);
	err = kawela_start(pf);
	if (err)
		kawela_not_back(pf, err);
	else
		kawela_back(pf);
	return err;
}

/**
 * kawela_reset_running() - reset the device and go on as before
 * @pf: the PF
 *
 * Context: may sleep; the port's lock.
 * Return: 0, or an errno as kawela_start_all().
 */
int kawela_reset_running(struct kawela *pf)
{
	kawela_stop_all(pf);
	return kawela_start_all(pf);
}

/**
 * kawela_suspend() - leave the device alone
 * @pf: the PF, suspended already or not
 *
 * Until kawela_resume() no caller touches a register.
 *
 * Context: may sleep.
 */
void kawela_suspend(struct kawela *pf)
{
	rtnl_lock();
	netdev_lock(pf->netdev);
	if (!pf->recovery.suspended) {
		pf->recovery.suspended = true;
		netif_device_detach(pf->netdev);
		kawela_stop_all(pf);
		kawela_hw_stats_update(pf);
		if (!kwl_gone(&pf->hw))
			kawela_quiesce(pf);
		kawela_wol_arm(pf);
		WRITE_ONCE(pf->hw.base, NULL);
	}
	netdev_unlock(pf->netdev);
	rtnl_unlock();
}

/**
 * kawela_resume() - undo kawela_suspend()
 * @pf: the PF, which may have lost everything that it held
 *
 * Context: may sleep.
 * Return: 0, also when it isn't suspended; or an errno as kawela_start_all().
 */
int kawela_resume(struct kawela *pf)
{
	int err = 0;

	rtnl_lock();
	netdev_lock(pf->netdev);
	if (pf->recovery.suspended) {
		pf->recovery.suspended = false;
		WRITE_ONCE(pf->hw.base, pf->io);
		kawela_wol_disarm(pf);
		/* What recovery from a PCIe error restores; all ones are invalid */
		if (pci_device_is_present(pf->pdev))
			pci_save_state(pf->pdev);
		err = kawela_start_all(pf);
	}
	netdev_unlock(pf->netdev);
	rtnl_unlock();
	return err;
}

static int kawela_thaw_locked(struct kawela *pf)
{
	/* What is saved must not be overwritten with ones */
	if (!pci_device_is_present(pf->pdev)) {
		rtnl_lock();
		netdev_lock(pf->netdev);
		kawela_not_back(pf, -ENODEV);
		netdev_unlock(pf->netdev);
		rtnl_unlock();
		return -ENODEV;
	}
	pci_restore_state(pf->pdev);
	return kawela_resume(pf);
}

/*
 * The PCI core doesn't call drivers to resume after a fatal error when a function, such
 * as a VF, has no driver: it has reset the bus then, and that is all.
 *
 * The device's lock is held by the core while it resets the bus, by a function level
 * reset from beginning to end, and by remove, which waits for this.
 */
static int kawela_thaw(struct kawela *pf)
{
	struct kawela_recovery *rec = &pf->recovery;
	int err;

	if (!device_trylock(&pf->pdev->dev)) {
		mod_delayed_work(system_freezable_wq, &rec->work,
				 KAWELA_RETRY_FIRST);
		return -EBUSY;
	}
	err = READ_ONCE(rec->suspended) ? kawela_thaw_locked(pf) : 0;
	device_unlock(&pf->pdev->dev);
	return err;
}

static int kawela_recovery_reset(struct kawela *pf)
{
	pf->recovery.wanted = false;
	/* A reset of the bus may have hidden it for a moment */
	WRITE_ONCE(pf->hw.base, pf->io);
	return kawela_reset_running(pf);
}

/* Return: 0, also when there is nothing to do; or an errno */
static int kawela_recovery_try(struct kawela *pf)
{
	struct kawela_recovery *rec = &pf->recovery;
	int err = 0;

	if (READ_ONCE(rec->suspended))
		return kawela_thaw(pf);
	rtnl_lock();
	netdev_lock(pf->netdev);
	if (rec->suspended)
		err = -EBUSY;
	else if (rec->wanted || kwl_gone(&pf->hw))
		err = kawela_recovery_reset(pf);
	else if (rec->err && kwl_port_running(kawela_port(pf)))
		/* The library has started the queues meanwhile */
		kawela_back(pf);
	else if (rec->err)
		err = kawela_recovery_reset(pf);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
	return err;
}

/* The first failure is a report, which makes devlink call "recover" */
static void kawela_recovery_work(struct work_struct *work)
{
	struct kawela_recovery *rec = container_of(to_delayed_work(work),
						   struct kawela_recovery, work);
	struct kawela *pf = container_of(rec, struct kawela, recovery);
	int err = READ_ONCE(rec->err);
	char msg[48];

	if (err && !rec->reported) {
		rec->reported = true;
		snprintf(msg, sizeof(msg), "the device doesn't come back: %pe",
			 ERR_PTR(err));
		devlink_health_report(rec->reporter, msg, rec);
		return;
	}
	kawela_recovery_try(pf);
	if (!READ_ONCE(rec->err) && rec->reported) {
		rec->reported = false;
		devlink_health_reporter_state_update(rec->reporter,
						     DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
	}
}

static void kawela_home_work(struct work_struct *work)
{
	kawela_dp_return(container_of(to_delayed_work(work), struct kawela,
				      recovery.home));
}

/**
 * kawela_recovery_init() - prepare attempts to get the device back
 * @pf: the PF
 *
 * None is made before kawela_recovery_arm().
 */
void kawela_recovery_init(struct kawela *pf)
{
	INIT_DELAYED_WORK(&pf->recovery.work, kawela_recovery_work);
	disable_delayed_work(&pf->recovery.work);
	INIT_DELAYED_WORK(&pf->recovery.home, kawela_home_work);
	disable_delayed_work(&pf->recovery.home);
}

/**
 * kawela_recovery_arm() - allow attempts to get the device back
 * @pf: the PF; its devlink instance is registered
 */
void kawela_recovery_arm(struct kawela *pf)
{
	enable_delayed_work(&pf->recovery.work);
	enable_delayed_work(&pf->recovery.home);
}

/**
 * kawela_recovery_disarm() - undo kawela_recovery_arm()
 * @pf: the PF; its devlink instance is still registered
 *
 * Context: may sleep; no lock, because an attempt in progress takes all.
 */
void kawela_recovery_disarm(struct kawela *pf)
{
	disable_delayed_work_sync(&pf->recovery.home);
	disable_delayed_work_sync(&pf->recovery.work);
}

/**
 * kawela_recovery_await() - resume after a fatal error, if not called to do so
 * @pf: the PF, suspended
 *
 * The PCI core has a few seconds for its own recovery, which kawela_resume() ends.
 *
 * Context: may sleep; takes the port's lock.
 */
void kawela_recovery_await(struct kawela *pf)
{
	struct kawela_recovery *rec = &pf->recovery;

	rtnl_lock();
	netdev_lock(pf->netdev);
	WRITE_ONCE(rec->err, -EIO);
	rec->retries = 0;
	mod_delayed_work(system_freezable_wq, &rec->work, KAWELA_FROZEN);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
}

/**
 * kawela_recovery_request() - reset the device soon
 * @pf: the PF
 *
 * Context: any.
 */
void kawela_recovery_request(struct kawela *pf)
{
	WRITE_ONCE(pf->recovery.wanted, true);
	mod_delayed_work(system_freezable_wq, &pf->recovery.work, 0);
}

static int kawela_device_recover(struct devlink_health_reporter *reporter,
				 void *ctx, struct netlink_ext_ack *extack)
{
	return kawela_recovery_try(devlink_health_reporter_priv(reporter));
}

static int kawela_device_diagnose(struct devlink_health_reporter *reporter,
				  struct devlink_fmsg *fmsg,
				  struct netlink_ext_ack *extack)
{
	struct kawela *pf = devlink_health_reporter_priv(reporter);

	rtnl_lock();
	devlink_fmsg_bool_pair_put(fmsg, "suspended", pf->recovery.suspended);
	devlink_fmsg_u32_pair_put(fmsg, "error", -pf->recovery.err);
	devlink_fmsg_u32_pair_put(fmsg, "retries", pf->recovery.retries);
	rtnl_unlock();
	return 0;
}

const struct devlink_health_reporter_ops kawela_device_reporter_ops = {
	.name = "device",
	.recover = kawela_device_recover,
	.diagnose = kawela_device_diagnose,
};

static int kawela_pm_suspend(struct device *dev)
{
	kawela_suspend(dev_get_drvdata(dev));
	return 0;
}

static int kawela_pm_resume(struct device *dev)
{
	return kawela_resume(dev_get_drvdata(dev));
}

const struct dev_pm_ops kawela_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(kawela_pm_suspend, kawela_pm_resume)
};
