/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resets and sleep, with VFs at work.
 */
#ifndef _KAWELA_RECOVER_H
#define _KAWELA_RECOVER_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct dev_pm_ops;
struct devlink_health_reporter;
struct devlink_health_reporter_ops;
struct kawela;

/**
 * struct kawela_recovery - the way back for a device that failed
 * @work: reports a failure, and tries again
 * @home: moves the datapath out of the pool of VFs that are gone, when that failed
 * @reporter: devlink's health reporter "device"
 * @stranded: the datapath is in a pool, and no VFs are left; see @home
 * @suspended: kawela_suspend() is in force
 * @wanted: a reset was asked for by kawela_recovery_request()
 * @reported: a failure was reported to devlink; used by @work alone
 * @err: why the last attempt failed; 0 while the device works
 * @retries: attempts since the first failure
 *
 * @stranded, @suspended, @err and @retries change under rtnl.
 */
struct kawela_recovery {
	struct delayed_work work;
	struct delayed_work home;
	struct devlink_health_reporter *reporter;
	bool stranded;
	bool suspended;
	bool wanted;
	bool reported;
	int err;
	unsigned int retries;
};

void kawela_stop_all(struct kawela *pf);
int kawela_start_all(struct kawela *pf);
void kawela_suspend(struct kawela *pf);
int kawela_resume(struct kawela *pf);
int kawela_reset_running(struct kawela *pf);
void kawela_recovery_init(struct kawela *pf);
void kawela_recovery_arm(struct kawela *pf);
void kawela_recovery_disarm(struct kawela *pf);
void kawela_recovery_await(struct kawela *pf);
void kawela_recovery_request(struct kawela *pf);

extern const struct devlink_health_reporter_ops kawela_device_reporter_ops;
extern const struct dev_pm_ops kawela_pm_ops;

#endif /* _KAWELA_RECOVER_H */
