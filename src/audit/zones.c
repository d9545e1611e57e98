/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What zones say of themselves: names, sizes, counters. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/parts.h"
#include "base/checked.h"
#include "pages/percpu.h"

/* Words behind zone.spanned_pages among which the name is looked for: present_pages, and two more
 * by configuration. */
#define NAME_WORDS 5

struct zone_reading {
	struct vmc_audit *audit;
	struct target_reader *reader;
	const struct facts *facts;
	struct percpu percpu;
	uint64_t name_offset; /* 0: not known */
};

/* A word of a zone, UINT64_MAX where it is not known or not readable. */
static struct vmc_error *read_word(const struct zone_reading *reading, const struct zone *zone,
				   enum fact_id offset, uint64_t *ret_value)
{
	*ret_value = UINT64_MAX;
	if (!fact_known(reading->facts, offset))
		return NULL;
	return unless_nomem(target_read_word(
		reading->reader, zone->address + fact_or(reading->facts, offset, 0), ret_value));
}

/* A short string of letters and digits at @address; "" when there is none. */
static struct vmc_error *read_name(const struct zone_reading *reading, vmc_vaddr pointer,
				   char *name, size_t size)
{
	vmc_vaddr address = 0;

	memset(name, 0, size);
	TRY(unless_nomem(target_read_word(reading->reader, pointer, &address)));
	if (!address)
		return NULL;
	TRY(unless_nomem(target_read(reading->reader, address, name, size - 1)));
	for (char *c = name; *c; c++) {
		bool good = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
			    (*c >= '0' && *c <= '9');

		if (!good)
			memset(name, 0, size);
	}
	return NULL;
}

static bool is_zone_name(const char *name)
{
	static const char *const names[] = {"DMA",     "DMA32",   "Normal",
					    "HighMem", "Movable", "Device"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

/* Without type information: a pointer near the sizes that leads to one of the names there are. */
static struct vmc_error *find_name_offset(struct zone_reading *reading)
{
	const struct vmc_audit *audit = reading->audit;
	unsigned int word = audit->target->layout.word_size;
	uint64_t spanned = fact_or(reading->facts, FACT_OFFSET_zone_spanned_pages, 0);
	char name[sizeof(audit->zones->name)];

	reading->name_offset = fact_or(reading->facts, FACT_OFFSET_zone_name, 0);
	for (uint64_t i = 1; i <= NAME_WORDS && !reading->name_offset && audit->zone_count; i++) {
		uint64_t offset = spanned + i * word;

		TRY(read_name(reading, audit->zone_list[0].address + offset, name, sizeof(name)));
		if (is_zone_name(name))
			reading->name_offset = offset;
	}
	return NULL;
}

/* What CPUs have not yet added to a counter of a zone: a signed byte each.  *ret_known is false
 * when the kernel does not tell where they are. */
static struct vmc_error *read_pending(const struct zone_reading *reading, const struct zone *zone,
				      enum fact_id item, bool *ret_known, int64_t *ret_sum)
{
	/* A structure of its own since 5.14. */
	bool own = fact_known(reading->facts, FACT_OFFSET_zone_per_cpu_zonestats);
	enum fact_id pointer =
		own ? FACT_OFFSET_zone_per_cpu_zonestats : FACT_OFFSET_zone_per_cpu_pageset;
	enum fact_id diff =
		own ? FACT_OFFSET_zonestat_vm_stat_diff : FACT_OFFSET_pageset_vm_stat_diff;
	uint64_t base;

	*ret_sum = 0;
	*ret_known = reading->percpu.count && fact_known(reading->facts, pointer) &&
		     fact_known(reading->facts, diff) && fact_known(reading->facts, item);
	if (!*ret_known)
		return NULL;
	TRY(read_word(reading, zone, pointer, &base));
	for (uint32_t cpu = 0; cpu < reading->percpu.count; cpu++) {
		int8_t pending = 0;

		TRY(unless_nomem(target_read(reading->reader,
					     percpu_address(&reading->percpu, base, cpu) +
						     fact_or(reading->facts, diff, 0) +
						     fact_or(reading->facts, item, 0),
					     &pending, sizeof(pending))));
		*ret_sum += pending;
	}
	return NULL;
}

static struct vmc_error *read_counter(const struct zone_reading *reading, const struct zone *zone,
				      enum fact_id item, uint64_t *ret_pages)
{
	uint64_t pages = 0;
	bool known, exact;
	int64_t pending;

	*ret_pages = UINT64_MAX;

	struct vmc_error *err = zone_counter(reading->reader, zone, item, &known, &pages);

	if (err || !known)
		return unless_nomem(err);
	TRY(read_pending(reading, zone, item, &exact, &pending));
	*ret_pages = pages + (uint64_t)pending;
	return NULL;
}

/* free_area[].nr_free */
static struct vmc_error *read_free_areas(const struct zone_reading *reading,
					 const struct zone *zone, struct vmc_audit_zone *told)
{
	const struct facts *facts = reading->facts;
	uint64_t orders = min_u64(fact_or(facts, FACT_LENGTH_zone_free_area, 0), VMC_ORDERS);
	vmc_vaddr areas = zone->address + fact_or(facts, FACT_OFFSET_zone_free_area, 0);

	for (unsigned int order = 0; order < VMC_ORDERS; order++) {
		told->blocks_counted[order] = UINT64_MAX;
		if (order < orders && fact_known(facts, FACT_OFFSET_free_area_nr_free))
			TRY(unless_nomem(target_read_word(
				reading->reader,
				areas + order * fact_or(facts, FACT_SIZE_free_area, 0) +
					fact_or(facts, FACT_OFFSET_free_area_nr_free, 0),
				&told->blocks_counted[order])));
	}
	return NULL;
}

static struct vmc_error *read_zone(const struct zone_reading *reading, const struct zone *zone,
				   struct vmc_audit_zone *told)
{
	told->node = (int)zone->node_id;
	told->index = zone->index;
	told->spanned = zone->spanned_pages;
	if (reading->name_offset)
		TRY(read_name(reading, zone->address + reading->name_offset, told->name,
			      sizeof(told->name)));
	if (!told->name[0])
		snprintf(told->name, sizeof(told->name), "zone%u", zone->index);
	TRY(read_word(reading, zone, FACT_OFFSET_zone_zone_start_pfn, &told->start_pfn));
	TRY(read_word(reading, zone, FACT_OFFSET_zone_present_pages, &told->present));
	TRY(read_word(reading, zone, FACT_OFFSET_zone_managed_pages, &told->managed));
	/* The offsets may be a guess: no zone is larger than it spans. */
	if (told->present > told->spanned || told->managed > told->spanned)
		told->start_pfn = told->present = told->managed = UINT64_MAX;
	TRY(read_counter(reading, zone, FACT_NUMBER_NR_FREE_PAGES, &told->free_counted));
	TRY(read_counter(reading, zone, FACT_NUMBER_NR_UNACCEPTED, &told->unaccepted_counted));
	return read_free_areas(reading, zone, told);
}

static struct vmc_error *read_zones(struct zone_reading *reading)
{
	struct vmc_audit *audit = reading->audit;

	TRY(unless_nomem(percpu_init(&reading->percpu, reading->reader)));
	TRY(find_name_offset(reading));
	for (size_t i = 0; i < audit->zone_count; i++)
		TRY(read_zone(reading, &audit->zone_list[i], &audit->zones[i]));
	return NULL;
}

struct vmc_error *audit_read_zones(struct vmc_audit *audit)
{
	struct zone_reading reading = {
		.audit = audit,
		.reader = audit->memmap->reader,
		.facts = &audit->target->facts,
	};

	TRY(unless_nomem(zones_list(reading.reader, &audit->zone_list, &audit->zone_count)));
	audit->zones = calloc(audit->zone_count + 1, sizeof(*audit->zones));
	if (!audit->zones)
		return error_nomem();

	struct vmc_error *err = read_zones(&reading);

	percpu_deinit(&reading.percpu);
	if (!err)
		err = unless_nomem(place_init(&audit->place, audit->memmap, audit->zone_list,
					      audit->zone_count));
	return err;
}
