/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What memory ELF cores give: overlaps, pages in parts, files cut off, random damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "opened_dump.h"

static const struct layout layouts[] = {{false, 8}, {true, 8}, {false, 4}, {true, 4}};

static void left_out_content_is_never_zeros(void **state)
{
	static const struct built_segment segments[] = {
		LOAD(0, 0x1000, 0, 0x2000),
		LOAD(0x1000, 0x3000, 0x1000, 0x4000),
		LOAD(0x2000, 0x8000, 0x1000, 0),
	};
	struct built_elf elf = {.layout = le64, .segments = segments, .count = 3, .size = 0x3000};
	struct opened opened;
	const void *page;
	uint8_t buffer[4096];

	(void)state;
	open_elf(&opened, &elf);
	assert_true(opened.dump->history.filtered);
	ASSERT_RUNS(&opened, NODATA(1, 2), DATA(3, 1), NODATA(4, 3), DATA(8, 1));
	assert_no_memory(&opened, 0x1000, VMC_ERR_NODATA);
	assert_no_memory(&opened, 0x4000, VMC_ERR_NODATA);
	assert_error(dump_get_page(opened.cursor, 5, buffer, &page), VMC_ERR_NODATA, "left out");
	assert_error(dump_get_page(opened.cursor, 7, buffer, &page), VMC_ERR_NODATA, "no segment");
	assert_error(dump_get_page(opened.cursor, UINT64_MAX / 2, buffer, &page), VMC_ERR_NODATA,
		     "pfn");
	/* More p_filesz than p_memsz: content is kept on doubt. */
	assert_memory(&opened, 0x8000, 0x2000, 0x1000);
	/* A read over the end of the content. */
	assert_error(vmc_dump_read(opened.cursor, 0x3ff0, buffer, 0x20), VMC_ERR_NODATA, "0x4000");
	assert_error(vmc_dump_read(opened.cursor, UINT64_MAX, buffer, 0x20), VMC_ERR_NODATA, "0x");
	close_elf(&opened);
}

static void partial_pages_are_put_together(void **state)
{
	/* Page 1: its end; page 2: two segments with a gap; page 3: content and left out. */
	static const struct built_segment segments[] = {
		LOAD(0x1000, 0x1f00, 0x100, 0x100), LOAD(0x2000, 0x2000, 0x800, 0x800),
		LOAD(0x3000, 0x2900, 0x700, 0x700), LOAD(0x4000, 0x3000, 0x10, 0x1000),
		LOAD(0x5000, 0x4800, 0, 0x100),
	};
	struct built_elf elf = {.layout = le64, .segments = segments, .count = 5, .size = 0x5000};
	static const uint8_t zeros[4096];
	struct opened opened;
	const uint8_t *page;
	uint8_t buffer[4096];

	(void)state;
	open_elf(&opened, &elf);
	ASSERT_RUNS(&opened, DATA(1, 3), NODATA(4, 1));

	memset(buffer, 0xaa, sizeof(buffer));
	assert_null(dump_get_page(opened.cursor, 1, buffer, (const void **)&page));
	assert_ptr_equal(page, buffer);
	assert_memory_equal(page, zeros, 0xf00);
	scratch_assert(page + 0xf00, 0x1000, 0x100);

	memset(buffer, 0xaa, sizeof(buffer));
	assert_null(dump_get_page(opened.cursor, 2, buffer, (const void **)&page));
	scratch_assert(page, 0x2000, 0x800);
	assert_memory_equal(page + 0x800, zeros, 0x100);
	scratch_assert(page + 0x900, 0x3000, 0x700);

	memset(buffer, 0xaa, sizeof(buffer));
	assert_null(dump_get_page(opened.cursor, 3, buffer, (const void **)&page));
	scratch_assert(page, 0x4000, 0x10);
	assert_memory_equal(page + 0x10, zeros, 0xff0);

	assert_error(dump_get_page(opened.cursor, 4, buffer, (const void **)&page), VMC_ERR_NODATA,
		     "0x");
	/* vmc_dump_read() makes nothing up. */
	assert_error(vmc_dump_read(opened.cursor, 0x2700, buffer, 0x400), VMC_ERR_NODATA, "0x2800");
	close_elf(&opened);
}

static void the_first_segment_wins(void **state)
{
	/* The text once more in its own segment, as kexec-tools do; content over left-out. */
	static const struct built_segment segments[] = {
		LOAD(0x2000, 0x4000, 0x1000, 0x1000),
		LOAD(0x10000, 0x0, 0x8000, 0x8000),
		LOAD(0x20000, 0x7000, 0x2000, 0x2000),
		LOAD(0, 0x7000, 0, 0x5000),
	};
	struct built_elf elf = {.layout = le64, .segments = segments, .count = 4, .size = 0x22000};
	struct opened opened;

	(void)state;
	open_elf(&opened, &elf);
	ASSERT_RUNS(&opened, DATA(0, 9), NODATA(9, 3));
	assert_memory(&opened, 0, 0x10000, 0x4000);
	assert_memory(&opened, 0x4000, 0x2000, 0x1000);
	assert_memory(&opened, 0x5000, 0x15000, 0x3000);
	assert_memory(&opened, 0x8000, 0x21000, 0x1000);
	close_elf(&opened);
}

/* A copy that stopped half way: what is there is kept and the rest is told. */
static void content_behind_the_end_of_the_file(void **state)
{
	static const struct built_segment segments[] = {
		LOAD(0x1000, 0x10000, 0x4000, 0x5000),
		LOAD(0x5000, 0x20000, 0x1000, 0x1000),
		LOAD(0x1000, 0x22000, 0x1000, 0x1000),
	};
	struct built_elf elf = {.layout = le64, .segments = segments, .count = 3, .size = 0x2800};
	struct opened opened;
	uint8_t buffer[4096];
	const void *page;

	(void)state;
	open_elf(&opened, &elf);
	assert_int_equal(said_count, 1);
	assert_non_null(strstr(said, "cut off at 0x2800: 14336 bytes of memory in 2 segments"));
	/* Page 0x11 is there in half, which is not the same as half a page of zeros. */
	ASSERT_RUNS(&opened, DATA(0x10, 1), NODATA(0x11, 4), NODATA(0x20, 1), DATA(0x22, 1));
	assert_memory(&opened, 0x10000, 0x1000, 0x1800);
	assert_memory(&opened, 0x22000, 0x1000, 0x1000);
	assert_error(vmc_dump_read(opened.cursor, 0x117f0, buffer, 0x20), VMC_ERR_TRUNCATED,
		     "offset 0x2800");
	assert_error(dump_get_page(opened.cursor, 0x11, buffer, &page), VMC_ERR_TRUNCATED,
		     "0x2800");
	assert_error(dump_get_page(opened.cursor, 0x20, buffer, &page), VMC_ERR_TRUNCATED,
		     "0x5000");
	assert_no_memory(&opened, 0x14000, VMC_ERR_NODATA);
	close_elf(&opened);
}

/* Content that another segment has too is not lost. */
static void lost_content_may_be_elsewhere(void **state)
{
	static const struct built_segment segments[] = {
		LOAD(0x9000, 0x1000, 0x1000, 0x1000),
		LOAD(0x1000, 0x0, 0x3000, 0x3000),
	};
	struct built_elf elf = {.layout = le64, .segments = segments, .count = 2, .size = 0x4000};
	struct opened opened;

	(void)state;
	open_elf(&opened, &elf);
	ASSERT_RUNS(&opened, DATA(0, 3));
	assert_memory(&opened, 0, 0x1000, 0x3000);
	close_elf(&opened);
}

/* Notes of two segments, memory, and one more: every kind of end that a file can have. */
static const struct built_segment sample_segments[] = {
	{.type = PT_NOTE, .offset = 0x200, .filesz = 60, .memsz = 60, .align = 4},
	{.type = PT_NOTE, .offset = 0x300, .filesz = 36, .memsz = 36, .align = 8},
	LOAD(0x400, 0x100000, 0x300, 0x300),
	LOAD(0x700, 0x100800, 0x200, 0x1000),
};

static uint8_t *sample_bytes(struct layout layout, uint64_t *ret_size)
{
	struct built_elf elf = {
		.layout = layout, .segments = sample_segments, .count = 4, .size = 0x900};
	uint8_t *bytes = built_bytes(&elf);
	size_t n = note_put(layout, bytes + 0x200, "CORE", NT_PRSTATUS, "registers");

	n += note_put(layout, bytes + 0x200 + n, "CORE", NT_PRSTATUS, "12345678");
	assert_int_equal(n, 60);
	assert_int_equal(note_put(layout, bytes + 0x300, "VMCOREINFO", 0, "PAGESIZE=1\n"), 36);
	*ret_size = elf.size;
	return bytes;
}

/* Reads whatever a dump says that it has, twice: page by page and by ranges. */
static void read_everything(struct opened *opened)
{
	uint8_t buffer[4096];
	struct vmc_memory_run run;
	vmc_pfn from = 0;

	assert_null(dump_set_page_size(opened->dump, PAGE));
	if (!opened->cursor)
		assert_null(vmc_dump_cursor_create(opened->dump, &opened->cursor));
	while (vmc_dump_next_run(opened->dump, from, &run)) {
		for (uint64_t i = 0; i < run.count && i < 100; i++) {
			const void *page;
			struct vmc_error *err =
				dump_get_page(opened->cursor, run.start + i, buffer, &page);

			assert_int_equal(err == NULL, run.kind == VMC_MEMORY_DATA);
			assert_null(err ? NULL : dump_check(opened->cursor));
			vmc_error_free(err);
		}
		from = run.start + run.count;
	}

	vmc_paddr start, at = 0;
	uint64_t size;

	for (; dump_next_range(opened->dump, at, &start, &size); at = start + size) {
		uint8_t bytes[4096];
		size_t n = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);

		assert_null(vmc_dump_read(opened->cursor, start, bytes, n));
	}
}

static void every_end_of_the_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(layouts); i++) {
		uint64_t full, opens = 0, partly = 0;
		uint8_t *bytes = sample_bytes(layouts[i], &full);

		for (uint64_t size = 0; size <= full; size++) {
			struct opened opened;

			scratch_file_create(&opened.scratch, NULL, 0);
			scratch_file_write(&opened.scratch, 0, bytes, size);

			struct vmc_error *err = try_open(&opened, size % 2);

			if (err) {
				/* Only for want of headers, and always with the path. */
				assert_true(size < 0x200);
				assert_non_null(
					strstr(vmc_error_message(err), opened.scratch.path));
				vmc_error_free(err);
			} else {
				opens++;
				partly += said_count != 0;
				assert_int_equal(said_count != 0, size < full);
				assert_int_equal(opened.dump->notes.count, size < 0x200 + 29   ? 0
									   : size < 0x200 + 60 ? 1
									   : size < 0x300 + 35 ? 2
											       : 3);
				read_everything(&opened);
			}
			close_elf(&opened);
		}
		assert_int_equal(opens, partly + 1);
		assert_true(opens > 0x700);
		free(bytes);
	}
}

/* Any byte of the headers and notes may be anything: an error or a dump, never a crash. */
static void every_byte_is_hostile(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(layouts); i++) {
		uint64_t size;
		uint8_t *bytes = sample_bytes(layouts[i], &size);
		struct opened opened;

		scratch_file_create(&opened.scratch, bytes, size);
		for (uint64_t at = 0; at < 0x330; at++) {
			for (size_t k = 0; k < COUNT_OF(values); k++) {
				scratch_file_write(&opened.scratch, at, &values[k], 1);

				struct vmc_error *err = try_open(&opened, false);

				if (!err)
					read_everything(&opened);
				vmc_error_free(err);
				vmc_dump_cursor_destroy(opened.cursor);
				vmc_dump_close(opened.dump);
			}
			scratch_file_write(&opened.scratch, at, bytes + at, 1);
		}
		scratch_file_destroy(&opened.scratch);
		free(bytes);
	}
}

/* Random heaps of segments against a plain array of bytes. */
#define SPACE 0x4000 /* bytes of memory */
#define FILE_SIZE 0x20000

static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

enum { HOLE, CONTENT, LOST, LEFT_OUT };

struct truth {
	uint8_t kind[SPACE];
	uint64_t offset[SPACE];
};

static void truth_add(struct truth *truth, const struct built_segment *segment)
{
	for (uint64_t i = 0; i < segment->memsz; i++) {
		uint64_t at = segment->paddr + i, offset = segment->offset + i;
		uint8_t kind = i >= segment->filesz ? LEFT_OUT
			       : offset < FILE_SIZE ? CONTENT
						    : LOST;

		if (truth->kind[at] != HOLE && truth->kind[at] <= kind)
			continue;
		truth->kind[at] = kind;
		truth->offset[at] = offset;
	}
}

static void truth_compare_bytes(const struct truth *truth, struct opened *opened)
{
	static const int codes[] = {
		[HOLE] = VMC_ERR_NODATA, [LOST] = VMC_ERR_TRUNCATED, [LEFT_OUT] = VMC_ERR_NODATA};

	for (uint64_t at = 0; at < SPACE; at++) {
		const void *byte;
		size_t n;
		struct vmc_error *err = dump_get(opened->cursor, at, 1, &byte, &n);

		if (truth->kind[at] == CONTENT) {
			assert_null(err);
			assert_int_equal(load_u8(byte), scratch_byte(truth->offset[at]));
		} else {
			assert_non_null(err);
			assert_int_equal(vmc_error_code(err), codes[truth->kind[at]]);
			vmc_error_free(err);
		}
	}
}

static void truth_compare_pages(const struct truth *truth, struct opened *opened)
{
	for (vmc_pfn pfn = 0; pfn < SPACE / PAGE; pfn++) {
		struct vmc_memory_run run;
		bool has[4] = {false};

		for (uint64_t at = pfn * PAGE; at < (pfn + 1) * PAGE; at++)
			has[truth->kind[at]] = true;

		bool found = vmc_dump_next_run(opened->dump, pfn, &run) && run.start == pfn;

		assert_int_equal(found, has[CONTENT] || has[LOST] || has[LEFT_OUT]);
		if (found)
			assert_int_equal(run.kind == VMC_MEMORY_DATA, has[CONTENT] && !has[LOST]);
	}
}

static void against_a_plain_array(void **state)
{
	static struct truth truth;

	(void)state;
	for (unsigned int round = 0; round < 120; round++) {
		struct built_segment segments[40 + 1];
		uint32_t count = 1 + (uint32_t)random_below(round % 40 + 1);
		uint64_t unit = round % 3 ? 1 : 512; /* odd borders, and such as coincide */
		struct opened opened;

		random_state = round;
		memset(&truth, 0, sizeof(truth));
		for (uint32_t i = 0; i < count; i++) {
			uint64_t paddr = random_below(SPACE / unit - 1) * unit;
			uint64_t memsz =
				random_below((SPACE - paddr) / unit / (1 + round % 7) + 1) * unit;
			uint64_t filesz =
				random_below(3) ? memsz : random_below(memsz / unit + 1) * unit;

			segments[i] = (struct built_segment)LOAD(
				0x1000 + random_below(FILE_SIZE - 0x1000), paddr, filesz, memsz);
			truth_add(&truth, &segments[i]);
		}
		segments[count] = (struct built_segment)LOAD(0x1000, SPACE, PAGE, PAGE);

		struct built_elf elf = {.layout = layouts[round % 4],
					.segments = segments,
					.count = count + 1,
					.size = FILE_SIZE};

		open_elf(&opened, &elf);
		truth_compare_bytes(&truth, &opened);
		truth_compare_pages(&truth, &opened);
		read_everything(&opened);
		close_elf(&opened);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(left_out_content_is_never_zeros),
		cmocka_unit_test(partial_pages_are_put_together),
		cmocka_unit_test(the_first_segment_wins),
		cmocka_unit_test(content_behind_the_end_of_the_file),
		cmocka_unit_test(lost_content_may_be_elsewhere),
		cmocka_unit_test(every_end_of_the_file),
		cmocka_unit_test(every_byte_is_hostile),
		cmocka_unit_test(against_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
