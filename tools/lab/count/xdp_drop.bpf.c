// SPDX-License-Identifier: GPL-2.0-only
/* The least that an XDP program can do */
#define SEC(name)	__attribute__((section(name), used))

SEC("xdp") int drop(void *ctx)
{
	(void)ctx;
	return 1;	/* XDP_DROP */
}

SEC("license") char _license[] = "GPL";
