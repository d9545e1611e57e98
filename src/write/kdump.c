/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writer of kdump-compressed files, version 6 (see dump/kdump_layout.h).
 *
 * The number of kept pages is known beforehand, so everything before the data is laid out at once
 * and the data follows in one stream.  The file is a valid dump at any time after begin(): its
 * header says incomplete, its second bitmap has all pages that will come, descriptors not yet
 * written are zero, and those of a unit follow its data.  So what was saved is there when nobody
 * comes to end the file (SIGKILL, a watchdog).  In a stream the second bitmap, too, follows bit by
 * bit, since nothing there can be written twice.
 */
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "dump/kdump_checksum.h"
#include "dump/kdump_layout.h"
#include "dump/map_form.h"
#include "write/bitmap.h"
#include "write/kdump_headers.h"
#include "write/share.h"
#include "write/writer.h"

#define DESCRIPTOR_BUFFER 4096 /* descriptors */

struct kdump {
	struct kdump_places places;
	vmc_foff data_end;  /* where the next page goes */
	uint64_t described; /* descriptors in the file, those in the buffer not among them */
	size_t pending;     /* descriptors in the buffer */
	struct writer_saved own, *saved; /* the same unless it is one part of several */
	uint64_t zero_checksum;
	struct share *share; /* NULL: each page has data of its own */
	struct output_region regions[KDUMP_REGION_COUNT];
	struct bitmap_writer bitmap;
	vmc_pfn bitmap_start; /* of its first bit */
	uint8_t descriptors[DESCRIPTOR_BUFFER * KDUMP_DESCRIPTOR_SIZE];
};

static void kdump_destroy(struct writer *writer)
{
	struct kdump *kdump = writer->private;

	if (kdump) {
		extents_deinit(&kdump->own.lost);
		share_destroy(kdump->share);
	}
	writer->output->region_count = 0;
	free(kdump);
	writer->private = NULL;
}

/* Sets or clears bits by pfn.  What lies before the first bit has none. */
static struct vmc_error *put_bits(struct kdump *kdump, vmc_pfn start, uint64_t count, bool value)
{
	vmc_pfn first = kdump->bitmap_start;
	uint64_t before = start < first ? min_u64(first - start, count) : 0;

	return bitmap_writer_put(&kdump->bitmap, start + before - first, count - before, value);
}

/* The first bitmap: all memory that the input knows, with content there or not. */
static struct vmc_error *write_memory_bitmap(const struct writer *writer, struct kdump *kdump)
{
	const struct vmc_dump *dump = writer->plan->dump;
	struct vmc_memory_run run;
	vmc_pfn pfn = 0;

	bitmap_writer_init(&kdump->bitmap, writer->output, kdump->places.bitmap1,
			   kdump->places.bitmap_size);
	kdump->bitmap_start = kdump->places.first_pfn;
	while (vmc_dump_next_run(dump, pfn, &run)) {
		pfn = run.start + run.count;
		if (run.kind != VMC_MEMORY_NODATA || !kdump->places.present_only)
			TRY(put_bits(kdump, run.start, run.count, true));
	}
	return bitmap_writer_finish(&kdump->bitmap);
}

/* The bits of [start, end), all stored but those that were lost. */
static struct vmc_error *put_stored(struct kdump *kdump, vmc_pfn start, vmc_pfn end)
{
	struct extents_iter iter;
	struct extent lost;

	extents_iter_init(&iter, &kdump->saved->lost, start);
	while (start < end && extents_iter_next(&iter, &lost) && lost.start < end) {
		vmc_pfn lost_start = max_u64(lost.start, start);
		vmc_pfn lost_end = min_u64(lost.start + lost.count, end);

		TRY(put_bits(kdump, start, lost_start - start, true));
		TRY(put_bits(kdump, lost_start, lost_end - lost_start, false));
		start = lost_end;
	}
	return put_bits(kdump, start, end - start, true);
}

/* Of the second bitmap the bytes that tell of [start, end): of the planned pages those below @stop
 * that are stored. */
static struct vmc_error *write_stored_bits(const struct writer *writer, struct kdump *kdump,
					   vmc_pfn start, vmc_pfn end, vmc_pfn stop)
{
	const struct kdump_places *places = &kdump->places;
	vmc_pfn first = places->first_pfn;
	uint64_t from = (max_u64(start, first) - first) / 8;
	uint64_t to = min_u64((end - min_u64(end, first)) / 8 + 1, places->bitmap_size);

	if (from >= to)
		return NULL;

	_cleanup_(kept_iter_deinit) struct kept_iter iter;
	struct extent kept;
	bool more;

	bitmap_writer_init(&kdump->bitmap, writer->output, places->bitmap2 + from, to - from);
	kdump->bitmap_start = first + from * 8;
	kept_iter_init(&iter, &writer->plan->kept, from ? kdump->bitmap_start : 0);
	for (;;) {
		TRY(kept_iter_next(&iter, &kept, &more));
		if (!more || kept.start >= first + to * 8)
			break;

		vmc_pfn last = min_u64(kept.start + kept.count, first + to * 8);
		vmc_pfn cut = max_u64(kept.start, min_u64(last, stop));

		TRY(put_stored(kdump, kept.start, cut));
		TRY(put_bits(kdump, cut, last - cut, false));
	}
	return bitmap_writer_finish(&kdump->bitmap);
}

static struct vmc_error *write_stored_bitmap(const struct writer *writer, struct kdump *kdump,
					     vmc_pfn stop)
{
	return write_stored_bits(writer, kdump, 0, UINT64_MAX, stop);
}

/* Can it be told in the stream which pages are stored?  A part tells of all other parts, too. */
static bool tells_stored(const struct writer *writer)
{
	return writer->output->ops->sequential && !writer->part;
}

/* Of the second bitmap of a stream the bytes that are complete with these pages. */
static struct vmc_error *tell_stored(struct kdump *kdump, const struct unit *unit)
{
	vmc_pfn end = unit->pages[unit->page_count - 1].pfn + 1;

	for (size_t i = 0; i < unit->page_count; i++) {
		if (unit->pages[i].kind != UNIT_PAGE_LOST)
			TRY(put_bits(kdump, unit->pages[i].pfn, 1, true));
	}
	return bitmap_writer_flush(&kdump->bitmap, end - min_u64(end, kdump->bitmap_start));
}

static struct vmc_error *write_zero_page(const struct writer *writer, struct kdump *kdump)
{
	size_t size = writer->plan->dump->page_size;
	_cleanup_free_ uint8_t *zeros = calloc(1, size);

	if (!zeros)
		return error_nomem();
	TRY(output_write(writer->output, kdump->data_end, zeros, size));
	kdump->data_end += size;
	if (writer->checksums)
		kdump->zero_checksum = kdump_checksum(zeros, (uint32_t)size, CODEC_RAW);
	return NULL;
}

/* What a trailer has digests of. */
static void watch_regions(struct writer *writer, struct kdump *kdump)
{
	const struct kdump_places *places = &kdump->places;
	const vmc_foff ends[KDUMP_REGION_COUNT] = {
		[KDUMP_REGION_MAIN] = writer->plan->dump->page_size,
		[KDUMP_REGION_SUB] = places->bitmap1,
		[KDUMP_REGION_BITMAP1] = places->bitmap2,
		[KDUMP_REGION_BITMAP2] = places->descriptors,
		[KDUMP_REGION_TABLE] = places->data,
	};
	vmc_foff start = 0;

	for (size_t i = 0; i < KDUMP_REGION_COUNT; i++) {
		output_region_init(&kdump->regions[i], start, ends[i]);
		start = ends[i];
	}
	writer->output->regions = kdump->regions;
	writer->output->region_count = KDUMP_REGION_COUNT;
}

static struct vmc_error *write_trailer(struct writer *writer, struct kdump *kdump)
{
	struct kdump_trailer trailer = {.offset = kdump->data_end};
	uint8_t bytes[KDUMP_TRAILER_SIZE];

	if (!writer->output->region_count)
		return NULL;
	/* Readers see no more of the table than the second bitmap has pages. */
	kdump->regions[KDUMP_REGION_TABLE].end =
		kdump->places.descriptors + kdump->described * KDUMP_DESCRIPTOR_SIZE;
	for (size_t i = 0; i < KDUMP_REGION_COUNT; i++)
		trailer.digests[i] = output_region_digest(&kdump->regions[i]);
	kdump_trailer_store(&trailer, bytes);
	TRY(output_write(writer->output, kdump->data_end, bytes, sizeof(bytes)));
	writer->totals.file_size += sizeof(bytes);
	return NULL;
}

/* The kernel of an ARM uses no memory below the beginning of RAM, and the format has no place for
 * it; an ELF file may have it all the same (flash). */
static struct vmc_error *tell_unnumbered(const struct writer *writer, const struct kdump *kdump)
{
	const struct vmc_dump *dump = writer->plan->dump;
	uint64_t count;

	TRY(kept_rank(&writer->plan->kept, kdump->places.first_pfn, &count));
	if (count)
		log_warning(&dump->log,
			    "0x%" PRIx64 " pages lie below the beginning of RAM at 0x%" PRIx64
			    ": a kdump file of this architecture cannot hold them",
			    count, kdump->places.first_pfn * dump->page_size);
	return NULL;
}

static void tell_claimed(const struct writer *writer, const struct kdump *kdump)
{
	if (kdump->places.present_only)
		log_warning(&writer->plan->dump->log,
			    "the dump claims more memory without content than it has content: the "
			    "output does not tell of it");
}

/* How many pages are planned for this file.  The table of a part has room for those of all parts:
 * makedumpfile --reassemble looks for the zero page behind that. */
static struct vmc_error *pages_of(const struct writer *writer, uint64_t *ret_pages)
{
	const struct kept *kept = &writer->plan->kept;
	uint64_t before = 0, below = kept_total(kept);

	if (writer->part) {
		TRY(kept_rank(kept, writer->part->start, &before));
		TRY(kept_rank(kept, writer->part->end, &below));
	}
	*ret_pages = below - before;
	return NULL;
}

/* All before the descriptors but the second bitmap, and room for them. */
static struct vmc_error *write_front(struct writer *writer, struct kdump *kdump, bool incomplete)
{
	const struct kdump_places *places = &kdump->places;
	uint64_t pages = 0; /* gcc does not see that it is set */

	TRY(pages_of(writer, &pages));
	TRY(output_resize(writer->output, places->data));
	/* A disk that fills up later must still take the descriptors of what it holds. */
	TRY(output_reserve(writer->output, places->descriptors, pages * KDUMP_DESCRIPTOR_SIZE));
	TRY(kdump_headers_write(writer, places, incomplete));
	return write_memory_bitmap(writer, kdump);
}

static struct vmc_error *kdump_begin(struct writer *writer)
{
	bool sequential = writer->output->ops->sequential;
	struct kdump *kdump = calloc(1, sizeof(*kdump));

	if (!kdump)
		return error_nomem();
	writer->private = kdump;
	extents_init(&kdump->own.lost);
	kdump->saved = writer->part ? writer->part->saved : &kdump->own;
	if (writer->plan->free_map || writer->share_pages)
		TRY(share_create(writer->share_pages, &kdump->share));
	TRY(kdump_places_plan(writer->plan, &kdump->places));
	/* Gigabytes of zeros, for nothing else, are not worth their time; pages have checksums. */
	if (writer->checksums && !kdump->places.outweigh &&
	    2 * kdump->places.bitmap_size <= KDUMP_DIGESTED_BITMAPS_MAX)
		watch_regions(writer, kdump);
	/* A stream that ends early has no end mark to say so, instead of this one. */
	TRY(write_front(writer, kdump, !sequential));
	/* What cannot be written twice is written when it is known which pages were lost. */
	if (!sequential)
		TRY(write_stored_bitmap(writer, kdump, UINT64_MAX));
	else
		bitmap_writer_init(&kdump->bitmap, writer->output, kdump->places.bitmap2,
				   kdump->places.bitmap_size);
	tell_claimed(writer, kdump);
	TRY(tell_unnumbered(writer, kdump));
	kdump->data_end = kdump->places.data;
	/* First in the data: makedumpfile --reassemble knows zero pages by that. */
	return writer->plan->policy.drop_zero ? write_zero_page(writer, kdump) : NULL;
}

static struct vmc_error *flush_descriptors(const struct writer *writer, struct kdump *kdump)
{
	TRY(output_write(writer->output,
			 kdump->places.descriptors + kdump->described * KDUMP_DESCRIPTOR_SIZE,
			 kdump->descriptors, kdump->pending * KDUMP_DESCRIPTOR_SIZE));
	kdump->described += kdump->pending;
	kdump->pending = 0;
	return NULL;
}

static void add_descriptor(const struct writer *writer, struct kdump *kdump, vmc_foff offset,
			   uint32_t size, enum codec_format format, uint64_t checksum)
{
	struct layout layout = writer->plan->identity.layout;
	uint8_t *descriptor = kdump->descriptors + kdump->pending++ * KDUMP_DESCRIPTOR_SIZE;

	memset(descriptor, 0, KDUMP_DESCRIPTOR_SIZE);
	store_u64(layout, descriptor, offset);
	store_u32(layout, descriptor + 8, size);
	store_u32(layout, descriptor + 12, format);
	store_u64(layout, descriptor + 16, checksum);
}

/* Describes a page whose data is in the file by now. */
static struct vmc_error *add_page(struct writer *writer, struct kdump *kdump,
				  const struct unit_page *page, const struct share_place *place)
{
	struct writer_totals *totals = &writer->totals;
	uint64_t page_flags = place->checksum;

	if (page->pfn < kdump->places.first_pfn) {
		totals->lost_pages++;
		return NULL;
	}
	switch (page->kind) {
	case UNIT_PAGE_LOST:
		totals->lost_pages++;
		return extents_append(&kdump->saved->lost, page->pfn, 1);
	case UNIT_PAGE_ZERO:
		totals->zero_pages++;
		add_descriptor(writer, kdump, kdump->places.data, writer->plan->dump->page_size,
			       CODEC_RAW, kdump->zero_checksum);
		break;
	case UNIT_PAGE_STORED:
		totals->raw_pages += page->format == CODEC_RAW;
		totals->passed_pages += page->passed;
		add_descriptor(writer, kdump, place->offset, place->size, place->format,
			       page_flags);
		break;
	case UNIT_PAGE_COMPACT:
		totals->compact_pages++;
		if (page->has_number)
			page_flags = map_form_page_flags(page_flags, page->map_number);
		add_descriptor(writer, kdump, place->offset, place->size, place->format,
			       page_flags);
		break;
	}
	totals->pages++;
	return NULL;
}

static struct vmc_error *add_pages(struct writer *writer, struct kdump *kdump,
				   const struct unit *unit)
{
	vmc_foff data = kdump->data_end;

	for (size_t i = 0; i < unit->page_count; i++) {
		const struct unit_page *page = &unit->pages[i];
		struct share_place own = {data, page->size, page->format, page->checksum};

		TRY(add_page(writer, kdump, page,
			     kdump->share ? share_find(kdump->share, i) : &own));
		data += page->size;
	}
	return NULL;
}

static void add_gain(struct writer *writer, const struct share *share)
{
	uint64_t pages, bytes;

	share_gain(share, &pages, &bytes);
	writer->totals.shared_pages += pages;
	writer->totals.shared_bytes += bytes;
}

/* Descriptors lie in the order of bits: a page that was lost must not have one when that of the
 * next page comes. */
static struct vmc_error *describe_unit(const struct writer *writer, struct kdump *kdump,
				       const struct unit *unit, bool lost)
{
	const struct unit_page *pages = unit->pages;

	if (lost && !writer->output->ops->sequential)
		TRY(write_stored_bits(writer, kdump, pages[0].pfn, pages[unit->page_count - 1].pfn,
				      UINT64_MAX));
	if (tells_stored(writer))
		TRY(tell_stored(kdump, unit));
	return flush_descriptors(writer, kdump);
}

static struct vmc_error *kdump_put(struct writer *writer, const struct unit *unit)
{
	struct kdump *kdump = writer->private;
	struct writer_totals totals = writer->totals;
	size_t data_size = unit->data_size;

	if (kdump->pending + unit->page_count > DESCRIPTOR_BUFFER)
		TRY(flush_descriptors(writer, kdump));
	if (kdump->share)
		TRY(share_unit(kdump->share, unit, kdump->data_end, &data_size));
	TRY(output_write(writer->output, kdump->data_end, unit->data, data_size));

	size_t pending = kdump->pending;
	struct vmc_error *err = add_pages(writer, kdump, unit);

	if (err) {
		kdump->pending = pending;
		writer->totals = totals;
		return err;
	}
	if (kdump->share)
		add_gain(writer, kdump->share);
	kdump->data_end += data_size;
	kdump->saved->stop = unit->pages[unit->page_count - 1].pfn + 1;
	/* What fails here is tried once more at the end. */
	return describe_unit(writer, kdump, unit, writer->totals.lost_pages > totals.lost_pages);
}

/* Of a stream nothing was written twice, and nothing has to be.  Behind a record that could not be
 * written nothing would be understood. */
static struct vmc_error *finish_stream(struct writer *writer, struct kdump *kdump, bool complete)
{
	if (!complete)
		return NULL;
	TRY(flush_descriptors(writer, kdump));
	TRY(tells_stored(writer) ? bitmap_writer_finish(&kdump->bitmap)
				 : write_stored_bitmap(writer, kdump, UINT64_MAX));
	return write_trailer(writer, kdump);
}

static struct vmc_error *finish_file(struct writer *writer, struct kdump *kdump, bool complete)
{
	TRY(flush_descriptors(writer, kdump));
	if (!complete || extents_total(&kdump->saved->lost))
		TRY(write_stored_bitmap(writer, kdump, complete ? UINT64_MAX : kdump->saved->stop));
	/* What a failed write left behind the last page. */
	TRY(output_resize(writer->output, kdump->data_end));
	if (!complete)
		return NULL;
	/* All that the header vouches for is on the disk before it does. */
	TRY(output_sync(writer->output));
	TRY(kdump_main_header_write(writer, &kdump->places, false));

	struct vmc_error *err = write_trailer(writer, kdump);

	if (!err)
		return NULL;
	/* All pages are there, and have checksums of their own. */
	log_info(&writer->plan->dump->log, "no checksums of headers: %s", vmc_error_message(err));
	vmc_error_free(err);
	return output_resize(writer->output, kdump->data_end);
}

static struct vmc_error *kdump_finish(struct writer *writer, bool complete)
{
	struct kdump *kdump = writer->private;

	writer->totals.file_size = kdump->data_end;
	return writer->output->ops->sequential ? finish_stream(writer, kdump, complete)
					       : finish_file(writer, kdump, complete);
}

const struct writer_format writer_kdump = {
	.name = "kdump",
	.begin = kdump_begin,
	.put = kdump_put,
	.finish = kdump_finish,
	.destroy = kdump_destroy,
};
