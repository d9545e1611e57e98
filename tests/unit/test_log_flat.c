/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A buffer of text (to 3.4), on machines of each byte order and word size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_machine.h"

#define BUFFER LOG_PLACE
#define LENGTH 4096u

#define LOG_BUF      LOG_VARS
#define LOG_BUF_LEN  (LOG_VARS + 0x10)
#define LOG_END      (LOG_VARS + 0x20)
#define LOGGED_CHARS (LOG_VARS + 0x30)

static void flat_create(struct log_test *test, const struct log_machine *machine)
{
	log_create(test, machine);
	log_symbol(test, "log_buf", LOG_BUF);
	log_symbol(test, "log_buf_len", LOG_BUF_LEN);
	log_symbol(test, "log_end", LOG_END);
	log_symbol(test, "logged_chars", LOGGED_CHARS);
	log_put_word(test, LOG_BUF, log_address(test, BUFFER));
	log_put(test, LOG_BUF_LEN, LENGTH, 4);
}

/* Writes @text so that it ends at position @end. */
static void flat_write(struct log_test *test, uint32_t end, const char *text)
{
	uint32_t at = end - (uint32_t)strlen(text);

	for (; *text; text++, at++)
		log_write_bytes(test, BUFFER + at % LENGTH, text, 1);
	log_put(test, LOG_END, end, 4);
}

static void test_lines(void **state)
{
	static const char text[] =
		"<6>[    0.000000] first\n<14>[12345.678901] second\n"
		"without\n\n<5>no time\n<6>[no] time\n<6>[    1.5] no\n<256>[\n<4";
	struct vmc_dmesg_record record;
	struct log_test test;

	(void)state;
	for (size_t i = 0; i < LOG_MACHINES; i++) {
		flat_create(&test, &log_machines[i]);
		flat_write(&test, sizeof(text) - 1, text);
		log_open(&test, false);
		assert_int_equal(vmc_dmesg_form(test.dmesg), VMC_DMESG_FLAT);
		record = expect_record(&test, "first");
		assert_true(record.has_level && record.has_time && !record.has_caller);
		assert_int_equal(record.level, 6);
		assert_int_equal(record.time, 0);
		assert_int_equal(record.flags, VMC_DMESG_NEWLINE);
		assert_int_equal(record.line_size, 23);
		record = expect_record(&test, "second");
		assert_int_equal(record.level, 6);
		assert_int_equal(record.facility, 1);
		assert_int_equal(record.time, 12345678901000);
		record = expect_record(&test, "without");
		assert_false(record.has_level || record.has_time);
		expect_record(&test, "");
		record = expect_record(&test, "no time");
		assert_int_equal(record.level, 5);
		assert_false(record.has_time);
		expect_record(&test, "[no] time");
		expect_record(&test, "[    1.5] no");
		record = expect_record(&test, "<256>[");
		assert_false(record.has_level);
		record = expect_record(&test, "<4");
		assert_int_equal(record.seq, 8);
		assert_int_equal(record.flags, 0);
		expect_end(&test, 0, NULL);
		log_destroy(&test);
	}
}

/* The buffer was gone round, the last time also the counter: the first line has lost its begin. */
static void test_wrapped(void **state)
{
	static const uint32_t ends[] = {LENGTH, LENGTH + 1, 5 * LENGTH + 100, UINT32_MAX - 50};
	char text[LENGTH + 1] = "6>[    1.000000] cut\n", last[64];
	struct vmc_dmesg_record record;
	struct log_test test;

	(void)state;
	while (strlen(text) + 19 + 18 <= LENGTH)
		strcat(text, "<3>[    2.000000]a\n");
	strcat(text, "<2>[    3.000000] ");
	snprintf(last, sizeof(last), "%.*s", (int)(LENGTH - strlen(text)),
		 "0123456789abcdefghijkl");
	strcat(text, last);
	assert_int_equal(strlen(text), LENGTH);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t lines = 0;

		flat_create(&test, &log_machines[i]);
		flat_write(&test, ends[i], text);
		log_open(&test, false);
		record = expect_record(&test, "6>[    1.000000] cut");
		assert_false(record.has_level || record.has_time);
		for (record.level = 3; record.level == 3; lines++)
			assert_true(vmc_dmesg_next(test.dmesg, &record));
		assert_int_equal(lines - 1, (LENGTH - 21 - 18) / 19);
		assert_int_equal(record.level, 2);
		assert_int_equal(record.size, strlen(last));
		assert_memory_equal(record.text, last, record.size);
		expect_end(&test, 0, NULL);
		log_destroy(&test);
	}
}

static void test_since_clear(void **state)
{
	static const char text[] = "<6>before\n<5>after\n<5>that\n";
	static const struct {
		uint32_t chars;
		unsigned int lines;
	} cases[] = {{0, 0}, {17, 2}, {8, 1}, {27, 3}, {UINT32_MAX, 3}};
	struct vmc_dmesg_record record;
	struct log_test test;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int lines = 0;

		flat_create(&test, &log_machines[i % LOG_MACHINES]);
		flat_write(&test, sizeof(text) - 1, text);
		log_put(&test, LOGGED_CHARS, cases[i].chars, 4);
		log_open(&test, true);
		while (vmc_dmesg_next(test.dmesg, &record)) {
			lines++;
			assert_true(record.has_level);
		}
		assert_int_equal(lines, cases[i].lines);
		log_destroy(&test);
	}
}

/* A buffer that is not all there, or no power of two. */
static void test_damaged(void **state)
{
	static const uint32_t lengths[] = {0, 4097, 0xffffffff};
	struct vmc_dmesg_record record;
	struct log_test test;
	unsigned int lines = 0;

	(void)state;
	flat_create(&test, &log_machines[0]);
	log_put(&test, LOG_BUF_LEN, 0x10000, 4);
	log_put(&test, LOG_END, 0x10000, 4);
	log_put_word(&test, LOG_BUF, log_address(&test, LOG_MEMORY - 0x8000));
	for (uint64_t at = LOG_MEMORY - 0x8000; at < LOG_MEMORY; at += 16)
		log_write_bytes(&test, at, "<6>some text  \n", 16);
	log_open(&test, false);
	while (vmc_dmesg_next(test.dmesg, &record))
		lines++;
	assert_in_range(lines, 0x8000 / 16 - 1024, 0x8000 / 16 + 1);
	assert_in_range(vmc_dmesg_damaged(test.dmesg), 1, 64);
	log_destroy(&test);

	for (size_t i = 0; i < 3; i++) {
		flat_create(&test, &log_machines[0]);
		log_put(&test, LOG_BUF_LEN, lengths[i], 4);
		log_open_target(&test);
		fail_with(vmc_dmesg_open(test.target, NULL, &test.dmesg), VMC_ERR_CORRUPT,
			  "log_buf_len is");
		log_destroy(&test);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_since_clear),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
