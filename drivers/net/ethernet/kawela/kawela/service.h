/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The work that the misc interrupt and the clock cause.
 */
#ifndef _KAWELA_SERVICE_H
#define _KAWELA_SERVICE_H

struct kawela;

int kawela_service_init(struct kawela *pf);
void kawela_service_begin(struct kawela *pf);
void kawela_service_fini(struct kawela *pf);
void kawela_service_pause(struct kawela *pf);
void kawela_service_resume(struct kawela *pf);
void kawela_service_kick(struct kawela *pf);

#endif /* _KAWELA_SERVICE_H */
