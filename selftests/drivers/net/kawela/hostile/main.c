// SPDX-License-Identifier: GPL-2.0
/*
 * hostile -s SEED -t SECONDS -a ADDRESS... PCI-ADDRESS...
 *
 * Owns VFs that are bound to vfio-pci, and does with them what no driver does, in an
 * order that the seed decides. ADDRESS is one of another function. In the end it says
 * what it has done, and keeps the VFs until its input is closed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"

struct counts counts;
uint8_t *arena;
uint8_t taken[8][6];
unsigned int n_taken;
static uint64_t state;

/* xorshift64* */
uint32_t rnd(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 2685821657736338717ULL >> 32) * below >> 32;
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static void take(const char *text)
{
	uint8_t *m = taken[n_taken];

	if (n_taken < 8 && sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1,
				  m + 2, m + 3, m + 4, m + 5) == 6)
		n_taken++;
}

static void report(uint64_t seconds)
{
	printf("done in %" PRIu64 " s: %" PRIu64 " messages, %" PRIu64 " acks, %"
	       PRIu64 " nacks, %" PRIu64 " silent, %" PRIu64 " forged, %" PRIu64
	       " resets, %" PRIu64 " flrs, %" PRIu64 " scribbles, %" PRIu64
	       " holds, %" PRIu64 " registers, %" PRIu64 " descriptors, %" PRIu64
	       " interrupts, %" PRIu64 " wrong\n", seconds, counts.messages, counts.acks, counts.nacks,
	       counts.silent, counts.forged, counts.resets, counts.flrs,
	       counts.scribbles, counts.holds, counts.registers,
	       counts.descriptors, counts.interrupts, counts.wrong);
	fflush(stdout);
}

static void attack(struct vf *vfs, unsigned int n, uint64_t seconds)
{
	uint64_t begin = now_ms();

	while (now_ms() - begin < seconds * 1000) {
		struct vf *vf = &vfs[rnd(n)];

		if (rnd(8))
			message_step(vf);
		else
			rings_step(vf);
	}
	report((now_ms() - begin) / 1000);
}

int main(int argc, char **argv)
{
	static struct vf vfs[MOST_VFS];
	uint64_t seconds = 10;
	unsigned int n = 0;
	int c;

	state = time(NULL);
	while ((c = getopt(argc, argv, "s:t:a:")) != -1) {
		if (c == 's')
			state = strtoull(optarg, NULL, 0);
		else if (c == 't')
			seconds = strtoull(optarg, NULL, 0);
		else if (c == 'a')
			take(optarg);
		else
			return 2;
	}
	for (; optind < argc && n < MOST_VFS; n++)
		vfs[n].name = argv[optind++];
	if (!n || !n_taken) {
		fprintf(stderr, "hostile -s SEED -t SECONDS -a ADDRESS... PCI-ADDRESS...\n");
		return 2;
	}
	printf("seed %" PRIu64 "\n", state);
	fflush(stdout);
	/* Seeds that differ little begin differently, and none is 0 */
	state = (state + 1) * 0x9e3779b97f4a7c15ULL;
	if (!vfio_open(vfs, n))
		return 1;
	attack(vfs, n, seconds);
	while (getchar() != EOF)
		;
	return 0;
}
