/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dump/notes.h"
#include "scratch_file.h"

static const struct layout little = {.big_endian = false, .word_size = 8};
static const struct layout big = {.big_endian = true, .word_size = 8};

/* Notes under construction. */
struct area {
	struct layout layout;
	size_t padding;
	uint8_t bytes[4096];
	size_t size;
};

static void area_pad(struct area *area, size_t start)
{
	while ((area->size - start) % area->padding)
		area->size++;
}

static void area_add(struct area *area, const char *name, uint32_t type, const void *descriptor,
		     uint32_t size)
{
	size_t start = area->size;
	uint32_t name_size = (uint32_t)strlen(name) + 1;

	store_u32(area->layout, area->bytes + start, name_size);
	store_u32(area->layout, area->bytes + start + 4, size);
	store_u32(area->layout, area->bytes + start + 8, type);
	memcpy(area->bytes + start + 12, name, name_size);
	area->size += 12 + name_size;
	area_pad(area, start);
	memcpy(area->bytes + area->size, descriptor, size);
	area->size += size;
	area_pad(area, start);
}

#define AREA_OFFSET 123 /* in the file: notes need not be aligned there */

struct opened {
	struct scratch_file scratch;
	struct io_file *file;
	struct notes notes;
};

static void open_area(struct opened *opened, const struct area *area)
{
	memset(&opened->notes, 0, sizeof(opened->notes));
	scratch_file_create(&opened->scratch, NULL, AREA_OFFSET + area->size);
	scratch_file_write(&opened->scratch, AREA_OFFSET, area->bytes, area->size);
	assert_null(io_file_open(opened->scratch.path, &opened->file));
}

static void close_area(struct opened *opened)
{
	notes_deinit(&opened->notes);
	io_file_close(opened->file);
	scratch_file_destroy(&opened->scratch);
}

static struct vmc_error *scan_area(struct opened *opened, const struct area *area)
{
	open_area(opened, area);
	return notes_scan(&opened->notes, opened->file, area->layout, AREA_OFFSET, area->size);
}

static void assert_note(struct opened *opened, size_t index, const char *name, uint32_t type,
			const char *text)
{
	const struct note *note = &opened->notes.list[index];
	char *bytes;
	size_t size;

	assert_true(index < opened->notes.count);
	assert_string_equal(note->name, name);
	assert_int_equal(note->type, type);
	assert_null(note_read(note, opened->file, 4096, &bytes, &size));
	assert_int_equal(size, strlen(text));
	assert_string_equal(bytes, text);
	free(bytes);
}

static void assert_error(struct vmc_error *err, enum vmc_error_code code, const char *part1,
			 const char *part2)
{
	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), code);
	assert_non_null(strstr(vmc_error_message(err), part1));
	assert_non_null(strstr(vmc_error_message(err), part2));
	vmc_error_free(err);
}

static void area_fill(struct area *area, struct layout layout, size_t padding)
{
	memset(area, 0, sizeof(*area));
	area->layout = layout;
	area->padding = padding;
	area_add(area, "CORE", NT_PRSTATUS, "first", 5);
	area_add(area, "CORE", NT_PRSTATUS, "second!!", 8);
	area_add(area, "LINUX", 0x700, "device dump", 11);
	area_add(area, "VMCOREINFO", 0, "OSRELEASE=6\n", 12);
	area_add(area, "QEMU", 0, "", 0);
}

static void assert_filled(struct opened *opened)
{
	assert_int_equal(opened->notes.count, 5);
	assert_note(opened, 0, "CORE", NT_PRSTATUS, "first");
	assert_note(opened, 1, "CORE", NT_PRSTATUS, "second!!");
	assert_note(opened, 2, "LINUX", 0x700, "device dump");
	assert_note(opened, 3, "VMCOREINFO", 0, "OSRELEASE=6\n");
	assert_note(opened, 4, "QEMU", 0, "");
	assert_int_equal(notes_cpu_count(&opened->notes), 2);
	assert_ptr_equal(notes_find(&opened->notes, "VMCOREINFO", 0), &opened->notes.list[3]);
	assert_ptr_equal(notes_find(&opened->notes, "CORE", NT_PRSTATUS), &opened->notes.list[0]);
	assert_null(notes_find(&opened->notes, "VMCOREINFO", 1));
	assert_null(notes_find(&opened->notes, "VMCOREINF", 0));
}

static void both_byte_orders(void **state)
{
	struct opened opened;
	struct area area;

	(void)state;
	for (int i = 0; i < 2; i++) {
		area_fill(&area, i ? big : little, 4);
		assert_null(scan_area(&opened, &area));
		assert_filled(&opened);
		assert_int_equal(opened.notes.segment_count, 1);
		assert_int_equal(opened.notes.segments[0].offset, AREA_OFFSET);
		assert_int_equal(opened.notes.segments[0].size, area.size);
		close_area(&opened);
	}
}

/* p_align 8 is said of notes of either padding. */
static void padding_of_8_bytes(void **state)
{
	struct opened opened;
	struct area area;

	(void)state;
	for (size_t padding = 4; padding <= 8; padding += 4) {
		area_fill(&area, little, padding);
		open_area(&opened, &area);
		assert_null(notes_scan_align8(&opened.notes, opened.file, little, AREA_OFFSET,
					      area.size));
		assert_filled(&opened);
		assert_int_equal(opened.notes.segment_count, 1);
		close_area(&opened);
	}

	/* Notes that make sense in neither way: the error is that of 4 bytes. */
	area_fill(&area, little, 4);
	area.size -= 24;
	open_area(&opened, &area);
	assert_error(notes_scan_align8(&opened.notes, opened.file, little, AREA_OFFSET, area.size),
		     VMC_ERR_CORRUPT, "note 3: ", "n_descsz");
	assert_int_equal(opened.notes.count, 3);
	close_area(&opened);
}

static void a_zeroed_header_ends_the_list(void **state)
{
	struct opened opened;
	struct area area;
	size_t size;

	(void)state;
	area_fill(&area, little, 4);
	size = area.size;
	for (size_t more = 0; more < 40; more++) {
		area.size = size + more;
		assert_null(scan_area(&opened, &area));
		assert_int_equal(opened.notes.count, 5);
		assert_int_equal(opened.notes.segments[0].size, size);
		close_area(&opened);
	}
	area.size = size + 12;
	area_add(&area, "CORE", NT_PRSTATUS, "behind the end", 14);
	assert_null(scan_area(&opened, &area));
	assert_int_equal(opened.notes.count, 5);
	close_area(&opened);

	/* Nothing at all. */
	memset(&area, 0, sizeof(area));
	area.layout = little;
	assert_null(scan_area(&opened, &area));
	assert_int_equal(opened.notes.count, 0);
	assert_int_equal(opened.notes.segment_count, 0);
	close_area(&opened);
}

/* However short the area is: whole notes are found, and one that is cut is named. */
static void every_end_of_the_area(void **state)
{
	struct opened opened;
	struct area area;
	size_t size;
	unsigned int errors = 0;

	(void)state;
	area_fill(&area, little, 4);
	size = area.size;
	for (area.size = 0; area.size < size; area.size++) {
		struct vmc_error *err = scan_area(&opened, &area);
		char expected[32];

		sprintf(expected, "note %zu: ", opened.notes.count);
		if (err) {
			assert_error(err, VMC_ERR_CORRUPT, expected, "at offset 0x");
			errors++;
		}
		for (size_t i = 0; i < opened.notes.count; i++)
			assert_true(opened.notes.list[i].offset + opened.notes.list[i].size <=
				    AREA_OFFSET + area.size);
		close_area(&opened);
	}
	assert_true(errors > size / 2);
}

static void sizes_that_overflow(void **state)
{
	static const uint32_t sizes[] = {UINT32_MAX,      UINT32_MAX - 1,    UINT32_MAX - 3,
					 UINT32_MAX - 12, (uint32_t)1 << 31, 4096};
	struct opened opened;
	struct area area;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		area_fill(&area, little, 4);
		store_u32(little, area.bytes, sizes[i]);
		assert_error(scan_area(&opened, &area), VMC_ERR_CORRUPT, "note 0: ", "n_namesz");
		close_area(&opened);

		area_fill(&area, little, 4);
		store_u32(little, area.bytes + 4, sizes[i]);
		assert_error(scan_area(&opened, &area), VMC_ERR_CORRUPT, "note 0: ", "n_descsz");
		close_area(&opened);
	}
	area_fill(&area, little, 4);
	open_area(&opened, &area);
	assert_error(notes_scan(&opened.notes, opened.file, little, UINT64_MAX - 10, 12),
		     VMC_ERR_CORRUPT, "notes", "0x");
	close_area(&opened);
}

static void long_and_strange_names(void **state)
{
	struct opened opened;
	struct area area = {.layout = little, .padding = 4};

	(void)state;
	area_add(&area, "a name that is longer than anybody has the patience to read", 1, "x", 1);
	area_add(&area, "", 2, "yy", 2);
	area_add(&area, "CORE", NT_PRSTATUS, "z", 1);
	memcpy(area.bytes + area.size - 8, "CO\0E", 4);
	assert_null(scan_area(&opened, &area));
	assert_int_equal(opened.notes.count, 3);
	assert_note(&opened, 0, "a name that is longer than anyb", 1, "x");
	assert_note(&opened, 1, "", 2, "yy");
	assert_int_equal(opened.notes.list[2].type, NT_PRSTATUS);
	close_area(&opened);

	/* A name that is not ended by a NUL, at the very end. */
	memset(&area, 0, sizeof(area));
	area.layout = little;
	store_u32(little, area.bytes, 4);
	store_u32(little, area.bytes + 8, 6);
	memcpy(area.bytes + 12, "NAME", 4);
	area.size = 16;
	assert_null(scan_area(&opened, &area));
	assert_note(&opened, 0, "NAME", 6, "");
	close_area(&opened);
}

static void reading_has_a_limit(void **state)
{
	struct opened opened;
	struct area area;
	char *bytes;
	size_t size;

	(void)state;
	area_fill(&area, little, 4);
	assert_null(scan_area(&opened, &area));
	assert_error(note_read(&opened.notes.list[3], opened.file, 11, &bytes, &size),
		     VMC_ERR_LIMIT, "VMCOREINFO", "12 bytes");
	assert_null(note_read(&opened.notes.list[3], opened.file, 12, &bytes, &size));
	free(bytes);
	scratch_file_resize(&opened.scratch, opened.notes.list[3].offset + 5);
	assert_error(note_read(&opened.notes.list[3], opened.file, 12, &bytes, &size),
		     VMC_ERR_TRUNCATED, "VMCOREINFO", "at offset");
	close_area(&opened);
}

/* Descriptors are skipped, not read: a device dump of a gigabyte costs nothing. */
static uint64_t bytes_read;

static void count_bytes(void *arg, vmc_foff offset, uint64_t size)
{
	(void)arg;
	(void)offset;
	bytes_read += size;
}

static void large_descriptors_are_skipped(void **state)
{
	const uint32_t large = (uint32_t)1 << 30;
	struct scratch_file scratch;
	struct io_file *file;
	struct notes notes = {0};
	struct area area = {.layout = little, .padding = 4};

	(void)state;
	area_add(&area, "LINUX", 0x700, "", 0);
	store_u32(little, area.bytes + 4, large);
	scratch_file_create(&scratch, area.bytes, area.size);
	area.size = 0;
	area_add(&area, "VMCOREINFO", 0, "A=1\n", 4);
	scratch_file_write(&scratch, 20 + (uint64_t)large, area.bytes, area.size);
	assert_null(io_file_open(scratch.path, &file));
	file->trace.read = count_bytes;
	bytes_read = 0;
	assert_null(notes_scan(&notes, file, little, 0, file->size));
	assert_int_equal(notes.count, 2);
	assert_non_null(notes_find(&notes, "VMCOREINFO", 0));
	assert_true(bytes_read < 200);
	notes_deinit(&notes);
	io_file_close(file);
	scratch_file_destroy(&scratch);
}

static void the_count_is_limited(void **state)
{
	struct scratch_file scratch;
	struct io_file *file;
	struct notes notes = {0};
	size_t size = (NOTE_COUNT_MAX + 1) * 16;
	uint8_t *bytes = calloc(1, size);

	(void)state;
	for (size_t i = 0; i < NOTE_COUNT_MAX + 1; i++) {
		store_u32(little, bytes + 16 * i, 2);
		bytes[16 * i + 12] = 'N';
	}
	scratch_file_create(&scratch, bytes, size);
	free(bytes);
	assert_null(io_file_open(scratch.path, &file));
	assert_error(notes_scan(&notes, file, little, 0, size), VMC_ERR_LIMIT, "more than",
		     "notes");
	assert_int_equal(notes.count, NOTE_COUNT_MAX);
	notes_deinit(&notes);
	io_file_close(file);
	scratch_file_destroy(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders),
		cmocka_unit_test(padding_of_8_bytes),
		cmocka_unit_test(a_zeroed_header_ends_the_list),
		cmocka_unit_test(every_end_of_the_area),
		cmocka_unit_test(sizes_that_overflow),
		cmocka_unit_test(long_and_strange_names),
		cmocka_unit_test(reading_has_a_limit),
		cmocka_unit_test(large_descriptors_are_skipped),
		cmocka_unit_test(the_count_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
