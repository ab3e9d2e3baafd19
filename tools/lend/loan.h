/* SPDX-License-Identifier: GPL-2.0-only */
/* A loan at work: a process of its own, which reaches one VF and one borrower's memory. */

#ifndef LEND_LOAN_H
#define LEND_LOAN_H

#include "config.h"
#include "server.h"

/* How a loan's process ends, when nothing kills it */
enum loan_exit {
	LOAN_RETURNED = 0,	/* the borrower let go, or there was none */
	LOAN_REFUSED = 2,	/* it never began */
	LOAN_CUT = 3,		/* the borrower was cut off */
};

/**
 * struct loan_status - what a loan's process shows to the one that began it
 * @state: of the server
 * @maps: mappings
 * @counts: see there
 * @why: it was refused, or was cut off
 */
struct loan_status {
	enum lend_state state;
	uint32_t maps;
	struct lend_counts counts;
	char why[256];
};

/**
 * loan_run - lend until SIGTERM, or until the system wants the VF back
 * @c: the loan
 * @status: shared memory
 *
 * Return: enum loan_exit, with which the process has to end.
 */
int loan_run(const struct loan_config *c, struct loan_status *status);

#endif
