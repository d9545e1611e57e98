/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "expect.h"
#include "filter/kept.h"

/* A generator with a seed of its own: the same numbers in every run. */
static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

/* The plain truth to compare with: one byte a page. */
#define PAGES 200000

static uint8_t member[PAGES + 1];

/* What a source gives, from whatever it was told is the truth. */
struct truth_walk {
	unsigned int calls;
};

static unsigned int walks_open, walks_opened;

static struct vmc_error *truth_open(const void *arg, void **ret_walk)
{
	struct truth_walk *walk = calloc(1, sizeof(*walk));

	assert_ptr_equal(arg, member);
	assert_non_null(walk);
	walks_open++;
	walks_opened++;
	*ret_walk = walk;
	return NULL;
}

static void truth_close(void *walk)
{
	walks_open--;
	free(walk);
}

/* At most @wanted pages at a time, so that an extent comes in pieces. */
static struct vmc_error *truth_more(void *walk, vmc_pfn *pfn, vmc_pfn end, uint64_t wanted,
				    struct extents *extents)
{
	((struct truth_walk *)walk)->calls++;
	for (vmc_pfn stop = *pfn + wanted < end ? *pfn + wanted : end; *pfn < stop; ++*pfn) {
		if (member[*pfn])
			TRY(extents_append(extents, *pfn, 1));
	}
	return NULL;
}

static const struct kept_source truth = {
	.open = truth_open,
	.close = truth_close,
	.more = truth_more,
};

/* Runs of up to @run pages, kept and left out in turn. */
static void make_truth(uint64_t run)
{
	memset(member, 0, sizeof(member));
	for (uint64_t start = random_below(run + 1); start < PAGES;) {
		uint64_t count = 1 + random_below(run);

		for (uint64_t i = start; i < start + count && i < PAGES; i++)
			member[i] = 1;
		start += count + 1 + random_below(run);
	}
}

static void fill(struct kept *kept)
{
	for (size_t i = kept->segment_count; i-- > 0;) { /* in no order */
		struct kept_segment *segment = &kept->segments[i];
		vmc_pfn start, end;

		kept_segment_range(kept, i, &start, &end);
		for (vmc_pfn pfn = start; pfn < end; pfn++) {
			if (member[pfn])
				succeed(kept_segment_append(kept, segment, pfn, 1));
		}
		kept_segment_done(kept, segment);
	}
	kept_seal(kept);
}

static uint64_t truth_rank(vmc_pfn pfn)
{
	uint64_t rank = 0;

	for (vmc_pfn i = 0; i < pfn && i < PAGES; i++)
		rank += member[i];
	return rank;
}

static void compare_from(const struct kept *kept, vmc_pfn from)
{
	_cleanup_(kept_iter_deinit) struct kept_iter iter;
	uint64_t rank = truth_rank(from);
	struct extent extent;
	vmc_pfn pfn = from;
	bool more;

	kept_iter_init(&iter, kept, from);
	for (;;) {
		succeed(kept_iter_next(&iter, &extent, &more));
		while (pfn < PAGES && !member[pfn])
			pfn++;
		assert_int_equal(more, pfn < PAGES);
		if (!more)
			break;
		assert_int_equal(extent.start, pfn);
		assert_int_equal(iter.rank, rank);
		while (pfn < PAGES && member[pfn])
			pfn++;
		assert_int_equal(extent.start + extent.count, pfn);
		rank += extent.count;
	}
	assert_int_equal(rank, kept_total(kept));
	succeed(kept_iter_next(&iter, &extent, &more));
	assert_false(more);
}

static void compare(const struct kept *kept)
{
	uint64_t rank;
	vmc_pfn pfn;

	assert_int_equal(kept_total(kept), truth_rank(PAGES));
	compare_from(kept, 0);
	for (int i = 0; i < 10; i++) {
		vmc_pfn at = random_below(PAGES);

		compare_from(kept, at);
		succeed(kept_rank(kept, at, &rank));
		assert_int_equal(rank, truth_rank(at));
		for (pfn = at; pfn < PAGES && !member[pfn];)
			pfn++;
		at = pfn;
		if (at == PAGES)
			continue;
		succeed(kept_member(kept, truth_rank(at), &pfn));
		assert_int_equal(pfn, at);
	}
	compare_from(kept, PAGES);
	compare_from(kept, UINT64_MAX);
	succeed(kept_rank(kept, UINT64_MAX, &rank));
	assert_int_equal(rank, kept_total(kept));
	for (pfn = PAGES; pfn && !member[pfn - 1];)
		pfn--;

	vmc_pfn end;

	succeed(kept_member(kept, kept_total(kept), &end));
	assert_int_equal(end, pfn);
}

static void test_against_truth(void **state)
{
	static const struct {
		unsigned int shift;
		size_t budget;
		bool all, none; /* remembered */
	} forms[] = {
		{10, SIZE_MAX, true, false}, {14, 0, false, true},
		{14, 20000, false, false},   {18, SIZE_MAX, true, false}, /* a single segment */
		{18, 0, false, true},
	};

	(void)state;
	for (uint64_t run = 1; run <= 4096; run *= 8) {
		make_truth(run);
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
			struct kept kept;
			size_t memory = 0, counted = 0;

			kept_init(&kept);
			succeed(kept_divide(&kept, PAGES, forms[i].shift, &truth, member,
					    forms[i].budget));
			fill(&kept);
			for (size_t j = 0; j < kept.segment_count; j++) {
				memory += extents_memory(&kept.segments[j].extents);
				counted += kept.segments[j].counted;
			}
			assert_true(memory <= forms[i].budget);
			if (forms[i].all)
				assert_int_equal(counted, 0);
			if (forms[i].none)
				assert_true(counted > kept.segment_count / 2);
			walks_opened = 0;
			compare(&kept);
			assert_int_equal(walks_opened > 0, counted > 0);
			assert_int_equal(walks_open, 0);
			kept_deinit(&kept);
		}
	}
}

/* What was counted and what is found out later may not differ. */
static void test_change(void **state)
{
	struct extent extent;
	struct kept_iter iter;
	struct kept kept;
	bool more;

	(void)state;
	for (int changed = 0; changed < 2; changed++) {
		memset(member, 0, sizeof(member));
		memset(member + 1000, 1, 500);
		kept_init(&kept);
		succeed(kept_divide(&kept, PAGES, 14, &truth, member, 0));
		fill(&kept);
		member[1200] = (uint8_t)changed;
		member[700] = (uint8_t)changed;
		kept_iter_init(&iter, &kept, 0);
		if (!changed) /* the extent before the gap is given by then */
			succeed(kept_iter_next(&iter, &extent, &more));
		fail_with(kept_iter_next(&iter, &extent, &more), VMC_ERR_CORRUPT, "has changed");
		kept_iter_deinit(&iter);
		kept_deinit(&kept);
	}
}

/* However far memory is said to reach. */
static void test_bounds(void **state)
{
	struct extent extent;
	struct kept_iter iter;
	struct kept kept;
	vmc_pfn start, end;
	bool more;

	(void)state;
	kept_init(&kept);
	succeed(kept_divide(&kept, (vmc_pfn)1 << 52, 14, &truth, member, SIZE_MAX));
	assert_true(kept.segment_count <= 4096);
	kept_segment_range(&kept, kept.segment_count - 1, &start, &end);
	assert_int_equal(end, (vmc_pfn)1 << 52);
	kept_deinit(&kept);

	succeed(kept_divide(&kept, 0, 14, &truth, member, SIZE_MAX));
	kept_seal(&kept);
	assert_int_equal(kept_total(&kept), 0);
	kept_iter_init(&iter, &kept, 0);
	succeed(kept_iter_next(&iter, &extent, &more));
	assert_false(more);
	kept_iter_deinit(&iter);
	kept_deinit(&kept);
}

/* Extents that are all remembered. */
static void test_append(void **state)
{
	struct kept kept;

	(void)state;
	make_truth(20);
	kept_init(&kept);
	assert_int_equal(kept_total(&kept), 0);
	for (vmc_pfn pfn = 0; pfn < PAGES; pfn++) {
		if (member[pfn])
			succeed(kept_append(&kept, pfn, 1));
	}
	compare(&kept);
	kept_deinit(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_truth),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
