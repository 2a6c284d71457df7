/*
 * The processor. One case for each opcode, written out, because the profile said that calls through a table of
 * addressing modes cost a third of the frame. Keep it boring: fetch, address, operate, flags, cycles.
 *
 * Decimal mode is not there: the console's chip does not have it.
 */
#include "cpu.h"

#include <string.h>

static uint8_t fetch(struct cpu *cpu)
{
	return cpu->mem[cpu->pc++];
}

static void set_flag(struct cpu *cpu, uint8_t flag, int on)
{
	if (on)
		cpu->p |= flag;
	else
		cpu->p &= (uint8_t)~flag;
}

static void push(struct cpu *cpu, uint8_t value)
{
	cpu->mem[0x100 + cpu->sp--] = value;
}

static uint8_t pull(struct cpu *cpu)
{
	return cpu->mem[0x100 + ++cpu->sp];
}

uint8_t cpu_read(struct cpu *cpu, uint16_t addr)
{
	if (cpu->read_hook && addr >= 0x2000 && addr < 0x6000)
		return cpu->read_hook(cpu, addr);
	return cpu->mem[addr];
}

void cpu_write(struct cpu *cpu, uint16_t addr, uint8_t value)
{
	if (cpu->write_hook && addr >= 0x2000 && addr < 0x6000)
		cpu->write_hook(cpu, addr, value);
	else if (addr < 0x8000 || !cpu->rom)
		cpu->mem[addr] = value;
}

void cpu_reset(struct cpu *cpu)
{
	cpu->a = cpu->x = cpu->y = 0;
	cpu->sp = 0xfd;
	cpu->p = FLAG_I | FLAG_U;
	cpu->cycles = 7;
	cpu->pc = (uint16_t)(cpu->mem[0xfffc] | cpu->mem[0xfffd] << 8);
}

void cpu_load(struct cpu *cpu, uint16_t at, const uint8_t *bytes, size_t count)
{
	memcpy(cpu->mem + at, bytes, count);
}

void cpu_irq(struct cpu *cpu)
{
	if (cpu->p & FLAG_I)
		return;
	push(cpu, (uint8_t)(cpu->pc >> 8));
	push(cpu, (uint8_t)cpu->pc);
	push(cpu, (uint8_t)((cpu->p & ~FLAG_B) | FLAG_U));
	cpu->p |= FLAG_I;
	cpu->pc = (uint16_t)(cpu->mem[0xfffe] | cpu->mem[0xffff] << 8);
	cpu->cycles += 7;
}

int cpu_step(struct cpu *cpu)
{
	uint16_t addr, ptr, sum;
	uint8_t value, carry, opcode = fetch(cpu);

	switch (opcode) {
	/* ---- loads ---- */

	case 0xa1: /* LDA ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0xa5: /* LDA $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 3;
		break;

	case 0xa9: /* LDA #imm */
		value = fetch(cpu);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0xad: /* LDA $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xb1: /* LDA ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0xb5: /* LDA $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xb9: /* LDA $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xbd: /* LDA $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xa2: /* LDX #imm */
		value = fetch(cpu);
		cpu->x = value;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 2;
		break;

	case 0xa6: /* LDX $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		cpu->x = value;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 3;
		break;

	case 0xb6: /* LDX $zp,Y */
		addr = fetch(cpu);
		addr = addr + cpu->y;
		value = cpu_read(cpu, addr);
		cpu->x = value;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 4;
		break;

	case 0xae: /* LDX $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		cpu->x = value;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 4;
		break;

	case 0xbe: /* LDX $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->x = value;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 4;
		break;

	case 0xa0: /* LDY #imm */
		value = fetch(cpu);
		cpu->y = value;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 2;
		break;

	case 0xa4: /* LDY $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		cpu->y = value;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 3;
		break;

	case 0xb4: /* LDY $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->y = value;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 4;
		break;

	case 0xac: /* LDY $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		cpu->y = value;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 4;
		break;

	case 0xbc: /* LDY $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->y = value;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 4;
		break;

	/* ---- stores ---- */

	case 0x81: /* STA ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		cpu_write(cpu, addr, cpu->a);
		cpu->cycles += 6;
		break;

	case 0x85: /* STA $zp */
		addr = fetch(cpu);
		cpu_write(cpu, addr, cpu->a);
		cpu->cycles += 3;
		break;

	case 0x8d: /* STA $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		cpu_write(cpu, addr, cpu->a);
		cpu->cycles += 4;
		break;

	case 0x91: /* STA ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		addr = (uint16_t)(addr + cpu->y);
		cpu_write(cpu, addr, cpu->a);
		cpu->cycles += 6;
		break;

	case 0x95: /* STA $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		cpu_write(cpu, addr, cpu->a);
		cpu->cycles += 4;
		break;

	case 0x99: /* STA $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->y);
		cpu_write(cpu, addr, cpu->a);
		cpu->cycles += 5;
		break;

	case 0x9d: /* STA $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		cpu_write(cpu, addr, cpu->a);
		cpu->cycles += 5;
		break;

	case 0x86: /* STX $zp */
		addr = fetch(cpu);
		cpu_write(cpu, addr, cpu->x);
		cpu->cycles += 3;
		break;

	case 0x96: /* STX $zp,Y */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->y);
		cpu_write(cpu, addr, cpu->x);
		cpu->cycles += 4;
		break;

	case 0x8e: /* STX $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		cpu_write(cpu, addr, cpu->x);
		cpu->cycles += 4;
		break;

	case 0x84: /* STY $zp */
		addr = fetch(cpu);
		cpu_write(cpu, addr, cpu->y);
		cpu->cycles += 3;
		break;

	case 0x94: /* STY $zp,X */
		addr = fetch(cpu);
		addr = addr + cpu->x;
		cpu_write(cpu, addr, cpu->y);
		cpu->cycles += 4;
		break;

	case 0x8c: /* STY $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		cpu_write(cpu, addr, cpu->y);
		cpu->cycles += 4;
		break;

	/* ---- arithmetic and logic ---- */

	case 0x61: /* ADC ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x65: /* ADC $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 3;
		break;

	case 0x69: /* ADC #imm */
		value = fetch(cpu);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0x6d: /* ADC $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x71: /* ADC ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x75: /* ADC $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x79: /* ADC $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x7d: /* ADC $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xe1: /* SBC ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0xe5: /* SBC $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 3;
		break;

	case 0xe9: /* SBC #imm */
		value = fetch(cpu);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0xed: /* SBC $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xf1: /* SBC ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0xf5: /* SBC $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xf9: /* SBC $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xfd: /* SBC $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x21: /* AND ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
		value = cpu_read(cpu, addr);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x25: /* AND $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 3;
		break;

	case 0x29: /* AND #imm */
		value = fetch(cpu);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0x2d: /* AND $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x31: /* AND ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x35: /* AND $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x39: /* AND $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x3d: /* AND $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x01: /* ORA ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x05: /* ORA $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 3;
		break;

	case 0x09: /* ORA #imm */
		value = fetch(cpu);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0x0d: /* ORA $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x11: /* ORA ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x15: /* ORA $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x19: /* ORA $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x1d: /* ORA $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x41: /* EOR ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x45: /* EOR $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 3;
		break;

	case 0x49: /* EOR #imm */
		value = fetch(cpu);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0x4d: /* EOR $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x51: /* EOR ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x55: /* EOR $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x59: /* EOR $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x5d: /* EOR $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0xc1: /* CMP ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 6;
		break;

	case 0xc5: /* CMP $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 3;
		break;

	case 0xc9: /* CMP #imm */
		value = fetch(cpu);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 2;
		break;

	case 0xcd: /* CMP $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 4;
		break;

	case 0xd1: /* CMP ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 5;
		break;

	case 0xd5: /* CMP $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 4;
		break;

	case 0xd9: /* CMP $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 4;
		break;

	case 0xdd: /* CMP $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->x > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 4;
		break;

	case 0xe0: /* CPX #imm */
		value = fetch(cpu);
		sum = (uint16_t)(cpu->x - value);
		set_flag(cpu, FLAG_C, cpu->x >= value);
		set_flag(cpu, FLAG_Z, cpu->x == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 2;
		break;

	case 0xe4: /* CPX $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->x - value);
		set_flag(cpu, FLAG_C, cpu->x >= value);
		set_flag(cpu, FLAG_Z, cpu->x == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 3;
		break;

	case 0xec: /* CPX $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->x - value);
		set_flag(cpu, FLAG_C, cpu->x >= value);
		set_flag(cpu, FLAG_Z, cpu->x == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 4;
		break;

	case 0xc0: /* CPY #imm */
		value = fetch(cpu);
		sum = (uint16_t)(cpu->y - value);
		set_flag(cpu, FLAG_C, cpu->y >= value);
		set_flag(cpu, FLAG_Z, cpu->y == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 2;
		break;

	case 0xc4: /* CPY $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->y - value);
		set_flag(cpu, FLAG_C, cpu->y >= value);
		set_flag(cpu, FLAG_Z, cpu->y == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 3;
		break;

	case 0xcc: /* CPY $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		sum = (uint16_t)(cpu->y - value);
		set_flag(cpu, FLAG_C, cpu->y >= value);
		set_flag(cpu, FLAG_Z, cpu->y == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 4;
		break;

	case 0x24: /* BIT $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_Z, (cpu->a & value) == 0);
		set_flag(cpu, FLAG_V, value & 0x40);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 3;
		break;

	case 0x2c: /* BIT $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_Z, (cpu->a & value) == 0);
		set_flag(cpu, FLAG_V, value & 0x40);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 4;
		break;

	/* ---- shifts, and counting in memory ---- */

	case 0x0a: /* ASL A */
		value = cpu->a;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 2;
		break;

	case 0x06: /* ASL $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 5;
		break;

	case 0x16: /* ASL $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x0e: /* ASL $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x1e: /* ASL $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 7;
		break;

	case 0x2a: /* ROL A */
		value = cpu->a;
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 2;
		break;

	case 0x26: /* ROL $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 5;
		break;

	case 0x36: /* ROL $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x2e: /* ROL $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x3e: /* ROL $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 7;
		break;

	case 0x4a: /* LSR A */
		value = cpu->a;
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu->a = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 2;
		break;

	case 0x46: /* LSR $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 5;
		break;

	case 0x56: /* LSR $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x4e: /* LSR $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x5e: /* LSR $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 7;
		break;

	case 0x6a: /* ROR A */
		value = cpu->a;
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu->a = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 2;
		break;

	case 0x66: /* ROR $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 5;
		break;

	case 0x76: /* ROR $zp,X */
		addr = fetch(cpu);
		addr = addr + cpu->x;
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x6e: /* ROR $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0x7e: /* ROR $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 7;
		break;

	case 0xc6: /* DEC $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 5;
		break;

	case 0xd6: /* DEC $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0xce: /* DEC $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0xde: /* DEC $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 7;
		break;

	case 0xe6: /* INC $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 5;
		break;

	case 0xf6: /* INC $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0xee: /* INC $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0xfe: /* INC $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 7;
		break;

	/* ---- counting in registers, and transfers ---- */

	case 0xe8: /* INX */
		cpu->x++;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 2;
		break;

	case 0xca: /* DEX */
		cpu->x--;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 2;
		break;

	case 0xc8: /* INY */
		cpu->y++;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 2;
		break;

	case 0x88: /* DEY */
		cpu->y--;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 2;
		break;

	case 0xaa: /* TAX */
		cpu->x = cpu->a;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 2;
		break;

	case 0x8a: /* TXA */
		cpu->a = cpu->x;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0xa8: /* TAY */
		cpu->y = cpu->a;
		set_flag(cpu, FLAG_Z, cpu->y == 0);
		set_flag(cpu, FLAG_N, cpu->y & 0x80);
		cpu->cycles += 2;
		break;

	case 0x98: /* TYA */
		cpu->a = cpu->y;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 2;
		break;

	case 0xba: /* TSX */
		cpu->x = cpu->sp;
		set_flag(cpu, FLAG_Z, cpu->x == 0);
		set_flag(cpu, FLAG_N, cpu->x & 0x80);
		cpu->cycles += 2;
		break;

	case 0x9a: /* TXS */
		cpu->sp = cpu->x;
		cpu->cycles += 2;
		break;

	/* ---- stack ---- */

	case 0x48: /* PHA */
		push(cpu, cpu->a);
		cpu->cycles += 3;
		break;

	case 0x08: /* PHP */
		push(cpu, cpu->p | FLAG_B | FLAG_U);
		cpu->cycles += 3;
		break;

	case 0x68: /* PLA */
		cpu->a = pull(cpu);
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 4;
		break;

	case 0x28: /* PLP */
		cpu->p = (uint8_t)((pull(cpu) & ~FLAG_B) | FLAG_U);
		cpu->cycles += 4;
		break;

	/* ---- jumps ---- */

	case 0x4c: /* JMP $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		cpu->pc = addr;
		cpu->cycles += 3;
		break;

	case 0x6c: /* JMP ($abs) */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		/* The chip does not carry into the page of the pointer. */
		ptr = (uint16_t)((addr & 0xff00) | (uint8_t)(addr + 1));
		cpu->pc = (uint16_t)(cpu_read(cpu, addr) | cpu_read(cpu, ptr) << 8);
		cpu->cycles += 5;
		break;

	case 0x20: /* JSR $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		push(cpu, (uint8_t)((cpu->pc - 1) >> 8));
		push(cpu, (uint8_t)(cpu->pc - 1));
		cpu->pc = addr;
		cpu->cycles += 6;
		break;

	case 0x60: /* RTS */
		addr = pull(cpu);
		addr |= (uint16_t)(pull(cpu) << 8);
		cpu->pc = (uint16_t)(addr + 1);
		cpu->cycles += 6;
		break;

	case 0x40: /* RTI */
		cpu->p = (uint8_t)((pull(cpu) & ~FLAG_B) | FLAG_U);
		addr = pull(cpu);
		addr |= (uint16_t)(pull(cpu) << 8);
		cpu->pc = addr;
		cpu->cycles += 6;
		break;

	case 0x00: /* BRK */
		cpu->pc++;
		push(cpu, (uint8_t)(cpu->pc >> 8));
		push(cpu, (uint8_t)cpu->pc);
		push(cpu, cpu->p | FLAG_B | FLAG_U);
		cpu->p |= FLAG_I;
		cpu->pc = (uint16_t)(cpu->mem[0xfffe] | cpu->mem[0xffff] << 8);
		cpu->cycles += 7;
		break;

	/* ---- branches ---- */

	case 0x10: /* BPL */
		value = fetch(cpu);
		if (!(cpu->p & FLAG_N)) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	case 0x30: /* BMI */
		value = fetch(cpu);
		if (cpu->p & FLAG_N) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	case 0x50: /* BVC */
		value = fetch(cpu);
		if (!(cpu->p & FLAG_V)) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	case 0x70: /* BVS */
		value = fetch(cpu);
		if (cpu->p & FLAG_V) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	case 0x90: /* BCC */
		value = fetch(cpu);
		if (!(cpu->p & FLAG_C)) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	case 0xb0: /* BCS */
		value = fetch(cpu);
		if (cpu->p & FLAG_C) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	case 0xd0: /* BNE */
		value = fetch(cpu);
		if (!(cpu->p & FLAG_Z)) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	case 0xf0: /* BEQ */
		value = fetch(cpu);
		if (cpu->p & FLAG_Z) {
			addr = (uint16_t)(cpu->pc + (int8_t)value);
			cpu->cycles += (addr & 0xff00) != (cpu->pc & 0xff00) ? 2 : 1;
			cpu->pc = addr;
		}
		cpu->cycles += 2;
		break;

	/* ---- flags ---- */

	case 0x18: /* CLC */
		cpu->p &= (uint8_t)~FLAG_C;
		cpu->cycles += 2;
		break;

	case 0x38: /* SEC */
		cpu->p |= FLAG_C;
		cpu->cycles += 2;
		break;

	case 0x58: /* CLI */
		cpu->p &= (uint8_t)~FLAG_I;
		cpu->cycles += 2;
		break;

	case 0x78: /* SEI */
		cpu->p |= FLAG_I;
		cpu->cycles += 2;
		break;

	case 0xb8: /* CLV */
		cpu->p &= (uint8_t)~FLAG_V;
		cpu->cycles += 2;
		break;

	case 0xd8: /* CLD */
		cpu->p &= (uint8_t)~FLAG_D;
		cpu->cycles += 2;
		break;

	case 0xf8: /* SED */
		cpu->p |= FLAG_D;
		cpu->cycles += 2;
		break;

	case 0xea: /* NOP */
		cpu->cycles += 2;
		break;

	/* ---- opcodes that no manual lists, but that games use ---- */

	case 0x03: /* SLO ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x07: /* SLO $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x0f: /* SLO $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x13: /* SLO ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x17: /* SLO $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x1b: /* SLO $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x1f: /* SLO $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1);
		cpu_write(cpu, addr, value);
		cpu->a |= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x23: /* RLA ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x27: /* RLA $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x2f: /* RLA $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x33: /* RLA ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x37: /* RLA $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x3b: /* RLA $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x3f: /* RLA $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 1 : 0;
		set_flag(cpu, FLAG_C, value & 0x80);
		value = (uint8_t)(value << 1 | carry);
		cpu_write(cpu, addr, value);
		cpu->a &= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x43: /* SRE ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x47: /* SRE $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x4f: /* SRE $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x53: /* SRE ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x57: /* SRE $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x5b: /* SRE $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x5f: /* SRE $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		set_flag(cpu, FLAG_C, value & 0x01);
		value >>= 1;
		cpu_write(cpu, addr, value);
		cpu->a ^= value;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x63: /* RRA ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x67: /* RRA $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0x6f: /* RRA $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x73: /* RRA ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0x77: /* RRA $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0x7b: /* RRA $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x7f: /* RRA $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		carry = cpu->p & FLAG_C ? 0x80 : 0;
		set_flag(cpu, FLAG_C, value & 0x01);
		value = (uint8_t)(value >> 1 | carry);
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0xc3: /* DCP ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 8;
		break;

	case 0xc7: /* DCP $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 5;
		break;

	case 0xcf: /* DCP $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 6;
		break;

	case 0xd3: /* DCP ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 8;
		break;

	case 0xd7: /* DCP $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 6;
		break;

	case 0xdb: /* DCP $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 7;
		break;

	case 0xdf: /* DCP $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value--;
		cpu_write(cpu, addr, value);
		sum = (uint16_t)(cpu->a - value);
		set_flag(cpu, FLAG_C, cpu->a >= value);
		set_flag(cpu, FLAG_Z, cpu->a == value);
		set_flag(cpu, FLAG_N, sum & 0x80);
		cpu->cycles += 7;
		break;

	case 0xe3: /* ISC ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0xe7: /* ISC $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 5;
		break;

	case 0xef: /* ISC $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0xf3: /* ISC ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 8;
		break;

	case 0xf7: /* ISC $zp,X */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 6;
		break;

	case 0xfb: /* ISC $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0xff: /* ISC $abs,X */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		addr = (uint16_t)(addr + cpu->x);
		value = cpu_read(cpu, addr);
		value++;
		cpu_write(cpu, addr, value);
		value ^= 0xff;
		sum = (uint16_t)(cpu->a + value + (cpu->p & FLAG_C ? 1 : 0));
		set_flag(cpu, FLAG_C, sum > 0xff);
		set_flag(cpu, FLAG_V, ~(cpu->a ^ value) & (cpu->a ^ sum) & 0x80);
		cpu->a = (uint8_t)sum;
		set_flag(cpu, FLAG_Z, cpu->a == 0);
		set_flag(cpu, FLAG_N, cpu->a & 0x80);
		cpu->cycles += 7;
		break;

	case 0x83: /* SAX ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		cpu_write(cpu, addr, cpu->a & cpu->x);
		cpu->cycles += 6;
		break;

	case 0x87: /* SAX $zp */
		addr = fetch(cpu);
		cpu_write(cpu, addr, cpu->a & cpu->x);
		cpu->cycles += 3;
		break;

	case 0x8f: /* SAX $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		cpu_write(cpu, addr, cpu->a & cpu->x);
		cpu->cycles += 4;
		break;

	case 0x97: /* SAX $zp,Y */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->y);
		cpu_write(cpu, addr, cpu->a & cpu->x);
		cpu->cycles += 4;
		break;

	case 0xa3: /* LAX ($zp,X) */
		ptr = fetch(cpu);
		ptr = (uint8_t)(ptr + cpu->x);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		cpu->x = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 6;
		break;

	case 0xa7: /* LAX $zp */
		addr = fetch(cpu);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		cpu->x = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 3;
		break;

	case 0xaf: /* LAX $abs */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		cpu->x = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 4;
		break;

	case 0xb3: /* LAX ($zp),Y */
		ptr = fetch(cpu);
		addr = cpu->mem[ptr];
		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		cpu->x = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 5;
		break;

	case 0xb7: /* LAX $zp,Y */
		addr = fetch(cpu);
		addr = (uint8_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		cpu->x = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 4;
		break;

	case 0xbf: /* LAX $abs,Y */
		addr = fetch(cpu);
		addr |= (uint16_t)(fetch(cpu) << 8);
		if ((addr & 0xff) + cpu->y > 0xff)
			cpu->cycles++;
		addr = (uint16_t)(addr + cpu->y);
		value = cpu_read(cpu, addr);
		cpu->a = value;
		cpu->x = value;
		set_flag(cpu, FLAG_Z, value == 0);
		set_flag(cpu, FLAG_N, value & 0x80);
		cpu->cycles += 4;
		break;

	default:
		cpu->pc--;
		return -1;
	}
	return 0;
}

/* The name of an opcode and how it finds its operand, for the trace window. */
const char *cpu_name(uint8_t opcode)
{
	switch (opcode) {
	case 0x00:
		return "BRK";
	case 0x01:
		return "ORA ($zp,X)";
	case 0x03:
		return "SLO ($zp,X)";
	case 0x05:
		return "ORA $zp";
	case 0x06:
		return "ASL $zp";
	case 0x07:
		return "SLO $zp";
	case 0x08:
		return "PHP";
	case 0x09:
		return "ORA #imm";
	case 0x0a:
		return "ASL A";
	case 0x0d:
		return "ORA $abs";
	case 0x0e:
		return "ASL $abs";
	case 0x0f:
		return "SLO $abs";
	case 0x10:
		return "BPL";
	case 0x11:
		return "ORA ($zp),Y";
	case 0x13:
		return "SLO ($zp),Y";
	case 0x15:
		return "ORA $zp,X";
	case 0x16:
		return "ASL $zp,X";
	case 0x17:
		return "SLO $zp,X";
	case 0x18:
		return "CLC";
	case 0x19:
		return "ORA $abs,Y";
	case 0x1b:
		return "SLO $abs,Y";
	case 0x1d:
		return "ORA $abs,X";
	case 0x1e:
		return "ASL $abs,X";
	case 0x1f:
		return "SLO $abs,X";
	case 0x20:
		return "JSR $abs";
	case 0x21:
		return "AND ($zp,X)";
	case 0x23:
		return "RLA ($zp,X)";
	case 0x24:
		return "BIT $zp";
	case 0x25:
		return "AND $zp";
	case 0x26:
		return "ROL $zp";
	case 0x27:
		return "RLA $zp";
	case 0x28:
		return "PLP";
	case 0x29:
		return "AND #imm";
	case 0x2a:
		return "ROL A";
	case 0x2c:
		return "BIT $abs";
	case 0x2d:
		return "AND $abs";
	case 0x2e:
		return "ROL $abs";
	case 0x2f:
		return "RLA $abs";
	case 0x30:
		return "BMI";
	case 0x31:
		return "AND ($zp),Y";
	case 0x33:
		return "RLA ($zp),Y";
	case 0x35:
		return "AND $zp,X";
	case 0x36:
		return "ROL $zp,X";
	case 0x37:
		return "RLA $zp,X";
	case 0x38:
		return "SEC";
	case 0x39:
		return "AND $abs,Y";
	case 0x3b:
		return "RLA $abs,Y";
	case 0x3d:
		return "AND $abs,X";
	case 0x3e:
		return "ROL $abs,X";
	case 0x3f:
		return "RLA $abs,X";
	case 0x40:
		return "RTI";
	case 0x41:
		return "EOR ($zp,X)";
	case 0x43:
		return "SRE ($zp,X)";
	case 0x45:
		return "EOR $zp";
	case 0x46:
		return "LSR $zp";
	case 0x47:
		return "SRE $zp";
	case 0x48:
		return "PHA";
	case 0x49:
		return "EOR #imm";
	case 0x4a:
		return "LSR A";
	case 0x4c:
		return "JMP $abs";
	case 0x4d:
		return "EOR $abs";
	case 0x4e:
		return "LSR $abs";
	case 0x4f:
		return "SRE $abs";
	case 0x50:
		return "BVC";
	case 0x51:
		return "EOR ($zp),Y";
	case 0x53:
		return "SRE ($zp),Y";
	case 0x55:
		return "EOR $zp,X";
	case 0x56:
		return "LSR $zp,X";
	case 0x57:
		return "SRE $zp,X";
	case 0x58:
		return "CLI";
	case 0x59:
		return "EOR $abs,Y";
	case 0x5b:
		return "SRE $abs,Y";
	case 0x5d:
		return "EOR $abs,X";
	case 0x5e:
		return "LSR $abs,X";
	case 0x5f:
		return "SRE $abs,X";
	case 0x60:
		return "RTS";
	case 0x61:
		return "ADC ($zp,X)";
	case 0x63:
		return "RRA ($zp,X)";
	case 0x65:
		return "ADC $zp";
	case 0x66:
		return "ROR $zp";
	case 0x67:
		return "RRA $zp";
	case 0x68:
		return "PLA";
	case 0x69:
		return "ADC #imm";
	case 0x6a:
		return "ROR A";
	case 0x6c:
		return "JMP ($abs)";
	case 0x6d:
		return "ADC $abs";
	case 0x6e:
		return "ROR $abs";
	case 0x6f:
		return "RRA $abs";
	case 0x70:
		return "BVS";
	case 0x71:
		return "ADC ($zp),Y";
	case 0x73:
		return "RRA ($zp),Y";
	case 0x75:
		return "ADC $zp,X";
	case 0x76:
		return "ROR $zp,X";
	case 0x77:
		return "RRA $zp,X";
	case 0x78:
		return "SEI";
	case 0x79:
		return "ADC $abs,Y";
	case 0x7b:
		return "RRA $abs,Y";
	case 0x7d:
		return "ADC $abs,X";
	case 0x7e:
		return "ROR $abs,X";
	case 0x7f:
		return "RRA $abs,X";
	case 0x81:
		return "STA ($zp,X)";
	case 0x83:
		return "SAX ($zp,X)";
	case 0x84:
		return "STY $zp";
	case 0x85:
		return "STA $zp";
	case 0x86:
		return "STX $zp";
	case 0x87:
		return "SAX $zp";
	case 0x88:
		return "DEY";
	case 0x8a:
		return "TXA";
	case 0x8c:
		return "STY $abs";
	case 0x8d:
		return "STA $abs";
	case 0x8e:
		return "STX $abs";
	case 0x8f:
		return "SAX $abs";
	case 0x90:
		return "BCC";
	case 0x91:
		return "STA ($zp),Y";
	case 0x94:
		return "STY $zp,X";
	case 0x95:
		return "STA $zp,X";
	case 0x96:
		return "STX $zp,Y";
	case 0x97:
		return "SAX $zp,Y";
	case 0x98:
		return "TYA";
	case 0x99:
		return "STA $abs,Y";
	case 0x9a:
		return "TXS";
	case 0x9d:
		return "STA $abs,X";
	case 0xa0:
		return "LDY #imm";
	case 0xa1:
		return "LDA ($zp,X)";
	case 0xa2:
		return "LDX #imm";
	case 0xa3:
		return "LAX ($zp,X)";
	case 0xa4:
		return "LDY $zp";
	case 0xa5:
		return "LDA $zp";
	case 0xa6:
		return "LDX $zp";
	case 0xa7:
		return "LAX $zp";
	case 0xa8:
		return "TAY";
	case 0xa9:
		return "LDA #imm";
	case 0xaa:
		return "TAX";
	case 0xac:
		return "LDY $abs";
	case 0xad:
		return "LDA $abs";
	case 0xae:
		return "LDX $abs";
	case 0xaf:
		return "LAX $abs";
	case 0xb0:
		return "BCS";
	case 0xb1:
		return "LDA ($zp),Y";
	case 0xb3:
		return "LAX ($zp),Y";
	case 0xb4:
		return "LDY $zp,X";
	case 0xb5:
		return "LDA $zp,X";
	case 0xb6:
		return "LDX $zp,Y";
	case 0xb7:
		return "LAX $zp,Y";
	case 0xb8:
		return "CLV";
	case 0xb9:
		return "LDA $abs,Y";
	case 0xba:
		return "TSX";
	case 0xbc:
		return "LDY $abs,X";
	case 0xbd:
		return "LDA $abs,X";
	case 0xbe:
		return "LDX $abs,Y";
	case 0xbf:
		return "LAX $abs,Y";
	case 0xc0:
		return "CPY #imm";
	case 0xc1:
		return "CMP ($zp,X)";
	case 0xc3:
		return "DCP ($zp,X)";
	case 0xc4:
		return "CPY $zp";
	case 0xc5:
		return "CMP $zp";
	case 0xc6:
		return "DEC $zp";
	case 0xc7:
		return "DCP $zp";
	case 0xc8:
		return "INY";
	case 0xc9:
		return "CMP #imm";
	case 0xca:
		return "DEX";
	case 0xcc:
		return "CPY $abs";
	case 0xcd:
		return "CMP $abs";
	case 0xce:
		return "DEC $abs";
	case 0xcf:
		return "DCP $abs";
	case 0xd0:
		return "BNE";
	case 0xd1:
		return "CMP ($zp),Y";
	case 0xd3:
		return "DCP ($zp),Y";
	case 0xd5:
		return "CMP $zp,X";
	case 0xd6:
		return "DEC $zp,X";
	case 0xd7:
		return "DCP $zp,X";
	case 0xd8:
		return "CLD";
	case 0xd9:
		return "CMP $abs,Y";
	case 0xdb:
		return "DCP $abs,Y";
	case 0xdd:
		return "CMP $abs,X";
	case 0xde:
		return "DEC $abs,X";
	case 0xdf:
		return "DCP $abs,X";
	case 0xe0:
		return "CPX #imm";
	case 0xe1:
		return "SBC ($zp,X)";
	case 0xe3:
		return "ISC ($zp,X)";
	case 0xe4:
		return "CPX $zp";
	case 0xe5:
		return "SBC $zp";
	case 0xe6:
		return "INC $zp";
	case 0xe7:
		return "ISC $zp";
	case 0xe8:
		return "INX";
	case 0xe9:
		return "SBC #imm";
	case 0xea:
		return "NOP";
	case 0xec:
		return "CPX $abs";
	case 0xed:
		return "SBC $abs";
	case 0xee:
		return "INC $abs";
	case 0xef:
		return "ISC $abs";
	case 0xf0:
		return "BEQ";
	case 0xf1:
		return "SBC ($zp),Y";
	case 0xf3:
		return "ISC ($zp),Y";
	case 0xf5:
		return "SBC $zp,X";
	case 0xf6:
		return "INC $zp,X";
	case 0xf7:
		return "ISC $zp,X";
	case 0xf8:
		return "SED";
	case 0xf9:
		return "SBC $abs,Y";
	case 0xfb:
		return "ISC $abs,Y";
	case 0xfd:
		return "SBC $abs,X";
	case 0xfe:
		return "INC $abs,X";
	case 0xff:
		return "ISC $abs,X";
	default:
		return "???";
	}
}
