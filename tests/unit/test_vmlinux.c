/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols, types and facts of a vmlinux, a small one that the compiler made for this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/sigbus.h"
#include "expect.h"
#include "kernel/facts.h"
#include "kernel/vmlinux.h"
#include "scratch_file.h"
#include "target/target.h"

#ifdef HAVE_DW

#define WORD sizeof(long) /* the file is of the machine that this test is of */

static void open_fake(struct vmlinux **ret_vmlinux, struct types **ret_types)
{
	succeed(vmlinux_open(FAKE_VMLINUX, ret_vmlinux));
	succeed(vmlinux_types(*ret_vmlinux, ret_types));
}

static void field_is(const struct types *types, const char *path, uint64_t offset, uint64_t size,
		     uint64_t elements)
{
	struct type_field field = {99, 99, 99, 99};

	if (!types_field(types, path, &field))
		fail_msg("there is no %s", path);
	if (field.offset != offset || field.size != size || field.elements != elements)
		fail_msg("%s: offset %ju, size %ju, %ju elements", path, (uintmax_t)field.offset,
			 (uintmax_t)field.size, (uintmax_t)field.elements);
}

static void test_types(void **state)
{
	struct vmlinux *vmlinux;
	struct types *types;
	struct type_field field;
	struct type type;
	uint64_t size;
	int64_t value;

	(void)state;
	open_fake(&vmlinux, &types);
	field_is(types, "page.flags", 0, WORD, 0);
	field_is(types, "page.lru", WORD, 2 * WORD, 0);
	field_is(types, "page.lru.prev", 2 * WORD, WORD, 0);
	field_is(types, "page.mapping", 3 * WORD, WORD, 0);
	field_is(types, "page.compound_head", WORD, WORD, 0);
	field_is(types, "zone.name", 0, WORD, 0);
	field_is(types, "zone.spanned_pages", WORD, WORD, 0);
	field_is(types, "zone.free_area", 2 * WORD, 11 * 13 * WORD, 11);
	field_is(types, "zone.matrix", (2 + 11 * 13) * WORD, 48, 12);
	assert_false(types_field(types, "page.bits", &field));
	assert_false(types_field(types, "page.nothing", &field));
	assert_false(types_field(types, "zone.name.inside", &field));
	assert_false(types_field(types, "nothing.flags", &field));
	assert_true(types_size(types, "nodemask_t", &size) && size == 4 * WORD);
	assert_false(types_size(types, "nothing", &size));
	assert_true(types_enumerator(types, "pageflags", "PG_head", &value) && value == 6);
	assert_true(types_enumerator(types, "pageflags", "PG_last", &value) && value == -3);
	assert_true(types_enumerator(types, "pagetype", "PGTY_buddy", &value) && value == 0xf0);
	assert_false(types_enumerator(types, "pagetype", "PG_head", &value));
	assert_true(types_has_enum(types, "node_states") && !types_has_enum(types, "page"));

	assert_true(types_variable(types, "pages", &type));
	assert_true(type.kind == TYPE_ARRAY && type.elements == 2);
	assert_true(types_variable(types, "declared", &type) && type.kind == TYPE_NUMBER);
	assert_true(types_variable(types, "saved_command_line", &type));
	assert_true(type.kind == TYPE_POINTER && types_describe(types, type.inner, &type));
	assert_true(type.is_char && type.size == 1);
	/* Declared in one unit, defined in another. */
	assert_true(types_variable(types, "unknown", &type) && type.kind == TYPE_POINTER);
	assert_true(types_describe(types, type.inner, &type) && type.kind == TYPE_COMPOSITE);
	assert_true(types_member(types, type.id, "number", &field) && field.size == WORD);
	types_destroy(types);
	vmlinux_close(vmlinux);
}

static void test_symbols(void **state)
{
	struct kallsyms_query queries[] = {
		{.name = "declared"}, {.name = "twice"}, {.name = "nothing"}, {.name = "main"}};
	struct vmlinux *vmlinux;

	(void)state;
	succeed(vmlinux_open(FAKE_VMLINUX, &vmlinux));
	assert_string_equal(vmlinux_release(vmlinux), "6.99-test");
	assert_string_equal(vmlinux_build_id(vmlinux), "0123456789abcdef");
	assert_int_equal(vmlinux_layout(vmlinux).word_size, WORD);
	succeed(vmlinux_find(vmlinux, queries, 4));
	assert_int_equal(queries[0].matches, 1);
	assert_int_equal(queries[1].matches, 2);
	assert_int_equal(queries[2].matches, 0);
	assert_true(queries[3].matches == 1 && queries[3].address);
	vmlinux_close(vmlinux);
}

static void test_facts(void **state)
{
	struct vmlinux *vmlinux;
	struct types *types;
	struct facts facts;
	uint64_t stext;

	(void)state;
	open_fake(&vmlinux, &types);
	facts_init(&facts);
	fact_set(&facts, FACT_SIZE_page, 7, VMC_FACT_VMCOREINFO, NULL);
	succeed(facts_from_vmlinux(&facts, vmlinux, types));
	assert_int_equal(fact_or(&facts, FACT_SIZE_page, 0), 7);
	assert_int_equal(fact_or(&facts, FACT_OFFSET_page_lru, 0), WORD);
	assert_int_equal(fact_or(&facts, FACT_LENGTH_zone_free_area, 0), 11);
	assert_int_equal(fact_or(&facts, FACT_LENGTH_mem_section, 0), 8);
	assert_int_equal((int64_t)fact_or(&facts, FACT_NUMBER_PAGE_BUDDY, 0), -268435456);
	assert_int_equal(fact_or(&facts, FACT_NUMBER_PG_head_mask, 0), 64);
	assert_int_equal(facts.table[FACT_OFFSET_page_lru].source, VMC_FACT_DWARF);

	struct kallsyms_query states = {.name = "node_states"};

	succeed(vmlinux_find(vmlinux, &states, 1));
	assert_int_equal(fact_or(&facts, FACT_SYMBOL_node_online_map, 0),
			 states.address + 4 * WORD);

	stext = fact_or(&facts, FACT_SYMBOL_stext, 0);
	assert_true(stext);
	facts_shift(&facts, VMC_FACT_DWARF, 0x1000);
	assert_int_equal(fact_or(&facts, FACT_SYMBOL_stext, 0), stext + 0x1000);
	assert_int_equal(fact_or(&facts, FACT_OFFSET_page_lru, 0), WORD);
	types_destroy(types);
	vmlinux_close(vmlinux);
}

static void test_generate(void **state)
{
	char *text;

	(void)state;
	succeed(vmc_vmcoreinfo_generate(FAKE_VMLINUX, &text));
	assert_ptr_equal(strstr(text, "OSRELEASE=6.99-test\nBUILD-ID=0123456789abcdef\n"), text);
	assert_non_null(strstr(text, "\nKERNELOFFSET=0\n"));
	assert_non_null(strstr(text, "\nNUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n"));
	assert_non_null(strstr(text, "\nLENGTH(free_area.free_list)=6\n"));
	free(text);
}

static uint8_t *fake_read(size_t *ret_size)
{
	int fd = open(FAKE_VMLINUX, O_RDONLY | O_CLOEXEC);
	struct stat status;

	assert_true(fd >= 0 && fstat(fd, &status) == 0);
	*ret_size = (size_t)status.st_size;

	uint8_t *bytes = malloc(*ret_size);

	assert_int_equal(pread(fd, bytes, *ret_size, 0), status.st_size);
	close(fd);
	return bytes;
}

static void test_bad_files(void **state)
{
	struct scratch_file scratch;
	struct vmlinux *vmlinux;
	uint8_t *bytes;
	size_t size;

	(void)state;
	fail_with(vmlinux_open("/nonexistent", &vmlinux), VMC_ERR_SYSTEM, "cannot open");
	fail_with(vmlinux_open("/dev/null", &vmlinux), VMC_ERR_FORMAT, "no regular file");
	scratch_file_create(&scratch, "#!/bin/sh, and more", 19);
	fail_with(vmlinux_open(scratch.path, &vmlinux), VMC_ERR_FORMAT, "no ELF file");
	scratch_file_destroy(&scratch);

	bytes = fake_read(&size);
	bytes[offsetof(Elf64_Ehdr, e_type)] = ET_CORE;
	bytes[offsetof(Elf64_Ehdr, e_type) + 1] = ET_CORE;
	scratch_file_create(&scratch, bytes, size);
	fail_with(vmlinux_open(scratch.path, &vmlinux), VMC_ERR_FORMAT, "is no vmlinux");
	scratch_file_destroy(&scratch);
	free(bytes);
}

/* cmocka puts its own handler over ours at the start of each test. */
static struct sigaction our_handler;

/* Cut off while it is open. */
static void test_shrinks(void **state)
{
	assert_int_equal(sigaction(SIGBUS, &our_handler, NULL), 0);

	struct scratch_file scratch;
	struct vmlinux *vmlinux;
	struct types *types;
	size_t size;
	uint8_t *bytes = fake_read(&size);

	(void)state;
	scratch_file_create(&scratch, bytes, size);
	succeed(vmlinux_open(scratch.path, &vmlinux));
	scratch_file_resize(&scratch, 4096);

	struct vmc_error *err = vmlinux_types(vmlinux, &types);

	assert_non_null(err);
	vmc_error_free(err);
	fail_with(vmlinux_check(vmlinux), VMC_ERR_TRUNCATED, "became shorter");
	vmlinux_close(vmlinux);
	scratch_file_destroy(&scratch);
	free(bytes);
}

static bool use(const char *path)
{
	struct vmlinux *vmlinux = NULL;
	struct types *types = NULL;
	struct vmc_error *err = vmlinux_open(path, &vmlinux);
	struct facts facts;

	facts_init(&facts);
	if (!err)
		err = vmlinux_types(vmlinux, &types);
	if (!err)
		err = facts_from_vmlinux(&facts, vmlinux, types);
	if (!err)
		err = facts_check(&facts);

	bool used = types;

	vmc_error_free(err);
	types_destroy(types);
	vmlinux_close(vmlinux);
	return used;
}

static void test_damage(void **state)
{
	static const uint8_t extremes[] = {0, 1, 0x7f, 0x80, 0xff};
	unsigned int seed = 1, accepted = 0;
	size_t size;
	uint8_t *bytes = fake_read(&size);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct scratch_file scratch;
		size_t used = round % 50 ? size : (size_t)rand_r(&seed) % size;

		scratch_file_create(&scratch, bytes, used);
		for (int i = 0; i < 1 + round % 16; i++) {
			size_t at = (size_t)rand_r(&seed) % size;
			uint8_t byte = round % 2 ? extremes[rand_r(&seed) % sizeof(extremes)]
						 : (uint8_t)rand_r(&seed);

			if (at < used)
				scratch_file_write(&scratch, at, &byte, 1);
		}
		accepted += use(scratch.path);
		scratch_file_destroy(&scratch);
	}
	assert_true(accepted > 1000 && accepted < 3000);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),     cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_facts),     cmocka_unit_test(test_generate),
		cmocka_unit_test(test_bad_files),
#ifndef VMCULL_EMULATED /* QEMU does not tell a handler of SIGBUS where the fault was */
		cmocka_unit_test(test_shrinks),
#endif
		cmocka_unit_test(test_damage),
	};

	sigbus_slot_release(sigbus_slot_take());
	sigaction(SIGBUS, NULL, &our_handler);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_unsupported(void **state)
{
	struct vmlinux *vmlinux;
	char *text;

	(void)state;
	fail_with(vmlinux_open(FAKE_VMLINUX, &vmlinux), VMC_ERR_UNSUPPORTED, "is not built in");
	fail_with(vmc_vmcoreinfo_generate(FAKE_VMLINUX, &text), VMC_ERR_UNSUPPORTED,
		  "is not built in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_unsupported)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
