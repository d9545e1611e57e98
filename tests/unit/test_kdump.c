/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdump-compressed files that are built here, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>

#include "expect.h"
#include "kdump_opened.h"

#include "base/checked.h"
#include "dump/kdump.h"
#include "dump/machine.h"

static void test_headers(void **state)
{
	const struct recipe recipes[] = {{.layout = little}, {.layout = big}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct image image = image_build(&recipes[i]);
		struct opened opened;

		succeed(opened_try(&opened, &image, NULL));
		const struct vmc_dump *dump = opened.dump;

		assert_string_equal(vmc_dump_format(dump), "kdump");
		assert_int_equal(dump->layout.big_endian, recipes[i].layout.big_endian);
		assert_int_equal(dump->layout.word_size, 8);
		assert_int_equal(dump->machine, EM_X86_64);
		assert_string_equal(dump->uts_machine, "x86_64");
		assert_int_equal(dump->page_size, 4096);
		assert_int_equal(dump->page_shift, 12);
		assert_true(dump->history.filtered);
		assert_int_equal(dump->history.dump_level, 31);
		assert_false(dump->history.incomplete);
		assert_true(dump->has_phys_base_hint);
		assert_int_equal(dump->phys_base_hint, 0x4400000);
		assert_int_equal(vmc_dump_end_pfn(dump), 150);
		assert_int_equal(notes_cpu_count(&dump->notes), 2);
		assert_int_equal(dump->notes.count, 3);
		opened_close(&opened);
		image_destroy(&image);
	}
}

static void test_pages(void **state)
{
	const struct vmc_dump_options no_mmap = {.no_mmap = true};
	const struct recipe recipes[] = {
		{.layout = little},
		{.layout = big},
		{.backwards = true},
		/* one bitmap fills more than half of its blocks, or it would count as two */
		{.one_bitmap = true, .max_mapnr = 20000},
		{.block_size = 8192},
		{.block_size = 65536},
		{.block_size = 65536, .layout = big, .one_bitmap = true, .max_mapnr = 300000},
		{.block_size = DUMP_PAGE_SIZE_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
		check_whole(&recipes[i], NULL);
		check_whole(&recipes[i], &no_mmap);
	}
}

/* More pages than a cursor remembers or looks up together, in all formats built in. */
static void test_many_pages(void **state)
{
	static const uint32_t flags[] = {CODEC_ZLIB, CODEC_LZO, CODEC_RAW, CODEC_ZSTD,
					 CODEC_SNAPPY};
	static struct page pages[1000];
	size_t formats = codec_for_format(CODEC_SNAPPY) ? 5 : 4;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		pages[i] = (struct page){
			.pfn = i * 3 + i / 100 * 50,
			.flags = flags[i % formats],
			.zero = flags[i % formats] == CODEC_RAW && i % 2,
		};
	const struct recipe recipe = {.pages = pages, .page_count = 1000, .max_mapnr = 4000};

	check_whole(&recipe, NULL);
}

static void test_runs(void **state)
{
	static const struct vmc_memory_run expected[] = {
		{0, 1, VMC_MEMORY_NODATA},  {1, 3, VMC_MEMORY_DATA},
		{4, 55, VMC_MEMORY_NODATA}, {59, 1, VMC_MEMORY_DATA},
		{64, 2, VMC_MEMORY_DATA},   {66, 61, VMC_MEMORY_NODATA},
		{127, 2, VMC_MEMORY_DATA},  {129, 20, VMC_MEMORY_NODATA},
		{149, 1, VMC_MEMORY_DATA},
	};
	struct image image = image_build(&(struct recipe){0});
	struct opened opened;
	struct vmc_memory_run run = {0};

	(void)state;
	succeed(opened_try(&opened, &image, NULL));
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(vmc_dump_next_run(opened.dump, run.start + run.count, &run));
		assert_int_equal(run.start, expected[i].start);
		assert_int_equal(run.count, expected[i].count);
		assert_int_equal(run.kind, expected[i].kind);
	}
	assert_false(vmc_dump_next_run(opened.dump, run.start + run.count, &run));

	assert_true(vmc_dump_next_run(opened.dump, 100, &run));
	assert_int_equal(run.start, 100);
	assert_int_equal(run.count, 27);

	fail_with(read_page(&opened, 4), VMC_ERR_NODATA, "left out of the dump (at pfn 0x4)");
	fail_with(read_page(&opened, 60), VMC_ERR_NODATA, "this is no memory");
	fail_with(read_page(&opened, 150), VMC_ERR_NODATA, "this is no memory");
	fail_with(read_page(&opened, (vmc_pfn)1 << 51), VMC_ERR_NODATA, "this is no memory");
	opened_close(&opened);
	image_destroy(&image);
}

/* Two bitmaps of noise, held against what their bits say. */
static void test_runs_of_noise(void **state)
{
	const uint64_t max_mapnr = 30011, half = 4096;
	struct recipe recipe = {.max_mapnr = max_mapnr, .page_count = 0, .pages = default_pages};
	struct image image = image_build(&recipe);
	struct opened opened;
	struct vmc_memory_run run;
	vmc_pfn pfn = 0, seen_end = 0;

	(void)state;
	srandom(1);
	/* Bits of the padding too: they must not be looked at. */
	for (size_t i = 0; i < 2 * half; i++)
		image.bytes[image.bitmaps + i] =
			random() % 3 ? (uint8_t)random() : (uint8_t)(random() % 2 ? 0 : 0xff);
	const uint8_t *known = image.bytes + image.bitmaps, *stored = known + half;

	image_grow(&image, image.table + max_mapnr * KDUMP_DESCRIPTOR_SIZE);
	known = image.bytes + image.bitmaps;
	stored = known + half;
	succeed(opened_try(&opened, &image, NULL));
	while (vmc_dump_next_run(opened.dump, pfn, &run)) {
		assert_true(run.count > 0);
		for (; pfn < run.start; pfn++)
			assert_false((known[pfn / 8] | stored[pfn / 8]) >> pfn % 8 & 1);
		for (; pfn < run.start + run.count; pfn++) {
			assert_int_equal(stored[pfn / 8] >> pfn % 8 & 1,
					 run.kind == VMC_MEMORY_DATA);
			assert_true((known[pfn / 8] | stored[pfn / 8]) >> pfn % 8 & 1);
		}
		seen_end = pfn;
	}
	assert_true(seen_end <= max_mapnr);
	assert_int_equal(seen_end, vmc_dump_end_pfn(opened.dump));
	for (; pfn < max_mapnr; pfn++)
		assert_false((known[pfn / 8] | stored[pfn / 8]) >> pfn % 8 & 1);
	opened_close(&opened);
	image_destroy(&image);
}

static void expect_vmcoreinfo(const struct opened *opened)
{
	const struct note *note = notes_find(&opened->dump->notes, "VMCOREINFO", 0);
	char *text;
	size_t size;

	assert_non_null(note);
	succeed(note_read(note, opened->dump->file, 1 << 20, &text, &size));
	assert_int_equal(size, sizeof(vmcoreinfo_text) - 1);
	assert_string_equal(text, vmcoreinfo_text);
	free(text);
}

static void test_vmcoreinfo(void **state)
{
	const struct recipe recipes[] = {
		{.no_notes = false},
		{.no_notes = true},
		{.no_vmcoreinfo = true},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct image image = image_build(&recipes[i]);
		struct opened opened;

		succeed(opened_try(&opened, &image, NULL));
		if (recipes[i].no_vmcoreinfo)
			assert_null(notes_find(&opened.dump->notes, "VMCOREINFO", 0));
		else
			expect_vmcoreinfo(&opened);
		opened_close(&opened);
		image_destroy(&image);
	}
}

struct log_lines {
	char text[1024];
};

static void log_to_lines(void *arg, enum vmc_log_level level, const char *message)
{
	struct log_lines *lines = arg;

	(void)level;
	strncat(lines->text, message, sizeof(lines->text) - strlen(lines->text) - 1);
}

static void test_split_part(void **state)
{
	/* Its descriptors are numbered from start_pfn on. */
	struct recipe recipe = {.start_pfn = 60, .end_pfn = 128};
	struct image image = image_build(&recipe);
	struct log_lines lines = {{0}};
	const struct vmc_dump_options options = {.log = {log_to_lines, &lines}};
	struct opened opened;
	struct vmc_memory_run run;

	(void)state;
	memmove(image.bytes + image.table, image.bytes + image.table + 4 * KDUMP_DESCRIPTOR_SIZE,
		3 * KDUMP_DESCRIPTOR_SIZE);
	succeed(opened_try(&opened, &image, &options));
	assert_non_null(strstr(lines.text, "one part of a split dump"));
	check_pages(&opened, default_pages + 4, 3);
	fail_with(read_page(&opened, 2), VMC_ERR_NODATA, "another part of the split dump");
	fail_with(read_page(&opened, 128), VMC_ERR_NODATA, "another part of the split dump");
	fail_with(read_page(&opened, 66), VMC_ERR_NODATA, "left out");
	assert_true(vmc_dump_next_run(opened.dump, 0, &run));
	assert_int_equal(run.kind, VMC_MEMORY_NODATA);
	assert_int_equal(run.count, 60);
	opened_close(&opened);
	image_destroy(&image);
}

static void test_incomplete(void **state)
{
	struct image image = image_build(&(struct recipe){.status = 0x8 | 0x1});
	struct log_lines lines = {{0}};
	const struct vmc_dump_options options = {.log = {log_to_lines, &lines}};
	struct opened opened;
	struct vmc_memory_run run;

	(void)state;
	/* The data of the last but one was not all written, the last has no descriptor. */
	put_descriptor(&image, DEFAULT_COUNT - 2, image.size - 10, 11, CODEC_ZLIB);
	put_descriptor(&image, DEFAULT_COUNT - 1, 0, 0, 0);
	succeed(opened_try(&opened, &image, &options));
	assert_non_null(strstr(lines.text, "incomplete"));
	assert_true(opened.dump->history.incomplete);
	check_pages(&opened, default_pages, DEFAULT_COUNT - 2);
	fail_with(read_page(&opened, 128), VMC_ERR_NODATA, "stopped before this page");
	fail_with(read_page(&opened, 149), VMC_ERR_NODATA, "stopped before this page");
	assert_true(vmc_dump_next_run(opened.dump, 127, &run));
	assert_int_equal(run.count, 1);
	assert_true(vmc_dump_next_run(opened.dump, 128, &run));
	assert_int_equal(run.kind, VMC_MEMORY_NODATA);
	assert_int_equal(run.count, 22);
	opened_close(&opened);

	/* In a file that claims to be complete both are damage. */
	put_u32(&image, MAIN_STATUS, 1);
	succeed(opened_try(&opened, &image, NULL));
	fail_with(read_page(&opened, 128), VMC_ERR_TRUNCATED, "beyond the end of the file");
	fail_with(read_page(&opened, 149), VMC_ERR_CORRUPT, "page descriptor 8: its size");
	opened_close(&opened);
	image_destroy(&image);
}

/* One number is changed, and the error names it. */
static void test_bad_headers(void **state)
{
	enum { SUB = 4096 };
	static const struct {
		size_t offset, size;
		uint64_t value;
		enum vmc_error_code code;
		const char *part;
	} cases[] = {
		{MAIN_VERSION, 4, 7, VMC_ERR_UNSUPPORTED,
		 "header_version is 0x7: only versions to 6"},
		{MAIN_VERSION, 4, 0x12345678, VMC_ERR_CORRUPT, "(at offset 0x8)"},
		{MAIN_BLOCK_SIZE, 4, 0, VMC_ERR_CORRUPT, "block_size is 0x0"},
		{MAIN_BLOCK_SIZE, 4, 2048, VMC_ERR_CORRUPT, "block_size is 0x800"},
		{MAIN_BLOCK_SIZE, 4, 5000, VMC_ERR_CORRUPT,
		 "block_size is 0x1388: no power of two"},
		{MAIN_BLOCK_SIZE, 4, 1 << 19, VMC_ERR_CORRUPT, "block_size is 0x80000"},
		{MAIN_SUB_HDR_SIZE, 4, 0, VMC_ERR_CORRUPT, "sub_hdr_size is 0x0"},
		{MAIN_SUB_HDR_SIZE, 4, 100000, VMC_ERR_TRUNCATED, "sub_hdr_size is 0x186a0"},
		{MAIN_SUB_HDR_SIZE, 4, UINT32_MAX, VMC_ERR_TRUNCATED, "sub_hdr_size is 0xffffffff"},
		{MAIN_BITMAP_BLOCKS, 4, 0, VMC_ERR_CORRUPT, "bitmap_blocks is 0x0"},
		{MAIN_BITMAP_BLOCKS, 4, 1000, VMC_ERR_TRUNCATED, "bitmap_blocks is 0x3e8"},
		{MAIN_BITMAP_BLOCKS, 4, UINT32_MAX, VMC_ERR_TRUNCATED,
		 "bitmap_blocks is 0xffffffff"},
		{SUB + SUB_MAX_MAPNR, 8, 0, VMC_ERR_CORRUPT, "max_mapnr_64 is 0x0"},
		{SUB + SUB_MAX_MAPNR, 8, 2 * 4096 * 8 + 1, VMC_ERR_CORRUPT,
		 "max_mapnr_64 is 0x10001: bitmap_blocks has room for 0x10000 pages"},
		{SUB + SUB_MAX_MAPNR, 8, UINT64_MAX, VMC_ERR_LIMIT, "(at offset 0x1060)"},
		{SUB + SUB_OFFSET_NOTE, 8, 1 << 30, VMC_ERR_TRUNCATED, "offset_note is 0x40000000"},
		{SUB + SUB_OFFSET_NOTE, 8, UINT64_MAX, VMC_ERR_TRUNCATED, "offset_note is"},
		{SUB + SUB_SIZE_NOTE, 8, UINT64_MAX, VMC_ERR_TRUNCATED, "offset_note is"},
		{SUB + SUB_OFFSET_VMCOREINFO, 8, UINT64_MAX - 1, VMC_ERR_TRUNCATED,
		 "offset_vmcoreinfo"},
		{SUB + SUB_SIZE_VMCOREINFO, 8, 1 << 30, VMC_ERR_TRUNCATED, "offset_vmcoreinfo"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image image = image_build(&(struct recipe){0});

		if (cases[i].size == 8)
			put_u64(&image, cases[i].offset, cases[i].value);
		else
			put_u32(&image, cases[i].offset, (uint32_t)cases[i].value);
		expect_open_error(&image, cases[i].code, cases[i].part);
		image_destroy(&image);
	}
}

static void test_bad_split(void **state)
{
	struct image beyond = image_build(&(struct recipe){.start_pfn = 64, .end_pfn = 201});
	struct image turned = image_build(&(struct recipe){.start_pfn = 65, .end_pfn = 64});

	(void)state;
	expect_open_error(&beyond, VMC_ERR_CORRUPT,
			  "end_pfn_64 is 0xc9: max_mapnr_64 is only 0xc8");
	expect_open_error(&turned, VMC_ERR_CORRUPT,
			  "start_pfn_64 is 0x41: end_pfn_64 is only 0x40");
	image_destroy(&beyond);
	image_destroy(&turned);
}

static void test_other_signature(void **state)
{
	struct image image = image_build(&(struct recipe){0});

	(void)state;
	memcpy(image.bytes, "KDUMP  x", 8);
	expect_open_error(&image, VMC_ERR_FORMAT, "");
	image_destroy(&image);
}

/* The name may have no end, and bytes that no terminal should see. */
static void test_machine_names(void **state)
{
	struct image image = image_build(&(struct recipe){0});
	struct opened opened;

	(void)state;
	memset(image.bytes + MAIN_UTSNAME, 'm', 390);
	image.bytes[MAIN_UTSNAME + 4 * 65 + 1] = '\033';
	succeed(opened_try(&opened, &image, NULL));
	assert_int_equal(strlen(opened.dump->uts_machine), 65);
	assert_memory_equal(opened.dump->uts_machine, "m?mm", 4);
	assert_int_equal(opened.dump->machine, EM_NONE);
	assert_false(opened.dump->has_phys_base_hint);
	opened_close(&opened);
	image_destroy(&image);

	assert_int_equal(machine_from_name("i686"), EM_386);
	assert_int_equal(machine_from_name("aarch64"), EM_AARCH64);
	assert_int_equal(machine_from_name("armv7l"), EM_ARM);
	assert_int_equal(machine_from_name("s390x"), EM_S390);
	assert_int_equal(machine_from_name("ppc64le"), EM_PPC64);
	assert_int_equal(machine_from_name("riscv64"), EM_RISCV);
	assert_int_equal(machine_from_name("loongarch64"), EM_LOONGARCH);
	assert_int_equal(machine_from_name(""), EM_NONE);
}

/* QEMU writes such a number when it takes decimal digits for hexadecimal. */
static void test_phys_base_out_of_line(void **state)
{
	struct image image = image_build(&(struct recipe){0});
	struct opened opened;

	(void)state;
	put_u64(&image, image.block_size + SUB_PHYS_BASE, 0x79691776);
	succeed(opened_try(&opened, &image, NULL));
	assert_false(opened.dump->has_phys_base_hint);
	opened_close(&opened);
	image_destroy(&image);
}

/* Wherever the file ends: an error when it is opened, or of the pages whose data is gone. */
static void test_truncated(void **state)
{
	struct image image = image_build(&(struct recipe){0});
	size_t whole = image.size;

	(void)state;
	for (size_t size = 0; size < whole; size += size < image.table - 8 && size > 500 ? 61 : 1) {
		struct opened opened;
		struct vmc_error *err;

		image.size = size;
		err = opened_try(&opened, &image, NULL);
		if (size < image.data) {
			assert_non_null(err);
			if (size >= 8)
				assert_int_equal(vmc_error_code(err), VMC_ERR_TRUNCATED);
			vmc_error_free(err);
		} else {
			succeed(err);
			fail_with(read_page(&opened, 149), VMC_ERR_TRUNCATED,
				  "page 0x95: page descriptor 8: its data goes beyond");
		}
		opened_close(&opened);
	}
	image_destroy(&image);
}

static void test_bad_descriptors(void **state)
{
	struct image image = image_build(&(struct recipe){0});
	const struct {
		uint64_t offset;
		uint32_t size, flags;
		enum vmc_error_code code;
		const char *part;
	} cases[] = {
		{image.data, 0, 0, VMC_ERR_CORRUPT, "page descriptor 1: its size is not 1 to"},
		{image.data, 4097, 1, VMC_ERR_CORRUPT, "but 0x1001"},
		{image.data, UINT32_MAX, 1, VMC_ERR_CORRUPT, "but 0xffffffff"},
		{image.data, 4095, 0, VMC_ERR_CORRUPT, "raw, but not of the size of a page"},
		{image.data, 100, 0x80, VMC_ERR_CORRUPT, "raw, but not of the size of a page"},
		{0, 4096, 0, VMC_ERR_CORRUPT, "among headers, at 0x0"},
		{image.data - 1, 4096, 0, VMC_ERR_CORRUPT, "among headers"},
		{image.size - 4095, 4096, 0, VMC_ERR_TRUNCATED, "beyond the end of the file"},
		{UINT64_MAX, 4096, 0, VMC_ERR_TRUNCATED, "beyond the end of the file"},
		{(uint64_t)1 << 63, 4096, 0, VMC_ERR_TRUNCATED, "beyond the end of the file"},
		/* a page of zeros is no compressed page */
		{image.data, 4096, CODEC_ZLIB, VMC_ERR_CORRUPT, "page 0x2: data of 4096 bytes at"},
		{image.data, 4096, CODEC_LZO, VMC_ERR_CORRUPT, "lzo"},
		{image.data, 4096, CODEC_ZSTD, VMC_ERR_CORRUPT, "zstd"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct opened opened;

		put_descriptor(&image, 1, cases[i].offset, cases[i].size, cases[i].flags);
		succeed(opened_try(&opened, &image, NULL));
		fail_with(read_page(&opened, 2), cases[i].code, cases[i].part);
		/* the others are as they were, and so is the error */
		check_page(&opened, &default_pages[0]);
		check_page(&opened, &default_pages[2]);
		fail_with(read_page(&opened, 2), cases[i].code, cases[i].part);
		opened_close(&opened);
	}
	image_destroy(&image);
}

static void test_garbage(void **state)
{
	struct image image = image_build(&(struct recipe){0});

	(void)state;
	srandom(1);
	for (unsigned int round = 0; round < 2000; round++) {
		_cleanup_free_ uint8_t *original = malloc(image.size);
		struct opened opened;
		struct vmc_error *err;

		memcpy(original, image.bytes, image.size);
		for (long n = 1 + random() % 8; n; n--) {
			/* mostly where something is */
			size_t area[] = {0, image.block_size, image.bitmaps, image.table,
					 image.data};
			size_t where = area[random() % 5] + (size_t)random() % 480;

			image.bytes[where % image.size] = (uint8_t)random();
		}
		err = opened_try(&opened, &image, NULL);
		for (size_t i = 0; !err && i < DEFAULT_COUNT; i++)
			vmc_error_free(read_page(&opened, default_pages[i].pfn));
		vmc_error_free(err);
		opened_close(&opened);
		memcpy(image.bytes, original, image.size);
	}
	image_destroy(&image);
}

/* Every other page: more pieces than any machine's memory has. */
static void test_hostile_bitmap(void **state)
{
	const size_t bitmap = (size_t)8 << 20;
	struct image image = image_build(&(struct recipe){0});
	struct opened opened;

	(void)state;
	put_u32(&image, MAIN_BITMAP_BLOCKS, (uint32_t)(2 * bitmap / image.block_size));
	put_u64(&image, image.block_size + SUB_MAX_MAPNR, bitmap * 8);
	image_grow(&image, image.bitmaps + 2 * bitmap);
	memset(image.bytes + image.bitmaps, 0x55, 2 * bitmap);
	fail_with(opened_try(&opened, &image, NULL), VMC_ERR_LIMIT, "1st bitmap: the pages lie in");
	opened_close(&opened);
	image_destroy(&image);
}

/* The table that the bitmap promises is longer than the file. */
static void test_table_beyond_file(void **state)
{
	struct image image = image_build(&(struct recipe){0});

	(void)state;
	memset(image.bytes + image.bitmaps + image.block_size, 0xff, 25);
	put_u64(&image, image.block_size + SUB_MAX_MAPNR, 30000);
	memset(image.bytes + image.bitmaps + image.block_size, 0xff, 30000 / 8);
	expect_open_error(&image, VMC_ERR_TRUNCATED,
			  "the 2nd bitmap has 0x7530 pages, but the table of their descriptors");
	image_destroy(&image);
}

/* A page that cannot be decompressed must not be left where another page was remembered. */
static void test_failed_page_leaves_nothing(void **state)
{
	static struct page pages[40];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		pages[i] = (struct page){.pfn = i, .flags = CODEC_ZLIB};
	struct image image = image_build(&(struct recipe){
		.pages = pages,
		.page_count = 40,
		.max_mapnr = 40,
	});
	struct opened opened;

	/* The checksum of the last one: all of it is decompressed before the damage shows. */
	image.bytes[image.size - 1] ^= 1;
	succeed(opened_try(&opened, &image, NULL));
	for (size_t i = 0; i < 39; i++)
		check_page(&opened, &pages[i]);
	fail_with(read_page(&opened, 39), VMC_ERR_CORRUPT, "page 0x27: data of");
	for (size_t i = 39; i-- > 0;)
		check_page(&opened, &pages[i]);
	opened_close(&opened);
	image_destroy(&image);
}

static int calls_left;

static ssize_t failing_pread(int fd, void *buffer, size_t size, off_t offset)
{
	if (calls_left-- == 0) {
		errno = EIO;
		return -1;
	}
	return pread(fd, buffer, size, offset);
}

/* Each read of the file fails once. */
static void test_read_errors(void **state)
{
	const struct vmc_dump_options no_mmap = {.no_mmap = true};
	struct image image = image_build(&(struct recipe){.status = 0x8});
	struct io_syscalls syscalls = io_posix;
	bool failed = true;

	(void)state;
	syscalls.pread = failing_pread;
	io_set_syscalls(&syscalls);
	for (int calls = 0; failed; calls++) {
		struct opened opened;
		struct vmc_error *err;

		calls_left = calls;
		err = opened_try(&opened, &image, &no_mmap);
		for (size_t i = 0; !err && i < DEFAULT_COUNT; i++)
			err = read_page(&opened, default_pages[i].pfn);
		failed = err;
		if (err)
			fail_with(err, VMC_ERR_SYSTEM, opened.file.path);
		else
			assert_true(calls > 10);
		opened_close(&opened);
	}
	io_set_syscalls(NULL);
	image_destroy(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_many_pages),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_runs_of_noise),
		cmocka_unit_test(test_vmcoreinfo),
		cmocka_unit_test(test_split_part),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_bad_split),
		cmocka_unit_test(test_other_signature),
		cmocka_unit_test(test_machine_names),
		cmocka_unit_test(test_phys_base_out_of_line),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_bad_descriptors),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_hostile_bitmap),
		cmocka_unit_test(test_table_beyond_file),
		cmocka_unit_test(test_failed_page_leaves_nothing),
		cmocka_unit_test(test_read_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
