/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts held against each other.  What passes here may be used without further checks as offsets
 * into structures that were read whole, and as bounds of loops.
 */
#include <inttypes.h>

#include "base/checked.h"
#include "kernel/facts.h"

#define WORDS(n)   ((n) << 8) /* as a width: pointers or unsigned longs, beside bytes */
#define WORD       WORDS(1)
#define OFFSET_MAX (64 << 20) /* into a structure whose size is not known */

/* Bounds of single values, signed for NUMBERs.  They are wide: real values, in all kernels and
 * architectures known, are far inside. */
static const struct {
	enum fact_id id;
	int64_t min, max;
} bounds[] = {
	{FACT_PAGESIZE, 4096, 256 << 10},
	{FACT_SIZE_page, 32, 1024},
	{FACT_SIZE_mem_section, 4, 4096},
	{FACT_SIZE_pglist_data, 64, 64 << 20},
	{FACT_SIZE_zone, 64, 1 << 20},
	{FACT_SIZE_free_area, 16, 4096},
	{FACT_SIZE_list_head, 8, 16},
	{FACT_SIZE_nodemask_t, 4, 8192},
	{FACT_LENGTH_mem_section, 1, 1 << 28},
	{FACT_LENGTH_node_data, 1, 1 << 16},
	{FACT_LENGTH_zone_free_area, 1, 64},
	{FACT_LENGTH_free_area_free_list, 1, 64},
	{FACT_NUMBER_NR_FREE_PAGES, 0, 255},
	{FACT_NUMBER_HUGETLB_PAGE_DTOR, 0, 255},
	{FACT_NUMBER_PG_hugetlb, 0, 63},
	{FACT_NUMBER_SECTION_SIZE_BITS, 13, 62},
	{FACT_NUMBER_MAX_PHYSMEM_BITS, 14, 64},
	{FACT_NUMBER_pgtable_l5_enabled, 0, 1},
	{FACT_NUMBER_KERNEL_IMAGE_SIZE, 1 << 20, INT64_C(1) << 32},
	{FACT_OFFSET_uts_namespace_name, 0, 4096},
};

/* Fields inside structures.  The two of folio count from its first page and lie in its second. */
static const struct {
	enum fact_id size, offset;
	unsigned int pages; /* the structure covers so many of them; 1 for others */
	unsigned int width;
} fields[] = {
	{FACT_SIZE_page, FACT_OFFSET_page_flags, 1, WORD},
	{FACT_SIZE_page, FACT_OFFSET_page_refcount, 1, 4},
	{FACT_SIZE_page, FACT_OFFSET_page_mapping, 1, WORD},
	{FACT_SIZE_page, FACT_OFFSET_page_lru, 1, WORDS(2)},
	{FACT_SIZE_page, FACT_OFFSET_page_mapcount, 1, 4},
	{FACT_SIZE_page, FACT_OFFSET_page_private, 1, WORD},
	{FACT_SIZE_page, FACT_OFFSET_page_compound_head, 1, WORD},
	{FACT_SIZE_page, FACT_OFFSET_page_compound_dtor, 1, 1},
	{FACT_SIZE_page, FACT_OFFSET_page_compound_order, 1, 1},
	{FACT_SIZE_page, FACT_OFFSET_folio_dtor, 4, 1},
	{FACT_SIZE_page, FACT_OFFSET_folio_order, 4, 1},
	{FACT_SIZE_mem_section, FACT_OFFSET_section_mem_map, 1, WORD},
	{FACT_SIZE_pglist_data, FACT_OFFSET_pgdat_node_zones, 1, WORD},
	{FACT_SIZE_pglist_data, FACT_OFFSET_pgdat_nr_zones, 1, 4},
	{FACT_SIZE_pglist_data, FACT_OFFSET_pgdat_node_mem_map, 1, WORD},
	{FACT_SIZE_pglist_data, FACT_OFFSET_pgdat_node_start_pfn, 1, WORD},
	{FACT_SIZE_pglist_data, FACT_OFFSET_pgdat_node_spanned_pages, 1, WORD},
	{FACT_SIZE_pglist_data, FACT_OFFSET_pgdat_node_id, 1, 4},
	{FACT_SIZE_zone, FACT_OFFSET_zone_free_area, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_vm_stat, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_spanned_pages, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_unaccepted_pages, 1, WORDS(2)},
	{FACT_SIZE_free_area, FACT_OFFSET_free_area_free_list, 1, WORD},
	{FACT_SIZE_list_head, FACT_OFFSET_list_head_next, 1, WORD},
	{FACT_SIZE_list_head, FACT_OFFSET_list_head_prev, 1, WORD},
};

/* Arrays inside structures: they start at an offset and have so many elements of a size. */
static const struct {
	enum fact_id size, offset, length, element;
} arrays[] = {
	{FACT_SIZE_zone, FACT_OFFSET_zone_free_area, FACT_LENGTH_zone_free_area,
	 FACT_SIZE_free_area},
	{FACT_SIZE_free_area, FACT_OFFSET_free_area_free_list, FACT_LENGTH_free_area_free_list,
	 FACT_SIZE_list_head},
};

/* Bits of page.flags that no kernel lets share a number. */
static const enum fact_id flag_bits[] = {
	FACT_NUMBER_PG_lru,        FACT_NUMBER_PG_private, FACT_NUMBER_PG_swapcache,
	FACT_NUMBER_PG_swapbacked, FACT_NUMBER_PG_slab,    FACT_NUMBER_PG_hwpoison,
	FACT_NUMBER_PG_buddy,
};

static const enum fact_id page_types[] = {
	FACT_NUMBER_PAGE_BUDDY, FACT_NUMBER_PAGE_OFFLINE, FACT_NUMBER_PAGE_HUGETLB,
	FACT_NUMBER_PAGE_SLAB,  FACT_NUMBER_PAGE_TABLE,   FACT_NUMBER_PAGE_UNACCEPTED,
};

/* Names of the kernel's own page table on x86_64, one after the other in its history. */
static const enum fact_id page_tables[] = {
	FACT_SYMBOL_swapper_pg_dir,
	FACT_SYMBOL_init_top_pgt,
	FACT_SYMBOL_init_level4_pgt,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int64_t value_of(const struct facts *facts, enum fact_id id)
{
	return (int64_t)facts->table[id].value;
}

/* "NAME=value" as VMCOREINFO spells it. */
static struct vmc_error *contradiction(const struct facts *facts, enum fact_id a, enum fact_id b,
				       const char *why)
{
	return error_create(VMC_ERR_CORRUPT,
			    "%s=%" PRId64 " and %s=%" PRId64 " contradict each other: %s",
			    fact_name(a), value_of(facts, a), fact_name(b), value_of(facts, b),
			    why);
}

static struct vmc_error *check_bounds(const struct facts *facts)
{
	for (size_t i = 0; i < COUNT(bounds); i++) {
		int64_t value = value_of(facts, bounds[i].id);

		if (!fact_known(facts, bounds[i].id))
			continue;
		if (value < bounds[i].min || value > bounds[i].max)
			return error_create(VMC_ERR_CORRUPT,
					    "%s=%" PRId64 " is not within %" PRId64 " to %" PRId64,
					    fact_name(bounds[i].id), value, bounds[i].min,
					    bounds[i].max);
	}
	return NULL;
}

static struct vmc_error *check_single_values(const struct facts *facts)
{
	TRY(check_bounds(facts));
	if (fact_known(facts, FACT_PAGESIZE) && !is_power_of_two(facts->table[FACT_PAGESIZE].value))
		return error_create(VMC_ERR_CORRUPT, "PAGESIZE=%" PRIu64 " is no power of two",
				    facts->table[FACT_PAGESIZE].value);
	if (fact_known(facts, FACT_SIZE_list_head) && !facts_word_size(facts))
		return error_create(VMC_ERR_CORRUPT,
				    "SIZE(list_head)=%" PRIu64 " is not two words of 4 or 8 bytes",
				    facts->table[FACT_SIZE_list_head].value);
	return NULL;
}

/* Words are taken for 4 bytes where their size is not known: then nobody can read one anyway. */
static unsigned int width_in_bytes(const struct facts *facts, unsigned int width)
{
	unsigned int word_size = facts_word_size(facts);

	return (width & 0xff) + (width >> 8) * (word_size ? word_size : 4);
}

static struct vmc_error *check_fields(const struct facts *facts)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		uint64_t offset = fact_or(facts, fields[i].offset, 0), end;

		if (offset > OFFSET_MAX)
			return error_create(VMC_ERR_CORRUPT, "%s=%" PRIu64 " is more than %d",
					    fact_name(fields[i].offset), offset, OFFSET_MAX);
		if (!fact_known(facts, fields[i].size) || !fact_known(facts, fields[i].offset))
			continue;
		if (!checked_add(offset, width_in_bytes(facts, fields[i].width), &end) ||
		    end > facts->table[fields[i].size].value * fields[i].pages)
			return contradiction(facts, fields[i].offset, fields[i].size,
					     "the field ends outside of the structure");
	}
	return NULL;
}

static struct vmc_error *check_arrays(const struct facts *facts)
{
	for (size_t i = 0; i < COUNT(arrays); i++) {
		uint64_t bytes, end;

		if (!fact_known(facts, arrays[i].size) || !fact_known(facts, arrays[i].offset) ||
		    !fact_known(facts, arrays[i].length) || !fact_known(facts, arrays[i].element))
			continue;
		if (!checked_mul(facts->table[arrays[i].length].value,
				 facts->table[arrays[i].element].value, &bytes) ||
		    !checked_add(facts->table[arrays[i].offset].value, bytes, &end) ||
		    end > facts->table[arrays[i].size].value)
			return contradiction(facts, arrays[i].length, arrays[i].size,
					     "the array ends outside of the structure");
	}
	return NULL;
}

/* zone.vm_stat is an array whose length nobody exports; the one element that is read must be in. */
static struct vmc_error *check_free_counter(const struct facts *facts)
{
	uint64_t offset = fact_or(facts, FACT_OFFSET_zone_vm_stat, 0);
	uint64_t index = fact_or(facts, FACT_NUMBER_NR_FREE_PAGES, 0);
	uint64_t size = fact_or(facts, FACT_SIZE_zone, UINT64_MAX);

	if (offset + (index + 1) * width_in_bytes(facts, WORD) > size)
		return contradiction(facts, FACT_NUMBER_NR_FREE_PAGES, FACT_SIZE_zone,
				     "the counter of free pages ends outside of the zone");
	return NULL;
}

static struct vmc_error *check_section_bits(const struct facts *facts)
{
	enum fact_id section = FACT_NUMBER_SECTION_SIZE_BITS;
	enum fact_id memory = FACT_NUMBER_MAX_PHYSMEM_BITS;

	if (fact_known(facts, section) && fact_known(facts, memory) &&
	    value_of(facts, section) >= value_of(facts, memory))
		return contradiction(facts, section, memory,
				     "a section is not smaller than all memory");
	if (fact_known(facts, section) && fact_known(facts, FACT_PAGESIZE) &&
	    facts->table[FACT_PAGESIZE].value >= UINT64_C(1) << value_of(facts, section))
		return contradiction(facts, section, FACT_PAGESIZE,
				     "a section is not larger than a page");
	return NULL;
}

static struct vmc_error *check_flag_bits(const struct facts *facts)
{
	unsigned int word_size = facts_word_size(facts);
	int64_t bits = word_size ? 8 * (int64_t)word_size : 64;

	for (size_t i = 0; i < COUNT(flag_bits); i++) {
		if (!fact_known(facts, flag_bits[i]))
			continue;

		int64_t bit = value_of(facts, flag_bits[i]);

		if (bit < 0 || bit >= bits)
			return error_create(VMC_ERR_CORRUPT,
					    "%s=%" PRId64 " is no bit of a word of %" PRId64
					    " bits",
					    fact_name(flag_bits[i]), bit, bits);
		for (size_t j = 0; j < i; j++) {
			if (fact_known(facts, flag_bits[j]) && value_of(facts, flag_bits[j]) == bit)
				return contradiction(facts, flag_bits[j], flag_bits[i],
						     "two page flags have the same bit");
		}
	}
	return NULL;
}

static struct vmc_error *check_head_mask(const struct facts *facts)
{
	if (!fact_known(facts, FACT_NUMBER_PG_head_mask))
		return NULL;

	uint64_t mask = facts->table[FACT_NUMBER_PG_head_mask].value;
	unsigned int word_size = facts_word_size(facts);

	if (!mask || (word_size == 4 && mask > UINT32_MAX))
		return error_create(VMC_ERR_CORRUPT,
				    "NUMBER(PG_head_mask)=%" PRId64 " is no mask of page flags",
				    (int64_t)mask);
	for (size_t i = 0; i < COUNT(flag_bits); i++) {
		if (fact_known(facts, flag_bits[i]) && mask >> value_of(facts, flag_bits[i]) & 1)
			return contradiction(facts, FACT_NUMBER_PG_head_mask, flag_bits[i],
					     "the mask has the bit of another page flag");
	}
	return NULL;
}

/* A page type is stored where other pages count how often they are mapped: 0 and more, and -1 for
 * not mapped.  A "type" among those would be found on about every page. */
static struct vmc_error *check_page_types(const struct facts *facts)
{
	for (size_t i = 0; i < COUNT(page_types); i++) {
		if (!fact_known(facts, page_types[i]))
			continue;

		int64_t type = value_of(facts, page_types[i]);

		if (type < INT32_MIN || type > -2)
			return error_create(VMC_ERR_CORRUPT,
					    "%s=%" PRId64 " is no page type: not within %" PRId32
					    " to -2",
					    fact_name(page_types[i]), type, INT32_MIN);
		for (size_t j = 0; j < i; j++) {
			if (fact_known(facts, page_types[j]) &&
			    value_of(facts, page_types[j]) == type)
				return contradiction(facts, page_types[j], page_types[i],
						     "two page types have the same value");
		}
	}
	return NULL;
}

static struct vmc_error *check_page_tables(const struct facts *facts)
{
	for (size_t i = 1; i < COUNT(page_tables); i++) {
		enum fact_id first = page_tables[0], other = page_tables[i];

		if (fact_known(facts, first) && fact_known(facts, other) &&
		    value_of(facts, first) != value_of(facts, other))
			return error_create(VMC_ERR_CORRUPT,
					    "%s=%" PRIx64 " and %s=%" PRIx64
					    " are one table and contradict each other",
					    fact_name(first), facts->table[first].value,
					    fact_name(other), facts->table[other].value);
	}
	return NULL;
}

struct vmc_error *facts_check(const struct facts *facts)
{
	TRY(check_single_values(facts));
	TRY(check_fields(facts));
	TRY(check_arrays(facts));
	TRY(check_free_counter(facts));
	TRY(check_section_bits(facts));
	TRY(check_flag_bits(facts));
	TRY(check_head_mask(facts));
	TRY(check_page_types(facts));
	return check_page_tables(facts);
}
