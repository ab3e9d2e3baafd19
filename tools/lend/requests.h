/* SPDX-License-Identifier: GPL-2.0-only */
/* What a borrower's requests do. */

#ifndef LEND_REQUESTS_H
#define LEND_REQUESTS_H

#include "server.h"

/**
 * lend_request - carry one out
 * @s: the server
 * @header: its header
 * @payload: the rest; the answer's payload replaces it
 *
 * Return: octets of the answer's payload, or -errno.
 */
int lend_request(struct lend_server *s, const struct vu_header *header, void *payload);

#endif
