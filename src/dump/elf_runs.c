/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/elf_table.h"

#include "base/grow.h"

void elf_runs_deinit(struct elf_runs *runs)
{
	free(runs->list);
	*runs = (struct elf_runs){0};
}

static struct vmc_error *run_append(struct elf_runs *runs, vmc_pfn start, uint64_t count,
				    enum vmc_memory_kind kind)
{
	struct vmc_memory_run *last = runs->count ? &runs->list[runs->count - 1] : NULL;

	if (last && last->start + last->count == start && last->kind == kind) {
		last->count += count;
		return NULL;
	}
	TRY(grow_array((void **)&runs->list, &runs->capacity, runs->count + 1,
		       sizeof(*runs->list)));
	runs->list[runs->count++] =
		(struct vmc_memory_run){.start = start, .count = count, .kind = kind};
	return NULL;
}

/* A walk through the table in pages. */
struct pager {
	const struct elf_table *table;
	unsigned int shift;
	size_t index; /* of the first range that ends above pfn */
	vmc_pfn pfn;
};

static vmc_paddr table_end(const struct elf_table *table, size_t index)
{
	return table->ranges[index].start + table->ranges[index].size;
}

/* The kind of page pager->pfn, in which at least one range begins or ends, and moves behind it. */
static enum vmc_memory_kind pager_mixed_page(struct pager *pager)
{
	const struct elf_table *table = pager->table;
	vmc_paddr end = (pager->pfn + 1) << pager->shift;
	bool content = false, lost = false;

	for (size_t i = pager->index; i < table->count && table->ranges[i].start < end; i++) {
		content |= table->ranges[i].kind == ELF_RANGE_CONTENT;
		lost |= table->ranges[i].kind == ELF_RANGE_LOST;
	}
	pager->pfn++;
	return content && !lost ? VMC_MEMORY_DATA : VMC_MEMORY_NODATA;
}

static struct vmc_error *pager_step(struct pager *pager, struct elf_runs *runs)
{
	const struct elf_range *range = &pager->table->ranges[pager->index];
	vmc_pfn first = range->start >> pager->shift;
	vmc_pfn end = table_end(pager->table, pager->index) >> pager->shift; /* of whole pages */

	if (pager->pfn < first)
		pager->pfn = first;
	if (range->start > pager->pfn << pager->shift || end <= pager->pfn) {
		vmc_pfn pfn = pager->pfn;

		return run_append(runs, pfn, 1, pager_mixed_page(pager));
	}
	TRY(run_append(runs, pager->pfn, end - pager->pfn,
		       range->kind == ELF_RANGE_CONTENT ? VMC_MEMORY_DATA : VMC_MEMORY_NODATA));
	pager->pfn = end;
	return NULL;
}

struct vmc_error *elf_runs_build(const struct elf_table *table, unsigned int page_shift,
				 struct elf_runs *ret_runs)
{
	struct pager pager = {.table = table, .shift = page_shift};
	struct elf_runs runs = {0};

	while (pager.index < table->count) {
		struct vmc_error *err = pager_step(&pager, &runs);

		if (err) {
			elf_runs_deinit(&runs);
			return err;
		}
		while (pager.index < table->count &&
		       table_end(table, pager.index) <= pager.pfn << page_shift)
			pager.index++;
	}
	*ret_runs = runs;
	return NULL;
}

bool elf_runs_next(const struct elf_runs *runs, vmc_pfn from, struct vmc_memory_run *ret_run)
{
	size_t low = 0, high = runs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (runs->list[middle].start + runs->list[middle].count <= from)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == runs->count)
		return false;
	*ret_run = runs->list[low];
	if (ret_run->start < from) {
		ret_run->count -= from - ret_run->start;
		ret_run->start = from;
	}
	return true;
}
