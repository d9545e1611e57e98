/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the data of pages lies.  Writers put it in the order of the descriptors; pages that share
 * data point back.  So one walk along the table follows the end of the data, and remembers what
 * points back for a second one, in which all data is met in order.
 */
#include <inttypes.h>

#include "audit/verify/verify.h"
#include "base/checked.h"
#include "base/grow.h"
#include "dump/kdump_checksum.h"

#define CHUNK_DESCRIPTORS 2048
#define REST_CHUNK        ((size_t)64 << 10)

/* Places that are remembered: 16 MiB.  Of what goes beyond, all is checked but overlaps. */
#define BACK_MAX ((size_t)1 << 20)

struct place {
	vmc_foff offset;
	uint32_t size;
};

struct places {
	struct verify *verify;
	const struct kdump *kdump;
	vmc_foff end;                  /* of the data so far */
	struct kdump_descriptor first; /* that lies first: where zero pages do */
	struct place *back;
	size_t back_count, back_capacity;
	size_t next_back; /* second walk */
};

/* Places that point back are mostly few, and met again and again. */
#define BACK_RECENT 8

/* Called with each descriptor that may be good. */
typedef struct vmc_error *(*place_step)(struct places *places, vmc_pfn pfn,
					const struct kdump_descriptor *descriptor);

static struct vmc_error *chunk_walk(struct places *places, vmc_pfn pfn, uint64_t rank,
				    const uint8_t *bytes, size_t count, place_step step)
{
	const struct vmc_dump *dump = places->verify->dump;
	bool incomplete = places->kdump->header.status & KDUMP_STATUS_INCOMPLETE;

	for (size_t i = 0; i < count; i++) {
		struct kdump_descriptor descriptor = kdump_descriptor_load(
			places->kdump->header.layout, bytes + i * KDUMP_DESCRIPTOR_SIZE);
		struct vmc_error *err;

		if (incomplete && !kdump_descriptor_written(places->kdump, dump->file, rank + i,
							    &descriptor))
			continue;
		/* What is wrong with it is told when the page is read. */
		err = kdump_descriptor_check(dump, rank + i, &descriptor);
		if (err) {
			vmc_error_free(err);
			continue;
		}
		TRY(step(places, pfn + i, &descriptor));
	}
	return NULL;
}

static struct vmc_error *table_walk(struct places *places, place_step step)
{
	_cleanup_free_ uint8_t *chunk = malloc((size_t)CHUNK_DESCRIPTORS * KDUMP_DESCRIPTOR_SIZE);
	struct io_file *file = places->verify->dump->file;
	struct extents_iter iter;
	struct extent extent;
	uint64_t rank = 0;

	if (!chunk)
		return error_nomem();
	extents_iter_init(&iter, &places->kdump->stored, 0);
	while (extents_iter_next(&iter, &extent)) {
		for (uint64_t done = 0, n; done < extent.count; done += n, rank += n) {
			n = min_u64(extent.count - done, CHUNK_DESCRIPTORS);
			TRY(io_file_read(file,
					 places->kdump->table_offset + rank * KDUMP_DESCRIPTOR_SIZE,
					 chunk, (size_t)n * KDUMP_DESCRIPTOR_SIZE));
			TRY(chunk_walk(places, extent.start + done, rank, chunk, (size_t)n, step));
		}
	}
	return NULL;
}

/* What belongs to no page: in files of ours that is zeros. */
static struct vmc_error *rest_check(struct places *places, vmc_foff start, vmc_foff end)
{
	struct verify *verify = places->verify;
	_cleanup_free_ uint8_t *chunk = NULL;

	if (!verify->summary->checked_headers || start >= end)
		return NULL;
	chunk = malloc(REST_CHUNK);
	if (!chunk)
		return error_nomem();
	while (start < end) {
		size_t n = (size_t)min_u64(end - start, REST_CHUNK);
		size_t i = 0;

		TRY(io_file_read(verify->dump->file, start, chunk, n));
		while (i < n && !chunk[i])
			i++;
		if (i < n) {
			verify_found(verify, VMC_VERIFY_REST, VERIFY_NOWHERE, start + i,
				     "offset 0x%" PRIx64 ": belongs to no page, but is not zero",
				     start + i);
			return NULL;
		}
		start += n;
	}
	return NULL;
}

static bool same_place(const struct kdump_descriptor *a, const struct kdump_descriptor *b)
{
	return a->offset == b->offset && a->size == b->size;
}

/* Was it remembered just before? */
static bool is_recent(const struct places *places, const struct kdump_descriptor *descriptor)
{
	size_t oldest = places->back_count - min_u64(places->back_count, BACK_RECENT);

	for (size_t i = places->back_count; i-- > oldest;)
		if (places->back[i].offset == descriptor->offset &&
		    places->back[i].size == descriptor->size)
			return true;
	return false;
}

static struct vmc_error *first_walk(struct places *places, vmc_pfn pfn,
				    const struct kdump_descriptor *descriptor)
{
	(void)pfn;
	if (kdump_has_checksum(places->kdump, descriptor))
		places->verify->summary->checked_pages++;
	if (descriptor->offset >= places->end) {
		TRY(rest_check(places, places->end, descriptor->offset));
		places->end = descriptor->offset + descriptor->size;
		if (!places->first.size)
			places->first = *descriptor;
		return NULL;
	}
	if (same_place(descriptor, &places->first) || is_recent(places, descriptor) ||
	    places->back_count == BACK_MAX)
		return NULL;
	TRY(grow_array((void **)&places->back, &places->back_capacity, places->back_count + 1,
		       sizeof(*places->back)));
	places->back[places->back_count++] = (struct place){descriptor->offset, descriptor->size};
	return NULL;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x->size > y->size) - (x->size < y->size);
}

static void tell_overlap(struct places *places, vmc_pfn pfn, const struct place *back)
{
	verify_found(places->verify, VMC_VERIFY_OVERLAP, pfn, back->offset,
		     "page 0x%" PRIx64 ": another has %" PRIu32 " bytes at offset 0x%" PRIx64
		     ", which overlap with its data",
		     pfn, back->size, back->offset);
}

/* Places that point back lie where one of those in order does, or overlap with it. */
static struct vmc_error *second_walk(struct places *places, vmc_pfn pfn,
				     const struct kdump_descriptor *descriptor)
{
	vmc_foff end = descriptor->offset + descriptor->size;

	if (descriptor->offset < places->end)
		return NULL;
	places->end = end;
	while (places->next_back < places->back_count) {
		const struct place *back = &places->back[places->next_back];

		if (back->offset >= end)
			return NULL;
		if (back->offset + back->size > descriptor->offset &&
		    (back->offset != descriptor->offset || back->size != descriptor->size))
			tell_overlap(places, pfn, back);
		places->next_back++;
	}
	return NULL;
}

static struct vmc_error *walk_twice(struct places *places)
{
	TRY(table_walk(places, first_walk));
	/* An unknown rest of that size is a trailer that is damaged. */
	vmc_foff end = max_u64(places->end, places->kdump->table_end);

	if (places->verify->summary->checked_headers)
		TRY(rest_check(places, end, places->verify->end));
	else if (places->verify->summary->checked_pages && places->verify->end > end &&
		 places->verify->end - end <= KDUMP_TRAILER_SIZE)
		verify_found(places->verify, VMC_VERIFY_REST, VERIFY_NOWHERE, end,
			     "offset 0x%" PRIx64 ": the checksums of headers are damaged", end);
	if (!places->back_count)
		return NULL;
	qsort(places->back, places->back_count, sizeof(*places->back), compare_places);
	places->end = places->kdump->table_end;
	return table_walk(places, second_walk);
}

struct vmc_error *verify_kdump_places(struct verify *verify)
{
	const struct kdump *kdump = verify->dump->private;
	struct places places = {.verify = verify, .kdump = kdump, .end = kdump->table_end};
	struct vmc_error *err = walk_twice(&places);

	free(places.back);
	return err;
}
