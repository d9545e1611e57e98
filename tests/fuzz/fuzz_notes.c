/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF notes: byte order and alignment, then the notes. */
#include <elf.h>

#include "dump/machine.h"
#include "dump/notes.h"
#include "dump/own_notes.h"
#include "fuzz_file.h"
#include "fuzz_input.h"

#define NOTE_READ_MAX ((size_t)1 << 20)

static void look_at(const struct notes *notes, const struct note *note, struct io_file *file,
		    struct layout layout)
{
	char *bytes;
	size_t size;

	fuzz_require(note->offset <= file->size && note->size <= file->size - note->offset);
	fuzz_require(memchr(note->name, '\0', NOTE_NAME_MAX));
	fuzz_require(notes_find(notes, note->name, note->type) != NULL);
	(void)machine_from_prstatus(layout, note->size);
	if (fuzz_failed(note_read(note, file, NOTE_READ_MAX, &bytes, &size)))
		return;
	fuzz_require(size == note->size && bytes[size] == '\0');
	free(bytes);
}

static void scan(struct io_file *file, struct layout layout, bool align8)
{
	struct notes notes = {0};
	uint64_t bytes = 0;

	fuzz_failed(
		(align8 ? notes_scan_align8 : notes_scan)(&notes, file, layout, 1, file->size - 1));
	for (size_t i = 0; i < notes.count; i++) {
		bytes += notes.list[i].size;
		if (i < 256) /* to look for each is a matter of squares */
			look_at(&notes, &notes.list[i], file, layout);
	}
	for (size_t i = 0; i < notes.segment_count; i++)
		fuzz_require(notes.segments[i].offset + notes.segments[i].size <= file->size);
	fuzz_require(bytes <= file->size && notes_cpu_count(&notes) <= notes.count);
	notes_deinit(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct io_file *file;

	if (!size || io_file_open(fuzz_file(data, size), &file))
		return 0;
	scan(file, (struct layout){data[0] & 1, data[0] & 2 ? 4 : 8}, data[0] & 4);
	io_file_close(file);
	return 0;
}
