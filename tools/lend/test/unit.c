// SPDX-License-Identifier: GPL-2.0-only
/* The server of a loan, message by message, with a VF that isn't there. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../config.h"
#include "../messages.h"
#include "client.h"
#include "fake_device.h"

static int checks, failed;

#define CHECK(condition) do {						\
	checks++;							\
	if (!(condition)) {						\
		failed++;						\
		printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);	\
	}								\
} while (0)

static struct lend_server s;
static struct fake_device f;
static struct vu_header h;
static uint8_t reply[VU_MESSAGE_MAX] __attribute__((aligned(8)));
static uint64_t now;

/* Run the server and take its next message. Return: its error, or -1 without one. */
static int next(void)
{
	now += 1000000000;
	lend_server_run(&s, now);
	return client_next(&s, &h, reply) ? (int)h.error : -1;
}

static int ask(uint16_t command, uint32_t flags, const void *payload, uint32_t length)
{
	client_send(&s, command, flags, payload, length);
	return next();
}

static int map(uint64_t address, uint64_t size, uint64_t offset, uint32_t flags)
{
	struct vu_dma_map m = { sizeof(m), 3, offset, address, size };

	return ask(VU_DMA_MAP, flags, &m, sizeof(m));
}

static int unmap(uint64_t address, uint64_t size)
{
	struct vu_dma_unmap m = { sizeof(m), 0, address, size };

	return ask(VU_DMA_UNMAP, 0, &m, sizeof(m));
}

static int read_at(uint32_t region, uint64_t offset, uint32_t count)
{
	struct vu_access a = { offset, region, count };

	return ask(VU_REGION_READ, 0, &a, sizeof(a));
}

static int irqs(uint32_t index, uint32_t start, uint32_t count, uint32_t fds)
{
	struct vu_irq_set q = { sizeof(q), VU_IRQ_TRIGGER | VU_IRQ_DATA_EVENTFD, index, start,
				count };

	if (!count)
		q.flags = VU_IRQ_TRIGGER | VU_IRQ_DATA_NONE;
	return ask(VU_SET_IRQS, fds, &q, sizeof(q));
}

static void fresh(void)
{
	fake_device_init(&f);
	now = 1;
	lend_server_init(&s, &f.dev, now);
	client_next(&s, &h, reply);
}

static void begin(void)
{
	fresh();
	client_knock(&s, 1, FAKE_WINDOW);
	next();
	client_version(&s, 0);
	next();
}

static void test_begin(void)
{
	fake_device_init(&f);
	lend_server_init(&s, &f.dev, 1);
	CHECK(client_next(&s, &h, reply) && h.command == VU_ANEW);
	CHECK(read_at(0, 0, 4) == -1);
	client_knock(&s, 5, FAKE_WINDOW);
	CHECK(next() == 0 && h.command == VU_HELLO);
	CHECK(((struct vu_hello *)reply)->nonce == 5);
	CHECK(read_at(0, 0, 4) == ENOTCONN);
	client_version(&s, 0);
	CHECK(next() == 0 && h.flags == VU_REPLY);
	CHECK(strstr((char *)reply + 4, "write_multiple"));
	client_knock(&s, 5, FAKE_WINDOW);
	CHECK(next() == -1 && s.state == LEND_LENT);
}

static void test_refused(void)
{
	struct vu_knock k = { VU_MAGIC, 4, VU_PRIVATE + 1, 0, FAKE_WINDOW };

	fresh();
	CHECK(ask(VU_KNOCK, 0, &k, sizeof(k)) == EPROTONOSUPPORT && s.state == LEND_ALONE);
	client_knock(&s, 5, FAKE_WINDOW / 2);
	CHECK(next() == EINVAL && s.state == LEND_ALONE);
	CHECK(strstr(((struct vu_hello *)reply)->text, "33554432"));
	begin();
	client_version(&s, 0);
	CHECK(next() == EBUSY && s.state == LEND_LENT);
	fresh();
	client_knock(&s, 1, FAKE_WINDOW);
	next();
	client_version(&s, 1);
	CHECK(next() == EPROTONOSUPPORT && s.state == LEND_IDLE);
	CHECK(f.resets == 0 && f.maps == 0);
}

static void test_maps(void)
{
	begin();
	CHECK(map(0, 8192, 0, VU_FDS) == 0 && f.maps == 1);
	CHECK(map(4096, 4096, 65536, VU_FDS) == EEXIST);
	CHECK(map(8192, 4096, FAKE_WINDOW, VU_FDS) == ERANGE);
	CHECK(map(8192, 8192, FAKE_WINDOW - 4096, VU_FDS) == ERANGE);
	CHECK(map(8192, 4096, ~0ull - 4095, VU_FDS) == ERANGE);
	CHECK(map(~0ull - 4095, 8192, 0, VU_FDS) == EINVAL);
	CHECK(map(100, 4096, 0, VU_FDS) == EINVAL);
	CHECK(map(0xc0000, 4096, ~0ull - 4095, 0) == 0 && f.maps == 1);
	CHECK(unmap(4096, 4096) == EINVAL && f.maps == 1);
	CHECK(unmap(0, 1 << 20) == 0 && f.maps == 0 && s.maps.count == 0);
	CHECK(unmap(0, 1 << 20) == 0);
	for (uint64_t i = 0; i < LEND_MAPS; i++)
		if (map(i * 8192, 4096, 0, VU_FDS))
			CHECK(!"mapped");
	CHECK(map(1ull << 40, 4096, 0, VU_FDS) == ENOSPC && f.maps == LEND_MAPS);
	CHECK(!fake_device_wrong());
}

static void test_regions(void)
{
	struct {
		struct vu_access a;
		uint32_t data;
	} w = { { 8, 0, 4 }, 0x12345678 };

	begin();
	CHECK(ask(VU_REGION_WRITE, 0, &w, sizeof(w.a) + 4) == 0);
	CHECK(ask(VU_REGION_WRITE, VU_NO_REPLY, &w, sizeof(w.a) + 4) == -1);
	CHECK(ask(VU_REGION_WRITE, 0, &w, sizeof(w.a) + 3) == EINVAL);
	CHECK(read_at(0, 8, 4) == 0 && !memcmp(reply + 16, &w.data, 4));
	CHECK(read_at(0, 10, 4) == EINVAL);
	CHECK(read_at(0, 16384, 4) == EINVAL);
	CHECK(read_at(0, ~0ull - 3, 4) == EINVAL);
	CHECK(read_at(1, 0, 4) == EINVAL);
	CHECK(read_at(VU_CONFIG, 0, 4096) == 0 && h.size == 16 + 16 + 4096);
	CHECK(read_at(VU_CONFIG, 1, 4096) == EINVAL);
	CHECK(ask(VU_DMA_READ, 0, &w, sizeof(w)) == ENOTSUP);
	CHECK(ask(999, 0, &w, sizeof(w)) == ENOTSUP);
}

static void test_multi(void)
{
	struct {
		struct vu_write_multi m;
		struct vu_write w[3];
	} q = { { 3 }, { { 0, 0, 4, "abc" }, { 16384, 0, 4, "" }, { 4, 0, 4, "xyz" } } };

	begin();
	CHECK(ask(VU_WRITE_MULTI, 0, &q, sizeof(q)) == 0 && reply[0] == 1);
	CHECK(f.memory[0] == 'a' && !f.memory[4]);
	q.w[0].region = VU_CONFIG;
	CHECK(ask(VU_WRITE_MULTI, 0, &q, sizeof(q)) == EINVAL);
	q.w[0].region = 0;
	q.m.count = 4;
	CHECK(ask(VU_WRITE_MULTI, 0, &q, sizeof(q)) == EINVAL);
	q.m.count = ~0ull / sizeof(q.w[0]) + 2;
	CHECK(ask(VU_WRITE_MULTI, 0, &q, sizeof(q)) == EINVAL);
}

/* What was signalled before a read was answered comes before the answer */
static void test_order(void)
{
	begin();
	CHECK(irqs(VU_MSIX, 0, 3, VU_FDS) == 0 && f.msix);
	f.after_read = 4;
	CHECK(read_at(0, 0, 4) == 0 && h.command == VU_IRQ && reply[4] == 2);
	CHECK(next() == 0 && h.command == VU_REGION_READ);
	CHECK(irqs(VU_MSIX, 2, 2, VU_FDS) == EINVAL);
	CHECK(irqs(0, 0, 1, VU_FDS) == EINVAL);
	CHECK(irqs(VU_MSIX, 0, 0, 0) == 0 && !f.msix);
}

static void test_return(void)
{
	begin();
	CHECK(!lend_server_signal(&s, VU_ERR));
	CHECK(irqs(VU_ERR, 0, 1, VU_FDS) == 0);
	CHECK(lend_server_signal(&s, VU_ERR));
	CHECK(next() == 0 && h.command == VU_IRQ && reply[0] == VU_ERR);
	CHECK(lend_server_signal(&s, VU_REQ));
	CHECK(next() == 0 && h.command == VU_IRQ && reply[0] == VU_REQ);
	map(0, 4096, 0, VU_FDS);
	CHECK(lend_server_end(&s, "because") == 0);
	CHECK(next() == 0 && h.command == VU_REVOKED && !strcmp((char *)reply, "because"));
	CHECK(!f.maps && !f.msix && f.resets == 1 && s.state == LEND_IDLE);
	CHECK(!lend_server_signal(&s, VU_REQ));
	client_version(&s, 0);
	CHECK(next() == 0 && s.state == LEND_LENT);
	CHECK(ask(VU_GONE, 0, NULL, 0) == -1 && f.resets == 2 && s.state == LEND_IDLE);
}

/* A relay that died within a message, and the next one */
static void test_cut(void)
{
	begin();
	map(0, 4096, 0, VU_FDS);
	client_octets(&s, "abcdefghij", 10);
	client_knock(&s, 2, FAKE_WINDOW);
	CHECK(next() == -1 && s.state == LEND_ALONE && !f.maps && f.resets == 1);
	client_knock(&s, 3, FAKE_WINDOW);
	CHECK(next() == 0 && h.command == VU_HELLO && s.state == LEND_IDLE);
	begin();
	client_octets(&s, "abcdefghij", 10);
	lend_server_cut(&s);
	client_octets(&s, "klm", 3);
	client_knock(&s, 2, FAKE_WINDOW);
	CHECK(next() == 0 && h.command == VU_HELLO);
}

static void test_budget(void)
{
	uint64_t wait;
	int n = 0;

	begin();
	now += 1000000000;
	for (; n < 40; n++)
		client_send(&s, VU_RESET, 0, NULL, 0);
	wait = lend_server_run(&s, now);
	CHECK(f.resets == 10 && wait == 50000000);
	CHECK(lend_server_run(&s, now + wait - 1000) && f.resets == 10);
	lend_server_run(&s, now + wait);
	CHECK(f.resets == 11);
}

static void write_config(uint64_t offset, uint16_t value)
{
	struct {
		struct vu_access a;
		uint16_t value;
	} w = { { offset, VU_CONFIG, sizeof(value) }, value };

	client_send(&s, VU_REGION_WRITE, VU_NO_REPLY, &w, sizeof(w.a) + sizeof(value));
}

/* In configuration space, bit 15 may be a reset, and costs as much. After each write there
 * the caller has a turn.
 */
static void test_config_writes(void)
{
	uint64_t wait;

	begin();
	now += 1000000000;
	for (int i = 0; i < 40; i++)
		write_config(0xa8, 0x8000);
	for (uint64_t i = 1; i <= 10; i++)
		CHECK(lend_server_run(&s, now) && s.counts.writes == i);
	wait = lend_server_run(&s, now);
	CHECK(s.counts.writes == 10 && wait == 50000000);
	lend_server_run(&s, now + wait);
	CHECK(s.counts.writes == 11);
	begin();
	now += 1000000000;
	for (int i = 0; i < 40; i++)
		write_config(0xa8, 0x7fff);
	for (uint64_t i = 1; i <= 40; i++)
		CHECK(lend_server_run(&s, now) && s.counts.writes == i);
}

/* Nobody reads the answers: requests wait, and nothing is lost */
static void test_full(void)
{
	int answers = 0;

	begin();
	for (int i = 0; i < 40; i++) {
		struct vu_access a = { 0, VU_CONFIG, 4096 };

		client_send(&s, VU_REGION_READ, 0, &a, sizeof(a));
	}
	lend_server_run(&s, now);
	CHECK(s.counts.reads < 40);
	while (next() == 0)
		answers++;
	CHECK(answers == 40);
}

/* Read a file with this text. Return: what config_read() said, or "" */
static const char *configure(const char *text)
{
	static struct loan_config loans[CONFIG_LOANS];
	static char why[256];
	char path[] = "/tmp/lend-unit-XXXXXX";
	int fd = mkstemp(path);

	*why = 0;
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return "no file";
	close(fd);
	if (config_read(path, loans, why, sizeof(why)) == 1)
		CHECK(loans[0].size == 256u << 20 && loans[0].deadline == 20);
	unlink(path);
	return why;
}

#define LINE(name, vf, window, port) \
	name " vf=0000:01:10." vf " window=0000:00:" window ".0 size=256M port=" port "\n"

static void test_config(void)
{
	CHECK(!*configure("# nothing\n\n" LINE("a", "0", "10", "p")));
	CHECK(!*configure(LINE("a", "0", "10", "p") LINE("b", "2", "11", "q")));
	CHECK(strstr(configure(LINE("a", "0", "10", "p") LINE("b", "0", "11", "q")),
		     ":2: a and b have the same VF: no VF is lent to two"));
	CHECK(strstr(configure(LINE("a", "0", "10", "p") LINE("b", "2", "10", "q")), "window"));
	CHECK(strstr(configure(LINE("a", "0", "10", "p") LINE("b", "2", "11", "p")), "port"));
	CHECK(strstr(configure(LINE("a", "0", "10", "p") LINE("a", "2", "11", "q")), "name"));
	CHECK(strstr(configure("a vf=01:10.0\n"), "vf=01:10.0 isn't understood"));
	CHECK(strstr(configure("a vf=0000:01:10.0 size=1000\n"), "size=1000 isn't"));
	CHECK(strstr(configure("a vf=0000:01:10.0 size=99999999999G\n"), "isn't"));
	CHECK(strstr(configure("a vf=0000:01:10.0\n"), "have to be there"));
	CHECK(strstr(configure(""), "no loans"));
}

int main(void)
{
	test_config();
	test_begin();
	test_refused();
	test_maps();
	test_regions();
	test_multi();
	test_order();
	test_return();
	test_cut();
	test_budget();
	test_config_writes();
	test_full();
	printf("%d checks, %d failed\n", checks, failed);
	return !!failed;
}
