/* A few programs whose end is known. */
#include "cpu.h"

#include <stdio.h>
#include <string.h>

static struct cpu cpu;
static int failed;

static void run(const uint8_t *program, size_t count, int steps)
{
	cpu_load(&cpu, 0x0600, program, count);
	cpu.mem[0xfffc] = 0x00;
	cpu.mem[0xfffd] = 0x06;
	cpu_reset(&cpu);
	while (steps--)
		cpu_step(&cpu);
}

static void expect(const char *name, int got, int want)
{
	if (got != want) {
		printf("%s: %02x instead of %02x\n", name, got, want);
		failed = 1;
	}
}

int main(void)
{
	static const uint8_t add[] = {0x18, 0xa9, 0x7f, 0x69, 0x01};
	static const uint8_t loop[] = {0xa2, 0x05, 0xca, 0xd0, 0xfd};
	static const uint8_t sub[] = {0xa0, 0x01, 0x38, 0xa9, 0x50, 0xf1, 0x40};

	run(add, sizeof add, 3);
	expect("adc", cpu.a, 0x80);
	expect("adc flags", cpu.p & (FLAG_N | FLAG_V | FLAG_C), FLAG_N | FLAG_V);
	run(loop, sizeof loop, 11);
	expect("dex", cpu.x, 0);

	cpu.mem[0x40] = 0x00;
	cpu.mem[0x41] = 0x03;
	cpu.mem[0x301] = 0x20;
	run(sub, sizeof sub, 4);
	expect("sbc (zp),y", cpu.a, 0x30);
	return failed;
}
