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

/* The part of @extents in [from, end) that comes first; none: empty, at @end. */
static struct extent next_part(const struct extents *extents, vmc_pfn from, vmc_pfn end,
			       uint64_t *ret_rank)
{
	struct extent part;

	if (!extents_find(extents, from, &part, ret_rank) || part.start >= end)
		return (struct extent){.start = end};

	vmc_pfn part_end = min_u64(part.start + part.count, end);
	uint64_t skip = from > part.start ? from - part.start : 0;

	*ret_rank += skip;
	part.start += skip;
	part.count = part_end - part.start;
	return part;
}

bool elf_loads_next(struct elf_loads *loads, struct elf_load *ret_load)
{
	const struct elf_mapping *list = loads->mappings->list;
	struct extent stored;
	uint64_t rank = 0;

	if (loads->begun && loads->next == list[loads->index].start + list[loads->index].count) {
		loads->index++;
		loads->begun = false;
	}
	if (loads->index == loads->mappings->count)
		return false;

	const struct elf_mapping *mapping = &list[loads->index];

	if (!loads->begun)
		loads->next = mapping->start;
	loads->begun = true;

	vmc_pfn start = loads->next, end = mapping->start + mapping->count;

	stored = next_part(loads->stored, start, end, &rank);
	*ret_load = (struct elf_load){.start = start};
	if (mapping->has_vaddr)
		ret_load->vaddr =
			mapping->vaddr + ((start - mapping->start) << loads->mappings->page_shift);
	if (stored.count && stored.start == start) {
		ret_load->count = stored.count;
		ret_load->rank = rank;
		stored = next_part(loads->stored, start + stored.count, end, &rank);
	}
	loads->next = stored.start;
	ret_load->gap = loads->next - start - ret_load->count;
	return true;
}

/* How many loads there are, but no more than @max + 1. */
static uint64_t count_loads(const struct elf_mappings *mappings, const struct extents *stored,
			    uint64_t max)
{
	struct elf_loads loads = {.mappings = mappings, .stored = stored};
	struct elf_load load;
	uint64_t count = 0;

	while (count <= max && elf_loads_next(&loads, &load))
		count++;
	return count;
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
	*ret_count = count_loads(mappings, &plan->kept, max);
	if (mappings->count && *ret_count <= max)
		return NULL;
	mappings->count = 0;
	TRY(add_runs(mappings, plan));
	*ret_count = count_loads(mappings, &plan->kept, max);
	if (*ret_count > max)
		return error_create(VMC_ERR_LIMIT,
				    "an ELF file of these pages would have more than %" PRIu64
				    " segments: the kdump format has no such limit",
				    max);
	return NULL;
}
