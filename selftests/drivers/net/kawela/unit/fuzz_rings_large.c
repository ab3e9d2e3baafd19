// SPDX-License-Identifier: GPL-2.0
/* The same where pages and CONFIG_MAX_SKB_FRAGS are as large as they can be. */
#define PAGE_SIZE	65536UL
#define MAX_SKB_FRAGS	45
#define CASES		20000

#include "fuzz_rings.c"
