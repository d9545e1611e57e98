/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kdump_opened.h"

#define BLOCK     4096
#define DISKS_MAX 3
#define SET       (BLOCK)     /* the list of disks, of a set */
#define STATES    (2 * BLOCK) /* of a single partition: headers, states of CPUs, two bitmaps */
#define DATA      (5 * BLOCK)

/* Memory are pages 3 to 40, stored are the odd ones of them. */
#define MEMORY_END 41

static bool is_stored(vmc_pfn pfn)
{
	return pfn >= 3 && pfn < MEMORY_END && pfn % 2;
}

#define STORED_COUNT 19

static void put_disk_head(struct image *disk, uint32_t number, uint64_t used)
{
	put_bytes(disk, 0, "sadump\0\0", 8);
	put_u32(disk, 152, number);
	put_u64(disk, 160, used);
	for (uint32_t at = 168, value = 7; at < BLOCK; at += 4, value = 11 * (value + 7))
		put_u32(disk, at, value);
	image_grow(disk, BLOCK);
}

static void put_dump_header(struct image *disk, size_t at)
{
	put_bytes(disk, at, "sadump\0\0", 8);
	put_u32(disk, at + 8, 1);
	put_u32(disk, at + 40, BLOCK);
	put_u32(disk, at + 48, 1);
	put_u32(disk, at + 52, 1);
	put_u32(disk, at + 56, 1);
	put_u64(disk, at + 88, MEMORY_END);
	image_grow(disk, at + 4 * BLOCK);
	for (vmc_pfn pfn = 3; pfn < MEMORY_END; pfn++) {
		disk->bytes[at + 2 * BLOCK + pfn / 8] |= (uint8_t)(0x80 >> pfn % 8);
		if (is_stored(pfn))
			disk->bytes[at + 3 * BLOCK + pfn / 8] |= (uint8_t)(0x80 >> pfn % 8);
	}
}

static void put_pages(struct image *disk, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++) {
		size_t at = disk->size;

		image_grow(disk, at + BLOCK);
		scratch_fill(disk->bytes + at, (3 + 2 * i) * BLOCK, BLOCK);
	}
	put_u64(disk, 160, disk->size);
}

static struct image build_single(void)
{
	struct image disk = {.layout = little};

	put_disk_head(&disk, 0, 0);
	put_dump_header(&disk, BLOCK);
	put_pages(&disk, 0, STORED_COUNT);
	return disk;
}

static struct image build_disk(uint32_t number)
{
	static const size_t firsts[] = {0, 5, 6, STORED_COUNT};
	struct image disk = {.layout = little};

	put_disk_head(&disk, number, 0);
	if (number == 1) {
		put_u32(&disk, SET, 1);
		put_u32(&disk, SET + 4, DISKS_MAX);
		put_dump_header(&disk, SET + BLOCK);
	}
	put_pages(&disk, firsts[number - 1], firsts[number] - firsts[number - 1]);
	return disk;
}

static void check_dump(struct vmc_dump *dump)
{
	struct vmc_dump_cursor *cursor;
	uint8_t page[BLOCK];

	succeed(vmc_dump_cursor_create(dump, &cursor));
	assert_string_equal(vmc_dump_format(dump), "sadump");
	assert_int_equal(vmc_dump_end_pfn(dump), MEMORY_END);
	for (vmc_pfn pfn = 0; pfn < MEMORY_END + 5; pfn++) {
		struct vmc_memory_run run;
		struct vmc_error *err = vmc_dump_read(cursor, pfn * BLOCK, page, BLOCK);
		bool memory = vmc_dump_next_run(dump, pfn, &run) && run.start == pfn;

		assert_int_equal(memory, pfn >= 3 && pfn < MEMORY_END);
		if (is_stored(pfn)) {
			succeed(err);
			scratch_assert(page, pfn * BLOCK, BLOCK);
			assert_int_equal(run.kind, VMC_MEMORY_DATA);
		} else {
			fail_with(err, VMC_ERR_NODATA, memory ? "left out" : "no memory");
		}
	}
	vmc_dump_cursor_destroy(cursor);
}

static void a_single_partition(void **state)
{
	struct image disk = build_single();
	struct scratch_file file;
	struct vmc_dump *dump;

	(void)state;
	scratch_file_create(&file, disk.bytes, disk.size);
	succeed(vmc_dump_open(file.path, NULL, &dump));
	check_dump(dump);
	vmc_dump_close(dump);
	scratch_file_destroy(&file);
	image_destroy(&disk);
}

/* The disks @numbers, in this order. */
static struct vmc_error *open_set(const uint32_t *numbers, size_t count, struct vmc_dump **dump)
{
	struct scratch_file files[DISKS_MAX];
	const char *paths[DISKS_MAX];

	for (size_t i = 0; i < count; i++) {
		struct image disk = build_disk(numbers[i]);

		scratch_file_create(&files[i], disk.bytes, disk.size);
		paths[i] = files[i].path;
		image_destroy(&disk);
	}

	struct vmc_error *err = vmc_dump_open_set(paths, count, NULL, dump);

	if (!err)
		check_dump(*dump);
	for (size_t i = 0; i < count; i++)
		scratch_file_destroy(&files[i]);
	return err;
}

static void disks_of_a_set(void **state)
{
	static const uint32_t orders[][DISKS_MAX] = {{1, 2, 3}, {3, 1, 2}, {2, 3, 1}};
	struct vmc_dump *dump;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		succeed(open_set(orders[i], DISKS_MAX, &dump));
		assert_int_equal(vmc_dump_file_count(dump), DISKS_MAX);
		vmc_dump_close(dump);
	}
	fail_with(open_set((const uint32_t[]){1, 2}, 2, &dump), VMC_ERR_INVALID,
		  "on 3 disks, but 2 were given");
	fail_with(open_set((const uint32_t[]){1, 2, 2}, 3, &dump), VMC_ERR_INVALID,
		  "disk 2 of the set was given twice");
	fail_with(open_set((const uint32_t[]){3}, 1, &dump), VMC_ERR_INVALID,
		  "disk 3 of a set, but 1 were given");
}

/* One field of a single partition is something else. */
static void expect_bad(size_t offset, uint32_t value, enum vmc_error_code code, const char *part)
{
	struct image disk = build_single();

	put_u32(&disk, offset, value);
	expect_open_error(&disk, code, part);
	image_destroy(&disk);
}

static void damaged_headers(void **state)
{
	struct image disk = build_single();

	(void)state;
	expect_bad(1000, 0, VMC_ERR_CORRUPT, "end within a block");
	expect_bad(160, 100, VMC_ERR_TRUNCATED, "used_device is 0x64");
	expect_bad(164, 1, VMC_ERR_TRUNCATED, "the file ends at");
	expect_bad(160, DATA, VMC_ERR_TRUNCATED, "0x13 pages should be stored, but there is room");
	expect_bad(160, STATES, VMC_ERR_TRUNCATED, "of the disk are in use");
	expect_bad(BLOCK, 0, VMC_ERR_CORRUPT, "no header of the dump");
	expect_bad(BLOCK + 40, 8192, VMC_ERR_CORRUPT, "block_size is 0x2000");
	expect_bad(BLOCK + 48, UINT32_MAX, VMC_ERR_TRUNCATED, "of the disk are in use");
	expect_bad(BLOCK + 52, 0, VMC_ERR_CORRUPT, "max_mapnr is 0x29");
	expect_bad(BLOCK + 56, UINT32_MAX, VMC_ERR_TRUNCATED, "of the disk are in use");
	expect_bad(BLOCK + 88, 0, VMC_ERR_CORRUPT, "max_mapnr is 0x0");
	expect_bad(BLOCK + 92, 16, VMC_ERR_LIMIT, "max_mapnr is 0x1000000029");
	for (disk.size -= 1; disk.size > 8; disk.size -= disk.size > 300 ? 300 : 1)
		expect_open_error(&disk, disk.size > BLOCK ? VMC_ERR_TRUNCATED : VMC_ERR_CORRUPT,
				  disk.size > BLOCK ? "the file ends at" : "partition header");
	image_destroy(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_partition),
		cmocka_unit_test(disks_of_a_set),
		cmocka_unit_test(damaged_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
