/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes are in the byte order of the kernel's memory, as its tools want them; QEMU writes all
 * of a ppc64le dump but memory big endian. */
#include "write/notes.h"

#include <elf.h>
#include <string.h>

#include "base/checked.h"
#include "pages/free_map.h"

#define NOTE_NAME        "VMCOREINFO"
#define NOTE_HEADER_SIZE 12
#define NOTE_ALIGN       4
#define COPY_SIZE        ((size_t)64 << 10)

static uint64_t aligned(uint64_t size)
{
	return size + (-size & (NOTE_ALIGN - 1));
}

/* Notes one behind the other: counted, or written too. */
struct note_sink {
	struct output *output; /* NULL: only counted */
	struct layout layout;
	vmc_foff offset;     /* of the next note */
	vmc_foff descriptor; /* of the last one */
};

static struct vmc_error *put_header(struct note_sink *sink, const char *name, uint32_t type,
				    uint32_t size)
{
	uint8_t header[NOTE_HEADER_SIZE + NOTE_NAME_MAX] = {0};
	uint32_t name_size = *name ? (uint32_t)strlen(name) + 1 : 0;
	vmc_foff offset = sink->offset;
	uint64_t header_size = NOTE_HEADER_SIZE + aligned(name_size);

	sink->descriptor = offset + header_size;
	sink->offset = sink->descriptor + aligned(size);
	if (!sink->output)
		return NULL;
	store_u32(sink->layout, header, name_size);
	store_u32(sink->layout, header + 4, size);
	store_u32(sink->layout, header + 8, type);
	memcpy(header + NOTE_HEADER_SIZE, name, name_size);
	return output_write(sink->output, offset, header, header_size);
}

/* A descriptor of NULL is zeros, which need no writing: the file was made in its full size. */
static struct vmc_error *put_note(struct note_sink *sink, const char *name, uint32_t type,
				  const void *descriptor, uint32_t size)
{
	TRY(put_header(sink, name, type, size));
	if (!sink->output || !descriptor)
		return NULL;
	return output_write(sink->output, sink->descriptor, descriptor, size);
}

static struct vmc_error *copy_range(struct io_file *from, vmc_foff from_offset, struct output *to,
				    vmc_foff to_offset, uint64_t size)
{
	_cleanup_free_ uint8_t *buffer = malloc(COPY_SIZE);

	if (!buffer)
		return error_nomem();
	while (size) {
		size_t n = min_u64(size, COPY_SIZE);

		TRY(io_file_read(from, from_offset, buffer, n));
		TRY(output_write(to, to_offset, buffer, n));
		from_offset += n;
		to_offset += n;
		size -= n;
	}
	return NULL;
}

/* struct elf_prstatus of a 64-bit machine: registers behind what all have in common, and an int. */
#define PRSTATUS_REGISTERS 112
#define PRSTATUS_TAIL      8
#define PRSTATUS_SIZE_MAX  4096

static bool is_prstatus(const struct note *note)
{
	return note->type == NT_PRSTATUS && strcmp(note->name, "CORE") == 0;
}

static bool prstatus_is_known(const struct note *note, struct layout layout)
{
	return is_prstatus(note) && layout.word_size == 8 && note->size % 8 == 0 &&
	       note->size >= PRSTATUS_REGISTERS + PRSTATUS_TAIL && note->size <= PRSTATUS_SIZE_MAX;
}

static void reverse(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size / 2; i++) {
		uint8_t byte = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = byte;
	}
}

static void reverse_each(uint8_t *bytes, size_t start, size_t end, size_t size)
{
	for (; start < end; start += size)
		reverse(bytes + start, size);
}

static void prstatus_reverse(uint8_t *prstatus, size_t size)
{
	reverse_each(prstatus, 0, 12, 4);                  /* pr_info */
	reverse_each(prstatus, 12, 14, 2);                 /* pr_cursig */
	reverse_each(prstatus, 16, 32, 8);                 /* pr_sigpend, pr_sighold */
	reverse_each(prstatus, 32, 48, 4);                 /* pr_pid to pr_sid */
	reverse_each(prstatus, 48, PRSTATUS_REGISTERS, 8); /* times */
	reverse_each(prstatus, PRSTATUS_REGISTERS, size - PRSTATUS_TAIL, 8);
	reverse(prstatus + size - PRSTATUS_TAIL, 4); /* pr_fpvalid */
}

static struct vmc_error *put_prstatus_reversed(struct note_sink *sink, struct io_file *from,
					       const struct note *note)
{
	uint8_t bytes[PRSTATUS_SIZE_MAX];

	if (!sink->output)
		return put_header(sink, note->name, note->type, note->size);
	TRY(io_file_read(from, note->offset, bytes, note->size));
	prstatus_reverse(bytes, note->size);
	return put_note(sink, note->name, note->type, bytes, note->size);
}

static bool is_register_set(const struct note *note)
{
	return strcmp(note->name, "CORE") == 0 || strcmp(note->name, "LINUX") == 0;
}

/* In another byte order no tool reads the sets of registers beside NT_PRSTATUS: they are left out
 * rather than left wrong.  All other notes are text. */
static struct vmc_error *put_copy(struct note_sink *sink, const struct vmc_dump *dump,
				  const struct note *note)
{
	if (dump->layout.big_endian != sink->layout.big_endian && is_register_set(note)) {
		if (!prstatus_is_known(note, sink->layout))
			return NULL;
		return put_prstatus_reversed(sink, dump->file, note);
	}
	TRY(put_header(sink, note->name, note->type, note->size));
	if (!sink->output)
		return NULL;
	return copy_range(dump->file, note->offset, sink->output, sink->descriptor, note->size);
}

static struct vmc_error *put_vmcoreinfo(struct note_sink *sink, const struct identity *identity,
					vmc_foff *ret_vmcoreinfo)
{
	TRY(put_note(sink, NOTE_NAME, 0, identity->vmcoreinfo,
		     (uint32_t)identity->vmcoreinfo_size));
	*ret_vmcoreinfo = sink->descriptor;
	return NULL;
}

/* Of the input: this output is compact in its own way, or not at all. */
static bool is_map_form(const struct note *note)
{
	return note->type == OWN_NOTE_TYPE(OWN_NOTE_MAP_FORM) &&
	       strcmp(note->name, OWN_NOTE_NAME) == 0;
}

static struct vmc_error *put_map_form(struct note_sink *sink, const struct free_map *map)
{
	char text[MAP_FORM_TEXT_MAX];

	map_form_print(&map->form, text);
	return put_note(sink, OWN_NOTE_NAME, OWN_NOTE_TYPE(OWN_NOTE_MAP_FORM), text,
			(uint32_t)strlen(text));
}

/* All notes of the input, and VMCOREINFO if that came from elsewhere. */
static struct vmc_error *put_copies(struct note_sink *sink, const struct vmc_plan *plan,
				    vmc_foff *ret_vmcoreinfo)
{
	const struct identity *identity = &plan->identity;
	const struct notes *notes = &plan->dump->notes;
	bool found = false;

	for (size_t i = 0; i < notes->count; i++) {
		if (plan_note_is_eraseinfo(&notes->list[i]) || is_map_form(&notes->list[i]))
			continue;
		TRY(error_context(put_copy(sink, plan->dump, &notes->list[i]), "note %s",
				  notes->list[i].name));
		if (!identity->vmcoreinfo_offset ||
		    notes->list[i].offset != identity->vmcoreinfo_offset)
			continue;
		*ret_vmcoreinfo = sink->descriptor;
		found = true;
	}
	return found || !identity->vmcoreinfo_size ? NULL
						   : put_vmcoreinfo(sink, identity, ret_vmcoreinfo);
}

/* A note for each CPU, since readers count them, but nothing of its registers: they may hold what
 * a program was just working on.  Notes of drivers (NT_VMCOREDD) and of QEMU are left out. */
static struct vmc_error *put_cpus(struct note_sink *sink, const struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct note *note = &notes->list[i];

		if (is_prstatus(note))
			TRY(put_note(sink, note->name, note->type, NULL, note->size));
	}
	return NULL;
}

static struct vmc_error *put_parts(struct note_sink *sink, const struct vmc_plan *plan,
				   vmc_foff *ret_vmcoreinfo)
{
	TRY(put_cpus(sink, &plan->dump->notes));
	TRY(put_vmcoreinfo(sink, &plan->identity, ret_vmcoreinfo));
	for (uint32_t i = 0; i < OWN_NOTE_COUNT; i++) {
		const char *text = plan->parts.notes[i];

		if (text)
			TRY(put_note(sink, OWN_NOTE_NAME, OWN_NOTE_TYPE(i), text,
				     (uint32_t)strlen(text)));
	}
	return NULL;
}

static struct vmc_error *put_eraseinfo(struct note_sink *sink, const struct vmc_plan *plan)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;

	TRY(plan_eraseinfo(plan, &text, &size));
	return size ? put_note(sink, PLAN_ERASEINFO_NOTE, 0, text, (uint32_t)size) : NULL;
}

static struct vmc_error *put_all(struct note_sink *sink, const struct vmc_plan *plan,
				 enum notes_eraseinfo eraseinfo, vmc_foff *ret_vmcoreinfo)
{
	if (plan->parts.active)
		TRY(put_parts(sink, plan, ret_vmcoreinfo));
	else
		TRY(put_copies(sink, plan, ret_vmcoreinfo));
	if (plan->free_map)
		TRY(put_map_form(sink, plan->free_map));
	return eraseinfo == NOTES_ERASEINFO ? put_eraseinfo(sink, plan) : NULL;
}

struct vmc_error *notes_plan(const struct vmc_plan *plan, vmc_foff start,
			     enum notes_eraseinfo eraseinfo, struct notes_place *ret_place)
{
	struct note_sink sink = {.layout = plan->identity.layout, .offset = start};
	vmc_foff vmcoreinfo = 0;

	TRY(put_all(&sink, plan, eraseinfo, &vmcoreinfo));
	*ret_place = (struct notes_place){
		.start = start,
		.eraseinfo = eraseinfo,
		.size = sink.offset - start,
		.vmcoreinfo = vmcoreinfo,
		.vmcoreinfo_size = plan->identity.vmcoreinfo_size,
	};
	return NULL;
}

struct vmc_error *notes_write(const struct writer *writer, const struct notes_place *place)
{
	struct note_sink sink = {
		.output = writer->output,
		.layout = writer->plan->identity.layout,
		.offset = place->start,
	};
	vmc_foff unused;

	return put_all(&sink, writer->plan, place->eraseinfo, &unused);
}
