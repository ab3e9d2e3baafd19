/* SPDX-License-Identifier: GPL-2.0-only */
/* What is lent to whom: a file with a line for each loan. */

#ifndef LEND_CONFIG_H
#define LEND_CONFIG_H

#include <stddef.h>
#include <stdint.h>

/* VFs of an 82576, of two ports */
#define CONFIG_LOANS	14

/**
 * struct loan_config - a line: NAME vf=PCI window=PCI size=N[K|M|G] port=P [deadline=S]
 * @name: what `status` and `take-back` call it
 * @vf: PCI address of the VF
 * @window: PCI address of the function whose BAR 2 is the borrower's memory
 * @size: octets that the window has to have
 * @port: a virtio-serial port by its name, or a path
 * @deadline: seconds that a borrower has to let go
 */
struct loan_config {
	char name[32];
	char vf[16];
	char window[16];
	uint64_t size;
	char port[64];
	unsigned int deadline;
};

/**
 * config_read - read a file
 * @path: its
 * @loans: CONFIG_LOANS of them
 * @why: says what is wrong, in a line
 * @length: octets of @why
 *
 * Return: how many loans, or -1 with a reason.
 */
int config_read(const char *path, struct loan_config *loans, char *why, size_t length);

#endif
