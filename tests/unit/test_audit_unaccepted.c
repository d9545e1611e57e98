/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unaccepted memory by type, list and the table of the EFI stub, and where they contradict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audited_kernel.h"

#define TABLE      0x150000 /* in memory: the table */
#define CONFIG     0x160000 /* the firmware's list of tables, in a page of its own */
#define UNIT       (2 * MIB)
#define UNIT_PAGES 512
#define UNITS      192 /* bits of the table; 160 are memory */
#define RESERVED   (1u << 14)
#define POISON_6_8 (1u << 22)

#define EFI_KEYS "SYMBOL(efi)=ffffffff80116000\nOFFSET(efi.unaccepted)=8\n"

static void create(struct built_kernel *kernel, const char *flags_keys, const char *more_keys)
{
	char keys[1024];
	bool typed = !strcmp(flags_keys, AUDIT_KEYS_7_2);
	uint32_t buddy = typed ? TYPE_BUDDY_7_2 : TYPE_BUDDY_6_8;

	snprintf(keys, sizeof(keys), "%s%s", CPU_KEYS, more_keys);
	audited_kernel_create(kernel, flags_keys, keys);
	put_free_in(kernel, 0, 0x2000, 10, 1, buddy);
	put_free_in(kernel, 1, 0x11000, 10, 1, buddy);
}

static void put_blocks(struct built_kernel *kernel, uint32_t type)
{
	put_unaccepted_block(kernel, 0x9000, type);
	put_unaccepted_block(kernel, 0x4000, type);
	put_unaccepted_block(kernel, 0x13000, type);
}

/* The table says of these pages that they are unaccepted. */
static void put_bits(struct built_kernel *kernel, vmc_pfn start, uint64_t count)
{
	uint8_t bits[UNITS / 8];

	assert_int_equal(pread(kernel->scratch.fd, bits, sizeof(bits), FILE_OF_MEMORY + TABLE + 24),
			 sizeof(bits));
	for (vmc_pfn pfn = start; pfn < start + count; pfn += UNIT_PAGES)
		bits[pfn / UNIT_PAGES / 8] |= (uint8_t)(1 << pfn / UNIT_PAGES % 8);
	memory_write(kernel, TABLE + 24, bits, sizeof(bits));
}

static void put_table(struct built_kernel *kernel, uint32_t version, uint64_t size)
{
	memory_put32(kernel, TABLE, version);
	memory_put32(kernel, TABLE + 4, UNIT);
	memory_put64(kernel, TABLE + 8, 0);
	memory_put64(kernel, TABLE + 16, size);
	memory_put64(kernel, EFI + 8, TABLE);
	put_bits(kernel, 0x9000, 1024);
	put_bits(kernel, 0x4000, 1024);
	put_bits(kernel, 0x13000, 1024);
}

/* An entry of the firmware's list, in the page at @physical. */
static void put_entry(struct built_kernel *kernel, uint64_t physical, uint64_t table)
{
	static const uint8_t guid[] = {0x3c, 0xde, 0xd1, 0xd5, 0x5c, 0x10, 0xf9, 0x44,
				       0x9e, 0xa9, 0xbc, 0xef, 0x98, 0x12, 0x00, 0x31};

	memory_write(kernel, physical, guid, sizeof(guid));
	memory_put64(kernel, physical + sizeof(guid), table);
}

static const char *how(const struct vmc_audit *audit, enum vmc_unaccepted_source source)
{
	return vmc_audit_unaccepted(audit)->sources[source].describe;
}

static void test_list_alone(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel, AUDIT_KEYS_6_8, "");
	put_blocks(&kernel, TYPE_NONE);

	struct vmc_audit *audit = run_audit(&kernel, NULL);
	const struct vmc_unaccepted *told = vmc_audit_unaccepted(audit);

	expect_findings(audit, (struct told[]){{"unaccepted-bitmap-absent", 0}}, 1);
	assert_int_equal(vmc_audit_counts(audit)->pages[VMC_PAGE_UNACCEPTED], 3 * 1024);
	assert_false(told->sources[VMC_UNACCEPTED_TYPE].usable);
	assert_true(told->sources[VMC_UNACCEPTED_LIST].usable);
	assert_int_equal(told->sources[VMC_UNACCEPTED_LIST].pages, 3 * 1024);
	assert_false(told->sources[VMC_UNACCEPTED_BITMAP].usable);
	assert_false(vmc_audit_attribute_known(audit, VMC_ATTRIBUTE_ACCEPTED));
	assert_string_equal(how(audit, VMC_UNACCEPTED_TYPE), "this kernel has no such type");
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

static void test_type_and_list(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel, AUDIT_KEYS_7_2, "");
	put_blocks(&kernel, TYPE_UNACCEPTED_7_2);
	EXPECT_FINDINGS(&kernel, {"unaccepted-bitmap-absent", 0});

	create(&kernel, AUDIT_KEYS_7_2, "");
	put_blocks(&kernel, TYPE_UNACCEPTED_7_2);
	page_put_type(&kernel, 0x4000, TYPE_NONE);
	EXPECT_FINDINGS(&kernel, {"unaccepted-untyped", 1024}, {"unaccepted-bitmap-absent", 0});

	create(&kernel, AUDIT_KEYS_7_2, "");
	put_blocks(&kernel, TYPE_UNACCEPTED_7_2);
	page_put_type(&kernel, 0x5000, TYPE_UNACCEPTED_7_2);
	memory_add64(&kernel, ZONE_AT(0) + STAT_FREE, 1024);
	memory_add64(&kernel, ZONE_AT(0) + STAT_UNACCEPTED, 1024);
	EXPECT_FINDINGS(&kernel, {"unaccepted-unlisted", 1024}, {"unaccepted-bitmap-absent", 0});
}

static void test_misaligned(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel, AUDIT_KEYS_7_2, "");
	put_blocks(&kernel, TYPE_UNACCEPTED_7_2);
	page_put_type(&kernel, 0x5001, TYPE_UNACCEPTED_7_2);
	EXPECT_FINDINGS(&kernel, {"bad-unaccepted-block", 1}, {"unaccepted-count", 0},
			{"free-count", 0}, {"unaccepted-bitmap-absent", 0});
}

static void test_counters(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel, AUDIT_KEYS_6_8, "");
	put_blocks(&kernel, TYPE_NONE);
	memory_add64(&kernel, ZONE_AT(1) + STAT_UNACCEPTED, -1024);
	EXPECT_FINDINGS(&kernel, {"unaccepted-count", 0}, {"unaccepted-bitmap-absent", 0});
}

/* Blocks behind the damage are missed, and the counters tell. */
static void test_damaged_list(void **state)
{
	const uint64_t bad[] = {0,
				0x1234,
				0xffff888000000000,
				lru_of(0x9000),
				lru_of(0x4000),
				IMAGE(ZONE_AT(1) + ZONE_UNACCEPTED)};
	struct built_kernel kernel;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		create(&kernel, AUDIT_KEYS_6_8, "");
		put_blocks(&kernel, TYPE_NONE);
		put_unaccepted_block(&kernel, 0xa000, TYPE_NONE);
		page_put(&kernel, 0x4000, 8, bad[i]);
		EXPECT_FINDINGS(&kernel, {"unaccepted-list-damaged", 0}, {"unaccepted-count", 0},
				{"free-count", 0}, {"unaccepted-bitmap-absent", 0});
	}

	/* Not as such blocks are aligned. */
	create(&kernel, AUDIT_KEYS_6_8, "");
	put_unaccepted_block(&kernel, 0x4000, TYPE_NONE);
	put_unaccepted_block(&kernel, 0x9001, TYPE_NONE);
	EXPECT_FINDINGS(&kernel, {"unaccepted-list-damaged", 0}, {"unaccepted-count", 0},
			{"free-count", 0}, {"unaccepted-bitmap-absent", 0});
}

struct seen {
	uint64_t accepted, others;
};

static bool see_range(void *arg, const struct vmc_audit *audit, const struct vmc_audit_range *range)
{
	struct seen *seen = arg;

	(void)audit;
	if (range->state != VMC_PAGE_UNACCEPTED)
		return true;
	if (range->attributes & VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ACCEPTED))
		seen->accepted += range->count;
	else
		seen->others += range->count;
	return true;
}

static void test_table(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel, AUDIT_KEYS_6_8, EFI_KEYS);
	put_blocks(&kernel, TYPE_NONE);
	put_table(&kernel, 1, UNITS / 8);
	EXPECT_FINDINGS(&kernel);

	/* Unaccepted by the table alone. */
	create(&kernel, AUDIT_KEYS_6_8, EFI_KEYS);
	put_blocks(&kernel, TYPE_NONE);
	put_table(&kernel, 1, UNITS / 8);
	put_bits(&kernel, 0x6200, UNIT_PAGES);
	EXPECT_FINDINGS(&kernel, {"unaccepted-bitmap-only", UNIT_PAGES});
}

static void test_block_that_is_accepted_in_part(void **state)
{
	struct seen seen = {0};
	struct vmc_audit_options options = {.range = see_range, .range_arg = &seen};
	struct built_kernel kernel;

	(void)state;
	create(&kernel, AUDIT_KEYS_6_8, EFI_KEYS);
	put_blocks(&kernel, TYPE_NONE);
	put_table(&kernel, 1, UNITS / 8);
	put_unaccepted_block(&kernel, 0x7000, TYPE_NONE);
	put_bits(&kernel, 0x7200, UNIT_PAGES);

	struct vmc_audit *audit = run_audit(&kernel, &options);

	expect_findings(audit, (struct told[]){{"unaccepted-accepted", UNIT_PAGES}}, 1);
	assert_int_equal(vmc_audit_finding(audit, 0)->ranges[0].start, 0x7000);
	assert_int_equal(seen.accepted, UNIT_PAGES);
	assert_int_equal(seen.others, 4 * 1024 - UNIT_PAGES);
	assert_int_equal(vmc_audit_unaccepted(audit)->listed_accepted, UNIT_PAGES);
	assert_int_equal(vmc_audit_unaccepted(audit)->unit, UNIT);
	assert_int_equal(vmc_audit_unaccepted(audit)->table, TABLE);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

static void test_damaged_table(void **state)
{
	static const struct {
		uint64_t at;
		uint32_t value;
	} bad[] = {
		{0, 2},         /* version */
		{4, 0},         /* unit */
		{4, 3 * MIB},   /* no power of two */
		{4, 512},       /* less than a page */
		{8, 0x1000},    /* base within a unit */
		{16, 0},        /* size */
		{16, 25},       /* no whole words */
		{20, 1},        /* 4 GiB */
		{16, 64 << 20}, /* more than any machine has */
	};
	struct built_kernel kernel;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		create(&kernel, AUDIT_KEYS_6_8, EFI_KEYS);
		put_blocks(&kernel, TYPE_NONE);
		put_table(&kernel, 1, UNITS / 8);
		memory_put32(&kernel, TABLE + bad[i].at, bad[i].value);

		struct vmc_audit *audit = run_audit(&kernel, NULL);

		expect_findings(audit, (struct told[]){{"unaccepted-bitmap-absent", 0}}, 1);
		assert_string_equal(how(audit, VMC_UNACCEPTED_BITMAP), "damaged");
		vmc_audit_destroy(audit);
		built_kernel_destroy(&kernel);
	}
}

/* The table lies where the dump has no memory, or its end does. */
static void test_table_that_is_absent(void **state)
{
	static const vmc_paddr tables[] = {(vmc_paddr)HOLE_START << 12, MEMORY_END - 40, MEMORY_END,
					   UINT64_MAX - 8};
	struct built_kernel kernel;

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		create(&kernel, AUDIT_KEYS_6_8, EFI_KEYS);
		put_blocks(&kernel, TYPE_NONE);
		memory_put64(&kernel, EFI + 8, tables[i]);
		if (tables[i] < MEMORY_END) {
			memory_put32(&kernel, tables[i], 1);
			memory_put32(&kernel, tables[i] + 4, UNIT);
			memory_put64(&kernel, tables[i] + 16, 64);
		}

		struct vmc_audit *audit = run_audit(&kernel, NULL);

		expect_findings(audit, (struct told[]){{"unaccepted-bitmap-absent", 0}}, 1);
		assert_string_equal(how(audit, VMC_UNACCEPTED_BITMAP), "not in the dump");
		vmc_audit_destroy(audit);
		built_kernel_destroy(&kernel);
	}
}

static void expect_table(struct built_kernel *kernel, bool found)
{
	struct vmc_audit *audit = run_audit(kernel, NULL);

	if (found) {
		expect_findings(audit, NULL, 0);
		assert_string_equal(how(audit, VMC_UNACCEPTED_BITMAP), "found by its GUID");
		assert_int_equal(vmc_audit_unaccepted(audit)->table, TABLE);
	} else {
		expect_findings(audit, (struct told[]){{"unaccepted-bitmap-absent", 0}}, 1);
	}
	vmc_audit_destroy(audit);
	built_kernel_destroy(kernel);
}

/* Flags in an order that is not known. */
#define OTHER_KEYS                                                               \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=16\nNUMBER(PG_swapcache)=12\n"     \
	"NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=11\nNUMBER(PG_hwpoison)=22\n" \
	"NUMBER(PG_head_mask)=64\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"      \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"

static void create_with_entry(struct built_kernel *kernel, const char *keys)
{
	create(kernel, keys, "");
	put_blocks(kernel, TYPE_NONE);
	put_table(kernel, 1, UNITS / 8);
	put_entry(kernel, CONFIG + 0x48, TABLE);
}

/* Without symbols: the GUID in memory that is reserved. */
static void test_table_by_its_guid(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create_with_entry(&kernel, AUDIT_KEYS_6_8);
	page_put_flags(&kernel, CONFIG >> 12, RESERVED);
	expect_table(&kernel, true);

	/* Memory of the kernel or of a program may hold those bytes, too. */
	create_with_entry(&kernel, AUDIT_KEYS_6_8);
	expect_table(&kernel, false);

	/* The first one leads to no table, the second does. */
	create_with_entry(&kernel, AUDIT_KEYS_6_8);
	put_entry(&kernel, CONFIG - 0x1000, 0x170000);
	put_entry(&kernel, CONFIG - 0x800, MEMORY_END);
	page_put_flags(&kernel, (CONFIG >> 12) - 1, RESERVED);
	page_put_flags(&kernel, CONFIG >> 12, RESERVED);
	expect_table(&kernel, true);

	/* The kernel's own image shows which flag it is. */
	create_with_entry(&kernel, OTHER_KEYS);
	page_put_flags(&kernel, TOP_TABLE >> 12, RESERVED);
	page_put_flags(&kernel, CONFIG >> 12, RESERVED);
	expect_table(&kernel, true);

	create_with_entry(&kernel, OTHER_KEYS);
	page_put_flags(&kernel, TOP_TABLE >> 12, RESERVED | 1);
	page_put_flags(&kernel, CONFIG >> 12, RESERVED);
	expect_table(&kernel, false);
}

/* Pages that must not be read may be reserved: they are not searched. */
static void test_search_reads_no_forbidden_page(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create_with_entry(&kernel, AUDIT_KEYS_6_8);
	page_put_flags(&kernel, CONFIG >> 12, RESERVED);
	page_put_type(&kernel, CONFIG >> 12, TYPE_OFFLINE_6_8);

	struct vmc_audit *audit = run_audit(&kernel, NULL);

	assert_false(vmc_audit_unaccepted(audit)->sources[VMC_UNACCEPTED_BITMAP].usable);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);

	create_with_entry(&kernel, AUDIT_KEYS_6_8);
	page_put_flags(&kernel, CONFIG >> 12, RESERVED | POISON_6_8);
	audit = run_audit(&kernel, NULL);
	assert_false(vmc_audit_unaccepted(audit)->sources[VMC_UNACCEPTED_BITMAP].usable);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

/* A block that stays on its free list, and pages that cannot be such blocks. */
static void test_two_types(void **state)
{
	const uint32_t both = TYPE_BUDDY_6_8 & TYPE_OFFLINE_6_8;
	struct built_kernel kernel;

	(void)state;
	create(&kernel, AUDIT_KEYS_6_8, "");
	put_free_block(&kernel, 0x4000, 9, 1);
	page_put_type(&kernel, 0x4000, both);
	page_put_flags(&kernel, 0x4003, POISON_6_8); /* inside: not read either way */
	EXPECT_FINDINGS(&kernel, {"double-typed", 512});

	create(&kernel, AUDIT_KEYS_6_8, "");
	page_put_type(&kernel, 0x4004, both);
	page_put(&kernel, 0x4004, PAGE_PRIVATE, 3);
	page_put_type(&kernel, 0x5000, both);
	page_put(&kernel, 0x5000, PAGE_PRIVATE, 11);
	EXPECT_FINDINGS(&kernel, {"bad-double-typed", 2}, {"free-count", 0});

	/* Free and unaccepted, where the number of the second is known. */
	create(&kernel, AUDIT_KEYS_6_8, "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-2049\n");
	put_free_block(&kernel, 0x4000, 9, 1);
	page_put_type(&kernel, 0x4000, TYPE_BUDDY_6_8 & (uint32_t)-2049);
	EXPECT_FINDINGS(&kernel, {"double-typed", 512});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_alone),
		cmocka_unit_test(test_type_and_list),
		cmocka_unit_test(test_misaligned),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_damaged_list),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_block_that_is_accepted_in_part),
		cmocka_unit_test(test_damaged_table),
		cmocka_unit_test(test_table_that_is_absent),
		cmocka_unit_test(test_table_by_its_guid),
		cmocka_unit_test(test_search_reads_no_forbidden_page),
		cmocka_unit_test(test_two_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
