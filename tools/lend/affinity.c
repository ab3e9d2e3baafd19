// SPDX-License-Identifier: GPL-2.0-only
/* A loan's process and its VF's interrupts on one CPU; see affinity.h for why. */

#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "affinity.h"

int affinity_pin(void)
{
	cpu_set_t allowed, one;
	int cpu, nth;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return -1;
	/* Loans are spread by their process numbers */
	nth = (int)getpid() % CPU_COUNT(&allowed);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && !nth--)
			break;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) ? -1 : cpu;
}

void affinity_irqs(const char *pci, int cpu)
{
	char path[320];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/msi_irqs", pci);
	dir = cpu < 0 ? NULL : opendir(path);
	while (dir && (e = readdir(dir))) {
		FILE *file;

		if (*e->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/irq/%s/smp_affinity_list", e->d_name);
		file = fopen(path, "we");
		if (!file)
			continue;
		fprintf(file, "%d\n", cpu);
		fclose(file);
	}
	if (dir)
		closedir(dir);
}
