/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCOREINFO parser, on every real text of vmcoreinfo/ and on broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "vmcoreinfo_texts.h"
#include "kernel/vmcoreinfo.h"


static void parse(const char *text, struct vmcoreinfo *ret)
{
	succeed(vmcoreinfo_parse(text, strlen(text), ret));
}

static uint64_t hex_of(const struct vmcoreinfo *info, const char *key)
{
	bool known;
	uint64_t value = 0;

	succeed(vmcoreinfo_hex(info, key, &known, &value));
	assert_true(known);
	return value;
}

static uint64_t unsigned_of(const struct vmcoreinfo *info, const char *key)
{
	bool known;
	uint64_t value = 0;

	succeed(vmcoreinfo_unsigned(info, key, &known, &value));
	assert_true(known);
	return value;
}

static int64_t number_of(const struct vmcoreinfo *info, const char *key)
{
	bool known;
	int64_t value = 0;

	succeed(vmcoreinfo_number(info, key, &known, &value));
	assert_true(known);
	return value;
}

/* Each line of a real text is found again under its key, with its value. */
static void lines_are_found(const char *text, size_t size, const struct vmcoreinfo *info)
{
	size_t lines = 0;

	for (const char *line = text; line < text + size; lines++) {
		const char *equals = memchr(line, '=', (size_t)(text + size - line));
		const char *newline = memchr(line, '\n', (size_t)(text + size - line));
		char key[128] = "";

		assert_true(equals && newline && equals < newline);
		memcpy(key, line, (size_t)(equals - line));

		const char *value = vmcoreinfo_string(info, key);

		assert_non_null(value);
		assert_int_equal(strlen(value), newline - equals - 1);
		assert_memory_equal(value, equals + 1, (size_t)(newline - equals - 1));
		line = newline + 1;
	}
	assert_int_equal(info->count, lines);
}

static void test_real_texts(void **state)
{
	glob_t found;
	char text[65536];

	(void)state;
	assert_int_equal(glob(TEXTS "*.txt", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= TEXT_COUNT_MIN);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t size = file_read(found.gl_pathv[i], text, sizeof(text));
		struct vmcoreinfo info;

		succeed(vmcoreinfo_parse(text, size, &info));
		assert_false(info.truncated);
		assert_int_equal(info.size, size);
		assert_memory_equal(info.text, text, size);
		lines_are_found(text, size, &info);
		vmcoreinfo_deinit(&info);
	}
	globfree(&found);
}

static void real_parse(const char *name, struct vmcoreinfo *ret)
{
	char text[65536], path[512];

	snprintf(path, sizeof(path), TEXTS "%s", name);
	succeed(vmcoreinfo_parse(text, file_read(path, text, sizeof(text)), ret));
}

static void test_real_values(void **state)
{
	struct vmcoreinfo info;

	(void)state;
	real_parse("x86_64-6.1.0-56-cloud-amd64.txt", &info);
	assert_string_equal(vmcoreinfo_string(&info, "OSRELEASE"), "6.1.0-56-cloud-amd64");
	assert_int_equal(number_of(&info, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)"), -129);
	assert_int_equal(number_of(&info, "NUMBER(PG_head_mask)"), 65536);
	assert_int_equal(unsigned_of(&info, "OFFSET(page.compound_order)"), 17);
	assert_int_equal(hex_of(&info, "SYMBOL(_stext)") & 0xfff, 0);
	assert_null(vmcoreinfo_string(&info, "SYMBOL(vmemmap)"));
	vmcoreinfo_deinit(&info);

	real_parse("x86_64-7.3-cloud-amd64.txt", &info);
	assert_int_equal(unsigned_of(&info, "OFFSET(page.compound_info)"), 8);
	assert_int_equal(number_of(&info, "NUMBER(phys_base)"), -629145600);
	assert_true(number_of(&info, "NUMBER(VMALLOC_START)") == (int64_t)0xffffd3da00000000);
	assert_int_equal(hex_of(&info, "KERNELOFFSET"), 0x2e200000);
	vmcoreinfo_deinit(&info);

	real_parse("s390x-6.12.107+deb13-s390x.txt", &info);
	assert_int_equal(hex_of(&info, "IDENTITYBASE"), 0);
	assert_int_equal(hex_of(&info, "KERNELOFFPHYS"), 0x8f8000);
	vmcoreinfo_deinit(&info);

	real_parse("armhf-6.12.107+deb13-armmp-lpae.txt", &info);
	assert_string_equal(vmcoreinfo_string(&info, "CONFIG_ARM_LPAE"), "y");
	assert_int_equal(number_of(&info, "NUMBER(VMALLOC_START)"), 0xf0800000);
	assert_int_equal(unsigned_of(&info, "SIZE(page)"), 36);
	vmcoreinfo_deinit(&info);
}

static void test_lines(void **state)
{
	struct vmcoreinfo info;

	(void)state;
	parse("A=1\nno equals\n=nothing before\n\nB=x=y\nA=2\nC=\n", &info);
	assert_int_equal(info.count, 3);
	assert_string_equal(vmcoreinfo_string(&info, "A"), "2"); /* the last */
	assert_string_equal(vmcoreinfo_string(&info, "B"), "x=y");
	assert_string_equal(vmcoreinfo_string(&info, "C"), "");
	assert_null(vmcoreinfo_string(&info, "D"));
	assert_null(vmcoreinfo_string(&info, ""));
	assert_false(info.truncated);
	vmcoreinfo_deinit(&info);
}

static void test_truncated(void **state)
{
	static const char nul_in_line[] = "A=1\nB=2\0C=3\n";
	static const char nul_after_line[] = "A=1\n\0\0\0";
	struct vmcoreinfo info;

	(void)state;
	parse("A=1\nSYMBOL(x)=ffff", &info);
	assert_true(info.truncated);
	assert_int_equal(info.count, 1);
	assert_null(vmcoreinfo_string(&info, "SYMBOL(x)"));
	vmcoreinfo_deinit(&info);

	succeed(vmcoreinfo_parse(nul_in_line, sizeof(nul_in_line) - 1, &info));
	assert_true(info.truncated);
	assert_int_equal(info.count, 1);
	vmcoreinfo_deinit(&info);

	succeed(vmcoreinfo_parse(nul_after_line, sizeof(nul_after_line) - 1, &info));
	assert_false(info.truncated);
	assert_int_equal(info.size, 4);
	vmcoreinfo_deinit(&info);
}

static void test_nothing(void **state)
{
	struct vmcoreinfo info;

	(void)state;
	fail_with(vmcoreinfo_parse("", 0, &info), VMC_ERR_CORRUPT, "0 bytes");
	fail_with(vmcoreinfo_parse("\0\0\0", 3, &info), VMC_ERR_CORRUPT, "3 bytes");
	fail_with(vmcoreinfo_parse("A=1", 3, &info), VMC_ERR_CORRUPT, "no KEY=value");
	fail_with(vmcoreinfo_parse("\n\nx\n", 4, &info), VMC_ERR_CORRUPT, "no KEY=value");
	fail_with(vmcoreinfo_parse("A=1\n", VMCOREINFO_SIZE_MAX + 1, &info), VMC_ERR_LIMIT,
		  "bytes");
	vmcoreinfo_deinit(&info); /* an error leaves it empty */
	assert_null(vmcoreinfo_string(&info, "A"));
}

static void test_good_numbers(void **state)
{
	struct vmcoreinfo info;
	uint64_t value = 7;
	int64_t number = 7;
	bool known = true;

	(void)state;
	parse("H=ffffffffffffffff\nX=0xFf\nU=18446744073709551615\nI=-9223372036854775808\n"
	      "J=9223372036854775807\nN=0xffffffffffffffff\nZ=0\nM=-0\n",
	      &info);
	assert_true(hex_of(&info, "H") == UINT64_MAX);
	assert_int_equal(hex_of(&info, "X"), 255);
	assert_true(unsigned_of(&info, "U") == UINT64_MAX);
	assert_true(number_of(&info, "I") == INT64_MIN);
	assert_true(number_of(&info, "J") == INT64_MAX);
	assert_true(number_of(&info, "N") == -1);
	assert_int_equal(number_of(&info, "Z"), 0);
	assert_int_equal(number_of(&info, "M"), 0);

	succeed(vmcoreinfo_hex(&info, "none", &known, &value));
	assert_false(known);
	succeed(vmcoreinfo_number(&info, "none", &known, &number));
	assert_false(known);
	assert_int_equal(value, 7);
	assert_int_equal(number, 7);
	vmcoreinfo_deinit(&info);
}

static void test_bad_numbers(void **state)
{
	static const char *const never[] = {"", " 1", "1 ", "+1", "1\r", "-", "--1", "0x", "1,0"};
	static const char *const not_hex[] = {"10000000000000000", "0xg", "-1", "0x0x1"};
	static const char *const not_unsigned[] = {"18446744073709551616", "-1", "0x10", "1a"};
	static const char *const not_number[] = {
		"9223372036854775808", "-9223372036854775809", "-0x1", "0x10000000000000000", "ff",
	};
	struct vmcoreinfo info;
	char text[64];
	bool known;
	uint64_t value;
	int64_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		snprintf(text, sizeof(text), "KEY=%s\n", never[i]);
		parse(text, &info);
		fail_with(vmcoreinfo_hex(&info, "KEY", &known, &value), VMC_ERR_CORRUPT, "KEY=");
		fail_with(vmcoreinfo_unsigned(&info, "KEY", &known, &value), VMC_ERR_CORRUPT,
			  "KEY=");
		fail_with(vmcoreinfo_number(&info, "KEY", &known, &number), VMC_ERR_CORRUPT,
			  "KEY=");
		vmcoreinfo_deinit(&info);
	}
	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "H=%s\nU=%s\n", not_hex[i], not_unsigned[i]);
		parse(text, &info);
		fail_with(vmcoreinfo_hex(&info, "H", &known, &value), VMC_ERR_CORRUPT, not_hex[i]);
		fail_with(vmcoreinfo_unsigned(&info, "U", &known, &value), VMC_ERR_CORRUPT,
			  not_unsigned[i]);
		vmcoreinfo_deinit(&info);
	}
	for (size_t i = 0; i < sizeof(not_number) / sizeof(not_number[0]); i++) {
		snprintf(text, sizeof(text), "N=%s\n", not_number[i]);
		parse(text, &info);
		fail_with(vmcoreinfo_number(&info, "N", &known, &number), VMC_ERR_CORRUPT,
			  not_number[i]);
		vmcoreinfo_deinit(&info);
	}
}

/* An error may be shown on a terminal, whatever the dump holds. */
static void test_error_is_printable(void **state)
{
	struct vmcoreinfo info;
	char text[512] = "KEY=\033[31mred";
	bool known;
	uint64_t value;

	(void)state;
	memset(text + strlen(text), 'a', 400);
	strcat(text, "\n");
	parse(text, &info);

	struct vmc_error *err = vmcoreinfo_hex(&info, "KEY", &known, &value);

	assert_non_null(err);
	assert_null(strchr(vmc_error_message(err), '\033'));
	assert_non_null(strstr(vmc_error_message(err), "?[31mred"));
	assert_true(strlen(vmc_error_message(err)) < 200);
	vmc_error_free(err);
	vmcoreinfo_deinit(&info);
}

/* Damage of all kinds: what is looked for is a report of the sanitizers. */
static void test_damage(void **state)
{
	char text[65536], damaged[65536];
	size_t size = file_read(TEXTS "x86_64-7.3-cloud-amd64.txt", text, sizeof(text));
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct vmcoreinfo info;
		size_t length = (size_t)rand_r(&seed) % (size + 1);

		memcpy(damaged, text, size);
		for (int i = 0; i < 20; i++)
			damaged[(size_t)rand_r(&seed) % size] = (char)rand_r(&seed);

		struct vmc_error *err = vmcoreinfo_parse(damaged, length, &info);

		for (size_t i = 0; !err && i < info.count; i++)
			assert_ptr_equal(vmcoreinfo_string(&info, info.entries[i].key),
					 info.entries[i].value);
		vmc_error_free(err);
		vmcoreinfo_deinit(&info);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_texts),  cmocka_unit_test(test_real_values),
		cmocka_unit_test(test_lines),       cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_nothing),     cmocka_unit_test(test_good_numbers),
		cmocka_unit_test(test_bad_numbers), cmocka_unit_test(test_error_is_printable),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
