/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump without a note, of a s390x that leaves the address of one for dumpers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expect.h"
#include "opened_dump.h"
#include "target/target.h"

#define FILE_OF_MEMORY ((uint64_t)0x1000)
#define MEMORY         ((uint64_t)0x20000)
#define POINTER        0xe0c /* in 8 bytes, which are not aligned */
#define UTS            0x3000
#define TOP_TABLE      0x4000
#define SEGMENTS       0x8000
#define NOTE           0x10000
#define STALE_NOTE     0xc000 /* of another kernel, and the first in memory */

static const struct layout be64 = {.big_endian = true, .word_size = 8};

static void memory_put(struct opened *opened, uint64_t address, uint64_t value)
{
	uint8_t bytes[8];

	store_u64(be64, bytes, value);
	scratch_file_write(&opened->scratch, FILE_OF_MEMORY + address, bytes, sizeof(bytes));
}

static void memory_put_note(struct opened *opened, uint64_t address, const char *release)
{
	uint8_t note[512];
	char text[256];

	snprintf(text, sizeof(text),
		 "OSRELEASE=%s\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=%x\n"
		 "OFFSET(uts_namespace.name)=0\nSYMBOL(swapper_pg_dir)=%x\n",
		 release, UTS, TOP_TABLE);
	scratch_file_write(&opened->scratch, FILE_OF_MEMORY + address, note,
			   note_put(be64, note, "VMCOREINFO", 0, text));
}

/* Its memory is mapped by one entry of 1 MiB. */
static void machine_write(struct opened *opened)
{
	static const struct built_segment segments[] = {LOAD(FILE_OF_MEMORY, 0, MEMORY, MEMORY)};
	static const struct built_elf elf = {
		.layout = {.big_endian = true, .word_size = 8},
		.machine = EM_S390,
		.segments = segments,
		.count = 1,
		.size = FILE_OF_MEMORY + MEMORY,
	};
	static const uint8_t zeros[MEMORY];

	built_write(&elf, &opened->scratch);
	scratch_file_write(&opened->scratch, FILE_OF_MEMORY, zeros, sizeof(zeros));
	memory_put(opened, TOP_TABLE, SEGMENTS | 0x7);
	memory_put(opened, SEGMENTS, 0x400);
	scratch_file_write(&opened->scratch, FILE_OF_MEMORY + UTS, "Linux", 5);
	scratch_file_write(&opened->scratch, FILE_OF_MEMORY + UTS + 130, "6.99-test", 9);
	memory_put_note(opened, STALE_NOTE, "6.98-stale");
	memory_put_note(opened, NOTE, "6.99-test");
}

static void expect_origin(struct opened *opened, const char *origin)
{
	struct vmc_target *target;

	assert_null(try_open(opened, false));
	succeed(vmc_target_open(opened->dump, NULL, &target));
	assert_string_equal(vmc_target_vmcoreinfo_origin(target), origin);
	assert_string_equal(vmc_target_release(target), "6.99-test");
	vmc_target_close(target);
	vmc_dump_close(opened->dump);
}

static void test_pointer(void **state)
{
	struct opened opened;

	(void)state;
	machine_write(&opened);
	memory_put(&opened, POINTER, NOTE);
	expect_origin(&opened, "pointer in memory");
	scratch_file_destroy(&opened.scratch);
}

/* None, marked as not yet set, to nowhere, to something else, to a note of another kernel. */
static void test_bad_pointers(void **state)
{
	static const uint64_t bad[] = {0, NOTE + 1, UINT64_MAX - 1, MEMORY, UTS, STALE_NOTE};
	struct opened opened;

	(void)state;
	machine_write(&opened);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		memory_put(&opened, POINTER, bad[i]);
		expect_origin(&opened, "scan of memory");
	}
	scratch_file_destroy(&opened.scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_bad_pointers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
