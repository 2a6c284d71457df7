/* Every opcode against a table-driven processor, with operands at the edges. */
#include "../cpu.h"

#include <stdio.h>
#include <string.h>

static struct cpu cpu;
static uint8_t want_mem[0x10000];

enum { IMM = 1, ZP, ZPX, ZPY, ABS, ABX, ABY, IZX, IZY };

static const struct { uint8_t op; const char *name; int mode; int cycles; int paged; } OPS[] = {
#define G(n, b, p) {b + 1, n, IZX, 6, 0}, {b + 5, n, ZP, 3, 0}, {b + 0xd, n, ABS, 4, 0}, {b + 0x11, n, IZY, 5 + !p, p}, \
	{b + 0x15, n, ZPX, 4, 0}, {b + 0x19, n, ABY, 4 + !p, p}, {b + 0x1d, n, ABX, 4 + !p, p}
#define U(n, b) {b, n, IZX, 8, 0}, {b + 4, n, ZP, 5, 0}, {b + 0xc, n, ABS, 6, 0}, {b + 0x10, n, IZY, 8, 0}, \
	{b + 0x14, n, ZPX, 6, 0}, {b + 0x18, n, ABY, 7, 0}, {b + 0x1c, n, ABX, 7, 0}
#define M(n, b) {b + 6, n, ZP, 5, 0}, {b + 0x16, n, ZPX, 6, 0}, {b + 0xe, n, ABS, 6, 0}, {b + 0x1e, n, ABX, 7, 0}
	G("ORA", 0x00, 1), G("AND", 0x20, 1), G("EOR", 0x40, 1), G("ADC", 0x60, 1), G("LDA", 0xa0, 1),
	G("CMP", 0xc0, 1), G("SBC", 0xe0, 1), G("STA", 0x80, 0),
	{0x09, "ORA", IMM, 2, 0}, {0x29, "AND", IMM, 2, 0}, {0x49, "EOR", IMM, 2, 0}, {0x69, "ADC", IMM, 2, 0},
	{0xa9, "LDA", IMM, 2, 0}, {0xc9, "CMP", IMM, 2, 0}, {0xe9, "SBC", IMM, 2, 0},
	M("ASL", 0x00), M("ROL", 0x20), M("LSR", 0x40), M("ROR", 0x60), M("DEC", 0xc0), M("INC", 0xe0),
	{0xa2, "LDX", IMM, 2, 0}, {0xa6, "LDX", ZP, 3, 0}, {0xb6, "LDX", ZPY, 4, 0}, {0xae, "LDX", ABS, 4, 0},
	{0xbe, "LDX", ABY, 4, 1}, {0xa0, "LDY", IMM, 2, 0}, {0xa4, "LDY", ZP, 3, 0}, {0xb4, "LDY", ZPX, 4, 0},
	{0xac, "LDY", ABS, 4, 0}, {0xbc, "LDY", ABX, 4, 1}, {0x86, "STX", ZP, 3, 0}, {0x96, "STX", ZPY, 4, 0},
	{0x8e, "STX", ABS, 4, 0}, {0x84, "STY", ZP, 3, 0}, {0x94, "STY", ZPX, 4, 0}, {0x8c, "STY", ABS, 4, 0},
	U("SLO", 0x03), U("RLA", 0x23), U("SRE", 0x43), U("RRA", 0x63), U("DCP", 0xc3), U("ISC", 0xe3),
	{0x83, "SAX", IZX, 6, 0}, {0x87, "SAX", ZP, 3, 0}, {0x8f, "SAX", ABS, 4, 0}, {0x97, "SAX", ZPY, 4, 0},
	{0xa3, "LAX", IZX, 6, 0}, {0xa7, "LAX", ZP, 3, 0}, {0xaf, "LAX", ABS, 4, 0}, {0xb3, "LAX", IZY, 5, 1},
	{0xb7, "LAX", ZPY, 4, 0}, {0xbf, "LAX", ABY, 4, 1},
	{0xe0, "CPX", IMM, 2, 0}, {0xe4, "CPX", ZP, 3, 0}, {0xec, "CPX", ABS, 4, 0}, {0xc0, "CPY", IMM, 2, 0},
	{0xc4, "CPY", ZP, 3, 0}, {0xcc, "CPY", ABS, 4, 0}, {0x24, "BIT", ZP, 3, 0}, {0x2c, "BIT", ABS, 4, 0},
};

static int is(const char *name, const char *other) { return strcmp(name, other) == 0; }

static int one(size_t at, int operand, int x, int y, int a, int carry)
{
	const char *n = OPS[at].name;
	int mode = OPS[at].mode, size = mode >= ABS && mode <= ABY ? 3 : 2;
	int base = size == 3 ? operand | 0x03 << 8 : operand, cycles = OPS[at].cycles, addr = base;
	for (int i = 0; i < 0x10000; i++)
		cpu.mem[i] = (uint8_t)(i * 7 + (i >> 8) * 13 + 5);
	cpu.mem[0x0700] = OPS[at].op;
	cpu.mem[0x0701] = (uint8_t)operand;
	cpu.mem[0x0702] = 0x03;
	cpu.mem[0xfffc] = 0x00;
	cpu.mem[0xfffd] = 0x07;
	cpu_reset(&cpu);
	cpu.cycles = 0;
	cpu.a = (uint8_t)a; cpu.x = (uint8_t)x; cpu.y = (uint8_t)y;
	cpu.p = (uint8_t)(FLAG_U | carry);
	const uint8_t *m = cpu.mem;
	int wants_x = x, wants_y = y, wants_a = a, p = FLAG_U | carry, v, r = -1;
	switch (mode) {
	case IMM: addr = 0x701; break;
	case ZPX: addr = (base + x) & 0xff; break;
	case ZPY: addr = (base + y) & 0xff; break;
	case ABX: addr = base + x; break;
	case ABY: addr = base + y; break;
	case IZX: addr = m[(base + x) & 0xff] | m[(base + x + 1) & 0xff] << 8; break;
	case IZY: base = m[operand] | m[(operand + 1) & 0xff] << 8; addr = (base + y) & 0xffff; break;
	}
	if (OPS[at].paged && (base & 0xff00) != (addr & 0xff00))
		cycles++;
	v = m[addr];
	memcpy(want_mem, cpu.mem, sizeof want_mem);
	/* The unlisted ones change memory, and go on like the listed one with the new value. */
	static const char *const TWO[][2] = {
		{"SLO", "ORA"}, {"RLA", "AND"}, {"SRE", "EOR"}, {"RRA", "ADC"}, {"DCP", "CMP"}, {"ISC", "SBC"}};
	for (int i = 0; i < 6; i++) {
		if (!is(n, TWO[i][0]))
			continue;
		int old = v;
		v = (int[]){v << 1, v << 1 | carry, v >> 1, v >> 1 | carry << 7, v - 1, v + 1}[i] & 0xff;
		carry = i < 2 ? old >> 7 : i < 4 ? old & 1 : carry;
		want_mem[addr] = (uint8_t)v;
		p = FLAG_U | carry;
		n = TWO[i][1];
	}
	if (is(n, "LAX")) r = wants_a = wants_x = v;
	else if (is(n, "SAX")) want_mem[addr] = (uint8_t)(a & x);
	else if (is(n, "ORA")) r = wants_a = a | v;
	else if (is(n, "AND")) r = wants_a = a & v;
	else if (is(n, "EOR")) r = wants_a = a ^ v;
	else if (is(n, "LDA")) r = wants_a = v;
	else if (is(n, "LDX")) r = wants_x = v;
	else if (is(n, "LDY")) r = wants_y = v;
	else if (is(n, "ADC") || is(n, "SBC")) {
		int w = is(n, "SBC") ? v ^ 0xff : v, s = a + w + carry;
		p = FLAG_U | (s > 0xff ? FLAG_C : 0) | (~(a ^ w) & (a ^ s) & 0x80 ? FLAG_V : 0);
		r = wants_a = s & 0xff;
	} else if (n[0] == 'C') {
		int reg = n[2] == 'X' ? x : n[2] == 'Y' ? y : a;
		p = FLAG_U | (reg >= v ? FLAG_C : 0);
		r = (reg - v) & 0xff;
	} else if (is(n, "BIT"))
		p |= ((a & v) ? 0 : FLAG_Z) | (v & 0xc0);
	else if (n[0] == 'S' && n[1] == 'T')
		want_mem[addr] = (uint8_t)(n[2] == 'X' ? x : n[2] == 'Y' ? y : a);
	else {
		if (is(n, "ASL")) p = FLAG_U | v >> 7, r = v << 1 & 0xff;
		if (is(n, "ROL")) p = FLAG_U | v >> 7, r = (v << 1 | carry) & 0xff;
		if (is(n, "LSR")) p = FLAG_U | (v & 1), r = v >> 1;
		if (is(n, "ROR")) p = FLAG_U | (v & 1), r = v >> 1 | carry << 7;
		if (is(n, "INC")) r = (v + 1) & 0xff;
		if (is(n, "DEC")) r = (v - 1) & 0xff;
		want_mem[addr] = (uint8_t)r;
	}
	if (r >= 0)
		p |= (r & 0x80) | (r ? 0 : FLAG_Z);
	cpu_step(&cpu);
	if (cpu.a == wants_a && cpu.x == wants_x && cpu.y == wants_y && cpu.p == p && cpu.pc == 0x700 + size &&
	    (int)cpu.cycles == cycles && memcmp(cpu.mem, want_mem, sizeof want_mem) == 0)
		return 0;
	printf("%02x %s with operand %02x, x %02x, y %02x is wrong\n", OPS[at].op, OPS[at].name, operand, x, y);
	return 1;
}

static int jump(void)
{
	memset(cpu.mem, 0, sizeof cpu.mem);
	memcpy(cpu.mem + 0x700, "\x6c\xff\x03", 3);
	cpu.mem[0xfffd] = 0x07;
	cpu.mem[0x3ff] = 0x34; cpu.mem[0x300] = 0x12; cpu.mem[0x400] = 0x56;
	cpu_reset(&cpu);
	cpu_step(&cpu);
	if (cpu.pc == 0x1234)
		return 0;
	printf("JMP ($03FF) went to %04x: that the chip stays in the page is no mistake\n", cpu.pc);
	return 1;
}

int main(void)
{
	static const int EDGES[] = {0x00, 0x10, 0x7f, 0xfe, 0xff};
	int failed = jump();
	for (size_t at = 0; at < sizeof OPS / sizeof *OPS; at++) {
		int wrong = 0;
		for (int i = 0; i < 5 && !wrong; i++)
			for (int k = 0; k < 3 && !wrong; k++)
				wrong = one(at, EDGES[i], (int[]){0, 0x20, 0xff}[k], (int[]){1, 0x31, 0xf0}[k], 0x9c, k & 1);
		failed |= wrong;
	}
	if (!failed)
		puts("passed");
	return failed;
}
