/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes, zones and lists of free blocks: what stands beside the members that are exported. */
#include "base/checked.h"
#include "kernel/infer.h"

static void infer_unaccepted_list(struct facts *facts)
{
	uint64_t free_area = fact_or(facts, FACT_OFFSET_zone_free_area, 0);
	uint64_t orders = fact_or(facts, FACT_LENGTH_zone_free_area, 0);
	uint64_t size = fact_or(facts, FACT_SIZE_free_area, 0);
	unsigned int word_size = facts_word_size(facts);
	uint64_t offset;

	if (!free_area || !orders || !size || !word_size)
		return;
	if (__builtin_mul_overflow(orders, size, &offset) ||
	    __builtin_add_overflow(offset, free_area, &offset) || offset > INT32_MAX)
		return;
	offset = (offset + word_size - 1) / word_size * word_size;
	if (offset + 2 * word_size > fact_or(facts, FACT_SIZE_zone, 0))
		return;
	fact_infer(
		facts, FACT_OFFSET_zone_unaccepted_pages, (int64_t)offset,
		"the member after zone.free_area in kernels since 6.5 that know unaccepted memory; "
		"the list itself must prove that it is one");
}

/* Four words stand together: zone_start_pfn, managed_pages, spanned_pages, present_pages. */
static void infer_spans(struct facts *facts)
{
	static const char reason[] =
		"beside zone.spanned_pages, as in 3.10 to 7.3; the numbers there must prove it";
	uint64_t offset = fact_or(facts, FACT_OFFSET_zone_spanned_pages, 0);
	unsigned int word_size = facts_word_size(facts);
	uint64_t size = fact_or(facts, FACT_SIZE_zone, 0);

	if (!word_size || offset % word_size || offset < 2 * word_size || offset > INT32_MAX ||
	    offset + 2 * word_size > size)
		return;

	int64_t spanned = (int64_t)offset, word = (int64_t)word_size;

	fact_infer(facts, FACT_OFFSET_zone_zone_start_pfn, spanned - 2 * word, reason);
	fact_infer(facts, FACT_OFFSET_zone_managed_pages, spanned - word, reason);
	fact_infer(facts, FACT_OFFSET_zone_present_pages, spanned + word, reason);
}

/* A counter behind the lists is all that there is in free_area: its size proves it. */
static void infer_nr_free(struct facts *facts)
{
	uint64_t offset = fact_or(facts, FACT_OFFSET_free_area_free_list, 0);
	unsigned int word_size = facts_word_size(facts);
	uint64_t lists;

	if (!fact_known(facts, FACT_OFFSET_free_area_free_list) || !word_size ||
	    !checked_mul(fact_or(facts, FACT_LENGTH_free_area_free_list, 0), 2 * word_size,
			 &lists) ||
	    !checked_add(offset, lists, &offset) || offset > INT32_MAX)
		return;
	if (fact_is(facts, FACT_SIZE_free_area, offset + word_size))
		fact_infer(facts, FACT_OFFSET_free_area_nr_free, (int64_t)offset,
			   "the one word behind the lists in free_area, in all releases");
}

/* The first three are what pages are asked for as; 4.4 gave them this order.  What comes behind
 * differs between configurations and distributions. */
static void infer_migrate_types(struct facts *facts)
{
	static const char reason[] = "the order of migrate types since 4.4";

	if (fact_or(facts, FACT_LENGTH_free_area_free_list, 0) < 4)
		return;
	fact_infer(facts, FACT_NUMBER_MIGRATE_UNMOVABLE, 0, reason);
	fact_infer(facts, FACT_NUMBER_MIGRATE_MOVABLE, 1, reason);
	fact_infer(facts, FACT_NUMBER_MIGRATE_RECLAIMABLE, 2, reason);
}

/* A set of nodes has a bit for each, in whole words: of more than one word it tells how many. */
static void infer_node_count(struct facts *facts)
{
	uint64_t size = fact_or(facts, FACT_SIZE_nodemask_t, 0);
	unsigned int word_size = facts_word_size(facts);

	if (word_size && size > word_size && size <= 8192 && is_power_of_two(size))
		fact_infer(facts, FACT_LENGTH_node_data, (int64_t)size * 8,
			   "bits of nodemask_t, of which there is one for each node");
}

void infer_zone(struct facts *facts, bool since_4_18)
{
	infer_spans(facts);
	infer_nr_free(facts);
	infer_node_count(facts);
	if (!since_4_18)
		return;
	infer_unaccepted_list(facts);
	infer_migrate_types(facts);
}
