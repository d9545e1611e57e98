/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of two dumps held against each other, however they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "audit/diff/diff.h"
#include "target/target.h"

#define ABSENT VMC_AUDIT_ABSENT
#define MAX    64

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct told {
	struct vmc_diff_range ranges[MAX];
	size_t count, stop_at;
};

static bool tell(void *arg, const struct vmc_diff_range *range)
{
	struct told *told = arg;

	assert_true(told->count < MAX);
	told->ranges[told->count++] = *range;
	return told->count != told->stop_at;
}

struct run {
	vmc_pfn end;
	unsigned int state;
	bool content;
};

static struct page_kind kind(const struct run *run)
{
	struct vmc_audit_range range = {.state = run->state, .content = run->content};

	return page_kind_of(&range);
}

static void compare(struct diff *diff, struct told *told, const struct vmc_diff_options *options,
		    const struct run *from, size_t from_count, const struct run *to,
		    size_t to_count)
{
	told->count = 0;
	diff_init(diff, options);
	for (size_t i = 0; i < from_count; i++)
		assert_null(page_map_append(&diff->from, from[i].end, kind(&from[i])));
	for (size_t i = 0; i < to_count; i++)
		assert_null(diff_put(diff, to[i].end, kind(&to[i])));
	assert_null(diff_finish(diff));
}

static void assert_range(const struct told *told, size_t index, vmc_pfn start, uint64_t count,
			 unsigned int from, unsigned int to)
{
	const struct vmc_diff_range *range = &told->ranges[index];

	assert_true(index < told->count);
	assert_int_equal(range->start, start);
	assert_int_equal(range->count, count);
	assert_int_equal(range->from, from);
	assert_int_equal(range->to, to);
}

static void runs_are_cut_and_merged(void **state)
{
	static const struct run from[] = {
		{10, ABSENT, false},       {20, VMC_PAGE_FREE, true}, {25, VMC_PAGE_FREE, true},
		{30, VMC_PAGE_ANON, true}, {40, VMC_PAGE_SLAB, true},
	};
	static const struct run to[] = {
		{5, ABSENT, false},        {12, VMC_PAGE_FREE, true},  {15, VMC_PAGE_FREE, true},
		{28, VMC_PAGE_ANON, true}, {32, VMC_PAGE_ANON, false}, {40, VMC_PAGE_SLAB, true},
		{50, VMC_PAGE_FREE, true},
	};
	struct told told = {0};
	struct vmc_diff_options options = {.range = tell, .range_arg = &told};
	struct diff diff;

	(void)state;
	compare(&diff, &told, &options, from, COUNT_OF(from), to, COUNT_OF(to));
	assert_range(&told, 0, 0, 5, ABSENT, ABSENT);
	assert_range(&told, 1, 5, 5, ABSENT, VMC_PAGE_FREE);
	assert_range(&told, 2, 10, 5, VMC_PAGE_FREE, VMC_PAGE_FREE);
	assert_range(&told, 3, 15, 10, VMC_PAGE_FREE, VMC_PAGE_ANON);
	assert_range(&told, 4, 25, 3, VMC_PAGE_ANON, VMC_PAGE_ANON);
	assert_range(&told, 5, 28, 2, VMC_PAGE_ANON, VMC_PAGE_ANON);
	assert_true(told.ranges[5].from_content && !told.ranges[5].to_content);
	assert_range(&told, 6, 30, 2, VMC_PAGE_SLAB, VMC_PAGE_ANON);
	assert_range(&told, 7, 32, 8, VMC_PAGE_SLAB, VMC_PAGE_SLAB);
	assert_range(&told, 8, 40, 10, ABSENT, VMC_PAGE_FREE);
	assert_int_equal(told.count, 9);

	assert_int_equal(diff.counts.equal, 5 + 3 + 8);
	assert_int_equal(diff.counts.differs, 5 + 10 + 2 + 2 + 10);
	assert_int_equal(diff.counts.pages[ABSENT][ABSENT], 5);
	assert_int_equal(diff.counts.pages[VMC_PAGE_FREE][VMC_PAGE_ANON], 10);
	assert_int_equal(diff.counts.gone[VMC_PAGE_ANON], 2);
	assert_int_equal(diff.counts.gone[VMC_PAGE_SLAB], 2);
	assert_int_equal(diff.counts.appeared[VMC_PAGE_FREE], 15);
	diff_deinit(&diff);
}

/* The second dump ends first, or the first is empty. */
static void what_only_one_has(void **state)
{
	static const struct run some[] = {{10, VMC_PAGE_KERNEL, true}, {12, ABSENT, false}};
	struct told told = {0};
	struct vmc_diff_options options = {.range = tell, .range_arg = &told};
	struct diff diff;

	(void)state;
	compare(&diff, &told, &options, some, COUNT_OF(some), some, 0);
	assert_range(&told, 0, 0, 10, VMC_PAGE_KERNEL, ABSENT);
	assert_range(&told, 1, 10, 2, ABSENT, ABSENT);
	assert_int_equal(told.count, 2);
	assert_int_equal(diff.counts.gone[VMC_PAGE_KERNEL], 10);
	diff_deinit(&diff);

	compare(&diff, &told, &options, some, 0, some, COUNT_OF(some));
	assert_range(&told, 0, 0, 10, ABSENT, VMC_PAGE_KERNEL);
	assert_int_equal(diff.counts.differs, 10);
	diff_deinit(&diff);

	compare(&diff, &told, &options, some, 0, some, 0);
	assert_int_equal(told.count, 0);
	diff_deinit(&diff);
}

/* Against a table with an entry a page. */
static void random_runs(void **state)
{
	enum { PAGES = 200 };
	struct told told = {0};
	struct vmc_diff_options options = {.range = NULL};

	(void)state;
	srand(1);
	for (int round = 0; round < 200; round++) {
		struct run runs[2][PAGES];
		struct vmc_diff_counts wanted = {0};
		struct diff diff;

		for (size_t i = 0; i < PAGES; i++) {
			for (size_t j = 0; j < 2; j++)
				runs[j][i] = (struct run){i + 1,
							  (unsigned int)rand() % (round % 4 + 1) +
								  VMC_PAGE_FREE,
							  rand() % 8 != 0};

			const struct run *a = &runs[0][i], *b = &runs[1][i];
			bool same = a->state == b->state && a->content == b->content;

			wanted.pages[a->state][b->state]++;
			wanted.gone[a->state] += a->content && !b->content;
			wanted.appeared[b->state] += !a->content && b->content;
			wanted.equal += same;
			wanted.differs += !same;
		}
		compare(&diff, &told, &options, runs[0], PAGES, runs[1], PAGES);
		assert_memory_equal(&diff.counts, &wanted, sizeof(wanted));
		diff_deinit(&diff);
	}
}

static void the_map_merges(void **state)
{
	struct page_map map = {0};
	struct page_map_iter iter = {.map = &map};
	struct page_kind free = {VMC_PAGE_FREE, true, true};
	struct page_kind without = {VMC_PAGE_FREE, false, false};
	vmc_pfn end;

	(void)state;
	assert_null(page_map_append(&map, 10, free));
	assert_null(page_map_append(&map, 20, free));
	assert_null(page_map_append(&map, 30, without));
	assert_int_equal(map.count, 2);
	assert_true(page_map_at(&iter, 19, &end).content);
	assert_int_equal(end, 20);
	assert_false(page_map_at(&iter, 20, &end).content);
	assert_int_equal(end, 30);
	assert_int_equal(page_map_at(&iter, 30, &end).state, ABSENT);
	assert_int_equal(end, UINT64_MAX);

	struct vmc_error *err = page_map_append(&map, (vmc_pfn)1 << 56, free);

	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), VMC_ERR_LIMIT);
	vmc_error_free(err);
	assert_null(page_map_append(&map, ((vmc_pfn)1 << 56) - 1, free));
	page_map_deinit(&map);
}

/* What forbids a look at content, and what does not. */
static void readable(void **state)
{
	struct vmc_audit_range range = {.state = VMC_PAGE_ANON, .content = true};

	(void)state;
	assert_true(page_kind_of(&range).readable);
	for (unsigned int i = 0; i < VMC_AUDIT_STATE_COUNT; i++) {
		range.state = i;
		assert_int_equal(page_kind_of(&range).readable,
				 i != VMC_PAGE_OFFLINE && i != VMC_PAGE_HWPOISON &&
					 i != VMC_PAGE_UNACCEPTED && i != ABSENT);
	}
	range.state = VMC_PAGE_OFFLINE;
	range.attributes = VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_SECTION);
	assert_true(page_kind_of(&range).readable);
	range.content = false;
	assert_false(page_kind_of(&range).readable);
}

static void the_caller_stops(void **state)
{
	struct told told = {.stop_at = 1};
	struct vmc_diff_options options = {.range = tell, .range_arg = &told};
	struct page_kind free = {VMC_PAGE_FREE, true, true};
	struct diff diff;

	(void)state;
	diff_init(&diff, &options);
	assert_null(diff_put(&diff, 10, free));

	struct vmc_error *err = diff_finish(&diff);

	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), VMC_ERR_INTERRUPTED);
	vmc_error_free(err);
	diff_deinit(&diff);
}

static void other_page_sizes(void **state)
{
	struct vmc_dump dumps[2] = {{.page_size = 4096}, {.page_size = 65536}};
	struct vmc_target targets[2] = {{.dump = &dumps[0]}, {.dump = &dumps[1]}};
	struct vmc_diff_options options = {.content = false};
	struct vmc_diff_counts counts;
	struct vmc_error *err = vmc_diff_run(&targets[0], &targets[1], &options, &counts);

	(void)state;
	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), VMC_ERR_INVALID);
	assert_string_equal(vmc_error_message(err),
			    "pages of 4096 and of 65536 bytes cannot be compared");
	vmc_error_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_cut_and_merged),
		cmocka_unit_test(what_only_one_has),
		cmocka_unit_test(random_runs),
		cmocka_unit_test(the_map_merges),
		cmocka_unit_test(readable),
		cmocka_unit_test(the_caller_stops),
		cmocka_unit_test(other_page_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
