/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is the same for all formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "opened_dump.h"

static void page_sizes(void **state)
{
	static const struct built_segment segments[] = {
		LOAD(0x1000, 0x1000, 0x1000, 0x1000),
		LOAD(0x2000, 0x12000, 0x1000, 0x1000),
		LOAD(0x3000, 0x40000, 0x10000, 0x20000),
	};
	struct built_elf elf = {.layout = le64, .segments = segments, .count = 3, .size = 0x13000};
	static const uint64_t wrong[] = {
		0, 1, 2048, 4095, 12288, (uint64_t)1 << 19, (uint64_t)1 << 32};
	struct opened opened;
	struct vmc_memory_run run;
	vmc_paddr start;
	uint64_t size;

	(void)state;
	built_write(&elf, &opened.scratch);
	assert_null(try_open(&opened, false));
	assert_false(vmc_dump_next_run(opened.dump, 0, &run));
	/* Ranges need no page size. */
	assert_true(dump_next_range(opened.dump, 0x1800, &start, &size));
	assert_int_equal(start, 0x1800);
	assert_int_equal(size, 0x800);
	assert_true(dump_next_range(opened.dump, 0x2000, &start, &size));
	assert_int_equal(start, 0x12000);
	assert_false(dump_next_range(opened.dump, 0x50000, &start, &size));

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_error(dump_set_page_size(opened.dump, wrong[i]), VMC_ERR_CORRUPT,
			     "page size");
	assert_null(dump_set_page_size(opened.dump, 65536));
	assert_null(dump_set_page_size(opened.dump, 65536));
	assert_error(dump_set_page_size(opened.dump, 4096), VMC_ERR_CORRUPT,
		     "pages of 65536 bytes");
	ASSERT_RUNS(&opened, DATA(0, 2), DATA(4, 1), NODATA(5, 1));
	close_elf(&opened);
}

static void files_that_are_no_dumps(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		enum vmc_error_code code;
		const char *part;
	} cases[] = {
		{"", 0, VMC_ERR_FORMAT, "empty"},
		{"#!/bin/sh\necho hello\n", 21, VMC_ERR_FORMAT, "text file"},
		{"\1\2\3\4\5\6\7\0", 8, VMC_ERR_FORMAT, "known format"},
		{"\0\0\0\0\0\0\0\0", 8, VMC_ERR_FORMAT, "zeros"},
		{"\x7f"
		 "EL",
		 3, VMC_ERR_FORMAT, "known format"},
		{"\x7f"
		 "ELF",
		 4, VMC_ERR_TRUNCATED, "ELF header"},
		{"makedumpfile\0\0\0\0\0\0\0\0\0\0\0\1", 24, VMC_ERR_TRUNCATED, "flattened"},
#ifdef HAVE_KDUMPFILE
		{"DISKDUMP\0\0\0\0", 12, VMC_ERR_UNSUPPORTED, "libkdumpfile: "},
#else
		{"DISKDUMP\0\0\0\0", 12, VMC_ERR_UNSUPPORTED, "needs libkdumpfile"},
#endif
		{"sadump\0\0\0\0\0\0", 12, VMC_ERR_CORRUPT, "partition header"},
		{"\x28\xb5\x2f\xfd\0\0", 6, VMC_ERR_UNSUPPORTED, "zstd"},
		{"\x1f\x8b\x08\0\0\0", 6, VMC_ERR_UNSUPPORTED, "gzip"},
		{"QEVM\0\0\0\3", 8, VMC_ERR_UNSUPPORTED, "migration"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct opened opened;

		scratch_file_create(&opened.scratch, cases[i].bytes, cases[i].size);
		assert_error(try_open(&opened, false), cases[i].code, cases[i].part);
		assert_error(try_open(&opened, false), cases[i].code, opened.scratch.path);
		close_elf(&opened);
	}

	struct vmc_dump *dump = NULL;

	assert_error(vmc_dump_open("/", NULL, &dump), VMC_ERR_SYSTEM, "/: ");
	assert_error(vmc_dump_open("/nonexistent", NULL, &dump), VMC_ERR_SYSTEM, "/nonexistent: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_sizes),
		cmocka_unit_test(files_that_are_no_dumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
