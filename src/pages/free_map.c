/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/free_map.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/grow.h"

_Static_assert(DUMP_PAGE_SIZE_MIN >= MAP_FORM_STRUCT_MAX, "a page has a whole struct page");

/* A run of the memory map, as a range of addresses. */
struct map_run {
	vmc_vaddr start;
	uint64_t size;
};

/* The next run from *pfn on that has struct pages; moves *pfn behind it. */
static struct vmc_error *next_run(struct memmap *memmap, vmc_pfn *pfn, struct map_run *ret_run,
				  bool *ret_more)
{
	const struct vmc_dump *dump = target_reader_target(memmap->reader)->dump;
	struct vmc_memory_run memory;
	struct memmap_run run;

	*ret_more = false;
	while (vmc_dump_next_run(dump, *pfn, &memory)) {
		TRY(memmap_find(memmap, memory.start, &run));
		*pfn = run.start + run.count; /* no overflow: memmap.h */
		if (run.kind != MEMMAP_PRESENT ||
		    !checked_mul(run.count, memmap->struct_size, &ret_run->size) ||
		    ret_run->size - 1 > UINT64_MAX - run.structs)
			continue;
		ret_run->start = run.structs;
		*ret_more = true;
		break;
	}
	return NULL;
}

/* Addresses are counted from the lowest one. */
static struct vmc_error *find_base(struct memmap *memmap, vmc_vaddr *ret_base)
{
	vmc_vaddr base = UINT64_MAX;
	struct map_run run;
	bool more;

	for (vmc_pfn pfn = 0;;) {
		TRY(next_run(memmap, &pfn, &run, &more));
		if (!more)
			break;
		base = min_u64(base, run.start);
	}
	if (base == UINT64_MAX)
		return error_create(VMC_ERR_MISSING, "no memory has struct pages");
	*ret_base = base;
	return NULL;
}

static struct vmc_error *add_pages(struct free_map *map, vmc_pfn pfn, uint64_t count,
				   vmc_vaddr address)
{
	struct free_map_range *last = map->range_count ? &map->ranges[map->range_count - 1] : NULL;

	if (last && last->pfn == pfn && last->count == count) {
		last->alias = true;
		return NULL;
	}
	if (last && !last->alias && last->pfn + last->count == pfn &&
	    last->address + last->count * map->form.page_size == address) {
		last->count += count;
		return NULL;
	}
	TRY(grow_array((void **)&map->ranges, &map->range_capacity, map->range_count + 1,
		       sizeof(*map->ranges)));
	map->ranges[map->range_count++] =
		(struct free_map_range){.pfn = pfn, .count = count, .address = address};
	return NULL;
}

/* Adds the whole pages of a run, as far as they are mapped. */
static struct vmc_error *add_run(struct free_map *map, struct target_reader *reader,
				 const struct map_run *run)
{
	uint32_t page_size = map->form.page_size;
	vmc_vaddr end = align_down(run->start + run->size, page_size);
	struct va_range range;
	vmc_vaddr at;

	if ((run->start - map->form.base) % map->form.struct_size ||
	    !checked_align_up(run->start, page_size, &at))
		return NULL;
	while (at < end && map->range_count < FREE_MAP_RANGES_MAX) {
		struct vmc_error *err = target_translate(reader, at, &range);

		if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		if (err) { /* tables that cannot be read: that page is none */
			vmc_error_free(err);
			at += page_size;
			continue;
		}

		uint64_t size = min_u64(end - at, align_down(range.last - at + 1, page_size));
		vmc_paddr address = range.address + (at - range.first);

		size = size ? size : page_size;
		if (range.mapped && address % page_size == 0)
			TRY(add_pages(map, address / page_size, size / page_size, at));
		at += size;
	}
	return NULL;
}

static struct vmc_error *add_runs(struct free_map *map, struct memmap *memmap)
{
	struct map_run run;
	bool more;

	for (vmc_pfn pfn = 0; map->range_count < FREE_MAP_RANGES_MAX;) {
		TRY(next_run(memmap, &pfn, &run, &more));
		if (!more)
			return NULL;
		TRY(add_run(map, memmap->reader, &run));
	}
	log_warning(&target_reader_target(memmap->reader)->dump->log,
		    "the memory map is scattered over more than %d places: the rest of it stays "
		    "as it is",
		    FREE_MAP_RANGES_MAX);
	return NULL;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct free_map_range *left = a, *right = b;

	return (left->pfn > right->pfn) - (left->pfn < right->pfn);
}

static void keep_range(struct free_map *map, size_t *kept, const struct free_map_range *range,
		       vmc_pfn start, vmc_pfn end)
{
	if (start < end && !range->alias)
		map->ranges[(*kept)++] = (struct free_map_range){
			.pfn = start,
			.count = end - start,
			.address = range->address + (start - range->pfn) * map->form.page_size,
		};
}

/* Cuts what pages have in common out of all that have them, and tells how many pages that were.
 * Of a range that reaches into several others the part between them goes, too: that happens in
 * hostile tables only. */
static uint64_t drop_aliases(struct free_map *map)
{
	vmc_pfn taken = 0; /* all below is in ranges seen before */
	uint64_t before = 0, after = 0;
	size_t kept = 0;

	if (!map->range_count)
		return 0;
	qsort(map->ranges, map->range_count, sizeof(*map->ranges), compare_ranges);
	for (size_t i = 0; i < map->range_count; i++) {
		const struct free_map_range range = map->ranges[i];
		vmc_pfn end = range.pfn + range.count;
		before += range.count;

		vmc_pfn next = i + 1 < map->range_count ? map->ranges[i + 1].pfn : UINT64_MAX;

		keep_range(map, &kept, &range, max_u64(range.pfn, taken), min_u64(end, next));
		taken = max_u64(taken, end);
	}
	map->range_count = kept;
	for (size_t i = 0; i < kept; i++)
		after += map->ranges[i].count;
	return before - after;
}

static struct vmc_error *find_facts(struct free_map *map, const struct vmc_target *target)
{
	const struct facts *facts = &target->facts;
	uint64_t size, flags, mapcount, lru;

	TRY(fact_need(facts, FACT_SIZE_page, &size));
	TRY(fact_need(facts, FACT_OFFSET_page_flags, &flags));
	TRY(fact_need(facts, FACT_OFFSET_page_mapcount, &mapcount));
	TRY(fact_need(facts, FACT_OFFSET_page_lru, &lru));
	map->form.layout = target->layout;
	map->form.page_size = target->dump->page_size;
	/* facts_check() has seen to it that they are inside of a struct page. */
	map->form.struct_size = (uint32_t)size;
	map->form.lru = (uint32_t)lru;
	map->flags = (uint32_t)flags;
	map->mapcount = (uint32_t)mapcount;
	map->flag_bits = facts_page_flag_bits(facts);
	if (!map->flag_bits)
		return error_create(VMC_ERR_MISSING, "no page flag is known");
	return NULL;
}

static struct vmc_error *find_ranges(struct free_map *map, struct vmc_target *target)
{
	_cleanup_(memmap_destroy) struct memmap *memmap = NULL;

	TRY(memmap_create(target, &memmap));
	TRY(find_base(memmap, &map->form.base));
	if (!map_form_is_sane(&map->form))
		return error_create(VMC_ERR_UNSUPPORTED,
				    "struct pages of %u bytes with a list at %u, at 0x%jx",
				    map->form.struct_size, map->form.lru,
				    (uintmax_t)map->form.base);
	TRY(add_runs(map, memmap));

	uint64_t dropped = drop_aliases(map);

	log_info(&target->dump->log,
		 "the memory map lies in %zu places, and %" PRIu64
		 " pages of it at several addresses: they stay as they are",
		 map->range_count, dropped);
	return NULL;
}

struct vmc_error *free_map_create(struct vmc_target *target, struct free_map **ret_map)
{
	_cleanup_(free_map_destroy) struct free_map *map = calloc(1, sizeof(*map));

	if (!map)
		return error_nomem();
	TRY(find_facts(map, target));
	TRY(find_ranges(map, target));
	*ret_map = take_ptr(map);
	return NULL;
}

void free_map_destroy(struct free_map *map)
{
	if (!map)
		return;
	free(map->ranges);
	free(map);
}

bool free_map_find(const struct free_map *map, vmc_pfn pfn, vmc_vaddr *ret_address)
{
	size_t low = 0, high = map->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct free_map_range *range = &map->ranges[middle];

		if (pfn < range->pfn) {
			high = middle;
		} else if (pfn - range->pfn >= range->count) {
			low = middle + 1;
		} else {
			*ret_address = range->address + (pfn - range->pfn) * map->form.page_size;
			return true;
		}
	}
	return false;
}
