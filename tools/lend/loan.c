// SPDX-License-Identifier: GPL-2.0-only
/* A loan at work: what a server says and hears goes through a port, and a borrower that
 * is asked for its VF has to let go within a deadline.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "loan.h"
#include "vfio.h"

/* A message is whole by then, and a port without a relay is looked at so often */
#define SILENCE	NS_PER_S
#define LOOK_AGAIN	(100 * NS_PER_MS)

enum { FD_PORT, FD_SIGNAL, FD_ERR, FD_REQ, FD_MSIX };

/**
 * struct loan - all of it
 * @c: its line
 * @vf: the VF
 * @server: see there
 * @port: to the relay
 * @signals: signalfd
 * @readable: octets came, or the relay went
 * @half: since when half a message is all that there is; 0 when it isn't
 * @away: no relay is there; when to look again
 * @cut_at: when a borrower that was asked to let go is cut off; 0 when it wasn't asked
 * @reason: why it was asked
 */
struct loan {
	const struct loan_config *c;
	struct vfio_vf vf;
	struct lend_server server;
	int port;
	int signals;
	bool readable;
	uint64_t half;
	uint64_t away;
	uint64_t cut_at;
	const char *reason;
};

__attribute__((format(printf, 2, 3)))
static void say(const struct loan *l, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "kawela-lend: %s: ", l->c->name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* The device of a virtio-serial port of that name, or the path itself */
static int open_port(const char *port)
{
	DIR *dir = strchr(port, '/') ? NULL : opendir("/sys/class/virtio-ports");
	char path[320], name[64];
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", e->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (!fgets(name, sizeof(name), file))
			*name = 0;
		fclose(file);
		name[strcspn(name, "\n")] = 0;
		if (!strcmp(name, port)) {
			snprintf(path, sizeof(path), "/dev/%s", e->d_name);
			closedir(dir);
			return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		}
	}
	if (dir)
		closedir(dir);
	return open(port, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static void gone(struct loan *l, uint64_t now)
{
	bool lent = l->server.state == LEND_LENT;

	lend_server_cut(&l->server);
	if (lent)
		say(l, "the relay is gone, and the borrower with it; the VF was reset");
	l->away = now + LOOK_AGAIN;
}

static void hear(struct loan *l, uint64_t now)
{
	struct lend_server *s = &l->server;
	ssize_t n = read(l->port, s->in + s->got, sizeof(s->in) - s->got);

	if (n > 0) {
		s->got += (uint32_t)n;
		l->half = 0;
	} else if (!n || errno != EAGAIN) {
		gone(l, now);
	}
}

static void speak(struct loan *l)
{
	struct lend_server *s = &l->server;
	ssize_t n = s->sent ? write(l->port, s->out, s->sent) : 0;

	if (n <= 0)
		return;
	s->sent -= (uint32_t)n;
	memmove(s->out, s->out + n, s->sent);
}

static void ask_back(struct loan *l, const char *reason, uint64_t now)
{
	if (l->cut_at)
		return;
	l->reason = reason;
	l->cut_at = now + l->c->deadline * NS_PER_S;
	if (lend_server_signal(&l->server, VU_REQ))
		say(l, "%s: the borrower has %u s to let go", reason, l->c->deadline);
}

static bool drain(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) == sizeof(n);
}

static void look_at_signals(struct loan *l, uint64_t now)
{
	struct signalfd_siginfo info;

	if (read(l->signals, &info, sizeof(info)) == sizeof(info))
		ask_back(l, "taken back", now);
	if (drain(l->vf.req))
		ask_back(l, "the system wants the VF back", now);
	if (drain(l->vf.err)) {
		say(l, "the VF has had an error%s", lend_server_signal(&l->server, VU_ERR) ?
		    "; the borrower was told" : "");
	}
}

/* When to wake up although nothing comes */
static uint64_t wake(const struct loan *l, uint64_t budget)
{
	uint64_t at = clock_earlier(budget, l->away);

	at = clock_earlier(at, l->cut_at);
	return clock_earlier(at, l->half ? l->half + SILENCE : 0);
}

/* Octets that wait for more octets: not for tokens, nor for room for an answer */
static void look_at_half(struct loan *l, bool budget, uint64_t now)
{
	const struct lend_server *s = &l->server;

	if (!s->got || budget || s->sent || s->state == LEND_ALONE)
		l->half = 0;
	else if (!l->half)
		l->half = now;
	if (!l->half || now < l->half + SILENCE)
		return;
	say(l, "half a message, and no more: the stream is begun anew");
	lend_server_cut(&l->server);
	l->half = 0;
}

static void wait_for(struct loan *l, uint64_t until)
{
	const struct lend_server *s = &l->server;
	/* Where there is little room, interrupts wait */
	uint32_t vectors = s->msix && s->sent < sizeof(s->out) / 4 ? l->vf.dev.vectors : 0;
	struct pollfd p[FD_MSIX + LEND_VECTORS] = {
		[FD_PORT] = { l->away ? -1 : l->port, (s->got < sizeof(s->in) ? POLLIN : 0) |
			      (s->sent ? POLLOUT : 0), 0 },
		[FD_SIGNAL] = { l->signals, POLLIN, 0 },
		[FD_ERR] = { l->vf.err, POLLIN, 0 },
		[FD_REQ] = { l->vf.req, POLLIN, 0 },
	};

	for (uint32_t i = 0; i < vectors; i++)
		p[FD_MSIX + i] = (struct pollfd){ l->vf.msix[i], POLLIN, 0 };
	poll(p, FD_MSIX + vectors, clock_until(until, clock_now()));
	l->readable = p[FD_PORT].revents & ~POLLOUT;
	if (p[FD_SIGNAL].revents | p[FD_ERR].revents | p[FD_REQ].revents)
		look_at_signals(l, clock_now());
}

static void show(const struct loan *l, struct loan_status *status)
{
	status->state = l->server.state;
	status->maps = l->server.maps.count;
	status->counts = l->server.counts;
}

/* Has the loan ended? *STATUS is how. */
static bool ended(struct loan *l, uint64_t now, int *status, char *why, size_t length)
{
	char text[128];
	int err;

	if (!l->cut_at || (l->server.state == LEND_LENT && now < l->cut_at))
		return false;
	*status = LOAN_RETURNED;
	if (l->server.state != LEND_LENT) {
		snprintf(why, length, "%s", l->reason);
		say(l, "%s, and returned", l->reason);
		lend_server_end(&l->server, l->reason);
		speak(l);
		return true;
	}
	*status = LOAN_CUT;
	snprintf(text, sizeof(text), "%s, and not returned within %u s", l->reason,
		 l->c->deadline);
	err = lend_server_end(&l->server, text);
	snprintf(why, length, "%s: the borrower was cut off", text);
	say(l, "%s%s%s", why, err ? "; the VF wasn't reset: " : "", err ? strerror(-err) : "");
	speak(l);
	return true;
}

static bool begin(struct loan *l, const struct loan_config *c, struct loan_status *status)
{
	sigset_t signals;

	memset(l, 0, sizeof(*l));
	l->c = c;
	if (vfio_open(&l->vf, c, status->why, sizeof(status->why)))
		return false;
	l->port = open_port(c->port);
	if (l->port < 0) {
		snprintf(status->why, sizeof(status->why), "%s: port %s: %m", c->name, c->port);
		return false;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	l->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	l->readable = true;
	return l->signals >= 0;
}

int loan_run(const struct loan_config *c, struct loan_status *status)
{
	static struct loan loan;
	struct loan *l = &loan;
	uint64_t borrowers = 0;
	int how = LOAN_REFUSED;

	if (!begin(l, c, status)) {
		fprintf(stderr, "kawela-lend: %s\n", status->why);
		return how;
	}
	lend_server_init(&l->server, &l->vf.dev, clock_now());
	while (!ended(l, clock_now(), &how, status->why, sizeof(status->why))) {
		uint64_t now = clock_now(), budget;
		enum lend_state before = l->server.state;

		if (l->away && now >= l->away) {
			l->away = 0;
			l->readable = true;
		}
		if (l->readable)
			hear(l, now);
		budget = lend_server_run(&l->server, now);
		lend_server_irqs(&l->server);
		speak(l);
		look_at_half(l, budget, now);
		show(l, status);
		if (l->server.counts.borrowers != borrowers)
			say(l, "lent");
		else if (before == LEND_LENT && l->server.state == LEND_IDLE)
			say(l, "the borrower is gone; the VF was reset");
		borrowers = l->server.counts.borrowers;
		wait_for(l, wake(l, budget ? now + budget : 0));
	}
	return how;
}
