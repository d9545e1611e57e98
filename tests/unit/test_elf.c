/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of ELF cores, and each trap that a writer or a liar has set there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "opened_dump.h"

static const struct layout layouts[] = {{false, 8}, {true, 8}, {false, 4}, {true, 4}};

static void all_word_sizes_and_byte_orders(void **state)
{
	static const struct built_segment segments[] = {
		LOAD(0x1000, 0x100000, 0x3000, 0x3000),
		LOAD(0x4000, 0x200000, 0x1000, 0x1000),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(layouts); i++) {
		struct built_elf elf = {.layout = layouts[i],
					.machine = EM_PPC64,
					.segments = segments,
					.count = 2,
					.size = 0x5000};
		struct opened opened;

		open_elf(&opened, &elf);
		assert_string_equal(vmc_dump_format(opened.dump), "elf");
		assert_int_equal(vmc_dump_file_size(opened.dump), 0x5000);
		assert_int_equal(opened.dump->machine, EM_PPC64);
		assert_int_equal(opened.dump->layout.big_endian, layouts[i].big_endian);
		assert_int_equal(opened.dump->layout.word_size, layouts[i].word_size);
		assert_false(opened.dump->history.filtered);
		assert_false(opened.dump->history.incomplete);
		assert_false(opened.dump->has_phys_base_hint);
		ASSERT_RUNS(&opened, DATA(0x100, 3), DATA(0x200, 1));
		assert_memory(&opened, 0x100000, 0x1000, 0x3000);
		assert_memory(&opened, 0x200fff, 0x4fff, 1);
		assert_no_memory(&opened, 0xfffff, VMC_ERR_NODATA);
		assert_no_memory(&opened, 0x103000, VMC_ERR_NODATA);
		assert_no_memory(&opened, 0x201000, VMC_ERR_NODATA);
		assert_int_equal(said_count, 0);
		close_elf(&opened);
	}
}

/* As QEMU writes since 7.2: section headers, then program headers at an e_phoff that does not
 * follow from e_ehsize, which is 8; loads that are not aligned. */
static void qemu_puts_sections_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(layouts); i++) {
		struct built_segment segments[] = {
			{.type = PT_NOTE, .offset = 0x400},
			LOAD(0x849c, 0, 0x2000, 0x2000),
			LOAD(0xa49c, 0xfffc0000, 0x1000, 0x1000),
		};
		uint8_t notes[256];
		size_t size = note_put(layouts[i], notes, "CORE", NT_PRSTATUS, "registers");

		size += note_put(layouts[i], notes + size, "QEMU", 0, "more registers");
		segments[0].filesz = segments[0].memsz = size;

		struct built_elf elf = {.layout = layouts[i],
					.segments = segments,
					.count = 3,
					.size = 0xb49c,
					.phoff = 192,
					.shoff = 64,
					.ehsize = 8,
					.sh_info = 0xdeadbeef};
		struct opened opened;
		uint8_t *bytes = built_bytes(&elf);

		memcpy(bytes + 0x400, notes, size);
		scratch_file_create(&opened.scratch, bytes, elf.size);
		free(bytes);
		assert_null(try_open(&opened, false));
		assert_null(dump_set_page_size(opened.dump, PAGE));
		assert_null(vmc_dump_cursor_create(opened.dump, &opened.cursor));
		assert_int_equal(opened.dump->notes.count, 2);
		assert_int_equal(notes_cpu_count(&opened.dump->notes), 1);
		ASSERT_RUNS(&opened, DATA(0, 2), DATA(0xfffc0, 1));
		assert_memory(&opened, 0, 0x849c, 0x2000);
		assert_memory(&opened, 0xfffc0000, 0xa49c, 0x1000);
		close_elf(&opened);
	}
}

static void more_segments_than_e_phnum_can_tell(void **state)
{
	enum { COUNT = 70000 };
	struct built_segment *segments = calloc(COUNT, sizeof(*segments));
	struct opened opened;

	(void)state;
	/* Backwards, to have them sorted too. */
	for (uint32_t i = 0; i < COUNT; i++)
		segments[i] = (struct built_segment)LOAD(0x500000, (uint64_t)(COUNT - i) * 2 * PAGE,
							 PAGE, PAGE);
	struct built_elf elf = {.layout = le64,
				.segments = segments,
				.count = COUNT,
				.size = 0x501000,
				.phnum = PN_XNUM,
				.shoff = 64,
				.phoff = 128,
				.sh_info = COUNT};

	open_elf(&opened, &elf);
	assert_memory(&opened, COUNT * 2 * PAGE, 0x500000, PAGE);
	assert_memory(&opened, 2 * PAGE, 0x500000, PAGE);
	assert_no_memory(&opened, PAGE, VMC_ERR_NODATA);
	assert_int_equal(vmc_dump_end_pfn(opened.dump), COUNT * 2 + 1);
	close_elf(&opened);

	/* Without section headers there are as many as e_phnum says. */
	elf.shoff = 0;
	open_elf(&opened, &elf);
	assert_no_memory(&opened, (COUNT - 65535) * 2 * PAGE, VMC_ERR_NODATA);
	assert_memory(&opened, (COUNT - 65534) * 2 * PAGE, 0x500000, PAGE);
	close_elf(&opened);

	elf.shoff = 64;
	elf.sh_info = ((uint32_t)1 << 20) + 1;
	assert_open_fails(&elf, VMC_ERR_LIMIT, "1048577 program headers");
	elf.sh_info = 0;
	assert_open_fails(&elf, VMC_ERR_CORRUPT, "e_phnum");
	free(segments);
}

static void sections_that_are_not_there(void **state)
{
	static const struct built_segment segments[] = {LOAD(0x1000, 0, 0x1000, 0x1000)};
	struct built_elf elf = {
		.layout = le64, .segments = segments, .count = 1, .size = 0x2000, .phnum = PN_XNUM};
	static const uint64_t offsets[] = {0x2000, 0x1fff, 0x1fd2, UINT64_MAX, (uint64_t)INT64_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(offsets); i++) {
		struct opened opened;
		uint8_t *bytes = built_bytes(&elf);

		store_u64(le64, bytes + 40, offsets[i]);
		scratch_file_create(&opened.scratch, bytes, elf.size);
		free(bytes);

		struct vmc_error *err = try_open(&opened, false);

		assert_non_null(err);
		assert_non_null(
			strstr(vmc_error_message(err), i == 3 ? "e_shoff" : "section header 0"));
		vmc_error_free(err);
		close_elf(&opened);
	}
}

static void headers_that_are_wrong(void **state)
{
	static const struct built_segment segments[] = {LOAD(0x1000, 0, 0x1000, 0x1000)};
	const struct built_elf good = {
		.layout = le64, .segments = segments, .count = 1, .size = 0x2000};
	struct opened opened;
	struct built_elf elf;

	(void)state;
	open_elf(&opened, &good);
	close_elf(&opened);

	elf = good, elf.type = ET_EXEC;
	assert_open_fails(&elf, VMC_ERR_FORMAT, "an executable");
	elf = good, elf.type = ET_DYN;
	assert_open_fails(&elf, VMC_ERR_FORMAT, "a shared object");
	elf = good, elf.type = 0xfe00;
	assert_open_fails(&elf, VMC_ERR_FORMAT, "type 65024");
	elf = good, elf.phentsize = 55;
	assert_open_fails(&elf, VMC_ERR_CORRUPT, "e_phentsize is 55");
	elf = good, elf.phentsize = 32;
	assert_open_fails(&elf, VMC_ERR_CORRUPT, "e_phentsize is 32");
	elf = good, elf.count = 0;
	assert_open_fails(&elf, VMC_ERR_CORRUPT, "e_phnum");
	elf = good, elf.phnum = 2000;
	assert_open_fails(&elf, VMC_ERR_TRUNCATED, "2000 program headers");

	static const struct {
		size_t at;
		uint8_t value;
		const char *part;
	} patches[] = {
		{EI_CLASS, 0, "EI_CLASS is 0"},
		{EI_CLASS, 3, "EI_CLASS is 3"},
		{EI_DATA, 0, "EI_DATA is 0"},
		{EI_DATA, 3, "EI_DATA is 3"},
	};

	for (size_t i = 0; i < COUNT_OF(patches); i++) {
		built_write(&good, &opened.scratch);
		scratch_file_write(&opened.scratch, patches[i].at, &patches[i].value, 1);
		assert_error(try_open(&opened, false), VMC_ERR_CORRUPT, patches[i].part);
		close_elf(&opened);
	}

	static const uint64_t phoffs[] = {0x1fff, 0x2000, UINT64_MAX, UINT64_MAX - 56,
					  (uint64_t)1 << 63};

	for (size_t i = 0; i < COUNT_OF(phoffs); i++) {
		uint8_t word[8];

		built_write(&good, &opened.scratch);
		store_u64(le64, word, phoffs[i]);
		scratch_file_write(&opened.scratch, 32, word, sizeof(word));

		struct vmc_error *err = try_open(&opened, false);

		assert_non_null(err);
		assert_non_null(strstr(vmc_error_message(err), opened.scratch.path));
		vmc_error_free(err);
		close_elf(&opened);
	}
}

static void segments_that_are_wrong(void **state)
{
	static const struct {
		struct built_segment segment;
		enum vmc_error_code code;
		const char *part;
	} cases[] = {
		{LOAD(0x1000, UINT64_MAX - 0xfff, 0x1000, 0x1001), VMC_ERR_CORRUPT, "p_paddr"},
		{LOAD(0x1000, UINT64_MAX - 0x1000, 0x1000, 0x1000), VMC_ERR_LIMIT, "56 bits"},
		{LOAD(0x1000, 0, 0x1000, UINT64_MAX), VMC_ERR_LIMIT, "56 bits"},
		{LOAD(0x1000, 1, 0x1000, UINT64_MAX), VMC_ERR_CORRUPT, "p_memsz"},
		{LOAD(0x1000, 0, UINT64_MAX, 0x1000), VMC_ERR_LIMIT, "56 bits"},
		{LOAD(UINT64_MAX, 0, 0x1000, 0x1000), VMC_ERR_CORRUPT, "p_offset"},
		{LOAD(INT64_MAX, 0, 0x1000, 0x1000), VMC_ERR_CORRUPT, "p_offset"},
		{LOAD(0x1000, UINT64_MAX, 0x1000, 0x1000), VMC_ERR_CORRUPT, "physical address"},
		{LOAD(0x1000, 0, 0, 0), VMC_ERR_CORRUPT, "physical address"},
		{{.type = PT_DYNAMIC, .filesz = 5, .memsz = 5},
		 VMC_ERR_CORRUPT,
		 "physical address"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct built_elf elf = {
			.layout = le64, .segments = &cases[i].segment, .count = 1, .size = 0x2000};

		assert_open_fails(&elf, cases[i].code, cases[i].part);
	}
}

/* /proc/kcore says p_paddr -1 of what is not in line; a segment of a type unknown is no matter. */
static void segments_that_are_ignored(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(layouts); i++) {
		uint64_t none = layouts[i].word_size == 8 ? UINT64_MAX : UINT32_MAX;
		struct built_segment segments[] = {
			LOAD(0x1000, none, 0x1000, 0x1000),
			LOAD(0x1000, 0x5000, 0, 0),
			{.type = PT_DYNAMIC, .offset = none, .filesz = none, .memsz = none},
			LOAD(0x2000, 0x3000, 0x1000, 0x1000),
		};
		struct built_elf elf = {
			.layout = layouts[i], .segments = segments, .count = 4, .size = 0x3000};
		struct opened opened;

		open_elf(&opened, &elf);
		ASSERT_RUNS(&opened, DATA(3, 1));
		close_elf(&opened);
	}
}

/* /proc/kcore of x86_64, 4.11 and later: vmalloc, modules and the memory map have no place of their
 * own, RAM and the kernel's text do.  The file says it is as large as the address space. */
static void kcore(void **state)
{
	static const struct built_segment segments[] = {
		{PT_LOAD, 0x4000, 0xffffffff9de00000, 0x5000, 0x1000, 0x1000, 0},
		{PT_LOAD, 0x7fffc90000001000, 0xffffc90000000000, UINT64_MAX, 0x1fffffffffff,
		 0x1fffffffffff, 0},
		{PT_LOAD, 0x7fffffffc0001000, 0xffffffffc0000000, UINT64_MAX, 0x3f000000,
		 0x3f000000, 0},
		{PT_LOAD, 0x1000, 0xffff888000001000, 0x1000, 0x2000, 0x2000, 0},
		{PT_LOAD, 0x7fffea0000001000, 0xffffea0000000000, UINT64_MAX, 0x4000, 0x4000, 0},
		{PT_LOAD, 0x3000, 0xffff888000004000, 0x4000, 0x3000, 0x3000, 0},
	};
	struct built_elf elf = {
		.layout = le64, .segments = segments, .count = COUNT_OF(segments), .size = 0x6000};
	struct opened opened;

	(void)state;
	open_elf(&opened, &elf);
	ASSERT_RUNS(&opened, DATA(1, 2), DATA(4, 3));
	assert_memory(&opened, 0x4000, 0x3000, 0x3000);
	assert_true(opened.dump->has_phys_base_hint);
	close_elf(&opened);
}

/* Before 4.11 none has one, and that is said as 0; one segment at 0 is memory at 0. */
static void kcore_without_physical_addresses(void **state)
{
	static const struct built_segment segments[] = {
		{PT_LOAD, 0x1000, 0xffff888000001000, 0, 0x1000, 0x1000, 0},
		{PT_LOAD, 0x2000, 0xffffc90000000000, 0, 0x1fffffffffff, 0x1fffffffffff, 0},
		{PT_LOAD, 0x1000, 0xffffffff9de00000, 0, 0x1000, 0x1000, 0},
	};
	struct built_elf elf = {
		.layout = le64, .segments = segments, .count = COUNT_OF(segments), .size = 0x3000};
	struct opened opened;

	(void)state;
	assert_open_fails(&elf, VMC_ERR_CORRUPT, "with a physical address");
	elf.count = 1;
	open_elf(&opened, &elf);
	ASSERT_RUNS(&opened, DATA(0, 1));
	close_elf(&opened);
}

/* An ELF32 whose memory ends with the address space. */
static void memory_up_to_4_gib(void **state)
{
	static const struct built_segment segments[] = {LOAD(0x1000, 0xfffff000, 0x1000, 0x1000)};
	struct built_elf elf = {
		.layout = {false, 4}, .segments = segments, .count = 1, .size = 0x2000};
	struct opened opened;

	(void)state;
	open_elf(&opened, &elf);
	ASSERT_RUNS(&opened, DATA(0xfffff, 1));
	assert_memory(&opened, 0xfffff000, 0x1000, 0x1000);
	close_elf(&opened);
}

/* The kernel text tells phys_base; what has no physical address, and modules, do not. */
static void phys_base(void **state)
{
	static const struct built_segment segments[] = {
		{PT_LOAD, 0x1000, 0xffffffffc0100000, 0x7000, 0x1000, 0x1000, 0},
		{PT_LOAD, 0x1000, 0xffffffff81000000, UINT64_MAX, 0x1000, 0x1000, 0},
		{PT_LOAD, 0x1000, 0xffffffff9e400000, 0x3000, 0x1000, 0x1000, 0},
		{PT_LOAD, 0x1000, 0xffffffff9de00000, 0x1a000000, 0x1000, 0x1000, 0},
		{PT_LOAD, 0x1000, 0xffffffff9f000000, 0x5000, 0x1000, 0x1000, 0},
		{PT_LOAD, 0x1000, 0xffff888000000000, 0x0, 0x1000, 0x1000, 0},
	};
	struct built_elf elf = {.layout = le64, .segments = segments, .count = 6, .size = 0x2000};
	struct opened opened;

	(void)state;
	open_elf(&opened, &elf);
	assert_true(opened.dump->has_phys_base_hint);
	assert_int_equal(opened.dump->phys_base_hint, (uint64_t)0x1a000000 - 0x1de00000);
	close_elf(&opened);

	elf.machine = EM_AARCH64;
	open_elf(&opened, &elf);
	assert_false(opened.dump->has_phys_base_hint);
	close_elf(&opened);
}

static void incomplete_flag(void **state)
{
	static const struct built_segment segments[] = {LOAD(0x1000, 0, 0x1000, 0x1000)};
	struct built_elf elf = {
		.layout = le64, .segments = segments, .count = 1, .size = 0x2000, .flags = 1};
	struct opened opened;

	(void)state;
	open_elf(&opened, &elf);
	assert_true(opened.dump->history.incomplete);
	close_elf(&opened);
	elf.machine = EM_RISCV; /* EF_RISCV_RVC */
	open_elf(&opened, &elf);
	assert_false(opened.dump->history.incomplete);
	close_elf(&opened);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_word_sizes_and_byte_orders),
		cmocka_unit_test(qemu_puts_sections_first),
		cmocka_unit_test(more_segments_than_e_phnum_can_tell),
		cmocka_unit_test(sections_that_are_not_there),
		cmocka_unit_test(headers_that_are_wrong),
		cmocka_unit_test(segments_that_are_wrong),
		cmocka_unit_test(segments_that_are_ignored),
		cmocka_unit_test(kcore),
		cmocka_unit_test(kcore_without_physical_addresses),
		cmocka_unit_test(memory_up_to_4_gib),
		cmocka_unit_test(phys_base),
		cmocka_unit_test(incomplete_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
