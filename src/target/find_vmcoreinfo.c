/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/find_vmcoreinfo.h"

#include <string.h>

#include "base/checked.h"

#define NOTE_NAME  "VMCOREINFO"
#define SCAN_CHUNK ((size_t)1 << 20)

/* The note as it lies in RAM: three words, the name padded to 12 bytes, the text. */
#define NOTE_HEADER_SIZE 12
#define NOTE_TEXT_OFFSET 24

struct vmc_error *vmcoreinfo_from_file(const char *path, struct vmcoreinfo *ret)
{
	_cleanup_(io_file_close) struct io_file *file = NULL;

	TRY(io_file_open(path, &file));
	if (file->size > VMCOREINFO_SIZE_MAX)
		return error_create(VMC_ERR_LIMIT, "%s: %ju bytes are too many for VMCOREINFO",
				    path, (uintmax_t)file->size);

	_cleanup_free_ char *text = malloc(file->size + 1);

	if (!text)
		return error_nomem();
	TRY(io_file_read(file, 0, text, file->size));
	return error_context(vmcoreinfo_parse(text, file->size, ret), "%s", path);
}

struct vmc_error *vmcoreinfo_from_note(struct vmc_dump *dump, struct vmcoreinfo *ret,
				       vmc_foff *ret_offset, bool *ret_found)
{
	const struct note *note = notes_find(&dump->notes, NOTE_NAME, 0);
	_cleanup_free_ char *text = NULL;
	size_t size;

	*ret_found = note;
	if (!note)
		return NULL;
	TRY(note_read(note, dump->file, VMCOREINFO_SIZE_MAX, &text, &size));
	TRY(error_context(vmcoreinfo_parse(text, size, ret), "VMCOREINFO at offset 0x%jx",
			  (uintmax_t)note->offset));
	*ret_offset = note->offset;
	return NULL;
}

/* Is there a note at @address, whose name was seen there?  It is no error when not. */
static struct vmc_error *try_note(struct vmc_dump_cursor *cursor, vmc_paddr address,
				  struct vmcoreinfo *ret, bool *ret_found)
{
	uint8_t header[NOTE_HEADER_SIZE];
	struct layout layout = cursor->dump->layout;
	struct vmc_error *err = vmc_dump_read(cursor, address, header, sizeof(header));

	if (err) {
		vmc_error_free(err);
		return NULL;
	}
	/* The byte order of memory need not be that of the file: the name's length tells. */
	layout.big_endian =
		load_u32((struct layout){.big_endian = true}, header) == sizeof(NOTE_NAME);

	uint32_t size = load_u32(layout, header + 4);

	if (load_u32(layout, header) != sizeof(NOTE_NAME) || load_u32(layout, header + 8) != 0 ||
	    !size || size > VMCOREINFO_SIZE_MAX)
		return NULL;

	_cleanup_free_ char *text = malloc(size);

	if (!text)
		return error_nomem();
	err = vmc_dump_read(cursor, address + NOTE_TEXT_OFFSET, text, size);
	if (!err)
		err = vmcoreinfo_parse(text, size, ret);
	if (err) {
		vmc_error_free(err);
		return NULL;
	}
	*ret_found = vmcoreinfo_string(ret, "OSRELEASE") && vmcoreinfo_string(ret, "PAGESIZE");
	if (!*ret_found)
		vmcoreinfo_deinit(ret);
	return NULL;
}

struct vmc_error *vmcoreinfo_from_pointer(struct vmc_dump *dump, struct vmcoreinfo *ret,
					  bool *ret_found)
{
	_cleanup_(vmc_dump_cursor_destroy) struct vmc_dump_cursor *cursor = NULL;
	const struct arch_ops *ops = arch_find(dump->machine);
	struct layout layout = {.big_endian = ops && ops->big_endian};
	uint8_t pointer[8];

	*ret_found = false;
	if (!ops || !ops->vmcoreinfo_pointer)
		return NULL;
	TRY(vmc_dump_cursor_create(dump, &cursor));

	struct vmc_error *err =
		vmc_dump_read(cursor, ops->vmcoreinfo_pointer, pointer, sizeof(pointer));

	if (err) {
		vmc_error_free(err);
		return NULL;
	}
	/* While it boots, s390x leaves there how far the image was moved, marked as odd. */
	if (load_u64(layout, pointer) % 2 || !load_u64(layout, pointer))
		return NULL;
	return try_note(cursor, load_u64(layout, pointer), ret, ret_found);
}

/* Looks for the name in a piece of memory that lies together. */
static struct vmc_error *scan_piece(struct vmc_dump_cursor *cursor, vmc_paddr start,
				    const uint8_t *bytes, size_t size, vmc_paddr *from,
				    struct vmcoreinfo *ret, bool *ret_found)
{
	size_t at = 0;
	const uint8_t *hit;

	while ((hit = memmem(bytes + at, size - at, NOTE_NAME, sizeof(NOTE_NAME)))) {
		vmc_paddr name = start + (vmc_paddr)(hit - bytes);

		at = (size_t)(hit - bytes) + 1;
		if (name < NOTE_HEADER_SIZE)
			continue;
		TRY(try_note(cursor, name - NOTE_HEADER_SIZE, ret, ret_found));
		if (*ret_found) {
			*from = name + 1;
			return NULL;
		}
	}
	return NULL;
}

struct vmc_error *vmcoreinfo_from_memory(struct vmc_dump *dump, vmc_paddr *from,
					 struct vmcoreinfo *ret, bool *ret_found)
{
	_cleanup_(vmc_dump_cursor_destroy) struct vmc_dump_cursor *cursor = NULL;
	_cleanup_(vmc_dump_cursor_destroy) struct vmc_dump_cursor *notes = NULL;
	vmc_paddr start;
	uint64_t size;

	*ret_found = false;
	TRY(vmc_dump_cursor_create(dump, &cursor));
	TRY(vmc_dump_cursor_create(dump, &notes));
	while (dump_next_range(dump, *from, &start, &size)) {
		const void *bytes;
		size_t n;

		TRY(dump_get(cursor, start, min_u64(size, SCAN_CHUNK), &bytes, &n));
		TRY(scan_piece(notes, start, bytes, n, from, ret, ret_found));
		TRY(dump_check(cursor));
		if (*ret_found)
			return NULL;
		/* The next piece begins a little earlier, for a name that lies across the border.
		 */
		*from = n > sizeof(NOTE_NAME) ? start + n - sizeof(NOTE_NAME) + 1 : start + n;
		if (n == size || n <= sizeof(NOTE_NAME))
			*from = start + n;
	}
	return NULL;
}
