#ifndef CPU_H
#define CPU_H

#include <stddef.h>
#include <stdint.h>

enum {
	FLAG_C = 0x01, /* carry */
	FLAG_Z = 0x02, /* zero */
	FLAG_I = 0x04, /* interrupts are off */
	FLAG_D = 0x08, /* decimal: kept, without effect */
	FLAG_B = 0x10, /* break: on the stack only */
	FLAG_U = 0x20, /* always set */
	FLAG_V = 0x40, /* overflow */
	FLAG_N = 0x80, /* negative */
};

struct cpu {
	uint8_t a, x, y, sp, p;
	uint16_t pc;
	unsigned long cycles;
	int rom; /* the upper half cannot be written */
	uint8_t (*read_hook)(struct cpu *, uint16_t);
	void (*write_hook)(struct cpu *, uint16_t, uint8_t);
	uint8_t mem[0x10000];
};

void cpu_reset(struct cpu *cpu);
void cpu_load(struct cpu *cpu, uint16_t at, const uint8_t *bytes, size_t count);
void cpu_irq(struct cpu *cpu);

/* Runs one instruction. Returns -1 for an opcode that is not one, and stays there. */
int cpu_step(struct cpu *cpu);

/* An opcode in words, "LDA ($zp),Y"; "???" for one that is not one. */
const char *cpu_name(uint8_t opcode);

uint8_t cpu_read(struct cpu *cpu, uint16_t addr);
void cpu_write(struct cpu *cpu, uint16_t addr, uint8_t value);

#endif
