/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PF's devlink instance.
 *
 * devlink's lock comes before all others: before rtnl, the port's lock and
 * vf_lock. So nothing that holds one of those may report or register.
 */
#ifndef _KAWELA_DEVLINK_H
#define _KAWELA_DEVLINK_H

#include <net/devlink.h>

#include "kawela.h"
#include "watch.h"

/**
 * struct kawela_devlink - private area of the PF's devlink instance
 * @pf: the PF
 * @port: the port that is the PF's netdev
 * @regs: the region "regs"
 * @health: reporters of mailbox and VFs
 */
struct kawela_devlink {
	struct kawela *pf;
	struct devlink_port port;
	struct devlink_region *regs;
	struct kawela_health health;
};

static inline struct kawela_devlink *kawela_devlink_of(const struct kawela *pf)
{
	return devlink_priv(pf->devlink);
}

static inline struct kawela_health *kawela_health_of(const struct kawela *pf)
{
	return &kawela_devlink_of(pf)->health;
}

/* devlink.c */
int kawela_devlink_create(struct kawela *pf);
void kawela_devlink_register(struct kawela *pf);
void kawela_devlink_unregister(struct kawela *pf);
void kawela_devlink_destroy(struct kawela *pf);

/* region.c */
int kawela_region_create(struct kawela *pf);
void kawela_region_destroy(struct kawela *pf);

#endif /* _KAWELA_DEVLINK_H */
