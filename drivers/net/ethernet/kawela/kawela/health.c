// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink's health reporters of mailbox and VFs: what they show, and what they do
 * about it. watch.c decides when they report.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "devlink.h"
#include "irq.h"
#include "kawela.h"
#include "recover.h"
#include "service.h"
#include "vf.h"
#include "watch.h"

static void kawela_put_offence(const struct kawela_offence *offence,
			       struct devlink_fmsg *fmsg)
{
	if (!offence)
		return;
	devlink_fmsg_u32_pair_put(fmsg, "vf", offence->vf);
	devlink_fmsg_string_pair_put(fmsg, "offence", offence->what);
	devlink_fmsg_u64_pair_put(fmsg, "count", offence->count);
}

static void kawela_put_vf(const struct kawela_vf *vf, struct devlink_fmsg *fmsg)
{
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "vf", vf->index);
	devlink_fmsg_bool_pair_put(fmsg, "active", vf->run.active);
	devlink_fmsg_u64_pair_put(fmsg, "requests", vf->run.requests);
	devlink_fmsg_u64_pair_put(fmsg, "refused", vf->run.refused);
	devlink_fmsg_u64_pair_put(fmsg, "throttled", vf->run.throttled);
	devlink_fmsg_u64_pair_put(fmsg, "resets", vf->run.resets);
	devlink_fmsg_u32_pair_put(fmsg, "tokens", vf->run.tokens);
	devlink_fmsg_obj_nest_end(fmsg);
}

static void kawela_put_vfs(struct kawela *pf, struct devlink_fmsg *fmsg)
{
	unsigned int i;

	mutex_lock(&pf->vf_lock);
	devlink_fmsg_arr_pair_nest_start(fmsg, "vfs");
	for (i = 0; i < pf->n_vfs; i++)
		kawela_put_vf(&pf->vf[i], fmsg);
	devlink_fmsg_arr_pair_nest_end(fmsg);
	mutex_unlock(&pf->vf_lock);
}

static int kawela_vf_dump(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack)
{
	kawela_put_offence(ctx, fmsg);
	kawela_put_vfs(devlink_health_reporter_priv(reporter), fmsg);
	return 0;
}

static int kawela_vf_diagnose(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack)
{
	kawela_put_vfs(devlink_health_reporter_priv(reporter), fmsg);
	return 0;
}

/*
 * What a VF did needs no repair: it was served within its budget or refused. So
 * there is no "recover": the state is error while the VF goes on, and healthy
 * again when it has stopped.
 */
static const struct devlink_health_reporter_ops kawela_vf_reporter_ops = {
	.name = "vf",
	.dump = kawela_vf_dump,
	.diagnose = kawela_vf_diagnose,
};

static void kawela_put_window(struct kawela *pf, const struct kawela_vf *vf,
			      struct devlink_fmsg *fmsg)
{
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "vf", vf->index);
	devlink_fmsg_u32_pair_put(fmsg, "P2VMAILBOX",
				  kwl_rd(&pf->hw, KWL_P2VMAILBOX(vf->index)));
	devlink_fmsg_u32_pair_put(fmsg, "header",
				  kwl_rd(&pf->hw, KWL_VMBMEM(vf->index)));
	devlink_fmsg_bool_pair_put(fmsg, "unacked", vf->run.unacked);
	devlink_fmsg_u32_pair_put(fmsg, "events", vf->run.events);
	devlink_fmsg_u64_pair_put(fmsg, "untaken", vf->run.untaken);
	devlink_fmsg_u64_pair_put(fmsg, "seized", vf->run.seized);
	devlink_fmsg_obj_nest_end(fmsg);
}

static void kawela_put_mbx(struct kawela *pf, struct devlink_fmsg *fmsg)
{
	unsigned int i;

	/* A device in reset doesn't answer, and would be taken for one that is gone */
	rtnl_lock();
	netdev_lock(pf->netdev);
	mutex_lock(&pf->vf_lock);
	devlink_fmsg_u32_pair_put(fmsg, "IMS", kwl_rd(&pf->hw, KWL_IMS));
	devlink_fmsg_u32_pair_put(fmsg, "EIMS", kwl_rd(&pf->hw, KWL_EIMS));
	devlink_fmsg_u32_pair_put(fmsg, "MBVFICR",
				  kwl_rd(&pf->hw, KWL_MBVFICR));
	devlink_fmsg_u32_pair_put(fmsg, "MBVFIMR",
				  kwl_rd(&pf->hw, KWL_MBVFIMR));
	devlink_fmsg_u32_pair_put(fmsg, "VFLRE", kwl_rd(&pf->hw, KWL_VFLRE));
	devlink_fmsg_arr_pair_nest_start(fmsg, "mailboxes");
	for (i = 0; i < pf->n_vfs; i++)
		kawela_put_window(pf, &pf->vf[i], fmsg);
	devlink_fmsg_arr_pair_nest_end(fmsg);
	mutex_unlock(&pf->vf_lock);
	netdev_unlock(pf->netdev);
	rtnl_unlock();
}

static int kawela_mbx_dump(struct devlink_health_reporter *reporter,
			   struct devlink_fmsg *fmsg, void *ctx,
			   struct netlink_ext_ack *extack)
{
	kawela_put_offence(ctx, fmsg);
	kawela_put_mbx(devlink_health_reporter_priv(reporter), fmsg);
	return 0;
}

static int kawela_mbx_diagnose(struct devlink_health_reporter *reporter,
			       struct devlink_fmsg *fmsg,
			       struct netlink_ext_ack *extack)
{
	kawela_put_mbx(devlink_health_reporter_priv(reporter), fmsg);
	return 0;
}

/*
 * A lost interrupt is what the PF can repair: all causes are looked at as if it had
 * come, the link's too.
 */
static int kawela_mbx_recover(struct devlink_health_reporter *reporter,
			      void *ctx, struct netlink_ext_ack *extack)
{
	struct kawela *pf = devlink_health_reporter_priv(reporter);

	kawela_irq_arm(pf);
	kawela_service_kick(pf);
	return 0;
}

static const struct devlink_health_reporter_ops kawela_mbx_reporter_ops = {
	.name = "mbx",
	.recover = kawela_mbx_recover,
	.dump = kawela_mbx_dump,
	.diagnose = kawela_mbx_diagnose,
};

static int kawela_reporter_create(struct kawela *pf,
				  const struct devlink_health_reporter_ops *ops,
				  struct devlink_health_reporter **place)
{
	struct devlink_health_reporter *reporter;

	reporter = kwl_health_reporter_create(pf->devlink, ops, pf);
	if (IS_ERR(reporter))
		return PTR_ERR(reporter);
	*place = reporter;
	return 0;
}

/**
 * kawela_health_create() - create the reporters "device", "tx", "mbx" and "vf"
 * @pf: the PF
 *
 * Context: may sleep; takes devlink's lock.
 * Return: 0 or an errno.
 */
int kawela_health_create(struct kawela *pf)
{
	struct kawela_health *health = kawela_health_of(pf);
	int err;

	INIT_WORK(&health->work, kawela_watch_work);
	disable_work(&health->work);
	kawela_recovery_init(pf);
	err = kawela_reporter_create(pf, &kawela_device_reporter_ops,
				     &pf->recovery.reporter);
	if (err)
		return err;
	err = kwl_hang_create(kawela_port(pf), pf->devlink);
	if (err)
		goto err_device;
	err = kawela_reporter_create(pf, &kawela_mbx_reporter_ops,
				     &health->mbx.reporter);
	if (err)
		goto err_hang;
	err = kawela_reporter_create(pf, &kawela_vf_reporter_ops,
				     &health->vf.reporter);
	if (err)
		goto err_mbx;
	return 0;

err_mbx:
	devlink_health_reporter_destroy(health->mbx.reporter);
err_hang:
	kwl_hang_destroy(kawela_port(pf));
err_device:
	devlink_health_reporter_destroy(pf->recovery.reporter);
	return err;
}

/**
 * kawela_health_arm() - let the reporters report
 * @pf: the PF; its devlink instance is registered, which reports require
 */
void kawela_health_arm(struct kawela *pf)
{
	enable_work(&kawela_health_of(pf)->work);
	kwl_hang_arm(kawela_port(pf));
	kawela_recovery_arm(pf);
}

/**
 * kawela_health_disarm() - undo kawela_health_arm()
 * @pf: the PF; its devlink instance is still registered
 *
 * Context: may sleep; no lock, because a report in progress takes all.
 */
void kawela_health_disarm(struct kawela *pf)
{
	kawela_recovery_disarm(pf);
	kwl_hang_disarm(kawela_port(pf));
	disable_work_sync(&kawela_health_of(pf)->work);
}

/**
 * kawela_health_destroy() - undo kawela_health_create()
 * @pf: the PF, disarmed
 *
 * Context: may sleep; takes devlink's lock.
 */
void kawela_health_destroy(struct kawela *pf)
{
	struct kawela_health *health = kawela_health_of(pf);

	devlink_health_reporter_destroy(health->vf.reporter);
	devlink_health_reporter_destroy(health->mbx.reporter);
	kwl_hang_destroy(kawela_port(pf));
	devlink_health_reporter_destroy(pf->recovery.reporter);
}
