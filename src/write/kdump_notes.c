/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes of a kdump-compressed file: those of the input, or, where only the memory map is kept,
 * new ones. */
#include <elf.h>
#include <string.h>

#include "base/checked.h"
#include "write/kdump_headers.h"

#define NOTE_NAME        "VMCOREINFO"
#define NOTE_HEADER_SIZE 12
#define NOTE_NAME_SIZE   12 /* padded to words */
#define NOTE_ALIGN       4
#define COPY_SIZE        ((size_t)64 << 10)

static uint64_t aligned(uint64_t size)
{
	return size + (-size & (NOTE_ALIGN - 1));
}

/* Does the input carry VMCOREINFO as a note, which is then copied with the others? */
static bool has_vmcoreinfo_note(const struct vmc_target *target)
{
	const struct notes *notes = &target->dump->notes;

	for (size_t i = 0; target->vmcoreinfo_offset && i < notes->segment_count; i++) {
		if (target->vmcoreinfo_offset - notes->segments[i].offset < notes->segments[i].size)
			return true;
	}
	return false;
}

/* The notes of all segments follow each other, each segment padded to words. */
static void plan_copy(const struct vmc_target *target, struct kdump_places *places)
{
	const struct notes *notes = &target->dump->notes;
	uint64_t size = 0;

	places->vmcoreinfo_size = target->vmcoreinfo.size;
	for (size_t i = 0; i < notes->segment_count; i++) {
		uint64_t inside = target->vmcoreinfo_offset - notes->segments[i].offset;

		if (target->vmcoreinfo_offset && inside < notes->segments[i].size)
			places->vmcoreinfo = places->note + size + inside;
		size += aligned(notes->segments[i].size);
	}
	if (!has_vmcoreinfo_note(target)) {
		places->vmcoreinfo = places->note + size + NOTE_HEADER_SIZE + NOTE_NAME_SIZE;
		size += NOTE_HEADER_SIZE + NOTE_NAME_SIZE + aligned(places->vmcoreinfo_size);
	}
	places->note_size = size;
}

static struct vmc_error *copy_range(struct io_file *from, vmc_foff from_offset, struct io_file *to,
				    vmc_foff to_offset, uint64_t size)
{
	_cleanup_free_ uint8_t *buffer = malloc(COPY_SIZE);

	if (!buffer)
		return error_nomem();
	while (size) {
		size_t n = min_u64(size, COPY_SIZE);

		TRY(io_file_read(from, from_offset, buffer, n));
		TRY(io_file_write(to, to_offset, buffer, n));
		from_offset += n;
		to_offset += n;
		size -= n;
	}
	return NULL;
}

static struct vmc_error *write_copy(const struct writer *writer, const struct kdump_places *places)
{
	const struct vmc_target *target = writer->plan->target;
	const struct notes *notes = &target->dump->notes;
	struct io_file *file = writer->output->file;
	vmc_foff offset = places->note;

	for (size_t i = 0; i < notes->segment_count; i++) {
		TRY(error_context(copy_range(target->dump->file, notes->segments[i].offset, file,
					     offset, notes->segments[i].size),
				  "notes"));
		offset += aligned(notes->segments[i].size);
	}
	if (has_vmcoreinfo_note(target))
		return NULL;

	uint8_t header[NOTE_HEADER_SIZE + NOTE_NAME_SIZE] = {0};

	store_u32(target->layout, header, sizeof(NOTE_NAME));
	store_u32(target->layout, header + 4, (uint32_t)places->vmcoreinfo_size);
	memcpy(header + NOTE_HEADER_SIZE, NOTE_NAME, sizeof(NOTE_NAME));
	TRY(io_file_write(file, offset, header, sizeof(header)));
	return io_file_write(file, places->vmcoreinfo, target->vmcoreinfo.text,
			     places->vmcoreinfo_size);
}

/* Notes one behind the other: counted, or written too. */
struct note_sink {
	struct io_file *file; /* NULL: only counted */
	struct layout layout;
	vmc_foff offset; /* of the next note */
};

/* A descriptor of NULL is zeros, which need no writing: the file was made in its full size. */
static struct vmc_error *put_note(struct note_sink *sink, const char *name, uint32_t type,
				  const void *descriptor, uint32_t size, vmc_foff *ret_descriptor)
{
	uint8_t header[NOTE_HEADER_SIZE + NOTE_NAME_MAX] = {0};
	uint32_t name_size = (uint32_t)strlen(name) + 1;
	vmc_foff offset = sink->offset;
	uint64_t header_size = NOTE_HEADER_SIZE + aligned(name_size);

	*ret_descriptor = offset + header_size;
	sink->offset = *ret_descriptor + aligned(size);
	if (!sink->file)
		return NULL;
	store_u32(sink->layout, header, name_size);
	store_u32(sink->layout, header + 4, size);
	store_u32(sink->layout, header + 8, type);
	memcpy(header + NOTE_HEADER_SIZE, name, name_size);
	TRY(io_file_write(sink->file, offset, header, header_size));
	return descriptor ? io_file_write(sink->file, *ret_descriptor, descriptor, size) : NULL;
}

/* A note for each CPU, since readers count them, but nothing of its registers: they may hold what
 * a program was just working on.  Notes of drivers (NT_VMCOREDD) and of QEMU are left out. */
static struct vmc_error *put_cpus(struct note_sink *sink, const struct notes *notes)
{
	vmc_foff unused;

	for (size_t i = 0; i < notes->count; i++) {
		const struct note *note = &notes->list[i];

		if (note->type == NT_PRSTATUS && strcmp(note->name, "CORE") == 0)
			TRY(put_note(sink, note->name, note->type, NULL, note->size, &unused));
	}
	return NULL;
}

static struct vmc_error *put_all(struct note_sink *sink, const struct vmc_plan *plan,
				 vmc_foff *ret_vmcoreinfo)
{
	const struct vmc_target *target = plan->target;
	vmc_foff unused;

	TRY(put_cpus(sink, &target->dump->notes));
	TRY(put_note(sink, NOTE_NAME, 0, target->vmcoreinfo.text, (uint32_t)target->vmcoreinfo.size,
		     ret_vmcoreinfo));
	for (uint32_t i = 0; i < OWN_NOTE_COUNT; i++) {
		const char *text = plan->parts.notes[i];

		if (text)
			TRY(put_note(sink, OWN_NOTE_NAME, OWN_NOTE_TYPE(i), text,
				     (uint32_t)strlen(text), &unused));
	}
	return NULL;
}

struct vmc_error *kdump_notes_plan(const struct vmc_plan *plan, struct kdump_places *places)
{
	struct note_sink sink = {.layout = plan->target->layout, .offset = places->note};

	if (!plan->parts.active) {
		plan_copy(plan->target, places);
		return NULL;
	}
	TRY(put_all(&sink, plan, &places->vmcoreinfo));
	places->vmcoreinfo_size = plan->target->vmcoreinfo.size;
	places->note_size = sink.offset - places->note;
	return NULL;
}

struct vmc_error *kdump_notes_write(const struct writer *writer, const struct kdump_places *places)
{
	struct note_sink sink = {
		.file = writer->output->file,
		.layout = writer->plan->target->layout,
		.offset = places->note,
	};
	vmc_foff unused;

	if (!writer->plan->parts.active)
		return write_copy(writer, places);
	return put_all(&sink, writer->plan, &unused);
}
