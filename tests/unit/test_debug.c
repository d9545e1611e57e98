/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump and the vmlinux that a user gives for it: is it the same kernel, and what do rules for
 * erasing mean by its symbols and types?  The file is the one of test_vmlinux.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "built_kernel.h"
#include "erase/erase.h"
#include "erase/symbols.h"
#include "kernel/vmlinux.h"

#if defined(HAVE_DW) && defined(__x86_64__) /* the built kernel is of that machine */

#define BUILD_ID "BUILD-ID=0123456789abcdef\n"

/* Where things lie in the memory of that kernel: anywhere but for what the dump's own facts use. */
#define ITEM       0x140000
#define TEXT       0x140200
#define MODULE     0x141000
#define KALLSYMS   0x141200
#define SYMTAB     0x141300
#define STRTAB     0x141400
#define MODULE_VAR 0x142000

/* As in vmlinux/kernel.c. */
#define MODULE_LIST     8
#define MODULE_NAME     24
#define MODULE_KALLSYMS 80

static struct vmc_error *target_open(struct built_kernel *kernel, const char *vmlinux)
{
	struct vmc_dump_options options = {.log = {.write = built_kernel_say, .arg = kernel}};
	struct vmc_target_options target = {.vmlinux_path = vmlinux};

	succeed(vmc_dump_open(kernel->scratch.path, &options, &kernel->dump));
	return vmc_target_open(kernel->dump, &target, &kernel->target);
}

/* How far the image of the dump lies from where the vmlinux was linked to be. */
static uint64_t linked_address(const char *name)
{
	struct kallsyms_query query = {.name = name};
	struct vmlinux *vmlinux;

	succeed(vmlinux_open(FAKE_VMLINUX, &vmlinux));
	succeed(vmlinux_find(vmlinux, &query, 1));
	vmlinux_close(vmlinux);
	assert_int_equal(query.matches, 1);
	return query.address;
}

/* The physical address of a variable, moved as far as init_uts_ns. */
static uint64_t variable(const char *name)
{
	return UTS + linked_address(name) - linked_address("init_uts_ns");
}

static void test_same_kernel(void **state)
{
	struct built_kernel kernel;
	struct vmc_fact fact;

	(void)state;
	built_kernel_create(&kernel, BUILD_ID);
	succeed(target_open(&kernel, FAKE_VMLINUX));
	/* What VMCOREINFO says is believed, and that there is more in the file told. */
	assert_int_equal(fact_or(&kernel.target->facts, FACT_SIZE_page, 0), STRUCT_SIZE);
	assert_non_null(strstr(kernel.said, "which is believed: is it of another build?"));
	fact_describe(&kernel.target->facts, FACT_SYMBOL_stext, &fact);
	assert_int_equal(fact.source, VMC_FACT_DWARF);
	assert_int_equal(fact.value, IMAGE(variable("_stext")));
	built_kernel_destroy(&kernel);
}

static void is_refused(const char *more_keys, const char *vmlinux, enum vmc_error_code code,
		       const char *why)
{
	struct built_kernel kernel;

	built_kernel_create(&kernel, more_keys);
	fail_with(target_open(&kernel, vmlinux), code, why);
	kernel.target = NULL;
	built_kernel_destroy(&kernel);
}

static void test_other_kernel(void **state)
{
	char stext[64];

	(void)state;
	is_refused("BUILD-ID=0123456789abcdee\n", FAKE_VMLINUX, VMC_ERR_OTHER_KERNEL,
		   "its build id is 0123456789abcdef");
	is_refused("OSRELEASE=6.98-test\n", FAKE_VMLINUX, VMC_ERR_OTHER_KERNEL,
		   "its release is 6.99-test, that of the dump 6.98-test");
	snprintf(stext, sizeof(stext), "SYMBOL(_stext)=%jx\n",
		 (uintmax_t)IMAGE(variable("_stext") + 16));
	is_refused(stext, FAKE_VMLINUX, VMC_ERR_OTHER_KERNEL,
		   "_stext and init_uts_ns do not lie in it as they do in the dump");
	is_refused("", "/nowhere/vmlinux", VMC_ERR_SYSTEM, "cannot open");
}

static void put_module(struct built_kernel *kernel)
{
	/* Two symbols of a table of the form of ELF: one without a section, one with. */
	static const char strings[] = "\0secret\0undefined";
	uint8_t symbols[3 * 24] = {0};

	store_u32(kernel_layout, symbols + 24, 8);
	store_u64(kernel_layout, symbols + 24 + 8, IMAGE(MODULE_VAR + 64));
	store_u32(kernel_layout, symbols + 48, 1);
	symbols[48 + 6] = 1; /* its section */
	store_u64(kernel_layout, symbols + 48 + 8, IMAGE(MODULE_VAR));
	memory_put64(kernel, variable("modules"), IMAGE(MODULE + MODULE_LIST));
	memory_put64(kernel, MODULE + MODULE_LIST, IMAGE(variable("modules")));
	memory_write(kernel, MODULE + MODULE_NAME, "my_module", 10);
	memory_put64(kernel, MODULE + MODULE_KALLSYMS, IMAGE(KALLSYMS));
	memory_put64(kernel, KALLSYMS, IMAGE(SYMTAB));
	memory_put32(kernel, KALLSYMS + 8, 3);
	memory_put64(kernel, KALLSYMS + 16, IMAGE(STRTAB));
	memory_write(kernel, SYMTAB, symbols, sizeof(symbols));
	memory_write(kernel, STRTAB, strings, sizeof(strings));
}

static void put_items(struct built_kernel *kernel)
{
	uint64_t one = variable("one_item");

	memory_put64(kernel, variable("first_item"), IMAGE(one));
	memory_put32(kernel, one, 5);
	memory_put64(kernel, one + 8, IMAGE(ITEM));
	memory_put64(kernel, one + 16, IMAGE(TEXT));
	memory_put32(kernel, ITEM, 0x7fffffff);
	memory_put64(kernel, ITEM + 8, 0);
	memory_write(kernel, TEXT, "password", 9);
}

/* What a test looks at: the dump, and what its rules came to. */
struct resolved {
	struct built_kernel kernel;
	struct vmc_erase_rules *rules;
	struct vmc_erase *erase;
};

static void kernel_setup(struct resolved *resolved)
{
	memset(resolved, 0, sizeof(*resolved));
	built_kernel_create(&resolved->kernel, BUILD_ID);
	put_items(&resolved->kernel);
	put_module(&resolved->kernel);
	succeed(target_open(&resolved->kernel, FAKE_VMLINUX));
}

static void kernel_teardown(struct resolved *resolved)
{
	built_kernel_destroy(&resolved->kernel);
}

static void resolve(struct resolved *resolved, const char *text)
{
	succeed(erase_rules_parse(text, strlen(text), &resolved->rules));
	succeed(vmc_erase_resolve(resolved->rules, resolved->kernel.target, &resolved->erase));
}

static void resolved_forget(struct resolved *resolved)
{
	vmc_erase_destroy(resolved->erase);
	vmc_erase_rules_destroy(resolved->rules);
}

/* One rule erases these bytes and no other. */
static void erases(struct resolved *resolved, const char *text, uint64_t physical, uint64_t size)
{
	struct vmc_erase_rule rule;

	resolve(resolved, text);
	assert_true(vmc_erase_rule(resolved->erase, 0, &rule));
	if (rule.problem)
		fail_msg("%s: %s", text, rule.problem);
	assert_int_equal(rule.bytes, size);
	assert_int_equal(vmc_erase_bytes(resolved->erase), size);
	assert_true(erase_touches(resolved->erase, physical, 1));
	assert_true(erase_touches(resolved->erase, physical + size - 1, 1));
	assert_false(erase_touches(resolved->erase, physical - 1, 1));
	assert_false(erase_touches(resolved->erase, physical + size, 1));
	resolved_forget(resolved);
}

static void erases_nothing(struct resolved *resolved, const char *text, const char *why)
{
	struct vmc_erase_rule rule;

	resolve(resolved, text);
	assert_true(vmc_erase_rule(resolved->erase, 0, &rule));
	assert_non_null(rule.problem);
	if (!strstr(rule.problem, why))
		fail_msg("%s: \"%s\", not \"%s\"", text, rule.problem, why);
	assert_int_equal(vmc_erase_bytes(resolved->erase), 0);
	resolved_forget(resolved);
}

static void test_rules(void **state)
{
	struct resolved resolved;
	uint64_t one;

	(void)state;
	kernel_setup(&resolved);
	one = variable("one_item");
	erases(&resolved, "erase one_item\n", one, 32);
	erases(&resolved, "erase first_item\n", one, 32);
	erases(&resolved, "erase first_item.name\n", one + 4, 4);
	erases(&resolved, "erase one_item.text\n", TEXT, 8);
	erases(&resolved, "erase one_item.text size 3\n", TEXT, 3);
	erases(&resolved, "erase one_item.text size first_item.number\n", TEXT, 5);
	erases(&resolved, "erase one_item.next nullify\n", one + 8, 8);
	erases(&resolved, "erase init_uts_ns size 2\n", UTS, 2);
	kernel_teardown(&resolved);
}

static void test_bad_rules(void **state)
{
	struct resolved resolved;

	(void)state;
	kernel_setup(&resolved);
	erases_nothing(&resolved, "erase one_item.number nullify\n", "no pointer to be nullified");
	erases_nothing(&resolved, "erase one_item.next.any\n", "the pointer is NULL");
	erases_nothing(&resolved, "erase one_item.text size one_item.next.number\n",
		       "a size of 2147483647 bytes");
	erases_nothing(&resolved, "erase one_item.text size one_item.any\n", "is no integer");
	erases_nothing(&resolved, "erase one_item.text size nothing.number\n",
		       "no symbol 'nothing'");
	erases_nothing(&resolved, "erase main\n", "its type is not known, give a size");
	erases_nothing(&resolved, "erase main nullify\n", "its type is not known");
	/* A pointer to what has no size, and a text that leads nowhere. */
	memory_put64(&resolved.kernel, variable("one_item") + 24, IMAGE(TEXT));
	erases_nothing(&resolved, "erase one_item.any\n", "give one, or nullify");
	memory_put64(&resolved.kernel, variable("one_item") + 16, 0x1000);
	erases_nothing(&resolved, "erase one_item.text\n", "not mapped");
	memory_put64(&resolved.kernel, variable("one_item") + 16, UINT64_MAX - 1);
	erases_nothing(&resolved, "erase one_item.text size 8\n", "8 bytes do not fit there");
	kernel_teardown(&resolved);
}

/* Of what is mapped in part that part is erased, and the rule says both. */
static void test_mapped_in_part(void **state)
{
	struct vmc_erase_rule rule;
	struct resolved resolved;
	uint64_t start;

	(void)state;
	kernel_setup(&resolved);
	start = variable("declared");
	resolve(&resolved, "erase declared size 1024M\n");
	assert_true(vmc_erase_rule(resolved.erase, 0, &rule));
	assert_non_null(strstr(rule.problem, "not mapped"));
	assert_int_equal(rule.objects, 1);
	assert_int_equal(rule.bytes, 1024 * MIB - start); /* the image is mapped by one page */
	assert_int_equal(vmc_erase_bytes(resolved.erase), rule.bytes);
	assert_non_null(strstr(resolved.kernel.said, "not all is erased: not mapped"));
	resolved_forget(&resolved);
	kernel_teardown(&resolved);
}

/* Of a list whose second object has no text the first is erased all the same. */
static void test_loop(void **state)
{
	struct vmc_erase_rule rule;
	struct resolved resolved;

	(void)state;
	kernel_setup(&resolved);
	resolve(&resolved, "for x in first_item via next\nerase x.text\nerase x.name\nendfor\n");
	assert_true(vmc_erase_rule(resolved.erase, 0, &rule));
	assert_true(rule.objects == 1 && rule.bytes == 8 && !rule.problem);
	assert_true(vmc_erase_rule(resolved.erase, 1, &rule));
	assert_true(rule.objects == 2 && rule.bytes == 8 && !rule.problem);
	assert_true(erase_touches(resolved.erase, ITEM + 4, 4));
	/* As makedumpfile tells of it: one line for a run of equal ones. */
	assert_string_equal(resolved.erase->info, "erase x.text size 8\nerase x.name size 4\n");
	resolved_forget(&resolved);
	kernel_teardown(&resolved);
}

static void test_module(void **state)
{
	struct resolved resolved;

	(void)state;
	kernel_setup(&resolved);
	erases(&resolved, "[my_module]\nerase secret size 4\n", MODULE_VAR, 4);
	erases_nothing(&resolved, "[my_module]\nerase undefined size 4\n", "no symbol 'undefined'");
	erases_nothing(&resolved, "[other]\nerase secret size 4\n", "no symbol 'secret'");
	kernel_teardown(&resolved);
}

/* What is wrong with a module is told, and nothing of it erased. */
static void module_is_bad(struct resolved *resolved, const char *why)
{
	struct vmc_error *err;
	struct target_reader *reader;
	struct erase_symbol symbol = {"my_module", (char *)"secret", 0, 0};
	struct erase_symbols symbols = {.items = &symbol, .count = 1};

	succeed(target_reader_create(resolved->kernel.target, &reader));
	err = erase_module_find(reader, target_debug_types(resolved->kernel.target),
				IMAGE(variable("modules")), "my_module", &symbols);
	assert_non_null(err);
	if (!strstr(vmc_error_message(err), why))
		fail_msg("\"%s\", not \"%s\"", vmc_error_message(err), why);
	vmc_error_free(err);
	target_reader_destroy(reader);
	assert_int_equal(symbol.matches, 0);
}

static void test_bad_modules(void **state)
{
	uint8_t word[4];
	struct resolved resolved;

	(void)state;
	kernel_setup(&resolved);
	store_u32(kernel_layout, word, 0x10000000);
	memory_write(&resolved.kernel, SYMTAB + 24, word, 4);
	module_is_bad(&resolved, "names of 268435456 bytes");
	memory_put32(&resolved.kernel, KALLSYMS + 8, 0x7fffffff);
	module_is_bad(&resolved, "2147483647 symbols");
	memory_put64(&resolved.kernel, MODULE + MODULE_KALLSYMS, 0x1000);
	module_is_bad(&resolved, "not mapped");
	/* A list that never comes back to its head. */
	memory_put64(&resolved.kernel, MODULE + MODULE_LIST, IMAGE(MODULE + MODULE_LIST));
	memory_write(&resolved.kernel, MODULE + MODULE_NAME, "another_", 9);
	module_is_bad(&resolved, "is not loaded");
	kernel_teardown(&resolved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_kernel),    cmocka_unit_test(test_other_kernel),
		cmocka_unit_test(test_rules),          cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_mapped_in_part), cmocka_unit_test(test_loop),
		cmocka_unit_test(test_module),         cmocka_unit_test(test_bad_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 77;
}

#endif
