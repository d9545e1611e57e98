/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts held against each other.  What passes here may be used without further checks as offsets
 * into structures that were read whole, and as bounds of loops.
 */
#include <inttypes.h>

#include "base/checked.h"
#include "kernel/check.h"

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
	{FACT_NUMBER_NR_UNACCEPTED, 0, 255},
	{FACT_NUMBER_MAX_NR_ZONES, 1, 16},
	{FACT_NUMBER_MIGRATE_UNMOVABLE, 0, 15},
	{FACT_NUMBER_MIGRATE_MOVABLE, 0, 15},
	{FACT_NUMBER_MIGRATE_RECLAIMABLE, 0, 15},
	{FACT_NUMBER_MIGRATE_PCPTYPES, 1, 15},
	{FACT_NUMBER_MIGRATE_HIGHATOMIC, 0, 15},
	{FACT_NUMBER_MIGRATE_CMA, 0, 15},
	{FACT_NUMBER_MIGRATE_ISOLATE, 0, 15},
	{FACT_SIZE_per_cpu_pages, 16, 64 << 10},
	{FACT_LENGTH_pcp_lists, 1, 255},
	{FACT_OFFSET_pageset_pcp, 0, 64 << 10},
	{FACT_OFFSET_pageset_vm_stat_diff, 0, 64 << 10},
	{FACT_OFFSET_zonestat_vm_stat_diff, 0, 64 << 10},
	{FACT_OFFSET_efi_unaccepted, 0, 64 << 10},
	{FACT_NUMBER_HUGETLB_PAGE_DTOR, 0, 255},
	{FACT_NUMBER_PG_hugetlb, 0, 63},
	{FACT_NUMBER_SECTION_SIZE_BITS, 13, 62},
	{FACT_NUMBER_RADIX_MMU, 0, 1},
	{FACT_SIZE_vmemmap_backing, 24, 4096},
	{FACT_SIZE_mmu_psize_def, 4, 4096},
	{FACT_NUMBER_MAX_PHYSMEM_BITS, 14, 64},
	{FACT_NUMBER_pgtable_l5_enabled, 0, 1},
	{FACT_NUMBER_KERNEL_IMAGE_SIZE, 1 << 20, INT64_C(1) << 32},
	{FACT_OFFSET_uts_namespace_name, 0, 4096},
};

/* Fields inside structures.  Those of folio count from its first page and lie in the next ones. */
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
	{FACT_SIZE_page, FACT_OFFSET_page_index, 1, WORD},
	{FACT_SIZE_page, FACT_OFFSET_page_memcg_data, 1, WORD},
	{FACT_SIZE_page, FACT_OFFSET_folio_entire_mapcount, 4, 4},
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
	{FACT_SIZE_zone, FACT_OFFSET_zone_zone_start_pfn, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_managed_pages, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_present_pages, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_name, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_per_cpu_pageset, 1, WORD},
	{FACT_SIZE_zone, FACT_OFFSET_zone_per_cpu_zonestats, 1, WORD},
	{FACT_SIZE_per_cpu_pages, FACT_OFFSET_pcp_count, 1, 4},
	{FACT_SIZE_per_cpu_pages, FACT_OFFSET_pcp_lists, 1, WORDS(2)},
	{FACT_SIZE_free_area, FACT_OFFSET_free_area_free_list, 1, WORD},
	{FACT_SIZE_free_area, FACT_OFFSET_free_area_nr_free, 1, WORD},
	{FACT_SIZE_list_head, FACT_OFFSET_list_head_next, 1, WORD},
	{FACT_SIZE_list_head, FACT_OFFSET_list_head_prev, 1, WORD},
	{FACT_SIZE_vmemmap_backing, FACT_OFFSET_vmemmap_backing_list, 1, WORD},
	{FACT_SIZE_vmemmap_backing, FACT_OFFSET_vmemmap_backing_phys, 1, WORD},
	{FACT_SIZE_vmemmap_backing, FACT_OFFSET_vmemmap_backing_virt_addr, 1, WORD},
	{FACT_SIZE_mmu_psize_def, FACT_OFFSET_mmu_psize_def_shift, 1, 4},
};

/* Arrays inside structures: they start at an offset and have so many elements of a size. */
static const struct {
	enum fact_id size, offset, length, element;
} arrays[] = {
	{FACT_SIZE_zone, FACT_OFFSET_zone_free_area, FACT_LENGTH_zone_free_area,
	 FACT_SIZE_free_area},
	{FACT_SIZE_free_area, FACT_OFFSET_free_area_free_list, FACT_LENGTH_free_area_free_list,
	 FACT_SIZE_list_head},
	{FACT_SIZE_per_cpu_pages, FACT_OFFSET_pcp_lists, FACT_LENGTH_pcp_lists,
	 FACT_SIZE_list_head},
	{FACT_SIZE_pglist_data, FACT_OFFSET_pgdat_node_zones, FACT_NUMBER_MAX_NR_ZONES,
	 FACT_SIZE_zone},
};

static const enum fact_id migrate_types[] = {
	FACT_NUMBER_MIGRATE_UNMOVABLE,   FACT_NUMBER_MIGRATE_MOVABLE,
	FACT_NUMBER_MIGRATE_RECLAIMABLE, FACT_NUMBER_MIGRATE_HIGHATOMIC,
	FACT_NUMBER_MIGRATE_CMA,         FACT_NUMBER_MIGRATE_ISOLATE,
};

/* Names of the kernel's own page table on x86_64, one after the other in its history. */
static const enum fact_id page_tables[] = {
	FACT_SYMBOL_swapper_pg_dir,
	FACT_SYMBOL_init_top_pgt,
	FACT_SYMBOL_init_level4_pgt,
};

int64_t check_value(const struct facts *facts, enum fact_id id)
{
	return (int64_t)facts->table[id].value;
}

struct vmc_error *check_contradiction(const struct facts *facts, enum fact_id a, enum fact_id b,
				      const char *why)
{
	return error_create(VMC_ERR_CORRUPT,
			    "%s=%" PRId64 " and %s=%" PRId64 " contradict each other: %s",
			    fact_name(a), check_value(facts, a), fact_name(b),
			    check_value(facts, b), why);
}

static struct vmc_error *check_bounds(const struct facts *facts)
{
	for (size_t i = 0; i < COUNT(bounds); i++) {
		int64_t value = check_value(facts, bounds[i].id);

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
			return check_contradiction(facts, fields[i].offset, fields[i].size,
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
			return check_contradiction(facts, arrays[i].length, arrays[i].size,
						   "the array ends outside of the structure");
	}
	return NULL;
}

/* zone.vm_stat is an array whose length nobody exports; the elements that are read must be in. */
static struct vmc_error *check_counter(const struct facts *facts, enum fact_id id)
{
	uint64_t offset = fact_or(facts, FACT_OFFSET_zone_vm_stat, 0);
	uint64_t index = fact_or(facts, id, 0);
	uint64_t size = fact_or(facts, FACT_SIZE_zone, UINT64_MAX);

	if (offset + (index + 1) * width_in_bytes(facts, WORD) > size)
		return check_contradiction(facts, id, FACT_SIZE_zone,
					   "the counter ends outside of the zone");
	return NULL;
}

/* Each has a list of its own in every free_area. */
static struct vmc_error *check_migrate_types(const struct facts *facts)
{
	uint64_t lists = fact_or(facts, FACT_LENGTH_free_area_free_list, UINT64_MAX);

	for (size_t i = 0; i < COUNT(migrate_types); i++) {
		if (!fact_known(facts, migrate_types[i]))
			continue;
		if (facts->table[migrate_types[i]].value >= lists)
			return check_contradiction(facts, migrate_types[i],
						   FACT_LENGTH_free_area_free_list,
						   "there is no list for this migrate type");
		for (size_t j = 0; j < i; j++) {
			if (fact_known(facts, migrate_types[j]) &&
			    check_value(facts, migrate_types[j]) ==
				    check_value(facts, migrate_types[i]))
				return check_contradiction(facts, migrate_types[j],
							   migrate_types[i],
							   "two migrate types have one list");
		}
	}
	return NULL;
}

static struct vmc_error *check_section_bits(const struct facts *facts)
{
	enum fact_id section = FACT_NUMBER_SECTION_SIZE_BITS;
	enum fact_id memory = FACT_NUMBER_MAX_PHYSMEM_BITS;

	if (fact_known(facts, section) && fact_known(facts, memory) &&
	    check_value(facts, section) >= check_value(facts, memory))
		return check_contradiction(facts, section, memory,
					   "a section is not smaller than all memory");
	if (fact_known(facts, section) && fact_known(facts, FACT_PAGESIZE) &&
	    facts->table[FACT_PAGESIZE].value >= UINT64_C(1) << check_value(facts, section))
		return check_contradiction(facts, section, FACT_PAGESIZE,
					   "a section is not larger than a page");
	return NULL;
}

static struct vmc_error *check_page_tables(const struct facts *facts)
{
	for (size_t i = 1; i < COUNT(page_tables); i++) {
		enum fact_id first = page_tables[0], other = page_tables[i];

		if (fact_known(facts, first) && fact_known(facts, other) &&
		    check_value(facts, first) != check_value(facts, other))
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
	TRY(check_counter(facts, FACT_NUMBER_NR_FREE_PAGES));
	TRY(check_counter(facts, FACT_NUMBER_NR_UNACCEPTED));
	TRY(check_migrate_types(facts));
	TRY(check_section_bits(facts));
	TRY(check_page_flags(facts));
	TRY(check_page_types(facts));
	return check_page_tables(facts);
}
