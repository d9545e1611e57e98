/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

static void prepare(struct machine *machine, unsigned int page_shift)
{
	machine_prepare(machine, &arch_mips64, true, page_shift, 0);
	machine->dump.layout.word_size = 8;
}

static void test_unmapped_segments(void **state)
{
	static const uint64_t xkphys[] = {0x8000000000000000u, 0x9000000000000000u,
					  0x9800000000000000u, 0xa800000000000000u,
					  0xb800000000000000u};
	static struct machine machine;

	(void)state;
	for (unsigned int shift = 12; shift <= 16; shift++) {
		prepare(&machine, shift);
		succeed(machine_start(&machine));
		for (size_t i = 0; i < 5; i++) /* cached in one way or another */
			expect_range(machine_translate(&machine, xkphys[i] + 0x123456789),
				     xkphys[i], xkphys[i] + 0x07ffffffffffffff, true, 0);
		expect_range(machine_translate(&machine, 0xffffffff80100000), 0xffffffff80000000,
			     0xffffffff9fffffff, true, 0);
		expect_range(machine_translate(&machine, 0xffffffffbfffffff), 0xffffffffa0000000,
			     0xffffffffbfffffff, true, 0);
	}
}

static void test_mapped_segments_are_refused(void **state)
{
	static const uint64_t mapped[] = {0,
					  0x7fffffffffffffff,
					  0xc000000000000000,
					  0xffffffff7fffffff,
					  0xffffffffc0000000,
					  UINT64_MAX};
	static struct machine machine;
	struct va_range range;

	(void)state;
	prepare(&machine, 14);
	succeed(machine_start(&machine));
	for (size_t i = 0; i < 6; i++)
		fail_with(arch_translate(&machine.arch, &machine.reader, mapped[i], &range),
			  VMC_ERR_UNSUPPORTED, "mapped segments");
}

static void test_other_machines(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, 12);
	machine.dump.layout.word_size = 4;
	fail_with(machine_start(&machine), VMC_ERR_UNSUPPORTED, "32-bit MIPS");
	prepare(&machine, 18);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unmapped_segments),
		cmocka_unit_test(test_mapped_segments_are_refused),
		cmocka_unit_test(test_other_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
