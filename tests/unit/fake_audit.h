/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An audit made up for tests of what shows one: a program that defines these functions itself does
 * not get those of the library.
 */
#ifndef VMCULL_TESTS_FAKE_AUDIT_H
#define VMCULL_TESTS_FAKE_AUDIT_H

#include <string.h>

#include <vmcull/audit.h>

struct vmc_audit {
	struct vmc_audit_counts counts;
	struct vmc_audit_zone zones[4];
	size_t zone_count;
	struct vmc_finding findings[3];
	size_t finding_count;
	struct vmc_unaccepted unaccepted;
	const char *left_out;
};

const struct vmc_audit_counts *vmc_audit_counts(const struct vmc_audit *audit)
{
	return &audit->counts;
}

uint64_t vmc_audit_level_pages(const struct vmc_audit *audit, int level)
{
	uint64_t pages = audit->counts.content[VMC_PAGE_KERNEL];

	if (!(level & 16))
		pages += audit->counts.content[VMC_PAGE_FREE];
	return pages + (level & 8 ? 0 : audit->counts.content[VMC_PAGE_ANON]);
}

const struct vmc_audit_zone *vmc_audit_zone(const struct vmc_audit *audit, size_t index)
{
	return index < audit->zone_count ? &audit->zones[index] : NULL;
}

const char *vmc_audit_migrate_type_name(const struct vmc_audit *audit, unsigned int type)
{
	(void)audit;
	return type == 0 ? "Unmovable" : type == 1 ? "Movable" : "type <2>";
}

const struct vmc_finding *vmc_audit_finding(const struct vmc_audit *audit, size_t index)
{
	return index < audit->finding_count ? &audit->findings[index] : NULL;
}

const struct vmc_unaccepted *vmc_audit_unaccepted(const struct vmc_audit *audit)
{
	return &audit->unaccepted;
}

const char *vmc_audit_left_out(const struct vmc_audit *audit, size_t index)
{
	return index ? NULL : audit->left_out;
}

static void fake_zone(struct vmc_audit *audit, int node, const char *name, vmc_pfn start)
{
	struct vmc_audit_zone *zone = &audit->zones[audit->zone_count++];

	memset(zone, 0, sizeof(*zone));
	zone->node = node;
	strcpy(zone->name, name);
	zone->start_pfn = start;
	zone->spanned = zone->managed = UINT64_MAX;
	zone->free_counted = zone->unaccepted_counted = UINT64_MAX;
	for (size_t order = 0; order < VMC_ORDERS; order++)
		zone->blocks_listed[order] = zone->blocks_counted[order] = UINT64_MAX;
}

/* Counts a range, as vmc_audit_run() would. */
static void fake_count(struct vmc_audit *audit, const struct vmc_audit_range *range)
{
	struct vmc_audit_zone *zone = range->zone >= 0 ? &audit->zones[range->zone] : NULL;

	audit->counts.pages[range->state] += range->count;
	audit->counts.content[range->state] += range->content ? range->count : 0;
	if (!zone)
		return;
	zone->present += range->count;
	zone->counts.pages[range->state] += range->count;
	if (range->state == VMC_PAGE_FREE) {
		zone->blocks_found[range->order] += range->count >> range->order;
		zone->migrate_types[1][range->order] += range->count >> range->order;
	}
}

/* Findings and unaccepted memory, with texts as a hostile dump may have them. */
static void fake_findings(struct vmc_audit *audit)
{
	audit->finding_count = 3;
	audit->findings[0] = (struct vmc_finding){
		.name = "free-count",
		.severity = VMC_SEVERITY_ERROR,
		.message = "80,123 free pages counted, 82,758 found <script>x</script>",
		.meaning = "Level 16 may leave out pages that are in use.",
		.pages = 2635,
		.ranges = {{0x10000, 16}, {0x12345, 1}},
		.range_count = 2,
		.more_ranges = true};
	audit->findings[1] = (struct vmc_finding){
		.name = "list-torn",
		.severity = VMC_SEVERITY_WARNING,
		.message = "a free list of order 3 ends in the middle",
		.meaning = "The crash came while it was changed; blocks are told by their types."};
	audit->findings[2] = (struct vmc_finding){.name = "bitmap-missing",
						  .severity = VMC_SEVERITY_NOTE,
						  .message = "the EFI table is not in the dump",
						  .meaning = "Types and lists tell the same."};
	audit->unaccepted.sources[VMC_UNACCEPTED_TYPE].usable = true;
	audit->unaccepted.sources[VMC_UNACCEPTED_TYPE].pages = 5242880;
	audit->unaccepted.sources[VMC_UNACCEPTED_TYPE].describe = "exported";
	audit->unaccepted.sources[VMC_UNACCEPTED_LIST].describe = "no facts";
	audit->unaccepted.sources[VMC_UNACCEPTED_BITMAP].describe = "not in the dump";
	audit->left_out = "zero pages: asked for with --zero only";
}

#endif
