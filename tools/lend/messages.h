/* SPDX-License-Identifier: GPL-2.0-only */
/* The message table: what a message may look like, before anybody looks at what it wants. */

#ifndef LEND_MESSAGES_H
#define LEND_MESSAGES_H

#include <stdbool.h>

#include "vfio_user.h"

/**
 * enum vu_side - who sends a message
 * @VU_BORROWER: the borrower, or its relay for it
 * @VU_LENDER: kawela-lend
 */
enum vu_side { VU_BORROWER = 1, VU_LENDER = 2 };

/**
 * struct vu_message - a row of the table
 * @name: for people; NULL where there is no such command
 * @side: who may send it
 * @served: it is answered; one that isn't is refused with ENOTSUP
 * @least: octets of its payload, at least
 * @most: and at most
 * @cost: tokens it takes, see budget.h
 * @check: looks at the payload of so many octets, and returns 0 or -errno
 */
struct vu_message {
	const char *name;
	enum vu_side side;
	int served;
	uint32_t least;
	uint32_t most;
	uint32_t cost;
	int (*check)(const void *payload, uint32_t length);
};

/**
 * vu_find - the row of a command
 * @command: any number
 *
 * Return: the row, or NULL where there is none.
 */
const struct vu_message *vu_find(uint16_t command);

/**
 * vu_check_header - can this be the header of a message of that side?
 * @header: what came
 * @from: who it came from
 *
 * Return: 0; -EPROTO when the size can't be, so that the next message can't be found.
 */
int vu_check_header(const struct vu_header *header, enum vu_side from);

/**
 * vu_check - is this a request that the borrower may send?
 * @header: its header, which vu_check_header() has accepted
 * @payload: the rest; aligned as a uint64_t
 *
 * Return: 0; -ENOTSUP for a command that isn't served; -EINVAL otherwise.
 */
int vu_check(const struct vu_header *header, const void *payload);

/**
 * vu_is_config_write - does it write to configuration space?
 * @header: its header, which vu_check_header() has accepted
 * @payload: the rest, which needn't be checked
 *
 * Such a write may reset the VF, and so take as long as a reset does.
 *
 * Return: whether it does.
 */
bool vu_is_config_write(const struct vu_header *header, const void *payload);

/**
 * vu_cost - tokens that a request takes
 * @header: its header, which vu_check_header() has accepted
 * @payload: the rest, which needn't be checked
 *
 * Return: tokens, at most BUDGET_MOST.
 */
uint32_t vu_cost(const struct vu_header *header, const void *payload);

#endif
