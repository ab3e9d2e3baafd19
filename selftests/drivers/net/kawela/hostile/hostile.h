/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that obeys nothing: VFs that this program has open through vfio, and what
 * it does to them.
 */
#ifndef _KAWELA_HOSTILE_H
#define _KAWELA_HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

#define MOST_VFS	7
#define WORDS		16
/* Memory that the VFs may reach, where it is for them, and where nothing is */
#define ARENA		(256 * 1024)
#define ARENA_IOVA	0x100000ULL
#define NOWHERE		0x7bad000000ULL

#define VTCTRL		0x0000
#define VTCTRL_RST	(1U << 26)
#define VMBMEM(i)	(0x0800 + 4 * (i))
#define V2PMAILBOX	0x0c40
#define REQ		(1U << 0)
#define ACKED		(1U << 1)
#define VFU		(1U << 2)
#define PFSTS		(1U << 4)
#define RSTI		(1U << 6)
#define VTEICS		0x1520
#define VTEIMS		0x1524
#define VTEITR(i)	(0x1680 + 4 * (i))
#define VECTORS		3
#define VECTORS_ALL	7

#define ACK		(1U << 31)
#define NACK		(1U << 30)
#define CTS		(1U << 29)
#define SEQ		(0x1fU << 24)
#define INFO(n)		((uint32_t)(n) << 16)

enum op {
	RESET = 1, SET_MAC, SET_MC, SET_VLAN, SET_LPE, SET_PROMISC,
	FEATURES = 0x12, GET_POLICY = 0x40, GET_STATS, BYE, SET_QUEUES, GET_RSS,
	PF_CONTROL = 0x100,
};

/**
 * struct vf - one VF
 * @name: PCI address
 * @device: its file
 * @regs: its registers
 * @active: its handshake is through, as far as this program knows
 * @v2: it speaks version 2
 * @sure: both are so: nothing was done since that could have changed it unseen
 * @nonce: of the last handshake
 * @old_nonce: of one before
 * @last: the last message that was sent
 * @until: it holds the buffer until then, in ms
 */
struct vf {
	const char *name;
	int device;
	volatile uint32_t *regs;
	bool active;
	bool v2;
	bool sure;
	uint32_t nonce;
	uint32_t old_nonce;
	uint32_t last[WORDS];
	uint64_t until;
};

/* What was done */
struct counts {
	uint64_t messages;	/* signalled to the PF */
	uint64_t acks;		/* answered with ACK */
	uint64_t nacks;
	uint64_t silent;	/* not answered in time */
	uint64_t forged;	/* acknowledgements of nothing */
	uint64_t resets;
	uint64_t flrs;
	uint64_t scribbles;	/* words changed while they may be read */
	uint64_t holds;
	uint64_t registers;	/* written at random */
	uint64_t descriptors;
	uint64_t interrupts;	/* that it asked for itself */
	uint64_t wrong;		/* grants against policy */
};

extern struct counts counts;
extern uint8_t *arena;
extern uint8_t taken[8][6];	/* addresses of others */
extern unsigned int n_taken;

uint32_t rnd(uint32_t below);
uint64_t now_ms(void);

static inline uint32_t rd(const struct vf *vf, uint32_t reg)
{
	return vf->regs[reg / 4];
}

static inline void wr(struct vf *vf, uint32_t reg, uint32_t val)
{
	vf->regs[reg / 4] = val;
}

/* vfio.c */
bool vfio_open(struct vf *vfs, unsigned int n);
void vfio_flr(struct vf *vf);

/* messages.c */
void message_step(struct vf *vf);

/* rings.c */
void rings_step(struct vf *vf);

#endif /* _KAWELA_HOSTILE_H */
