/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three places that tell of unaccepted memory, against each other: page types (6.12), lists
 * (6.5) and the bitmap of the EFI stub (6.5).
 */
#include <inttypes.h>

#include "audit/parts.h"
#include "base/checked.h"
#include "base/extents.h"

/* What @a has and @b has not. */
static void find_missing(struct findings *findings, enum finding_kind kind, const struct extents *a,
			 const struct extents *b)
{
	struct extents_iter iter;
	struct extent from, other;

	extents_iter_init(&iter, a, 0);
	while (extents_iter_next(&iter, &from)) {
		vmc_pfn pfn = from.start, end = from.start + from.count;

		while (pfn < end) {
			bool found = extents_find(b, pfn, &other, NULL);
			vmc_pfn until = found ? max_u64(other.start, pfn) : end;

			until = min_u64(until, end);
			if (until > pfn)
				findings_add_pages(findings, kind, pfn, until - pfn);
			pfn = found && other.start < end ? other.start + other.count : end;
		}
	}
}

/* Memory that the bitmap says is unaccepted, as far as the dump has it. */
static struct vmc_error *collect_bitmap(const struct vmc_audit *audit, struct extents *ret_extents)
{
	const struct efi_table *table = &audit->efi_table;
	unsigned int page_shift = audit->target->page_shift;
	const struct vmc_dump *dump = audit->target->dump;
	struct vmc_memory_run memory;
	uint64_t count;

	for (vmc_pfn pfn = 0; vmc_dump_next_run(dump, pfn, &memory);) {
		vmc_pfn end = memory.start + memory.count;

		for (pfn = memory.start; pfn < end; pfn += count) {
			bool set = efi_table_unaccepted(table, page_shift, pfn, &count);

			count = min_u64(count, end - pfn);
			if (set)
				TRY(extents_append(ret_extents, pfn, count));
		}
	}
	return NULL;
}

static struct vmc_error *check_bitmap(struct vmc_audit *audit, const struct extents *marked)
{
	struct extents unaccepted;

	extents_init(&unaccepted);

	struct vmc_error *err = collect_bitmap(audit, &unaccepted);

	if (!err) {
		find_missing(&audit->findings, FINDING_UNACCEPTED_BITMAP_ONLY, &unaccepted, marked);
		find_missing(&audit->findings, FINDING_UNACCEPTED_ACCEPTED, marked, &unaccepted);
		audit->unaccepted.sources[VMC_UNACCEPTED_BITMAP].usable = true;
		audit->unaccepted.sources[VMC_UNACCEPTED_BITMAP].pages = extents_total(&unaccepted);
	}
	extents_deinit(&unaccepted);
	return err;
}

/* Both are in order: the union of what is typed and what is listed. */
static struct vmc_error *join(const struct extents *a, const struct extents *b,
			      struct extents *ret_union)
{
	struct extents_iter from_a, from_b;
	struct extent next_a, next_b;
	bool more_a, more_b;

	extents_iter_init(&from_a, a, 0);
	extents_iter_init(&from_b, b, 0);
	more_a = extents_iter_next(&from_a, &next_a);
	more_b = extents_iter_next(&from_b, &next_b);
	while (more_a || more_b) {
		bool take_a = more_a && (!more_b || next_a.start <= next_b.start);
		struct extent *next = take_a ? &next_a : &next_b;
		vmc_pfn start = max_u64(next->start, extents_end(ret_union));
		vmc_pfn end = next->start + next->count;

		if (end > start)
			TRY(extents_append(ret_union, start, end - start));
		if (take_a)
			more_a = extents_iter_next(&from_a, &next_a);
		else
			more_b = extents_iter_next(&from_b, &next_b);
	}
	return NULL;
}

static const char *describe_type(const struct vmc_audit *audit)
{
	const struct facts *facts = &audit->target->facts;

	switch (facts->table[FACT_NUMBER_PAGE_UNACCEPTED].source) {
	case VMC_FACT_UNKNOWN:
		return "this kernel has no such type";
	case VMC_FACT_USER:
		return "given by the user";
	case VMC_FACT_VMCOREINFO:
		return "exported";
	case VMC_FACT_INFERRED:
		return "not exported, known by the other types";
	default:
		return "not exported, known by type information";
	}
}

static const char *describe_list(const struct vmc_audit *audit)
{
	if (audit->unaccepted_lists)
		return fact_known(&audit->target->facts, FACT_OFFSET_zone_unaccepted_pages) &&
				       audit->target->facts.table[FACT_OFFSET_zone_unaccepted_pages]
						       .source == VMC_FACT_INFERRED
			       ? "behind zone.free_area, proven by its links"
			       : "zone.unaccepted_pages";
	return "this kernel has no such list";
}

static void describe_sources(struct vmc_audit *audit, const struct extents *listed)
{
	struct vmc_unaccepted *told = &audit->unaccepted;

	told->sources[VMC_UNACCEPTED_TYPE].usable = audit->classifier.unaccepted.known;
	told->sources[VMC_UNACCEPTED_TYPE].pages = extents_total(&audit->unaccepted_typed);
	told->sources[VMC_UNACCEPTED_TYPE].describe = describe_type(audit);
	told->sources[VMC_UNACCEPTED_LIST].usable = audit->unaccepted_lists;
	told->sources[VMC_UNACCEPTED_LIST].pages = extents_total(listed);
	told->sources[VMC_UNACCEPTED_LIST].describe = describe_list(audit);
	told->sources[VMC_UNACCEPTED_BITMAP].describe = audit->efi_table.describe;
	told->table = audit->efi_table.address;
	told->unit = audit->efi_table.bits ? audit->efi_table.unit : 0;
	told->listed_accepted = audit->counts.attributes[VMC_ATTRIBUTE_ACCEPTED];
}

static void check_counters(struct vmc_audit *audit)
{
	for (size_t i = 0; i < audit->zone_count && audit->place.known; i++) {
		const struct vmc_audit_zone *zone = &audit->zones[i];
		/* Blocks of two types stay among the free ones. */
		uint64_t found = zone->counts.pages[VMC_PAGE_UNACCEPTED] -
				 zone->counts.attributes[VMC_ATTRIBUTE_DOUBLE_TYPED];

		if (zone->unaccepted_counted != UINT64_MAX && zone->unaccepted_counted != found)
			findings_add(&audit->findings, FINDING_UNACCEPTED_COUNT,
				     "zone %s of node %d counts %" PRIu64
				     " unaccepted pages, but %" PRIu64 " were found",
				     zone->name, zone->node, zone->unaccepted_counted, found);
	}
}

static struct vmc_error *check_sources(struct vmc_audit *audit, struct extents *listed,
				       struct extents *marked)
{
	for (size_t i = 0; i < audit->unaccepted_listed.count; i++)
		TRY(extents_append(listed, audit->unaccepted_listed.list[i].pfn,
				   (uint64_t)1 << audit->unaccepted_listed.list[i].order));
	describe_sources(audit, listed);
	check_counters(audit);
	if (audit->classifier.unaccepted.known && audit->unaccepted_lists) {
		find_missing(&audit->findings, FINDING_UNACCEPTED_UNTYPED, listed,
			     &audit->unaccepted_typed);
		find_missing(&audit->findings, FINDING_UNACCEPTED_UNLISTED,
			     &audit->unaccepted_typed, listed);
	}
	TRY(join(listed, &audit->unaccepted_typed, marked));
	if (audit->efi_table.bits)
		return check_bitmap(audit, marked);
	if (extents_total(marked))
		findings_add(&audit->findings, FINDING_UNACCEPTED_BITMAP_ABSENT,
			     "the EFI bitmap of unaccepted memory is of no help: %s",
			     audit->efi_table.describe);
	return NULL;
}

struct vmc_error *audit_check_unaccepted(struct vmc_audit *audit)
{
	struct extents listed, marked;

	extents_init(&listed);
	extents_init(&marked);

	struct vmc_error *err = check_sources(audit, &listed, &marked);

	extents_deinit(&listed);
	extents_deinit(&marked);
	return err;
}
