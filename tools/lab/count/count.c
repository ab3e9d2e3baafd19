// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin for QEMU's emulation that counts what guests do: instructions, by the
 * place where they stand and by vCPU, and accesses to devices' registers.
 *
 * A guest program that executes the instruction in mark.c makes it write what it
 * has counted since the last time, one line each:
 *
 *	mark NUMBER
 *	t ADDRESS COUNT...		instructions from ADDRESS on, for each vCPU
 *	m DEVICE ADDRESS r|w COUNT	register accesses from kernel modules
 *
 * Option: out=FILE.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "qemu-plugin.h"

#define MAX_VCPUS	8
#define SLOTS		(1 << 18)
#define REGS		4096

/* Slots with a meaning of their own */
#define SLOT_USER	0	/* all of user space */
#define SLOT_REST	1	/* blocks that found no slot */
#define SLOT_FIRST	2

/* x86-64: user space below, and where modules are */
#define USER_END	(1ULL << 47)
#define MODULES_START	0xffffffffc0000000ULL

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* A place of code: its counter is at the same index of the scoreboard */
struct slot {
	uint64_t vaddr;
	uint64_t last[MAX_VCPUS];
};

/* A device's register */
struct reg {
	const char *device;
	uint64_t address;
	bool store;
	uint64_t count;
	uint64_t last;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct qemu_plugin_scoreboard *score;
static struct slot slots[SLOTS];
static struct reg regs[REGS];
static unsigned int n_regs, n_marks, n_vcpus;
static FILE *out;

static struct qemu_plugin_u64 counter(unsigned int slot)
{
	return (struct qemu_plugin_u64) {
		.score = score,
		.offset = slot * sizeof(uint64_t),
	};
}

/* Open addressing; called with the lock held */
static unsigned int find_slot(uint64_t vaddr)
{
	unsigned int i = (vaddr * 0x9e3779b97f4a7c15ULL) >> 46;
	unsigned int tries;

	if (vaddr < USER_END)
		return SLOT_USER;
	for (tries = 0; tries < 64; tries++) {
		struct slot *slot;

		i = (i + tries) % SLOTS;
		if (i < SLOT_FIRST)
			continue;
		slot = &slots[i];
		if (!slot->vaddr)
			slot->vaddr = vaddr;
		if (slot->vaddr == vaddr)
			return i;
	}
	return SLOT_REST;
}

static void print_slot(unsigned int i)
{
	uint64_t diff[MAX_VCPUS];
	bool any = false;
	unsigned int v;

	for (v = 0; v < n_vcpus; v++) {
		uint64_t now = qemu_plugin_u64_get(counter(i), v);

		diff[v] = now - slots[i].last[v];
		slots[i].last[v] = now;
		any |= diff[v];
	}
	if (!any)
		return;
	fprintf(out, "t %llx", (unsigned long long)slots[i].vaddr);
	for (v = 0; v < n_vcpus; v++)
		fprintf(out, " %llu", (unsigned long long)diff[v]);
	fputc('\n', out);
}

static void print_reg(struct reg *reg)
{
	if (reg->count != reg->last)
		fprintf(out, "m %s %llx %c %llu\n", reg->device,
			(unsigned long long)reg->address, reg->store ? 'w' : 'r',
			(unsigned long long)(reg->count - reg->last));
	reg->last = reg->count;
}

static void on_mark(unsigned int vcpu, void *data)
{
	unsigned int i;

	(void)vcpu;
	(void)data;
	pthread_mutex_lock(&lock);
	fprintf(out, "mark %u\n", n_marks++);
	for (i = 0; i < SLOTS; i++)
		if (i < SLOT_FIRST || slots[i].vaddr)
			print_slot(i);
	for (i = 0; i < n_regs; i++)
		print_reg(&regs[i]);
	fflush(out);
	pthread_mutex_unlock(&lock);
}

static struct reg *find_reg(const char *device, uint64_t address, bool store)
{
	unsigned int i;

	for (i = 0; i < n_regs; i++)
		if (regs[i].address == address && regs[i].store == store &&
		    !strcmp(regs[i].device, device))
			return &regs[i];
	if (n_regs == REGS)
		return NULL;
	regs[n_regs] = (struct reg) {
		.device = strdup(device), .address = address, .store = store,
	};
	return &regs[n_regs++];
}

static void on_access(unsigned int vcpu, qemu_plugin_meminfo_t info,
		      uint64_t vaddr, void *data)
{
	struct qemu_plugin_hwaddr *haddr = qemu_plugin_get_hwaddr(info, vaddr);
	struct reg *reg;

	(void)vcpu;
	(void)data;
	if (!haddr || !qemu_plugin_hwaddr_is_io(haddr))
		return;
	pthread_mutex_lock(&lock);
	reg = find_reg(qemu_plugin_hwaddr_device_name(haddr),
		       qemu_plugin_hwaddr_phys_addr(haddr),
		       qemu_plugin_mem_is_store(info));
	if (reg)
		reg->count++;
	pthread_mutex_unlock(&lock);
}

static bool is_mark(const struct qemu_plugin_insn *insn)
{
	static const uint8_t mark[] = { MARK_BYTES };
	uint8_t bytes[sizeof(mark)];

	return qemu_plugin_insn_size(insn) == sizeof(mark) &&
	       qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) == sizeof(mark) &&
	       !memcmp(bytes, mark, sizeof(mark));
}

static void translate(struct qemu_plugin_tb *tb)
{
	uint64_t vaddr = qemu_plugin_tb_vaddr(tb);
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	unsigned int slot;

	pthread_mutex_lock(&lock);
	slot = find_slot(vaddr);
	pthread_mutex_unlock(&lock);
	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb,
							  QEMU_PLUGIN_INLINE_ADD_U64,
							  counter(slot), n);
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (vaddr >= MODULES_START)
			qemu_plugin_register_vcpu_mem_cb(insn, on_access,
							 QEMU_PLUGIN_CB_NO_REGS,
							 QEMU_PLUGIN_MEM_RW, NULL);
		else if (vaddr < USER_END && is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark,
							       QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
	}
}

#if QEMU_PLUGIN_VERSION < 7
static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	translate(tb);
}

static void register_translate(qemu_plugin_id_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
}
#else
static void on_translate(struct qemu_plugin_tb *tb, void *data)
{
	(void)data;
	translate(tb);
}

static void register_translate(qemu_plugin_id_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate, NULL);
}
#endif

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
					   const struct qemu_plugin_info *info,
					   int argc, char **argv)
{
	if (!info->system_emulation || strcmp(info->target_name, "x86_64") ||
	    info->max_vcpus > MAX_VCPUS || argc != 1 ||
	    strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "count: x86-64, at most %u vCPUs, out=FILE\n",
			MAX_VCPUS);
		return -1;
	}
	n_vcpus = info->smp_vcpus;
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	score = qemu_plugin_scoreboard_new(SLOTS * sizeof(uint64_t));
	register_translate(id);
	return 0;
}
