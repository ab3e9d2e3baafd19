// SPDX-License-Identifier: GPL-2.0-only
/* A borrower that obeys nothing, against the server and a VF that isn't there.
 *
 *	fuzz [MESSAGES [SEED]]
 *
 * Most messages look right in most places, because only such come far. After each, the
 * VF must have been asked for nothing that it may never be asked for, and a borrower that
 * is gone must have left nothing.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../messages.h"
#include "client.h"
#include "fake_device.h"

static uint64_t state;

static uint64_t rnd(void)
{
	/* xorshift* */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(rnd() >> 32) % n;
}

static bool once_in(uint32_t n)
{
	return !below(n);
}

/* Numbers at which something changes */
static uint64_t number(void)
{
	static const uint64_t odd[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 200, 255, 256, 4095, 4096, 16380, 16384,
		FAKE_WINDOW - 4096, FAKE_WINDOW, 1ull << 31, 1ull << 32, 0xfee00000,
		~0ull >> 1, ~0ull - 4095, ~0ull,
	};
	uint64_t n = odd[below(sizeof(odd) / sizeof(*odd))];

	switch (below(4)) {
	case 0:
		return n;
	case 1:
		return n + below(9) - 4;
	case 2:
		return rnd() >> below(64);
	default:
		return (uint64_t)below(FAKE_WINDOW / 4096 + 4) * 4096;
	}
}

static uint64_t pages(uint32_t most)
{
	return (uint64_t)below(most) * 4096;
}

static uint32_t make_map(void *p)
{
	struct vu_dma_map m = { sizeof(m), 1 + below(3), pages(64), pages(512),
				4096 + pages(once_in(9) ? 1 << 20 : 8) };

	if (once_in(8))
		m.offset = number();
	if (once_in(8))
		m.address = number();
	memcpy(p, &m, sizeof(m));
	return sizeof(m);
}

static uint32_t make_unmap(void *p)
{
	struct vu_dma_unmap m = { sizeof(m), 0, pages(512), 4096 + pages(64) };

	if (once_in(20))
		m = (struct vu_dma_unmap){ sizeof(m), VU_UNMAP_ALL, 0, 0 };
	else if (once_in(8))
		m.size = number();
	memcpy(p, &m, sizeof(m));
	return sizeof(m);
}

static uint32_t region(void)
{
	static const uint32_t some[] = { 0, 0, 0, 3, 7, 7, 1, 8 };

	return once_in(16) ? (uint32_t)number() : some[below(8)];
}

static uint32_t make_access(uint16_t command, void *p)
{
	struct vu_access a = { 4 * below(4200), region(), 1u << below(4) };

	if (once_in(6))
		a.count = below(4200);
	if (once_in(6))
		a.offset = number();
	memcpy(p, &a, sizeof(a));
	return sizeof(a) + (command == VU_REGION_WRITE && a.count <= VU_DATA_MAX ? a.count : 0);
}

static uint32_t make_multi(uint8_t *p)
{
	struct vu_write_multi m = { once_in(4) ? number() : below(VU_WRITES_MAX + 2) };
	uint32_t n = m.count < VU_WRITES_MAX ? (uint32_t)m.count : VU_WRITES_MAX;

	memcpy(p, &m, sizeof(m));
	for (uint32_t i = 0; i < n; i++) {
		struct vu_write w = { 4 * below(4200), once_in(200) ? region() : 3 * below(2),
				      once_in(50) ? below(12) : 4, { 0 } };

		memcpy(p + sizeof(m) + i * sizeof(w), &w, sizeof(w));
	}
	return sizeof(m) + n * sizeof(struct vu_write);
}

static uint32_t make_irqs(void *p)
{
	struct vu_irq_set q = { sizeof(q), VU_IRQ_TRIGGER, 2 + below(3), below(2), below(4) };

	q.flags |= once_in(3) ? VU_IRQ_DATA_NONE : VU_IRQ_DATA_EVENTFD;
	if (once_in(6))
		q.count = 0;
	if (once_in(8))
		q.start = (uint32_t)number();
	memcpy(p, &q, sizeof(q));
	return sizeof(q);
}

static uint32_t make_payload(uint16_t command, uint8_t *p)
{
	const struct vu_message *m = vu_find(command);
	uint32_t length = m ? m->least : below(64);

	switch (command) {
	case VU_DMA_MAP:
		return make_map(p);
	case VU_DMA_UNMAP:
		return make_unmap(p);
	case VU_REGION_READ:
	case VU_REGION_WRITE:
		return make_access(command, p);
	case VU_WRITE_MULTI:
		return make_multi(p);
	case VU_SET_IRQS:
		return make_irqs(p);
	default:
		memset(p, 0, length);
		if (length >= 12) {
			memcpy(p, &length, 4);
			p[8] = (uint8_t)below(10);
		}
		return length;
	}
}

static uint16_t any_command(void)
{
	static const uint16_t usual[] = {
		VU_DMA_MAP, VU_DMA_MAP, VU_DMA_MAP, VU_DMA_UNMAP, VU_REGION_READ,
		VU_REGION_READ, VU_REGION_WRITE, VU_WRITE_MULTI, VU_SET_IRQS,
		VU_GET_REGION_INFO, VU_GET_IRQ_INFO, VU_GET_INFO,
	};

	if (once_in(12))
		return (uint16_t)below(20);
	if (once_in(400))
		return (uint16_t)(VU_KNOCK + below(8));
	return usual[below(sizeof(usual) / sizeof(*usual))];
}

/* Put one message there, or what looks like one */
static void attack(struct lend_server *s)
{
	static uint8_t p[2 * VU_MESSAGE_MAX];
	uint16_t command = any_command();
	uint32_t length = make_payload(command, p);
	struct vu_header h = { (uint16_t)rnd(), command, sizeof(h) + length,
			       once_in(2) ? VU_FDS : 0, 0 };

	if (once_in(20))
		h.flags |= (uint32_t)rnd();
	if (once_in(4))
		h.flags |= VU_NO_REPLY;
	if (once_in(30) && length)
		p[below(length)] ^= 1u << below(8);
	if (once_in(50))
		h.size = sizeof(h) + (length = below(VU_MESSAGE_MAX));
	if (once_in(2000))
		h.size = (uint32_t)number();
	if (once_in(2000))
		length = below(length + 1);
	client_octets(s, &h, sizeof(h));
	client_octets(s, p, length);
}

static void wrong(const char *what)
{
	printf("FAIL: %s\n", what);
	exit(1);
}

/* What has to be so at any time */
static void look(const struct lend_server *s, const struct fake_device *f)
{
	uint32_t real = 0;

	if (fake_device_wrong())
		wrong(fake_device_wrong());
	for (uint32_t i = 0; i < s->maps.count; i++)
		real += s->maps.map[i].real;
	if (real != f->maps)
		wrong("the server knows other mappings than the VF has");
	if (s->state != LEND_LENT && (f->maps || f->msix))
		wrong("a borrower that is gone left something");
	if (s->got > sizeof(s->in) || s->sent > sizeof(s->out))
		wrong("a buffer is fuller than full");
}

/* Read what it said: messages of sizes that can be, to the last octet */
static uint64_t listen(struct lend_server *s)
{
	static uint8_t p[VU_MESSAGE_MAX];
	struct vu_header h;
	uint64_t n = 0;

	while (s->sent) {
		memcpy(&h, s->out, sizeof(h));
		if (s->sent < sizeof(h) || vu_check_header(&h, VU_LENDER) || h.size > s->sent)
			wrong("the server said what is no message");
		n += client_next(s, &h, p);
	}
	return n;
}

int main(int argc, char **argv)
{
	uint64_t messages = argc > 1 ? strtoull(argv[1], NULL, 0) : 20000, said = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL), now = 1;
	static struct lend_server s;
	static struct fake_device f;

	state = seed * 0x9e3779b97f4a7c15ull | 1;
	printf("seed %" PRIu64 "\n", seed);
	fake_device_init(&f);
	lend_server_init(&s, &f.dev, now);
	for (uint64_t i = 0; i < messages || s.counts.messages < messages; i++) {
		if (s.state == LEND_ALONE && once_in(2))
			client_knock(&s, rnd(), FAKE_WINDOW);
		else if (s.state == LEND_IDLE && once_in(2))
			client_version(&s, 0);
		else
			attack(&s);
		f.fail = once_in(30) ? 1 : 0;
		f.irqs |= f.msix ? (uint32_t)below(8) : 0;
		now += once_in(100) ? 10000000 : 30000;
		now += lend_server_run(&s, now);
		lend_server_irqs(&s);
		look(&s, &f);
		if (once_in(4))
			said += listen(&s);
	}
	lend_server_cut(&s);
	look(&s, &f);
	printf("%" PRIu64 " messages served, %" PRIu64 " refused, %" PRIu64 " said, %" PRIu64
	       " borrowers, %u resets, %" PRIu64 " waits, %" PRIu64 " streams cut\n",
	       s.counts.messages, s.counts.refused, said, s.counts.borrowers, f.resets,
	       s.counts.waits, s.counts.resyncs);
	puts("1 checks, 0 failed");
	return 0;
}
