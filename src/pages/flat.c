/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FLATMEM, and DISCONTIGMEM (gone in 5.14): each node has one array of struct pages, pointed to by
 * pglist_data.node_mem_map.
 */
#include "base/checked.h"
#include "pages/memmap.h"
#include "pages/nodes.h"

struct flat {
	struct memmap_run *runs; /* by pfn */
	size_t count;
};

static bool flat_applies(const struct facts *facts)
{
	return fact_known(facts, FACT_OFFSET_pgdat_node_mem_map) &&
	       (fact_known(facts, FACT_SYMBOL_contig_page_data) ||
		fact_known(facts, FACT_SYMBOL_node_data));
}

static int compare_runs(const void *a, const void *b)
{
	const struct memmap_run *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

static struct vmc_error *read_node(struct memmap *memmap, vmc_vaddr pgdat,
				   struct memmap_run *ret_run)
{
	const struct facts *facts = &target_reader_target(memmap->reader)->facts;
	uint64_t map_offset, start_offset, spanned_offset;

	TRY(fact_need(facts, FACT_OFFSET_pgdat_node_mem_map, &map_offset));
	TRY(fact_need(facts, FACT_OFFSET_pgdat_node_start_pfn, &start_offset));
	TRY(fact_need(facts, FACT_OFFSET_pgdat_node_spanned_pages, &spanned_offset));
	ret_run->kind = MEMMAP_PRESENT;
	TRY(target_read_word(memmap->reader, pgdat + map_offset, &ret_run->structs));
	TRY(target_read_word(memmap->reader, pgdat + start_offset, &ret_run->start));
	TRY(target_read_word(memmap->reader, pgdat + spanned_offset, &ret_run->count));
	if (ret_run->count > UINT64_MAX / memmap->struct_size ||
	    ret_run->start > UINT64_MAX - ret_run->count)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, pgdat,
				       "a node of %ju pages from pfn 0x%jx",
				       (uintmax_t)ret_run->count, (uintmax_t)ret_run->start);
	return NULL;
}

/* The array begins at a multiple of the largest block, and mem_map with it, but node_mem_map is
 * that of node_start_pfn, which is 1 on x86 (page 0 is the BIOS's).  Pages before it have struct
 * pages all the same. */
static struct vmc_error *extend_to_mem_map(struct memmap *memmap, struct memmap_run *run)
{
	const struct facts *facts = &target_reader_target(memmap->reader)->facts;
	uint64_t orders = min_u64(fact_or(facts, FACT_LENGTH_zone_free_area, 1), 32);
	uint64_t mem_map, pages;

	if (!fact_known(facts, FACT_SYMBOL_mem_map))
		return NULL;

	struct vmc_error *err =
		target_read_word(memmap->reader, fact_or(facts, FACT_SYMBOL_mem_map, 0), &mem_map);

	if (err) {
		if (vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		vmc_error_free(err); /* then those pages are unknown */
		return NULL;
	}
	pages = (run->structs - mem_map) / memmap->struct_size;
	if (mem_map < run->structs && mem_map + pages * memmap->struct_size == run->structs &&
	    pages <= run->start && pages < (uint64_t)1 << orders) {
		run->structs = mem_map;
		run->start -= pages;
		run->count += pages;
	}
	return NULL;
}

static struct vmc_error *read_nodes(struct memmap *memmap, struct flat *flat)
{
	_cleanup_free_ struct node *nodes = NULL;
	size_t node_count;

	TRY(nodes_list(memmap->reader, &nodes, &node_count));
	flat->runs = calloc(node_count + 1, sizeof(*flat->runs));
	if (!flat->runs)
		return error_nomem();
	for (size_t i = 0; i < node_count; i++) {
		struct memmap_run run;

		TRY(error_context(read_node(memmap, nodes[i].pgdat, &run), "node %zu", i));
		if (run.count && run.structs)
			flat->runs[flat->count++] = run;
	}
	if (!flat->count)
		return error_create(VMC_ERR_CORRUPT, "no node has a node_mem_map");
	if (flat->count == 1)
		TRY(extend_to_mem_map(memmap, flat->runs));
	qsort(flat->runs, flat->count, sizeof(*flat->runs), compare_runs);
	for (size_t i = 1; i < flat->count; i++) {
		if (flat->runs[i].start < flat->runs[i - 1].start + flat->runs[i - 1].count)
			return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_PFN, flat->runs[i].start,
					       "two nodes span the same page");
	}
	return NULL;
}

static void flat_deinit(struct memmap *memmap)
{
	struct flat *flat = memmap->private;

	free(flat->runs);
	free(flat);
}

static struct vmc_error *flat_init(struct memmap *memmap)
{
	struct flat *flat = calloc(1, sizeof(*flat));

	if (!flat)
		return error_nomem();
	memmap->private = flat;

	struct vmc_error *err = read_nodes(memmap, flat);

	if (err)
		flat_deinit(memmap);
	return err;
}

static struct vmc_error *flat_find(struct memmap *memmap, vmc_pfn pfn, struct memmap_run *ret_run)
{
	const struct flat *flat = memmap->private;
	vmc_pfn hole = 0;

	for (size_t i = 0; i < flat->count; i++) {
		const struct memmap_run *run = &flat->runs[i];

		if (pfn < run->start) {
			*ret_run = (struct memmap_run){
				.start = hole, .count = run->start - hole, .kind = MEMMAP_NONE};
			return NULL;
		}
		if (pfn - run->start < run->count) {
			*ret_run = *run;
			return NULL;
		}
		hole = run->start + run->count;
	}
	*ret_run =
		(struct memmap_run){.start = hole, .count = UINT64_MAX - hole, .kind = MEMMAP_NONE};
	return NULL;
}

/* No two nodes' arrays have to do with each other. */
static struct vmc_error *flat_guess(struct memmap *memmap, vmc_vaddr address, bool *ret_known,
				    vmc_pfn *ret_pfn)
{
	const struct flat *flat = memmap->private;

	*ret_known = true;
	*ret_pfn = flat->runs[0].start;
	for (size_t i = 0; i < flat->count; i++) {
		const struct memmap_run *run = &flat->runs[i];

		if (address >= run->structs &&
		    (address - run->structs) / memmap->struct_size < run->count)
			*ret_pfn = run->start;
	}
	return NULL;
}

const struct memmap_model memmap_flat = {
	.name = "flat",
	.applies = flat_applies,
	.init = flat_init,
	.deinit = flat_deinit,
	.find = flat_find,
	.guess = flat_guess,
};
