/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/elf_mappings.h"

#include <elf.h>

#include "base/checked.h"
#include "base/grow.h"
#include "dump/elf_header.h"

extern const struct dump_format dump_format_elf;

void elf_mappings_deinit(struct elf_mappings *mappings)
{
	free(mappings->list);
	*mappings = (struct elf_mappings){0};
}

static bool goes_on(const struct elf_mappings *mappings, const struct elf_mapping *next)
{
	const struct elf_mapping *last;

	if (!mappings->count)
		return false;
	last = &mappings->list[mappings->count - 1];
	return last->start + last->count == next->start && last->has_vaddr == next->has_vaddr &&
	       (!last->has_vaddr ||
		last->vaddr + (last->count << mappings->page_shift) == next->vaddr);
}

struct vmc_error *elf_mappings_add(struct elf_mappings *mappings, const struct elf_mapping *mapping)
{
	if (goes_on(mappings, mapping)) {
		mappings->list[mappings->count - 1].count += mapping->count;
		return NULL;
	}
	TRY(grow_array((void **)&mappings->list, &mappings->capacity, mappings->count + 1,
		       sizeof(*mappings->list)));
	mappings->list[mappings->count++] = *mapping;
	return NULL;
}

/* Only s390x has kernel memory at virtual address 0. */
static bool vaddr_is_known(const struct vmc_dump *dump, const struct elf_segment *segment)
{
	return segment->vaddr || (dump->machine == EM_S390 && !segment->paddr);
}

static struct vmc_error *segment_add(struct elf_mappings *mappings, const struct vmc_dump *dump,
				     const struct elf_segment *segment)
{
	uint64_t size = max_u64(segment->memory_size, segment->file_size);
	uint64_t skip = segment->paddr & (dump->page_size - 1);
	vmc_paddr end;

	if (segment->type != PT_LOAD || !segment->has_paddr || !size)
		return NULL;
	/* The headers were checked when the file was opened, and read once more now. */
	if (!checked_add(segment->paddr, size, &end) ||
	    !checked_align_up(end, dump->page_size, &end))
		return error_create(VMC_ERR_CORRUPT, "program header %u has changed",
				    segment->index);

	struct elf_mapping mapping = {
		.start = segment->paddr >> dump->page_shift,
		.count = (end - (segment->paddr - skip)) >> dump->page_shift,
		.vaddr = segment->vaddr - skip,
		.has_vaddr = vaddr_is_known(dump, segment),
	};

	return elf_mappings_add(mappings, &mapping);
}

struct vmc_error *elf_mappings_read(struct elf_mappings *mappings, const struct vmc_dump *dump)
{
	struct elf_segment_iter iter;
	struct elf_segment segment;
	struct elf_header header;
	bool more;

	if (dump->format != &dump_format_elf)
		return NULL;
	TRY(elf_header_read(dump->file, &header));
	mappings->flags = header.flags;
	elf_segment_iter_init(&iter, dump->file, &header);
	while (true) {
		TRY(elf_segment_iter_next(&iter, &segment, &more));
		if (!more)
			return NULL;
		TRY(segment_add(mappings, dump, &segment));
	}
}

static int compare_pfns(const void *a, const void *b)
{
	vmc_pfn x = *(const vmc_pfn *)a, y = *(const vmc_pfn *)b;

	return x < y ? -1 : x > y;
}

struct vmc_error *elf_mappings_depth(const struct elf_mappings *mappings, size_t *ret_depth)
{
	_cleanup_free_ vmc_pfn *starts = calloc(mappings->count + 1, sizeof(*starts));
	_cleanup_free_ vmc_pfn *ends = calloc(mappings->count + 1, sizeof(*ends));
	size_t ended = 0, depth = 0;

	if (!starts || !ends)
		return error_nomem();
	for (size_t i = 0; i < mappings->count; i++) {
		starts[i] = mappings->list[i].start;
		ends[i] = mappings->list[i].start + mappings->list[i].count;
	}
	qsort(starts, mappings->count, sizeof(*starts), compare_pfns);
	qsort(ends, mappings->count, sizeof(*ends), compare_pfns);
	for (size_t i = 0; i < mappings->count; i++) {
		while (ends[ended] <= starts[i])
			ended++;
		if (i + 1 - ended > depth)
			depth = i + 1 - ended;
	}
	*ret_depth = depth;
	return NULL;
}

/* The end of the mapping that has @pfn, or @pfn.  *end is brought down to where the next begins. */
static vmc_pfn taken_until(const struct elf_mappings *mappings, vmc_pfn pfn, vmc_pfn *end)
{
	for (size_t i = 0; i < mappings->count; i++) {
		const struct elf_mapping *other = &mappings->list[i];

		if (pfn >= other->start && pfn < other->start + other->count)
			return other->start + other->count;
		if (other->start > pfn)
			*end = min_u64(*end, other->start);
	}
	return pfn;
}

/* Adds what @mapping has and those before have not. */
static struct vmc_error *add_rest(struct elf_mappings *mappings, const struct elf_mapping *mapping)
{
	vmc_pfn last = mapping->start + mapping->count;

	for (vmc_pfn pfn = mapping->start, end; pfn < last; pfn = end) {
		vmc_pfn taken;

		end = last;
		taken = taken_until(mappings, pfn, &end);
		if (taken > pfn) {
			end = taken;
			continue;
		}

		struct elf_mapping piece = *mapping;

		piece.start = pfn;
		piece.count = end - pfn;
		piece.vaddr += (pfn - mapping->start) << mappings->page_shift;
		TRY(elf_mappings_add(mappings, &piece));
	}
	return NULL;
}

struct vmc_error *elf_mappings_separate(struct elf_mappings *mappings)
{
	struct elf_mappings separate = {
		.page_shift = mappings->page_shift,
		.flags = mappings->flags,
	};

	for (size_t i = 0; i < mappings->count; i++) {
		struct vmc_error *err = add_rest(&separate, &mappings->list[i]);

		if (err) {
			elf_mappings_deinit(&separate);
			return err;
		}
	}
	elf_mappings_deinit(mappings);
	*mappings = separate;
	return NULL;
}
