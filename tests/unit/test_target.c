/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a target says of the symbols and types that it looked for in the kernel's memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "built_kernel.h"

/* A symbol table of two names, each of one token, and types of which there are none. */
#define NUM_SYMS    0x130000
#define NAMES       0x130008
#define TOKENS      0x130100
#define TOKEN_INDEX 0x131000
#define OFFSETS     0x131200
#define BTF         0x132000
#define BTF_SIZE    25

static void build_symbols(struct built_kernel *kernel)
{
	static const char names[] = "\1\0\1\1";
	static const char tokens[] = "T_stext\0Befi\0";
	uint8_t indices[512];

	memory_put32(kernel, NUM_SYMS, 2);
	memory_write(kernel, NAMES, names, 4);
	memory_write(kernel, TOKENS, tokens, sizeof(tokens));
	for (size_t i = 0; i < 256; i++)
		put16(kernel_layout, indices + 2 * i, i == 0 ? 0 : 8);
	memory_write(kernel, TOKEN_INDEX, indices, sizeof(indices));
	memory_put32(kernel, OFFSETS, (uint32_t)-OFFSETS); /* _stext: where the image begins */
	memory_put32(kernel, OFFSETS + 4, 0x1234);         /* from this word itself */
}

static void build_types(struct built_kernel *kernel)
{
	uint8_t header[BTF_SIZE] = {0x9f, 0xeb, 1};

	store_u32(kernel_layout, header + 4, 24);
	store_u32(kernel_layout, header + 20, 1); /* one empty string */
	memory_write(kernel, BTF, header, sizeof(header));
}

static void kernel_create(struct built_kernel *kernel, const char *more_keys)
{
	char keys[1024];

	snprintf(keys, sizeof(keys),
		 "SYMBOL(_stext)=%jx\nSYMBOL(kallsyms_names)=%jx\nSYMBOL(kallsyms_num_syms)=%jx\n"
		 "SYMBOL(kallsyms_token_table)=%jx\nSYMBOL(kallsyms_token_index)=%jx\n"
		 "SYMBOL(kallsyms_offsets)=%jx\n%s",
		 (uintmax_t)IMAGE(0), (uintmax_t)IMAGE(NAMES), (uintmax_t)IMAGE(NUM_SYMS),
		 (uintmax_t)IMAGE(TOKENS), (uintmax_t)IMAGE(TOKEN_INDEX), (uintmax_t)IMAGE(OFFSETS),
		 more_keys);
	built_kernel_create(kernel, keys);
	build_symbols(kernel);
	build_types(kernel);
}

static void log_keep(void *arg, enum vmc_log_level level, const char *message)
{
	if (level == VMC_LOG_INFO && strstr(message, "no facts from"))
		snprintf(arg, 512, "%s", message);
}

/* What there is to tell, of which the log says the same. */
static void kernel_open(struct built_kernel *kernel, bool type_information)
{
	char logged[512] = "";
	struct vmc_dump_options dump_options = {.log = {.write = log_keep, .arg = logged}};
	struct vmc_target_options options = {.type_information = type_information};

	succeed(vmc_dump_open(kernel->scratch.path, &dump_options, &kernel->dump));
	succeed(vmc_target_open(kernel->dump, &options, &kernel->target));

	const char *told = vmc_target_type_information(kernel->target);

	assert_string_equal(logged, told ? told : "");
}

static void tells(const struct built_kernel *kernel, const char *message)
{
	assert_string_equal(vmc_target_type_information(kernel->target), message);
}

static struct vmc_fact fact_of(const struct built_kernel *kernel, enum fact_id id)
{
	struct vmc_fact fact;

	assert_true(vmc_target_fact(kernel->target, id, &fact));
	return fact;
}

static void test_not_asked(void **state)
{
	struct built_kernel kernel;

	(void)state;
	kernel_create(&kernel, "");
	kernel_open(&kernel, false);
	assert_null(vmc_target_type_information(kernel.target));
	assert_int_equal(fact_of(&kernel, FACT_SYMBOL_efi).source, VMC_FACT_UNKNOWN);
	built_kernel_destroy(&kernel);
}

static void test_read(void **state)
{
	struct built_kernel kernel;
	char keys[128];

	(void)state;
	snprintf(keys, sizeof(keys), "SYMBOL(__start_BTF)=%jx\nSYMBOL(__stop_BTF)=%jx\n",
		 (uintmax_t)IMAGE(BTF), (uintmax_t)IMAGE(BTF + BTF_SIZE));
	kernel_create(&kernel, keys);
	kernel_open(&kernel, true);
#ifdef HAVE_BPF
	tells(&kernel, "");
#else
	tells(&kernel, "no facts from BTF: this build has no libbpf to read it");
#endif
	assert_int_equal(fact_of(&kernel, FACT_SYMBOL_efi).source, VMC_FACT_KALLSYMS);
	assert_true(fact_of(&kernel, FACT_SYMBOL_efi).value == IMAGE(OFFSETS + 4 + 0x1234));
	built_kernel_destroy(&kernel);
}

static void test_no_types(void **state)
{
	struct built_kernel kernel;

	(void)state;
	kernel_create(&kernel, "");
	kernel_open(&kernel, true);
	tells(&kernel, "no facts from BTF: the kernel has no type information: no __start_BTF "
		       "among its symbols");
	assert_int_equal(fact_of(&kernel, FACT_SYMBOL_efi).source, VMC_FACT_KALLSYMS);
	built_kernel_destroy(&kernel);
}

static void test_damaged_types(void **state)
{
	struct built_kernel kernel;
	char keys[128];

	(void)state;
	snprintf(keys, sizeof(keys), "SYMBOL(__start_BTF)=%jx\nSYMBOL(__stop_BTF)=%jx\n",
		 (uintmax_t)IMAGE(BTF), (uintmax_t)IMAGE(BTF));
	kernel_create(&kernel, keys);
	kernel_open(&kernel, true);
	tells(&kernel, "no facts from BTF: __start_BTF 0xffffffff80132000 and __stop_BTF "
		       "0xffffffff80132000 contradict each other");
	built_kernel_destroy(&kernel);
}

/* One reason is enough: without symbols nobody knows where types would be. */
static void test_damaged_symbols(void **state)
{
	struct built_kernel kernel;

	(void)state;
	kernel_create(&kernel, "");
	memory_put32(&kernel, NUM_SYMS, 1u << 23);
	kernel_open(&kernel, true);
	tells(&kernel, "no facts from symbols and BTF: kallsyms: 8388608 symbols, more than "
		       "4194304 (at virtual address 0xffffffff80130000)");
	assert_int_equal(fact_of(&kernel, FACT_SYMBOL_efi).source, VMC_FACT_UNKNOWN);
	built_kernel_destroy(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_asked),       cmocka_unit_test(test_read),
		cmocka_unit_test(test_no_types),        cmocka_unit_test(test_damaged_types),
		cmocka_unit_test(test_damaged_symbols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
