/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter/unused_map.h"

#include <elf.h>
#include <string.h>

#include "base/checked.h"
#include "base/grow.h"
#include "filter/plan.h"

/* Of a bitmap, and how many of them a stretch has at least. */
#define WORD_PAGES        64
#define STRETCH_PAGES_MIN (2 * WORD_PAGES)

/* A map whose unused pages are scattered over more places (4 MiB of them) stays in the dump from
 * there on: a capture kernel has little memory. */
#define RANGES_MAX ((size_t)1 << 18)

struct search {
	const struct free_map *map;
	struct memmap *memmap;
	struct unused_map *unused;
};

void unused_map_deinit(struct unused_map *unused)
{
	free(unused->ranges);
	memset(unused, 0, sizeof(*unused));
}

static struct vmc_error *add_page(struct unused_map *unused, vmc_pfn pfn)
{
	struct extent *last = unused->count ? &unused->ranges[unused->count - 1] : NULL;

	if (last && last->start + last->count == pfn) {
		last->count++;
		return NULL;
	}
	if (unused->count == RANGES_MAX)
		return NULL;
	TRY(grow_array((void **)&unused->ranges, &unused->capacity, unused->count + 1,
		       sizeof(*unused->ranges)));
	unused->ranges[unused->count++] = (struct extent){.start = pfn, .count = 1};
	return NULL;
}

/* Adds the page at @at, if that is the only address that it has in the map. */
static struct vmc_error *add_page_at(struct search *search, vmc_vaddr at)
{
	uint32_t page_size = search->map->form.page_size;
	struct vmc_error *err;
	struct va_range range;
	vmc_vaddr found;

	err = target_translate(search->memmap->reader, at, &range);
	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	if (err) { /* tables that cannot be read: it is not known which page that is */
		vmc_error_free(err);
		return NULL;
	}

	vmc_pfn pfn = (range.address + (at - range.first)) / page_size;

	if (!range.mapped || !free_map_find(search->map, pfn, &found) || found != at)
		return NULL;
	return add_page(search->unused, pfn);
}

/* Adds the pages that hold struct pages of [pfn, end) and nothing else. */
static struct vmc_error *add_stretch(struct search *search, vmc_pfn pfn, vmc_pfn end)
{
	uint32_t page_size = search->map->form.page_size;
	uint64_t struct_size = search->memmap->struct_size;
	struct memmap_run run;
	vmc_vaddr at;

	for (; pfn < end; pfn = run.start + run.count) {
		TRY(memmap_find(search->memmap, pfn, &run));
		if (run.kind != MEMMAP_PRESENT)
			continue;

		uint64_t count = min_u64(end, run.start + run.count) - pfn, size;
		vmc_vaddr start = run.structs + (pfn - run.start) * struct_size;

		if (!checked_mul(count, struct_size, &size) || size > UINT64_MAX - start ||
		    !checked_align_up(start, page_size, &at))
			continue;
		for (; at < start + size && start + size - at >= page_size; at += page_size)
			TRY(add_page_at(search, at));
	}
	return NULL;
}

/* [start, end) is memory of which nothing is kept. */
static struct vmc_error *look_at_stretch(struct search *search, vmc_pfn start, vmc_pfn end)
{
	end = align_down(end, WORD_PAGES);
	if (!checked_align_up(start, WORD_PAGES, &start) || start > end ||
	    end - start < STRETCH_PAGES_MIN)
		return NULL;
	return add_stretch(search, start, end);
}

/* Nothing is kept of [start, end), which need not be memory. */
static struct vmc_error *look_at_gap(struct search *search, vmc_pfn start, vmc_pfn end)
{
	const struct vmc_dump *dump = target_reader_target(search->memmap->reader)->dump;
	struct vmc_memory_run memory;
	vmc_pfn stop = start;

	while (stop < end && vmc_dump_next_run(dump, stop, &memory) && memory.start < end) {
		if (memory.start > stop) {
			TRY(look_at_stretch(search, start, stop));
			start = memory.start;
		}
		stop = min_u64(end, memory.start + memory.count);
	}
	return look_at_stretch(search, start, stop);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct extent *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

struct vmc_error *unused_map_find(struct vmc_target *target, const struct free_map *map,
				  const struct kept *kept, struct unused_map *ret_unused)
{
	_cleanup_(memmap_destroy) struct memmap *memmap = NULL;
	_cleanup_(kept_iter_deinit) struct kept_iter iter;
	struct search search = {.map = map, .unused = ret_unused};
	struct extent extent;
	vmc_pfn pfn = 0;
	bool more;

	memset(ret_unused, 0, sizeof(*ret_unused));
	kept_iter_init(&iter, kept, 0);
	TRY(memmap_create(target, &memmap));
	search.memmap = memmap;
	for (;;) {
		TRY(kept_iter_next(&iter, &extent, &more));
		TRY(look_at_gap(&search, pfn,
				more ? extent.start : vmc_dump_end_pfn(target->dump)));
		if (!more)
			break;
		pfn = extent.start + extent.count;
	}
	if (ret_unused->count)
		qsort(ret_unused->ranges, ret_unused->count, sizeof(*ret_unused->ranges),
		      compare_ranges);
	if (ret_unused->count == RANGES_MAX)
		log_warning(&target->dump->log,
			    "unused pages of the memory map lie in more than %zu places: the rest "
			    "stays in the dump",
			    RANGES_MAX);
	return NULL;
}

/* Appends what no range touches of an extent; moves *range on to the first that ends behind it. */
static struct vmc_error *keep_rest(const struct unused_map *unused, struct extent extent,
				   size_t *range, struct kept *kept)
{
	vmc_pfn at = extent.start, end = extent.start + extent.count;

	for (; *range < unused->count; ++*range) {
		const struct extent *out = &unused->ranges[*range];
		vmc_pfn out_end = out->start + out->count;

		if (out->start >= end)
			break;
		if (out->start > at)
			TRY(kept_append(kept, at, out->start - at));
		at = max_u64(at, min_u64(out_end, end));
		if (out_end > end)
			break;
	}
	return at < end ? kept_append(kept, at, end - at) : NULL;
}

struct vmc_error *unused_map_take_out(const struct unused_map *unused, const struct kept *kept,
				      struct kept *ret_kept)
{
	_cleanup_(kept_iter_deinit) struct kept_iter iter;
	struct extent extent;
	size_t range = 0;
	bool more;

	kept_iter_init(&iter, kept, 0);
	for (;;) {
		TRY(kept_iter_next(&iter, &extent, &more));
		if (!more)
			return NULL;
		TRY(keep_rest(unused, extent, &range, ret_kept));
	}
}

/* What was only counted would be found out again without our ranges. */
static bool is_remembered(const struct kept *kept)
{
	for (size_t i = 0; i < kept->segment_count; i++)
		if (kept->segments[i].counted)
			return false;
	return true;
}

static struct vmc_error *exclude(struct vmc_plan *plan, const struct free_map *map)
{
	_cleanup_(unused_map_deinit) struct unused_map unused = {0};
	_cleanup_(kept_deinit) struct kept kept;

	kept_init(&kept);
	TRY(unused_map_find(plan->target, map, &plan->kept, &unused));
	TRY(unused_map_take_out(&unused, &plan->kept, &kept));
	plan->tally.counts.unused_map += kept_total(&plan->kept) - kept_total(&kept);
	kept_iter_deinit(&plan->asked.iter);
	plan->asked.begun = false;
	kept_deinit(&plan->kept);
	plan->kept = kept;
	kept_init(&kept);
	return NULL;
}

struct vmc_error *vmc_plan_exclude_unused_map(struct vmc_plan *plan)
{
	_cleanup_(free_map_destroy) struct free_map *map = NULL;

	if (!plan->target)
		return error_create(VMC_ERR_MISSING, "the kernel is not known, and its memory map");
	if (plan->target->dump->machine != EM_X86_64)
		return error_create(VMC_ERR_UNSUPPORTED, "the machine is no x86_64");
	if (!is_remembered(&plan->kept))
		return error_create(VMC_ERR_LIMIT,
				    "memory is so fragmented that the plan is not remembered");
	TRY(free_map_create(plan->target, &map));
	return exclude(plan, map);
}
