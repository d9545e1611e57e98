/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writer of ELF cores (see elf_headers.c for what lies where).
 *
 * What was left out is a gap: memory of a segment beyond what it has in the file.  Readers show a
 * gap as zeros (crash, gdb, drgn) or as absent (libkdumpfile, vmcull, makedumpfile), so pages full
 * of zeros are no gap: they have segments of their own, which all lie at the same place of the file
 * and are there to every reader.  Each run of them costs two segments; when the room for those is
 * used up, zeros are stored like other pages.
 */
#include <inttypes.h>

#include "base/checked.h"
#include "dump/elf_header.h"
#include "write/elf_headers.h"
#include "write/writer.h"

/* One of 32 kept pages may begin a run of zeros; of real dumps of 1 to 4 GiB, at every level, up to
 * one of 51 does (x86_64, 6.1 to 7.2). */
#define PAGES_PER_SPLIT 32
/* The rest of the room is for pages that turn out to be unreadable, which cannot be stored. */
#define SPLITS_FOR_LOSSES 1024

#define ZEROS_MIN ((size_t)64 << 10)

struct elf {
	struct elf_places places;
	struct elf_mappings mappings;
	struct extents stored, zeros; /* pages that are in the output, in one way or the other */
	uint64_t splits;              /* how many more there may be */
	vmc_pfn next_zero, next_lost; /* behind the last page of the kind */
	uint64_t zero_run;            /* pages of the run of zeros before next_zero */
	uint8_t *zero_bytes;          /* zeros_size of them */
	size_t zeros_size;
	enum unit_page_kind kinds[UNIT_PAGES]; /* what becomes of the pages of a unit */
};

static void elf_destroy(struct writer *writer)
{
	struct elf *elf = writer->private;

	writer->private = NULL;
	if (!elf)
		return;
	elf_mappings_deinit(&elf->mappings);
	extents_deinit(&elf->stored);
	extents_deinit(&elf->zeros);
	free(elf->zero_bytes);
	free(elf);
}

static uint64_t zero_limit(const struct elf *elf, const struct writer *writer)
{
	return elf->places.zeros_size / writer->plan->dump->page_size;
}

static struct elf_loads loads_of(const struct elf *elf, const struct writer *writer)
{
	return (struct elf_loads){
		.mappings = &elf->mappings,
		.stored = &elf->stored,
		.zeros = &elf->zeros,
		.zero_limit = zero_limit(elf, writer),
	};
}

static uint32_t header_flags(const struct elf *elf, bool incomplete)
{
	return (elf->mappings.flags & ~ELF_FLAG_INCOMPLETE) |
	       (incomplete ? ELF_FLAG_INCOMPLETE : 0);
}

static struct vmc_error *write_headers(const struct writer *writer, const struct elf *elf,
				       bool incomplete, uint64_t *ret_segments)
{
	struct elf_loads loads = loads_of(elf, writer);

	TRY(elf_segments_write(writer, &elf->places, &loads, ret_segments));
	return elf_header_write(writer, &elf->places, header_flags(elf, incomplete), *ret_segments);
}

/* How many segments there may be: those that the plan needs, and for each split two in every
 * mapping that has the page. */
static struct vmc_error *plan_segments(const struct vmc_plan *plan, struct elf *elf)
{
	uint64_t kept = extents_total(&plan->kept), loads;
	size_t depth;

	TRY(elf_loads_plan(plan, ELF_SEGMENTS_MAX - 1, &elf->mappings, &loads, &depth));
	elf->splits = min_u64(kept / PAGES_PER_SPLIT + SPLITS_FOR_LOSSES,
			      (ELF_SEGMENTS_MAX - 1 - loads) / (2 * max_u64(depth, 1)));
	return elf_places_plan(plan, 1 + loads + 2 * depth * elf->splits, &elf->places);
}

static struct vmc_error *elf_begin(struct writer *writer)
{
	const struct vmc_plan *plan = writer->plan;
	struct elf *elf = calloc(1, sizeof(*elf));
	uint64_t segments;

	if (!elf)
		return error_nomem();
	writer->private = elf;
	extents_init(&elf->stored);
	extents_init(&elf->zeros);
	elf->next_zero = elf->next_lost = UINT64_MAX;
	elf->zeros_size = max_u64(plan->dump->page_size, ZEROS_MIN);
	elf->zero_bytes = calloc(1, elf->zeros_size);
	if (!elf->zero_bytes)
		return error_nomem();
	TRY(plan_segments(plan, elf));
	TRY(output_resize(writer->output, elf->places.data));
	/* A disk that fills up later must still take the headers of what it holds. */
	TRY(output_reserve(writer->output, 0, elf->places.zeros));
	TRY(notes_write(writer, &elf->places.notes));
	/* What cannot be written twice is written when it is known. */
	return writer->output->ops->sequential ? NULL : write_headers(writer, elf, true, &segments);
}

/* Makes room for one more split; false when there is none. */
static bool take_split(struct elf *elf, uint64_t left)
{
	if (elf->splits <= left)
		return false;
	elf->splits--;
	return true;
}

/* Zeros are stored when they would take more segments than there may be. */
static enum unit_page_kind zero_becomes(struct elf *elf, const struct writer *writer, vmc_pfn pfn)
{
	bool begins = pfn != elf->next_zero || elf->zero_run == zero_limit(elf, writer);

	if (begins && !take_split(elf, SPLITS_FOR_LOSSES / 2))
		return UNIT_PAGE_STORED;
	elf->zero_run = begins ? 1 : elf->zero_run + 1;
	elf->next_zero = pfn + 1;
	return UNIT_PAGE_ZERO;
}

static struct vmc_error *decide(struct elf *elf, const struct writer *writer,
				const struct unit *unit)
{
	for (size_t i = 0; i < unit->page_count; i++) {
		const struct unit_page *page = &unit->pages[i];

		elf->kinds[i] = page->kind;
		if (page->kind == UNIT_PAGE_ZERO)
			elf->kinds[i] = zero_becomes(elf, writer, page->pfn);
		if (page->kind != UNIT_PAGE_LOST)
			continue;
		if (page->pfn != elf->next_lost && !take_split(elf, 0))
			return error_create_at(VMC_ERR_LIMIT, ERROR_AT_PFN, page->pfn,
					       "too many pages cannot be read for an ELF file, "
					       "which has a segment for what is between them");
		elf->next_lost = page->pfn + 1;
	}
	return NULL;
}

static vmc_foff data_end(const struct elf *elf, const struct writer *writer)
{
	return elf->places.data + (extents_total(&elf->stored) << writer->plan->dump->page_shift);
}

/* Writes what is to be stored: data of the unit, and pages of zeros where they come between. */
static struct vmc_error *write_data(const struct writer *writer, const struct elf *elf,
				    const struct unit *unit)
{
	size_t page_size = writer->plan->dump->page_size;
	vmc_foff offset = data_end(elf, writer);
	const uint8_t *data = unit->data;
	size_t size = 0;

	for (size_t i = 0; i < unit->page_count; i++) {
		size += unit->pages[i].size;
		if (unit->pages[i].kind != UNIT_PAGE_ZERO || elf->kinds[i] != UNIT_PAGE_STORED)
			continue;
		TRY(output_write(writer->output, offset, data, size));
		TRY(output_write(writer->output, offset + size, elf->zero_bytes, page_size));
		offset += size + page_size;
		data += size;
		size = 0;
	}
	return output_write(writer->output, offset, data, size);
}

static struct vmc_error *add_page(struct writer *writer, struct elf *elf, vmc_pfn pfn,
				  enum unit_page_kind kind, bool zero)
{
	struct writer_totals *totals = &writer->totals;

	if (kind == UNIT_PAGE_LOST) {
		totals->lost_pages++;
		return NULL;
	}
	TRY(extents_append(kind == UNIT_PAGE_ZERO ? &elf->zeros : &elf->stored, pfn, 1));
	totals->pages++;
	totals->zero_pages += zero;
	totals->raw_pages += kind == UNIT_PAGE_STORED;
	return NULL;
}

static struct vmc_error *elf_put(struct writer *writer, const struct unit *unit)
{
	struct elf *elf = writer->private;

	TRY(decide(elf, writer, unit));
	TRY(write_data(writer, elf, unit));
	/* Memory may run out on the way: then those before are in the file all the same. */
	for (size_t i = 0; i < unit->page_count; i++)
		TRY(add_page(writer, elf, unit->pages[i].pfn, elf->kinds[i],
			     unit->pages[i].kind == UNIT_PAGE_ZERO));
	return NULL;
}

static struct vmc_error *write_hole(const struct writer *writer, const struct elf *elf,
				    vmc_foff start, vmc_foff end)
{
	while (start < end) {
		size_t size = min_u64(end - start, elf->zeros_size);

		TRY(output_write(writer->output, start, elf->zero_bytes, size));
		start += size;
	}
	return NULL;
}

/* What nobody writes into a stream is a hole when it is made a file.  Who reads the stream itself
 * has nothing there, and crash (9.0.2) warns of a stream that is shorter than its file. */
static struct vmc_error *finish_stream(const struct writer *writer, const struct elf *elf)
{
	const struct elf_places *places = &elf->places;
	uint64_t segments;

	TRY(write_headers(writer, elf, false, &segments));
	TRY(write_hole(writer, elf, elf_headers_end(places, segments), places->notes.start));
	return write_hole(writer, elf, places->notes.start + places->notes.size, places->data);
}

static struct vmc_error *finish_file(const struct writer *writer, const struct elf *elf,
				     bool complete)
{
	uint64_t segments;

	/* What a failed write left behind the last page. */
	TRY(output_resize(writer->output, data_end(elf, writer)));
	TRY(write_headers(writer, elf, true, &segments));
	if (!complete)
		return NULL;
	/* All that the header vouches for is on the disk before it does. */
	TRY(output_sync(writer->output));
	return elf_header_write(writer, &elf->places, header_flags(elf, false), segments);
}

static struct vmc_error *elf_finish(struct writer *writer, bool complete)
{
	const struct elf *elf = writer->private;

	writer->totals.file_size = data_end(elf, writer);
	if (!writer->output->ops->sequential)
		return finish_file(writer, elf, complete);
	/* A stream that ends early has no end mark to say so. */
	return complete ? finish_stream(writer, elf) : NULL;
}

const struct writer_format writer_elf = {
	.name = "elf",
	.uncompressed = true,
	.begin = elf_begin,
	.put = elf_put,
	.finish = elf_finish,
	.destroy = elf_destroy,
};
