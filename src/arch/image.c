/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/image.h"

#include <ctype.h>
#include <string.h>

#include "base/checked.h"

/* Looks in memory of the dump: 8 TiB at steps of 2 MiB. */
#define STEPS_MAX ((uint64_t)4 << 20)

/* init_uts_ns.name is found before the kernel exported where (5.12): behind the int of a kref. */
#define NAME_OFFSET_OLD 4

vmc_vaddr image_uts_address(const struct arch *arch)
{
	return fact_or(arch->facts, FACT_SYMBOL_init_uts_ns, 0) +
	       fact_or(arch->facts, FACT_OFFSET_uts_namespace_name, NAME_OFFSET_OLD);
}

static vmc_paddr uts_place(const struct arch *arch, uint64_t offset)
{
	return (image_uts_address(arch) - offset) & layout_word_max(arch->layout);
}

bool image_is_at(const struct arch *arch, const struct phys_reader *reader, uint64_t offset)
{
	static const char sysname[UTS_LENGTH] = "Linux";
	char uts[UTS_RELEASE * UTS_LENGTH + 1];
	struct vmc_error *err =
		reader->read(reader->arg, uts_place(arch, offset), uts, sizeof(uts));

	if (err) {
		vmc_error_free(err);
		return false;
	}
	return memcmp(uts, sysname, sizeof(sysname)) == 0 &&
	       isdigit((unsigned char)uts[UTS_RELEASE * UTS_LENGTH]);
}

static struct vmc_error *check_mapped(const struct arch *arch, const struct phys_reader *reader,
				      uint64_t offset)
{
	vmc_vaddr address;
	struct va_range range;

	TRY(fact_need(arch->facts, FACT_SYMBOL_init_uts_ns, &address));
	address = image_uts_address(arch);
	TRY(paging_translate(&arch->paging, reader, address, &range));
	if (range.mapped && range.address + (address - range.first) == uts_place(arch, offset))
		return NULL;
	return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, address,
			       "the page tables in swapper_pg_dir do not map the kernel image");
}

/* Of two layouts' errors the one that tells more; the other is freed.  @first may be NULL. */
static struct vmc_error *choose_error(struct vmc_error *first, struct vmc_error *second)
{
	/* That tables are missing may be why the others do not lead anywhere. */
	bool second_tells = !first || (vmc_error_code(first) == VMC_ERR_CORRUPT &&
				       vmc_error_code(second) != VMC_ERR_CORRUPT);

	vmc_error_free(second_tells ? first : second);
	return second_tells ? second : first;
}

bool image_is_mapped(const struct arch *arch, const struct phys_reader *reader, uint64_t offset,
		     struct vmc_error **why)
{
	struct vmc_error *err = check_mapped(arch, reader, offset);

	if (err) {
		*why = choose_error(*why, err);
		return false;
	}
	vmc_error_free(*why);
	*why = NULL;
	return true;
}

struct vmc_error *image_search(const struct arch *arch, const struct vmc_dump *dump,
			       const struct phys_reader *reader, uint64_t alignment,
			       uint64_t *ret_offset)
{
	vmc_vaddr start = image_uts_address(arch) & ~(alignment - 1);
	vmc_paddr from = 0;
	uint64_t size, steps = 0;

	for (vmc_paddr next = 0; arch->may_scan && dump_next_range(dump, next, &from, &size);
	     next = from + size) {
		vmc_paddr first = from & ~(alignment - 1);
		uint64_t count = (from + size - 1 - first) / alignment + 1;

		for (uint64_t i = 0; i < count && steps < STEPS_MAX; i++, steps++) {
			if (image_is_at(arch, reader, start - (first + i * alignment))) {
				*ret_offset = start - (first + i * alignment);
				return NULL;
			}
		}
	}
	return error_create(VMC_ERR_MISSING, "the kernel image is not found in %s",
			    arch->may_scan ? "the memory of this dump" : "its usual place");
}

struct vmc_error *image_find(const struct arch *arch, const struct vmc_dump *dump,
			     const struct phys_reader *reader, vmc_vaddr base, uint64_t alignment,
			     uint64_t *ret_offset)
{
	vmc_paddr start;
	uint64_t size;

	if (dump_next_range(dump, 0, &start, &size)) {
		uint64_t offset = base - (start & ~(alignment - 1));

		if (image_is_at(arch, reader, offset)) {
			*ret_offset = offset;
			return NULL;
		}
	}
	return image_search(arch, dump, reader, alignment, ret_offset);
}
