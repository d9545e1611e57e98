/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/records.h"

#include "base/checked.h"
#include "base/grow.h"

void io_records_deinit(struct io_records *records)
{
	free(records->list);
	*records = (struct io_records){0};
}

static uint64_t record_end(const struct io_record *record)
{
	return record->offset + record->size;
}

/* Adds a piece, or makes the last one longer where it goes on there in content and file. */
static struct vmc_error *records_append(struct io_records *records, struct io_record record)
{
	if (records->count) {
		struct io_record *last = &records->list[records->count - 1];

		if (record_end(last) == record.offset &&
		    last->stored + last->size == record.stored) {
			last->size += record.size;
			return NULL;
		}
	}
	TRY(grow_array((void **)&records->list, &records->capacity, records->count + 1,
		       sizeof(*records->list)));
	records->list[records->count++] = record;
	return NULL;
}

struct vmc_error *io_records_add(struct io_records *records, vmc_foff offset, uint64_t size,
				 vmc_foff stored)
{
	struct io_record record = {.offset = offset, .size = size, .stored = stored};

	if (!size)
		return NULL;
	if (records->count == IO_RECORDS_MAX)
		return error_create_at(VMC_ERR_LIMIT, ERROR_AT_OFFSET, stored,
				       "the file has more than %zu records", IO_RECORDS_MAX);
	TRY(records_append(records, record));
	records->size = max_u64(records->size, record_end(&record));
	return NULL;
}

static int compare_records(const void *a_, const void *b_)
{
	const struct io_record *a = a_, *b = b_;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->stored < b->stored ? -1 : a->stored > b->stored;
}

static bool records_overlap(const struct io_records *records)
{
	for (size_t i = 1; i < records->count; i++) {
		if (records->list[i].offset < record_end(&records->list[i - 1]))
			return true;
	}
	return false;
}

/* Records that begin at or before a place of the content, as a heap: the latest first. */
struct heap {
	const struct io_record **list;
	size_t count;
};

static bool heap_before(const struct heap *heap, size_t a, size_t b)
{
	return heap->list[a]->stored > heap->list[b]->stored;
}

static void heap_swap(struct heap *heap, size_t a, size_t b)
{
	const struct io_record *record = heap->list[a];

	heap->list[a] = heap->list[b];
	heap->list[b] = record;
}

static void heap_push(struct heap *heap, const struct io_record *record)
{
	size_t at = heap->count++;

	heap->list[at] = record;
	for (; at && heap_before(heap, at, (at - 1) / 2); at = (at - 1) / 2)
		heap_swap(heap, at, (at - 1) / 2);
}

static void heap_pop(struct heap *heap)
{
	size_t at = 0;

	heap->list[0] = heap->list[--heap->count];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= heap->count)
			return;
		if (child + 1 < heap->count && heap_before(heap, child + 1, child))
			child++;
		if (!heap_before(heap, child, at))
			return;
		heap_swap(heap, at, child);
		at = child;
	}
}

/* Goes through the content from record to record; the latest that is there gives the bytes. */
static struct vmc_error *records_cut(const struct io_records *all, struct heap *open,
				     struct io_records *ret)
{
	uint64_t at = 0;
	size_t next = 0;

	while (next < all->count || open->count) {
		if (!open->count)
			at = max_u64(at, all->list[next].offset);
		while (next < all->count && all->list[next].offset <= at)
			heap_push(open, &all->list[next++]);

		const struct io_record *top = open->list[0];
		uint64_t end = record_end(top);

		if (end <= at) {
			heap_pop(open);
			continue;
		}
		if (next < all->count)
			end = min_u64(end, all->list[next].offset);
		TRY(records_append(ret,
				   (struct io_record){.offset = at,
						      .size = end - at,
						      .stored = top->stored + (at - top->offset)}));
		at = end;
	}
	return NULL;
}

struct vmc_error *io_records_finish(struct io_records *records)
{
	if (!records->count)
		return NULL;
	qsort(records->list, records->count, sizeof(*records->list), compare_records);
	if (!records_overlap(records))
		return NULL;

	_cleanup_free_ const struct io_record **open = calloc(records->count, sizeof(*open));
	struct heap heap = {.list = open};
	struct io_records cut = {.size = records->size};

	if (!open)
		return error_nomem();

	struct vmc_error *err = records_cut(records, &heap, &cut);

	io_records_deinit(err ? &cut : records);
	if (!err)
		*records = cut;
	return err;
}

struct io_piece io_records_find(const struct io_records *records, vmc_foff offset, uint64_t size)
{
	size_t low = 0, high = records->count; /* the first that begins above @offset */

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (records->list[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low) {
		const struct io_record *record = &records->list[low - 1];
		uint64_t inside = offset - record->offset;

		if (inside < record->size)
			return (struct io_piece){.stored = record->stored + inside,
						 .size = min_u64(size, record->size - inside)};
	}
	if (low < records->count)
		size = min_u64(size, records->list[low].offset - offset);
	return (struct io_piece){.hole = true, .size = size};
}
