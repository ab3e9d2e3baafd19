// SPDX-License-Identifier: GPL-2.0-only
/* QEMU's vfio-user-pci doesn't hear the request interrupt (11.1), so its monitor is asked. */

#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "relay.h"

#define PATIENCE_MS	10000

/* Send an order and wait for what answers it. Return: whether it was granted. */
static bool order(int fd, const char *text)
{
	char answer[4096] = "";
	size_t got = 0;

	if (write(fd, text, strlen(text)) < 0)
		return false;
	while (got < sizeof(answer) - 1) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n = poll(&p, 1, PATIENCE_MS) == 1 ?
			    read(fd, answer + got, sizeof(answer) - 1 - got) : 0;

		if (n <= 0)
			return false;
		got += (size_t)n;
		answer[got] = 0;
		if (strstr(answer, "\"error\"")) {
			relay_say("the monitor: %s", answer);
			return false;
		}
		if (strstr(answer, "\"return\""))
			return true;
	}
	return false;
}

void monitor_unplug(const char *path, const char *device)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char text[256];
	int fd;

	if (fork())
		return;
	/* The borrower has to see the relay's end, whatever becomes of this */
	close_range(3, ~0u, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	snprintf(text, sizeof(text),
		 "{\"execute\":\"device_del\",\"arguments\":{\"id\":\"%.64s\"}}\n", device);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    !order(fd, "{\"execute\":\"qmp_capabilities\"}\n") || !order(fd, text))
		relay_say("the borrower can't be asked through %s", path);
	_exit(0);
}
