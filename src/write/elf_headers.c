/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of an ELF output.
 *
 *	ELF header
 *	program headers      PT_NOTE, then PT_LOADs; right behind the ELF header, since
 *	                     makedumpfile (1.7.8) looks for them nowhere else.  There is room for
 *	                     as many as there may be: how many there are is not known before all
 *	                     pages were looked at.
 *	section header       used from 65,535 program headers on
 *	notes
 *	data                 pages by pfn
 */
#include "write/elf_headers.h"

#include <elf.h>
#include <string.h>

#include "base/checked.h"
#include "dump/elf_header.h"

#define SEGMENT_BUFFER 1024 /* program headers */

/* Pages do not begin at multiples of their size: makedumpfile (1.7.2, 1.7.8) would map them, and
 * with as many segments as here it goes on using maps that it has taken away: wrong bytes, or a
 * crash.  Its own ELF files are packed. */
#define DATA_SKEW 64

/* Lays out with headers of places->layout; false when the file would be too large. */
static bool lay_out(const struct vmc_plan *plan, struct elf_places *places)
{
	const struct elf_fields *fields = elf_fields_of(places->layout);
	uint64_t page_size = plan->dump->page_size;
	uint64_t kept, table, end;

	if (!checked_mul(kept_total(&plan->kept), page_size, &kept) ||
	    !checked_mul(places->segment_room, fields->phdr_size, &table))
		return false;
	places->segments = fields->size;
	places->section = places->segments + table;
	places->notes.start = places->section + fields->shdr_size;
	places->notes.start += -places->notes.start & 7;
	if (!checked_add(places->notes.start, places->notes.size, &end) ||
	    !checked_align_up(end, page_size, &places->data))
		return false;
	places->data += DATA_SKEW;
	return checked_add(places->data, kept, &end) &&
	       end <= min_u64(INT64_MAX, layout_word_max(places->layout));
}

struct vmc_error *elf_places_plan(const struct vmc_plan *plan, uint64_t segments,
				  struct elf_places *places)
{
	const struct vmc_dump *dump = plan->dump;
	vmc_paddr memory_end = dump->end_pfn << dump->page_shift;

	*places = (struct elf_places){.layout = plan->identity.layout, .segment_room = segments};
	/* Kernels of 32 bits with memory above 4 GiB have a /proc/vmcore of 64 bits. */
	if (dump->layout.word_size == 8 || memory_end > UINT32_MAX)
		places->layout.word_size = 8;
	TRY(notes_plan(plan, 0, NOTES_ERASEINFO, &places->notes));
	if (!lay_out(plan, places)) {
		places->layout.word_size = 8;
		if (!lay_out(plan, places))
			return error_create(VMC_ERR_LIMIT, "too many pages for a file");
	}
	return NULL;
}

struct segment_sink {
	const struct writer *writer;
	const struct elf_places *places;
	const struct elf_fields *fields;
	uint64_t written; /* program headers, those in the buffer not among them */
	size_t pending;
	uint8_t buffer[SEGMENT_BUFFER * ELF64_PHDR_SIZE];
};

static struct vmc_error *segments_flush(struct segment_sink *sink)
{
	size_t size = sink->fields->phdr_size;

	TRY(output_write(sink->writer->output, sink->places->segments + sink->written * size,
			 sink->buffer, sink->pending * size));
	sink->written += sink->pending;
	sink->pending = 0;
	return NULL;
}

static struct vmc_error *segment_put(struct segment_sink *sink, const struct elf_segment *segment)
{
	const struct elf_fields *fields = sink->fields;
	struct layout layout = sink->places->layout;
	uint32_t flags = segment->type == PT_LOAD ? PF_R | PF_W | PF_X : 0;

	if (sink->written + sink->pending == sink->places->segment_room)
		return error_create(VMC_ERR_LIMIT, "more segments than there is room for");
	if (sink->pending == SEGMENT_BUFFER)
		TRY(segments_flush(sink));

	uint8_t *bytes = sink->buffer + sink->pending++ * fields->phdr_size;

	memset(bytes, 0, fields->phdr_size);
	store_u32(layout, bytes, segment->type);
	store_u32(layout, bytes + fields->p_flags, flags);
	store_word(layout, bytes + fields->p_offset, segment->offset);
	store_word(layout, bytes + fields->p_vaddr, segment->vaddr);
	store_word(layout, bytes + fields->p_paddr, segment->paddr);
	store_word(layout, bytes + fields->p_filesz, segment->file_size);
	store_word(layout, bytes + fields->p_memsz, segment->memory_size);
	store_word(layout, bytes + fields->p_align, segment->align);
	return NULL;
}

static struct vmc_error *load_put(struct segment_sink *sink, const struct elf_load *load)
{
	const struct elf_places *places = sink->places;
	unsigned int shift = sink->writer->plan->dump->page_shift;
	struct elf_segment segment = {
		.type = PT_LOAD,
		.vaddr = load->vaddr,
		.paddr = load->start << shift,
		.file_size = load->count << shift,
		.memory_size = (load->count + load->gap) << shift,
	};

	if (load->count)
		segment.offset = places->data + (load->rank << shift);
	return segment_put(sink, &segment);
}

static struct vmc_error *segments_write(struct segment_sink *sink, struct elf_loads *loads)
{
	const struct notes_place *notes = &sink->places->notes;
	struct elf_segment note = {
		.type = PT_NOTE,
		.offset = notes->start,
		.file_size = notes->size,
		.memory_size = notes->size,
		.align = 4,
	};
	struct elf_load load;
	bool more;

	TRY(segment_put(sink, &note));
	for (;;) {
		TRY(elf_loads_next(loads, &load, &more));
		if (!more)
			break;
		TRY(load_put(sink, &load));
	}
	return segments_flush(sink);
}

static struct vmc_error *section_write(const struct writer *writer, const struct elf_places *places,
				       uint64_t segments)
{
	const struct elf_fields *fields = elf_fields_of(places->layout);
	uint8_t section[64] = {0};

	store_word(places->layout, section + fields->sh_size, 1); /* as Linux does for processes */
	store_u32(places->layout, section + fields->sh_info, (uint32_t)segments);
	return output_write(writer->output, places->section, section, fields->shdr_size);
}

struct vmc_error *elf_segments_write(const struct writer *writer, const struct elf_places *places,
				     const struct elf_mappings *mappings,
				     const struct elf_stored *stored, uint64_t *ret_segments)
{
	_cleanup_free_ struct segment_sink *sink = calloc(1, sizeof(*sink));
	_cleanup_(elf_loads_deinit) struct elf_loads loads;

	elf_loads_init(&loads, mappings, stored);
	if (!sink)
		return error_nomem();
	sink->writer = writer;
	sink->places = places;
	sink->fields = elf_fields_of(places->layout);
	TRY(segments_write(sink, &loads));
	if (sink->written >= PN_XNUM)
		TRY(section_write(writer, places, sink->written));
	*ret_segments = sink->written;
	return NULL;
}

vmc_foff elf_headers_end(const struct elf_places *places, uint64_t segments)
{
	const struct elf_fields *fields = elf_fields_of(places->layout);

	return segments < PN_XNUM ? places->segments + segments * fields->phdr_size
				  : places->section + fields->shdr_size;
}

struct vmc_error *elf_header_write(const struct writer *writer, const struct elf_places *places,
				   uint32_t flags, uint64_t segments)
{
	const struct elf_fields *fields = elf_fields_of(places->layout);
	struct layout layout = places->layout;
	uint8_t bytes[64] = ELFMAG;

	bytes[EI_CLASS] = layout.word_size == 8 ? ELFCLASS64 : ELFCLASS32;
	bytes[EI_DATA] = layout.big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	bytes[EI_VERSION] = EV_CURRENT;
	store_u16(layout, bytes + ELF_E_TYPE, ET_CORE);
	store_u16(layout, bytes + ELF_E_MACHINE, writer->plan->identity.machine);
	store_u32(layout, bytes + ELF_E_VERSION, EV_CURRENT);
	store_word(layout, bytes + fields->e_phoff, places->segments);
	store_u32(layout, bytes + fields->e_flags, flags);
	store_u16(layout, bytes + fields->e_ehsize, fields->size);
	store_u16(layout, bytes + fields->e_phentsize, fields->phdr_size);
	store_u16(layout, bytes + fields->e_phnum, (uint16_t)min_u64(segments, PN_XNUM));
	if (segments >= PN_XNUM) {
		store_word(layout, bytes + fields->e_shoff, places->section);
		store_u16(layout, bytes + fields->e_shentsize, fields->shdr_size);
		store_u16(layout, bytes + fields->e_shnum, 1);
	}
	return output_write(writer->output, 0, bytes, fields->size);
}
