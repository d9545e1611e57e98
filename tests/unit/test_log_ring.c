/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lockless ring, on machines of each byte order and word size, sound and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_machine.h"

#define COUNT_BITS 3
#define SIZE_BITS  9
#define COUNT      (1u << COUNT_BITS)
#define SIZE       (1u << SIZE_BITS)

#define PRB_POINTER LOG_VARS
#define CLEAR_SEQ   (LOG_VARS + 0x40)
#define RING        (LOG_VARS + 0x100)
#define DESCS       LOG_PLACE
#define INFOS       (LOG_PLACE + 0x1000)
#define TEXT        (LOG_PLACE + 0x2000)

#define INFO_SIZE 88u
#define COMMITTED 1u
#define FINALIZED 2u
#define REUSABLE  3u

#define EMPTY_LINE 3
#define NO_ROOM    1

struct made_ring {
	struct log_test test;
	unsigned int word;
	uint64_t head, tail; /* ids */
	uint64_t lpos;       /* where the next block begins */
};

static uint64_t id_mask(const struct made_ring *ring)
{
	return (UINT64_C(1) << (8 * ring->word - 2)) - 1;
}

static void put_keys(struct made_ring *ring)
{
	struct log_test *test = &ring->test;
	unsigned int w = ring->word;

	log_symbol(test, "prb", PRB_POINTER);
	log_symbol(test, "clear_seq", CLEAR_SEQ);
	log_key(test, "SIZE(printk_ringbuffer)=%u\nOFFSET(printk_ringbuffer.desc_ring)=0", 11 * w);
	log_key(test, "OFFSET(printk_ringbuffer.text_data_ring)=%u", 6 * w);
	log_key(test, "OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=%u", w);
	log_key(test, "OFFSET(prb_desc_ring.infos)=%u\nOFFSET(prb_desc_ring.head_id)=%u", 2 * w,
		3 * w);
	log_key(test, "OFFSET(prb_desc_ring.tail_id)=%u\nSIZE(prb_desc)=%u", 4 * w, 3 * w);
	log_key(test, "OFFSET(prb_desc.state_var)=0\nOFFSET(prb_desc.text_blk_lpos)=%u", w);
	log_key(test, "OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=%u", w);
	log_key(test, "OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=%u", w);
	log_key(test,
		"SIZE(printk_info)=%u\nOFFSET(printk_info.seq)=0\nOFFSET(printk_info.ts_nsec)=8\n"
		"OFFSET(printk_info.text_len)=16\nOFFSET(printk_info.caller_id)=20\n"
		"OFFSET(printk_info.dev_info)=24\nOFFSET(dev_printk_info.subsystem)=0\n"
		"OFFSET(dev_printk_info.device)=16\nLENGTH(printk_info_subsystem)=16\n"
		"LENGTH(printk_info_device)=48",
		INFO_SIZE);
}

static void put_ids(struct made_ring *ring, uint64_t head, uint64_t tail)
{
	ring->head = head & id_mask(ring);
	ring->tail = tail & id_mask(ring);
	log_put_word(&ring->test, RING + 3 * ring->word, ring->head);
	log_put_word(&ring->test, RING + 4 * ring->word, ring->tail);
}

/* Its first record is going to have id @first, and its text to begin at @lpos. */
static void ring_create(struct made_ring *ring, const struct log_machine *machine, uint64_t first,
			uint64_t lpos)
{
	struct log_test *test = &ring->test;

	log_create(test, machine);
	ring->word = machine->layout.word_size;
	ring->lpos = lpos & layout_word_max(machine->layout);
	put_keys(ring);
	log_put_word(test, PRB_POINTER, log_address(test, RING));
	log_put(test, RING, COUNT_BITS, 4);
	log_put_word(test, RING + ring->word, log_address(test, DESCS));
	log_put_word(test, RING + 2 * ring->word, log_address(test, INFOS));
	log_put(test, RING + 6 * ring->word, SIZE_BITS, 4);
	log_put_word(test, RING + 7 * ring->word, log_address(test, TEXT));
	put_ids(ring, first - 1, first);
}

static uint64_t desc_at(const struct made_ring *ring, uint64_t id)
{
	return DESCS + id % COUNT * 3 * ring->word;
}

static uint64_t info_at(uint64_t id)
{
	return INFOS + id % COUNT * INFO_SIZE;
}

static void put_state(struct made_ring *ring, uint64_t id, uint64_t state)
{
	log_put_word(&ring->test, desc_at(ring, id), id | state << (8 * ring->word - 2));
}

static void put_block(struct made_ring *ring, uint64_t id, uint64_t begin, uint64_t next)
{
	log_put_word(&ring->test, desc_at(ring, id) + ring->word, begin);
	log_put_word(&ring->test, desc_at(ring, id) + 2 * ring->word, next);
}

static void put_info(struct made_ring *ring, uint64_t id, uint64_t seq, size_t length)
{
	struct log_test *test = &ring->test;
	bool big = test->machine->layout.big_endian;
	uint64_t info = info_at(id);

	log_put(test, info, seq, 8);
	log_put(test, info + 8, 1000000000 * seq + 234567, 8);
	log_put(test, info + 16, length, 2);
	log_put(test, info + 18, 3, 1); /* daemon */
	/* Level 5, flag 2. */
	log_put(test, info + 19, big ? 2 << 3 | 5 : 2 | 5 << 5, 1);
	log_put(test, info + 20, seq & 1 ? 0x80000000u + seq : seq, 4);
	log_write_bytes(test, info + 24, "pci", 4);
	log_write_bytes(test, info + 40, "+pci:0000:00:02.0", 18);
}

/* Where a block of @size goes: at the start of the ring when it would run over the end. */
static uint64_t next_lpos(const struct made_ring *ring, uint64_t size)
{
	uint64_t offset = ring->lpos % SIZE;
	uint64_t next = ring->lpos + size;

	if (offset + size > SIZE)
		next += SIZE - offset;
	return next & layout_word_max(ring->test.machine->layout);
}

/* One more record, which pushes the oldest out when there is no room. */
static uint64_t ring_add(struct made_ring *ring, uint64_t seq, const char *text)
{
	uint64_t id = (ring->head + 1) & id_mask(ring);
	uint64_t size = (ring->word + strlen(text) + ring->word - 1) / ring->word * ring->word;
	uint64_t next = next_lpos(ring, size);
	uint64_t at = ring->lpos % SIZE + size > SIZE ? 0 : ring->lpos % SIZE;
	uint64_t tail = ring->tail;

	if (((id - tail) & id_mask(ring)) == COUNT)
		tail++;
	put_ids(ring, id, tail);
	put_info(ring, id, seq, strlen(text));
	put_state(ring, id, FINALIZED);
	put_block(ring, id, ring->lpos, next);
	log_put_word(&ring->test, TEXT + at, id);
	log_write_bytes(&ring->test, TEXT + at + ring->word, text, strlen(text));
	ring->lpos = next;
	return id;
}

/* Ids, positions and the number all wrap around, here with the word. */
static void test_sound(void **state)
{
	struct vmc_dmesg_record record;
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < LOG_MACHINES; i++) {
		uint64_t first, id;

		ring_create(&ring, &log_machines[i], 0, (uint64_t)0 - 300 / 8 * 8);
		put_ids(&ring, (uint64_t)0 - 4, (uint64_t)0 - 3);
		first = ring.tail;
		ring_add(&ring, 100, "first");
		put_state(&ring, first, COMMITTED);
		for (uint64_t j = 101; j < 111; j++)
			ring_add(&ring, j,
				 j % 2 ? "a text of some length\n two lines" : "\xff\n\n");
		id = ring_add(&ring, 111, "");
		put_block(&ring, id, EMPTY_LINE, EMPTY_LINE);
		id = ring_add(&ring, 112, "");
		put_block(&ring, id, NO_ROOM, NO_ROOM);
		/* One that is being written. */
		id = ring_add(&ring, 113, "reserved");
		put_state(&ring, id, 0);
		log_open(&ring.test, false);
		assert_int_equal(vmc_dmesg_form(ring.test.dmesg), VMC_DMESG_RING);
		record = expect_record(&ring.test, "\xff\n\n");
		assert_int_equal(record.seq, 106);
		assert_true(record.has_time && record.has_level && record.has_caller);
		assert_int_equal(record.time, 106000234567);
		assert_int_equal(record.level, 5);
		assert_int_equal(record.facility, 3);
		assert_int_equal(record.flags, VMC_DMESG_NEWLINE);
		assert_int_equal(record.caller, 106);
		assert_string_equal(record.subsystem, "pci");
		assert_string_equal(record.device, "+pci:0000:00:02.0");
		record = expect_record(&ring.test, "a text of some length\n two lines");
		assert_int_equal(record.caller, VMC_DMESG_CALLER_CPU | 107);
		expect_record(&ring.test, "\xff\n\n");
		expect_record(&ring.test, "a text of some length\n two lines");
		record = expect_record(&ring.test, "\xff\n\n");
		assert_int_equal(record.seq, 110);
		assert_false(record.is_empty_line);
		record = expect_record(&ring.test, "");
		assert_true(record.is_empty_line && record.text);
		assert_true(vmc_dmesg_next(ring.test.dmesg, &record));
		assert_null(record.text);
		assert_int_equal(record.size, 0);
		expect_end(&ring.test, 0, NULL);
		log_destroy(&ring.test);
	}
}

/* A block that ends with the ring (from 6.18 on), and one that had to go to its begin. */
static void test_wrapped_blocks(void **state)
{
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < LOG_MACHINES; i++) {
		for (unsigned int words = 2; words < 6; words++) {
			unsigned int word = log_machines[i].layout.word_size;

			ring_create(&ring, &log_machines[i], 40, 6 * SIZE - words * word);
			ring_add(&ring, 0, "1234"); /* two words */
			ring_add(&ring, 1, "12345678abcd");
			ring_add(&ring, 2, "x");
			log_open(&ring.test, false);
			expect_record(&ring.test, "1234");
			expect_record(&ring.test, "12345678abcd");
			expect_record(&ring.test, "x");
			expect_end(&ring.test, 0, NULL);
			log_destroy(&ring.test);
		}
	}
}

static void ring_fill(struct made_ring *ring, const struct log_machine *machine)
{
	ring_create(ring, machine, 1000, 64);
	ring_add(ring, 10, "one");
	ring_add(ring, 11, "two");
	ring_add(ring, 12, "three");
}

static void damage_block(struct made_ring *ring, uint64_t begin, uint64_t next)
{
	put_block(ring, 1001, begin, next);
}

static void damage_length(struct made_ring *ring, uint64_t length, uint64_t unused)
{
	(void)unused;
	log_put(&ring->test, info_at(1001) + 16, length, 2);
}

static void damage_id(struct made_ring *ring, uint64_t id, uint64_t state)
{
	log_put_word(&ring->test, desc_at(ring, 1001), id | state << 62);
}

/* Does harm to the second of three records. */
static void test_bad_records(void **state)
{
	static const struct {
		void (*damage)(struct made_ring *ring, uint64_t a, uint64_t b);
		uint64_t a, b;
		const char *said;
		size_t size; /* of the text that is left */
	} cases[] = {
		{damage_block, 80, 72, "not where it should be", 0},
		{damage_block, 80, 80, "not where it should be", 0},
		{damage_block, 81, 97, "not where it should be", 0},
		{damage_block, 80, 80 + SIZE + 8, "not where it should be", 0},
		{damage_block, 80, 88, "not where it should be", 0},
		{damage_block, 80, 80 + (UINT64_C(1) << 40), "not where it should be", 0},
		{damage_block, 80, UINT64_MAX, "not where it should be", 0},
		{damage_block, 64, 80, "not where it should be", 0},
		{damage_length, UINT16_MAX, 0, "cut after 8 bytes", 8},
		{damage_id, 7, FINALIZED, "is of record 0x7", 0},
	};
	struct vmc_dmesg_record record;
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ring_fill(&ring, &log_machines[0]);
		cases[i].damage(&ring, cases[i].a, cases[i].b);
		log_open(&ring.test, false);
		expect_record(&ring.test, "one");
		if (cases[i].size) {
			assert_true(vmc_dmesg_next(ring.test.dmesg, &record));
			assert_int_equal(record.size, cases[i].size);
			assert_memory_equal(record.text, "two\0\0\0\0", cases[i].size);
		}
		expect_record(&ring.test, "three");
		expect_end(&ring.test, 1, cases[i].said);
		log_destroy(&ring.test);
	}
}

/* All of the text but that of the first record lies where there is no memory. */
static void test_no_text(void **state)
{
	struct made_ring ring;

	(void)state;
	ring_fill(&ring, &log_machines[0]);
	log_put_word(&ring.test, RING + 7 * ring.word, log_address(&ring.test, LOG_MEMORY - 80));
	log_put_word(&ring.test, LOG_MEMORY - 16, 1000);
	log_write_bytes(&ring.test, LOG_MEMORY - 8, "one", 3);
	log_open(&ring.test, false);
	expect_record(&ring.test, "one");
	expect_end(&ring.test, 2, "no segment");
	log_destroy(&ring.test);
}

/* Ids that make no sense: everything is there all the same, in order. */
static void test_bad_ids(void **state)
{
	static const struct {
		uint64_t head, tail;
	} bad[] = {
		{0, 1},
		{UINT64_MAX, 1000},
		{1002, UINT64_MAX},
		{1002, 1003},
		{1000, 1002},
		{5000, 4998},
		{1002, 990},
		{UINT64_C(1) << 62 | 1002, 1000},
		{1002, UINT64_C(1) << 61},
	};
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ring_fill(&ring, &log_machines[0]);
		put_state(&ring, 1003, REUSABLE);
		log_put_word(&ring.test, RING + 24, bad[i].head);
		log_put_word(&ring.test, RING + 32, bad[i].tail);
		log_open(&ring.test, false);
		expect_record(&ring.test, "one");
		expect_record(&ring.test, "two");
		expect_record(&ring.test, "three");
		expect_end(&ring.test, 1, "head_id 0x");
		log_destroy(&ring.test);
	}
}

/* What makes no sense as a whole is refused. */
static void test_bad_ring(void **state)
{
	static const struct {
		uint64_t offset, value;
		const char *said;
	} cases[] = {
		{RING, 63, "2^63 records"},
		{RING + 48, UINT32_MAX, "2^4294967295 bytes"},
		{PRB_POINTER, 0x7000, "0x7"},
		{RING, SIZE_BITS + 1, "2^10 records and 2^9 bytes"},
	};
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vmc_error *err;

		ring_fill(&ring, &log_machines[0]);
		log_put(&ring.test, cases[i].offset, cases[i].value, i == 2 ? 8 : 4);
		log_open_target(&ring.test);
		err = vmc_dmesg_open(ring.test.target, NULL, &ring.test.dmesg);
		assert_non_null(err);
		if (!strstr(vmc_error_message(err), cases[i].said))
			fail_msg("%s", vmc_error_message(err));
		vmc_error_free(err);
		log_destroy(&ring.test);
	}
}

/* As large as one can be, where there is no memory: it ends all the same. */
static void test_vast_ring(void **state)
{
	struct vmc_dmesg_record record;
	struct made_ring ring;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		ring_fill(&ring, &log_machines[0]);
		log_put(&ring.test, RING, 26, 4);
		log_put(&ring.test, RING + 48, 31, 4);
		put_ids(&ring, i ? 1002 : 5000000, 1003);
		log_open(&ring.test, false);
		while (vmc_dmesg_next(ring.test.dmesg, &record))
			;
		/* Without ids no record of it was found, among the first that cannot be read. */
		assert_int_equal(vmc_dmesg_damaged(ring.test.dmesg), i ? 1 : 65536);
		log_destroy(&ring.test);
	}
}

/* Sizes that leave no room for the fields. */
static void test_bad_keys(void **state)
{
	static const char *const keys[] = {"SIZE(prb_desc)=24", "SIZE(printk_info)=88"};
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *size;

		ring_fill(&ring, &log_machines[0]);
		size = strstr(ring.test.keys, keys[i]);
		memcpy(size + strlen(keys[i]) - 2, i ? "19" : "23", 2);
		log_open_target(&ring.test);
		fail_with(vmc_dmesg_open(ring.test.target, NULL, &ring.test.dmesg), VMC_ERR_CORRUPT,
			  "do not fit their fields");
		log_destroy(&ring.test);
	}
}

static void test_since_clear(void **state)
{
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < LOG_MACHINES; i++) {
		for (unsigned int latched = 0; latched < 3; latched++) {
			ring_fill(&ring, &log_machines[i]);
			if (latched) {
				log_key(&ring.test,
					"SIZE(latched_seq)=24\nOFFSET(latched_seq.val)=8");
				log_put(&ring.test, CLEAR_SEQ, latched - 1, 4);
				log_put(&ring.test, CLEAR_SEQ + 8, latched == 1 ? 12 : 0, 8);
				log_put(&ring.test, CLEAR_SEQ + 16, latched == 2 ? 12 : 0, 8);
			} else {
				log_put(&ring.test, CLEAR_SEQ, 12, 8);
			}
			log_open(&ring.test, true);
			expect_record(&ring.test, "three");
			expect_end(&ring.test, 0, NULL);
			log_destroy(&ring.test);
		}
	}
}

/* Cleared long ago, just now, and in a future that has not come. */
static void test_since_clear_elsewhere(void **state)
{
	static const struct {
		uint64_t seq;
		bool all;
		const char *part;
	} cases[] = {
		{3, true, NULL},
		{13, false, NULL},
		{14, true, "clear_seq is 14, but the last record is 12"},
		{UINT64_MAX, true, "clear_seq"},
	};
	struct made_ring ring;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ring_fill(&ring, &log_machines[1]);
		log_put(&ring.test, CLEAR_SEQ, cases[i].seq, 8);
		log_open(&ring.test, true);
		if (cases[i].all) {
			expect_record(&ring.test, "one");
			expect_record(&ring.test, "two");
			expect_record(&ring.test, "three");
		}
		expect_end(&ring.test, cases[i].part != NULL, cases[i].part);
		log_destroy(&ring.test);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),       cmocka_unit_test(test_wrapped_blocks),
		cmocka_unit_test(test_bad_records), cmocka_unit_test(test_no_text),
		cmocka_unit_test(test_bad_ids),     cmocka_unit_test(test_bad_ring),
		cmocka_unit_test(test_vast_ring),   cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_since_clear), cmocka_unit_test(test_since_clear_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
