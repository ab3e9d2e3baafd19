/* SPDX-License-Identifier: GPL-2.0-only */
/* Orders to a service that runs: a line to a UNIX socket, and text that comes back. */

#ifndef LEND_CONTROL_H
#define LEND_CONTROL_H

#define CONTROL_SOCKET	"/run/kawela-lend.sock"

/**
 * control_listen - begin to take orders
 * @path: of the socket, which only this user can connect to
 *
 * Return: a descriptor; -1 with errno, EADDRINUSE when another service listens
 * there, or what is there isn't a socket.
 */
int control_listen(const char *path);

/**
 * control_ask - give an order, print what comes back
 * @path: of the socket
 * @order: a word
 * @name: of a loan, or empty
 *
 * Return: the exit status: 0; 1 when the order was refused; 2 without a service.
 */
int control_ask(const char *path, const char *order, const char *name);

/**
 * control_answer - answer, and close
 * @fd: of the one who asked
 * @status: the exit status there
 * @text: what is printed there, lines
 */
void control_answer(int fd, int status, const char *text);

#endif
