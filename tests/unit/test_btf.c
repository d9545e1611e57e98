/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Type information made here, in both byte orders, sound and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "expect.h"
#include "kernel/btf.h"
#include "kernel/facts.h"

#ifdef HAVE_BPF

enum { INT = 1, PTR, ARRAY, STRUCT, UNION, ENUM, TYPEDEF = 8, VOLATILE, CONST };

#define BIT_FIELDS (1u << 31)

/* A .BTF section under construction. */
struct maker {
	struct layout layout;
	uint8_t types[8192];
	char strings[4096];
	uint32_t types_size, strings_size, last_id;
};

static void put(struct maker *maker, uint32_t value)
{
	store_u32(maker->layout, maker->types + maker->types_size, value);
	maker->types_size += 4;
}

static uint32_t string(struct maker *maker, const char *text)
{
	uint32_t offset = maker->strings_size;

	if (!*text)
		return 0;
	strcpy(maker->strings + offset, text);
	maker->strings_size += (uint32_t)strlen(text) + 1;
	return offset;
}

static uint32_t type(struct maker *maker, const char *name, uint32_t kind, uint32_t vlen,
		     uint32_t size)
{
	put(maker, string(maker, name));
	put(maker, (kind & BIT_FIELDS) | (kind & 0x7f) << 24 | vlen);
	put(maker, size);
	return ++maker->last_id;
}

static void member(struct maker *maker, const char *name, uint32_t type_number, uint32_t bit_offset)
{
	put(maker, string(maker, name));
	put(maker, type_number);
	put(maker, bit_offset);
}

static void enumerator(struct maker *maker, const char *name, int32_t value)
{
	put(maker, string(maker, name));
	put(maker, (uint32_t)value);
}

static uint32_t array(struct maker *maker, uint32_t element, uint32_t elements)
{
	uint32_t id = type(maker, "", ARRAY, 0, 0);

	put(maker, element);
	put(maker, element); /* the type of an index */
	put(maker, elements);
	return id;
}

static uint32_t integer(struct maker *maker, const char *name, uint32_t size)
{
	uint32_t id = type(maker, name, INT, 0, size);

	put(maker, size * 8);
	return id;
}

/* page { flags; union { struct { lru; mapping }; compound_info; }; page_type; bits : 3 }, more. */
static void types_make(struct maker *maker, bool big_endian)
{
	*maker = (struct maker){.layout = {big_endian, 8}, .strings_size = 1};

	uint32_t word = integer(maker, "unsigned long", 8), half = integer(maker, "int", 4);
	uint32_t list = type(maker, "list_head", STRUCT, 2, 16);

	member(maker, "next", list + 1, 0);
	member(maker, "prev", list + 1, 64);
	type(maker, "", PTR, 0, list);

	uint32_t inner = type(maker, "", STRUCT, 2, 24);

	member(maker, "lru", list, 0);
	member(maker, "mapping", word, 128);

	uint32_t constant = type(maker, "", CONST, 0, inner);
	uint32_t either = type(maker, "", UNION, 2, 24);

	member(maker, "", constant, 0);
	member(maker, "compound_info", word, 0);

	uint32_t page = type(maker, "page", STRUCT | BIT_FIELDS, 6, 56);

	member(maker, "flags", word, 0);
	member(maker, "", either, 64);
	member(maker, "page_type", half, 256);
	member(maker, "bits", half, 3u << 24 | 288);
	member(maker, "__folio_index", word, 320);
	member(maker, "mem_cgroup", word, 384);

	uint32_t area = type(maker, "free_area", STRUCT, 1, 96);

	member(maker, "free_list", area + 1, 0);
	array(maker, list, 6);

	uint32_t zone = type(maker, "zone", STRUCT, 4, 1088);

	member(maker, "free_area", zone + 1, 0);
	member(maker, "unaccepted_pages", list, 8448);
	member(maker, "pageset", word, 8576);
	member(maker, "zone_start_pfn", word, 8640);
	array(maker, area, 11);

	type(maker, "page_t", TYPEDEF, 0, page);
	type(maker, "pageflags", ENUM, 3, 4);
	enumerator(maker, "PG_locked", 0);
	enumerator(maker, "PG_lru", 5);
	enumerator(maker, "PG_head", 6);
	type(maker, "pagetype", ENUM, 2, 4);
	enumerator(maker, "PGTY_buddy", 0xf0);
	enumerator(maker, "PGTY_unaccepted", 0xf7);
}

/* What only the audit asks for, under the names of one release or another.  @old: before 5.14. */
static void zones_make(struct maker *maker, bool old)
{
	types_make(maker, false);

	uint32_t word = integer(maker, "u64", 8), half = integer(maker, "s32", 4);
	uint32_t list = type(maker, "two_words", STRUCT, 1, 16);

	member(maker, "first", word, 0);

	uint32_t lists = array(maker, list, 14);
	uint32_t pages = type(maker, "per_cpu_pages", STRUCT | BIT_FIELDS, 3, 256);

	member(maker, "count", half, old ? 3u << 24 | 32 : 32); /* a bit field, for the test */
	member(maker, "high", half, 64);
	member(maker, "lists", lists, 256);
	type(maker, old ? "per_cpu_pageset" : "per_cpu_zonestat", STRUCT, 2, 320);
	member(maker, old ? "pcp" : "other", pages, 64);
	member(maker, "vm_stat_diff", half, 2112);

	type(maker, "zone_stat_item", ENUM, 2, 4);
	enumerator(maker, "NR_FREE_PAGES", 0);
	enumerator(maker, "NR_UNACCEPTED", 11);
	type(maker, "zone_type", ENUM, 2, 4);
	enumerator(maker, "ZONE_DMA", 0);
	enumerator(maker, "__MAX_NR_ZONES", 5);
	type(maker, "migratetype", ENUM, 7, 4);
	enumerator(maker, "MIGRATE_UNMOVABLE", 0);
	enumerator(maker, "MIGRATE_MOVABLE", 1);
	enumerator(maker, "MIGRATE_RECLAIMABLE", 2);
	enumerator(maker, "MIGRATE_PCPTYPES", 3);
	enumerator(maker, "MIGRATE_HIGHATOMIC", 3);
	enumerator(maker, "MIGRATE_ISOLATE", 4);
	enumerator(maker, "MIGRATE_TYPES", 5);
}

/* The section as a file has it; free() it. */
static uint8_t *section(const struct maker *maker, uint32_t header_size, size_t *ret_size)
{
	uint8_t *data = calloc(1, header_size + maker->types_size + maker->strings_size);
	uint32_t words[] = {header_size, 0, maker->types_size, maker->types_size,
			    maker->strings_size};

	assert_non_null(data);
	data[maker->layout.big_endian] = 0x9f;
	data[!maker->layout.big_endian] = 0xeb;
	data[2] = 1;
	for (size_t i = 0; i < 5; i++)
		store_u32(maker->layout, data + 4 + 4 * i, words[i]);
	memcpy(data + header_size, maker->types, maker->types_size);
	memcpy(data + header_size + maker->types_size, maker->strings, maker->strings_size);
	*ret_size = header_size + maker->types_size + maker->strings_size;
	return data;
}

static struct vmc_error *create(const struct maker *maker, uint32_t header_size,
				struct types **ret_types)
{
	size_t size;
	uint8_t *data = section(maker, header_size, &size);
	struct vmc_error *err = btf_types_create(data, size, ret_types);

	free(data);
	return err;
}

static void field_is(const struct types *types, const char *path, uint64_t offset, uint64_t size,
		     uint64_t elements)
{
	struct type_field field = {99, 99, 99, 99};

	if (!types_field(types, path, &field))
		fail_msg("%s is not there", path);
	assert_int_equal(field.offset, offset);
	assert_int_equal(field.size, size);
	assert_int_equal(field.elements, elements);
}

static void types_are_right(const struct types *types)
{
	struct type_field field;
	uint64_t size;
	int64_t value;

	field_is(types, "page.flags", 0, 8, 0);
	field_is(types, "page.lru", 8, 16, 0);
	field_is(types, "page.lru.prev", 16, 8, 0);
	field_is(types, "page_t.mapping", 24, 8, 0);
	field_is(types, "page.compound_info", 8, 8, 0);
	field_is(types, "page.page_type", 32, 4, 0);
	field_is(types, "zone.free_area", 0, 11 * 96, 11);
	field_is(types, "zone.unaccepted_pages", 1056, 16, 0);
	assert_false(types_field(types, "page.bits", &field));
	assert_false(types_field(types, "page.nothing", &field));
	assert_false(types_field(types, "page.flags.inside", &field));
	assert_false(types_field(types, "nothing.flags", &field));
	assert_false(types_field(types, "page", &field));
	assert_false(types_field(types, "page.", &field));
	assert_false(types_field(types, "", &field));

	assert_true(types_size(types, "zone", &size) && size == 1088);
	assert_true(types_size(types, "page_t", &size) && size == 56);
	assert_false(types_size(types, "nothing", &size));
	assert_true(types_enumerator(types, "pageflags", "PG_head", &value) && value == 6);
	assert_false(types_enumerator(types, "pageflags", "PG_nothing", &value));
	assert_false(types_enumerator(types, "nothing", "PG_head", &value));
}

static void test_types(void **state)
{
	static const uint32_t header_sizes[] = {24, 32, 64}; /* 32 since 7.2 */
	struct maker maker;

	(void)state;
	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		for (size_t i = 0; i < 3; i++) {
			struct types *types = NULL;

			types_make(&maker, big_endian);
			succeed(create(&maker, header_sizes[i], &types));
			types_are_right(types);
			types_destroy(types);
		}
	}
}

static void test_facts(void **state)
{
	struct types *types = NULL;
	struct facts facts;
	struct maker maker;

	(void)state;
	types_make(&maker, false);
	succeed(create(&maker, 24, &types));
	facts_init(&facts);
	fact_set(&facts, FACT_OFFSET_page_lru, 123, VMC_FACT_VMCOREINFO, NULL);
	fact_set(&facts, FACT_OFFSET_zone_unaccepted_pages, 123, VMC_FACT_INFERRED, "");
	facts_from_types(&facts, types, VMC_FACT_BTF);
	assert_int_equal(facts.table[FACT_OFFSET_page_lru].value, 123);
	assert_int_equal(facts.table[FACT_OFFSET_zone_unaccepted_pages].value, 1056);
	assert_int_equal(facts.table[FACT_OFFSET_page_mapping].source, VMC_FACT_BTF);
	assert_int_equal(facts.table[FACT_OFFSET_page_mapping].value, 24);
	assert_int_equal(fact_or(&facts, FACT_OFFSET_page_compound_head, 0), 8); /* the new name */
	assert_int_equal(fact_or(&facts, FACT_SIZE_page, 0), 56);
	assert_int_equal(fact_or(&facts, FACT_LENGTH_zone_free_area, 0), 11);
	assert_int_equal(fact_or(&facts, FACT_LENGTH_free_area_free_list, 0), 6);
	assert_int_equal(fact_or(&facts, FACT_NUMBER_PG_lru, 0), 5);
	assert_int_equal(fact_or(&facts, FACT_NUMBER_PG_head_mask, 0), 64);
	assert_true((int64_t)fact_or(&facts, FACT_NUMBER_PAGE_BUDDY, 0) == -268435456);
	assert_true((int64_t)fact_or(&facts, FACT_NUMBER_PAGE_UNACCEPTED, 0) == -150994944);
	assert_false(fact_known(&facts, FACT_NUMBER_PAGE_SLAB));
	assert_false(fact_known(&facts, FACT_NUMBER_PG_slab));
	types_destroy(types);
}

static void facts_of_zones(struct facts *facts, bool old)
{
	struct types *types = NULL;
	struct maker maker;

	zones_make(&maker, old);
	succeed(create(&maker, 24, &types));
	facts_init(facts);
	facts_from_types(facts, types, VMC_FACT_BTF);
	types_destroy(types);
	succeed(facts_check(facts));
}

static void is(const struct facts *facts, enum fact_id id, uint64_t value)
{
	if (!fact_known(facts, id))
		fail_msg("%s is not known", fact_name(id));
	assert_int_equal(facts->table[id].source, VMC_FACT_BTF);
	assert_int_equal(facts->table[id].value, value);
}

static void test_zone_facts(void **state)
{
	struct facts facts;

	(void)state;
	facts_of_zones(&facts, false);
	is(&facts, FACT_OFFSET_zone_zone_start_pfn, 1080);
	is(&facts, FACT_OFFSET_page_index, 40);      /* as __folio_index */
	is(&facts, FACT_OFFSET_page_memcg_data, 48); /* as mem_cgroup */
	is(&facts, FACT_OFFSET_zone_per_cpu_pageset, 1072);
	is(&facts, FACT_NUMBER_NR_FREE_PAGES, 0);
	is(&facts, FACT_NUMBER_NR_UNACCEPTED, 11);
	is(&facts, FACT_NUMBER_MAX_NR_ZONES, 5);
	is(&facts, FACT_NUMBER_MIGRATE_UNMOVABLE, 0);
	is(&facts, FACT_NUMBER_MIGRATE_MOVABLE, 1);
	is(&facts, FACT_NUMBER_MIGRATE_RECLAIMABLE, 2);
	is(&facts, FACT_NUMBER_MIGRATE_PCPTYPES, 3);
	is(&facts, FACT_NUMBER_MIGRATE_HIGHATOMIC, 3);
	is(&facts, FACT_NUMBER_MIGRATE_ISOLATE, 4);
	is(&facts, FACT_SIZE_per_cpu_pages, 256);
	is(&facts, FACT_OFFSET_pcp_count, 4);
	is(&facts, FACT_OFFSET_pcp_lists, 32);
	is(&facts, FACT_LENGTH_pcp_lists, 14);
	is(&facts, FACT_OFFSET_zonestat_vm_stat_diff, 264);
	assert_false(fact_known(&facts, FACT_NUMBER_MIGRATE_CMA));
	assert_false(fact_known(&facts, FACT_OFFSET_pageset_pcp));
	assert_false(fact_known(&facts, FACT_OFFSET_zone_per_cpu_zonestats));

	facts_of_zones(&facts, true);
	is(&facts, FACT_OFFSET_pageset_pcp, 8);
	is(&facts, FACT_OFFSET_pageset_vm_stat_diff, 264);
	assert_false(fact_known(&facts, FACT_OFFSET_zonestat_vm_stat_diff));
	assert_false(fact_known(&facts, FACT_OFFSET_pcp_count)); /* a bit field */
}

/* A section in the kernel's memory. */
struct kernel_section {
	uint8_t *data;
	size_t size;
};

#define SECTION_AT UINT64_C(0xffffffff82000000)

static struct vmc_error *section_read(void *arg, vmc_vaddr address, void *buffer, size_t size)
{
	struct kernel_section *section = arg;

	if (address < SECTION_AT || address - SECTION_AT > section->size ||
	    size > section->size - (address - SECTION_AT))
		return error_create(VMC_ERR_UNMAPPED, "no memory");
	memcpy(buffer, section->data + (address - SECTION_AT), size);
	return NULL;
}

/* Facts of the kernel whose types @maker made, of which all but @missing bytes are in memory. */
static struct vmc_error *kernel_facts(struct facts *facts, const struct maker *maker,
				      size_t missing)
{
	struct kernel_section in_memory;
	struct kernel_memory memory = {.read = section_read, .arg = &in_memory, .layout = {0, 8}};

	in_memory.data = section(maker, 24, &in_memory.size);
	facts_init(facts);
	fact_set(facts, FACT_SYMBOL_start_BTF, SECTION_AT, VMC_FACT_KALLSYMS, NULL);
	fact_set(facts, FACT_SYMBOL_stop_BTF, SECTION_AT + in_memory.size, VMC_FACT_KALLSYMS, NULL);
	in_memory.size -= missing;

	struct vmc_error *err = facts_from_kernel_btf(facts, &memory);

	free(in_memory.data);
	return err;
}

static void test_kernel_memory(void **state)
{
	struct kernel_memory memory = {.read = section_read, .layout = {0, 8}};
	struct facts facts;
	struct maker maker;

	(void)state;
	types_make(&maker, false);
	succeed(kernel_facts(&facts, &maker, 0));
	is(&facts, FACT_SIZE_page, 56);
	fail_with(kernel_facts(&facts, &maker, 1), VMC_ERR_UNMAPPED, "no memory");
	assert_false(fact_known(&facts, FACT_SIZE_page));

	facts_init(&facts);
	fail_with(facts_from_kernel_btf(&facts, &memory), VMC_ERR_MISSING, "no __start_BTF");
	fact_set(&facts, FACT_SYMBOL_start_BTF, SECTION_AT, VMC_FACT_KALLSYMS, NULL);
	fact_set(&facts, FACT_SYMBOL_stop_BTF, SECTION_AT, VMC_FACT_KALLSYMS, NULL);
	fail_with(facts_from_kernel_btf(&facts, &memory), VMC_ERR_CORRUPT, "contradict each other");
	facts.table[FACT_SYMBOL_stop_BTF].value += BTF_SIZE_MAX + 1;
	fail_with(facts_from_kernel_btf(&facts, &memory), VMC_ERR_CORRUPT, "contradict each other");
}

/* Types that are sound in themselves and say what cannot be: none of them is believed. */
static void test_contradictory_types(void **state)
{
	struct facts facts;
	struct maker maker;

	(void)state;
	zones_make(&maker, false);
	type(&maker, "pglist_data", STRUCT, 2, 4096);
	member(&maker, "node_zones", maker.last_id - 1, 0);
	member(&maker, "nr_zones", 1, 64);
	fail_with(kernel_facts(&facts, &maker, 0), VMC_ERR_CORRUPT,
		  "NUMBER(__MAX_NR_ZONES)=5 and SIZE(pglist_data)=4096");
	assert_false(fact_known(&facts, FACT_SIZE_page));
	assert_int_equal(facts.table[FACT_SYMBOL_start_BTF].source, VMC_FACT_KALLSYMS);
}

/* Of two types of one name the first counts, of two kinds the structure; and many of one name do
 * not hide the others. */
static void test_names(void **state)
{
	struct types *types = NULL;
	struct maker maker;
	uint64_t size;

	(void)state;
	types_make(&maker, false);

	uint32_t half = type(&maker, "twice", UNION, 0, 4);

	type(&maker, "twice", STRUCT, 0, 8);
	type(&maker, "twice", STRUCT, 0, 16);
	for (int i = 0; i < 200; i++)
		type(&maker, "many", TYPEDEF, 0, half);
	type(&maker, "after", STRUCT, 0, 32);
	succeed(create(&maker, 24, &types));
	assert_true(types_size(types, "twice", &size) && size == 8);
	assert_true(types_size(types, "many", &size) && size == 4);
	assert_true(types_size(types, "after", &size) && size == 32);
	types_are_right(types);
	types_destroy(types);
}

static void test_bad_headers(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum vmc_error_code code;
		const char *message;
	} cases[] = {
		{0, 0, VMC_ERR_CORRUPT, "magic"},         {2, 2, VMC_ERR_UNSUPPORTED, "version 2"},
		{4, 20, VMC_ERR_CORRUPT, "hdr_len 20"},   {4, 26, VMC_ERR_CORRUPT, "hdr_len 26"},
		{6, 1, VMC_ERR_CORRUPT, "hdr_len 65560"}, {8, 1, VMC_ERR_CORRUPT, "libbpf"},
		{19, 1, VMC_ERR_CORRUPT, "libbpf"},       {23, 255, VMC_ERR_CORRUPT, "libbpf"},
	};
	struct types *types = NULL;
	struct maker maker;
	size_t size;

	(void)state;
	types_make(&maker, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *data = section(&maker, 24, &size);

		data[cases[i].at] = cases[i].value;
		fail_with(btf_types_create(data, size, &types), cases[i].code, cases[i].message);
		free(data);
	}
	fail_with(btf_types_create("\x9f\xeb\1", 3, &types), VMC_ERR_CORRUPT, "3 bytes");
	fail_with(btf_types_create("", BTF_SIZE_MAX + 1, &types), VMC_ERR_LIMIT, "more than");
}

/* Since 7.2 a kind has 7 bits: 40 is not the typedef (8) that older libbpf takes it for. */
static void test_wide_kinds(void **state)
{
	struct types *types = NULL;
	struct maker maker;

	(void)state;
	types_make(&maker, false);
	type(&maker, "new", 40, 0, 1);

	struct vmc_error *err = create(&maker, 24, &types);

	assert_non_null(err);
	vmc_error_free(err);
}

/* Unnamed structures that contain themselves, twice each: a search must end all the same. */
static void test_endless_members(void **state)
{
	struct types *types = NULL;
	struct type_field field;
	struct maker maker;

	(void)state;
	types_make(&maker, false);

	uint32_t id = type(&maker, "endless", STRUCT, 2, 8);

	member(&maker, "", id, 0);
	member(&maker, "", id, 0);
	succeed(create(&maker, 24, &types));
	assert_false(types_field(types, "endless.flags", &field));
	types_destroy(types);
}

static void test_damage(void **state)
{
	static const uint32_t extremes[] = {0,       1,          24,         0xffff,
					    0x10000, 0x7fffffff, 0x80000000, UINT32_MAX};
	unsigned int seed = 1, accepted = 0;
	struct maker maker;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct types *types = NULL;
		struct facts facts;
		size_t size;

		if (round % 7)
			types_make(&maker, round % 2);
		else
			zones_make(&maker, round % 2);
		uint8_t *data = section(&maker, 24, &size);

		for (int i = 0; i < 1 + round % 4; i++) {
			size_t at = (size_t)rand_r(&seed) % (size - 4);

			if (round % 3)
				data[at] = (uint8_t)rand_r(&seed);
			else
				store_u32(maker.layout, data + at, extremes[rand_r(&seed) % 8]);
		}

		struct vmc_error *err = btf_types_create(
			data, round % 5 ? size : (size_t)rand_r(&seed) % size, &types);

		if (!err) {
			facts_init(&facts);
			facts_from_types(&facts, types, VMC_FACT_BTF);
			vmc_error_free(facts_check(&facts));
			accepted++;
		}
		vmc_error_free(err);
		types_destroy(types);
		free(data);
	}
	assert_true(accepted > 1000); /* the damage got past the first checks */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),           cmocka_unit_test(test_facts),
		cmocka_unit_test(test_zone_facts),      cmocka_unit_test(test_kernel_memory),
		cmocka_unit_test(test_names),           cmocka_unit_test(test_contradictory_types),
		cmocka_unit_test(test_bad_headers),     cmocka_unit_test(test_wide_kinds),
		cmocka_unit_test(test_endless_members), cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_unsupported(void **state)
{
	struct types *types = NULL;
	struct vmc_error *err = btf_types_create("", 0, &types);

	(void)state;
	assert_int_equal(vmc_error_code(err), VMC_ERR_UNSUPPORTED);
	vmc_error_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_unsupported)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
