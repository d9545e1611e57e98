/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/strip/parts.h"

#include <vmcull/audit.h>

#include "base/checked.h"
#include "pages/nodes.h"
#include "pages/percpu.h"
#include "pages/structs.h"

/* "Movable" is the longest. */
#define ZONE_NAME_MAX 16

struct vmc_error *strip_tables(struct strip *strip)
{
	uint64_t unreadable = 0;

	TRY(target_read_arch(strip->reader));
	TRY(target_read_tables(strip->reader, &unreadable));
	strip->summary.unreadable += unreadable << strip->target->page_shift;
	return NULL;
}

/* The first pfn behind all sections that the dump has memory in: struct pages of their holes tell
 * something too. */
static struct vmc_error *map_end(struct memmap *memmap, vmc_pfn end, vmc_pfn *ret_end)
{
	struct memmap_run run;

	*ret_end = end;
	if (!end)
		return NULL;
	TRY(memmap_find(memmap, end - 1, &run));
	if (run.kind == MEMMAP_PRESENT && run.count <= UINT64_MAX - run.start)
		*ret_end = run.start + run.count;
	return NULL;
}

struct vmc_error *strip_map(struct strip *strip)
{
	_cleanup_(memmap_destroy) struct memmap *memmap = NULL;
	struct structs structs;
	struct vmc_error *err;
	vmc_pfn end;

	TRY(memmap_create(strip->target, &memmap));
	TRY(map_end(memmap, vmc_dump_end_pfn(strip->target->dump), &end));
	TRY(structs_init(&structs, memmap));
	for (vmc_pfn pfn = 0; pfn < end && !strip->failure;) {
		struct struct_span span;

		err = structs_span(&structs, pfn, &span);
		if (err) {
			structs_deinit(&structs);
			return err;
		}
		pfn = span.count <= UINT64_MAX - pfn ? pfn + span.count : UINT64_MAX;
	}
	structs_deinit(&structs);
	return NULL;
}

/* The string that zone->name points to. */
static struct vmc_error *keep_zone_name(struct strip *strip, vmc_vaddr zone)
{
	const struct facts *facts = &strip->target->facts;
	uint64_t name;

	if (!fact_known(facts, FACT_OFFSET_zone_name))
		return NULL;
	TRY(target_read_word(strip->reader, zone + fact_or(facts, FACT_OFFSET_zone_name, 0),
			     &name));
	for (unsigned int i = 0; i < ZONE_NAME_MAX; i++) {
		char c;

		TRY(target_read(strip->reader, name + i, &c, 1));
		if (!c)
			break;
	}
	return NULL;
}

/* The lists of free pages that each CPU has of a zone. */
static struct vmc_error *keep_cpu_lists(struct strip *strip, vmc_vaddr zone,
					const struct percpu *percpu)
{
	const struct facts *facts = &strip->target->facts;
	uint64_t size = fact_or(facts, FACT_SIZE_per_cpu_pages, 0);
	uint64_t offset = fact_or(facts, FACT_OFFSET_pageset_pcp, 0), pointer;

	if (!percpu->count || !fact_known(facts, FACT_OFFSET_zone_per_cpu_pageset))
		return NULL;
	TRY(target_read_word(strip->reader,
			     zone + fact_or(facts, FACT_OFFSET_zone_per_cpu_pageset, 0), &pointer));
	for (uint32_t i = 0; i < percpu->count; i++)
		TRY(strip_keep(strip, percpu_address(percpu, pointer, i) + offset, size));
	return NULL;
}

static struct vmc_error *keep_zones(struct strip *strip, const struct percpu *percpu)
{
	_cleanup_free_ struct zone *zones = NULL;
	size_t count;

	TRY(zones_list(strip->reader, &zones, &count));
	for (size_t i = 0; i < count; i++) {
		TRY(keep_zone_name(strip, zones[i].address));
		TRY(keep_cpu_lists(strip, zones[i].address, percpu));
	}
	return NULL;
}

static struct vmc_error *keep_nodes(struct strip *strip)
{
	const struct facts *facts = &strip->target->facts;
	_cleanup_free_ struct node *nodes = NULL;
	uint64_t size;
	size_t count;

	TRY(nodes_list(strip->reader, &nodes, &count));
	TRY(fact_need(facts, FACT_SIZE_pglist_data, &size));
	for (size_t i = 0; i < count; i++)
		TRY(strip_keep(strip, nodes[i].pgdat, size));
	if (fact_known(facts, FACT_SYMBOL_node_online_map))
		TRY(strip_keep(strip, fact_or(facts, FACT_SYMBOL_node_online_map, 0),
			       fact_or(facts, FACT_SIZE_nodemask_t, 0)));
	return NULL;
}

struct vmc_error *strip_nodes(struct strip *strip)
{
	struct percpu percpu;

	TRY(keep_nodes(strip));
	TRY(percpu_init(&percpu, strip->reader));

	struct vmc_error *err = keep_zones(strip, &percpu);

	percpu_deinit(&percpu);
	return err;
}

struct vmc_error *strip_audit(struct strip *strip)
{
	/* All that an audit can do but a look at the content of pages. */
	struct vmc_audit_options options = {.zero = false};
	struct vmc_audit *audit;

	TRY(vmc_audit_run(strip->target, &options, &audit));
	vmc_audit_destroy(audit);
	return NULL;
}
