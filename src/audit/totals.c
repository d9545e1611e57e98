/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found, against what zones count. */
#include <inttypes.h>

#include "audit/parts.h"

/* A CPU keeps this many changes of a counter to itself at most (calculate_normal_threshold()). */
#define PENDING_MAX 125

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static uint64_t free_found(const struct vmc_audit_zone *zone)
{
	return zone->counts.pages[VMC_PAGE_FREE] + zone->counts.pages[VMC_PAGE_UNACCEPTED] +
	       zone->free_absent;
}

/* Pages that counters may be off by. */
static uint64_t tolerance(const struct vmc_audit *audit)
{
	const struct facts *facts = &audit->target->facts;
	uint32_t cpus = vmc_target_cpus(audit->target);

	/* What CPUs keep to themselves was added. */
	if (audit->pcp.lists && (fact_known(facts, FACT_OFFSET_zonestat_vm_stat_diff) ||
				 fact_known(facts, FACT_OFFSET_pageset_vm_stat_diff)))
		return 0;
	return (uint64_t)PENDING_MAX * (cpus ? cpus : 1);
}

static void check_zone(struct vmc_audit *audit, const struct vmc_audit_zone *zone)
{
	uint64_t found = free_found(zone);

	if (zone->free_counted != UINT64_MAX &&
	    distance(found, zone->free_counted) > tolerance(audit))
		findings_add(&audit->findings, FINDING_FREE_COUNT,
			     "zone %s of node %d counts %" PRIu64 " free pages, but %" PRIu64
			     " were found",
			     zone->name, zone->node, zone->free_counted, found);
	for (unsigned int order = 0; order < VMC_ORDERS; order++) {
		if (zone->blocks_counted[order] != UINT64_MAX &&
		    zone->blocks_counted[order] != zone->blocks_found[order])
			findings_add(&audit->findings, FINDING_FREE_AREA,
				     "zone %s of node %d counts %" PRIu64
				     " free blocks of order %u, but %" PRIu64 " were found",
				     zone->name, zone->node, zone->blocks_counted[order], order,
				     zone->blocks_found[order]);
	}
}

static void check_all_zones(struct vmc_audit *audit)
{
	uint64_t counted = 0;
	uint64_t found =
		audit->counts.pages[VMC_PAGE_FREE] + audit->counts.pages[VMC_PAGE_UNACCEPTED];

	for (size_t i = 0; i < audit->zone_count; i++) {
		if (audit->zones[i].free_counted == UINT64_MAX)
			return;
		counted += audit->zones[i].free_counted;
		found += audit->zones[i].free_absent;
	}
	if (zones_free_implausible(found, counted))
		findings_add(&audit->findings, FINDING_FREE_TOTAL,
			     "the kernel counts %" PRIu64 " free pages, but %" PRIu64 " were found",
			     counted, found);
}

void audit_check_totals(struct vmc_audit *audit)
{
	/* Which zone a page is of decides what it is held against. */
	for (size_t i = 0; i < audit->zone_count && audit->place.known; i++)
		check_zone(audit, &audit->zones[i]);
	if (audit->zone_count)
		check_all_zones(audit);
	if (audit->pcp.lists && audit->pcp.pages != audit->pcp.counted)
		findings_add(&audit->findings, FINDING_PCP_COUNT,
			     "per-CPU free lists count %" PRIu64 " pages, but hold %" PRIu64,
			     audit->pcp.counted, audit->pcp.pages);
	if (audit->pcp.pages > audit->counts.pages[VMC_PAGE_FREE_PCP])
		findings_add(&audit->findings, FINDING_PCP_IN_USE,
			     "%" PRIu64 " pages on per-CPU free lists have struct pages that say "
			     "otherwise, or are in memory that the dump does not have",
			     audit->pcp.pages - audit->counts.pages[VMC_PAGE_FREE_PCP]);
}
