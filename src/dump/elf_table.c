/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/elf_table.h"

#include "base/checked.h"
#include "base/grow.h"

void elf_table_deinit(struct elf_table *table)
{
	free(table->ranges);
	*table = (struct elf_table){0};
}

struct vmc_error *elf_table_add(struct elf_table *table, const struct elf_range *range)
{
	if (!range->size)
		return NULL;
	TRY(grow_array((void **)&table->ranges, &table->capacity, table->count + 1,
		       sizeof(*range)));
	table->ranges[table->count] = *range;
	table->ranges[table->count].order = (uint32_t)table->count;
	table->count++;
	return NULL;
}

static int compare_start(const void *a, const void *b)
{
	vmc_paddr x = ((const struct elf_range *)a)->start;
	vmc_paddr y = ((const struct elf_range *)b)->start;

	return x < y ? -1 : x > y;
}

static bool goes_before(const struct elf_range *a, const struct elf_range *b)
{
	return a->kind != b->kind ? a->kind < b->kind : a->order < b->order;
}

static vmc_paddr range_end(const struct elf_range *range)
{
	return range->start + range->size;
}

/* The ranges that the sweep is inside of, as a heap: the one to prefer is at the top. */
struct heap {
	const struct elf_range **items;
	size_t count;
};

static void heap_push(struct heap *heap, const struct elf_range *range)
{
	size_t i = heap->count++;

	for (; i && goes_before(range, heap->items[(i - 1) / 2]); i = (i - 1) / 2)
		heap->items[i] = heap->items[(i - 1) / 2];
	heap->items[i] = range;
}

static void heap_pop(struct heap *heap)
{
	const struct elf_range *last = heap->items[--heap->count];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < heap->count; i = child) {
		if (child + 1 < heap->count &&
		    goes_before(heap->items[child + 1], heap->items[child]))
			child++;
		if (!goes_before(heap->items[child], last))
			break;
		heap->items[i] = heap->items[child];
	}
	heap->items[i] = last;
}

/* Appends [start, end) of @range to the result, joined with what is before if it goes on there. */
static struct vmc_error *result_append(struct elf_table *result, const struct elf_range *range,
				       vmc_paddr start, vmc_paddr end)
{
	struct elf_range piece = {.start = start, .size = end - start, .kind = range->kind};
	struct elf_range *last = result->count ? &result->ranges[result->count - 1] : NULL;

	if (range->kind != ELF_RANGE_NODATA)
		piece.offset = range->offset + (start - range->start);
	if (last && last->kind == piece.kind && range_end(last) == start &&
	    (piece.kind == ELF_RANGE_NODATA || last->offset + last->size == piece.offset)) {
		last->size += piece.size;
		return NULL;
	}
	return elf_table_add(result, &piece);
}

/* Goes through the sorted ranges by address; between two borders the heap says who wins. */
static struct vmc_error *sweep(const struct elf_table *sorted, struct heap *heap,
			       struct elf_table *result)
{
	vmc_paddr position = 0;
	size_t next = 0;

	while (heap->count || next < sorted->count) {
		if (!heap->count)
			position = sorted->ranges[next].start;
		while (next < sorted->count && sorted->ranges[next].start <= position)
			heap_push(heap, &sorted->ranges[next++]);
		while (heap->count && range_end(heap->items[0]) <= position)
			heap_pop(heap);
		if (!heap->count)
			continue;

		vmc_paddr end = range_end(heap->items[0]);

		if (next < sorted->count)
			end = min_u64(end, sorted->ranges[next].start);
		TRY(result_append(result, heap->items[0], position, end));
		position = end;
	}
	return NULL;
}

struct vmc_error *elf_table_resolve(struct elf_table *table)
{
	struct heap heap = {0};
	struct elf_table result = {0};

	if (!table->count)
		return NULL;
	qsort(table->ranges, table->count, sizeof(*table->ranges), compare_start);
	heap.items = reallocarray(NULL, table->count, sizeof(struct elf_range *));
	if (!heap.items)
		return error_nomem();

	struct vmc_error *err = sweep(table, &heap, &result);

	free(heap.items);
	if (err) {
		elf_table_deinit(&result);
		return err;
	}
	elf_table_deinit(table);
	*table = result;
	return NULL;
}

size_t elf_table_find(const struct elf_table *table, vmc_paddr address)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (range_end(&table->ranges[middle]) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
