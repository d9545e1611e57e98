/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits and types of pages: whether each has its own. */
#include <inttypes.h>

#include "kernel/check.h"

/* Flags of different pages may share a bit on purpose. */
enum sharing {
	ALONE,
	OWNER, /* PG_swapcache was a flag of its own before 4.10 */
	DISK,  /* PG_mappedtodisk is PG_owner_2 since 6.12, PG_anon_exclusive since 5.19 */
	DATA,  /* PG_reported, of free pages, since 5.7 */
};

/* Bits of page.flags.  Two have the same number only where both share in the same way.  PG_hugetlb
 * is none of them: it is in the flags of a second page. */
static const struct {
	enum fact_id id;
	enum sharing sharing;
} flag_bits[] = {
	{FACT_NUMBER_PG_lru, ALONE},          {FACT_NUMBER_PG_private, ALONE},
	{FACT_NUMBER_PG_swapcache, OWNER},    {FACT_NUMBER_PG_swapbacked, ALONE},
	{FACT_NUMBER_PG_slab, ALONE},         {FACT_NUMBER_PG_hwpoison, ALONE},
	{FACT_NUMBER_PG_buddy, ALONE},        {FACT_NUMBER_PG_locked, ALONE},
	{FACT_NUMBER_PG_writeback, ALONE},    {FACT_NUMBER_PG_referenced, ALONE},
	{FACT_NUMBER_PG_uptodate, DATA},      {FACT_NUMBER_PG_dirty, ALONE},
	{FACT_NUMBER_PG_waiters, ALONE},      {FACT_NUMBER_PG_active, ALONE},
	{FACT_NUMBER_PG_workingset, ALONE},   {FACT_NUMBER_PG_error, ALONE},
	{FACT_NUMBER_PG_owner_priv_1, OWNER}, {FACT_NUMBER_PG_owner_2, DISK},
	{FACT_NUMBER_PG_arch_1, ALONE},       {FACT_NUMBER_PG_reserved, ALONE},
	{FACT_NUMBER_PG_private_2, ALONE},    {FACT_NUMBER_PG_mappedtodisk, DISK},
	{FACT_NUMBER_PG_reclaim, ALONE},      {FACT_NUMBER_PG_unevictable, ALONE},
	{FACT_NUMBER_PG_dropbehind, ALONE},   {FACT_NUMBER_PG_mlocked, ALONE},
	{FACT_NUMBER_PG_uncached, ALONE},     {FACT_NUMBER_PG_young, ALONE},
	{FACT_NUMBER_PG_idle, ALONE},         {FACT_NUMBER_PG_arch_2, ALONE},
	{FACT_NUMBER_PG_arch_3, ALONE},       {FACT_NUMBER_PG_anon_exclusive, DISK},
	{FACT_NUMBER_PG_reported, DATA},
};

static const enum fact_id page_types[] = {
	FACT_NUMBER_PAGE_BUDDY, FACT_NUMBER_PAGE_OFFLINE, FACT_NUMBER_PAGE_HUGETLB,
	FACT_NUMBER_PAGE_SLAB,  FACT_NUMBER_PAGE_TABLE,   FACT_NUMBER_PAGE_UNACCEPTED,
};

uint64_t facts_page_flag_bits(const struct facts *facts)
{
	uint64_t bits = fact_or(facts, FACT_NUMBER_PG_head_mask, 0);

	for (size_t i = 0; i < COUNT(flag_bits); i++)
		bits |= fact_flag_mask(facts, flag_bits[i].id);
	return bits ? UINT64_MAX >> __builtin_clzll(bits) : 0;
}

static bool may_share(size_t a, size_t b)
{
	return flag_bits[a].sharing != ALONE && flag_bits[a].sharing == flag_bits[b].sharing;
}

static struct vmc_error *check_flag_bits(const struct facts *facts)
{
	unsigned int word_size = facts_word_size(facts);
	int64_t bits = word_size ? 8 * (int64_t)word_size : 64;

	for (size_t i = 0; i < COUNT(flag_bits); i++) {
		if (!fact_known(facts, flag_bits[i].id))
			continue;

		int64_t bit = check_value(facts, flag_bits[i].id);

		if (bit < 0 || bit >= bits)
			return error_create(VMC_ERR_CORRUPT,
					    "%s=%" PRId64 " is no bit of a word of %" PRId64
					    " bits",
					    fact_name(flag_bits[i].id), bit, bits);
		for (size_t j = 0; j < i; j++) {
			if (fact_known(facts, flag_bits[j].id) && !may_share(i, j) &&
			    check_value(facts, flag_bits[j].id) == bit)
				return check_contradiction(facts, flag_bits[j].id, flag_bits[i].id,
							   "two page flags have the same bit");
		}
	}
	return NULL;
}

static struct vmc_error *check_head_mask(const struct facts *facts)
{
	if (!fact_known(facts, FACT_NUMBER_PG_head_mask))
		return NULL;

	uint64_t mask = facts->table[FACT_NUMBER_PG_head_mask].value;
	unsigned int word_size = facts_word_size(facts);

	if (!mask || (word_size == 4 && mask > UINT32_MAX))
		return error_create(VMC_ERR_CORRUPT,
				    "NUMBER(PG_head_mask)=%" PRId64 " is no mask of page flags",
				    (int64_t)mask);
	for (size_t i = 0; i < COUNT(flag_bits); i++) {
		if (fact_known(facts, flag_bits[i].id) &&
		    mask >> check_value(facts, flag_bits[i].id) & 1)
			return check_contradiction(facts, FACT_NUMBER_PG_head_mask, flag_bits[i].id,
						   "the mask has the bit of another page flag");
	}
	return NULL;
}

/* A page type is stored where other pages count how often they are mapped: 0 and more, and -1 for
 * not mapped.  A "type" among those would be found on about every page. */
struct vmc_error *check_page_types(const struct facts *facts)
{
	for (size_t i = 0; i < COUNT(page_types); i++) {
		if (!fact_known(facts, page_types[i]))
			continue;

		int64_t type = check_value(facts, page_types[i]);

		if (type < INT32_MIN || type > -2)
			return error_create(VMC_ERR_CORRUPT,
					    "%s=%" PRId64 " is no page type: not within %" PRId32
					    " to -2",
					    fact_name(page_types[i]), type, INT32_MIN);
		for (size_t j = 0; j < i; j++) {
			if (fact_known(facts, page_types[j]) &&
			    check_value(facts, page_types[j]) == type)
				return check_contradiction(facts, page_types[j], page_types[i],
							   "two page types have the same value");
		}
	}
	return NULL;
}

struct vmc_error *check_page_flags(const struct facts *facts)
{
	TRY(check_flag_bits(facts));
	return check_head_mask(facts);
}
