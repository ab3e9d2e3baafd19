/* SPDX-License-Identifier: GPL-2.0-only */
/* A relay and a borrower for tests: messages into a server, and what it says to them. */

#ifndef LEND_CLIENT_H
#define LEND_CLIENT_H

#include <string.h>

#include "../server.h"

/* Put octets at the end of what came; what there is no room for is lost */
static inline void client_octets(struct lend_server *s, const void *data, uint32_t length)
{
	if (length > sizeof(s->in) - s->got)
		length = sizeof(s->in) - s->got;
	if (length)
		memcpy(s->in + s->got, data, length);
	s->got += length;
}

/* Put a message there */
static inline void client_send(struct lend_server *s, uint16_t command, uint32_t flags,
			       const void *payload, uint32_t length)
{
	struct vu_header h = { 7, command, sizeof(h) + length, flags, 0 };

	client_octets(s, &h, sizeof(h));
	client_octets(s, payload, length);
}

/* The next message that the server said, into BUFFER of VU_MESSAGE_MAX. Return: whether
 * there was one.
 */
static inline bool client_next(struct lend_server *s, struct vu_header *h, void *buffer)
{
	if (s->sent < sizeof(*h))
		return false;
	memcpy(h, s->out, sizeof(*h));
	if (h->size > sizeof(*h))
		memcpy(buffer, s->out + sizeof(*h), h->size - sizeof(*h));
	s->sent -= h->size;
	memmove(s->out, s->out + h->size, s->sent);
	return true;
}

static inline void client_knock(struct lend_server *s, uint64_t nonce, uint64_t memory)
{
	struct vu_knock k = { VU_MAGIC, nonce, VU_PRIVATE, 0, memory };

	client_send(s, VU_KNOCK, 0, &k, sizeof(k));
}

static inline void client_version(struct lend_server *s, uint16_t major)
{
	struct {
		struct vu_version v;
		char text[4];
	} v = { { .major = major }, "{}" };

	client_send(s, VU_VERSION, 0, &v, sizeof(v));
}

#endif
