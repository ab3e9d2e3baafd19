/* SPDX-License-Identifier: GPL-2.0-only */
/* The relay: outside of both machines, between a borrower's QEMU and kawela-lend. What a
 * stream can't carry stays here: eventfds, and which mapping is of the borrower's memory.
 */

#ifndef LEND_RELAY_H
#define LEND_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "device.h"
#include "vfio_user.h"

#define RELAY_BUFFER	(16 * VU_MESSAGE_MAX)
/* Descriptors of one message, as the capabilities say */
#define RELAY_FDS	8

/**
 * struct pipe_half - octets that wait in one direction
 * @got: so many
 * @data: messages, one behind the other
 */
struct pipe_half {
	uint32_t got;
	uint8_t data[RELAY_BUFFER];
};

/**
 * struct relay_stats - what is said when a borrower has gone
 * @reads: with an answer
 * @took: reads by microseconds; the last is of all slower ones
 * @irqs: interrupts that were handed on
 * @dropped: others, whose vector has no eventfd
 */
struct relay_stats {
	uint64_t reads;
	uint64_t irqs;
	uint64_t dropped;
	uint32_t took[5000];
};

/**
 * struct relay - all of it
 * @lend_path: socket of the port of kawela-lend
 * @borrower_path: where the borrower's QEMU connects
 * @monitor_path: QMP socket of the borrower's QEMU, or NULL
 * @device: what the VF is called there
 * @memory: the file that is the borrower's memory
 * @lend: connected, or -1
 * @ready: kawela-lend has answered the knock
 * @nonce: of the knock
 * @knock_at: when to knock, or to connect, again
 * @listener: for borrowers while @ready, or -1
 * @borrower: connected, or -1
 * @from_lend: what kawela-lend said
 * @from_borrower: what the borrower said
 * @to_lend: what is on its way there
 * @fds: descriptors of the message that is coming in
 * @nfds: how many
 * @fds_at: where in @from_borrower that message begins
 * @events: eventfds by index and vector; -1 without
 * @open_requests: without an answer yet
 * @stale: answers that are to come for a borrower that has gone
 * @answer_by: when kawela-lend counts as dead
 * @sent: when each register read was sent, by its id; 0 for none
 * @maps: mappings that the borrower has made
 * @stats: see there
 */
struct relay {
	const char *lend_path;
	const char *borrower_path;
	const char *monitor_path;
	const char *device;
	struct stat memory;
	int lend;
	bool ready;
	uint64_t nonce;
	uint64_t knock_at;
	int listener;
	int borrower;
	struct pipe_half from_lend;
	struct pipe_half from_borrower;
	struct pipe_half to_lend;
	int fds[RELAY_FDS];
	int nfds;
	uint32_t fds_at;
	int events[VU_IRQS][LEND_VECTORS];
	uint32_t open_requests;
	uint32_t stale;
	uint64_t answer_by;
	uint64_t sent[65536];
	uint32_t maps;
	struct relay_stats stats;
};

/* relay_lend.c: the side of kawela-lend */

/**
 * relay_connect - connect and knock, if it is time for that
 * @r: the relay
 * @now: nanoseconds
 */
void relay_connect(struct relay *r, uint64_t now);

/**
 * relay_hear_lend - take what kawela-lend says
 * @r: the relay
 *
 * Return: 0; an exit status when it refuses for good.
 */
int relay_hear_lend(struct relay *r);

/**
 * relay_flush - write what is on its way to kawela-lend
 * @r: the relay
 */
void relay_flush(struct relay *r);

/**
 * relay_lose_lend - it is gone, or makes no sense; begin anew
 * @r: the relay
 * @why: text
 */
void relay_lose_lend(struct relay *r, const char *why);

/* relay_borrower.c: the side of the borrower */

/**
 * relay_listen - let borrowers connect, or no longer
 * @r: the relay
 * @on: which
 *
 * Return: 0, or -1 with errno.
 */
int relay_listen(struct relay *r, bool on);

/**
 * relay_accept - one connects; a second one is refused
 * @r: the relay
 */
void relay_accept(struct relay *r);

/**
 * relay_hear_borrower - take what the borrower says
 * @r: the relay
 */
void relay_hear_borrower(struct relay *r);

/**
 * relay_answer - hand a message to the borrower
 * @r: the relay
 * @data: one message or more
 * @length: octets
 */
void relay_answer(struct relay *r, const void *data, uint32_t length);

/**
 * relay_irq - hand an interrupt to the borrower
 * @r: the relay
 * @irq: which
 */
void relay_irq(struct relay *r, const struct vu_irq *irq);

/**
 * relay_lose_borrower - it is gone, or has to go
 * @r: the relay
 * @why: text
 * @tell: kawela-lend is told
 */
void relay_lose_borrower(struct relay *r, const char *why, bool tell);

/* relay_monitor.c */

/**
 * monitor_unplug - let the borrower's system unplug the VF, through QEMU's monitor
 * @path: QMP socket
 * @device: what the VF is called there
 *
 * Returns at once; a child does it, because the monitor may have to wait for an answer
 * that goes through this relay.
 */
void monitor_unplug(const char *path, const char *device);

/* relay.c */

/**
 * relay_say - a line for people
 * @format: as printf's
 */
void relay_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
