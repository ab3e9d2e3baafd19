// SPDX-License-Identifier: GPL-2.0-only
/* A system that has no more processes while there is a file "no-fork" */

#include <errno.h>
#include <unistd.h>

pid_t __real_fork(void);
pid_t __wrap_fork(void);

pid_t __wrap_fork(void)
{
	if (access("no-fork", F_OK))
		return __real_fork();
	errno = EAGAIN;
	return -1;
}
