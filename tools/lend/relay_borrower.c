// SPDX-License-Identifier: GPL-2.0-only
/* The relay's side of the borrower: messages with descriptors, one borrower at a time. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "messages.h"
#include "relay.h"
#include "stale_socket.h"

#define ANSWER_BY	(15 * NS_PER_S)
/* Whoever reads no answers for so many seconds has to go */
#define DEAF		5

int relay_listen(struct relay *r, bool on)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (on == (r->listener >= 0))
		return 0;
	stale_socket_remove(r->borrower_path);
	if (!on) {
		close(r->listener);
		r->listener = -1;
		return 0;
	}
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", r->borrower_path);
	r->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(r->listener, (struct sockaddr *)&a, sizeof(a)) || listen(r->listener, 4))
		return -1;
	return 0;
}

/* A second borrower: its VERSION is answered by an error */
static void refuse(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	struct vu_header h;

	relay_say("refused a second borrower: the VF is lent");
	if (poll(&p, 1, 1000) == 1 && recv(fd, &h, sizeof(h), MSG_DONTWAIT) == sizeof(h)) {
		h.size = sizeof(h);
		h.flags = VU_REPLY | VU_ERROR;
		h.error = EBUSY;
		send(fd, &h, sizeof(h), MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	close(fd);
}

void relay_accept(struct relay *r)
{
	struct timeval patience = { DEAF, 0 };
	int fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (r->borrower >= 0) {
		refuse(fd);
		return;
	}
	r->borrower = fd;
	r->from_borrower.got = 0;
	r->open_requests = 0;
	r->maps = 0;
	memset(r->sent, 0, sizeof(r->sent));
	memset(&r->stats, 0, sizeof(r->stats));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	relay_say("a borrower is there");
}

static uint32_t percentile(const struct relay_stats *s, uint32_t hundredths)
{
	uint64_t below = 0;
	uint32_t us = 0;

	for (; us < 4999; us++) {
		below += s->took[us];
		if (below * 100 >= s->reads * hundredths)
			break;
	}
	return us;
}

static void close_events(struct relay *r, uint32_t index, uint32_t start, uint32_t count)
{
	for (uint32_t v = start; v < start + count && v < LEND_VECTORS; v++) {
		if (r->events[index][v] >= 0)
			close(r->events[index][v]);
		r->events[index][v] = -1;
	}
}

static void close_fds(struct relay *r)
{
	while (r->nfds)
		close(r->fds[--r->nfds]);
}

void relay_lose_borrower(struct relay *r, const char *why, bool tell)
{
	struct vu_header gone = { .command = VU_GONE, .size = sizeof(gone) };

	if (r->borrower < 0)
		return;
	for (uint32_t i = 0; i < VU_IRQS; i++)
		close_events(r, i, 0, LEND_VECTORS);
	close_fds(r);
	close(r->borrower);
	r->borrower = -1;
	r->answer_by = 0;
	relay_say("%s; lost: %u requests without an answer, %u mappings", why, r->open_requests,
		  r->maps);
	relay_say("reads: %llu, median %u us, of ten the slowest %u us; interrupts: %llu, and %llu "
		  "without an eventfd", (unsigned long long)r->stats.reads,
		  percentile(&r->stats, 50), percentile(&r->stats, 90),
		  (unsigned long long)r->stats.irqs, (unsigned long long)r->stats.dropped);
	r->stale += r->open_requests;
	r->open_requests = 0;
	if (!tell)
		return;
	if (sizeof(r->to_lend.data) - r->to_lend.got < sizeof(gone)) {
		relay_lose_lend(r, "kawela-lend doesn't listen");
		return;
	}
	memcpy(r->to_lend.data + r->to_lend.got, &gone, sizeof(gone));
	r->to_lend.got += sizeof(gone);
}

void relay_answer(struct relay *r, const void *data, uint32_t length)
{
	const uint8_t *p = data;

	while (length && r->borrower >= 0) {
		ssize_t n = send(r->borrower, p, length, MSG_NOSIGNAL);

		if (n <= 0) {
			relay_lose_borrower(r, "the borrower is gone", true);
			return;
		}
		p += n;
		length -= (uint32_t)n;
	}
}

/* The borrower's system is asked for the VF: by an interrupt, or by its QEMU's monitor */
static void ask_back(struct relay *r)
{
	if (r->borrower < 0)
		return;
	if (!r->monitor_path) {
		relay_say("the VF is wanted back, and there is no way to tell the borrower");
		return;
	}
	relay_say("the VF is wanted back: unplugging %s", r->device);
	monitor_unplug(r->monitor_path, r->device);
}

void relay_irq(struct relay *r, const struct vu_irq *irq)
{
	uint64_t one = 1;
	int fd = -1;

	if (irq->index < VU_IRQS && irq->vector < LEND_VECTORS)
		fd = r->events[irq->index][irq->vector];
	if (fd >= 0 && write(fd, &one, sizeof(one)) == sizeof(one))
		r->stats.irqs++;
	else if (irq->index == VU_REQ)
		ask_back(r);
	else
		r->stats.dropped++;
}

/* Eventfds stay here. What the message says is checked by the server; here it is enough
 * that no vector is beyond the table. No write to one of them may wait.
 */
static void keep_events(struct relay *r, const struct vu_irq_set *set, bool with_fds)
{
	uint32_t count = set->count ?: LEND_VECTORS;

	if (set->index >= VU_IRQS || set->start >= LEND_VECTORS || count > LEND_VECTORS)
		return;
	close_events(r, set->index, set->start, count);
	if (!with_fds)
		return;
	while ((uint32_t)r->nfds > count || set->start + (uint32_t)r->nfds > LEND_VECTORS)
		close(r->fds[--r->nfds]);
	while (r->nfds) {
		int fd = r->fds[--r->nfds];

		fcntl(fd, F_SETFL, O_NONBLOCK);
		r->events[set->index][set->start + (uint32_t)r->nfds] = fd;
	}
}

static bool is_memory(const struct relay *r)
{
	struct stat st;

	return r->nfds && !fstat(r->fds[0], &st) && st.st_ino == r->memory.st_ino &&
	       st.st_dev == r->memory.st_dev;
}

/* One message, with the descriptors that came with it */
static void pass(struct relay *r, struct vu_header *h, const uint8_t *data, bool with_fds)
{
	struct pipe_half *to = &r->to_lend;
	struct vu_irq_set set;

	h->flags &= ~VU_FDS;
	if (with_fds && h->command == VU_DMA_MAP && is_memory(r)) {
		h->flags |= VU_FDS;
	} else if (h->command == VU_SET_IRQS && h->size >= sizeof(*h) + sizeof(set)) {
		memcpy(&set, data + sizeof(*h), sizeof(set));
		if (with_fds)
			h->flags |= VU_FDS;
		keep_events(r, &set, with_fds);
	}
	if (with_fds)
		close_fds(r);
	if (!(h->flags & VU_NO_REPLY)) {
		r->open_requests++;
		r->answer_by = r->answer_by ?: clock_now() + ANSWER_BY;
		if (h->command == VU_REGION_READ)
			r->sent[h->id] = clock_now();
	}
	memcpy(to->data + to->got, h, sizeof(*h));
	memcpy(to->data + to->got + sizeof(*h), data + sizeof(*h), h->size - sizeof(*h));
	to->got += h->size;
}

/* Pass all that is whole. Return: octets of it; -1 when it is no message. */
static int64_t take(struct relay *r)
{
	const struct pipe_half *from = &r->from_borrower;
	uint32_t at = 0;

	while (from->got - at >= sizeof(struct vu_header)) {
		struct vu_header h;

		memcpy(&h, from->data + at, sizeof(h));
		if (vu_check_header(&h, VU_BORROWER) || h.command >= VU_KNOCK)
			return -1;
		if (from->got - at < h.size ||
		    h.size > sizeof(r->to_lend.data) - r->to_lend.got)
			break;
		pass(r, &h, from->data + at, r->nfds && r->fds_at == at);
		at += h.size;
	}
	return at;
}

/* Descriptors came with the last octets, and so belong to the last message there */
static void find_owner(struct relay *r)
{
	const struct pipe_half *from = &r->from_borrower;
	uint32_t at = 0;

	r->fds_at = 0;
	while (from->got - at >= sizeof(struct vu_header)) {
		struct vu_header h;

		memcpy(&h, from->data + at, sizeof(h));
		r->fds_at = at;
		if (h.size < sizeof(h) || from->got - at <= h.size)
			return;
		at += h.size;
	}
	r->fds_at = at;
}

static void take_fds(struct relay *r, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		close_fds(r);
		r->nfds = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(r->fds, CMSG_DATA(c), (size_t)r->nfds * sizeof(int));
		find_owner(r);
	}
}

/* A recvmsg() ends with the octets that had descriptors. While a message with descriptors
 * isn't whole, nothing behind it is read: it may have its own.
 */
static size_t wanted(const struct relay *r)
{
	const struct pipe_half *from = &r->from_borrower;
	struct vu_header h;

	if (!r->nfds || from->got < sizeof(h))
		return sizeof(from->data) / 2 - from->got;
	memcpy(&h, from->data, sizeof(h));
	return h.size > from->got ? h.size - from->got : 1;
}

void relay_hear_borrower(struct relay *r)
{
	struct pipe_half *from = &r->from_borrower;
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(RELAY_FDS * sizeof(int))];
	} control;
	struct iovec v = { from->data + from->got, wanted(r) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(r->borrower, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int64_t done;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		relay_lose_borrower(r, "the borrower is gone", true);
		return;
	}
	from->got += (uint32_t)n;
	take_fds(r, &m);
	done = take(r);
	if (done < 0) {
		relay_lose_borrower(r, "the borrower says what is no message", true);
		return;
	}
	from->got -= (uint32_t)done;
	memmove(from->data, from->data + done, from->got);
	r->fds_at = 0;
}
