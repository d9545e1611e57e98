/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which page does somebody mean?  By number, by address, or by the address of its struct page. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/explain/explain.h"
#include "base/checked.h"

/* A number with nothing around it, decimal or hexadecimal with 0x. */
static bool parse_number(const char *text, uint64_t *ret_value)
{
	bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = is_hex ? text + 2 : text;
	char *end;

	/* strtoull() would take blanks, signs, and 0x a second time. */
	if (!*digits ||
	    strspn(digits, is_hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return false;
	errno = 0;
	*ret_value = strtoull(digits, &end, is_hex ? 16 : 10);
	return !errno && !*end;
}

static struct vmc_error *bad_number(const char *text)
{
	const char *hint = "a page is a decimal pfn or an address 0x..., or a number with pfn:, "
			   "phys:, virt: or page: before it";

	if (strpbrk(text, "-+.") && strpbrk(text, "0123456789"))
		return error_create(VMC_ERR_INVALID,
				    "\"%s\" is no single page; vmcull audit --ranges tells of many",
				    text);
	if (*text && strspn(text, "0123456789abcdefABCDEF") == strlen(text) &&
	    strpbrk(text, "abcdefABCDEF"))
		hint = "hexadecimal numbers begin with 0x";
	else if (strspn(text, "0123456789xXabcdefABCDEF") == strlen(text) && *text)
		hint = "it is no number, or too large";
	return error_create(VMC_ERR_INVALID, "\"%s\": %s", text, hint);
}

static bool has_memory(const struct vmc_explainer *explainer, vmc_pfn pfn)
{
	struct vmc_memory_run run;

	return vmc_dump_next_run(explainer->target->dump, pfn, &run) && run.start <= pfn;
}

/* Is @address inside a struct page?  Looks through all parts of the memory map that have to do with
 * memory of the dump, of which there are as many as sections. */
static struct vmc_error *find_described(struct vmc_explainer *explainer, vmc_vaddr address,
					bool *ret_found, struct vmc_location *location)
{
	const struct vmc_dump *dump = explainer->target->dump;
	struct vmc_memory_run memory;
	struct memmap_run run = {0};
	vmc_pfn pfn = 0;

	*ret_found = false;
	if (!explainer->walk)
		return NULL;
	while (vmc_dump_next_run(dump, pfn, &memory)) {
		struct memmap *memmap = page_walk_memmap(explainer->walk);
		vmc_pfn end = memory.start + memory.count;

		for (pfn = max_u64(pfn, memory.start); pfn < end; pfn = run.start + run.count) {
			TRY(memmap_find(memmap, pfn, &run));

			uint64_t offset = address - run.structs;

			if ((run.kind == MEMMAP_PRESENT || run.kind == MEMMAP_OFFLINE) &&
			    address >= run.structs && offset / memmap->struct_size < run.count) {
				*ret_found = true;
				location->pfn = run.start + offset / memmap->struct_size;
				location->offset = offset % memmap->struct_size;
				return NULL;
			}
		}
	}
	return NULL;
}

static void locate_physical(const struct vmc_explainer *explainer, struct vmc_location *location)
{
	unsigned int shift = explainer->target->page_shift;

	location->kind = VMC_LOCATION_PHYSICAL;
	location->pfn = location->value >> shift;
	location->offset = location->value & (((uint64_t)1 << shift) - 1);
}

static struct vmc_error *locate_virtual(struct vmc_explainer *explainer,
					struct vmc_location *location)
{
	unsigned int shift = explainer->target->page_shift;
	vmc_vaddr address = location->value;
	struct vmc_location described = {0};
	struct va_range range;

	location->kind = VMC_LOCATION_VIRTUAL;
	TRY(target_translate(explainer->reader, address, &range));
	if (!range.mapped)
		return error_create(VMC_ERR_UNMAPPED,
				    "virtual address 0x%" PRIx64
				    " is not mapped, nor is anything from 0x%" PRIx64
				    " to 0x%" PRIx64,
				    address, range.first, range.last);
	location->first = range.first;
	location->last = range.last;
	location->physical = range.address;
	location->pfn = (range.address + (address - range.first)) >> shift;
	location->offset = address & (((uint64_t)1 << shift) - 1);
	TRY(find_described(explainer, address, &location->describes, &described));
	location->described = described.pfn;
	return NULL;
}

static struct vmc_error *locate_struct(struct vmc_explainer *explainer,
				       struct vmc_location *location)
{
	bool found;

	location->kind = VMC_LOCATION_STRUCT_PAGE;
	TRY(find_described(explainer, location->value, &found, location));
	if (!found)
		return error_create(VMC_ERR_INVALID,
				    "0x%" PRIx64 " is no address inside the memory map",
				    location->value);
	return NULL;
}

/* A virtual address that names the page it describes, when it is inside the memory map. */
static struct vmc_error *guess_virtual(struct vmc_explainer *explainer,
				       struct vmc_location *location)
{
	TRY(find_described(explainer, location->value, &location->guessed, location));
	if (!location->guessed)
		return locate_virtual(explainer, location);
	location->kind = VMC_LOCATION_STRUCT_PAGE;
	return NULL;
}

/* An address without a word of what it is. */
static struct vmc_error *guess_address(struct vmc_explainer *explainer,
				       struct vmc_location *location)
{
	const struct vmc_target *target = explainer->target;
	struct va_range range = {.mapped = false};
	bool present = has_memory(explainer, location->value >> target->page_shift);

	/* The upper half of 64 bits is the kernel's on all architectures but s390x. */
	if (target->layout.word_size == 8 && location->value >> 63)
		return guess_virtual(explainer, location);
	TRY(unless_nomem(target_translate(explainer->reader, location->value, &range)));
	if (range.mapped && !present) {
		TRY(guess_virtual(explainer, location));
		location->guessed = true;
		return NULL;
	}
	locate_physical(explainer, location);
	location->guessed = range.mapped;
	return NULL;
}

static struct vmc_error *locate_prefixed(struct vmc_explainer *explainer,
					 enum vmc_location_kind kind, struct vmc_location *location)
{
	switch (kind) {
	case VMC_LOCATION_PFN:
		location->pfn = location->value;
		break;
	case VMC_LOCATION_PHYSICAL:
		locate_physical(explainer, location);
		break;
	case VMC_LOCATION_VIRTUAL:
		return locate_virtual(explainer, location);
	case VMC_LOCATION_STRUCT_PAGE:
		return locate_struct(explainer, location);
	}
	return NULL;
}

struct vmc_error *vmc_explain_locate(struct vmc_explainer *explainer, const char *text,
				     struct vmc_location *ret_location)
{
	struct vmc_location location = {.kind = VMC_LOCATION_PFN};
	const char *colon = strchr(text, ':');
	struct vmc_error *err;

	if (colon) {
		int kind = VMC_LOCATION_PFN;

		while (kind <= VMC_LOCATION_STRUCT_PAGE &&
		       (strlen(vmc_location_kind_name(kind)) != (size_t)(colon - text) ||
			strncmp(vmc_location_kind_name(kind), text, (size_t)(colon - text)) != 0))
			kind++;
		if (kind > VMC_LOCATION_STRUCT_PAGE || !parse_number(colon + 1, &location.value))
			return bad_number(text);
		err = locate_prefixed(explainer, kind, &location);
	} else if (!parse_number(text, &location.value)) {
		return bad_number(text);
	} else if (text[1] == 'x' || text[1] == 'X') {
		err = guess_address(explainer, &location);
	} else {
		err = locate_prefixed(explainer, VMC_LOCATION_PFN, &location);
	}
	if (!err)
		*ret_location = location;
	return err;
}
