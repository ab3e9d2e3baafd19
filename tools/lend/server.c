// SPDX-License-Identifier: GPL-2.0-only
/* The server's state, and what is said on its stream. What requests do is in requests.c. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "messages.h"
#include "requests.h"
#include "server.h"

/* An answer with all that interrupts may put before it */
#define ROOM	(VU_MESSAGE_MAX + (LEND_VECTORS + 4) * (sizeof(struct vu_header) + \
						       sizeof(struct vu_irq)))

static void say(struct lend_server *s, const struct vu_header *header, const void *payload)
{
	uint32_t length = header->size - sizeof(*header);

	memcpy(s->out + s->sent, header, sizeof(*header));
	if (length)
		memcpy(s->out + s->sent + sizeof(*header), payload, length);
	s->sent += header->size;
}

static void say_own(struct lend_server *s, uint16_t command, const void *payload,
		    uint32_t length, uint32_t error)
{
	struct vu_header h = { .command = command, .size = sizeof(h) + length,
			       .flags = error ? VU_ERROR : 0, .error = error };

	say(s, &h, payload);
}

static bool room(const struct lend_server *s)
{
	return sizeof(s->out) - s->sent >= ROOM;
}

void lend_server_irqs(struct lend_server *s)
{
	uint32_t came;

	/* The last of the room is for an answer that is being made */
	if (!s->msix || sizeof(s->out) - s->sent < ROOM - VU_MESSAGE_MAX)
		return;
	came = s->dev->ops->take_irqs(s->dev);
	for (uint32_t v = 0; v < s->dev->vectors; v++) {
		struct vu_irq irq = { VU_MSIX, v };

		if (!(came >> v & 1))
			continue;
		s->counts.irqs++;
		say_own(s, VU_IRQ, &irq, sizeof(irq), 0);
	}
}

bool lend_server_signal(struct lend_server *s, enum vu_irq_index index)
{
	struct vu_irq irq = { index, 0 };

	if (s->state != LEND_LENT || !room(s))
		return false;
	if (index != VU_REQ && !(s->wants >> index & 1))
		return false;
	s->counts.irqs++;
	say_own(s, VU_IRQ, &irq, sizeof(irq), 0);
	return true;
}

/* Its memory first: what follows then can't do it any harm */
static int free_vf(struct lend_server *s)
{
	bool msix = s->msix;
	int err;

	/* A VF that is still at work would meet an IOMMU without its memory, and be logged */
	err = s->dev->ops->stop(s->dev);
	err = lend_maps_clear(&s->maps, s->dev) ?: err;
	s->msix = false;
	s->wants = 0;
	if (msix)
		err = s->dev->ops->msix(s->dev, false) ?: err;
	return s->dev->ops->reset(s->dev) ?: err;
}

int lend_server_end(struct lend_server *s, const char *why)
{
	struct vu_revoked r = { "" };
	int err = s->state == LEND_LENT ? free_vf(s) : 0;

	if (s->state == LEND_LENT)
		s->state = LEND_IDLE;
	if (why && s->state != LEND_ALONE && room(s)) {
		snprintf(r.text, sizeof(r.text), "%s", why);
		say_own(s, VU_REVOKED, &r, sizeof(r), 0);
	}
	return err;
}

void lend_server_cut(struct lend_server *s)
{
	lend_server_end(s, NULL);
	s->state = LEND_ALONE;
	s->at = 0;
	s->got = 0;
	s->sent = 0;
}

/* A relay is there, be it the first or another: what the one before had is over */
static void knocked(struct lend_server *s, const struct vu_knock *k)
{
	struct vu_hello h = { VU_MAGIC, k->nonce, VU_PRIVATE, 0, s->dev->window, "welcome" };
	uint32_t error = 0;

	lend_server_cut(s);
	s->nonce = k->nonce;
	if (k->version != VU_PRIVATE) {
		error = EPROTONOSUPPORT;
		snprintf(h.text, sizeof(h.text), "the relay speaks version %u, kawela-lend %u",
			 k->version, VU_PRIVATE);
	} else if (k->memory != s->dev->window) {
		error = EINVAL;
		snprintf(h.text, sizeof(h.text),
			 "the borrower's memory has %llu octets, the window %llu",
			 (unsigned long long)k->memory, (unsigned long long)s->dev->window);
	} else {
		s->state = LEND_IDLE;
	}
	say_own(s, VU_HELLO, &h, sizeof(h), error);
}

/* Alone: the stream may begin anywhere, also within what another relay had sent */
static bool find_knock(struct lend_server *s)
{
	const uint32_t size = sizeof(struct vu_header) + sizeof(struct vu_knock);

	for (; s->got - s->at >= size; s->at++) {
		struct vu_header h;
		struct vu_knock k;

		memcpy(&h, s->in + s->at, sizeof(h));
		memcpy(&k, s->in + s->at + sizeof(h), sizeof(k));
		if (h.command != VU_KNOCK || h.size != size || vu_check(&h, &k))
			continue;
		knocked(s, &k);
		return true;
	}
	return false;
}

/* PCIe: what the VF signalled before it answered a read is seen before the answer. The
 * next message is read only behind it
 */
static void answer(struct lend_server *s, struct vu_header *h, int length)
{
	s->counts.refused += length < 0;
	if (h->flags & VU_NO_REPLY)
		return;
	lend_server_irqs(s);
	h->flags = VU_REPLY | (length < 0 ? VU_ERROR : 0);
	h->error = length < 0 ? -length : 0;
	h->size = sizeof(*h) + (length < 0 ? 0 : length);
	say(s, h, s->message);
}

static void serve(struct lend_server *s, struct vu_header *h)
{
	s->counts.messages++;
	if (h->command == VU_GONE) {
		lend_server_end(s, NULL);
	} else if (h->command != VU_KNOCK) {
		answer(s, h, lend_request(s, h, s->message));
	} else if (vu_check(h, s->message)) {
		/* A bad KNOCK is a bad stream */
		lend_server_cut(s);
	} else {
		const struct vu_knock *k = (const struct vu_knock *)s->message;

		/* A relay that lost patience knocks again and has its answer by then */
		if (k->nonce != s->nonce)
			knocked(s, k);
	}
}

/* One message, if it is whole. Return: whether there may be another. */
static bool take(struct lend_server *s, uint64_t now, uint64_t *wait)
{
	struct vu_header h;

	if (s->state == LEND_ALONE)
		return find_knock(s);
	if (s->got - s->at < sizeof(h))
		return false;
	memcpy(&h, s->in + s->at, sizeof(h));
	if (vu_check_header(&h, VU_BORROWER)) {
		s->counts.resyncs++;
		lend_server_cut(s);
		return false;
	}
	if (s->got - s->at < h.size)
		return false;
	memcpy(s->message, s->in + s->at + sizeof(h), h.size - sizeof(h));
	*wait = budget_take(&s->budget, vu_cost(&h, s->message), now);
	if (*wait) {
		s->counts.waits++;
		return false;
	}
	s->at += h.size;
	/* It may take long: the caller looks at signals and deadlines before the next */
	*wait = vu_is_config_write(&h, s->message);
	serve(s, &h);
	return !*wait;
}

uint64_t lend_server_run(struct lend_server *s, uint64_t now)
{
	uint64_t wait = 0;

	while (room(s) && take(s, now, &wait))
		;
	s->got -= s->at;
	memmove(s->in, s->in + s->at, s->got);
	s->at = 0;
	return wait;
}

void lend_server_init(struct lend_server *s, struct lend_device *dev, uint64_t now)
{
	memset(s, 0, sizeof(*s));
	s->dev = dev;
	budget_fill(&s->budget, now);
	say_own(s, VU_ANEW, NULL, 0, 0);
}
