/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of a memory map made by the test, explained. */
#ifndef VMCULL_TESTS_EXPLAINED_PAGE_H
#define VMCULL_TESTS_EXPLAINED_PAGE_H

#include <vmcull/explain.h>

#include "built_kernel.h"

/* Types as bits, slab as a flag: a kernel of 6.8. */
#define KEYS_6_8                                                                 \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=15\nNUMBER(PG_swapcache)=12\n"     \
	"NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=11\nNUMBER(PG_hwpoison)=22\n" \
	"NUMBER(PG_head_mask)=64\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"      \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"

/* Types as numbers: a kernel of 7.2. */
#define KEYS_7_2                                           \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=14\n"        \
	"NUMBER(PG_swapcache)=10\n"                        \
	"NUMBER(PG_swapbacked)=17\n"                       \
	"NUMBER(PG_hwpoison)=21\n"                         \
	"NUMBER(PG_head_mask)=64\n"                        \
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n"   \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n" \
	"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n"    \
	"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n" \
	"NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n"

/* Per-CPU free lists, one for each of three migrate types. */
/* __per_cpu_offset is at 0x130000: zeros. */
#define NR_CPU_IDS 0x130100
#define PAGESET    0x131000
#define KEYS_PCP                                                             \
	"SYMBOL(__per_cpu_offset)=ffffffff80130000\n"                        \
	"SYMBOL(nr_cpu_ids)=ffffffff80130100\n"                              \
	"OFFSET(zone.per_cpu_pageset)=1700\nOFFSET(per_cpu_pages.count)=0\n" \
	"OFFSET(per_cpu_pages.lists)=16\nLENGTH(per_cpu_pages.lists)=3\n"    \
	"SIZE(per_cpu_pages)=256\nNUMBER(MIGRATE_PCPTYPES)=3\n"

#define BUDDY_6_8      ((uint32_t)-129)
#define BUDDY_7_2      0xf0000000u
#define OFFLINE_7_2    0xf1000000u
#define HUGETLB_7_2    0xf4000000u
#define SLAB_7_2       0xf5000000u
#define UNACCEPTED_7_2 0xf7000000u
#define LRU            (1u << 5)
#define HEAD           (1u << 6)
#define UPTODATE       (1u << 3)
#define SLAB_6_8       (1u << 11)
#define SWAPCACHE_6_8  (1u << 12)
#define OWNER_2        (1u << 11)
#define PRIVATE_7_2    (1u << 14)
#define SWAPBACKED_7_2 (1u << 17)
#define POISON_7_2     (1u << 21)
#define OWNER_PRIV_1   (1u << 10)
#define RECLAIM        (1u << 16)
#define ANON_VMA       0xffff888000001001u
#define ADDRESS_SPACE  0xffff888000002000u

struct fixture {
	struct built_kernel kernel;
	struct vmc_explainer *explainer;
	struct vmc_explanation page;
};

static inline void begin(struct fixture *fixture, const char *keys)
{
	memset(fixture, 0, sizeof(*fixture));
	built_kernel_create(&fixture->kernel, keys);
}

static inline void open_fixture(struct fixture *fixture)
{
	built_kernel_open(&fixture->kernel);
	succeed(vmc_explainer_create(fixture->kernel.target, &fixture->explainer));
}

static inline void end(struct fixture *fixture)
{
	vmc_explainer_destroy(fixture->explainer);
	built_kernel_destroy(&fixture->kernel);
}

static inline void explain(struct fixture *fixture, vmc_pfn pfn)
{
	if (!fixture->explainer)
		open_fixture(fixture);
	succeed(vmc_explain_page(fixture->explainer, pfn, &fixture->page));
	assert_int_equal(fixture->page.pfn, pfn);
}

static inline void put_free(struct built_kernel *kernel, vmc_pfn pfn, unsigned int order,
			    uint32_t buddy)
{
	page_put_type(kernel, pfn, buddy);
	page_put(kernel, pfn, PAGE_PRIVATE, order);
}

static inline void put_compound(struct built_kernel *kernel, vmc_pfn head, unsigned int order,
				uint64_t flags)
{
	page_put_flags(kernel, head, HEAD | flags);
	page_put_flags(kernel, head + 1, order);
	for (vmc_pfn i = 1; i < (vmc_pfn)1 << order; i++)
		page_put(kernel, head + i, PAGE_COMPOUND, struct_address(head) | 1);
}

/* A list of one page, whose head is at physical address @head. */
static inline void put_list(struct built_kernel *kernel, uint64_t head, vmc_pfn pfn)
{
	page_put(kernel, pfn, 8, IMAGE(head));
	page_put(kernel, pfn, 16, IMAGE(head));
	memory_put64(kernel, head, struct_address(pfn) + 8);
	memory_put64(kernel, head + 8, struct_address(pfn) + 8);
}

static inline void put_empty_list(struct built_kernel *kernel, uint64_t head)
{
	memory_put64(kernel, head, IMAGE(head));
	memory_put64(kernel, head + 8, IMAGE(head));
}

#endif
