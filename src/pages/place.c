/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/place.h"

#include <string.h>

#include "base/checked.h"
#include "pages/page_list.h"

#define NODE_BITS_MAX 10 /* CONFIG_NODES_SHIFT */
#define ZONE_BITS_MAX 3  /* eight zones; six exist */

/* A page that is known to be of a zone, since it is on one of its free lists. */
struct witness {
	uint64_t flags;
	size_t zone;
};

#define WITNESSES_PER_ZONE 4

struct witnesses {
	struct memmap *memmap;
	struct page_list list;
	struct witness *all;
	size_t count;
};

/* The first page on one free list, if there is one. */
static struct vmc_error *hear_list(struct witnesses *witnesses, size_t zone, vmc_vaddr head)
{
	struct target_reader *reader = witnesses->memmap->reader;
	uint64_t flags_offset =
		fact_or(&target_reader_target(reader)->facts, FACT_OFFSET_page_flags, 0);
	struct witness *witness = &witnesses->all[witnesses->count];
	enum page_list_step step;
	bool is_list;
	vmc_pfn pfn;

	TRY(page_list_begin(&witnesses->list, head, 1, &is_list));
	if (!is_list)
		return NULL;

	vmc_vaddr page = witnesses->list.entry - witnesses->list.lru;

	TRY(page_list_next(&witnesses->list, &step, &pfn));
	if (step != PAGE_LIST_ENTRY)
		return NULL;
	TRY(target_read_word(reader, page + flags_offset, &witness->flags));
	witness->zone = zone;
	witnesses->count++;
	return NULL;
}

static struct vmc_error *hear_zone(struct witnesses *witnesses, size_t number,
				   const struct zone *zone)
{
	const struct facts *facts = &target_reader_target(witnesses->memmap->reader)->facts;
	uint64_t orders = fact_or(facts, FACT_LENGTH_zone_free_area, 0);
	uint64_t types = fact_or(facts, FACT_LENGTH_free_area_free_list, 0);
	vmc_vaddr areas = zone->address + fact_or(facts, FACT_OFFSET_zone_free_area, 0) +
			  fact_or(facts, FACT_OFFSET_free_area_free_list, 0);
	size_t enough = witnesses->count + WITNESSES_PER_ZONE;

	for (uint64_t order = orders; order-- && witnesses->count < enough;) {
		vmc_vaddr area = areas + order * fact_or(facts, FACT_SIZE_free_area, 0);

		for (uint64_t type = 0; type < types && witnesses->count < enough; type++)
			TRY(hear_list(witnesses, number,
				      area + type * fact_or(facts, FACT_SIZE_list_head, 0)));
	}
	return NULL;
}

static unsigned int bits_for(uint64_t values)
{
	unsigned int bits = 0;

	while ((uint64_t)1 << bits < values)
		bits++;
	return bits;
}

/* How many witnesses the widths agree with. */
static size_t count_agreeing(const struct place *place, const struct witnesses *witnesses,
			     const struct zone *zones)
{
	size_t agreeing = 0;

	for (size_t i = 0; i < witnesses->count; i++) {
		const struct zone *zone = &zones[witnesses->all[i].zone];
		uint64_t key = (uint64_t)zone->node_id << place->zone_bits | zone->index;

		agreeing += zone->index < 1u << place->zone_bits &&
			    place_key(place, witnesses->all[i].flags) == key;
	}
	return agreeing;
}

/* Bits of the section number above both, where struct pages are no virtual array. */
static unsigned int section_bits(const struct memmap *memmap)
{
	const struct facts *facts = &target_reader_target(memmap->reader)->facts;
	uint64_t physmem = fact_or(facts, FACT_NUMBER_MAX_PHYSMEM_BITS, 0);
	uint64_t section = fact_or(facts, FACT_NUMBER_SECTION_SIZE_BITS, 0);

	if (!fact_known(facts, FACT_SYMBOL_mem_section) || physmem <= section)
		return 0;
	return (unsigned int)min_u64(physmem - section, 31);
}

/* What the kernel's configuration leaves to be found. */
struct widths {
	unsigned int node_min, node_max, zone_min, zone_max;
};

static struct widths widths_of(const struct facts *facts)
{
	struct widths widths = {.node_max = NODE_BITS_MAX, .zone_max = ZONE_BITS_MAX};

	if (fact_known(facts, FACT_SYMBOL_contig_page_data))
		widths.node_max = 0;
	else if (fact_known(facts, FACT_LENGTH_node_data)) /* MAX_NUMNODES */
		widths.node_min = widths.node_max = bits_for(
			min_u64(fact_or(facts, FACT_LENGTH_node_data, 1), 1u << NODE_BITS_MAX));
	if (fact_known(facts, FACT_NUMBER_MAX_NR_ZONES))
		widths.zone_min = widths.zone_max = bits_for(
			min_u64(fact_or(facts, FACT_NUMBER_MAX_NR_ZONES, 1), 1u << ZONE_BITS_MAX));
	return widths;
}

/* An election of the widths that most witnesses agree with; of equals the first, which is the
 * smallest.  Equals that look for the fields elsewhere (all may, of witnesses that have zeros
 * there) leave it undecided where a page is, unless there is one zone for all. */
struct election {
	struct place *place;
	const struct witnesses *witnesses;
	const struct zone *zones;
	size_t zone_count;
	size_t most; /* that agreed so far */
};

static void elect_widths(struct election *election, const struct widths *widths,
			 unsigned int top_bits, unsigned int word_bits)
{
	struct place *place = election->place;
	size_t before = election->most;

	for (unsigned int nodes = widths->node_min; nodes <= widths->node_max; nodes++) {
		for (unsigned int bits = widths->zone_min; bits <= widths->zone_max; bits++) {
			if (!(nodes + bits) || top_bits + nodes + bits > word_bits)
				continue;

			struct place candidate = {
				.shift = word_bits - top_bits - nodes - bits,
				.zone_bits = bits,
				.node_bits = nodes,
			};
			size_t agreeing =
				count_agreeing(&candidate, election->witnesses, election->zones);

			if (agreeing > election->most) {
				election->most = agreeing;
				*place = candidate;
				place->known = true;
			} else if (agreeing == election->most && agreeing > before &&
				   candidate.shift != place->shift && election->zone_count > 1) {
				place->known = false;
			}
		}
	}
}

static void find_widths(struct place *place, const struct witnesses *witnesses,
			const struct zone *zones, size_t zone_count)
{
	const struct memmap *memmap = witnesses->memmap;
	const struct vmc_target *target = target_reader_target(memmap->reader);
	struct widths widths = widths_of(&target->facts);
	unsigned int word_bits = target->layout.word_size * 8u;
	struct election election = {
		.place = place,
		.witnesses = witnesses,
		.zones = zones,
		.zone_count = zone_count,
		.most = witnesses->count / 2, /* fewer prove nothing */
	};

	elect_widths(&election, &widths, memmap->section_bits, word_bits);
	/* With few sections the top bits of their numbers may look like zones. */
	elect_widths(&election, &widths, section_bits(memmap), word_bits);
}

static struct vmc_error *fill_zones(struct place *place, const struct zone *zones, size_t count)
{
	size_t values = (size_t)1 << (place->zone_bits + place->node_bits);

	place->zones = malloc(values * sizeof(*place->zones));
	if (!place->zones)
		return error_nomem();
	for (size_t i = 0; i < values; i++)
		place->zones[i] = -1;
	for (size_t i = 0; i < count; i++) {
		uint64_t key = (uint64_t)zones[i].node_id << place->zone_bits | zones[i].index;

		if (key < values && zones[i].index < 1u << place->zone_bits)
			place->zones[key] = (int32_t)i;
	}
	return NULL;
}

struct vmc_error *place_init(struct place *place, struct memmap *memmap, const struct zone *zones,
			     size_t zone_count)
{
	struct witnesses witnesses = {.memmap = memmap};
	struct vmc_error *err;

	memset(place, 0, sizeof(*place));
	TRY(page_list_init(&witnesses.list, memmap));
	witnesses.all = calloc(zone_count * WITNESSES_PER_ZONE + 1, sizeof(*witnesses.all));
	if (!witnesses.all)
		return error_nomem();
	err = NULL;
	for (size_t i = 0; i < zone_count && !err; i++)
		err = hear_zone(&witnesses, i, &zones[i]);
	if (!err)
		find_widths(place, &witnesses, zones, zone_count);
	free(witnesses.all);
	if (!err && place->known)
		err = fill_zones(place, zones, zone_count);
	return err;
}

void place_deinit(struct place *place)
{
	free(place->zones);
	place->zones = NULL;
}
