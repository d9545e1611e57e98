/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/nodes.h"

#include "base/checked.h"
#include "base/grow.h"

/* What a panic leaves differs by far less than a misread memory map. */
#define FREE_MISMATCH_PERCENT 10
#define FREE_MISMATCH_MIN     4096 /* pages */

struct node_list {
	struct node *items;
	size_t count, capacity;
};

/* @number: where it stands in node_data, which is its id in all kernels. */
static struct vmc_error *add_node(struct target_reader *reader, struct node_list *list,
				  vmc_vaddr pgdat, uint32_t number)
{
	const struct facts *facts = &target_reader_target(reader)->facts;
	uint64_t nr_zones_offset;
	uint32_t zones;

	TRY(fact_need(facts, FACT_OFFSET_pgdat_nr_zones, &nr_zones_offset));
	TRY(error_context(target_read_u32(reader, pgdat + nr_zones_offset, &zones),
			  "pglist_data.nr_zones"));
	if (zones > ZONES_PER_NODE_MAX)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, pgdat, "a node of %u zones",
				       zones);
	TRY(grow_array((void **)&list->items, &list->capacity, list->count + 1,
		       sizeof(*list->items)));
	list->items[list->count++] =
		(struct node){.pgdat = pgdat, .zone_count = zones, .id = number};
	return NULL;
}

/* The pointer of a node in node_data; NULL: no such node. */
static struct vmc_error *add_numbered_node(struct target_reader *reader, struct node_list *list,
					   uint32_t number)
{
	const struct vmc_target *target = target_reader_target(reader);
	vmc_vaddr array = fact_or(&target->facts, FACT_SYMBOL_node_data, 0);
	uint64_t pgdat;

	TRY(error_context(target_read_word(reader, array + number * target->layout.word_size,
					   &pgdat),
			  "node_data"));
	return pgdat ? add_node(reader, list, pgdat, number) : NULL;
}

/* node_data of unknown length is read only where node_online_map has a node: other variables lie
 * behind its end. */
static struct vmc_error *collect_online_nodes(struct target_reader *reader, struct node_list *list)
{
	const struct vmc_target *target = target_reader_target(reader);
	unsigned int word_size = target->layout.word_size;
	uint64_t map, size;

	if (!fact_known(&target->facts, FACT_SYMBOL_node_online_map) ||
	    !fact_known(&target->facts, FACT_SIZE_nodemask_t))
		return NULL;
	map = fact_or(&target->facts, FACT_SYMBOL_node_online_map, 0);
	size = min_u64(fact_or(&target->facts, FACT_SIZE_nodemask_t, 0), NODES_MAX / 8);
	for (uint32_t number = 0; number < size * 8; number++) {
		uint32_t bit = number % (word_size * 8);
		uint64_t word;

		TRY(error_context(target_read_word(reader, map + (number - bit) / 8, &word),
				  "node_online_map"));
		if (word >> bit & 1)
			TRY(add_numbered_node(reader, list, number));
	}
	return NULL;
}

static struct vmc_error *collect_nodes(struct target_reader *reader, struct node_list *list)
{
	const struct facts *facts = &target_reader_target(reader)->facts;
	uint64_t length;

	/* Without NUMA the one node is a variable; with it, node_data is an array of pointers. */
	if (fact_known(facts, FACT_SYMBOL_contig_page_data))
		return add_node(reader, list, fact_or(facts, FACT_SYMBOL_contig_page_data, 0), 0);
	if (!fact_known(facts, FACT_SYMBOL_node_data))
		return NULL;
	if (!fact_known(facts, FACT_LENGTH_node_data))
		return collect_online_nodes(reader, list);
	length = min_u64(fact_or(facts, FACT_LENGTH_node_data, 0), NODES_MAX);
	for (uint32_t number = 0; number < length; number++)
		TRY(add_numbered_node(reader, list, number));
	return NULL;
}

struct vmc_error *nodes_list(struct target_reader *reader, struct node **ret_nodes,
			     size_t *ret_count)
{
	struct node_list list = {0};
	struct vmc_error *err = collect_nodes(reader, &list);

	if (err) {
		free(list.items);
		return err;
	}
	*ret_nodes = list.items;
	*ret_count = list.count;
	return NULL;
}

struct vmc_error *zones_list(struct target_reader *reader, struct zone **ret_zones,
			     size_t *ret_count)
{
	const struct facts *facts = &target_reader_target(reader)->facts;
	uint64_t zones_offset, zone_size, spanned_offset;
	_cleanup_free_ struct node *nodes = NULL;
	_cleanup_free_ struct zone *zones = NULL;
	size_t node_count, count = 0;

	TRY(nodes_list(reader, &nodes, &node_count));
	TRY(fact_need(facts, FACT_OFFSET_pgdat_node_zones, &zones_offset));
	TRY(fact_need(facts, FACT_SIZE_zone, &zone_size));
	TRY(fact_need(facts, FACT_OFFSET_zone_spanned_pages, &spanned_offset));
	zones = calloc(node_count * ZONES_PER_NODE_MAX + 1, sizeof(*zones));
	if (!zones)
		return error_nomem();
	for (size_t i = 0; i < node_count; i++) {
		for (uint32_t j = 0; j < nodes[i].zone_count; j++) {
			struct zone *zone = &zones[count];

			zone->address = nodes[i].pgdat + zones_offset + j * zone_size;
			zone->node_id = nodes[i].id;
			zone->index = j;
			TRY(error_context(target_read_word(reader, zone->address + spanned_offset,
							   &zone->spanned_pages),
					  "zone.spanned_pages"));
			if (zone->spanned_pages)
				count++;
		}
	}
	*ret_zones = take_ptr(zones);
	*ret_count = count;
	return NULL;
}

struct vmc_error *zone_counter(struct target_reader *reader, const struct zone *zone,
			       enum fact_id item, bool *ret_known, uint64_t *ret_value)
{
	const struct vmc_target *target = target_reader_target(reader);
	uint64_t counters = fact_or(&target->facts, FACT_OFFSET_zone_vm_stat, 0);

	*ret_known = fact_known(&target->facts, FACT_OFFSET_zone_vm_stat) &&
		     fact_known(&target->facts, item);
	if (!*ret_known)
		return NULL;
	counters += fact_or(&target->facts, item, 0) * target->layout.word_size;
	return error_context(target_read_word(reader, zone->address + counters, ret_value),
			     "zone.vm_stat");
}

bool zones_free_implausible(uint64_t found, uint64_t counted)
{
	uint64_t difference = found > counted ? found - counted : counted - found;

	return difference > FREE_MISMATCH_MIN && difference / FREE_MISMATCH_PERCENT > counted / 100;
}

struct vmc_error *zones_free_pages(struct target_reader *reader, bool *ret_known,
				   uint64_t *ret_pages)
{
	_cleanup_free_ struct zone *zones = NULL;
	bool known = true;
	uint64_t sum = 0;
	size_t count;

	TRY(zones_list(reader, &zones, &count));
	for (size_t i = 0; i < count && known; i++) {
		uint64_t pages = 0;

		TRY(zone_counter(reader, &zones[i], FACT_NUMBER_NR_FREE_PAGES, &known, &pages));
		sum += pages;
	}
	*ret_known = known && count > 0;
	*ret_pages = sum;
	return NULL;
}
