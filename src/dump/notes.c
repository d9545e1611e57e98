/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/notes.h"

#include <elf.h>
#include <inttypes.h>

#include "base/checked.h"
#include "base/grow.h"

#define NOTE_HEADER_SIZE 12 /* Elf32_Nhdr and Elf64_Nhdr are the same */

/* A walk along one segment. */
struct scan {
	struct io_file *file;
	struct layout layout;
	vmc_foff start;
	uint64_t size;
	uint64_t padding;  /* of name and descriptor: 4 or 8 bytes */
	uint64_t position; /* of the next note, from start */
	bool odd;          /* a note had no proper name: the padding may be another */
};

/* What has to be undone when a walk with another padding is tried. */
struct notes_mark {
	size_t count, segment_count;
};

void notes_deinit(struct notes *notes)
{
	free(notes->list);
	free(notes->segments);
	*notes = (struct notes){0};
}

static struct vmc_error *notes_add(struct notes *notes, const struct note *note)
{
	if (notes->count == NOTE_COUNT_MAX)
		return error_create(VMC_ERR_LIMIT, "there are more than %zu notes", NOTE_COUNT_MAX);
	TRY(grow_array((void **)&notes->list, &notes->capacity, notes->count + 1,
		       sizeof(*notes->list)));
	notes->list[notes->count++] = *note;
	return NULL;
}

static struct vmc_error *notes_add_segment(struct notes *notes, vmc_foff offset, uint64_t size)
{
	if (!size)
		return NULL;
	TRY(grow_array((void **)&notes->segments, &notes->segment_capacity,
		       notes->segment_count + 1, sizeof(*notes->segments)));
	notes->segments[notes->segment_count++] =
		(struct note_segment){.offset = offset, .size = size};
	return NULL;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

/* Takes the name without what follows its NUL. */
static void name_copy(struct note *note, const uint8_t *name, uint32_t size)
{
	for (uint32_t i = 0; i < size && i < NOTE_NAME_MAX - 1 && name[i]; i++)
		note->name[i] = (char)name[i];
}

static bool name_is_proper(const struct note *note)
{
	for (const char *c = note->name; *c; c++) {
		if (*c < ' ' || *c > '~')
			return false;
	}
	return note->name[0];
}

/* Reads the note at scan->position and moves on behind it.  *ret_more is false at the end. */
static struct vmc_error *scan_note(struct scan *scan, struct note *ret_note, bool *ret_more)
{
	uint8_t bytes[NOTE_HEADER_SIZE + NOTE_NAME_MAX];
	uint64_t left = scan->size - scan->position;
	vmc_foff where = scan->start + scan->position;
	size_t n = (size_t)min_u64(sizeof(bytes), left);

	TRY(io_file_read(scan->file, where, bytes, n));
	*ret_more = !is_zero(bytes, n < NOTE_HEADER_SIZE ? n : NOTE_HEADER_SIZE);
	if (!*ret_more)
		return NULL;
	if (n < NOTE_HEADER_SIZE)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, where,
				       "its header runs past the end of the notes");

	uint32_t name_size = load_u32(scan->layout, bytes);
	uint32_t size = load_u32(scan->layout, bytes + 4);
	/* These are sums of 32-bit numbers in 64 bits: they cannot overflow. */
	uint64_t descriptor = align_down(NOTE_HEADER_SIZE + (uint64_t)name_size + scan->padding - 1,
					 scan->padding);

	if (name_size > left - NOTE_HEADER_SIZE)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, where,
				       "its name of %" PRIu32
				       " bytes (n_namesz) runs past the end of the notes",
				       name_size);
	if (size && (descriptor > left || size > left - descriptor))
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, where,
				       "its descriptor of %" PRIu32
				       " bytes (n_descsz) runs past the end of the notes",
				       size);

	*ret_note = (struct note){
		.type = load_u32(scan->layout, bytes + 8),
		.offset = scan->start + min_u64(scan->position + descriptor, scan->size),
		.size = size,
	};
	name_copy(ret_note, bytes + NOTE_HEADER_SIZE,
		  (uint32_t)min_u64(name_size, n - NOTE_HEADER_SIZE));
	/* The padding behind the last descriptor may be missing. */
	scan->position +=
		min_u64(align_down(descriptor + size + scan->padding - 1, scan->padding), left);
	return NULL;
}

static struct vmc_error *scan_all(struct notes *notes, struct scan *scan)
{
	struct vmc_error *err = NULL;

	for (size_t index = 0; !err && scan->position < scan->size; index++) {
		struct note note;
		bool more = false; /* gcc -Os does not see that it is set */

		err = error_context(scan_note(scan, &note, &more), "note %zu", index);
		if (err || !more)
			break;
		scan->odd |= !name_is_proper(&note);
		err = notes_add(notes, &note);
	}
	struct vmc_error *segment_err = notes_add_segment(notes, scan->start, scan->position);

	if (!err)
		return segment_err;
	vmc_error_free(segment_err);
	return err;
}

static struct vmc_error *scan_init(struct scan *scan, struct io_file *file, struct layout layout,
				   vmc_foff offset, uint64_t size, uint64_t padding)
{
	uint64_t end;

	if (!checked_add(offset, size, &end))
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, offset,
				       "notes of 0x%" PRIx64 " bytes go beyond all offsets", size);
	*scan = (struct scan){
		.file = file, .layout = layout, .start = offset, .size = size, .padding = padding};
	return NULL;
}

struct vmc_error *notes_scan(struct notes *notes, struct io_file *file, struct layout layout,
			     vmc_foff offset, uint64_t size)
{
	struct scan scan;

	TRY(scan_init(&scan, file, layout, offset, size, 4));
	return scan_all(notes, &scan);
}

static struct notes_mark notes_mark(const struct notes *notes)
{
	return (struct notes_mark){.count = notes->count, .segment_count = notes->segment_count};
}

static void notes_rewind(struct notes *notes, struct notes_mark mark)
{
	notes->count = mark.count;
	notes->segment_count = mark.segment_count;
}

struct vmc_error *notes_scan_align8(struct notes *notes, struct io_file *file, struct layout layout,
				    vmc_foff offset, uint64_t size)
{
	static const uint64_t paddings[] = {4, 8};
	struct notes_mark mark = notes_mark(notes);

	for (size_t i = 0; i < sizeof(paddings) / sizeof(paddings[0]); i++) {
		struct scan scan;

		TRY(scan_init(&scan, file, layout, offset, size, paddings[i]));
		struct vmc_error *err = scan_all(notes, &scan);

		if (!err && !scan.odd)
			return NULL;
		if (err && vmc_error_code(err) != VMC_ERR_CORRUPT)
			return err;
		vmc_error_free(err);
		notes_rewind(notes, mark);
	}
	/* Neither makes sense: what is wrong is told of the usual padding. */
	return notes_scan(notes, file, layout, offset, size);
}

const struct note *notes_find(const struct notes *notes, const char *name, uint32_t type)
{
	for (size_t i = 0; i < notes->count; i++) {
		if (notes->list[i].type == type && strcmp(notes->list[i].name, name) == 0)
			return &notes->list[i];
	}
	return NULL;
}

uint32_t notes_cpu_count(const struct notes *notes)
{
	uint32_t count = 0;

	for (size_t i = 0; i < notes->count; i++) {
		if (notes->list[i].type == NT_PRSTATUS && strcmp(notes->list[i].name, "CORE") == 0)
			count++;
	}
	return count;
}

struct vmc_error *note_read(const struct note *note, struct io_file *file, size_t limit,
			    char **ret_bytes, size_t *ret_size)
{
	if (note->size > limit)
		return error_create_at(VMC_ERR_LIMIT, ERROR_AT_OFFSET, note->offset,
				       "the note %s has %" PRIu32 " bytes, %zu are the most",
				       note->name, note->size, limit);
	_cleanup_free_ char *bytes = malloc((size_t)note->size + 1);

	if (!bytes)
		return error_nomem();
	TRY(error_context(io_file_read(file, note->offset, bytes, note->size), "note %s",
			  note->name));
	bytes[note->size] = '\0';
	*ret_size = note->size;
	*ret_bytes = take_ptr(bytes);
	return NULL;
}
