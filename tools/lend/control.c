// SPDX-License-Identifier: GPL-2.0-only
/* Orders to a service that runs. The first octet of an answer is a digit, the status. */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "stale_socket.h"

static int connect_to(const char *path, struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(a->sun_path)) {
		errno = ENAMETOOLONG;
		close(fd);
		return -1;
	}
	strcpy(a->sun_path, path);
	if (!connect(fd, (struct sockaddr *)a, sizeof(*a)))
		return fd;
	close(fd);
	return -1;
}

int control_listen(const char *path)
{
	struct sockaddr_un a;
	int fd = connect_to(path, &a);
	mode_t before;

	if (fd >= 0) {
		close(fd);
		errno = EADDRINUSE;
		return -1;
	}
	if (errno == ENAMETOOLONG)
		return -1;
	stale_socket_remove(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	before = umask(0077);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 8)) {
		close(fd);
		fd = -1;
	}
	umask(before);
	return fd;
}

int control_ask(const char *path, const char *order, const char *name)
{
	struct sockaddr_un a;
	int fd = connect_to(path, &a), status = -1;
	char text[4096];
	ssize_t n;

	if (fd < 0) {
		fprintf(stderr, "kawela-lend: no service at %s: %m\n", path);
		return 2;
	}
	dprintf(fd, "%s %s\n", order, name);
	while ((n = read(fd, text, sizeof(text))) > 0) {
		ssize_t from = 0;

		if (status < 0) {
			status = text[0] - '0';
			from = 1;
		}
		fwrite(text + from, 1, (size_t)(n - from), status ? stderr : stdout);
	}
	close(fd);
	if (status < 0)
		fputs("kawela-lend: the service ended before it answered\n", stderr);
	return status < 0 ? 2 : status;
}

void control_answer(int fd, int status, const char *text)
{
	/* Whoever doesn't read it doesn't hold the service up */
	char head = (char)('0' + status);

	if (send(fd, &head, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		(void)!send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}
