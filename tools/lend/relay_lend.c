// SPDX-License-Identifier: GPL-2.0-only
/* The relay's side of kawela-lend: a stream that may begin anywhere, end at any time, and
 * be begun anew.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "messages.h"
#include "relay.h"

/* Longer than half a message may wait in kawela-lend */
#define KNOCK_AGAIN	(2 * NS_PER_S)
#define CONNECT_AGAIN	(200 * NS_PER_MS)

static void put(struct relay *r, uint16_t command, const void *payload, uint32_t length)
{
	struct vu_header h = { .command = command, .size = sizeof(h) + length };

	memcpy(r->to_lend.data + r->to_lend.got, &h, sizeof(h));
	if (length)
		memcpy(r->to_lend.data + r->to_lend.got + sizeof(h), payload, length);
	r->to_lend.got += h.size;
}

static int connect_lend(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

void relay_connect(struct relay *r, uint64_t now)
{
	struct vu_knock k = { VU_MAGIC, 0, VU_PRIVATE, 0, (uint64_t)r->memory.st_size };

	r->knock_at = now + CONNECT_AGAIN;
	if (r->lend < 0) {
		r->lend = connect_lend(r->lend_path);
		if (r->lend < 0)
			return;
		r->from_lend.got = 0;
	}
	r->knock_at = now + KNOCK_AGAIN;
	if (!r->nonce && getrandom(&r->nonce, sizeof(r->nonce), 0) != sizeof(r->nonce))
		return;
	k.nonce = r->nonce;
	r->to_lend.got = 0;
	put(r, VU_KNOCK, &k, sizeof(k));
	relay_flush(r);
}

void relay_flush(struct relay *r)
{
	ssize_t n;

	if (r->lend < 0 || !r->to_lend.got)
		return;
	n = write(r->lend, r->to_lend.data, r->to_lend.got);
	if (n < 0 && errno != EAGAIN) {
		relay_lose_lend(r, "the I/O host is gone");
	} else if (n > 0) {
		r->to_lend.got -= (uint32_t)n;
		memmove(r->to_lend.data, r->to_lend.data + n, r->to_lend.got);
	}
}

/* Knock again: on this connection if that still makes sense */
static void begin_again(struct relay *r)
{
	r->ready = false;
	r->nonce = 0;
	r->answer_by = 0;
	r->stale = 0;
	r->knock_at = clock_now();
	relay_listen(r, false);
}

void relay_lose_lend(struct relay *r, const char *why)
{
	if (r->borrower >= 0)
		relay_lose_borrower(r, why, false);
	else if (r->ready)
		relay_say("%s", why);
	if (r->lend >= 0)
		close(r->lend);
	r->lend = -1;
	r->from_lend.got = 0;
	r->to_lend.got = 0;
	begin_again(r);
}

/* Before the answer to the knock anything may come, also the end of what another relay was
 * told. *STATUS is set when it refuses. Return: octets that are done with.
 */
static uint32_t find_hello(struct relay *r, int *status)
{
	const uint32_t size = sizeof(struct vu_header) + sizeof(struct vu_hello);
	uint32_t at = 0;

	for (; r->from_lend.got - at >= size; at++) {
		struct vu_header h;
		struct vu_hello hello;

		memcpy(&h, r->from_lend.data + at, sizeof(h));
		memcpy(&hello, r->from_lend.data + at + sizeof(h), sizeof(hello));
		if (h.command != VU_HELLO || h.size != size || hello.nonce != r->nonce ||
		    memcmp(hello.magic, VU_MAGIC, sizeof(hello.magic)))
			continue;
		if (h.error) {
			relay_say("refused: %.127s", hello.text);
			*status = 2;
		} else if (relay_listen(r, true)) {
			relay_say("%s: %s", r->borrower_path, strerror(errno));
			*status = 2;
		} else {
			r->ready = true;
			relay_say("a VF can be borrowed at %s", r->borrower_path);
		}
		return at + size;
	}
	return at;
}

static void note_answer(struct relay *r, const struct vu_header *h)
{
	uint64_t now = clock_now(), took;

	if (r->open_requests)
		r->open_requests--;
	r->answer_by = r->open_requests ? now + 15 * NS_PER_S : 0;
	if (h->command == VU_DMA_MAP && !h->error)
		r->maps++;
	if (h->command != VU_REGION_READ || !r->sent[h->id])
		return;
	took = (now - r->sent[h->id]) / 1000;
	r->sent[h->id] = 0;
	r->stats.reads++;
	r->stats.took[took < 4999 ? took : 4999]++;
}

/* One message. Return: false when there is nobody any longer to whom the rest could go. */
static bool deliver(struct relay *r, const struct vu_header *h, const uint8_t *data)
{
	struct vu_revoked revoked;
	struct vu_irq irq;

	switch (h->command) {
	case VU_IRQ:
		memcpy(&irq, data + sizeof(*h), sizeof(irq));
		relay_irq(r, &irq);
		return true;
	case VU_REVOKED:
		memcpy(&revoked, data + sizeof(*h), sizeof(revoked));
		revoked.text[sizeof(revoked.text) - 1] = 0;
		if (r->borrower >= 0)
			relay_lose_borrower(r, revoked.text, false);
		else
			relay_say("no VF can be borrowed: %s", revoked.text);
		begin_again(r);
		return false;
	case VU_ANEW:
		relay_lose_borrower(r, "kawela-lend was begun anew", false);
		begin_again(r);
		return false;
	case VU_HELLO:
		return true;
	default:
		/* Answers come in the order of the requests */
		if (r->stale) {
			r->stale--;
			return true;
		}
		note_answer(r, h);
		relay_answer(r, data, h->size);
		return true;
	}
}

static void take(struct relay *r)
{
	uint32_t at = 0;

	while (r->ready && r->from_lend.got - at >= sizeof(struct vu_header)) {
		struct vu_header h;

		memcpy(&h, r->from_lend.data + at, sizeof(h));
		if (vu_check_header(&h, VU_LENDER)) {
			relay_lose_lend(r, "kawela-lend says what is no message");
			return;
		}
		if (r->from_lend.got - at < h.size)
			break;
		at += h.size;
		if (!deliver(r, &h, r->from_lend.data + at - h.size))
			break;
	}
	/* Whoever has lost kawela-lend has emptied this */
	at = at < r->from_lend.got ? at : r->from_lend.got;
	r->from_lend.got -= at;
	memmove(r->from_lend.data, r->from_lend.data + at, r->from_lend.got);
}

int relay_hear_lend(struct relay *r)
{
	struct pipe_half *p = &r->from_lend;
	ssize_t n = read(r->lend, p->data + p->got, sizeof(p->data) - p->got);
	int status = 0;

	if (!n || (n < 0 && errno != EAGAIN)) {
		relay_lose_lend(r, "the I/O host is gone");
		return 0;
	}
	p->got += n > 0 ? (uint32_t)n : 0;
	if (!r->ready) {
		uint32_t done = find_hello(r, &status);

		p->got -= done;
		memmove(p->data, p->data + done, p->got);
	}
	take(r);
	return status;
}
