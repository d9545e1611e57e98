/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node and zone of a page: fields at the top of its flags word, whose widths no kernel exports.
 * They follow from the configuration, of which something is known, and free lists prove them: what
 * is on the list of a zone has to say that it is of that zone.
 */
#ifndef VMCULL_PAGES_PLACE_H
#define VMCULL_PAGES_PLACE_H

#include "pages/memmap.h"
#include "pages/nodes.h"

struct place {
	unsigned int shift; /* of the zone field; the node's is above it */
	unsigned int zone_bits, node_bits;
	int32_t *zones; /* by the value of both fields: index in the list of zones, or -1 */
	bool known;
};

/* The fields stay unknown when pages on free lists do not prove them. */
struct vmc_error *place_init(struct place *place, struct memmap *memmap, const struct zone *zones,
			     size_t zone_count) VMC_MUST_CHECK;
void place_deinit(struct place *place);

/* The fields of a flags word: equal for pages of one zone. */
static inline uint64_t place_key(const struct place *place, uint64_t flags)
{
	return flags >> place->shift & (((uint64_t)1 << (place->zone_bits + place->node_bits)) - 1);
}

/* Index in the list of zones, or -1. */
static inline int32_t place_zone(const struct place *place, uint64_t flags)
{
	return place->known ? place->zones[place_key(place, flags)] : -1;
}

#endif
