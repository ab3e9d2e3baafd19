// SPDX-License-Identifier: GPL-2.0-only
/* The service. Each loan is a process: it reaches its own borrower's memory and VF alone,
 * and when it is killed, the kernel resets the VF, and it is begun again.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "loan.h"
#include "service.h"
#include "vfio.h"

/* Who dies at once isn't begun again at once */
#define AGAIN	NS_PER_S

/**
 * struct lent - a loan, as the service sees it
 * @c: its line
 * @status: what its process shows
 * @pid: its process, or 0
 * @again: when to begin it again; 0 for never
 * @waits: who ordered it back and waits for that; -1 for nobody
 */
struct lent {
	struct loan_config c;
	struct loan_status *status;
	pid_t pid;
	uint64_t again;
	int waits;
};

static struct lent loans[CONFIG_LOANS];
static int count;
static bool ending;

static void begin(struct lent *l)
{
	sigset_t signals;

	l->again = 0;
	memset(l->status, 0, sizeof(*l->status));
	l->pid = fork();
	if (l->pid < 0) {
		fprintf(stderr, "kawela-lend: %s: no process for it: %m\n", l->c.name);
		l->pid = 0;
		l->again = clock_now() + AGAIN;
	}
	if (l->pid || l->again)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Who gives orders waits for the service to close, not for its children */
	close_range(3, ~0u, 0);
	/* SIGTERM is how a VF is taken back; Ctrl-C is for the service */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	_exit(loan_run(&l->c, l->status));
}

__attribute__((format(printf, 3, 4)))
static void answer(int fd, int status, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	control_answer(fd, status, text);
}

/* A loan's process has ended: by itself, or it died */
static void ended(struct lent *l, int how)
{
	bool itself = WIFEXITED(how) && (WEXITSTATUS(how) == LOAN_RETURNED ||
					 WEXITSTATUS(how) == LOAN_CUT ||
					 WEXITSTATUS(how) == LOAN_REFUSED);

	l->pid = 0;
	if (l->waits >= 0) {
		answer(l->waits, !itself || WEXITSTATUS(how) == LOAN_REFUSED, "%s: %s\n",
		       l->c.name, itself ? l->status->why : "its process died; the VF was reset");
		l->waits = -1;
	} else if (!itself && !ending) {
		fprintf(stderr, "kawela-lend: %s: its process died (%s); the VF was reset and is "
			"lent again\n", l->c.name, WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) :
			"an exit");
		l->again = clock_now() + AGAIN;
	}
}

static void reap(void)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
		for (int i = 0; i < count; i++)
			if (loans[i].pid == pid)
				ended(&loans[i], how);
}

static const char *state_of(const struct lent *l)
{
	static const char *const names[] = { "waits for a relay", "waits for a borrower",
					     "lent" };

	if (l->pid)
		return names[l->status->state];
	return l->again ? "begins again" : "not lent";
}

static void tell_status(int fd)
{
	char text[4096];
	size_t n = 0;

	for (int i = 0; i < count && n < sizeof(text); i++) {
		const struct lent *l = &loans[i];
		const struct lend_counts *s = &l->status->counts;

		n += (size_t)snprintf(text + n, sizeof(text) - n,
			"%s: %s, VF %s, %u mappings, %llu borrowers, %llu messages (%llu "
			"refused), %llu reads, %llu writes, %llu interrupts%s%s\n", l->c.name,
			state_of(l), l->c.vf, l->status->maps, (unsigned long long)s->borrowers,
			(unsigned long long)s->messages, (unsigned long long)s->refused,
			(unsigned long long)s->reads, (unsigned long long)s->writes,
			(unsigned long long)s->irqs, *l->status->why ? "; " : "",
			l->status->why);
	}
	control_answer(fd, 0, text);
}

static void take_back(struct lent *l, int fd)
{
	if (!l->pid && l->again) {
		l->again = 0;
		answer(fd, 0, "%s: its process had died, and isn't begun again\n", l->c.name);
	} else if (!l->pid) {
		answer(fd, 1, "kawela-lend: %s isn't lent\n", l->c.name);
	} else if (l->waits >= 0) {
		answer(fd, 1, "kawela-lend: %s is being taken back\n", l->c.name);
	} else {
		l->waits = fd;
		kill(l->pid, SIGTERM);
	}
}

static void lend(struct lent *l, int fd)
{
	char why[256];

	if (l->pid) {
		answer(fd, 1, "kawela-lend: %s is lent\n", l->c.name);
	} else if (vfio_check(&l->c, why, sizeof(why))) {
		answer(fd, 1, "kawela-lend: %s\n", why);
	} else {
		begin(l);
		/* Who was told no gets none later */
		l->again = 0;
		if (l->pid)
			answer(fd, 0, "%s: can be borrowed\n", l->c.name);
		else
			answer(fd, 1, "kawela-lend: %s: no process for it\n", l->c.name);
	}
}

static void obey(int fd)
{
	char line[128], order[16] = "", name[32] = "";
	struct timeval patience = { 1, 0 };
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	n = read(fd, line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = 0;
	sscanf(line, "%15s %31s", order, name);
	if (!strcmp(order, "status")) {
		tell_status(fd);
		return;
	}
	for (int i = 0; i < count; i++) {
		if (strcmp(loans[i].c.name, name))
			continue;
		if (!strcmp(order, "take-back"))
			take_back(&loans[i], fd);
		else
			lend(&loans[i], fd);
		return;
	}
	answer(fd, 1, "kawela-lend: no loan is called %s\n", name);
}

/* Take all back, and wait for it. A loan's own deadline ends this. */
static void end_all(void)
{
	ending = true;
	for (int i = 0; i < count; i++)
		if (loans[i].pid)
			kill(loans[i].pid, SIGTERM);
	for (int i = 0; i < count; i++)
		if (loans[i].pid)
			waitpid(loans[i].pid, NULL, 0);
}

static void serve(int signals, int orders)
{
	for (;;) {
		struct pollfd p[] = { { signals, POLLIN, 0 }, { orders, POLLIN, 0 } };
		struct signalfd_siginfo info;
		uint64_t at = 0;

		for (int i = 0; i < count; i++)
			at = clock_earlier(at, loans[i].again);
		poll(p, 2, clock_until(at, clock_now()));
		for (int i = 0; i < count; i++)
			if (loans[i].again && clock_now() >= loans[i].again)
				begin(&loans[i]);
		if (p[1].revents) {
			int fd = accept4(orders, NULL, NULL, SOCK_CLOEXEC);

			if (fd >= 0)
				obey(fd);
		}
		if (!p[0].revents || read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGCHLD)
			return;
		reap();
	}
}

/* Nothing is lent before all can be */
static int prepare(const char *file, char *why, size_t length)
{
	struct loan_config configs[CONFIG_LOANS];
	struct loan_status *statuses;

	count = config_read(file, configs, why, length);
	if (count < 0)
		return -1;
	statuses = mmap(NULL, sizeof(*statuses) * CONFIG_LOANS, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (statuses == MAP_FAILED) {
		snprintf(why, length, "%m");
		return -1;
	}
	for (int i = 0; i < count; i++) {
		if (vfio_check(&configs[i], why, length))
			return -1;
		loans[i] = (struct lent){ .c = configs[i], .status = &statuses[i], .waits = -1 };
	}
	return 0;
}

int service_run(const char *file, const char *socket)
{
	char why[256];
	sigset_t set;
	int signals, orders;

	if (prepare(file, why, sizeof(why))) {
		fprintf(stderr, "kawela-lend: %s\n", why);
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	orders = control_listen(socket);
	if (signals < 0 || orders < 0) {
		fprintf(stderr, "kawela-lend: %s: %m\n", socket);
		return 2;
	}
	for (int i = 0; i < count; i++)
		begin(&loans[i]);
	serve(signals, orders);
	end_all();
	unlink(socket);
	return 0;
}
