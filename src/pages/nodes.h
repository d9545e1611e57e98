/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NUMA nodes and their zones, as the kernel's own structures list them. */
#ifndef VMCULL_PAGES_NODES_H
#define VMCULL_PAGES_NODES_H

#include "target/target.h"

/* MAX_NUMNODES is 1 << 10 at most (CONFIG_NODES_SHIFT), MAX_NR_ZONES 6; hostile input may say more.
 */
#define NODES_MAX          4096
#define ZONES_PER_NODE_MAX 16

struct node {
	vmc_vaddr pgdat;
	uint32_t zone_count;
	uint32_t id;
};

struct zone {
	vmc_vaddr address;
	uint64_t spanned_pages;
	uint32_t node_id;
	uint32_t index; /* in the node */
};

/* The nodes, in a list to be freed.  None at all when the kernel does not say where they are. */
struct vmc_error *nodes_list(struct target_reader *reader, struct node **ret_nodes,
			     size_t *ret_count) VMC_MUST_CHECK;

/* The zones of all nodes that span memory, in a list to be freed. */
struct vmc_error *zones_list(struct target_reader *reader, struct zone **ret_zones,
			     size_t *ret_count) VMC_MUST_CHECK;

/* vm_stat[item] of a zone.  CPUs keep small changes to themselves, so it may be off by some. */
struct vmc_error *zone_counter(struct target_reader *reader, const struct zone *zone,
			       enum fact_id item, bool *ret_known,
			       uint64_t *ret_value) VMC_MUST_CHECK;

/* Do the free pages @found in the memory map contradict what the kernel has @counted, by more than
 * a panic in the middle of things leaves?  Then the map is not understood. */
bool zones_free_implausible(uint64_t found, uint64_t counted);

/* Sum of vm_stat[NR_FREE_PAGES] over all zones: free pages as the kernel counts them, unaccepted
 * ones included.  *ret_known is false when the kernel does not say where the counter is. */
struct vmc_error *zones_free_pages(struct target_reader *reader, bool *ret_known,
				   uint64_t *ret_pages) VMC_MUST_CHECK;

#endif
