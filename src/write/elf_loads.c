/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/elf_loads.h"

#include <elf.h>
#include <inttypes.h>

#include "base/checked.h"

/* /proc/vmcore of x86_64 describes the kernel's image once more.  A file in which a page is in more
 * segments than this was made to hurt. */
#define DEPTH_MAX 8

/* Where x86_64 links its kernel (__START_KERNEL_map). */
#define X86_64_KERNEL_START 0xffffffff80000000u
/* No kernel's text is smaller. */
#define X86_64_TEXT_SIZE ((uint64_t)2 << 20)

/* The part of @extents in [from, end) that comes first; none: empty, at @end. */
static struct extent next_part(const struct extents *extents, vmc_pfn from, vmc_pfn end,
			       uint64_t *ret_rank)
{
	struct extent part;

	if (!extents || !extents_find(extents, from, &part, ret_rank) || part.start >= end)
		return (struct extent){.start = end};

	vmc_pfn part_end = min_u64(part.start + part.count, end);
	uint64_t skip = from > part.start ? from - part.start : 0;

	*ret_rank += skip;
	part.start += skip;
	part.count = part_end - part.start;
	return part;
}

/* Where the next page with content is, or @end. */
static vmc_pfn next_content(const struct elf_loads *loads, vmc_pfn from, vmc_pfn end)
{
	uint64_t unused;

	return min_u64(next_part(loads->stored, from, end, &unused).start,
		       next_part(loads->zeros, from, end, &unused).start);
}

bool elf_loads_next(struct elf_loads *loads, struct elf_load *ret_load)
{
	const struct elf_mapping *mapping = &loads->mappings->list[loads->index];
	struct extent stored, zeros;
	uint64_t rank = 0, unused;

	if (loads->begun && loads->next == mapping->start + mapping->count) {
		loads->index++;
		mapping++;
		loads->begun = false;
	}
	if (loads->index == loads->mappings->count)
		return false;
	if (!loads->begun)
		loads->next = mapping->start;
	loads->begun = true;

	vmc_pfn start = loads->next, end = mapping->start + mapping->count;

	stored = next_part(loads->stored, start, end, &rank);
	zeros = next_part(loads->zeros, start, end, &unused);
	*ret_load = (struct elf_load){.start = start};
	if (mapping->has_vaddr)
		ret_load->vaddr =
			mapping->vaddr + ((start - mapping->start) << loads->mappings->page_shift);
	if (stored.count && stored.start == start) {
		ret_load->count = stored.count;
		ret_load->rank = rank;
	} else if (zeros.count && zeros.start == start) {
		ret_load->count = min_u64(zeros.count, loads->zero_limit);
		ret_load->zero = true;
	}
	loads->next = next_content(loads, start + ret_load->count, end);
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

/* The memory of the dump, whatever its format; nobody says at which virtual addresses. */
static struct vmc_error *add_runs(struct elf_mappings *mappings, const struct vmc_plan *plan)
{
	struct vmc_memory_run run;
	vmc_pfn pfn = 0;

	TRY(add_text(mappings, plan));
	while (vmc_dump_next_run(plan->dump, pfn, &run)) {
		struct elf_mapping mapping = {.start = run.start, .count = run.count};

		TRY(elf_mappings_add(mappings, &mapping));
		pfn = run.start + run.count;
	}
	return NULL;
}

struct vmc_error *elf_loads_plan(const struct vmc_plan *plan, uint64_t max,
				 struct elf_mappings *mappings, uint64_t *ret_count,
				 size_t *ret_depth)
{
	mappings->page_shift = plan->dump->page_shift;
	TRY(elf_mappings_read(mappings, plan->dump));
	TRY(elf_mappings_depth(mappings, ret_depth));
	*ret_count = count_loads(mappings, &plan->kept, max);
	if (mappings->count && *ret_depth <= DEPTH_MAX && *ret_count <= max)
		return NULL;
	mappings->count = 0;
	TRY(add_runs(mappings, plan));
	TRY(elf_mappings_depth(mappings, ret_depth));
	*ret_count = count_loads(mappings, &plan->kept, max);
	if (*ret_count > max)
		return error_create(VMC_ERR_LIMIT,
				    "an ELF file of these pages would have more than %" PRIu64
				    " segments: the kdump format has no such limit",
				    max);
	return NULL;
}
