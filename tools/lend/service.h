/* SPDX-License-Identifier: GPL-2.0-only */
/* The service: it begins the loans' processes, watches them, and takes orders. */

#ifndef LEND_SERVICE_H
#define LEND_SERVICE_H

/**
 * service_run - lend what a file says, until SIGTERM or SIGINT
 * @file: its path
 * @socket: where orders are taken
 *
 * Return: the exit status: 0; 2 when nothing was lent, because something is wrong.
 */
int service_run(const char *file, const char *socket);

#endif
