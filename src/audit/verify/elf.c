/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments of an ELF file: in the file, and each page how often? */
#include <elf.h>
#include <inttypes.h>

#include "audit/verify/verify.h"
#include "base/checked.h"
#include "dump/elf_header.h"

static void segment_check(struct verify *verify, const struct elf_segment *segment)
{
	vmc_foff end;

	if (!verify->dump->file->size || segment->type == PT_NULL ||
	    (checked_add(segment->offset, segment->file_size, &end) &&
	     end <= verify->dump->file->size))
		return;
	verify_found(verify, VMC_VERIFY_SEGMENT, VERIFY_NOWHERE, segment->offset,
		     "program header %" PRIu32 ": 0x%" PRIx64 " bytes at offset 0x%" PRIx64
		     " go beyond the end of the file at 0x%" PRIx64,
		     segment->index, segment->file_size, segment->offset, verify->dump->file->size);
}

/* Bytes of memory that the file has. */
static uint64_t bytes_there(const struct vmc_dump *dump)
{
	vmc_paddr start, at = 0;
	uint64_t size, sum = 0;

	while (dump_next_range(dump, at, &start, &size)) {
		sum += size;
		at = start + size;
	}
	return sum;
}

struct vmc_error *verify_elf(struct verify *verify)
{
	struct elf_segment_iter iter;
	struct elf_segment segment;
	struct elf_header header;
	uint64_t promised = 0, there = bytes_there(verify->dump);
	bool more;

	TRY(elf_header_read(verify->dump->file, &header));
	elf_segment_iter_init(&iter, verify->dump->file, &header);
	for (;;) {
		TRY(elf_segment_iter_next(&iter, &segment, &more));
		if (!more)
			break;
		segment_check(verify, &segment);
		if (segment.type == PT_LOAD && segment.has_paddr)
			promised += segment.file_size;
	}
	if (promised > there && !verify->summary->findings[VMC_VERIFY_SEGMENT])
		verify->summary->overlapping = (promised - there) / verify->dump->page_size;
	return NULL;
}
