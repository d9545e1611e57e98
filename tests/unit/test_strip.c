/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stripped dumps of a kernel made here: what is kept, what is zeros and what is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include <vmcull/strip.h>
#include <vmcull/write.h>

#include "built_kernel.h"

#define KEYS                                                                     \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=15\nNUMBER(PG_swapcache)=12\n"     \
	"NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=11\nNUMBER(PG_hwpoison)=22\n" \
	"NUMBER(PG_head_mask)=64\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"      \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"                             \
	"SYMBOL(prb)=ffffffff80130000\nSIZE(printk_ringbuffer)=88\n"             \
	"OFFSET(printk_ringbuffer.desc_ring)=0\n"                                \
	"OFFSET(printk_ringbuffer.text_data_ring)=48\n"                          \
	"OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=8\n"    \
	"OFFSET(prb_desc_ring.infos)=16\nSIZE(prb_desc)=24\n"                    \
	"OFFSET(prb_desc.state_var)=0\nOFFSET(prb_desc.text_blk_lpos)=8\n"       \
	"OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=8\n"  \
	"SIZE(printk_info)=88\nOFFSET(printk_info.text_len)=16\n"                \
	"OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=8\n"

#define SLAB_FLAG (1u << 11)

/* The log: variables, 4 descriptors and infos, 4 KiB of text. */
#define PRB       0x130000
#define RING      (PRB + 0x100)
#define DESCS     0x131000
#define INFOS     0x132000
#define RING_TEXT 0x133000
#define FINALIZED (UINT64_C(2) << 62)
#define REUSABLE  (UINT64_C(3) << 62)

/* Content that nobody may see again. */
#define SECRET 0x5ec2e75ec2e75ec2u

struct stripped {
	struct built_kernel kernel;
	struct vmc_strip_summary summary;
	char folder[32], path[64];
	struct vmc_dump *dump; /* the output */
	struct vmc_dump_cursor *cursor;
};

static void fill_secret(struct built_kernel *kernel, uint64_t physical, size_t size)
{
	for (size_t i = 0; i < size; i += 8)
		memory_put64(kernel, physical + i, SECRET);
}

/* Record @id, whose block begins at @lpos of the ring. */
static void put_record(struct built_kernel *kernel, uint64_t id, uint64_t state, uint64_t lpos,
		       const char *text)
{
	size_t length = strlen(text);
	uint64_t desc = DESCS + id % 4 * 24, block = 8 + (length + 7) / 8 * 8;
	uint64_t at = lpos % 4096 + block > 4096 ? 0 : lpos % 4096; /* never over the end */
	uint64_t next = at == lpos % 4096 ? lpos + block : (lpos / 4096 + 1) * 4096 + block;

	memory_put64(kernel, desc, state | id);
	memory_put64(kernel, desc + 8, lpos);
	memory_put64(kernel, desc + 16, next);
	memory_put32(kernel, INFOS + id % 4 * 88 + 16, (uint32_t)length);
	memory_put64(kernel, RING_TEXT + at, id);
	memory_write(kernel, RING_TEXT + at + 8, text, length);
}

static void build_log(struct built_kernel *kernel)
{
	fill_secret(kernel, RING_TEXT, 4096);
	memory_put64(kernel, PRB, IMAGE(RING));
	memory_put32(kernel, RING, 2);
	memory_put64(kernel, RING + 8, IMAGE(DESCS));
	memory_put64(kernel, RING + 16, IMAGE(INFOS));
	memory_put32(kernel, RING + 48, 12);
	memory_put64(kernel, RING + 56, IMAGE(RING_TEXT));
	put_record(kernel, 4, FINALIZED, 4096 + 512, "Command line: root=LABEL=mine ro");
	put_record(kernel, 5, FINALIZED, 4096 + 1024,
		   "mount: root=LABEL=mine on host test, tested");
	put_record(kernel, 6, REUSABLE, 4096 + 2048, "gone");
	put_record(kernel, 7, FINALIZED, 4096 + 4080, "behind the end");
}

static void stripped_build(struct stripped *stripped)
{
	struct built_kernel *kernel = &stripped->kernel;

	built_kernel_create(kernel, KEYS);
	build_log(kernel);
	fill_secret(kernel, UTS + 392, 4096 - 392);
	fill_secret(kernel, PRB + 8, 0x100 - 8);
	fill_secret(kernel, DESCS + 4 * 24, 256);
	fill_secret(kernel, 64 * MIB, 4096);
	/* A part of the node in a page of the slab allocator. */
	fill_secret(kernel, PGDAT + 0x7000, 4096);
	page_put_flags(kernel, (PGDAT + 0x7000) >> 12, SLAB_FLAG);
	/* A page table and mem_sections are kept in such pages, too. */
	page_put_flags(kernel, MAP_TABLE >> 12, SLAB_FLAG);
	page_put_flags(kernel, SECTION_ROOT >> 12, SLAB_FLAG);
	fill_secret(kernel, SECTION_ROOT + 2048, 2048);
	built_kernel_open(kernel);
}

static void stripped_write(struct stripped *stripped, const struct vmc_strip_options *options)
{
	struct vmc_write_options write_options = {0};
	struct vmc_write_summary written;
	struct vmc_plan *plan;

	strcpy(stripped->folder, "/tmp/vmcull-test-XXXXXX");
	assert_non_null(mkdtemp(stripped->folder));
	snprintf(stripped->path, sizeof(stripped->path), "%s/dump", stripped->folder);
	succeed(vmc_strip_plan(stripped->kernel.target, options, NULL, &stripped->summary, &plan));
	succeed(vmc_codec_parse("none", &write_options.codec));
	succeed(vmc_write(plan, stripped->path, &write_options, &written));
	vmc_plan_destroy(plan);
	succeed(vmc_dump_open(stripped->path, NULL, &stripped->dump));
	succeed(vmc_dump_cursor_create(stripped->dump, &stripped->cursor));
}

static void stripped_remove(struct stripped *stripped)
{
	vmc_dump_cursor_destroy(stripped->cursor);
	vmc_dump_close(stripped->dump);
	assert_int_equal(unlink(stripped->path), 0);
	assert_int_equal(rmdir(stripped->folder), 0);
	built_kernel_destroy(&stripped->kernel);
}

static void read_output(const struct stripped *stripped, uint64_t physical, void *bytes,
			size_t size)
{
	succeed(vmc_dump_read(stripped->cursor, physical, bytes, size));
}

static void output_is(const struct stripped *stripped, uint64_t physical, const char *bytes,
		      size_t size)
{
	char found[4096];

	read_output(stripped, physical, found, size);
	assert_memory_equal(found, bytes, size);
}

static void output_is_zero(const struct stripped *stripped, uint64_t physical, size_t size)
{
	static const char zeros[4096];

	output_is(stripped, physical, zeros, size);
}

/* Nowhere in the output. */
static void no_secret(const struct stripped *stripped)
{
	struct vmc_memory_run run;
	uint64_t page[512];
	vmc_pfn pfn = 0;

	while (vmc_dump_next_run(stripped->dump, pfn, &run)) {
		for (uint64_t i = 0; run.kind == VMC_MEMORY_DATA && i < run.count; i++) {
			read_output(stripped, (run.start + i) << 12, page, sizeof(page));
			for (size_t j = 0; j < 512; j++)
				assert_true(page[j] != SECRET);
		}
		pfn = run.start + run.count;
	}
}

static bool output_has(const struct stripped *stripped, uint64_t physical)
{
	struct vmc_memory_run run;

	return vmc_dump_next_run(stripped->dump, physical >> 12, &run) &&
	       run.start == physical >> 12 && run.kind == VMC_MEMORY_DATA;
}

/* The same memory, and the same states. */
static void same_states(const struct stripped *stripped)
{
	struct vmc_page_walk *before, *after;
	struct vmc_target *target;
	bool more = true;

	succeed(vmc_target_open(stripped->dump, NULL, &target));
	succeed(vmc_page_walk_create(stripped->kernel.target, NULL, &before));
	succeed(vmc_page_walk_create(target, NULL, &after));
	for (vmc_pfn pfn = 0; more;) {
		struct vmc_page_run left, right;
		bool more_right;

		succeed(vmc_page_walk_next(before, &left, &more));
		/* The output's memory is in more runs, with content and without. */
		for (uint64_t n = 0; more && n < left.count; n += right.count) {
			succeed(vmc_page_walk_next(after, &right, &more_right));
			assert_true(more_right);
			assert_int_equal(left.start + n, right.start);
			assert_int_equal(left.state, right.state);
			assert_int_equal(left.rule, right.rule);
			pfn = right.start + right.count;
		}
		assert_true(pfn <= END_PFN);
	}
	vmc_page_walk_destroy(before);
	vmc_page_walk_destroy(after);
	vmc_target_close(target);
}

static void test_whole(void **state)
{
	struct vmc_strip_options options = {0};
	struct stripped stripped;
	struct vmc_dump_history history;
	char uts[390];

	(void)state;
	stripped_build(&stripped);
	stripped_write(&stripped, &options);
	same_states(&stripped);

	vmc_dump_history(stripped.dump, &history);
	assert_true(history.filtered && history.map_only);
	assert_int_equal(history.dump_level, 31);

	/* Variables without their neighbours. */
	read_output(&stripped, UTS, uts, sizeof(uts));
	assert_string_equal(uts, "Linux");
	assert_string_equal(uts + 65, "test");
	output_is_zero(&stripped, UTS + 390, 4096 - 390);
	output_is_zero(&stripped, PRB + 8, 0x100 - 8);
	output_is_zero(&stripped, DESCS + 4 * 24, 256);
	/* The log is as it was, what is left in it of old records too. */
	output_is(&stripped, RING_TEXT + 512 + 8, "Command line: root=LABEL=mine ro", 32);
	output_is(&stripped, RING_TEXT + 2048 + 8, "gone", 4);
	assert_int_equal(stripped.summary.parts[VMC_STRIP_LOG].bytes,
			 4096 + 4 * 24 + 4 * 88 + 88 + 8);

	assert_false(output_has(&stripped, 64 * MIB));
	assert_false(output_has(&stripped, PGDAT + 0x7000));
	assert_true(output_has(&stripped, PGDAT + 0x6000));
	assert_true(output_has(&stripped, MAP_TABLE) && output_has(&stripped, SECTION_ROOT));
	output_is_zero(&stripped, SECTION_ROOT + 2048, 2048);
	assert_int_equal(stripped.summary.refused[VMC_PAGE_SLAB], 4096);
	assert_non_null(strstr(stripped.kernel.said, "4096 bytes"));
	assert_non_null(strstr(stripped.kernel.said, "slab"));
	stripped_remove(&stripped);
}

static void test_anonymous(void **state)
{
	struct vmc_strip_options options = {.anonymous = true};
	struct stripped stripped;

	(void)state;
	stripped_build(&stripped);
	stripped_write(&stripped, &options);
	same_states(&stripped);
	no_secret(&stripped);

	output_is(&stripped, UTS, "Linux", 6);
	output_is_zero(&stripped, UTS + 65, 65);
	output_is(&stripped, UTS + 2 * 65, "6.99-test", 10);

	output_is(&stripped, RING_TEXT + 512 + 8, "Command line:", 13);
	output_is_zero(&stripped, RING_TEXT + 512 + 8 + 13, 512 - 8 - 13);
	output_is(&stripped, RING_TEXT + 1024 + 8, "mount: ", 7);
	output_is_zero(&stripped, RING_TEXT + 1024 + 8 + 7, 15);
	output_is(&stripped, RING_TEXT + 1024 + 8 + 22, " on host ", 9);
	output_is_zero(&stripped, RING_TEXT + 1024 + 8 + 31, 4);
	output_is(&stripped, RING_TEXT + 1024 + 8 + 35, ", tested", 8);
	output_is_zero(&stripped, RING_TEXT + 2048, 2048);
	output_is(&stripped, RING_TEXT + 8, "behind the end", 14);
	output_is_zero(&stripped, RING_TEXT + 8 + 14, 512 - 8 - 14);
	stripped_remove(&stripped);
}

static void test_no_log(void **state)
{
	struct vmc_strip_options options = {.no_log = true, .no_btf = true};
	struct stripped stripped;

	(void)state;
	stripped_build(&stripped);
	stripped_write(&stripped, &options);
	same_states(&stripped);
	no_secret(&stripped);
	for (uint64_t page = PRB; page <= RING_TEXT; page += 4096)
		assert_false(output_has(&stripped, page));
	assert_int_equal(stripped.summary.parts[VMC_STRIP_LOG].bytes, 0);
	stripped_remove(&stripped);
}

/* A ring that contradicts itself is left out, and said to be; nothing else is. */
static void test_damaged_log(void **state)
{
	struct vmc_strip_options options = {.anonymous = true};

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		struct stripped stripped;

		stripped_build(&stripped);
		if (i == 0)
			memory_put32(&stripped.kernel, RING, 60);
		else if (i == 1)
			memory_put32(&stripped.kernel, RING + 48, 63);
		else
			memory_put64(&stripped.kernel, PRB, 0xdead000000000000u);
		stripped_write(&stripped, &options);
		same_states(&stripped);
		assert_false(output_has(&stripped, RING_TEXT));
		stripped_remove(&stripped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_anonymous),
		cmocka_unit_test(test_no_log),
		cmocka_unit_test(test_damaged_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
