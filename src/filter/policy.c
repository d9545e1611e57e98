/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left out: by dump level or by name. */
#include <vmcull/filter.h>

#include <string.h>

#include "base/error.h"

#define BIT(state) VMC_STATE_BIT(VMC_PAGE_##state)

#define LEVEL_ZERO 1
#define LEVEL_MAX  31

/* The bits of a dump level, as makedumpfile(8) defines them. */
static const struct {
	int level;
	uint32_t states;
} level_bits[] = {
	{2, BIT(CACHE)},
	{4, BIT(CACHE) | BIT(CACHE_PRIVATE)},
	{8, BIT(ANON) | BIT(HUGETLB)},
	{16, BIT(FREE) | BIT(UNACCEPTED)},
};

#define LEVEL_BIT_COUNT (sizeof(level_bits) / sizeof(level_bits[0]))

/* States that may be left out; what the kernel itself needs is none of them. */
#define DROPPABLE                                                                               \
	(VMC_STATES_FORBIDDEN | BIT(FREE) | BIT(FREE_PCP) | BIT(OFFLINE_SECTION) | BIT(CACHE) | \
	 BIT(CACHE_PRIVATE) | BIT(ANON) | BIT(HUGETLB))

struct vmc_error *vmc_filter_policy_from_level(int level, struct vmc_filter_policy *ret_policy)
{
	struct vmc_filter_policy policy = {.drop = VMC_STATES_FORBIDDEN};

	if (level < 0 || level > LEVEL_MAX)
		return error_create(VMC_ERR_INVALID, "dump level %d is not between 0 and %d", level,
				    LEVEL_MAX);
	for (size_t i = 0; i < LEVEL_BIT_COUNT; i++) {
		if (level & level_bits[i].level)
			policy.drop |= level_bits[i].states;
	}
	policy.drop_zero = level & LEVEL_ZERO;
	*ret_policy = policy;
	return NULL;
}

int vmc_filter_policy_level(const struct vmc_filter_policy *policy)
{
	int level = policy->drop_zero ? LEVEL_ZERO : 0;

	for (size_t i = 0; i < LEVEL_BIT_COUNT; i++) {
		if ((policy->drop & level_bits[i].states) == level_bits[i].states)
			level |= level_bits[i].level;
	}
	return level;
}

/* The states that a name of @length bytes stands for; 0 when it is none of ours. */
static uint32_t find_states(const char *name, size_t length)
{
	if (length == 4 && strncmp(name, "user", length) == 0)
		return BIT(ANON) | BIT(HUGETLB);
	/* Both are offline; only pages that are so one by one are left out unasked. */
	if (length == 7 && strncmp(name, "offline", length) == 0)
		return BIT(OFFLINE) | BIT(OFFLINE_SECTION);
	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++) {
		const char *known = vmc_page_state_name(state);

		if (strlen(known) == length && strncmp(name, known, length) == 0)
			return VMC_STATE_BIT(state);
	}
	return 0;
}

static struct vmc_error *change_one(struct vmc_filter_policy *policy, const char *name,
				    size_t length, bool exclude)
{
	if (length == 4 && strncmp(name, "zero", length) == 0) {
		policy->drop_zero = exclude;
		return NULL;
	}

	uint32_t states = find_states(name, length);

	if (!states)
		return error_create(
			VMC_ERR_INVALID,
			"\"%.*s\" is no page state; known are free, free-pcp, unaccepted, "
			"offline, offline-section, hwpoison, zero, cache, cache-private, anon, "
			"hugetlb and user",
			(int)length, name);
	if (exclude && (states & ~DROPPABLE))
		return error_create(VMC_ERR_REFUSED,
				    "%.*s pages are always kept: without them a dump "
				    "cannot be analysed",
				    (int)length, name);
	if (!exclude && (states & VMC_STATES_FORBIDDEN))
		return error_create(VMC_ERR_REFUSED,
				    "%.*s pages are never read, so they cannot be kept",
				    (int)length, name);
	if (exclude)
		policy->drop |= states;
	else
		policy->drop &= ~states;
	return NULL;
}

struct vmc_error *vmc_filter_policy_change(struct vmc_filter_policy *policy, const char *names,
					   bool exclude)
{
	struct vmc_filter_policy changed = *policy;

	for (;;) {
		size_t length = strcspn(names, ",");

		TRY(change_one(&changed, names, length, exclude));
		if (!names[length])
			break;
		names += length + 1;
	}
	*policy = changed;
	return NULL;
}
