/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/elf_header.h"

#include <elf.h>
#include <inttypes.h>

#include "base/checked.h"

static const struct elf_fields fields64 = {.size = 64,
					   .e_phoff = 32,
					   .e_shoff = 40,
					   .e_flags = 48,
					   .e_ehsize = 52,
					   .e_phentsize = 54,
					   .e_phnum = 56,
					   .e_shentsize = 58,
					   .e_shnum = 60,
					   .phdr_size = ELF64_PHDR_SIZE,
					   .p_flags = 4,
					   .p_offset = 8,
					   .p_vaddr = 16,
					   .p_paddr = 24,
					   .p_filesz = 32,
					   .p_memsz = 40,
					   .p_align = 48,
					   .shdr_size = 64,
					   .sh_size = 32,
					   .sh_info = 44};

static const struct elf_fields fields32 = {.size = 52,
					   .e_phoff = 28,
					   .e_shoff = 32,
					   .e_flags = 36,
					   .e_ehsize = 40,
					   .e_phentsize = 42,
					   .e_phnum = 44,
					   .e_shentsize = 46,
					   .e_shnum = 48,
					   .phdr_size = ELF32_PHDR_SIZE,
					   .p_flags = 24,
					   .p_offset = 4,
					   .p_vaddr = 8,
					   .p_paddr = 12,
					   .p_filesz = 16,
					   .p_memsz = 20,
					   .p_align = 28,
					   .shdr_size = 40,
					   .sh_size = 20,
					   .sh_info = 28};

const struct elf_fields *elf_fields_of(struct layout layout)
{
	return layout.word_size == 8 ? &fields64 : &fields32;
}

bool elf_magic_matches(const void *head, size_t size)
{
	return size >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static struct vmc_error *ident_read(const uint8_t *ident, struct layout *ret_layout)
{
	if (ident[EI_CLASS] != ELFCLASS64 && ident[EI_CLASS] != ELFCLASS32)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, EI_CLASS,
				       "ELF header: EI_CLASS is %u, neither 32 nor 64 bits",
				       ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, EI_DATA,
				       "ELF header: EI_DATA is %u, no known byte order",
				       ident[EI_DATA]);
	*ret_layout = (struct layout){
		.big_endian = ident[EI_DATA] == ELFDATA2MSB,
		.word_size = ident[EI_CLASS] == ELFCLASS64 ? 8 : 4,
	};
	return NULL;
}

static struct vmc_error *type_check(uint16_t type)
{
	static const char *const names[] = {
		[ET_NONE] = "of no type",
		[ET_REL] = "an object file",
		[ET_EXEC] = "an executable",
		[ET_DYN] = "a shared object",
	};

	if (type == ET_CORE)
		return NULL;
	if (type < sizeof(names) / sizeof(names[0]))
		return error_create_at(VMC_ERR_FORMAT, ERROR_AT_OFFSET, ELF_E_TYPE,
				       "this ELF file is %s, not a core dump", names[type]);
	return error_create_at(VMC_ERR_FORMAT, ERROR_AT_OFFSET, ELF_E_TYPE,
			       "this ELF file is of type %u, not a core dump", type);
}

/* The count of program headers when e_phnum is too small for it: sh_info of section header 0. */
static struct vmc_error *extended_count_read(struct io_file *file, struct layout layout,
					     vmc_foff sections, uint32_t *ret_count)
{
	uint8_t bytes[4];
	vmc_foff where;

	/* Without section headers there really are as many as e_phnum can say. */
	if (!sections) {
		*ret_count = PN_XNUM;
		return NULL;
	}
	if (!checked_add(sections, elf_fields_of(layout)->sh_info, &where))
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET,
				       elf_fields_of(layout)->e_shoff,
				       "ELF header: e_shoff 0x%" PRIx64 " is beyond all offsets",
				       sections);
	TRY(error_context(io_file_read(file, where, bytes, sizeof(bytes)), "section header 0"));
	*ret_count = load_u32(layout, bytes);
	return NULL;
}

static struct vmc_error *count_check(struct io_file *file, const struct elf_header *header)
{
	const struct elf_fields *fields = elf_fields_of(header->layout);
	uint64_t size = (uint64_t)header->segment_count * fields->phdr_size;
	vmc_foff end;

	if (!header->segment_count)
		return error_create_at(
			VMC_ERR_CORRUPT, ERROR_AT_OFFSET, fields->e_phnum,
			"ELF header: there are no program headers (e_phnum), hence no memory");
	if (header->segment_count > ELF_SEGMENTS_MAX)
		return error_create(VMC_ERR_LIMIT,
				    "ELF header: %" PRIu32 " program headers (%" PRIu32 " at most)",
				    header->segment_count, ELF_SEGMENTS_MAX);
	if (!checked_add(header->segments_offset, size, &end))
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, fields->e_phoff,
				       "ELF header: e_phoff 0x%" PRIx64 " is beyond all offsets",
				       header->segments_offset);
	if (file->size && end > file->size)
		return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, header->segments_offset,
				       "the file ends at 0x%" PRIx64 ", before its %" PRIu32
				       " program headers do",
				       file->size, header->segment_count);
	return NULL;
}

/* Bit 0 of e_flags has a meaning of its own on most architectures (ABI of ppc64, compressed
 * instructions of riscv), but none on these. */
static bool has_incomplete_flag(uint16_t machine)
{
	return machine == EM_X86_64 || machine == EM_386 || machine == EM_AARCH64;
}

bool elf_flags_say_incomplete(const struct elf_header *header)
{
	return has_incomplete_flag(header->machine) && header->flags & ELF_FLAG_INCOMPLETE;
}

struct vmc_error *elf_header_read(struct io_file *file, struct elf_header *ret_header)
{
	uint8_t bytes[64];
	struct elf_header header = {0};

	TRY(error_context(io_file_read(file, 0, bytes, EI_NIDENT), "ELF header"));
	TRY(ident_read(bytes, &header.layout));

	const struct elf_fields *fields = elf_fields_of(header.layout);
	struct layout layout = header.layout;

	TRY(error_context(io_file_read(file, 0, bytes, fields->size), "ELF header"));
	TRY(type_check(load_u16(layout, bytes + ELF_E_TYPE)));
	header.machine = load_u16(layout, bytes + ELF_E_MACHINE);
	header.flags = load_u32(layout, bytes + fields->e_flags);
	header.segments_offset = load_word(layout, bytes + fields->e_phoff);
	header.segment_count = load_u16(layout, bytes + fields->e_phnum);
	if (header.segment_count == PN_XNUM)
		TRY(extended_count_read(file, layout, load_word(layout, bytes + fields->e_shoff),
					&header.segment_count));

	uint16_t entry_size = load_u16(layout, bytes + fields->e_phentsize);

	TRY(count_check(file, &header));
	if (entry_size != fields->phdr_size)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, fields->e_phentsize,
				       "ELF header: e_phentsize is %u, not %u", entry_size,
				       fields->phdr_size);
	*ret_header = header;
	return NULL;
}

struct vmc_error *elf_mark_incomplete(struct io_file *file)
{
	struct elf_header header;
	uint8_t flags[4];

	TRY(elf_header_read(file, &header));
	if (!has_incomplete_flag(header.machine))
		return NULL;
	store_u32(header.layout, flags, header.flags | ELF_FLAG_INCOMPLETE);
	return io_file_write(file, elf_fields_of(header.layout)->e_flags, flags, sizeof(flags));
}

void elf_segment_iter_init(struct elf_segment_iter *iter, struct io_file *file,
			   const struct elf_header *header)
{
	iter->file = file;
	iter->header = header;
	iter->next = iter->loaded_start = iter->loaded_end = 0;
}

static struct vmc_error *segments_load(struct elf_segment_iter *iter)
{
	const struct elf_header *header = iter->header;
	size_t entry_size = elf_fields_of(header->layout)->phdr_size;
	size_t count = (size_t)min_u64(sizeof(iter->bytes) / entry_size,
				       header->segment_count - iter->next);

	TRY(error_context(io_file_read(iter->file,
				       header->segments_offset + iter->next * (uint64_t)entry_size,
				       iter->bytes, count * entry_size),
			  "program header %" PRIu32, iter->next));
	iter->loaded_start = iter->next;
	iter->loaded_end = iter->next + (uint32_t)count;
	return NULL;
}

struct vmc_error *elf_segment_iter_next(struct elf_segment_iter *iter,
					struct elf_segment *ret_segment, bool *ret_more)
{
	struct layout layout = iter->header->layout;
	const struct elf_fields *fields = elf_fields_of(layout);

	*ret_more = iter->next < iter->header->segment_count;
	if (!*ret_more)
		return NULL;
	if (iter->next == iter->loaded_end)
		TRY(segments_load(iter));

	const uint8_t *p =
		iter->bytes + (iter->next - iter->loaded_start) * (size_t)fields->phdr_size;
	uint64_t no_paddr = layout.word_size == 8 ? UINT64_MAX : UINT32_MAX;

	*ret_segment = (struct elf_segment){
		.index = iter->next++,
		.type = load_u32(layout, p),
		.offset = load_word(layout, p + fields->p_offset),
		.vaddr = load_word(layout, p + fields->p_vaddr),
		.paddr = load_word(layout, p + fields->p_paddr),
		.file_size = load_word(layout, p + fields->p_filesz),
		.memory_size = load_word(layout, p + fields->p_memsz),
		.align = load_word(layout, p + fields->p_align),
	};
	ret_segment->has_paddr = ret_segment->paddr != no_paddr;
	return NULL;
}
