/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdump-compressed files, as makedumpfile, QEMU and vmcull write them. */
#include "dump/kdump.h"
#include "dump/machine.h"
#include "dump/own_notes.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/grow.h"

#define X86_64_KERNEL_ALIGN ((uint64_t)1 << 21)

static bool kdump_probe(const void *head, size_t size)
{
	return size >= KDUMP_SIGNATURE_SIZE &&
	       memcmp(head, KDUMP_SIGNATURE, KDUMP_SIGNATURE_SIZE) == 0;
}

/* The headers have a pointer to the text of VMCOREINFO, besides the note in newer files. */
static struct vmc_error *add_vmcoreinfo(struct notes *notes, const struct kdump_header *header)
{
	if (!header->vmcoreinfo_size || notes_find(notes, "VMCOREINFO", 0))
		return NULL;
	TRY(grow_array((void **)&notes->list, &notes->capacity, notes->count + 1,
		       sizeof(*notes->list)));
	notes->list[notes->count++] = (struct note){
		.name = "VMCOREINFO",
		.offset = header->vmcoreinfo_offset,
		.size = (uint32_t)header->vmcoreinfo_size,
	};
	return NULL;
}

static struct vmc_error *read_notes(struct vmc_dump *dump, const struct kdump_header *header)
{
	if (header->note_size)
		TRY(error_context(notes_scan(&dump->notes, dump->file, header->layout,
					     header->note_offset, header->note_size),
				  "ELF notes"));
	return add_vmcoreinfo(&dump->notes, header);
}

/* What a compact memory map is restored by.  Without it pages are what other readers see. */
static struct vmc_error *read_map_form(struct vmc_dump *dump, struct kdump *kdump)
{
	const struct note *note =
		notes_find(&dump->notes, OWN_NOTE_NAME, OWN_NOTE_TYPE(OWN_NOTE_MAP_FORM));
	_cleanup_free_ char *text = NULL;
	size_t size;

	if (!note)
		return NULL;
	kdump->form = (struct map_form){.layout = dump->layout, .page_size = dump->page_size};
	TRY(error_context(note_read(note, dump->file, OWN_NOTE_SIZE_MAX, &text, &size),
			  "note of the compact memory map"));
	kdump->has_compact_pages = map_form_parse(text, &kdump->form);
	dump->history.compact_map = kdump->has_compact_pages;
	if (!kdump->has_compact_pages)
		log_warning(&dump->log,
			    "%s: the note of the compact memory map is damaged: in free memory "
			    "page.lru will be 0",
			    dump->file->path);
	return NULL;
}

/* A file with room for less than two bitmaps has one, which is both. */
static struct vmc_error *read_bitmaps(struct vmc_dump *dump, struct kdump *kdump)
{
	const struct kdump_header *header = &kdump->header;
	vmc_foff second = header->bitmap_offset;
	vmc_pfn first = header->first_pfn, last = first + header->max_mapnr;
	vmc_pfn start = header->split ? header->start_pfn : first;
	vmc_pfn end = header->split ? header->end_pfn : last;

	if (header->max_mapnr <= header->bitmap_size / 2 * 8)
		second += header->bitmap_size / 2;
	TRY(error_context(kdump_bitmap_read(dump->file, header->bitmap_offset, first, first, last,
					    &kdump->known),
			  "1st bitmap"));
	return error_context(kdump_bitmap_read(dump->file, second, first, start, end,
					       &kdump->stored),
			     "2nd bitmap");
}

static struct vmc_error *find_table(struct vmc_dump *dump, struct kdump *kdump)
{
	uint64_t pages = extents_total(&kdump->stored); /* at most KDUMP_PFN_MAX */
	uint64_t size = pages * KDUMP_DESCRIPTOR_SIZE;

	kdump->table_offset = kdump->header.bitmap_offset + kdump->header.bitmap_size;
	kdump->table_end = kdump->table_offset + size;
	if (kdump_beyond_file(dump->file, kdump->table_offset, size))
		return error_create_at(
			VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, kdump->table_offset,
			"the 2nd bitmap has 0x%" PRIx64
			" pages, but the table of their descriptors goes beyond the file",
			pages);
	if (kdump->header.status & KDUMP_STATUS_INCOMPLETE)
		return error_context(kdump_find_present(kdump, dump->file),
				     "table of page descriptors");
	return NULL;
}

/* All pages have one or none has. */
static struct vmc_error *find_checksums(struct vmc_dump *dump, const struct kdump *kdump)
{
	uint8_t bytes[KDUMP_DESCRIPTOR_SIZE];
	struct kdump_descriptor descriptor;

	if (kdump->table_end == kdump->table_offset)
		return NULL;
	TRY(error_context(io_file_read(dump->file, kdump->table_offset, bytes, sizeof(bytes)),
			  "page descriptor 0"));
	descriptor = kdump_descriptor_load(dump->layout, bytes);
	dump->history.checksums = kdump_has_checksum(kdump, &descriptor);
	return NULL;
}

static void tell(const struct vmc_dump *dump, const struct kdump_header *header)
{
	const char *path = dump->file->path;

	if (header->status & KDUMP_STATUS_INCOMPLETE && !dump->file->cut)
		log_warning(&dump->log, "%s: the dump is incomplete: its writer had to stop early",
			    path);
	if (header->status & KDUMP_STATUS_NO_VMEMMAP)
		log_warning(&dump->log, "%s: parts of the memory map were left out of the dump",
			    path);
	if (header->split && !dump->in_set)
		log_warning(&dump->log,
			    "%s: this is one part of a split dump: it has no page but 0x%" PRIx64
			    " to 0x%" PRIx64,
			    path, header->start_pfn, header->end_pfn);
}

/* On other architectures the field has other meanings or none.  QEMU (7.2, say) takes the
 * decimal NUMBER(phys_base) of the guest's VMCOREINFO for hexadecimal; a kernel can only be shifted
 * by multiples of CONFIG_PHYSICAL_ALIGN, 2 MiB or more.  On ARM it is where RAM begins. */
static bool phys_base_is_credible(const struct vmc_dump *dump)
{
	if (dump->machine == EM_ARM)
		return dump->phys_base_hint % dump->page_size == 0;
	return dump->machine == EM_X86_64 && dump->phys_base_hint % X86_64_KERNEL_ALIGN == 0;
}

static void describe(struct vmc_dump *dump, const struct kdump_header *header)
{
	dump->layout = header->layout;
	dump->machine = header->machine;
	dump->page_size = header->block_size;
	dump->page_shift = (unsigned int)__builtin_ctz(header->block_size);
	dump->history = (struct vmc_dump_history){
		.filtered = true,
		.dump_level = header->dump_level,
		.incomplete = header->status & KDUMP_STATUS_INCOMPLETE,
		.partial_map = header->status & KDUMP_STATUS_NO_VMEMMAP,
		.split = header->split,
		.split_start = header->start_pfn,
		.split_end = header->end_pfn,
	};
	dump->said = header->said;
	dump->eraseinfo_offset = header->eraseinfo_offset;
	dump->eraseinfo_size = (uint32_t)header->eraseinfo_size;
	memcpy(dump->uts_machine, header->uts_machine, sizeof(dump->uts_machine));
}

/* QEMU names the machine of an x86 or an s390x and calls all others "Unknown"; the registers that
 * it saves tell them apart. */
static void find_machine(struct vmc_dump *dump)
{
	const struct note *registers = notes_find(&dump->notes, "CORE", NT_PRSTATUS);

	if (strcmp(dump->uts_machine, "Unknown") == 0 && registers)
		dump->machine = machine_from_prstatus(dump->layout, registers->size);
}

static void take_phys_base(struct vmc_dump *dump, const struct kdump_header *header)
{
	dump->phys_base_hint = header->phys_base;
	dump->has_phys_base_hint = phys_base_is_credible(dump);
}

static struct vmc_error *kdump_open(struct vmc_dump *dump)
{
	struct kdump *kdump = calloc(1, sizeof(*kdump));

	if (!kdump)
		return error_nomem();
	dump->private = kdump; /* from here on kdump_close() frees it */
	extents_init(&kdump->known);
	extents_init(&kdump->stored);
	extents_init(&kdump->present);
	extents_init(&kdump->joined);
	TRY(kdump_header_read(dump->file, &kdump->header));
	describe(dump, &kdump->header);
	TRY(read_notes(dump, &kdump->header));
	TRY(read_map_form(dump, kdump));
	find_machine(dump);
	take_phys_base(dump, &kdump->header);
	TRY(read_bitmaps(dump, kdump));
	TRY(find_table(dump, kdump));
	TRY(find_checksums(dump, kdump));
	dump->end_pfn = max_u64(extents_end(&kdump->known), extents_end(&kdump->stored));
	tell(dump, &kdump->header);
	return NULL;
}

static void kdump_close(struct vmc_dump *dump)
{
	struct kdump *kdump = dump->private;

	if (!kdump)
		return;
	extents_deinit(&kdump->known);
	extents_deinit(&kdump->stored);
	extents_deinit(&kdump->present);
	extents_deinit(&kdump->joined);
	kdump_set_close(kdump);
	free(kdump);
	dump->private = NULL;
}

/* The next extent from @from on, cut so that it does not begin before. */
static bool next_extent(const struct extents *extents, vmc_pfn from, struct extent *ret)
{
	if (!extents_find(extents, from, ret, NULL))
		return false;
	if (ret->start < from) {
		ret->count -= from - ret->start;
		ret->start = from;
	}
	return true;
}

bool kdump_next_run_of(const struct extents *all_known, const struct extents *stored, vmc_pfn from,
		       struct vmc_memory_run *ret_run)
{
	struct extent content, known;
	bool has_content = next_extent(stored, from, &content);
	bool has_known = next_extent(all_known, from, &known);

	if (has_content && (!has_known || content.start <= known.start)) {
		*ret_run = (struct vmc_memory_run){
			.start = content.start, .count = content.count, .kind = VMC_MEMORY_DATA};
		return true;
	}
	if (!has_known)
		return false;
	if (has_content)
		known.count = min_u64(known.count, content.start - known.start);
	*ret_run = (struct vmc_memory_run){
		.start = known.start, .count = known.count, .kind = VMC_MEMORY_NODATA};
	return true;
}

static bool kdump_next_run(const struct vmc_dump *dump, vmc_pfn from,
			   struct vmc_memory_run *ret_run)
{
	const struct kdump *kdump = dump->private;

	return kdump_next_run_of(&kdump->known,
				 kdump->part_count ? &kdump->joined : kdump_content(kdump), from,
				 ret_run);
}

/* As many as are looked at together. */
#define COUNT_DESCRIPTORS 1024

static struct vmc_error *count_compact(const struct vmc_dump *dump, uint64_t *count)
{
	const struct kdump *kdump = dump->private;
	uint64_t left = (kdump->table_end - kdump->table_offset) / KDUMP_DESCRIPTOR_SIZE;
	uint8_t bytes[COUNT_DESCRIPTORS * KDUMP_DESCRIPTOR_SIZE];
	vmc_foff offset = kdump->table_offset;

	while (left && kdump->has_compact_pages) {
		size_t n = (size_t)min_u64(left, COUNT_DESCRIPTORS);

		TRY(io_file_read(dump->file, offset, bytes, n * KDUMP_DESCRIPTOR_SIZE));
		for (size_t i = 0; i < n; i++) {
			struct kdump_descriptor descriptor = kdump_descriptor_load(
				kdump->header.layout, bytes + i * KDUMP_DESCRIPTOR_SIZE);

			*count += kdump_is_compact(kdump, &descriptor);
		}
		offset += n * KDUMP_DESCRIPTOR_SIZE;
		left -= n;
	}
	return NULL;
}

static struct vmc_error *kdump_compact_pages(const struct vmc_dump *dump, uint64_t *ret_count)
{
	const struct kdump *kdump = dump->private;
	uint64_t count = 0;

	if (!kdump->part_count)
		TRY(count_compact(dump, &count));
	for (size_t i = 0; i < kdump->part_count; i++)
		TRY(count_compact(kdump->parts[i], &count));
	*ret_count = count;
	return NULL;
}

const struct dump_format dump_format_kdump = {
	.name = "kdump",
	.description = "kdump-compressed",
	.may_be_cut = true,
	.probe = kdump_probe,
	.open = kdump_open,
	.close = kdump_close,
	.join = kdump_set_join,
	.next_run = kdump_next_run,
	.cursor_create = kdump_cursor_create,
	.cursor_destroy = kdump_cursor_destroy,
	.cursor_memory = kdump_cursor_memory,
	.get = kdump_get,
	.get_stored = kdump_get_stored,
	.compact_pages = kdump_compact_pages,
	.shrank = kdump_set_shrank,
};
