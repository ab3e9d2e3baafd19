// SPDX-License-Identifier: GPL-2.0-only
/* A system that has no more processes while there is a file "no-fork", and where nobody
 * can kill all at once
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

pid_t __real_fork(void);
pid_t __wrap_fork(void);
int __real_kill(pid_t pid, int number);
int __wrap_kill(pid_t pid, int number);

pid_t __wrap_fork(void)
{
	if (access("no-fork", F_OK))
		return __real_fork();
	errno = EAGAIN;
	return -1;
}

int __wrap_kill(pid_t pid, int number)
{
	if (pid <= 0)
		abort();
	return __real_kill(pid, number);
}
