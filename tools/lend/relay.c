// SPDX-License-Identifier: GPL-2.0-only
/* kawela-lend-relay: between a borrower's QEMU and kawela-lend in the I/O host.
 *
 *	kawela-lend-relay [--monitor QMP --device ID] LEND BORROWER MEMORY
 *
 * LEND is the socket of the port in the I/O host, BORROWER is where the borrower's QEMU
 * connects to (vfio-user-pci), MEMORY is the file that is the borrower's memory.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "relay.h"

void relay_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("kawela-lend-relay: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static void look_at_deadlines(struct relay *r, uint64_t now)
{
	if (r->answer_by && now >= r->answer_by)
		relay_lose_lend(r, "kawela-lend doesn't answer");
	if (!r->ready && now >= r->knock_at)
		relay_connect(r, now);
}

/* Until kawela-lend refuses for good. Return: the exit status. */
static int serve(struct relay *r)
{
	for (;;) {
		bool room = sizeof(r->to_lend.data) - r->to_lend.got >= RELAY_BUFFER / 2;
		struct pollfd p[] = {
			{ r->lend, POLLIN | (r->to_lend.got ? POLLOUT : 0), 0 },
			{ room ? r->borrower : -1, POLLIN, 0 },
			{ r->listener, POLLIN, 0 },
		};
		uint64_t at = clock_earlier(r->answer_by, r->ready ? 0 : r->knock_at);
		int status = 0;

		poll(p, 3, clock_until(at, clock_now()));
		if (p[0].revents & ~POLLOUT)
			status = relay_hear_lend(r);
		if (status)
			return status;
		if (p[1].revents && r->borrower == p[1].fd)
			relay_hear_borrower(r);
		if (p[2].revents && r->listener == p[2].fd)
			relay_accept(r);
		relay_flush(r);
		look_at_deadlines(r, clock_now());
	}
}

static int usage(void)
{
	fputs("usage: kawela-lend-relay [--monitor QMP --device ID] LEND BORROWER MEMORY\n",
	      stderr);
	return 2;
}

static bool fits(const char *path)
{
	bool good = strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path);

	if (!good)
		relay_say("%s: the path is too long for a socket", path);
	return good;
}

static int prepare(struct relay *r, int argc, char **argv)
{
	int at = 1;

	while (argc > at + 1 && argv[at][0] == '-') {
		if (!strcmp(argv[at], "--monitor"))
			r->monitor_path = argv[at + 1];
		else if (!strcmp(argv[at], "--device"))
			r->device = argv[at + 1];
		else
			return usage();
		at += 2;
	}
	if (argc != at + 3 || !r->monitor_path != !r->device)
		return usage();
	r->lend_path = argv[at];
	r->borrower_path = argv[at + 1];
	if (!fits(r->lend_path) || !fits(r->borrower_path) ||
	    (r->monitor_path && !fits(r->monitor_path)))
		return 2;
	if (stat(argv[at + 2], &r->memory)) {
		relay_say("%s: %s", argv[at + 2], strerror(errno));
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct relay relay = { .lend = -1, .listener = -1, .borrower = -1,
				      .knock_at = 1 };
	int status = prepare(&relay, argc, argv);

	if (status)
		return status;
	memset(relay.events, -1, sizeof(relay.events));
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	status = serve(&relay);
	relay_listen(&relay, false);
	return status;
}
