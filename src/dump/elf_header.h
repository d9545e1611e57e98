/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header and the program headers of an ELF core, of either word size and byte order.
 *
 * Own code, not libelf: QEMU since 7.2 puts section headers in front of the program headers, says 8
 * for e_ehsize and on big-endian guests writes one section header in the wrong byte order, all of
 * which libelf would have to get past before it shows a program header that is fine in itself.
 * A dump needs no more of ELF than two tables of numbers, and section headers only for PN_XNUM.
 */
#ifndef VMCULL_DUMP_ELF_HEADER_H
#define VMCULL_DUMP_ELF_HEADER_H

#include "base/io.h"
#include "base/layout.h"

/* /proc/vmcore has a few hundred; makedumpfile -E starts one wherever it left out 256 pages, which
 * makes a million of a terabyte at the worst. */
#define ELF_SEGMENTS_MAX ((uint32_t)1 << 20)

#define ELF64_PHDR_SIZE 56
#define ELF32_PHDR_SIZE 32

/* Where the fields are that depend on the word size, bytes; for reader and writer. */
struct elf_fields {
	uint8_t size; /* of the structure */
	uint8_t e_phoff, e_shoff, e_flags, e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum;
	uint8_t phdr_size;
	uint8_t p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
	uint8_t shdr_size;
	uint8_t sh_size, sh_info;
};

#define ELF_E_TYPE    16
#define ELF_E_MACHINE 18
#define ELF_E_VERSION 20

const struct elf_fields *elf_fields_of(struct layout layout);

/* makedumpfile sets it in e_flags of an ELF that it could not finish (DUMP_ELF_INCOMPLETE). */
#define ELF_FLAG_INCOMPLETE 1u

struct elf_header {
	struct layout layout;
	uint16_t machine;
	uint32_t flags;
	vmc_foff segments_offset;
	uint32_t segment_count;
};

/* A program header. */
struct elf_segment {
	uint32_t index; /* in the file */
	uint32_t type;
	vmc_foff offset;
	vmc_vaddr vaddr;
	vmc_paddr paddr;
	bool has_paddr; /* p_paddr is not -1, which /proc/kcore says of vmalloc and the like */
	uint64_t file_size;
	uint64_t memory_size;
	uint64_t align;
};

/* Does a file that begins like this claim to be ELF? */
bool elf_magic_matches(const void *head, size_t size);

/* Reads and checks the header. */
struct vmc_error *elf_header_read(struct io_file *file,
				  struct elf_header *ret_header) VMC_MUST_CHECK;

bool elf_flags_say_incomplete(const struct elf_header *header);

/* Marks a file whose header is written, where its machine leaves room for the mark. */
struct vmc_error *elf_mark_incomplete(struct io_file *file) VMC_MUST_CHECK;

/* Walks the program headers in the order of the file, a few at a time in memory. */
struct elf_segment_iter {
	struct io_file *file;
	const struct elf_header *header;
	uint32_t next, loaded_end; /* indexes: to hand out next, end of what bytes hold */
	uint32_t loaded_start;
	uint8_t bytes[64 * ELF64_PHDR_SIZE];
};

void elf_segment_iter_init(struct elf_segment_iter *iter, struct io_file *file,
			   const struct elf_header *header);
struct vmc_error *elf_segment_iter_next(struct elf_segment_iter *iter,
					struct elf_segment *ret_segment,
					bool *ret_more) VMC_MUST_CHECK;

#endif
