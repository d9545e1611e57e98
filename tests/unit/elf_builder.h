/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF cores for tests, generated from a short description.  Wherever no header lies, the file holds
 * scratch_byte() of the offset, so what is read says where it came from.
 */
#ifndef VMCULL_TESTS_ELF_BUILDER_H
#define VMCULL_TESTS_ELF_BUILDER_H

#include <elf.h>
#include <stdlib.h>

#include "base/layout.h"
#include "scratch_file.h"

struct built_segment {
	uint32_t type;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

#define LOAD(offset_, paddr_, filesz_, memsz_) \
	{ \
		.type = PT_LOAD, .offset = offset_, .paddr = paddr_, .filesz = filesz_, \
		.memsz = memsz_ \
	}

struct built_elf {
	struct layout layout;
	uint16_t type, machine;
	uint32_t flags;
	const struct built_segment *segments;
	uint32_t count;
	uint64_t size; /* of the file */

	/* 0: as usual */
	uint64_t phoff, shoff;
	uint16_t ehsize, phentsize, phnum;
	uint32_t sh_info; /* of section header 0, which is written if shoff is set */
};

static inline void put16(struct layout layout, uint8_t *at, uint64_t value)
{
	at[layout.big_endian] = (uint8_t)value;
	at[!layout.big_endian] = (uint8_t)(value >> 8);
}

static inline uint64_t built_phdr_size(const struct built_elf *elf)
{
	return elf->layout.word_size == 8 ? 56 : 32;
}

static inline uint64_t built_phoff(const struct built_elf *elf)
{
	if (elf->phoff)
		return elf->phoff;
	return elf->layout.word_size == 8 ? 64 : 52;
}

static inline void build_header(const struct built_elf *elf, uint8_t *e)
{
	bool wide = elf->layout.word_size == 8;

	memset(e, 0, wide ? 64 : 52);
	memcpy(e, ELFMAG, SELFMAG);
	e[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	e[EI_DATA] = elf->layout.big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	e[EI_VERSION] = EV_CURRENT;
	put16(elf->layout, e + 16, elf->type ? elf->type : ET_CORE);
	put16(elf->layout, e + 18, elf->machine ? elf->machine : EM_X86_64);
	store_u32(elf->layout, e + 20, EV_CURRENT);
	store_word(elf->layout, e + (wide ? 32 : 28), built_phoff(elf));
	store_word(elf->layout, e + (wide ? 40 : 32), elf->shoff);
	store_u32(elf->layout, e + (wide ? 48 : 36), elf->flags);
	e += wide ? 52 : 40;
	put16(elf->layout, e, elf->ehsize ? elf->ehsize : wide ? 64 : 52);
	put16(elf->layout, e + 2, elf->phentsize ? elf->phentsize : built_phdr_size(elf));
	put16(elf->layout, e + 4, elf->phnum ? elf->phnum : elf->count);
}

static inline void build_segment(const struct built_elf *elf, uint8_t *p,
				 const struct built_segment *segment)
{
	bool wide = elf->layout.word_size == 8;

	memset(p, 0, built_phdr_size(elf));
	store_u32(elf->layout, p, segment->type);
	p += wide ? 8 : 4;
	const uint64_t words[] = {segment->offset, segment->vaddr, segment->paddr, segment->filesz,
				  segment->memsz};

	for (size_t i = 0; i < 5; i++)
		store_word(elf->layout, p + i * elf->layout.word_size, words[i]);
	p += 5 * elf->layout.word_size + (wide ? 0 : 4);
	store_word(elf->layout, p, segment->align);
}

/* Writes a note; returns its size with padding. */
static inline size_t note_put(struct layout layout, uint8_t *at, const char *name, uint32_t type,
			      const char *text)
{
	uint32_t name_size = (uint32_t)strlen(name) + 1, size = (uint32_t)strlen(text);
	size_t name_end = 12 + (name_size + 3) / 4 * 4;

	memset(at, 0, name_end + (size + 3) / 4 * 4);
	store_u32(layout, at, name_size);
	store_u32(layout, at + 4, size);
	store_u32(layout, at + 8, type);
	memcpy(at + 12, name, name_size);
	memcpy(at + name_end, text, size);
	return name_end + (size + 3) / 4 * 4;
}

/* The bytes of the file; free() them. */
static inline uint8_t *built_bytes(const struct built_elf *elf)
{
	uint8_t *bytes = malloc(elf->size);

	assert_non_null(bytes);
	scratch_fill(bytes, 0, elf->size);
	build_header(elf, bytes);
	for (uint32_t i = 0; i < elf->count; i++) {
		uint64_t at = built_phoff(elf) + i * built_phdr_size(elf);

		assert_true(at + built_phdr_size(elf) <= elf->size);
		build_segment(elf, bytes + at, &elf->segments[i]);
	}
	if (elf->shoff)
		store_u32(elf->layout, bytes + elf->shoff + (elf->layout.word_size == 8 ? 44 : 28),
			  elf->sh_info);
	return bytes;
}

static inline void built_write(const struct built_elf *elf, struct scratch_file *scratch)
{
	uint8_t *bytes = built_bytes(elf);

	scratch_file_create(scratch, bytes, elf->size);
	free(bytes);
}

#endif
