/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process that was killed leaves where it listened */

#ifndef LEND_STALE_SOCKET_H
#define LEND_STALE_SOCKET_H

#include <sys/stat.h>
#include <unistd.h>

/**
 * stale_socket_remove - remove a socket
 * @path: of it; what is there and isn't a socket stays
 */
static inline void stale_socket_remove(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
}

#endif
