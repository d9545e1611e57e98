/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/structs.h"

#include <string.h>

#include "base/checked.h"

/* One look at the memory map: at least what is read with a struct page anyhow, and no more than
 * makes a damaged map cost little. */
#define SPAN_BYTES_MIN ((size_t)4 << 10)
#define SPAN_BYTES_MAX ((size_t)256 << 10)

struct vmc_error *structs_init(struct structs *structs, struct memmap *memmap)
{
	memset(structs, 0, sizeof(*structs));
	structs->memmap = memmap;
	structs->copies = dump_shrank(target_reader_target(memmap->reader)->dump);
	return target_reader_create(target_reader_target(memmap->reader), &structs->reader);
}

void structs_deinit(struct structs *structs)
{
	target_reader_destroy(structs->reader);
	structs->reader = NULL;
}

/* The struct page at @address cannot be read: tells how many from there on share its fate. */
static struct vmc_error *unreadable_span(struct structs *structs, vmc_vaddr address,
					 uint64_t *ret_count)
{
	uint64_t size = structs->memmap->struct_size;
	uint64_t page_size = (uint64_t)1 << target_reader_target(structs->reader)->page_shift;
	vmc_vaddr last = address | (page_size - 1);
	struct va_range range;
	struct vmc_error *err = target_translate(structs->reader, address, &range);

	if (err) {
		if (vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		vmc_error_free(err);
	} else if (!range.mapped) {
		last = range.last;
	}
	/* Those that begin up to the last bad byte. */
	*ret_count = (last - address) / size + 1;
	return NULL;
}

static struct vmc_error *read_span(struct structs *structs, vmc_vaddr address, uint64_t count)
{
	struct struct_span *span = &structs->span;
	uint64_t size = structs->memmap->struct_size;
	size_t wanted = min_u64(count, structs->batch) * size;
	const void *bytes;
	size_t n;

	TRY(target_get(structs->reader, address, wanted, &bytes, &n));
	if (n >= size) {
		span->count = n / size;
		span->bytes = bytes;
		return NULL;
	}
	TRY(target_read(structs->reader, address, structs->bounce, size));
	span->count = 1;
	span->bytes = structs->bounce;
	return NULL;
}

/* What follows the span before, or lies no further behind it than that was long, was asked for in
 * turn; elsewhere the struct pages of one page of the map are read. */
static void choose_batch(struct structs *structs, vmc_pfn pfn, vmc_vaddr address)
{
	const struct struct_span *before = &structs->span;
	uint64_t size = structs->memmap->struct_size;
	uint64_t page = max_u64((SPAN_BYTES_MIN - address % SPAN_BYTES_MIN) / size, 1);

	if (before->count && pfn - before->start < 2 * before->count)
		structs->batch = min_u64(2 * max_u64(structs->batch, page), SPAN_BYTES_MAX / size);
	else
		structs->batch = page;
}

static struct struct_span rest_of_span(const struct structs *structs, vmc_pfn pfn)
{
	struct struct_span rest = structs->span;
	uint64_t skipped = pfn - rest.start;

	rest.start = pfn;
	rest.count -= skipped;
	if (rest.kind == MEMMAP_PRESENT) {
		rest.bytes += skipped * structs->memmap->struct_size;
		rest.address += skipped * structs->memmap->struct_size;
	}
	return rest;
}

/* Did the file shrink, maybe inside a page?  The rest of that was zeros, and may be remembered. */
static struct vmc_error *check_size(struct structs *structs, bool *ret_shrank)
{
	struct vmc_target *target = target_reader_target(structs->reader);
	struct target_reader *reader;

	*ret_shrank = !structs->copies && dump_shrank(target->dump);
	if (!*ret_shrank)
		return NULL;
	TRY(target_reader_create(target, &reader));
	target_reader_destroy(structs->reader);
	structs->reader = reader;
	structs->copies = true;
	return NULL;
}

/* The file may have shrunk under the span that we leave: its struct pages then read as zeros, which
 * makes kernel pages of them, and those are kept. */
static struct vmc_error *check_span(struct structs *structs)
{
	struct vmc_error *err;
	bool lost, shrank;

	if (structs->span.kind != MEMMAP_PRESENT || !structs->span.count)
		return NULL;
	err = target_check(structs->reader);
	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	lost = err;
	vmc_error_free(err);
	TRY(check_size(structs, &shrank));
	if (lost || shrank)
		structs->unreadable += structs->span.count;
	return NULL;
}

struct vmc_error *structs_leave(struct structs *structs)
{
	TRY(check_span(structs));
	structs->span.count = 0;
	return NULL;
}

struct vmc_error *structs_span(struct structs *structs, vmc_pfn pfn, struct struct_span *ret_span)
{
	struct memmap_run *run = &structs->run;
	struct struct_span *span = &structs->span;

	if (pfn - span->start < span->count) {
		*ret_span = rest_of_span(structs, pfn);
		return NULL;
	}
	TRY(check_span(structs));
	if (pfn - run->start >= run->count)
		TRY(memmap_find(structs->memmap, pfn, run));

	uint64_t left = run->count - (pfn - run->start);

	vmc_vaddr address = run->structs + (pfn - run->start) * structs->memmap->struct_size;

	choose_batch(structs, pfn, address);
	*span = (struct struct_span){.start = pfn, .count = left, .kind = run->kind};
	if (run->kind == MEMMAP_PRESENT) {
		span->address = address;

		struct vmc_error *err = read_span(structs, span->address, left);

		if (err) {
			if (vmc_error_code(err) == VMC_ERR_NOMEM)
				return err;
			vmc_error_free(err);
			span->kind = MEMMAP_UNREADABLE;
			TRY(unreadable_span(structs, span->address, &span->count));
			span->count = min_u64(span->count, left);
		}
	}
	*ret_span = *span;
	return NULL;
}

bool structs_has(const struct structs *structs, vmc_pfn pfn)
{
	return pfn - structs->span.start < structs->span.count &&
	       structs->span.kind == MEMMAP_PRESENT;
}

struct vmc_error *structs_at(struct structs *structs, vmc_pfn pfn, const uint8_t **ret_bytes)
{
	struct struct_span span;

	TRY(structs_span(structs, pfn, &span));
	*ret_bytes = span.kind == MEMMAP_PRESENT ? span.bytes : NULL;
	return NULL;
}
