/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdump-compressed files as vmc_write() makes them, in every layout, page size and codec, looked at
 * byte by byte and read back, and written once more from there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "elf_builder.h"
#include "kdump_opened.h"
#include "write_source.h"

#include "write/unit.h"
#include "output_path.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static char said[512];

static void say(void *arg, enum vmc_log_level level, const char *message)
{
	(void)arg;
	(void)level;
	snprintf(said, sizeof(said), "%s", message);
}

static const struct kind kinds[] = {
	{"x86_64", EM_X86_64, {false, 8}, ABI_64, 4096, 0},
	{"s390x", EM_S390, {true, 8}, ABI_64, 4096, 0},
	{"sparc64", EM_SPARCV9, {true, 8}, ABI_64, 8192, 0},
	{"loongarch64", EM_LOONGARCH, {false, 8}, ABI_64, 16384, 0},
	{"ppc64", EM_PPC64, {true, 8}, ABI_64, 65536, 0},
	{"aarch64", EM_AARCH64, {false, 8}, ABI_64, 65536, 0},
	{"i686", EM_386, {false, 4}, ABI_PACKED, 4096, 0},
	{"armv7l", EM_ARM, {false, 4}, ABI_PADDED, 4096, 0x40000000},
	{"armv7b", EM_ARM, {true, 4}, ABI_PADDED, 4096, 0x40000000},
	{"ppc", EM_PPC, {true, 4}, ABI_PADDED, DUMP_PAGE_SIZE_MAX, 0},
};

static struct vmc_write_summary write_dump(struct source *source, const struct vmc_codec *codec)
{
	struct vmc_write_options options = {
		.codec = {codec, vmc_codec_level_default(codec)},
		.replace = true,
	};
	struct vmc_write_summary summary;

	identity_from_target(&source->target, &source->plan.identity);
	succeed(vmc_write(&source->plan, path, &options, &summary));
	assert_false(summary.incomplete);
	return summary;
}

/* The file as an image, so that fields are looked up by the tables of the test. */
static void load_image(const struct kind *kind, struct image *image)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	*image = (struct image){
		.layout = kind->layout,
		.block_size = kind->page_size,
		.abi = kind->abi,
		.version = 6,
		.size = (size_t)status.st_size,
		.bytes = malloc((size_t)status.st_size),
	};
	assert_int_equal(read(fd, image->bytes, image->size), image->size);
	close(fd);
}

/* The notes, walked in the byte order of the output. */
static size_t count_notes(const struct image *image, size_t *ret_prstatus)
{
	size_t at = get_field(image, FIELD_OFFSET_NOTE), count = 0;
	size_t end = at + get_field(image, FIELD_SIZE_NOTE);

	*ret_prstatus = 0;
	for (; at < end; count++) {
		uint32_t name_size = load_u32(image->layout, image->bytes + at);
		uint32_t size = load_u32(image->layout, image->bytes + at + 4);
		uint32_t type = load_u32(image->layout, image->bytes + at + 8);
		size_t descriptor = at + 12 + (name_size + 3) / 4 * 4;

		assert_in_range(name_size, 1, 20);
		assert_true(descriptor + size <= end);
		if (strcmp((char *)image->bytes + at + 12, "VMCOREINFO") == 0)
			assert_int_equal(descriptor, get_field(image, FIELD_OFFSET_VMCOREINFO));
		else if (!*ret_prstatus && type == NT_PRSTATUS)
			*ret_prstatus = descriptor;
		at = descriptor + (size + 3) / 4 * 4;
	}
	assert_int_equal(at, end);
	return count;
}

/* The same file as a program with a time_t of 64 bits sees it. */
static void check_for_time64(const struct image *image, uint64_t bits)
{
	static const enum image_field fields[] = {FIELD_BLOCK_SIZE, FIELD_SUB_HDR_SIZE,
						  FIELD_BITMAP_BLOCKS, FIELD_NR_CPUS};
	struct image wide = *image;

	wide.abi = ABI_TIME64;
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		assert_int_equal(get_field(&wide, fields[i]), get_field(image, fields[i]));
	assert_int_equal(get_field(&wide, FIELD_MAX_MAPNR), bits);
	/* incomplete, and parts of the memory map left out */
	assert_int_equal(get_field(&wide, FIELD_STATUS) & 0x18, 0);
	assert_int_equal(get_field(image, FIELD_STATUS), 0);
}

static void check_headers(const struct kind *kind, const struct vmc_dump *dump)
{
	struct image image;
	size_t unused;
	vmc_pfn first = kind->phys_offset / kind->page_size;
	uint64_t bits = vmc_dump_end_pfn(dump) - first;
	uint64_t half = (bits + 8 * kind->page_size - 1) / (8 * kind->page_size);
	size_t micros = kind->abi == ABI_64 ? 416 : 408;
	vmc_foff bitmap;

	load_image(kind, &image);
	if (kind->abi == ABI_PADDED)
		check_for_time64(&image, bits);
	else
		assert_int_equal(get_field(&image, FIELD_MAX_MAPNR), bits);
	assert_memory_equal(image.bytes, "KDUMP   ", 8);
	assert_int_equal(load_u32(image.layout, image.bytes + MAIN_VERSION), 6);
	assert_string_equal((char *)image.bytes + MAIN_UTSNAME, "Linux");
	assert_string_equal((char *)image.bytes + MAIN_UTSNAME + 4 * 65, kind->name);
	assert_int_equal(load_word(image.layout, image.bytes + micros), 0);
	assert_int_equal(get_field(&image, FIELD_BLOCK_SIZE), kind->page_size);
	assert_int_equal(get_field(&image, FIELD_SUB_HDR_SIZE), 1);
	assert_int_equal(get_field(&image, FIELD_BITMAP_BLOCKS), 2 * half);
	assert_int_equal(get_field(&image, FIELD_MAX_MAPNR_64), bits);
	assert_int_equal(get_field(&image, FIELD_NR_CPUS), 2);
	assert_int_equal(get_field(&image, FIELD_SPLIT), 0);
	if (kind->phys_offset)
		assert_int_equal(get_field(&image, FIELD_PHYS_BASE), kind->phys_offset);
	assert_int_equal(get_field(&image, FIELD_OFFSET_NOTE),
			 kind->page_size + image_sub_sizes[6][kind->abi]);
	assert_int_equal(get_field(&image, FIELD_SIZE_VMCOREINFO), sizeof(vmcoreinfo_text) - 1);
	assert_memory_equal(image.bytes + get_field(&image, FIELD_OFFSET_VMCOREINFO),
			    vmcoreinfo_text, sizeof(vmcoreinfo_text) - 1);
	assert_int_equal(count_notes(&image, &unused), 3);
	bitmap = 2 * (vmc_foff)kind->page_size;
	for (vmc_pfn pfn = 0; pfn < PFN_COUNT; pfn++) {
		assert_int_equal(image.bytes[bitmap + pfn / 8] >> pfn % 8 & 1, is_known(pfn));
		assert_int_equal(image.bytes[bitmap + half * kind->page_size + pfn / 8] >> pfn % 8 &
					 1,
				 pfn == 1 || pfn == 2 || pfn == 3 || pfn == 59 || pfn == 64 ||
					 pfn == 65 || pfn == 127 || pfn == 128 || pfn == 149);
	}
	image_destroy(&image);
}

/* What VMCOREINFO tells of physical addresses is in the header too, under one name. */
static void test_phys_base(void **state)
{
	static const struct {
		struct kind kind;
		enum fact_id fact;
	} cases[] = {
		{{"x86_64", EM_X86_64, {false, 8}, ABI_64, 4096, 0}, FACT_NUMBER_phys_base},
		{{"riscv64", EM_RISCV, {false, 8}, ABI_64, 4096, 0}, FACT_NUMBER_phys_ram_base},
		{{"aarch64", EM_AARCH64, {false, 8}, ABI_64, 4096, 0}, FACT_NUMBER_PHYS_OFFSET},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct recipe recipe = {.machine = cases[i].kind.name};
		struct image image = image_build(&recipe), out;
		struct opened opened;
		struct source source;

		succeed(opened_try(&opened, &image, NULL));
		source_init(&source, &cases[i].kind, opened.dump);
		fact_set(&source.target.facts, cases[i].fact, 0xfff1000080000000,
			 VMC_FACT_VMCOREINFO, NULL);
		write_dump(&source, vmc_codec_at(0));
		load_image(&cases[i].kind, &out);
		assert_int_equal(get_field(&out, FIELD_PHYS_BASE), 0xfff1000080000000);
		image_destroy(&out);
		source_deinit(&source);
		opened_close(&opened);
		image_destroy(&image);
	}
}

static void open_path(struct opened *opened)
{
	memset(opened, 0, sizeof(*opened));
	opened->file.fd = -1;
	succeed(vmc_dump_open(path, NULL, &opened->dump));
	succeed(vmc_dump_cursor_create(opened->dump, &opened->cursor));
}

static void close_path(struct opened *opened)
{
	vmc_dump_cursor_destroy(opened->cursor);
	vmc_dump_close(opened->dump);
}

static void check_written(const struct kind *kind)
{
	struct opened written;

	open_path(&written);
	written.first = kind->phys_offset / kind->page_size;
	assert_int_equal(written.dump->page_size, kind->page_size);
	assert_int_equal(written.dump->machine, kind->machine);
	assert_int_equal(written.dump->layout.big_endian, kind->layout.big_endian);
	assert_int_equal(vmc_dump_end_pfn(written.dump), written.first + 150);
	check_pages(&written, default_pages, DEFAULT_COUNT);
	check_headers(kind, written.dump);
	close_path(&written);
}

/* From a file of any layout to one of the dump's own, and from that once more. */
static void check_kind(const struct kind *kind, const struct vmc_codec *codec,
		       struct recipe *recipe)
{
	vmc_pfn first = kind->phys_offset / kind->page_size;
	struct image image = image_build(recipe);
	struct vmc_write_summary summary, again;
	struct opened opened;
	struct source source;

	succeed(opened_try(&opened, &image, NULL));
	opened.first = first;
	source_init(&source, kind, opened.dump);
	assert_int_equal(kept_total(&source.plan.kept), DEFAULT_COUNT);
	summary = write_dump(&source, codec);
	assert_int_equal(summary.pages_written, DEFAULT_COUNT);
	assert_int_equal(summary.zero_pages, 2);
	assert_int_equal(summary.unreadable_pages, 0);
	check_written(kind);
	source_deinit(&source);
	opened_close(&opened);
	image_destroy(&image);

	open_path(&opened);
	source_init(&source, kind, opened.dump);
	again = write_dump(&source, codec);
	assert_int_equal(again.bytes_out, summary.bytes_out);
	check_written(kind);
	source_deinit(&source);
	close_path(&opened);
}

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		for (size_t c = 0; c < vmc_codec_count(); c++) {
			struct recipe recipe = {
				.layout = kinds[i].layout,
				.abi = kinds[i].abi,
				.machine = kinds[i].name,
				.block_size = kinds[i].page_size,
				.phys_base = (uint32_t)kinds[i].phys_offset,
			};

			check_kind(&kinds[i], vmc_codec_at(c), &recipe);
		}
	}
}

/* QEMU's i386 in a 64-bit file, and an arm in the layout of an i386. */
static void test_from_other_layouts(void **state)
{
	const struct kind *i386 = &kinds[6], *arm = &kinds[7];
	struct recipe wide = {.machine = "i686", .no_names = true};
	struct recipe packed = {.abi = ABI_PACKED, .machine = "armv7l", .phys_base = 0x40000000};

	(void)state;
	check_kind(i386, vmc_codec_at(0), &wide);
	check_kind(arm, vmc_codec_at(0), &packed);
}

/* Headers and notes big endian, memory little endian: QEMU's ppc64le. */
static void test_byte_order_of_memory(void **state)
{
	const struct kind kind = {"ppc64le", EM_PPC64, {false, 8}, ABI_64, 65536, 0};
	struct recipe recipe = {
		.layout = {.big_endian = true, .word_size = 8},
		.machine = "ppc64le",
		.block_size = 65536,
	};
	struct image image = image_build(&recipe), out;
	struct opened opened;
	struct source source;
	size_t note = image.block_size + SUB_SIZE, registers = note + 20, at;

	(void)state;
	/* The first CPU's: a number of each width. */
	put_u32(&image, registers, 5);
	image.bytes[registers + 12] = 0x12;
	image.bytes[registers + 13] = 0x34;
	put_u64(&image, registers + 16, 0x1122334455667788);
	put_u32(&image, registers + 32, 4711);
	put_u64(&image, registers + 48, 77);
	put_u64(&image, registers + 112, 0xc000000001234567);
	put_u64(&image, registers + 320, 0xc00000000000abcd);
	put_u32(&image, registers + 328, 1);
	succeed(opened_try(&opened, &image, NULL));
	/* One more set of registers, which only the right byte order could give a meaning. */
	opened.dump->notes.list[1].type = NT_FPREGSET;
	source_init(&source, &kind, opened.dump);
	write_dump(&source, vmc_codec_at(0));
	load_image(&kind, &out);
	assert_int_equal(count_notes(&out, &at), 2);
	assert_int_equal(load_u32(kind.layout, out.bytes + at), 5);
	assert_int_equal(load_u16(kind.layout, out.bytes + at + 12), 0x1234);
	assert_int_equal(load_u64(kind.layout, out.bytes + at + 16), 0x1122334455667788);
	assert_int_equal(load_u32(kind.layout, out.bytes + at + 32), 4711);
	assert_int_equal(load_u64(kind.layout, out.bytes + at + 48), 77);
	assert_int_equal(load_u64(kind.layout, out.bytes + at + 112), 0xc000000001234567);
	assert_int_equal(load_u64(kind.layout, out.bytes + at + 320), 0xc00000000000abcd);
	assert_int_equal(load_u32(kind.layout, out.bytes + at + 328), 1);
	assert_memory_equal(out.bytes + get_field(&out, FIELD_OFFSET_VMCOREINFO), vmcoreinfo_text,
			    sizeof(vmcoreinfo_text) - 1);
	image_destroy(&out);
	source_deinit(&source);
	opened_close(&opened);
	image_destroy(&image);

	open_path(&opened);
	assert_false(opened.dump->layout.big_endian);
	assert_int_equal(notes_cpu_count(&opened.dump->notes), 1);
	check_pages(&opened, default_pages, DEFAULT_COUNT);
	close_path(&opened);
}

/* Flash below RAM: the file has no number for it, which is said and counted. */
static void test_memory_below_ram(void **state)
{
	struct kind kind = kinds[7];
	const struct vmc_dump_options options = {.log = {.write = say}};
	struct recipe recipe = {.abi = ABI_PADDED, .machine = "mips"}; /* no offset in the input */
	struct image image = image_build(&recipe);
	struct vmc_write_summary summary;
	struct opened opened;
	struct source source;

	(void)state;
	kind.phys_offset = 64 * 4096;
	succeed(opened_try(&opened, &image, &options));
	source_init(&source, &kind, opened.dump);
	summary = write_dump(&source, vmc_codec_at(0));
	assert_non_null(strstr(said, "0x4 pages lie below the beginning of RAM at 0x40000"));
	assert_int_equal(summary.unreadable_pages, 4);
	assert_int_equal(summary.pages_written, 5);
	source_deinit(&source);
	opened_close(&opened);
	image_destroy(&image);

	open_path(&opened);
	check_pages(&opened, default_pages + 4, 5);
	fail_with(read_page(&opened, 59), VMC_ERR_NODATA, "this is no memory");
	assert_int_equal(vmc_dump_end_pfn(opened.dump), 150);
	close_path(&opened);
}

/* As many blocks of bitmaps as would be a status that says incomplete. */
static void test_harmless_blocks(void **state)
{
	static const struct page pages[] = {
		{.pfn = 1, .flags = CODEC_ZLIB},
		{.pfn = 4 * 8 * 4096 - 1, .flags = CODEC_LZO},
	};
	const struct kind *arm = &kinds[7];
	struct recipe recipe = {
		.abi = ABI_PADDED,
		.phys_base = 0x40000000,
		.max_mapnr = 4 * 8 * 4096, /* 4 blocks, twice */
		.pages = pages,
		.page_count = COUNT_OF(pages),
	};
	struct image image = image_build(&recipe), out;
	struct opened opened;
	struct source source;

	(void)state;
	succeed(opened_try(&opened, &image, NULL));
	source_init(&source, arm, opened.dump);
	write_dump(&source, vmc_codec_at(0));
	load_image(arm, &out);
	assert_int_equal(get_field(&out, FIELD_BITMAP_BLOCKS), 32);
	check_for_time64(&out, 4 * 8 * 4096);
	image_destroy(&out);
	source_deinit(&source);
	opened_close(&opened);
	image_destroy(&image);

	open_path(&opened);
	assert_int_equal(vmc_dump_end_pfn(opened.dump), 0x40000 + 4 * 8 * 4096);
	assert_false(opened.dump->history.incomplete);
	opened.first = 0x40000;
	check_pages(&opened, pages, COUNT_OF(pages));
	close_path(&opened);
}

/* RAM above what a 32-bit header can tell: pages are numbered from 0. */
static void test_ram_beyond_header(void **state)
{
	struct kind kind = kinds[7];
	struct recipe recipe = {.abi = ABI_PADDED, .machine = "mips"};
	struct image image = image_build(&recipe), out;
	struct opened opened;
	struct source source;

	(void)state;
	kind.phys_offset = (vmc_paddr)8 << 32;
	succeed(opened_try(&opened, &image, NULL));
	source_init(&source, &kind, opened.dump);
	write_dump(&source, vmc_codec_at(0));
	load_image(&kind, &out);
	assert_int_equal(get_field(&out, FIELD_PHYS_BASE), 0);
	image_destroy(&out);
	source_deinit(&source);
	opened_close(&opened);
	image_destroy(&image);
	open_path(&opened);
	check_pages(&opened, default_pages, DEFAULT_COUNT);
	close_path(&opened);
}

/*
 * An ELF file whose segments begin and end inside pages of 64 KiB.  In pages: 0 has a hole in its
 * middle, 1 is whole out of three pieces, 3 ends early, 4 is a hole, 5 begins late, 6 is no memory
 * but for its last KiB, whose content was left out.
 */
#define BIG 0x10000u
#define AT  0x2000u /* of page 0 in the file */

static void fill_expected(uint8_t *page, uint32_t from, uint32_t to, uint64_t file)
{
	scratch_fill(page + from, file, to - from);
}

static void test_pieces_of_pages(void **state)
{
	const struct kind kind = {"ppc64le", EM_PPC64, {false, 8}, ABI_64, BIG, 0};
	struct built_segment segments[] = {
		{.type = PT_NOTE, .offset = 0x1000},
		LOAD(AT, 0, 0x4000, 0x4000),
		LOAD(AT + 0x8000, 0x8000, 0xc000, 0xc000), /* to the middle of page 1 */
		LOAD(AT + 0x18000, 0x18000, 0x400, 0x400),
		LOAD(AT + 0x14000, 0x14000, 0x4000, 0x4000),
		LOAD(AT + 0x18400, 0x18400, 0x7c00, 0x7c00),
		LOAD(AT + 0x30000, 0x30000, 0xec00, 0xec00),
		LOAD(AT + 0x5fc00, 0x5fc00, 0x400, 0x400),
		LOAD(0, 0x6fc00, 0, 0x400),
	};
	struct built_elf elf = {
		.layout = {false, 8},
		.machine = EM_PPC64,
		.segments = segments,
		.count = COUNT_OF(segments),
		.size = AT + 0x60000,
	};
	static const struct vmc_memory_run expected[] = {
		{0, 2, VMC_MEMORY_DATA},
		{3, 1, VMC_MEMORY_DATA},
		{5, 1, VMC_MEMORY_DATA},
		{6, 1, VMC_MEMORY_NODATA},
	};
	_cleanup_free_ uint8_t *page = malloc(BIG), *want = malloc(BIG);
	struct opened opened = {0};
	struct source source;
	struct vmc_memory_run run = {0};
	uint8_t *bytes;

	(void)state;
	segments[0].filesz = 24 + sizeof(vmcoreinfo_text) - 1;
	bytes = built_bytes(&elf);
	note_put(elf.layout, bytes + 0x1000, "VMCOREINFO", 0, vmcoreinfo_text);
	scratch_file_create(&opened.file, bytes, elf.size);
	free(bytes);
	succeed(vmc_dump_open(opened.file.path, NULL, &opened.dump));
	succeed(dump_set_page_size(opened.dump, BIG));
	source_init(&source, &kind, opened.dump);
	write_dump(&source, vmc_codec_at(0));
	source_deinit(&source);
	vmc_dump_close(opened.dump);
	scratch_file_destroy(&opened.file);

	open_path(&opened);
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		assert_true(vmc_dump_next_run(opened.dump, run.start + run.count, &run));
		assert_memory_equal(&run.start, &expected[i].start, sizeof(run.start));
		assert_int_equal(run.count, expected[i].count);
		assert_int_equal(run.kind, expected[i].kind);
	}
	assert_false(vmc_dump_next_run(opened.dump, 7, &run));

	memset(want, 0, BIG);
	fill_expected(want, 0, 0x4000, AT);
	fill_expected(want, 0x8000, BIG, AT + 0x8000);
	succeed(vmc_dump_read(opened.cursor, 0, page, BIG));
	assert_memory_equal(page, want, BIG);
	scratch_fill(want, AT + BIG, BIG);
	succeed(vmc_dump_read(opened.cursor, BIG, page, BIG));
	assert_memory_equal(page, want, BIG);
	memset(want, 0, BIG);
	fill_expected(want, 0, 0xec00, AT + 3 * BIG);
	succeed(vmc_dump_read(opened.cursor, 3 * BIG, page, BIG));
	assert_memory_equal(page, want, BIG);
	memset(want, 0, BIG);
	fill_expected(want, 0xfc00, BIG, AT + 5 * BIG + 0xfc00);
	succeed(vmc_dump_read(opened.cursor, 5 * BIG, page, BIG));
	assert_memory_equal(page, want, BIG);
	fail_with(read_page(&opened, 4), VMC_ERR_NODATA, "this is no memory");
	fail_with(read_page(&opened, 6), VMC_ERR_NODATA, "left out");
	close_path(&opened);
}

/* Three parts in one file after the other: where they are cut, and that each has its own pages and
 * the bitmaps of all. */
static void test_split(void **state)
{
	static const struct {
		vmc_pfn start, end;
		uint64_t count;
	} expected[] = {{0, 64, 4}, {64, 128, 3}, {128, 150, 2}};
	const struct kind *kind = &kinds[0];
	struct vmc_write_options options = {
		.codec = {vmc_codec_at(0), vmc_codec_level_default(vmc_codec_at(0))},
		.replace = true,
	};
	struct vmc_write_summary summaries[5];
	char names[5][80];
	const char *paths[5];
	struct recipe recipe = {.machine = kind->name};
	struct image image = image_build(&recipe), first = {0};
	struct opened opened;
	struct source source;
	size_t count;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		snprintf(names[i], sizeof(names[i]), "%s.%zu", path, i);
		paths[i] = names[i];
	}
	succeed(opened_try(&opened, &image, &(struct vmc_dump_options){.log = {.write = say}}));
	source_init(&source, kind, opened.dump);
	said[0] = '\0';
	succeed(vmc_write_split(&source.plan, paths, 5, 1 << 30, &options, summaries, &count));
	assert_int_equal(count, COUNT_OF(expected));
	assert_non_null(strstr(said, "make 3 parts, not 5"));
	for (size_t i = 0; i < count; i++) {
		struct image part;

		assert_string_equal(summaries[i].path, names[i]);
		assert_int_equal(summaries[i].pages_written, expected[i].count);
		assert_int_equal(rename(names[i], path), 0);
		load_image(kind, &part);
		assert_int_equal(get_field(&part, FIELD_SPLIT), 1);
		assert_int_equal(get_field(&part, FIELD_START_PFN), expected[i].start);
		assert_int_equal(get_field(&part, FIELD_END_PFN), expected[i].end);
		assert_int_equal(get_field(&part, FIELD_START_PFN_64), expected[i].start);
		assert_int_equal(get_field(&part, FIELD_END_PFN_64), expected[i].end);
		if (!i)
			first = part;
		/* main header, notes and bitmaps */
		assert_memory_equal(part.bytes, first.bytes, 464);
		assert_memory_equal(part.bytes + 4096 + 104, first.bytes + 4096 + 104,
				    3 * 4096 - 104);
		if (i)
			image_destroy(&part);
	}
	image_destroy(&first);
	assert_int_equal(access(names[3], F_OK), -1);
	source_deinit(&source);
	opened_close(&opened);
	image_destroy(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_from_other_layouts),
		cmocka_unit_test(test_byte_order_of_memory),
		cmocka_unit_test(test_memory_below_ram),
		cmocka_unit_test(test_harmless_blocks),
		cmocka_unit_test(test_phys_base),
		cmocka_unit_test(test_ram_beyond_header),
		cmocka_unit_test(test_pieces_of_pages),
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
