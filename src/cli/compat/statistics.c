/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/statistics.h"

#include <inttypes.h>

#include "compat/say.h"

static uint64_t dropped(const struct vmc_plan_counts *counts, unsigned int states)
{
	uint64_t pages = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		if (states & VMC_STATE_BIT(state))
			pages += counts->pages[state] - counts->kept[state];
	return pages;
}

static uint64_t all_pages(const struct vmc_plan_counts *counts)
{
	uint64_t pages = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		pages += counts->pages[state];
	return pages;
}

static void print_pages(const char *label, uint64_t pages)
{
	say(COMPAT_REPORT, "%s: 0x%016" PRIx64 "\n", label, pages);
}

static void print_excluded(const struct vmc_plan_counts *counts, uint64_t zero_excluded)
{
	static const struct {
		const char *label;
		unsigned int states;
	} rows[] = {
		{"    Non-private cache pages ", VMC_STATE_BIT(VMC_PAGE_CACHE)},
		{"    Private cache pages     ", VMC_STATE_BIT(VMC_PAGE_CACHE_PRIVATE)},
		{"    User process data pages ",
		 VMC_STATE_BIT(VMC_PAGE_ANON) | VMC_STATE_BIT(VMC_PAGE_HUGETLB)},
		{"    Free pages              ", VMC_STATE_BIT(VMC_PAGE_FREE) |
							 VMC_STATE_BIT(VMC_PAGE_FREE_PCP) |
							 VMC_STATE_BIT(VMC_PAGE_UNACCEPTED)},
		{"    Hwpoison pages          ", VMC_STATE_BIT(VMC_PAGE_HWPOISON)},
		{"    Offline pages           ",
		 VMC_STATE_BIT(VMC_PAGE_OFFLINE) | VMC_STATE_BIT(VMC_PAGE_OFFLINE_SECTION)},
	};

	print_pages("    Pages filled with zero  ", zero_excluded);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		print_pages(rows[i].label, dropped(counts, rows[i].states));
}

void statistics_print(const struct vmc_plan_counts *counts, uint64_t zero_excluded, vmc_pfn end_pfn,
		      uint64_t bytes)
{
	uint64_t original = all_pages(counts);
	uint64_t excluded = zero_excluded + counts->unused_map +
			    dropped(counts, (1u << VMC_PAGE_STATE_COUNT) - 1);
	uint64_t remaining = original > excluded ? original - excluded : 0;

	say(COMPAT_REPORT, "\n");
	print_pages("Original pages  ", original);
	print_pages("  Excluded pages   ", excluded);
	print_excluded(counts, zero_excluded);
	print_pages("  Remaining pages  ", remaining);
	say(COMPAT_REPORT, "  (The number of pages is reduced to %" PRIu64 "%%.)\n",
	    original ? remaining * 100 / original : 0);
	print_pages("Memory Hole     ", end_pfn > original ? end_pfn - original : 0);
	say(COMPAT_REPORT, "--------------------------------------------------\n");
	print_pages("Total pages     ", end_pfn);
	say(COMPAT_REPORT, "Write bytes     : %" PRIu64 "\n\n", bytes);
}
