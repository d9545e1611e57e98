/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel of built_kernel.h with all that an audit looks at: two zones with names, counters and
 * free lists, and the per-CPU lists of two CPUs.  What is put in keeps everything in step; a test
 * damages one thing and says which findings there are.
 *
 * Where a kernel would have type information, VMCOREINFO tells here.
 */
#ifndef VMCULL_TESTS_AUDITED_KERNEL_H
#define VMCULL_TESTS_AUDITED_KERNEL_H

#include <vmcull/audit.h>

#include "built_kernel.h"

#define ZONE_SIZE  2048
#define ZONE_AT(z) (ZONE + (z)*ZONE_SIZE)
#define ZONES      2
#ifndef ZONE_BORDER
#define ZONE_BORDER 0x10000 /* pages from there on are of zone 1 */
#endif
#define ZONE_1_FLAG ((uint64_t)1 << 63)

/* In struct zone, beside what built_kernel.h has. */
#define ZONE_START      144
#define ZONE_MANAGED    152
#define ZONE_PRESENT    168
#define ZONE_NAME       176
#define ZONE_PAGESET    184
#define ZONE_STATS      192
#define FREE_AREA_SIZE  104
#define NR_FREE         96
#define STAT_FREE       (ZONE_VM_STAT + 0)
#define STAT_UNACCEPTED (ZONE_VM_STAT + 8)

/* In memory. */
#define ZONE_NAMES   0x113000
#define PERCPU_ARRAY 0x114000
#define NR_CPUS      0x115000
#define PERCPU       0x140000
#define PERCPU_SIZE  0x1000 /* of a CPU */
#define PCP_AT(zone) (PERCPU + (zone)*0x400)
#define PCP_LISTS    16
#define STATS_AT     (PERCPU + 0xc00)
#define EFI          0x116000

/* A kernel of 6.8: types as bits, slab as a flag. */
#define AUDIT_KEYS_6_8                                                           \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=15\nNUMBER(PG_swapcache)=12\n"     \
	"NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=11\nNUMBER(PG_hwpoison)=22\n" \
	"NUMBER(PG_head_mask)=64\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"      \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"

#define AUDIT_KEYS_7_2                                                            \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=14\nNUMBER(PG_swapcache)=10\n"      \
	"NUMBER(PG_swapbacked)=17\nNUMBER(PG_hwpoison)=21\n"                      \
	"NUMBER(PG_head_mask)=64\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n" \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n"                        \
	"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n"                           \
	"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n"                        \
	"NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n"

#define TYPE_BUDDY_6_8      ((uint32_t)-129)
#define TYPE_OFFLINE_6_8    ((uint32_t)-257)
#define TYPE_BUDDY_7_2      0xf0000000u
#define TYPE_UNACCEPTED_7_2 0xf7000000u
#define TYPE_NONE           UINT32_MAX

static inline uint64_t memory_get64(struct built_kernel *kernel, uint64_t physical)
{
	uint8_t bytes[8];

	assert_int_equal(pread(kernel->scratch.fd, bytes, sizeof(bytes),
			       (off_t)(FILE_OF_MEMORY + physical)),
			 sizeof(bytes));
	return load_u64(kernel_layout, bytes);
}

static inline void memory_add64(struct built_kernel *kernel, uint64_t physical, int64_t more)
{
	memory_put64(kernel, physical, memory_get64(kernel, physical) + (uint64_t)more);
}

/* Where in memory the list_head at a kernel address lies: in the image or in a struct page. */
static inline uint64_t place_of(uint64_t address)
{
	return address >= IMAGE(0) ? address - IMAGE(0) : STRUCT_PAGES + (address - VMEMMAP);
}

static inline void list_empty(struct built_kernel *kernel, uint64_t head)
{
	memory_put64(kernel, place_of(head), head);
	memory_put64(kernel, place_of(head) + 8, head);
}

/* Behind all others. */
static inline void list_append(struct built_kernel *kernel, uint64_t head, uint64_t entry)
{
	uint64_t last = memory_get64(kernel, place_of(head) + 8);

	memory_put64(kernel, place_of(entry), head);
	memory_put64(kernel, place_of(entry) + 8, last);
	memory_put64(kernel, place_of(last), entry);
	memory_put64(kernel, place_of(head) + 8, entry);
}

static inline uint64_t lru_of(vmc_pfn pfn)
{
	return struct_address(pfn) + 8;
}

static inline uint64_t free_area_at(unsigned int zone, unsigned int order)
{
	return ZONE_AT(zone) + ZONE_FREE_AREA + order * FREE_AREA_SIZE;
}

static inline uint64_t free_list_at(unsigned int zone, unsigned int order, unsigned int type)
{
	return IMAGE(free_area_at(zone, order) + type * 16);
}

static inline unsigned int zone_of(vmc_pfn pfn)
{
	return pfn >= ZONE_BORDER;
}

static inline uint64_t zone_flag(vmc_pfn pfn)
{
	return zone_of(pfn) ? ZONE_1_FLAG : 0;
}

/* A free block, on the list of a zone and in all its counters. */
static inline void put_free_in(struct built_kernel *kernel, unsigned int zone, vmc_pfn pfn,
			       unsigned int order, unsigned int type, uint32_t buddy)
{
	page_put_type(kernel, pfn, buddy);
	page_put(kernel, pfn, PAGE_PRIVATE, order);
	list_append(kernel, free_list_at(zone, order, type), lru_of(pfn));
	memory_add64(kernel, free_area_at(zone, order) + NR_FREE, 1);
	memory_add64(kernel, ZONE_AT(zone) + STAT_FREE, 1 << order);
}

static inline void put_free_block(struct built_kernel *kernel, vmc_pfn pfn, unsigned int order,
				  unsigned int type)
{
	put_free_in(kernel, zone_of(pfn), pfn, order, type, TYPE_BUDDY_6_8);
}

/* A block of unaccepted memory, on its list and in all counters. */
static inline void put_unaccepted_block(struct built_kernel *kernel, vmc_pfn pfn, uint32_t type)
{
	unsigned int zone = zone_of(pfn);

	page_put_type(kernel, pfn, type);
	list_append(kernel, IMAGE(ZONE_AT(zone) + ZONE_UNACCEPTED), lru_of(pfn));
	memory_add64(kernel, ZONE_AT(zone) + STAT_FREE, 1024);
	memory_add64(kernel, ZONE_AT(zone) + STAT_UNACCEPTED, 1024);
}

static inline uint64_t cpu_list_at(unsigned int cpu, unsigned int zone, unsigned int index)
{
	return PCP_AT(zone) + cpu * PERCPU_SIZE + PCP_LISTS + index * 16;
}

/* A block on a list of a CPU. */
static inline void put_cpu_block(struct built_kernel *kernel, vmc_pfn pfn, unsigned int cpu,
				 unsigned int index, unsigned int order)
{
	uint64_t pages = PCP_AT(zone_of(pfn)) + cpu * PERCPU_SIZE;

	list_append(kernel, IMAGE(cpu_list_at(cpu, zone_of(pfn), index)), lru_of(pfn));
	memory_add64(kernel, pages, 1 << order);
}

static inline void build_zone(struct built_kernel *kernel, unsigned int zone)
{
	uint64_t at = ZONE_AT(zone), name = ZONE_NAMES + zone * 16;
	uint64_t start = zone ? ZONE_BORDER : 0, end = zone ? END_PFN : ZONE_BORDER;

	memory_write(kernel, name, zone ? "Normal" : "DMA32\0", 7);
	memory_put64(kernel, at + ZONE_NAME, IMAGE(name));
	memory_put64(kernel, at + ZONE_START, start);
	memory_put64(kernel, at + ZONE_SPANNED, end - start);
	memory_put64(kernel, at + ZONE_PRESENT, end - start);
	memory_put64(kernel, at + ZONE_MANAGED, end - start);
	memory_put64(kernel, at + ZONE_PAGESET, IMAGE(PCP_AT(zone)));
	memory_put64(kernel, at + ZONE_STATS, IMAGE(STATS_AT));
	list_empty(kernel, IMAGE(at + ZONE_UNACCEPTED));
	for (unsigned int order = 0; order < 11; order++) {
		for (unsigned int type = 0; type < 6; type++)
			list_empty(kernel, free_list_at(zone, order, type));
	}
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		for (unsigned int i = 0; i < 13; i++)
			list_empty(kernel, IMAGE(cpu_list_at(cpu, zone, i)));
	}
}

/* The keys that type information would give. */
#define AUDIT_KEYS                                                                          \
	"OFFSET(zone.zone_start_pfn)=144\nOFFSET(zone.managed_pages)=152\n"                 \
	"OFFSET(zone.present_pages)=168\nOFFSET(zone.name)=176\n"                           \
	"OFFSET(free_area.nr_free)=96\nNUMBER(NR_UNACCEPTED)=1\n"                            \
	"NUMBER(MIGRATE_UNMOVABLE)=0\nNUMBER(MIGRATE_MOVABLE)=1\n"                          \
	"NUMBER(MIGRATE_RECLAIMABLE)=2\n"

/* And those of per-CPU lists. */
#define CPU_KEYS                                                                           \
	"SYMBOL(__per_cpu_offset)=ffffffff80114000\nSYMBOL(nr_cpu_ids)=ffffffff80115000\n" \
	"OFFSET(zone.per_cpu_pageset)=184\nOFFSET(per_cpu_pages.count)=0\n"                \
	"OFFSET(per_cpu_pages.lists)=16\nLENGTH(per_cpu_pages.lists)=13\n"                 \
	"NUMBER(MIGRATE_PCPTYPES)=3\nOFFSET(zone.per_cpu_zonestats)=192\n"                 \
	"OFFSET(per_cpu_zonestat.vm_stat_diff)=0\n"

#define ZONES_KEY "NUMBER(__MAX_NR_ZONES)=2\n"

/* Without ZONES_KEY, unless it is one of more_keys. */
static inline void audited_kernel_create_of(struct built_kernel *kernel, const char *flags_keys,
					    const char *more_keys)
{
	char keys[3072];

	assert_true((size_t)snprintf(keys, sizeof(keys), "%s%s%s", flags_keys, AUDIT_KEYS,
				     more_keys) < sizeof(keys));
	built_kernel_create(kernel, keys);
	memory_put32(kernel, PGDAT + PGDAT_NR_ZONES, ZONES);
	memory_put32(kernel, NR_CPUS, 2);
	for (uint64_t cpu = 0; cpu < 2; cpu++)
		memory_put64(kernel, PERCPU_ARRAY + cpu * 8, cpu * PERCPU_SIZE);
	for (unsigned int zone = 0; zone < ZONES; zone++)
		build_zone(kernel, zone);
	for (vmc_pfn pfn = ZONE_BORDER; pfn < END_PFN; pfn++)
		page_put_flags(kernel, pfn, ZONE_1_FLAG);
}

static inline void audited_kernel_create(struct built_kernel *kernel, const char *flags_keys,
					 const char *more_keys)
{
	char keys[2048];

	assert_true((size_t)snprintf(keys, sizeof(keys), ZONES_KEY "%s", more_keys) <
		    sizeof(keys));
	audited_kernel_create_of(kernel, flags_keys, keys);
}

/* A finding, and how many pages it is about. */
struct told {
	const char *name;
	uint64_t pages;
};

static inline bool is_expected(const struct vmc_finding *finding, const struct told *expected,
			       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(finding->name, expected[i].name) && finding->pages == expected[i].pages)
			return true;
	}
	return false;
}

/* Exactly these findings; of several that are equal one is named. */
static inline void expect_findings(const struct vmc_audit *audit, const struct told *expected,
				   size_t count)
{
	const struct vmc_finding *finding;
	bool complete = true;

	for (size_t i = 0; (finding = vmc_audit_finding(audit, i)); i++) {
		if (!is_expected(finding, expected, count))
			fail_msg("%s: %s (%ju pages)", finding->name, finding->message,
				 (uintmax_t)finding->pages);
		assert_true(finding->message[0] && finding->meaning[0]);
	}
	for (size_t j = 0; j < count; j++) {
		bool found = false;

		for (size_t i = 0; (finding = vmc_audit_finding(audit, i)); i++)
			found |= is_expected(finding, &expected[j], 1);
		if (!found)
			print_error("not found: %s, %ju pages\n", expected[j].name,
				    (uintmax_t)expected[j].pages);
		complete &= found;
	}
	assert_true(complete);
}

/* Opens the kernel and audits it. */
static inline struct vmc_audit *run_audit(struct built_kernel *kernel,
					  const struct vmc_audit_options *options)
{
	static const struct vmc_audit_options none = {0};
	struct vmc_audit *audit;

	built_kernel_open(kernel);
	succeed(vmc_audit_run(kernel->target, options ? options : &none, &audit));
	return audit;
}

/* Audits the kernel, expects these findings and no other, and destroys it. */
#define EXPECT_FINDINGS(kernel, ...)                                          \
	do {                                                                  \
		const struct told rows[] = {__VA_ARGS__};                     \
		struct vmc_audit *audit = run_audit(kernel, NULL);            \
		expect_findings(audit, rows, sizeof(rows) / sizeof(rows[0])); \
		vmc_audit_destroy(audit);                                     \
		built_kernel_destroy(kernel);                                 \
	} while (0)

#endif
