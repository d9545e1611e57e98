/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/elf_loads.h"

#include <elf.h>
#include <inttypes.h>

#include "base/checked.h"

/* /proc/vmcore of x86_64 describes the kernel's image once more.  A file with more segments than
 * this that overlap was made to hurt. */
#define OVERLAPPING_MAX 1024

/* Where x86_64 links its kernel (__START_KERNEL_map). */
#define X86_64_KERNEL_START 0xffffffff80000000u
/* No kernel's text is smaller. */
#define X86_64_TEXT_SIZE ((uint64_t)2 << 20)

void elf_loads_init(struct elf_loads *loads, const struct elf_mappings *mappings,
		    const struct elf_stored *stored)
{
	*loads = (struct elf_loads){.mappings = mappings, .stored = *stored};
	kept_iter_init(&loads->kept, stored->kept, 0);
}

void elf_loads_deinit(struct elf_loads *loads)
{
	kept_iter_deinit(&loads->kept);
}

/* Mappings may come in any order. */
static void go_back(struct elf_loads *loads, vmc_pfn pfn)
{
	kept_iter_deinit(&loads->kept);
	kept_iter_init(&loads->kept, loads->stored.kept, pfn);
	loads->left.count = 0;
}

/* Takes what is below @pfn off the kept pages that came last. */
static void pass(struct elf_loads *loads, vmc_pfn pfn)
{
	struct extent *left = &loads->left;
	uint64_t skip = pfn > left->start ? min_u64(pfn - left->start, left->count) : 0;

	left->start += skip;
	left->count -= skip;
	loads->left_rank += skip;
}

/* Cuts off what is lost, and those behind; the rank is that among stored pages then. */
static void cut_lost(const struct elf_loads *loads, struct extent *part, uint64_t *rank)
{
	struct extent lost;
	uint64_t below;

	if (!extents_find(loads->stored.lost, part->start, &lost, &below)) {
		*rank -= extents_total(loads->stored.lost);
		return;
	}
	*rank -= below;
	if (lost.start <= part->start)
		part->count = 0;
	else
		part->count = min_u64(part->count, lost.start - part->start);
}

/* The stored pages of [from, end) that come first, as far as they lie together; none: empty, at
 * @end. */
static struct vmc_error *next_part(struct elf_loads *loads, vmc_pfn from, vmc_pfn end,
				   struct extent *ret, uint64_t *ret_rank)
{
	vmc_pfn stop = min_u64(end, loads->stored.stop);
	bool more = true;

	if (from < loads->from)
		go_back(loads, from);
	for (loads->from = from;;) {
		pass(loads, from);
		if (!loads->left.count) {
			TRY(kept_iter_next(&loads->kept, &loads->left, &more));
			loads->left_rank = loads->kept.rank;
		}
		if (!more || loads->left.start >= stop)
			break;
		pass(loads, from);
		if (!loads->left.count)
			continue;
		*ret = loads->left;
		*ret_rank = loads->left_rank;
		ret->count = min_u64(ret->count, stop - ret->start);
		cut_lost(loads, ret, ret_rank);
		if (ret->count)
			return NULL;
		from = ret->start + 1;
	}
	*ret = (struct extent){.start = end};
	return NULL;
}

struct vmc_error *elf_loads_next(struct elf_loads *loads, struct elf_load *ret_load, bool *ret_more)
{
	const struct elf_mapping *list = loads->mappings->list;
	struct extent stored;
	uint64_t rank = 0;

	if (loads->begun && loads->next == list[loads->index].start + list[loads->index].count) {
		loads->index++;
		loads->begun = false;
	}
	*ret_more = loads->index < loads->mappings->count;
	if (!*ret_more)
		return NULL;

	const struct elf_mapping *mapping = &list[loads->index];

	if (!loads->begun)
		loads->next = mapping->start;
	loads->begun = true;

	vmc_pfn start = loads->next, end = mapping->start + mapping->count;

	TRY(next_part(loads, start, end, &stored, &rank));
	*ret_load = (struct elf_load){.start = start};
	if (mapping->has_vaddr)
		ret_load->vaddr =
			mapping->vaddr + ((start - mapping->start) << loads->mappings->page_shift);
	if (stored.count && stored.start == start) {
		ret_load->count = stored.count;
		ret_load->rank = rank;
		TRY(next_part(loads, start + stored.count, end, &stored, &rank));
	}
	loads->next = stored.start;
	ret_load->gap = loads->next - start - ret_load->count;
	return NULL;
}

/* How many loads there are, but no more than @max + 1. */
static struct vmc_error *count_loads(const struct elf_mappings *mappings, const struct kept *kept,
				     uint64_t max, uint64_t *ret_count)
{
	const struct extents none = {0};
	const struct elf_stored stored = {.kept = kept, .lost = &none, .stop = UINT64_MAX};
	_cleanup_(elf_loads_deinit) struct elf_loads loads;
	struct elf_load load;
	uint64_t count = 0;
	bool more = true;

	elf_loads_init(&loads, mappings, &stored);
	for (;;) {
		TRY(elf_loads_next(&loads, &load, &more));
		if (!more || count > max)
			break;
		count++;
	}
	*ret_count = count;
	return NULL;
}

/* Before 4.10 readers learn where the kernel of x86_64 is from the segment of its text alone. */
static struct vmc_error *add_text(struct elf_mappings *mappings, const struct vmc_plan *plan)
{
	const struct vmc_dump *dump = plan->dump;
	const struct facts *facts = plan->target ? &plan->target->facts : NULL;
	uint64_t text = facts ? fact_or(facts, FACT_SYMBOL_stext, 0) : 0;

	if (plan->identity.machine != EM_X86_64 || !dump->has_phys_base_hint ||
	    text < X86_64_KERNEL_START || fact_known(facts, FACT_NUMBER_phys_base))
		return NULL;
	text = align_down(text, dump->page_size);

	struct elf_mapping mapping = {
		.start = (text - X86_64_KERNEL_START + dump->phys_base_hint) >> dump->page_shift,
		.count = X86_64_TEXT_SIZE >> dump->page_shift,
		.vaddr = text,
		.has_vaddr = true,
	};
	struct vmc_memory_run run;

	if (!vmc_dump_next_run(dump, mapping.start, &run) || run.start != mapping.start)
		return NULL;
	return elf_mappings_add(mappings, &mapping);
}

/* Adds pages [start, end) that are in no other mapping but the first, if at all. */
static struct vmc_error *add_run(struct elf_mappings *mappings, const struct elf_mapping *text,
				 vmc_pfn start, vmc_pfn end)
{
	vmc_pfn before = min_u64(end, max_u64(start, text->start));
	vmc_pfn behind = max_u64(start, min_u64(end, text->start + text->count));
	struct elf_mapping first = {.start = start, .count = before - start};
	struct elf_mapping second = {.start = behind, .count = end - behind};

	if (first.count)
		TRY(elf_mappings_add(mappings, &first));
	return second.count ? elf_mappings_add(mappings, &second) : NULL;
}

/* The memory of the dump, whatever its format; nobody says at which virtual addresses. */
static struct vmc_error *add_runs(struct elf_mappings *mappings, const struct vmc_plan *plan)
{
	struct elf_mapping text = {0};
	struct vmc_memory_run run;
	vmc_pfn pfn = 0;

	TRY(add_text(mappings, plan));
	if (mappings->count)
		text = mappings->list[0];
	while (vmc_dump_next_run(plan->dump, pfn, &run)) {
		pfn = run.start + run.count;
		TRY(add_run(mappings, &text, run.start, pfn));
	}
	return NULL;
}

/* As the input says, but each page once: makedumpfile finds the segment of a place of the file by
 * its offset, which should tell one. */
static struct vmc_error *add_mappings(struct elf_mappings *mappings, const struct vmc_dump *dump)
{
	size_t depth;

	TRY(elf_mappings_read(mappings, dump));
	TRY(elf_mappings_depth(mappings, &depth));
	if (depth < 2)
		return NULL;
	if (mappings->count > OVERLAPPING_MAX) {
		mappings->count = 0;
		return NULL;
	}
	return elf_mappings_separate(mappings);
}

struct vmc_error *elf_loads_plan(const struct vmc_plan *plan, uint64_t max,
				 struct elf_mappings *mappings, uint64_t *ret_count)
{
	mappings->page_shift = plan->dump->page_shift;
	TRY(add_mappings(mappings, plan->dump));
	TRY(count_loads(mappings, &plan->kept, max, ret_count));
	if (mappings->count && *ret_count <= max)
		return NULL;
	mappings->count = 0;
	TRY(add_runs(mappings, plan));
	TRY(count_loads(mappings, &plan->kept, max, ret_count));
	if (*ret_count > max)
		return error_create(VMC_ERR_LIMIT,
				    "an ELF file of these pages would have more than %" PRIu64
				    " segments: the kdump format has no such limit",
				    max);
	return NULL;
}
