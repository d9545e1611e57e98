/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF cores and flattened streams as vmc_write() and vmc_write_stream() make them, read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>

#include "elf_builder.h"
#include "kdump_opened.h"
#include "write_source.h"

#include "dump/elf_header.h"
#include "dump/flattened.h"
#include "write/elf_headers.h"
#include "output_path.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PAGE            ((uint64_t)4096)

static const struct kind kinds[] = {
	{"x86_64", EM_X86_64, {false, 8}, ABI_64, 4096, 0},
	{"s390x", EM_S390, {true, 8}, ABI_64, 4096, 0},
	{"ppc64", EM_PPC64, {true, 8}, ABI_64, 65536, 0},
	{"i686", EM_386, {false, 4}, ABI_PACKED, 4096, 0},
	{"armv7b", EM_ARM, {true, 4}, ABI_PADDED, 4096, 0x40000000},
};

static struct vmc_write_summary write_elf(struct source *source)
{
	struct vmc_write_options options = {.format = VMC_OUTPUT_ELF, .replace = true};
	struct vmc_write_summary summary;

	succeed(vmc_write(&source->plan, path, &options, &summary));
	assert_false(summary.incomplete);
	return summary;
}

static void open_path(struct opened *opened, uint32_t page_size)
{
	memset(opened, 0, sizeof(*opened));
	succeed(vmc_dump_open(path, NULL, &opened->dump));
	if (!opened->dump->page_size)
		succeed(dump_set_page_size(opened->dump, page_size));
	succeed(vmc_dump_cursor_create(opened->dump, &opened->cursor));
}

static void close_path(struct opened *opened)
{
	vmc_dump_cursor_destroy(opened->cursor);
	vmc_dump_close(opened->dump);
}

static struct vmc_error *read_byte(struct opened *opened, vmc_pfn pfn)
{
	uint8_t byte;

	return vmc_dump_read(opened->cursor, pfn * opened->dump->page_size, &byte, 1);
}

/* Pages with content, zeros among them; the rest of memory left out; the rest no memory. */
static void check_elf(const struct kind *kind, uint64_t size)
{
	struct opened written;
	struct elf_header header;
	vmc_pfn first = kind->phys_offset / kind->page_size;

	open_path(&written, kind->page_size);
	written.first = first;
	succeed(elf_header_read(written.dump->file, &header));
	assert_string_equal(vmc_dump_format(written.dump), "elf");
	assert_int_equal(written.dump->file->size, size);
	assert_int_equal(written.dump->machine, kind->machine);
	assert_int_equal(written.dump->layout.big_endian, kind->layout.big_endian);
	assert_int_equal(written.dump->layout.word_size, kind->layout.word_size);
	assert_int_equal(header.segments_offset, kind->layout.word_size == 8 ? 64 : 52);
	assert_int_equal(header.flags, 0);
	assert_true(written.dump->history.filtered);
	assert_false(written.dump->history.incomplete);
	assert_int_equal(vmc_dump_end_pfn(written.dump), first + 150);
	assert_int_equal(written.dump->notes.count, 3);
	check_pages(&written, default_pages, DEFAULT_COUNT);
	fail_with(read_byte(&written, first), VMC_ERR_NODATA, "left out");
	fail_with(read_byte(&written, first + 4), VMC_ERR_NODATA, "left out");
	fail_with(read_byte(&written, first + 66), VMC_ERR_NODATA, "left out");
	fail_with(read_byte(&written, first + 60), VMC_ERR_NODATA, "no segment");
	close_path(&written);
}

/* From kdump to ELF, and from that once more, which has to give the same. */
static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		const struct kind *kind = &kinds[i];
		struct recipe recipe = {
			.layout = kind->layout,
			.abi = kind->abi,
			.machine = kind->name,
			.block_size = kind->page_size,
			.phys_base = (uint32_t)kind->phys_offset,
		};
		struct image image = image_build(&recipe);
		struct vmc_write_summary first, second;
		struct opened opened;
		struct source source;

		succeed(opened_try(&opened, &image, NULL));
		source_init(&source, kind, opened.dump);
		first = write_elf(&source);
		assert_int_equal(first.pages_written, DEFAULT_COUNT);
		assert_int_equal(first.zero_pages, 2);
		check_elf(kind, first.bytes_out);
		source_deinit(&source);
		opened_close(&opened);
		image_destroy(&image);

		open_path(&opened, kind->page_size);
		source_init(&source, kind, opened.dump);
		assert_int_equal(kept_total(&source.plan.kept), DEFAULT_COUNT);
		second = write_elf(&source);
		assert_int_equal(second.bytes_out, first.bytes_out);
		check_elf(kind, second.bytes_out);
		source_deinit(&source);
		close_path(&opened);
	}
}

/* A dump of x86_64 in which segments overlap, as they do in /proc/vmcore. */
#define NOTE_AT   0x400
#define DATA_AT   0x1000
#define PAGES     600
#define TEXT_PFN  100
#define TEXT_SIZE 50
#define TEXT      0xffffffff81000000u
#define DIRECT    0xffff888000000000u

static void build_memory(struct scratch_file *scratch)
{
	static const struct built_segment segments[] = {
		{.type = PT_NOTE, .offset = NOTE_AT, .filesz = 64, .memsz = 64},
		{.type = PT_LOAD,
		 .offset = DATA_AT + TEXT_PFN * PAGE,
		 .vaddr = TEXT,
		 .paddr = TEXT_PFN * PAGE,
		 .filesz = TEXT_SIZE * PAGE,
		 .memsz = TEXT_SIZE * PAGE},
		{.type = PT_LOAD,
		 .offset = DATA_AT,
		 .vaddr = DIRECT,
		 .filesz = PAGES * PAGE,
		 .memsz = PAGES * PAGE},
	};
	static const struct layout le64 = {false, 8};
	const struct built_elf elf = {
		.layout = le64,
		.segments = segments,
		.count = COUNT_OF(segments),
		.size = DATA_AT + PAGES * PAGE,
	};
	uint8_t note[64] = {0};

	built_write(&elf, scratch);
	note_put(le64, note, "VMCOREINFO", 0, "OSRELEASE=6.1.0-test\nPAGESIZE=4096\n");
	scratch_file_write(scratch, NOTE_AT, note, sizeof(note));
	scratch_file_write(scratch, DATA_AT + 120 * PAGE, (uint8_t[3 * 4096]){0}, 3 * PAGE);
}

struct memory {
	struct opened opened;
	struct source source;
};

static void memory_init(struct memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	build_memory(&memory->opened.file);
	succeed(vmc_dump_open(memory->opened.file.path, NULL, &memory->opened.dump));
	succeed(dump_set_page_size(memory->opened.dump, PAGE));
	source_init(&memory->source, &kinds[0], memory->opened.dump);
	memory->source.target.page_shift = 12;
}

static void memory_deinit(struct memory *memory)
{
	source_deinit(&memory->source);
	vmc_dump_close(memory->opened.dump);
	scratch_file_destroy(&memory->opened.file);
}

static void check_content(struct opened *written, vmc_pfn pfn)
{
	uint8_t page[4096], expected[4096] = {0};

	if (pfn < 120 || pfn >= 123)
		scratch_fill(expected, DATA_AT + pfn * PAGE, PAGE);
	succeed(vmc_dump_read(written->cursor, pfn * PAGE, page, PAGE));
	assert_memory_equal(page, expected, PAGE);
}

/* Addresses go on behind what was left out; what is in two segments is in the first. */
static void test_addresses(void **state)
{
	static const struct {
		vmc_pfn pfn;
		vmc_vaddr vaddr;
		uint64_t file_pages, memory_pages;
	} expected[] = {
		{100, TEXT, 40, 50},
		{0, DIRECT, 100, 100},
		{150, DIRECT + 150 * PAGE, 450, 450},
	};
	struct memory memory;
	struct elf_header header;
	struct elf_segment_iter iter;
	struct elf_segment segment;
	struct opened written;
	bool more;

	(void)state;
	memory_init(&memory);
	kept_deinit(&memory.source.plan.kept);
	kept_init(&memory.source.plan.kept);
	succeed(kept_append(&memory.source.plan.kept, 0, 140));
	succeed(kept_append(&memory.source.plan.kept, 150, 450));
	assert_int_equal(write_elf(&memory.source).zero_pages, 3);
	open_path(&written, PAGE);
	assert_int_equal(written.dump->phys_base_hint, TEXT_PFN * PAGE - 0x1000000);
	succeed(elf_header_read(written.dump->file, &header));
	assert_int_equal(header.segment_count, 1 + COUNT_OF(expected));
	elf_segment_iter_init(&iter, written.dump->file, &header);
	succeed(elf_segment_iter_next(&iter, &segment, &more));
	assert_int_equal(segment.type, PT_NOTE);
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		succeed(elf_segment_iter_next(&iter, &segment, &more));
		assert_int_equal(segment.paddr, expected[i].pfn * PAGE);
		assert_int_equal(segment.vaddr, expected[i].vaddr);
		assert_int_equal(segment.file_size, expected[i].file_pages * PAGE);
		assert_int_equal(segment.memory_size, expected[i].memory_pages * PAGE);
	}
	for (vmc_pfn pfn = 0; pfn < PAGES; pfn++)
		if (pfn < 140 || pfn >= 150)
			check_content(&written, pfn);
	fail_with(read_byte(&written, 140), VMC_ERR_NODATA, "left out");
	close_path(&written);
	memory_deinit(&memory);
}

static void test_lost_pages(void **state)
{
	struct recipe recipe = {0};
	struct image image = image_build(&recipe);
	struct vmc_write_summary summary;
	struct opened opened, written;
	struct source source;

	(void)state;
	succeed(opened_try(&opened, &image, NULL));
	source_init(&source, &kinds[0], opened.dump);
	kept_deinit(&source.plan.kept);
	kept_init(&source.plan.kept);
	succeed(kept_append(&source.plan.kept, 1, 4)); /* 4 has no content */
	summary = write_elf(&source);
	assert_int_equal(summary.unreadable_pages, 1);
	assert_int_equal(summary.pages_written, 3);
	open_path(&written, PAGE);
	check_pages(&written, default_pages, 3);
	fail_with(read_byte(&written, 4), VMC_ERR_NODATA, "left out");
	close_path(&written);
	source_deinit(&source);
	opened_close(&opened);
	image_destroy(&image);
}

static int steps_left;

static bool step(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	(void)arg, (void)phase, (void)done, (void)total;
	return steps_left-- > 0;
}

/* What was saved is there, whole pages of it, and the header says that it is not all. */
static void check_incomplete(const struct vmc_write_summary *summary, uint64_t pages)
{
	struct opened written;

	assert_true(summary->incomplete);
	assert_int_equal(summary->pages_written, pages);
	open_path(&written, PAGE);
	assert_true(written.dump->history.incomplete);
	assert_int_equal(written.dump->file->size, summary->bytes_out);
	for (vmc_pfn pfn = 0; pfn < pages; pfn++)
		check_content(&written, pfn);
	fail_with(read_byte(&written, pages), VMC_ERR_NODATA, "left out");
	fail_with(read_byte(&written, PAGES - 1), VMC_ERR_NODATA, "left out");
	close_path(&written);
}

static void test_incomplete(void **state)
{
	const struct vmc_progress progress = {.step = step};
	struct vmc_write_options options = {
		.format = VMC_OUTPUT_ELF,
		.replace = true,
		.in_place = true,
		.progress = &progress,
	};
	struct vmc_write_summary summary;
	struct memory memory;

	(void)state;
	memory_init(&memory);
	steps_left = 2;
	fail_with(vmc_write(&memory.source.plan, path, &options, &summary), VMC_ERR_INTERRUPTED,
		  "stopped");
	check_incomplete(&summary, 512);

	steps_left = 1000;
	options.size_limit = 9 << 18; /* two units of a megabyte and headers */
	fail_with(vmc_write(&memory.source.plan, path, &options, &summary), VMC_ERR_SYSTEM,
		  "limit");
	assert_true(summary.full);
	check_incomplete(&summary, 512);

	options.discard_when_full = true;
	fail_with(vmc_write(&memory.source.plan, path, &options, &summary), VMC_ERR_SYSTEM,
		  "limit");
	assert_true(summary.full);
	assert_false(summary.incomplete);
	assert_int_equal(access(path, F_OK), -1);
	memory_deinit(&memory);
}

/* More segments than e_phnum can tell: every second page of memory. */
static void test_many_segments(void **state)
{
	enum { COUNT = 70000 };
	struct elf_mapping mapping = {.count = 2 * COUNT, .vaddr = DIRECT, .has_vaddr = true};
	struct elf_mappings mappings = {.page_shift = 12};
	struct elf_places places;
	struct writer writer = {0};
	struct extents none = {0};
	struct kept stored;
	struct opened written;
	uint64_t segments;
	struct memory memory;

	(void)state;
	memory_init(&memory);
	kept_init(&stored);
	for (vmc_pfn pfn = 1; pfn < 2 * COUNT; pfn += 2)
		succeed(kept_append(&stored, pfn, 1));
	succeed(elf_mappings_add(&mappings, &mapping));
	succeed(output_create_file(path, true, true, &writer.output));
	writer.plan = &memory.source.plan;
	succeed(elf_places_plan(writer.plan, COUNT + 2, &places));

	const struct elf_stored all = {.kept = &stored, .lost = &none, .stop = UINT64_MAX};

	succeed(elf_segments_write(&writer, &places, &mappings, &all, &segments));
	assert_int_equal(segments, COUNT + 2); /* notes, the page before, pages */
	succeed(elf_header_write(&writer, &places, 0, segments));
	succeed(output_resize(writer.output, places.data + COUNT * PAGE));
	succeed(output_write(writer.output, places.data + (COUNT - 1) * PAGE, "last", 4));
	succeed(output_commit(writer.output));
	output_destroy(writer.output);
	memory_deinit(&memory);

	char last[4];

	open_path(&written, PAGE);
	assert_int_equal(vmc_dump_end_pfn(written.dump), 2 * COUNT);
	succeed(vmc_dump_read(written.cursor, (2 * COUNT - 1) * PAGE, last, 4));
	assert_memory_equal(last, "last", 4);
	fail_with(read_byte(&written, 2 * COUNT - 2), VMC_ERR_NODATA, "left out");
	close_path(&written);
	elf_mappings_deinit(&mappings);
	kept_deinit(&stored);
}

/* A file that our own reader would not take is not written. */
static void test_too_many_segments(void **state)
{
	static const struct layout le64 = {false, 8};
	struct built_segment load = LOAD(4096, 0, 0, (2 * ELF_SEGMENTS_MAX + 2) * PAGE);
	struct built_elf elf = {.layout = le64, .segments = &load, .count = 1, .size = 8192};
	struct vmc_write_options options = {.format = VMC_OUTPUT_ELF, .replace = true};
	struct vmc_write_summary summary;
	struct vmcoreinfo vmcoreinfo;
	struct vmc_dump *dump, *other;
	struct scratch_file scratch;
	struct memory memory;

	(void)state;
	memory_init(&memory);
	built_write(&elf, &scratch);
	succeed(vmc_dump_open(scratch.path, NULL, &dump));
	succeed(dump_set_page_size(dump, PAGE));
	vmcoreinfo = memory.source.target.vmcoreinfo;
	other = memory.source.target.dump;
	memory.source.target.dump = memory.source.plan.dump = dump;
	kept_deinit(&memory.source.plan.kept);
	kept_init(&memory.source.plan.kept);
	for (vmc_pfn pfn = 0; pfn < 2 * ELF_SEGMENTS_MAX; pfn += 2)
		succeed(kept_append(&memory.source.plan.kept, pfn, 1));
	unlink(path);
	fail_with(vmc_write(&memory.source.plan, path, &options, &summary), VMC_ERR_LIMIT,
		  "more than 1048575 segments");
	assert_int_equal(access(path, F_OK), -1);
	memory.source.target.dump = memory.source.plan.dump = other;
	memory.source.target.vmcoreinfo = vmcoreinfo;
	vmc_dump_close(dump);
	scratch_file_destroy(&scratch);
	memory_deinit(&memory);
}

static void test_nothing_kept(void **state)
{
	struct vmc_write_options options = {.format = VMC_OUTPUT_ELF, .replace = true};
	struct vmc_write_summary summary;
	struct memory memory;

	(void)state;
	memory_init(&memory);
	kept_deinit(&memory.source.plan.kept);
	kept_init(&memory.source.plan.kept);
	unlink(path);
	fail_with(vmc_write(&memory.source.plan, path, &options, &summary), VMC_ERR_INVALID,
		  "no page is kept");
	assert_int_equal(access(path, F_OK), -1);
	memory_deinit(&memory);
}

static uint64_t load_be64(const uint8_t *bytes)
{
	return load_u64((struct layout){true, 8}, bytes);
}

/* The file of a stream; asserts that it ends with its mark and that no byte is there twice. */
static uint8_t *unflatten(const uint8_t *stream, size_t size, size_t file_size)
{
	uint8_t *file = calloc(1, file_size), *seen = calloc(1, file_size);
	size_t at = 4096;

	assert_memory_equal(stream, "makedumpfile\0\0\0\0", 16);
	while (load_be64(stream + at) != UINT64_MAX) {
		uint64_t offset = load_be64(stream + at), count = load_be64(stream + at + 8);

		assert_true(offset + count <= file_size && at + 16 + count < size);
		for (uint64_t i = 0; i < count; i++)
			assert_int_equal(seen[offset + i]++, 0);
		memcpy(file + offset, stream + at + 16, count);
		at += 16 + count;
	}
	assert_int_equal(load_be64(stream + at + 8), UINT64_MAX);
	assert_int_equal(at + 16, size);
	free(seen);
	return file;
}

static uint8_t *load_file(int fd, size_t *ret_size)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *bytes = malloc((size_t)size + 1);

	assert_int_equal(pread(fd, bytes, (size_t)size, 0), size);
	*ret_size = (size_t)size;
	return bytes;
}

static void check_stream(struct memory *memory, enum vmc_output_format format)
{
	struct vmc_write_options options = {
		.format = format,
		.codec = {vmc_codec_at(0), vmc_codec_level_default(vmc_codec_at(0))},
		.replace = true,
	};
	struct vmc_write_summary direct, streamed;
	struct scratch_file scratch;
	size_t stream_size, size;
	uint8_t *stream, *file, *expected;
	int fd;

	succeed(vmc_write(&memory->source.plan, path, &options, &direct));
	scratch_file_create(&scratch, NULL, 0);
	succeed(vmc_write_stream(&memory->source.plan, scratch.fd, "stream", &options, &streamed));
	assert_int_equal(streamed.bytes_out, direct.bytes_out);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	expected = load_file(fd, &size);
	close(fd);
	assert_int_equal(size, direct.bytes_out);
	stream = load_file(scratch.fd, &stream_size);
	file = unflatten(stream, stream_size, size);
	assert_memory_equal(file, expected, size);
	assert_true(stream_size >= size || format == VMC_OUTPUT_KDUMP);
	free(file);
	free(stream);
	free(expected);
	scratch_file_destroy(&scratch);
}

static void test_stream(void **state)
{
	struct memory memory;

	(void)state;
	memory_init(&memory);
	check_stream(&memory, VMC_OUTPUT_KDUMP);
	check_stream(&memory, VMC_OUTPUT_ELF);
	memory_deinit(&memory);
}

static int writes_left;

static ssize_t failing_write(int fd, const void *buffer, size_t size)
{
	if (writes_left-- > 0)
		return write(fd, buffer, size);
	errno = EPIPE;
	return -1;
}

/* Has it its end mark?  Its last 16 bytes may look like one by chance. */
static bool stream_ended(const char *name)
{
	struct io_file *file;
	bool ended;

	succeed(io_file_open(name, &file));

	struct vmc_error *err = flattened_open(file, true);

	ended = !err && !file->cut;
	vmc_error_free(err);
	io_file_close(file);
	return ended;
}

/* Wherever the reader goes away: an error, nothing that says it was saved, and no end mark. */
static void check_failing_stream(struct memory *memory, enum vmc_output_format format)
{
	struct vmc_write_options options = {
		.format = format,
		.codec = {vmc_codec_at(0), vmc_codec_level_default(vmc_codec_at(0))},
	};
	bool failed = true;
	int calls;

	for (calls = 0; failed; calls++) {
		struct vmc_write_summary summary;
		struct scratch_file scratch;
		struct vmc_error *err;

		scratch_file_create(&scratch, NULL, 0);
		writes_left = calls;
		err = vmc_write_stream(&memory->source.plan, scratch.fd, "stream", &options,
				       &summary);
		failed = err;
		if (err) {
			assert_int_equal(vmc_error_errno(err), EPIPE);
			assert_false(summary.incomplete);
			vmc_error_free(err);
		}
		if (lseek(scratch.fd, 0, SEEK_END) >= (off_t)FLATTENED_HEADER_SIZE)
			assert_true(stream_ended(scratch.path) == !failed);
		scratch_file_destroy(&scratch);
	}
	assert_true(calls > 10);
}

static void test_failing_stream(void **state)
{
	struct io_syscalls syscalls = io_posix;
	struct memory memory;

	(void)state;
	memory_init(&memory);
	syscalls.write = failing_write;
	io_set_syscalls(&syscalls);
	check_failing_stream(&memory, VMC_OUTPUT_KDUMP);
	check_failing_stream(&memory, VMC_OUTPUT_ELF);
	io_set_syscalls(NULL);
	memory_deinit(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),          cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_lost_pages),     cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_many_segments),  cmocka_unit_test(test_too_many_segments),
		cmocka_unit_test(test_nothing_kept),   cmocka_unit_test(test_stream),
		cmocka_unit_test(test_failing_stream),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
