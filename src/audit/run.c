/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/parts.h"

#include <stdio.h>

#include "base/log.h"

static struct vmc_error *set_up(struct vmc_audit *audit)
{
	TRY(classifier_init(&audit->classifier, audit->target));
	TRY(memmap_create(audit->target, &audit->memmap));
	TRY(audit_read_zones(audit));
	TRY(audit_walk_lists(audit));

	/* Only a kernel that has such memory is searched for the firmware's word on it. */
	bool may_scan = audit->unaccepted_listed.count && !audit->options.fast;

	return efi_table_find(&audit->efi_table, audit->memmap, &audit->classifier, may_scan);
}

/* The memory map is what an audit is about. */
static struct vmc_error *check_map(const struct vmc_audit *audit)
{
	uint64_t understood = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++) {
		if (state != VMC_PAGE_UNKNOWN)
			understood += audit->counts.pages[state];
	}
	if (understood)
		return NULL;
	return error_create(VMC_ERR_MISSING,
			    "the memory map is not in the dump: not one page of it can be "
			    "understood");
}

static void say_missing_types(struct vmc_audit *audit)
{
	const char *missing = vmc_target_type_information(audit->target);

	if (missing && *missing)
		findings_add(&audit->findings, FINDING_TYPE_INFORMATION, "%s", missing);
}

static struct vmc_error *run(struct vmc_audit *audit)
{
	say_missing_types(audit);
	TRY(set_up(audit));
	TRY(audit_sweep(audit));
	TRY(check_map(audit));
	audit_check_totals(audit);
	TRY(audit_check_unaccepted(audit));
	return findings_finish(&audit->findings);
}

struct vmc_error *vmc_audit_run(struct vmc_target *target, const struct vmc_audit_options *options,
				struct vmc_audit **ret_audit)
{
	struct vmc_audit *audit = calloc(1, sizeof(*audit));
	struct vmc_error *err;

	if (!audit)
		return error_nomem();
	audit->target = target;
	audit->options = *options;
	audit->findings.is_live = vmc_target_is_live(target);
	extents_init(&audit->unaccepted_typed);
	err = run(audit);
	if (err) {
		vmc_audit_destroy(audit);
		return err;
	}
	*ret_audit = audit;
	return NULL;
}

void vmc_audit_destroy(struct vmc_audit *audit)
{
	if (!audit)
		return;
	findings_deinit(&audit->findings);
	efi_table_deinit(&audit->efi_table);
	extents_deinit(&audit->unaccepted_typed);
	blocks_deinit(&audit->unaccepted_listed);
	blocks_deinit(&audit->free_listed);
	pcp_deinit(&audit->pcp);
	place_deinit(&audit->place);
	memmap_destroy(audit->memmap);
	free(audit->zone_list);
	free(audit->zones);
	free(audit);
}

const struct vmc_audit_counts *vmc_audit_counts(const struct vmc_audit *audit)
{
	return &audit->counts;
}

bool vmc_audit_attribute_known(const struct vmc_audit *audit, unsigned int attribute)
{
	return attribute < VMC_ATTRIBUTE_COUNT &&
	       (audit->attributes & VMC_ATTRIBUTE_BIT(attribute));
}

/* The pages of @by_state that a dump level keeps. */
static uint64_t level_sum(const uint64_t *by_state, int level)
{
	struct vmc_filter_policy policy;
	struct vmc_error *err = vmc_filter_policy_from_level(level, &policy);
	uint64_t sum = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT && !err; state++)
		sum += policy.drop & VMC_STATE_BIT(state) ? 0 : by_state[state];
	vmc_error_free(err);
	return sum;
}

uint64_t vmc_audit_level_pages(const struct vmc_audit *audit, int level)
{
	return level_sum(audit->content, level);
}

uint64_t vmc_audit_level_zero_pages(const struct vmc_audit *audit, int level)
{
	return level_sum(audit->zeros, level);
}

const struct vmc_audit_zone *vmc_audit_zone(const struct vmc_audit *audit, size_t index)
{
	return index < audit->zone_count ? &audit->zones[index] : NULL;
}

const char *vmc_audit_migrate_type_name(const struct vmc_audit *audit, unsigned int type)
{
	static const struct {
		enum fact_id id;
		const char *name;
	} names[] = {
		{FACT_NUMBER_MIGRATE_UNMOVABLE, "Unmovable"},
		{FACT_NUMBER_MIGRATE_MOVABLE, "Movable"},
		{FACT_NUMBER_MIGRATE_RECLAIMABLE, "Reclaimable"},
		{FACT_NUMBER_MIGRATE_HIGHATOMIC, "HighAtomic"},
		{FACT_NUMBER_MIGRATE_CMA, "CMA"},
		{FACT_NUMBER_MIGRATE_ISOLATE, "Isolate"},
	};
	static const char *const numbers[VMC_MIGRATE_TYPES] = {"type0", "type1", "type2", "type3",
							       "type4", "type5", "type6", "type7"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (fact_known(&audit->target->facts, names[i].id) &&
		    fact_or(&audit->target->facts, names[i].id, 0) == type)
			return names[i].name;
	}
	return type < VMC_MIGRATE_TYPES ? numbers[type] : NULL;
}

const struct vmc_finding *vmc_audit_finding(const struct vmc_audit *audit, size_t index)
{
	return index < audit->findings.count ? &audit->findings.list[index] : NULL;
}

const struct vmc_unaccepted *vmc_audit_unaccepted(const struct vmc_audit *audit)
{
	return &audit->unaccepted;
}

const char *vmc_audit_left_out(const struct vmc_audit *audit, size_t index)
{
	return index < audit->left_out_count ? audit->left_out[index] : NULL;
}
