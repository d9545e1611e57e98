/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writer of ELF cores (see elf_headers.c for what lies where).
 *
 * What was left out is a gap: memory of a segment beyond what it has in the file.  Readers show a
 * gap as zeros (crash, gdb, drgn) or as absent (libkdumpfile, vmcull, makedumpfile), so pages full
 * of zeros are no gap, but holes of the file: they are there to every reader, and take no room on a
 * disk.
 */
#include <inttypes.h>

#include "base/checked.h"
#include "dump/elf_header.h"
#include "write/elf_headers.h"
#include "write/writer.h"

/* How many runs of unreadable pages there may be, which cannot be stored. */
#define SPLITS_MAX 4096

#define ZEROS_MIN ((size_t)64 << 10)

struct elf {
	struct elf_places places;
	struct elf_mappings mappings;
	struct extents lost; /* planned pages that are not in the output */
	vmc_pfn stop;        /* above those that were put */
	uint64_t splits;     /* how many more runs of lost pages there may be */
	vmc_pfn next_lost;   /* behind the last lost page */
	uint8_t *zero_bytes; /* zeros_size of them */
	size_t zeros_size;
};

static void elf_destroy(struct writer *writer)
{
	struct elf *elf = writer->private;

	writer->private = NULL;
	if (!elf)
		return;
	elf_mappings_deinit(&elf->mappings);
	extents_deinit(&elf->lost);
	free(elf->zero_bytes);
	free(elf);
}

static uint32_t header_flags(const struct elf *elf, bool incomplete)
{
	return (elf->mappings.flags & ~ELF_FLAG_INCOMPLETE) |
	       (incomplete ? ELF_FLAG_INCOMPLETE : 0);
}

/* Of planned pages those below @stop are told of. */
static struct vmc_error *write_headers(const struct writer *writer, const struct elf *elf,
				       bool incomplete, vmc_pfn stop, uint64_t *ret_segments)
{
	const struct elf_stored stored = {
		.kept = &writer->plan->kept,
		.lost = &elf->lost,
		.stop = stop,
	};

	TRY(elf_segments_write(writer, &elf->places, &elf->mappings, &stored, ret_segments));
	return elf_header_write(writer, &elf->places, header_flags(elf, incomplete), *ret_segments);
}

/* How many segments there may be: those that the plan needs, and one for each run of lost pages. */
static struct vmc_error *plan_segments(const struct vmc_plan *plan, struct elf *elf)
{
	uint64_t kept = kept_total(&plan->kept), loads;

	TRY(elf_loads_plan(plan, ELF_SEGMENTS_MAX - 1, &elf->mappings, &loads));
	elf->splits = min_u64(min_u64(kept, SPLITS_MAX), ELF_SEGMENTS_MAX - 1 - loads);
	return elf_places_plan(plan, 1 + loads + elf->splits, &elf->places);
}

/* All pages that are to come.  When nobody comes to end the file (SIGKILL, a watchdog), those that
 * were saved are there, and the others behind its end. */
static struct vmc_error *write_planned_headers(const struct writer *writer, const struct elf *elf)
{
	uint64_t segments;

	/* What cannot be written twice is written when it is known. */
	if (writer->output->ops->sequential)
		return NULL;
	return write_headers(writer, elf, true, UINT64_MAX, &segments);
}

static struct vmc_error *elf_begin(struct writer *writer)
{
	const struct vmc_plan *plan = writer->plan;
	struct elf *elf;

	/* A core file without memory is none to readers, ours among them. */
	if (!kept_total(&plan->kept))
		return error_create(VMC_ERR_INVALID,
				    "no page is kept, and an ELF file has to have one");
	elf = calloc(1, sizeof(*elf));
	if (!elf)
		return error_nomem();
	writer->private = elf;
	extents_init(&elf->lost);
	elf->next_lost = UINT64_MAX;
	elf->zeros_size = max_u64(plan->dump->page_size, ZEROS_MIN);
	elf->zero_bytes = calloc(1, elf->zeros_size);
	if (!elf->zero_bytes)
		return error_nomem();
	TRY(plan_segments(plan, elf));
	TRY(output_resize(writer->output, elf->places.data));
	/* A disk that fills up later must still take the headers of what it holds. */
	TRY(output_reserve(writer->output, 0, elf->places.data));
	TRY(notes_write(writer, &elf->places.notes));
	return write_planned_headers(writer, elf);
}

/* Tells of pages that were lost before those behind them get their places. */
static struct vmc_error *put_losses(const struct writer *writer, struct elf *elf,
				    const struct unit *unit)
{
	bool any = false;

	for (size_t i = 0; i < unit->page_count; i++) {
		const struct unit_page *page = &unit->pages[i];

		if (page->kind != UNIT_PAGE_LOST)
			continue;
		if (page->pfn != elf->next_lost && !elf->splits--)
			return error_create_at(VMC_ERR_LIMIT, ERROR_AT_PFN, page->pfn,
					       "too many pages cannot be read for an ELF file, "
					       "which has a segment for what is between them");
		elf->next_lost = page->pfn + 1;
		TRY(extents_append(&elf->lost, page->pfn, 1));
		any = true;
	}
	return any ? write_planned_headers(writer, elf) : NULL;
}

static vmc_foff data_end(const struct elf *elf, const struct writer *writer)
{
	return elf->places.data + (writer->totals.pages << writer->plan->dump->page_shift);
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

/* Writes data of the unit around pages of zeros, which are holes but in a stream. */
static struct vmc_error *write_data(const struct writer *writer, const struct elf *elf,
				    const struct unit *unit)
{
	size_t page_size = writer->plan->dump->page_size;
	vmc_foff offset = data_end(elf, writer);
	const uint8_t *data = unit->data;
	size_t size = 0;

	for (size_t i = 0; i < unit->page_count; i++) {
		size += unit->pages[i].size;
		if (unit->pages[i].kind != UNIT_PAGE_ZERO)
			continue;
		TRY(output_write(writer->output, offset, data, size));
		offset += size;
		if (writer->output->ops->sequential)
			TRY(write_hole(writer, elf, offset, offset + page_size));
		offset += page_size;
		data += size;
		size = 0;
	}
	return output_write(writer->output, offset, data, size);
}

/* These pages are in the file. */
static void count_pages(struct writer *writer, const struct unit_page *pages, size_t count)
{
	struct writer_totals *totals = &writer->totals;
	struct elf *elf = writer->private;

	for (size_t i = 0; i < count; i++) {
		enum unit_page_kind kind = pages[i].kind;

		totals->pages += kind != UNIT_PAGE_LOST;
		totals->lost_pages += kind == UNIT_PAGE_LOST;
		totals->zero_pages += kind == UNIT_PAGE_ZERO;
		totals->raw_pages += kind == UNIT_PAGE_STORED;
		elf->stop = pages[i].pfn + 1;
	}
}

/* Makes the hole that @count pages of zeros are behind all others. */
static struct vmc_error *put_hole(const struct writer *writer, const struct elf *elf, size_t count)
{
	uint64_t size = (uint64_t)count << writer->plan->dump->page_shift;

	return count ? output_resize(writer->output, data_end(elf, writer) + size) : NULL;
}

static struct vmc_error *elf_put(struct writer *writer, const struct unit *unit)
{
	struct elf *elf = writer->private;
	size_t zeros = 0;

	while (zeros < unit->page_count &&
	       unit->pages[unit->page_count - 1 - zeros].kind == UNIT_PAGE_ZERO)
		zeros++;
	TRY(put_losses(writer, elf, unit));
	TRY(write_data(writer, elf, unit));
	count_pages(writer, unit->pages, unit->page_count - zeros);
	TRY(put_hole(writer, elf, zeros));
	count_pages(writer, unit->pages + unit->page_count - zeros, zeros);
	return NULL;
}

/* What nobody writes into a stream is a hole when it is made a file.  Who reads the stream itself
 * has nothing there, and crash (9.0.2) warns of a stream that is shorter than its file. */
static struct vmc_error *finish_stream(const struct writer *writer, const struct elf *elf)
{
	const struct elf_places *places = &elf->places;
	uint64_t segments;

	TRY(write_headers(writer, elf, false, elf->stop, &segments));
	TRY(write_hole(writer, elf, elf_headers_end(places, segments), places->notes.start));
	return write_hole(writer, elf, places->notes.start + places->notes.size, places->data);
}

static struct vmc_error *finish_file(const struct writer *writer, const struct elf *elf,
				     bool complete)
{
	uint64_t segments;

	TRY(write_headers(writer, elf, true, elf->stop, &segments));
	/* What a failed write left behind the last page. */
	TRY(output_resize(writer->output, data_end(elf, writer)));
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
