/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <vmcull/pages.h>

const char *vmc_page_state_name(enum vmc_page_state state)
{
	static const char *const names[VMC_PAGE_STATE_COUNT] = {
		[VMC_PAGE_UNKNOWN] = "unknown",   [VMC_PAGE_KERNEL] = "kernel",
		[VMC_PAGE_SLAB] = "slab",         [VMC_PAGE_TABLE] = "page-table",
		[VMC_PAGE_FREE] = "free",         [VMC_PAGE_UNACCEPTED] = "unaccepted",
		[VMC_PAGE_OFFLINE] = "offline",   [VMC_PAGE_HWPOISON] = "hwpoison",
		[VMC_PAGE_CACHE] = "cache",       [VMC_PAGE_CACHE_PRIVATE] = "cache-private",
		[VMC_PAGE_ANON] = "anon",         [VMC_PAGE_HUGETLB] = "hugetlb",
		[VMC_PAGE_FREE_PCP] = "free-pcp", [VMC_PAGE_OFFLINE_SECTION] = "offline-section",
	};

	return (unsigned int)state < VMC_PAGE_STATE_COUNT ? names[state] : "invalid";
}
