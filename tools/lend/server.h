/* SPDX-License-Identifier: GPL-2.0-only */
/* The server of one VF: octets of a hostile borrower in, accesses to the VF and answers
 * out. It knows no descriptors and no clock, so that it can be tried without a VF.
 */

#ifndef LEND_SERVER_H
#define LEND_SERVER_H

#include "budget.h"
#include "maps.h"

/**
 * enum lend_state - what the server waits for
 * @LEND_ALONE: a relay's KNOCK; all else is skipped
 * @LEND_IDLE: a borrower's VERSION
 * @LEND_LENT: a borrower uses the VF
 */
enum lend_state { LEND_ALONE, LEND_IDLE, LEND_LENT };

/**
 * struct lend_counts - what happened since the start
 * @borrowers: that came
 * @messages: that were taken
 * @refused: of them, that were answered with an error
 * @reads: accesses to registers and configuration space
 * @writes: as before
 * @irqs: that were sent
 * @waits: how often the budget was empty
 * @resyncs: how often a stream made no sense and was begun anew
 */
struct lend_counts {
	uint64_t borrowers;
	uint64_t messages;
	uint64_t refused;
	uint64_t reads;
	uint64_t writes;
	uint64_t irqs;
	uint64_t waits;
	uint64_t resyncs;
};

/* Room for what came, and for answers */
#define LEND_BUFFER	(8 * VU_MESSAGE_MAX)

/**
 * struct lend_server - all of a VF's loan
 * @dev: the VF
 * @state: see there
 * @maps: of the borrower's memory
 * @budget: of the borrower
 * @counts: see there
 * @msix: vectors are delivered
 * @wants: bits of enum vu_irq_index that the borrower wants to hear of: ERR, REQ
 * @nonce: of the relay that knocked last
 * @at: where in @in the next message begins
 * @got: octets in @in, with those before @at
 * @sent: octets in @out that wait to be written
 * @in: what came
 * @out: answers and interrupts, in their order
 * @message: the one that is being served, copied once; its answer replaces it
 */
struct lend_server {
	struct lend_device *dev;
	enum lend_state state;
	struct lend_maps maps;
	struct budget budget;
	struct lend_counts counts;
	bool msix;
	uint32_t wants;
	uint64_t nonce;
	uint32_t at;
	uint32_t got;
	uint32_t sent;
	uint8_t in[LEND_BUFFER];
	uint8_t out[LEND_BUFFER];
	uint8_t message[VU_MESSAGE_MAX] __attribute__((aligned(8)));
};

/**
 * lend_server_init - begin
 * @s: this one
 * @dev: with this VF
 * @now: nanoseconds
 */
void lend_server_init(struct lend_server *s, struct lend_device *dev, uint64_t now);

/**
 * lend_server_run - take what is in @in as far as there are messages, tokens and room
 * @s: this one
 * @now: nanoseconds
 *
 * Return: nanoseconds until it should be called again although nothing comes; 0 for never.
 */
uint64_t lend_server_run(struct lend_server *s, uint64_t now);

/**
 * lend_server_irqs - send the interrupts that have come
 * @s: this one
 *
 * Where there is no room for them, they stay with the device.
 */
void lend_server_irqs(struct lend_server *s);

/**
 * lend_server_signal - tell the borrower of an interrupt that isn't a vector's
 * @s: this one
 * @index: VU_ERR or VU_REQ
 *
 * Without a borrower nothing is sent. VU_REQ is sent to the relay whether or not the
 * borrower asked for it: the relay knows other ways to ask.
 *
 * Return: whether somebody was told.
 */
bool lend_server_signal(struct lend_server *s, enum vu_irq_index index);

/**
 * lend_server_end - the borrower has no VF any longer
 * @s: this one
 * @why: the relay is told so, and that there is none to borrow, or isn't when this is NULL
 *
 * The VF's DMA is stopped, then the memory is out of reach, then the rest is done.
 *
 * Return: 0; -errno when the VF couldn't be taken out of use.
 */
int lend_server_end(struct lend_server *s, const char *why);

/**
 * lend_server_cut - the stream broke off: forget half a message, and wait for a relay
 * @s: this one
 */
void lend_server_cut(struct lend_server *s);

#endif
