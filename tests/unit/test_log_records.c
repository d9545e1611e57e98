/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A buffer of records (3.5 to 5.9), on machines of each byte order and word size, and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_machine.h"

#define BUFFER LOG_PLACE
#define LENGTH 512u

#define LOG_BUF       LOG_VARS
#define LOG_BUF_LEN   (LOG_VARS + 0x10)
#define LOG_FIRST_IDX (LOG_VARS + 0x20)
#define LOG_NEXT_IDX  (LOG_VARS + 0x30)
#define CLEAR_IDX     (LOG_VARS + 0x40)

struct made_records {
	struct log_test test;
	unsigned int head; /* bytes */
	uint32_t next;
};

enum names { STRUCT_LOG, PRINTK_LOG, PRINTK_LOG_CALLER };

static void records_create(struct made_records *made, const struct log_machine *machine,
			   enum names names)
{
	struct log_test *test = &made->test;
	const char *name = names == STRUCT_LOG ? "log" : "printk_log";

	log_create(test, machine);
	made->head = names == PRINTK_LOG_CALLER ? 20 : 16;
	made->next = 0;
	log_symbol(test, "log_buf", LOG_BUF);
	log_symbol(test, "log_buf_len", LOG_BUF_LEN);
	log_symbol(test, "log_first_idx", LOG_FIRST_IDX);
	log_symbol(test, "log_next_idx", LOG_NEXT_IDX);
	log_key(test, "SIZE(%s)=%u\nOFFSET(%s.ts_nsec)=0\nOFFSET(%s.len)=8\nOFFSET(%s.text_len)=10",
		name, made->head, name, name, name);
	if (names != STRUCT_LOG)
		log_key(test, "OFFSET(printk_log.dict_len)=12");
	if (names == PRINTK_LOG_CALLER)
		log_key(test, "OFFSET(printk_log.caller_id)=16");
	log_put_word(test, LOG_BUF, log_address(test, BUFFER));
	log_put(test, LOG_BUF_LEN, LENGTH, 4);
}

static void put_index(struct made_records *made, uint64_t variable, uint32_t index)
{
	log_put(&made->test, variable, index, 4);
}

/* A record behind the last one, or, where there is no room, a mark and the record at the begin. */
static uint32_t records_add(struct made_records *made, uint64_t time, const char *text,
			    const char *dict, size_t dict_size)
{
	struct log_test *test = &made->test;
	size_t length = (made->head + strlen(text) + dict_size + 3) / 4 * 4;

	if (made->next + length + made->head > LENGTH) {
		static const uint8_t mark[32];

		log_write_bytes(test, BUFFER + made->next, mark, made->head);
		made->next = 0;
	}

	uint64_t at = BUFFER + made->next;
	uint32_t index = made->next;

	log_put(test, at, time, 8);
	log_put(test, at + 8, length, 2);
	log_put(test, at + 10, strlen(text), 2);
	log_put(test, at + 12, dict_size, 2);
	log_put(test, at + 14, 1, 1);
	log_put(test, at + 15, test->machine->layout.big_endian ? 6 << 3 | 4 : 6 | 4 << 5, 1);
	if (made->head == 20)
		log_put(test, at + 16, 77, 4);
	log_write_bytes(test, at + made->head, text, strlen(text));
	log_write_bytes(test, at + made->head + strlen(text), dict, dict_size);
	made->next += (uint32_t)length;
	put_index(made, LOG_NEXT_IDX, made->next);
	return index;
}

static void test_sound(void **state)
{
	static const char dict[] = "SUBSYSTEM=usb\0OTHER=1\0DEVICE=c189:1";
	struct vmc_dmesg_record record;
	struct made_records made;

	(void)state;
	for (size_t i = 0; i < LOG_MACHINES; i++) {
		for (unsigned int names = STRUCT_LOG; names <= PRINTK_LOG_CALLER; names++) {
			records_create(&made, &log_machines[i], names);
			records_add(&made, 0, "first", dict, sizeof(dict) - 1);
			records_add(&made, 5000001234, "second\nof two\1lines", "", 0);
			records_add(&made, 6000000000, "", "", 0);
			log_open(&made.test, false);
			assert_int_equal(vmc_dmesg_form(made.test.dmesg), VMC_DMESG_RECORDS);
			record = expect_record(&made.test, "first");
			assert_int_equal(record.seq, 0);
			assert_int_equal(record.level, 4);
			assert_int_equal(record.facility, 1);
			assert_int_equal(record.flags, 6);
			assert_int_equal(record.has_caller, names == PRINTK_LOG_CALLER);
			assert_int_equal(record.caller, record.has_caller ? 77 : 0);
			assert_string_equal(record.subsystem, "usb");
			assert_string_equal(record.device, "c189:1");
			record = expect_record(&made.test, "second\nof two\1lines");
			assert_int_equal(record.seq, 1);
			assert_int_equal(record.time, 5000001234);
			assert_string_equal(record.subsystem, "");
			record = expect_record(&made.test, "");
			assert_false(record.is_empty_line);
			expect_end(&made.test, 0, NULL);
			log_destroy(&made.test);
		}
	}
}

/* A buffer that was gone through more than once: of texts "0" to "29" the last ones are left. */
static void fill_wrapped(struct made_records *made, const struct log_machine *machine,
			 uint32_t indices[30])
{
	char text[16];

	records_create(made, machine, PRINTK_LOG);
	for (unsigned int i = 0; i < 30; i++) {
		snprintf(text, sizeof(text), "%u", i);
		indices[i] = records_add(made, i, text, "DEVICE=+x:yyyyy", 15);
	}
	put_index(made, LOG_FIRST_IDX, indices[20]);
}

static void expect_texts(struct made_records *made, unsigned int from)
{
	char text[16];

	for (unsigned int i = from; i < 30; i++) {
		snprintf(text, sizeof(text), "%u", i);
		expect_record(&made->test, text);
	}
}

static void test_wrapped(void **state)
{
	struct made_records made;
	uint32_t indices[30];

	(void)state;
	for (size_t i = 0; i < LOG_MACHINES; i++) {
		fill_wrapped(&made, &log_machines[i], indices);
		assert_true(indices[20] > indices[29]);
		log_open(&made.test, false);
		expect_texts(&made, 20);
		expect_end(&made.test, 0, NULL);
		log_destroy(&made.test);
	}
}

/* Cleared: never, before the ring went round (its index is that of no record now), at a record
 * before and behind the end of the buffer, right now. */
static void test_since_clear(void **state)
{
	struct made_records made;
	uint32_t indices[30];

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		fill_wrapped(&made, &log_machines[1], indices);

		const struct {
			uint32_t index;
			unsigned int from;
		} cases[] = {
			{0, 20},           {indices[20] + 4, 20}, {indices[22], 22},
			{indices[29], 29}, {made.next, 30},       {UINT32_MAX, 20},
		};

		log_symbol(&made.test, "clear_idx", CLEAR_IDX);
		put_index(&made, CLEAR_IDX, cases[i].index);
		log_open(&made.test, true);
		expect_texts(&made, cases[i].from);
		expect_end(&made.test, 0, NULL);
		log_destroy(&made.test);
	}
	/* Nothing tells. */
	fill_wrapped(&made, &log_machines[1], indices);
	log_open_target(&made.test);

	const struct vmc_dmesg_options options = {.since_clear = true};

	succeed(vmc_dmesg_open(made.test.target, &options, &made.test.dmesg));
	expect_texts(&made, 20);
	expect_end(&made.test, 0, "no SYMBOL(clear_idx)");
	log_destroy(&made.test);
}

/* What cannot be found is what lies behind the damage, up to the begin of the buffer. */
static void test_bad_lengths(void **state)
{
	static const uint16_t lengths[] = {1, 15, 13, 65535, LENGTH};
	static const unsigned int clear[] = {0, 25, 28};
	struct made_records made;
	uint32_t indices[30];

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (size_t j = 0; j < 3; j++) {
			fill_wrapped(&made, &log_machines[0], indices);
			assert_int_equal(indices[27], 0);
			log_put(&made.test, BUFFER + indices[21] + 8, lengths[i], 2);
			log_symbol(&made.test, "clear_idx", CLEAR_IDX);
			put_index(&made, CLEAR_IDX, indices[clear[j]]);
			log_open(&made.test, j > 0);
			if (clear[j] == 28) {
				expect_texts(&made, 28);
				expect_end(&made.test, 0, NULL);
			} else {
				/* The clear_idx that is not found may be anywhere. */
				expect_record(&made.test, "20");
				expect_texts(&made, 27);
				expect_end(&made.test, 1, "has a length of");
			}
			log_destroy(&made.test);
		}
	}
}

/* An end that no record has, a cycle, a begin outside. */
static void test_bad_indices(void **state)
{
	struct made_records made;
	struct vmc_dmesg_record record;
	uint32_t indices[30];
	unsigned int count = 0;

	(void)state;
	fill_wrapped(&made, &log_machines[2], indices);
	put_index(&made, LOG_NEXT_IDX, indices[20] + 1);
	log_open(&made.test, false);
	while (vmc_dmesg_next(made.test.dmesg, &record))
		count++;
	assert_in_range(count, 10, 14); /* once round */
	assert_int_equal(vmc_dmesg_damaged(made.test.dmesg), 1);
	log_destroy(&made.test);

	fill_wrapped(&made, &log_machines[2], indices);
	put_index(&made, LOG_FIRST_IDX, UINT32_MAX - 3);
	log_open(&made.test, false);
	expect_texts(&made, 27);
	expect_end(&made.test, 1, "a record at 0xfffffffc, in a buffer of 0x200 bytes");
	log_destroy(&made.test);

	/* A mark of the end at the begin. */
	fill_wrapped(&made, &log_machines[2], indices);
	log_put(&made.test, BUFFER + 8, 0, 2);
	log_open(&made.test, false);
	assert_true(vmc_dmesg_next(made.test.dmesg, &record));
	while (vmc_dmesg_next(made.test.dmesg, &record))
		assert_true(record.size < 3);
	assert_int_equal(vmc_dmesg_damaged(made.test.dmesg), 1);
	log_destroy(&made.test);
}

/* Text or dictionary reach over the end of their record: what is in it is given. */
static void test_bad_texts(void **state)
{
	struct made_records made;
	uint32_t at;

	(void)state;
	records_create(&made, &log_machines[3], PRINTK_LOG);
	at = records_add(&made, 0, "12345678", "", 0);
	log_put(&made.test, BUFFER + at + 10, 60000, 2);
	at = records_add(&made, 0, "abcdefgh", "DEVICE=", 7);
	log_put(&made.test, BUFFER + at + 12, 60000, 2);
	log_open(&made.test, false);
	expect_record(&made.test, "12345678");
	expect_record(&made.test, "abcdefgh");
	expect_end(&made.test, 2, "60000 of text");
	log_destroy(&made.test);
}

static void test_refused(void **state)
{
	static const uint32_t lengths[] = {0, 15, 0x80000001};
	struct made_records made;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		records_create(&made, &log_machines[0], PRINTK_LOG);
		log_put(&made.test, LOG_BUF_LEN, lengths[i], 4);
		log_open_target(&made.test);
		fail_with(vmc_dmesg_open(made.test.target, NULL, &made.test.dmesg), VMC_ERR_CORRUPT,
			  "log_buf_len is");
		log_destroy(&made.test);
	}
	log_create(&made.test, &log_machines[0]);
	log_open_target(&made.test);
	fail_with(vmc_dmesg_open(made.test.target, NULL, &made.test.dmesg), VMC_ERR_MISSING,
		  "neither prb nor log_first_idx nor log_end");
	log_destroy(&made.test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),       cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_since_clear), cmocka_unit_test(test_bad_lengths),
		cmocka_unit_test(test_bad_indices), cmocka_unit_test(test_bad_texts),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
