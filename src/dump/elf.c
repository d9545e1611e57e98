/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF cores: /proc/vmcore and copies of it, makedumpfile -E, dump-guest-memory of QEMU,
 * /proc/kcore.
 */
#include <elf.h>
#include <inttypes.h>

#include "base/checked.h"
#include "dump/dump.h"
#include "dump/elf_header.h"
#include "dump/elf_table.h"

/* The widest physical addresses of Linux are those of riscv64: 56 bits. */
#define PADDR_END ((uint64_t)1 << 56)

/* Where x86_64 links its kernel (__START_KERNEL_map) and where its modules begin at the latest. */
#define X86_64_KERNEL_START 0xffffffff80000000u
#define X86_64_KERNEL_END   0xffffffffc0000000u

struct elf {
	struct elf_table table;
	struct elf_runs runs;
	/* What headers promise beyond the end of the file. */
	uint64_t lost_bytes;
	uint32_t lost_segments;
};

struct elf_cursor {
	struct io_window *window;
	size_t range; /* in the table, of the last get(): the next page is mostly there too */
};

static bool elf_probe(const void *head, size_t size)
{
	return elf_magic_matches(head, size);
}

static struct vmc_error *load_check(const struct elf_segment *segment, uint64_t size)
{
	vmc_paddr end;
	vmc_foff file_end;

	if (!checked_add(segment->paddr, size, &end))
		return error_create(VMC_ERR_CORRUPT,
				    "p_paddr 0x%" PRIx64 " + p_memsz 0x%" PRIx64
				    " is more than 64 bits",
				    segment->paddr, size);
	if (end > PADDR_END)
		return error_create(VMC_ERR_LIMIT,
				    "p_paddr 0x%" PRIx64 " + p_memsz 0x%" PRIx64
				    " is more than 56 bits",
				    segment->paddr, size);
	if (!checked_add(segment->offset, segment->file_size, &file_end) || file_end > INT64_MAX)
		return error_create(VMC_ERR_CORRUPT,
				    "p_offset 0x%" PRIx64 " + p_filesz 0x%" PRIx64
				    " is beyond all offsets",
				    segment->offset, segment->file_size);
	return NULL;
}

/* How much of [offset, offset + size) is in the file. */
static uint64_t size_present(const struct io_file *file, vmc_foff offset, uint64_t size)
{
	if (!file->size) /* a device: it does not tell */
		return size;
	return offset >= file->size ? 0 : min_u64(size, file->size - offset);
}

/* Adds a PT_LOAD: what the file has of it, what it should have, and what was left out. */
static struct vmc_error *load_add(struct vmc_dump *dump, const struct elf_segment *segment)
{
	struct elf *elf = dump->private;
	uint64_t size = max_u64(segment->memory_size, segment->file_size);

	if (!segment->has_paddr || !size)
		return NULL;
	TRY(load_check(segment, size));

	uint64_t present = size_present(dump->file, segment->offset, segment->file_size);
	uint64_t lost = segment->file_size - present;
	struct elf_range content = {segment->paddr, present, segment->offset, ELF_RANGE_CONTENT, 0};
	struct elf_range rest = {segment->paddr + present, lost, segment->offset + present,
				 ELF_RANGE_LOST, 0};
	struct elf_range left_out = {segment->paddr + segment->file_size, size - segment->file_size,
				     0, ELF_RANGE_NODATA, 0};

	TRY(elf_table_add(&elf->table, &content));
	TRY(elf_table_add(&elf->table, &rest));
	TRY(elf_table_add(&elf->table, &left_out));
	elf->lost_bytes += lost;
	elf->lost_segments += lost != 0;
	dump->history.filtered |= left_out.size != 0;
	return NULL;
}

static struct vmc_error *note_scan(struct vmc_dump *dump, const struct elf_segment *segment,
				   uint64_t size)
{
	if (segment->align == 8)
		return notes_scan_align8(&dump->notes, dump->file, dump->layout, segment->offset,
					 size);
	return notes_scan(&dump->notes, dump->file, dump->layout, segment->offset, size);
}

static struct vmc_error *note_add(struct vmc_dump *dump, const struct elf_segment *segment)
{
	uint64_t present = size_present(dump->file, segment->offset, segment->file_size);
	struct vmc_error *err = note_scan(dump, segment, present);

	if (present == segment->file_size || (err && vmc_error_code(err) != VMC_ERR_CORRUPT))
		return err;
	/* The file is cut off inside the notes: those before are still good. */
	log_warning(&dump->log,
		    "%s: the file is cut off in its notes: %" PRIu64 " of %" PRIu64
		    " bytes are there (%s)",
		    dump->file->path, present, segment->file_size,
		    err ? vmc_error_message(err) : "those are whole");
	vmc_error_free(err);
	return NULL;
}

/* x86_64: the offset between the kernel's virtual and physical addresses, from the segment of its
 * text.  Dumps of QEMU with paging have modules and more in segments of their own; the text is the
 * lowest of them. */
static void phys_base_learn(struct vmc_dump *dump, const struct elf_segment *segment,
			    vmc_vaddr *lowest)
{
	if (dump->machine != EM_X86_64 || !segment->has_paddr ||
	    segment->vaddr < X86_64_KERNEL_START || segment->vaddr >= *lowest)
		return;
	*lowest = segment->vaddr;
	dump->phys_base_hint = segment->paddr - (segment->vaddr - X86_64_KERNEL_START);
	dump->has_phys_base_hint = true;
}

/* Before 4.11 /proc/kcore says a p_paddr of 0 of every segment, in line or not, and means that it
 * does not know.  Memory that really begins at 0 lies in one segment, or has others above it. */
static struct vmc_error *paddrs_check(struct vmc_dump *dump, const struct elf_header *header,
				      bool *ret_known)
{
	struct elf_segment_iter iter;
	struct elf_segment segment;
	uint32_t zero = 0;
	bool more;

	*ret_known = true;
	elf_segment_iter_init(&iter, dump->file, header);
	while (true) {
		TRY(elf_segment_iter_next(&iter, &segment, &more));
		if (!more)
			break;
		if (segment.type != PT_LOAD || !segment.has_paddr || !segment.memory_size)
			continue;
		if (segment.paddr)
			return NULL;
		zero++;
	}
	*ret_known = zero < 2;
	return NULL;
}

static struct vmc_error *segments_read(struct vmc_dump *dump, const struct elf_header *header)
{
	struct elf_segment_iter iter;
	struct elf_segment segment;
	vmc_vaddr lowest_text = X86_64_KERNEL_END;
	bool more, paddrs_known;

	TRY(paddrs_check(dump, header, &paddrs_known));
	elf_segment_iter_init(&iter, dump->file, header);
	while (true) {
		struct vmc_error *err = NULL;

		TRY(elf_segment_iter_next(&iter, &segment, &more));
		if (!more)
			return NULL;
		segment.has_paddr &= paddrs_known;
		if (segment.type == PT_LOAD) {
			err = load_add(dump, &segment);
			phys_base_learn(dump, &segment, &lowest_text);
		} else if (segment.type == PT_NOTE) {
			err = note_add(dump, &segment);
		}
		TRY(error_context(err, "program header %" PRIu32, segment.index));
	}
}

static struct vmc_error *elf_open(struct vmc_dump *dump)
{
	struct elf *elf = calloc(1, sizeof(*elf));
	struct elf_header header;

	if (!elf)
		return error_nomem();
	dump->private = elf;
	TRY(elf_header_read(dump->file, &header));
	dump->layout = header.layout;
	dump->machine = header.machine;
	dump->history.incomplete = elf_flags_say_incomplete(&header) || dump->file->cut;
	TRY(segments_read(dump, &header));
	if (!elf->table.count)
		return error_create(VMC_ERR_CORRUPT,
				    "none of %" PRIu32
				    " program headers is memory with a physical address",
				    header.segment_count);
	if (elf->lost_bytes)
		log_warning(&dump->log,
			    "%s: the file is cut off at 0x%" PRIx64 ": %" PRIu64
			    " bytes of memory in %" PRIu32 " segments are missing",
			    dump->file->path, dump->file->size, elf->lost_bytes,
			    elf->lost_segments);
	return elf_table_resolve(&elf->table);
}

static void elf_close(struct vmc_dump *dump)
{
	struct elf *elf = dump->private;

	if (!elf)
		return;
	elf_table_deinit(&elf->table);
	elf_runs_deinit(&elf->runs);
	free(elf);
}

static struct vmc_error *elf_page_size_set(struct vmc_dump *dump)
{
	struct elf *elf = dump->private;

	TRY(elf_runs_build(&elf->table, dump->page_shift, &elf->runs));

	const struct vmc_memory_run *last = &elf->runs.list[elf->runs.count - 1];

	dump->end_pfn = last->start + last->count;
	return NULL;
}

static bool elf_next_run(const struct vmc_dump *dump, vmc_pfn from, struct vmc_memory_run *ret_run)
{
	const struct elf *elf = dump->private;

	return elf_runs_next(&elf->runs, from, ret_run);
}

static bool elf_next_range(const struct vmc_dump *dump, vmc_paddr from, vmc_paddr *ret_start,
			   uint64_t *ret_size)
{
	const struct elf_table *table = &((const struct elf *)dump->private)->table;

	for (size_t i = elf_table_find(table, from); i < table->count; i++) {
		const struct elf_range *range = &table->ranges[i];

		if (range->kind != ELF_RANGE_CONTENT)
			continue;
		*ret_start = max_u64(range->start, from);
		*ret_size = range->start + range->size - *ret_start;
		return true;
	}
	return false;
}

static struct vmc_error *elf_cursor_create(struct vmc_dump *dump, void **ret_state)
{
	struct elf_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return error_nomem();

	struct vmc_error *err = io_window_create(dump->file, !dump->no_mmap, &cursor->window);

	if (err) {
		free(cursor);
		return err;
	}
	*ret_state = cursor;
	return NULL;
}

static void elf_cursor_destroy(void *state)
{
	struct elf_cursor *cursor = state;

	io_window_destroy(cursor->window);
	free(cursor);
}

static size_t elf_cursor_memory(const struct vmc_dump *dump)
{
	return sizeof(struct elf_cursor) +
	       io_window_memory(max_u64(dump->page_size, IO_WINDOW_ANNOUNCED));
}

static struct vmc_error *elf_get(struct vmc_dump *dump, void *state, vmc_paddr address, size_t size,
				 const void **ret_bytes, size_t *ret_size)
{
	const struct elf_table *table = &((const struct elf *)dump->private)->table;
	struct elf_cursor *cursor = state;
	const struct elf_range *range = &table->ranges[cursor->range];

	if (address - range->start >= range->size) {
		size_t index = elf_table_find(table, address);

		if (index == table->count || table->ranges[index].start > address)
			return error_create_at(VMC_ERR_NODATA, ERROR_AT_PADDR, address,
					       "no segment has this address");
		cursor->range = index;
		range = &table->ranges[index];
	}

	uint64_t skip = address - range->start;

	if (range->kind == ELF_RANGE_NODATA)
		return error_create_at(VMC_ERR_NODATA, ERROR_AT_PADDR, address,
				       "the content of this memory was left out of the dump");
	if (range->kind == ELF_RANGE_LOST)
		return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, range->offset + skip,
				       "physical address 0x%" PRIx64
				       " lies beyond the end of the file",
				       address);
	size = (size_t)min_u64(min_u64(size, IO_WINDOW_MAX), range->size - skip);
	TRY(io_window_get(cursor->window, range->offset + skip, size, ret_bytes));
	*ret_size = size;
	return NULL;
}

static void elf_announce(struct vmc_dump *dump, void *state, vmc_paddr address, uint64_t size)
{
	const struct elf_table *table = &((const struct elf *)dump->private)->table;
	struct elf_cursor *cursor = state;
	size_t index = elf_table_find(table, address);
	const struct elf_range *range = &table->ranges[index];

	if (index == table->count || range->start > address || range->kind != ELF_RANGE_CONTENT)
		return;

	uint64_t skip = address - range->start;

	io_window_announce(cursor->window, range->offset + skip, min_u64(size, range->size - skip));
}

static struct vmc_error *elf_check(void *state)
{
	return io_window_check(((struct elf_cursor *)state)->window);
}

const struct dump_format dump_format_elf = {
	.name = "elf",
	.description = "ELF core",
	.may_be_cut = true,
	.probe = elf_probe,
	.open = elf_open,
	.close = elf_close,
	.page_size_set = elf_page_size_set,
	.next_run = elf_next_run,
	.next_range = elf_next_range,
	.cursor_create = elf_cursor_create,
	.cursor_destroy = elf_cursor_destroy,
	.cursor_memory = elf_cursor_memory,
	.get = elf_get,
	.announce = elf_announce,
	.check = elf_check,
};
