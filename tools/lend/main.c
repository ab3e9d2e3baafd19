// SPDX-License-Identifier: GPL-2.0-only
/* kawela-lend: in the I/O host, lend VFs to other machines.
 *
 *	kawela-lend [--socket PATH] serve FILE
 *	kawela-lend [--socket PATH] status
 *	kawela-lend [--socket PATH] lend|take-back NAME
 */

#include <stdio.h>
#include <string.h>

#include "control.h"
#include "service.h"

static int usage(void)
{
	fputs("usage: kawela-lend [--socket PATH] serve FILE\n"
	      "       kawela-lend [--socket PATH] status\n"
	      "       kawela-lend [--socket PATH] lend|take-back NAME\n"
	      "FILE has a line for each loan:\n"
	      "  NAME vf=PCI window=PCI size=N[K|M|G] port=NAME|PATH [deadline=SECONDS]\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *socket = CONTROL_SOCKET;

	if (argc > 2 && !strcmp(argv[1], "--socket")) {
		socket = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return service_run(argv[2], socket);
	if (argc == 2 && !strcmp(argv[1], "status"))
		return control_ask(socket, "status", "");
	if (argc == 3 && (!strcmp(argv[1], "lend") || !strcmp(argv[1], "take-back")))
		return control_ask(socket, argv[1], argv[2]);
	return usage();
}
