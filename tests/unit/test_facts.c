/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of facts: filled from every real text of vmcoreinfo/, inferred, held against itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "vmcoreinfo_texts.h"
#include "kernel/facts.h"

static struct vmc_error *facts_of_text(struct facts *facts, const char *text, size_t size,
				       enum vmc_fact_source source)
{
	struct vmcoreinfo info;

	TRY(vmcoreinfo_parse(text, size, &info));

	struct vmc_error *err = facts_from_vmcoreinfo(facts, &info, source);

	vmcoreinfo_deinit(&info);
	return err;
}

static void facts_of_file(struct facts *facts, const char *path)
{
	char text[TEXT_SIZE_MAX];
	size_t size = file_read(path, text, sizeof(text));

	facts_init(facts);
	succeed(facts_of_text(facts, text, size, VMC_FACT_VMCOREINFO));
}

static void facts_of_kernel(struct facts *facts, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), TEXTS "%s.txt", name);
	facts_of_file(facts, path);
	facts_infer(facts);
}

static void facts_of_lines(struct facts *facts, const char *text)
{
	facts_init(facts);
	succeed(facts_of_text(facts, text, strlen(text), VMC_FACT_VMCOREINFO));
}

static int64_t value_of(const struct facts *facts, enum fact_id id)
{
	if (!fact_known(facts, id))
		fail_msg("%s is not known", fact_name(id));
	return (int64_t)facts->table[id].value;
}

static void is_inferred(const struct facts *facts, enum fact_id id, int64_t value)
{
	struct vmc_fact fact;

	assert_int_equal(value_of(facts, id), value);
	fact_describe(facts, id, &fact);
	assert_int_equal(fact.source, VMC_FACT_INFERRED);
	assert_non_null(fact.reason);
}

static void is_exported(const struct facts *facts, enum fact_id id, int64_t value)
{
	assert_int_equal(value_of(facts, id), value);
	assert_int_equal(facts->table[id].source, VMC_FACT_VMCOREINFO);
}

static void is_unknown(const struct facts *facts, enum fact_id id)
{
	if (fact_known(facts, id))
		fail_msg("%s is known", fact_name(id));
}

/* Real kernels pass the checks, and those have their most important facts. */
static void test_real_texts(void **state)
{
	static const enum fact_id always[] = {
		FACT_SIZE_page,           FACT_PAGESIZE,
		FACT_OFFSET_page_flags,   FACT_OFFSET_page_refcount,
		FACT_OFFSET_page_lru,     FACT_OFFSET_page_mapcount,
		FACT_NUMBER_PG_lru,       FACT_NUMBER_PAGE_BUDDY,
		FACT_NUMBER_PG_head_mask, FACT_OFFSET_page_compound_head,
		FACT_NUMBER_PAGE_OFFLINE, FACT_OFFSET_zone_unaccepted_pages,
	};
	glob_t found;

	(void)state;
	assert_int_equal(glob(TEXTS "*.txt", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= TEXT_COUNT_MIN);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct facts facts;

		facts_of_file(&facts, found.gl_pathv[i]);
		succeed(facts_check(&facts));
		facts_infer(&facts);
		succeed(facts_check(&facts));
		for (size_t j = 0; j < sizeof(always) / sizeof(always[0]); j++)
			value_of(&facts, always[j]);
		assert_true(facts_word_size(&facts) == 4 || facts_word_size(&facts) == 8);
	}
	globfree(&found);
}

static void test_kernel_6_1(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_kernel(&facts, "x86_64-6.1.0-56-cloud-amd64");
	is_exported(&facts, FACT_NUMBER_PAGE_BUDDY, -129);
	is_exported(&facts, FACT_NUMBER_PAGE_OFFLINE, -257);
	is_exported(&facts, FACT_NUMBER_HUGETLB_PAGE_DTOR, 2);
	is_unknown(&facts, FACT_NUMBER_PAGE_HUGETLB);
	is_unknown(&facts, FACT_NUMBER_PAGE_SLAB);
	is_unknown(&facts, FACT_NUMBER_PAGE_UNACCEPTED);
	is_unknown(&facts, FACT_NUMBER_PAGE_TABLE); /* 0x200 or 0x400: no key tells */
	is_unknown(&facts, FACT_SYMBOL_vmemmap);
}

static void test_kernel_6_8(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_kernel(&facts, "x86_64-6.8.0-1073-gcp");
	is_exported(&facts, FACT_NUMBER_PAGE_HUGETLB, -2049);
	is_inferred(&facts, FACT_NUMBER_PAGE_TABLE, -513);
	is_unknown(&facts, FACT_NUMBER_PAGE_UNACCEPTED);
	is_exported(&facts, FACT_NUMBER_PG_slab, 11);
	is_inferred(&facts, FACT_OFFSET_zone_unaccepted_pages,
		    value_of(&facts, FACT_OFFSET_zone_free_area) +
			    11 * value_of(&facts, FACT_SIZE_free_area));
}

static void test_kernel_6_12(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_kernel(&facts, "x86_64-6.12.107+deb13-cloud-amd64");
	is_inferred(&facts, FACT_NUMBER_PAGE_UNACCEPTED, (int32_t)0xf7000000);
	is_inferred(&facts, FACT_NUMBER_PAGE_TABLE, (int32_t)0xf2000000);
	is_exported(&facts, FACT_NUMBER_PAGE_SLAB, (int32_t)0xf5000000);
	is_exported(&facts, FACT_OFFSET_page_compound_head, 8);
	is_unknown(&facts, FACT_NUMBER_PG_slab);
}

static void test_kernel_7_2(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_kernel(&facts, "x86_64-7.2.13+deb14-cloud-amd64");
	is_exported(&facts, FACT_NUMBER_PAGE_UNACCEPTED, (int32_t)0xf7000000);
	is_exported(&facts, FACT_OFFSET_page_compound_head, 8);       /* as page.compound_info */
	is_inferred(&facts, FACT_OFFSET_zone_unaccepted_pages, 1400); /* its BTF says the same */
	is_unknown(&facts, FACT_SYMBOL_kallsyms_relative_base);
}

static void test_kernel_32_bits(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_kernel(&facts, "armhf-6.12.107+deb13-armmp-lpae");
	assert_int_equal(facts_word_size(&facts), 4);
	is_exported(&facts, FACT_OFFSET_list_head_prev, 4);
	is_inferred(&facts, FACT_OFFSET_zone_unaccepted_pages, 128 + 12 * 52);
}

static void test_sections_of_i386(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, "CONFIG_X86_PAE=y\nNUMBER(MAX_PHYSMEM_BITS)=37\n");
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_SECTION_SIZE_BITS, 29);
	is_exported(&facts, FACT_NUMBER_MAX_PHYSMEM_BITS, 37);
	facts_of_lines(&facts, "CONFIG_X86_PAE=y\n");
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_MAX_PHYSMEM_BITS, 36);
	facts_of_lines(&facts, "OSRELEASE=4.19\n");
	facts_infer(&facts);
	is_unknown(&facts, FACT_NUMBER_SECTION_SIZE_BITS);
	is_unknown(&facts, FACT_NUMBER_MAX_PHYSMEM_BITS);
}

/* Numbers that BTF of the same kernels, or their headers, give as well. */
static void test_flag_orders(void **state)
{
	static const struct {
		const char *kernel;
		enum fact_id id;
		int64_t bit; /* -1: must not be known */
	} cases[] = {
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_referenced, 1},
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_error, 8},
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_owner_priv_1, 10},
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_mappedtodisk, 17},
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_mlocked, 21},
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_reported, 2},
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_uncached, -1}, /* no hwpoison */
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_anon_exclusive, -1}, /* 5.19? */
		{"x86_64-6.1.0-56-cloud-amd64", FACT_NUMBER_PG_young, -1},
		{"x86_64-6.8.0-1073-gcp", FACT_NUMBER_PG_writeback, 1},
		{"x86_64-6.8.0-1073-gcp", FACT_NUMBER_PG_reserved, 14},
		{"x86_64-6.8.0-1073-gcp", FACT_NUMBER_PG_anon_exclusive, 17},
		{"x86_64-6.8.0-1073-gcp", FACT_NUMBER_PG_uncached, 22},
		{"x86_64-6.12.107+deb13-cloud-amd64", FACT_NUMBER_PG_owner_2, 11},
		{"x86_64-6.12.107+deb13-cloud-amd64", FACT_NUMBER_PG_anon_exclusive, 11},
		{"x86_64-6.12.107+deb13-cloud-amd64", FACT_NUMBER_PG_mlocked, 19},
		{"x86_64-6.12.107+deb13-cloud-amd64", FACT_NUMBER_PG_dropbehind, -1},
		{"x86_64-6.12.107+deb13-cloud-amd64", FACT_NUMBER_PG_error, -1},
		{"x86_64-7.3-cloud-amd64", FACT_NUMBER_PG_dirty, 4},
		{"x86_64-7.3-cloud-amd64", FACT_NUMBER_PG_mappedtodisk, 11},
		{"x86_64-7.3-cloud-amd64", FACT_NUMBER_PG_dropbehind, 19},
		{"x86_64-7.3-cloud-amd64", FACT_NUMBER_PG_mlocked, 20},
		{"x86_64-7.3-cloud-amd64", FACT_NUMBER_PG_uncached, -1},
		{"loongarch64-7.2.13+deb14-loong64", FACT_NUMBER_PG_unevictable, 18},
		{"loongarch64-7.2.13+deb14-loong64", FACT_NUMBER_PG_mlocked, -1}, /* no hwpoison */
		{"armhf-6.12.107+deb13-armmp-lpae", FACT_NUMBER_PG_dropbehind, -1},
		{"i386-6.1.0-50-686-pae", FACT_NUMBER_PG_mlocked, 21},
		{"i386-6.1.0-50-686-pae", FACT_NUMBER_PG_uncached, 22},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct facts facts;

		facts_of_kernel(&facts, cases[i].kernel);
		if (cases[i].bit < 0)
			is_unknown(&facts, cases[i].id);
		else
			is_inferred(&facts, cases[i].id, cases[i].bit);
	}
}

/* An order that is not quite one of those known is none of them. */
static void test_unknown_flag_orders(void **state)
{
	static const struct {
		enum fact_id id;
		int64_t value;
	} cases[] = {
		{FACT_NUMBER_PG_swapcache, 11}, /* 6.10 and 6.11 */
		{FACT_NUMBER_PG_private, 16},    {FACT_NUMBER_PG_head_mask, 128},
		{FACT_NUMBER_PG_swapbacked, 18}, {FACT_NUMBER_PG_hwpoison, 22},
		{FACT_NUMBER_PG_slab, 30},       {FACT_NUMBER_PG_buddy, 30},
		{FACT_NUMBER_PG_referenced, 12}, /* a later kernel may export it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct facts facts;

		facts_of_file(&facts, TEXTS "x86_64-7.3-cloud-amd64.txt");
		fact_set(&facts, cases[i].id, (uint64_t)cases[i].value, VMC_FACT_USER, NULL);
		facts_infer(&facts);
		succeed(facts_check(&facts));
		is_unknown(&facts, FACT_NUMBER_PG_dirty);
		is_unknown(&facts, FACT_NUMBER_PG_reported);
		is_unknown(&facts, FACT_NUMBER_PG_mlocked);
	}
}

static void test_exclusive_in_6_3(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_file(&facts, TEXTS "x86_64-6.1.0-56-cloud-amd64.txt");
	fact_set(&facts, FACT_OFFSET_folio_order, 81, VMC_FACT_VMCOREINFO, NULL);
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_PG_anon_exclusive, 17);
	succeed(facts_check(&facts));
}

static void test_zones(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_kernel(&facts, "x86_64-7.2.13+deb14-cloud-amd64"); /* its BTF says the same */
	is_inferred(&facts, FACT_OFFSET_zone_zone_start_pfn, 144);
	is_inferred(&facts, FACT_OFFSET_zone_managed_pages, 152);
	is_inferred(&facts, FACT_OFFSET_zone_present_pages, 168);
	is_inferred(&facts, FACT_OFFSET_free_area_nr_free, 96);
	is_inferred(&facts, FACT_NUMBER_MIGRATE_UNMOVABLE, 0);
	is_inferred(&facts, FACT_NUMBER_MIGRATE_MOVABLE, 1);
	is_inferred(&facts, FACT_NUMBER_MIGRATE_RECLAIMABLE, 2);
	is_unknown(&facts, FACT_NUMBER_MIGRATE_HIGHATOMIC);
	is_unknown(&facts, FACT_OFFSET_zone_name);
	is_exported(&facts, FACT_LENGTH_node_data, 1024);

	facts_of_kernel(&facts, "armhf-6.12.107+deb13-armmp-lpae");
	is_inferred(&facts, FACT_OFFSET_zone_zone_start_pfn, 72);
	is_inferred(&facts, FACT_OFFSET_zone_present_pages, 84);
	is_inferred(&facts, FACT_OFFSET_free_area_nr_free, 48);
	is_unknown(&facts, FACT_LENGTH_node_data); /* one word may be of fewer nodes */
}

/* arm64 of 5.12 and 5.13 with pages of 4K and 64K, before the size of sections was exported. */
static void test_section_size(void **state)
{
	static const char *const bad[] = {
		"LENGTH(mem_section)=8191\nSIZE(mem_section)=16\nNUMBER(MAX_PHYSMEM_BITS)=48\n",
		"LENGTH(mem_section)=8192\nSIZE(mem_section)=24\nNUMBER(MAX_PHYSMEM_BITS)=48\n",
		"LENGTH(mem_section)=8192\nSIZE(mem_section)=8192\nNUMBER(MAX_PHYSMEM_BITS)=48\n",
		"LENGTH(mem_section)=8192\nSIZE(mem_section)=16\nNUMBER(MAX_PHYSMEM_BITS)=33\n",
		"LENGTH(mem_section)=8192\nSIZE(mem_section)=16\nNUMBER(MAX_PHYSMEM_BITS)=-1\n",
		"LENGTH(mem_section)=0\nSIZE(mem_section)=0\nNUMBER(MAX_PHYSMEM_BITS)=0\n",
		"LENGTH(mem_section)=8192\nSIZE(mem_section)=16\n",
	};
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, "SIZE(list_head)=16\nPAGESIZE=4096\nLENGTH(mem_section)=8192\n"
			       "SIZE(mem_section)=16\nNUMBER(MAX_PHYSMEM_BITS)=48\n");
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_SECTION_SIZE_BITS, 27);
	facts_of_lines(&facts, "SIZE(list_head)=16\nPAGESIZE=65536\nLENGTH(mem_section)=2048\n"
			       "SIZE(mem_section)=16\nNUMBER(MAX_PHYSMEM_BITS)=52\n");
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_SECTION_SIZE_BITS, 29);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char lines[256];

		snprintf(lines, sizeof(lines), "SIZE(list_head)=16\nPAGESIZE=4096\n%s", bad[i]);
		facts_of_lines(&facts, lines);
		facts_infer(&facts);
		is_unknown(&facts, FACT_NUMBER_SECTION_SIZE_BITS);
	}
	facts_of_kernel(&facts, "arm64-6.12.107+deb13-arm64");
	is_exported(&facts, FACT_NUMBER_SECTION_SIZE_BITS, 27);
}

/* Where something is between the members that are known, or nothing proves the era. */
static void test_other_zones(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, "SIZE(list_head)=16\nSIZE(free_area)=96\nSIZE(zone)=1000\n"
			       "OFFSET(free_area.free_list)=0\nLENGTH(free_area.free_list)=5\n"
			       "OFFSET(zone.spanned_pages)=8\nSIZE(nodemask_t)=32\n");
	facts_infer(&facts);
	is_unknown(&facts, FACT_OFFSET_free_area_nr_free);
	is_unknown(&facts, FACT_OFFSET_zone_zone_start_pfn);
	is_unknown(&facts, FACT_OFFSET_zone_present_pages);
	is_unknown(&facts, FACT_NUMBER_MIGRATE_MOVABLE);
	is_inferred(&facts, FACT_LENGTH_node_data, 256);

	facts_of_lines(&facts, "SIZE(list_head)=16\nSIZE(zone)=1000\n"
			       "OFFSET(zone.spanned_pages)=992\n");
	facts_infer(&facts);
	is_unknown(&facts, FACT_OFFSET_zone_zone_start_pfn);
	succeed(facts_check(&facts));
}

#define FLAGS_4_4                                                                          \
	"SIZE(list_head)=16\nNUMBER(PG_lru)=5\nNUMBER(PG_slab)=7\nNUMBER(PG_private)=11\n" \
	"OFFSET(page.lru)=32\nOFFSET(page._count)=28\nSIZE(page)=64\n"

/* No real text is that old; these are the lines that matter of what 4.4 exports. */
static void test_kernel_4_4(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, FLAGS_4_4 "NUMBER(PG_swapcache)=15\nSYMBOL(free_huge_page)=ffff1\n"
					 "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n");
	facts_infer(&facts);
	succeed(facts_check(&facts));
	is_exported(&facts, FACT_OFFSET_page_refcount, 28);
	is_inferred(&facts, FACT_NUMBER_PG_head_mask, 1 << 14);
	is_inferred(&facts, FACT_OFFSET_page_compound_head, 32);
	is_inferred(&facts, FACT_OFFSET_page_compound_dtor, 40);
	is_inferred(&facts, FACT_OFFSET_page_compound_order, 44);
	is_inferred(&facts, FACT_NUMBER_HUGETLB_PAGE_DTOR, 2);
	is_inferred(&facts, FACT_OFFSET_list_head_prev, 8);
	is_inferred(&facts, FACT_OFFSET_uts_namespace_name, 4);
	is_unknown(&facts, FACT_NUMBER_PAGE_OFFLINE);
	is_unknown(&facts, FACT_NUMBER_PAGE_TABLE);
	is_unknown(&facts, FACT_NUMBER_PAGE_UNACCEPTED);
	is_unknown(&facts, FACT_NUMBER_PG_swapbacked);
	is_unknown(&facts, FACT_OFFSET_zone_unaccepted_pages);
	is_inferred(&facts, FACT_NUMBER_PG_error, 1);
	is_inferred(&facts, FACT_NUMBER_PG_owner_priv_1, 8);
	is_inferred(&facts, FACT_NUMBER_PG_mlocked, 20);
	is_unknown(&facts, FACT_NUMBER_PG_waiters);
	is_unknown(&facts, FACT_NUMBER_PG_reported);
	is_unknown(&facts, FACT_NUMBER_PG_anon_exclusive);
	is_unknown(&facts, FACT_NUMBER_MIGRATE_MOVABLE);
}

/* With PG_tail between PG_head and PG_swapcache: tails are not linked through page.lru yet. */
static void test_kernel_before_4_4(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, FLAGS_4_4 "NUMBER(PG_swapcache)=16\n");
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_PG_head_mask, 1 << 14);
	is_unknown(&facts, FACT_NUMBER_PG_dirty); /* what is behind PG_tail is one further */
	is_unknown(&facts, FACT_OFFSET_page_compound_head);
	is_unknown(&facts, FACT_OFFSET_page_compound_order);
}

static void test_kernel_4_15(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, "SIZE(list_head)=16\nNUMBER(PG_lru)=5\nNUMBER(PG_private)=12\n"
			       "NUMBER(PG_slab)=8\nNUMBER(PG_swapcache)=9\n"
			       "NUMBER(PG_head_mask)=32768\nOFFSET(page.lru)=32\n"
			       "OFFSET(page.compound_head)=32\n"
			       "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n");
	facts_infer(&facts);
	succeed(facts_check(&facts));
	is_inferred(&facts, FACT_NUMBER_PG_swapbacked, 18);
	is_inferred(&facts, FACT_NUMBER_PG_waiters, 7);
	is_inferred(&facts, FACT_NUMBER_PG_reserved, 11);
	is_unknown(&facts, FACT_NUMBER_PG_reported);
	is_unknown(&facts, FACT_OFFSET_page_compound_order);
	is_unknown(&facts, FACT_NUMBER_PAGE_OFFLINE);
}

static void test_page_types_of_eras(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"); /* no hugetlb pages */
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_PAGE_OFFLINE, -257);
	is_unknown(&facts, FACT_NUMBER_PAGE_TABLE);
	is_unknown(&facts, FACT_NUMBER_PAGE_UNACCEPTED);

	facts_of_lines(&facts, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-1073741825\n"); /* 6.11 */
	facts_infer(&facts);
	is_inferred(&facts, FACT_NUMBER_PAGE_OFFLINE, ~0x20000000);
	is_inferred(&facts, FACT_NUMBER_PAGE_TABLE, ~0x10000000);
	is_unknown(&facts, FACT_NUMBER_PAGE_UNACCEPTED);

	/* A later kernel that numbers its types anew: nothing is guessed. */
	facts_of_lines(&facts, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n"
			       "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-150994944\n");
	facts_infer(&facts);
	is_unknown(&facts, FACT_NUMBER_PAGE_OFFLINE);
	is_unknown(&facts, FACT_NUMBER_PAGE_TABLE);
	is_unknown(&facts, FACT_NUMBER_PAGE_UNACCEPTED);
}

static void test_sources(void **state)
{
	static const char dump[] = "SIZE(page)=64\nNUMBER(PG_lru)=5\nOFFSET(page.lru)=oops\n";
	static const char user[] = "SIZE(page)=56\nOFFSET(page.lru)=8\n";
	struct facts facts;
	struct vmc_fact fact;
	uint64_t value;

	(void)state;
	facts_init(&facts);
	succeed(facts_of_text(&facts, user, strlen(user), VMC_FACT_USER));
	/* The user's line repairs the malformed one of the dump. */
	succeed(facts_of_text(&facts, dump, strlen(dump), VMC_FACT_VMCOREINFO));
	succeed(fact_need(&facts, FACT_SIZE_page, &value));
	assert_int_equal(value, 56);
	assert_int_equal(facts.table[FACT_NUMBER_PG_lru].source, VMC_FACT_VMCOREINFO);

	fact_set(&facts, FACT_SIZE_page, 80, VMC_FACT_INFERRED, "worse");
	assert_int_equal(fact_or(&facts, FACT_SIZE_page, 0), 56);
	assert_int_equal(fact_or(&facts, FACT_SIZE_zone, 99), 99);
	fact_set(&facts, FACT_SIZE_zone, 1000, VMC_FACT_INFERRED, "first");
	fact_set(&facts, FACT_SIZE_zone, 1856, VMC_FACT_BTF, NULL);
	fact_describe(&facts, FACT_SIZE_zone, &fact);
	assert_string_equal(fact.name, "SIZE(zone)");
	assert_string_equal(vmc_fact_source_name(fact.source), "btf");
	assert_int_equal(fact.value, 1856);
	assert_null(fact.reason);
	assert_false(fact.is_signed || fact.is_address);

	fail_with(fact_need(&facts, FACT_SYMBOL_mem_section, &value), VMC_ERR_MISSING,
		  "SYMBOL(mem_section)");
	fact_describe(&facts, FACT_SYMBOL_mem_section, &fact);
	assert_true(fact.is_address);
	fact_describe(&facts, FACT_NUMBER_PAGE_BUDDY, &fact);
	assert_true(fact.is_signed);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"OFFSET(page.lru)=-8\n", "OFFSET(page.lru)=-8"},
		{"SYMBOL(mem_section)=zzz\n", "SYMBOL(mem_section)=zzz"},
		{"NUMBER(PG_lru)=five\n", "NUMBER(PG_lru)=five"},
		{"PAGESIZE=\n", "PAGESIZE="},
		{"KERNELOFFSET=1 2\n", "KERNELOFFSET"},
		{"OFFSET(page._count)=28\nOFFSET(page._refcount)=52\n", "OFFSET(page._count)=28"},
		{"OFFSET(page.compound_head)=8\nOFFSET(page.compound_info)=16\n",
		 "OFFSET(page.compound_head)=8 and OFFSET(page.compound_info)=16"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct facts facts;

		facts_init(&facts);
		fail_with(facts_of_text(&facts, cases[i].text, strlen(cases[i].text),
					VMC_FACT_VMCOREINFO),
			  VMC_ERR_CORRUPT, cases[i].message);
	}

	struct facts facts;

	facts_of_lines(&facts, "CRASHTIME=yesterday\nPAGESIZE=4096\n"); /* only reported */
	is_unknown(&facts, FACT_CRASHTIME);
}

/* One fact of a real kernel changed: the message names it, and the other that it contradicts. */
static void test_contradictions(void **state)
{
	static const struct {
		enum fact_id id;
		int64_t value;
		const char *message;
	} cases[] = {
		{FACT_PAGESIZE, 4097, "PAGESIZE=4097 is no power of two"},
		{FACT_PAGESIZE, 2048, "PAGESIZE=2048"},
		{FACT_PAGESIZE, 1 << 19, "PAGESIZE"},
		{FACT_SIZE_page, 31, "SIZE(page)=31"},
		{FACT_SIZE_page, 1025, "SIZE(page)=1025"},
		{FACT_SIZE_page, 48, "OFFSET(page._refcount)=52 and SIZE(page)=48"},
		{FACT_SIZE_page, -1, "SIZE(page)=-1"},
		{FACT_OFFSET_page_mapping, 57, "OFFSET(page.mapping)=57 and SIZE(page)=64"},
		{FACT_OFFSET_page_lru, 56, "OFFSET(page.lru)=56"},
		{FACT_OFFSET_page_mapcount, INT64_MAX, "OFFSET(page._mapcount)"},
		{FACT_OFFSET_page_mapcount, -1, "OFFSET(page._mapcount)"},
		{FACT_OFFSET_page_compound_head, 60, "OFFSET(page.compound_head)=60"},
		{FACT_OFFSET_folio_order, 256, "OFFSET(folio._folio_order)=256"},
		{FACT_SIZE_list_head, 12, "SIZE(list_head)=12"},
		{FACT_OFFSET_list_head_prev, 9, "OFFSET(list_head.prev)=9"},
		{FACT_LENGTH_zone_free_area, 0, "LENGTH(zone.free_area)=0"},
		{FACT_LENGTH_zone_free_area, 65, "LENGTH(zone.free_area)=65"},
		{FACT_LENGTH_zone_free_area, 60, "LENGTH(zone.free_area)=60 and SIZE(zone)=1856"},
		{FACT_LENGTH_free_area_free_list, 7, "LENGTH(free_area.free_list)=7"},
		{FACT_NUMBER_NR_FREE_PAGES, 100, "NUMBER(NR_FREE_PAGES)=100 and SIZE(zone)"},
		{FACT_NUMBER_NR_FREE_PAGES, -1, "NUMBER(NR_FREE_PAGES)=-1"},
		{FACT_NUMBER_SECTION_SIZE_BITS, 12, "NUMBER(SECTION_SIZE_BITS)=12"},
		{FACT_NUMBER_SECTION_SIZE_BITS, 46,
		 "NUMBER(SECTION_SIZE_BITS)=46 and NUMBER(MAX_PHYSMEM_BITS)=46"},
		{FACT_NUMBER_MAX_PHYSMEM_BITS, 65, "NUMBER(MAX_PHYSMEM_BITS)=65"},
		{FACT_NUMBER_PG_lru, 64, "NUMBER(PG_lru)=64"},
		{FACT_NUMBER_PG_lru, -1, "NUMBER(PG_lru)=-1"},
		{FACT_NUMBER_PG_lru, 14, "NUMBER(PG_lru)=14 and NUMBER(PG_private)=14"},
		{FACT_NUMBER_PG_lru, 6, "NUMBER(PG_head_mask)=64 and NUMBER(PG_lru)=6"},
		{FACT_NUMBER_PG_head_mask, 0, "NUMBER(PG_head_mask)=0"},
		{FACT_NUMBER_PAGE_BUDDY, -1, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-1"},
		{FACT_NUMBER_PAGE_BUDDY, 0, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=0"},
		{FACT_NUMBER_PAGE_SLAB, -268435456,
		 "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456 and "
		 "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-268435456"},
		{FACT_SYMBOL_init_top_pgt, 0x1000, "SYMBOL(init_top_pgt)=1000"},
		{FACT_NUMBER_pgtable_l5_enabled, 2, "NUMBER(pgtable_l5_enabled)=2"},
		{FACT_LENGTH_node_data, 1 << 20, "LENGTH(node_data)=1048576"},
		{FACT_OFFSET_page_index, 57, "OFFSET(page.index)=57 and SIZE(page)=64"},
		{FACT_OFFSET_page_memcg_data, 64, "OFFSET(page.memcg_data)=64 and SIZE(page)=64"},
		{FACT_OFFSET_folio_entire_mapcount, 253, "OFFSET(folio._entire_mapcount)=253"},
		{FACT_OFFSET_zone_zone_start_pfn, 1849, "OFFSET(zone.zone_start_pfn)=1849"},
		{FACT_OFFSET_zone_managed_pages, 1849, "OFFSET(zone.managed_pages)=1849"},
		{FACT_OFFSET_zone_present_pages, 1849, "OFFSET(zone.present_pages)=1849"},
		{FACT_OFFSET_zone_name, 1849, "OFFSET(zone.name)=1849 and SIZE(zone)=1856"},
		{FACT_OFFSET_zone_per_cpu_pageset, 1849, "OFFSET(zone.per_cpu_pageset)=1849"},
		{FACT_OFFSET_zone_per_cpu_zonestats, -1, "OFFSET(zone.per_cpu_zonestats)="},
		{FACT_OFFSET_free_area_nr_free, 97, "OFFSET(free_area.nr_free)=97"},
		{FACT_OFFSET_pageset_pcp, 65537, "OFFSET(per_cpu_pageset.pcp)=65537"},
		{FACT_OFFSET_pageset_vm_stat_diff, 65537, "vm_stat_diff)=65537"},
		{FACT_OFFSET_zonestat_vm_stat_diff, 65537, "vm_stat_diff)=65537"},
		{FACT_OFFSET_efi_unaccepted, 65537, "OFFSET(efi.unaccepted)=65537"},
		{FACT_SIZE_per_cpu_pages, 15, "SIZE(per_cpu_pages)=15"},
		{FACT_LENGTH_pcp_lists, 256, "LENGTH(per_cpu_pages.lists)=256"},
		{FACT_NUMBER_NR_UNACCEPTED, 100, "NUMBER(NR_UNACCEPTED)=100 and SIZE(zone)"},
		{FACT_NUMBER_MAX_NR_ZONES, 0, "NUMBER(__MAX_NR_ZONES)=0"},
		{FACT_NUMBER_MAX_NR_ZONES, 17, "NUMBER(__MAX_NR_ZONES)=17"},
		{FACT_NUMBER_MIGRATE_PCPTYPES, 16, "NUMBER(MIGRATE_PCPTYPES)=16"},
		{FACT_NUMBER_MIGRATE_ISOLATE, 6,
		 "NUMBER(MIGRATE_ISOLATE)=6 and LENGTH(free_area.free_list)=6"},
		{FACT_NUMBER_MIGRATE_CMA, 1, "NUMBER(MIGRATE_MOVABLE)=1 and NUMBER(MIGRATE_CMA)=1"},
		{FACT_NUMBER_MIGRATE_HIGHATOMIC, -1, "NUMBER(MIGRATE_HIGHATOMIC)=-1"},
		{FACT_NUMBER_PG_young, 64, "NUMBER(PG_young)=64"},
		{FACT_NUMBER_PG_idle, 6, "NUMBER(PG_head_mask)=64 and NUMBER(PG_idle)=6"},
		{FACT_NUMBER_PG_owner_2, 10, "NUMBER(PG_owner_2)=10"}, /* PG_owner_priv_1's */
		{FACT_NUMBER_PG_reported, 11, "NUMBER(PG_reported)=11"},
		{FACT_NUMBER_PG_anon_exclusive, 3, "NUMBER(PG_anon_exclusive)=3"},
		{FACT_NUMBER_PG_dirty, 5, "NUMBER(PG_lru)=5 and NUMBER(PG_dirty)=5"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct facts facts;

		facts_of_kernel(&facts, "x86_64-7.3-cloud-amd64");
		fact_set(&facts, cases[i].id, (uint64_t)cases[i].value, VMC_FACT_USER, NULL);
		fail_with(facts_check(&facts), VMC_ERR_CORRUPT, cases[i].message);
	}
}

/* Arrays of which no text has every fact. */
static void test_arrays(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_kernel(&facts, "x86_64-7.3-cloud-amd64");
	fact_set(&facts, FACT_SIZE_per_cpu_pages, 256, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_OFFSET_pcp_lists, 32, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_OFFSET_pcp_count, 4, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_LENGTH_pcp_lists, 14, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_NUMBER_MAX_NR_ZONES, 5, VMC_FACT_BTF, NULL);
	succeed(facts_check(&facts));
	fact_set(&facts, FACT_LENGTH_pcp_lists, 15, VMC_FACT_BTF, NULL);
	fail_with(facts_check(&facts), VMC_ERR_CORRUPT,
		  "LENGTH(per_cpu_pages.lists)=15 and SIZE(per_cpu_pages)=256");
	fact_set(&facts, FACT_LENGTH_pcp_lists, 1, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_OFFSET_pcp_count, 253, VMC_FACT_BTF, NULL);
	fail_with(facts_check(&facts), VMC_ERR_CORRUPT, "OFFSET(per_cpu_pages.count)=253");
	fact_set(&facts, FACT_OFFSET_pcp_count, 4, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_SIZE_pglist_data, 5 * 1856 - 1, VMC_FACT_USER, NULL);
	fact_set(&facts, FACT_OFFSET_pgdat_node_start_pfn, 0, VMC_FACT_USER, NULL);
	fact_set(&facts, FACT_OFFSET_pgdat_node_spanned_pages, 0, VMC_FACT_USER, NULL);
	fact_set(&facts, FACT_OFFSET_pgdat_node_id, 0, VMC_FACT_USER, NULL);
	fact_set(&facts, FACT_OFFSET_pgdat_nr_zones, 0, VMC_FACT_USER, NULL);
	fail_with(facts_check(&facts), VMC_ERR_CORRUPT,
		  "NUMBER(__MAX_NR_ZONES)=5 and SIZE(pglist_data)=9279");
}

static void test_offset_without_size(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_lines(&facts, "OFFSET(zone.free_area)=4611686018427387904\n");
	fail_with(facts_check(&facts), VMC_ERR_CORRUPT,
		  "OFFSET(zone.free_area)=4611686018427387904");
}

/* Facts of a kernel set to anything: no arithmetic of the checks and inferences may break. */
static void test_damage(void **state)
{
	static const uint64_t extremes[] = {0, 1, 63, 64, 0x7fffffff, INT64_MAX, UINT64_MAX};
	unsigned int seed = 1;
	struct facts whole[2];

	(void)state;
	facts_of_kernel(&whole[0], "x86_64-6.1.0-56-cloud-amd64");
	facts_of_lines(&whole[1], FLAGS_4_4 "NUMBER(PG_swapcache)=15\n");
	for (int round = 0; round < 20000; round++) {
		struct facts facts = whole[round % 2];

		for (int i = 0; i < 3; i++) {
			enum fact_id id = (enum fact_id)((unsigned int)rand_r(&seed) % FACT_COUNT);

			facts.table[id].value = extremes[(unsigned int)rand_r(&seed) % 7];
			facts.table[id].source = (enum vmc_fact_source)(rand_r(&seed) % 2);
		}
		facts_infer(&facts);
		vmc_error_free(facts_check(&facts));
	}
}

static void test_text(void **state)
{
	struct facts facts, again;
	char *text;

	(void)state;
	facts_init(&facts);
	fact_set(&facts, FACT_SYMBOL_per_cpu_offset, 0xffffffff82401a60u, VMC_FACT_KALLSYMS, NULL);
	fact_set(&facts, FACT_OFFSET_zone_name, 144, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_NUMBER_PAGE_TABLE, (uint64_t)-1025, VMC_FACT_BTF, NULL);
	fact_set(&facts, FACT_SIZE_page, 64, VMC_FACT_VMCOREINFO, NULL);

	succeed(facts_to_text(&facts, VMC_FACT_KALLSYMS, &text));
	assert_string_equal(text, "SYMBOL(__per_cpu_offset)=ffffffff82401a60\n");
	facts_init(&again);
	succeed(facts_from_text(&again, text, strlen(text), VMC_FACT_KALLSYMS));
	free(text);
	succeed(facts_to_text(&facts, VMC_FACT_BTF, &text));
	assert_string_equal(text, "OFFSET(zone.name)=144\n"
				  "NUMBER(PAGE_TABLE_MAPCOUNT_VALUE)=-1025\n");
	succeed(facts_from_text(&again, text, strlen(text), VMC_FACT_BTF));
	free(text);
	fact_set(&again, FACT_SIZE_page, 64, VMC_FACT_VMCOREINFO, NULL);
	assert_memory_equal(&facts, &again, sizeof(facts));

	succeed(facts_to_text(&facts, VMC_FACT_DWARF, &text));
	assert_null(text);

	/* What a dump says is checked, and nothing of a text with an error is taken. */
	static const char *const bad[] = {"OFFSET(zone.name)=144",
					  "NUMBER(PG_lru)=1\nOFFSET(zone.name)=x\n",
					  "NUMBER(PG_lru)=1\nNUMBER(PG_slab)=1\n", ""};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		facts_init(&again);
		fail_with(facts_from_text(&again, bad[i], strlen(bad[i]), VMC_FACT_BTF),
			  VMC_ERR_CORRUPT, "");
		assert_false(fact_known(&again, FACT_NUMBER_PG_lru));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_texts),
		cmocka_unit_test(test_kernel_6_1),
		cmocka_unit_test(test_kernel_6_8),
		cmocka_unit_test(test_kernel_6_12),
		cmocka_unit_test(test_kernel_7_2),
		cmocka_unit_test(test_kernel_32_bits),
		cmocka_unit_test(test_kernel_4_4),
		cmocka_unit_test(test_kernel_before_4_4),
		cmocka_unit_test(test_kernel_4_15),
		cmocka_unit_test(test_page_types_of_eras),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_offset_without_size),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_flag_orders),
		cmocka_unit_test(test_sections_of_i386),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_unknown_flag_orders),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_exclusive_in_6_3),
		cmocka_unit_test(test_other_zones),
		cmocka_unit_test(test_section_size),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
