/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of the memory map that hold nothing but insides of free blocks, and their way into a block
 * and back: struct pages of many sizes, both byte orders and word sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "built_kernel.h"
#include "pages/free_map.h"

#define PAGE_SIZE 4096
#define FLAGS     0x17ffffc0000000u
#define FLAG_BITS 0x7fffffu
#define PG_LRU    0x20u

/* A map whose struct pages are @size bytes long. */
static struct free_map map_of(bool big_endian, uint8_t word, uint32_t size, vmc_vaddr base)
{
	return (struct free_map){
		.form = {.layout = {.big_endian = big_endian, .word_size = word},
			 .page_size = PAGE_SIZE,
			 .struct_size = size,
			 .lru = word,
			 .base = base},
		.flags = 0,
		.mapcount = size - 8,
		.flag_bits = FLAG_BITS,
	};
}

/* The page at @address as a kernel would have it: struct pages that reach into it, too. */
static void fill(const struct free_map *map, vmc_vaddr address, uint64_t flags, uint64_t next,
		 uint64_t prev, uint8_t *page)
{
	const struct map_form *form = &map->form;
	uint8_t bytes[MAP_FORM_STRUCT_MAX];
	vmc_vaddr at = form->base;

	while (at + form->struct_size <= address)
		at += form->struct_size;
	for (; at < address + PAGE_SIZE; at += form->struct_size) {
		memset(bytes, 0, sizeof(bytes));
		store_word(form->layout, bytes + map->flags, flags);
		store_word(form->layout, bytes + form->lru, next ? next : at + form->lru);
		store_word(form->layout, bytes + form->lru + form->layout.word_size,
			   prev ? prev : at + form->lru);
		store_u32(form->layout, bytes + map->mapcount, UINT32_MAX);
		for (uint32_t i = 0; i < form->struct_size; i++)
			if (at + i >= address && at + i < address + PAGE_SIZE)
				page[at + i - address] = bytes[i];
	}
}

static enum free_map_kind kind_of(const struct free_map *map, vmc_vaddr address,
				  const uint8_t *page)
{
	struct free_map_content content;

	free_map_look(map, address, page, &content);
	return content.kind;
}

/* Into a block and back. */
static void check_round(const struct free_map *map, vmc_vaddr address)
{
	uint64_t flags = FLAGS & layout_word_max(map->form.layout);
	uint8_t page[PAGE_SIZE], block[PAGE_SIZE], other[PAGE_SIZE];
	struct free_map_content content;
	uint32_t number;

	assert_true(map_form_is_sane(&map->form));
	fill(map, address, flags, 0, 0, page);
	free_map_look(map, address, page, &content);
	assert_int_equal(content.kind, FREE_MAP_SELF);
	assert_true(content.flags == flags);
	free_map_make_block(map, &content, block);
	assert_memory_not_equal(block, page, PAGE_SIZE);
	assert_true(map_form_number(&map->form, address, &number));
	assert_true(map_form_address(&map->form, number) == address);
	assert_true(map_form_restore(&map->form, address, block));
	assert_memory_equal(block, page, PAGE_SIZE);
	/* What is restored is no block. */
	assert_false(map_form_restore(&map->form, address, block));
	/* At another address every list points elsewhere. */
	assert_int_equal(kind_of(map, address + PAGE_SIZE, page), FREE_MAP_NOT);

	fill(map, address, flags, 0x100, 0x122, other);
	free_map_look(map, address, other, &content);
	assert_int_equal(content.kind, FREE_MAP_POISON);
	free_map_make_block(map, &content, block);
	assert_memory_equal(block, other, PAGE_SIZE);

	/* No byte of the page may be another, wherever it is. */
	for (uint32_t i = 0; i < PAGE_SIZE; i += 7) {
		page[i] ^= 0x10;
		assert_int_equal(kind_of(map, address, page), FREE_MAP_NOT);
		page[i] ^= 0x10;
	}
}

static void test_rounds(void **state)
{
	static const uint32_t sizes[] = {32, 36, 40, 48, 56, 64, 72, 96, 128};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (int form = 0; form < 4; form++) {
			uint8_t word = form & 1 ? 4 : 8;
			vmc_vaddr base = word == 4 ? 0xe0000000u : 0xffffea0000000000u;
			struct free_map map = map_of(form & 2, word, sizes[i], base + 40);

			if (sizes[i] % word)
				continue;
			for (vmc_vaddr page = 1; page < 10; page++)
				check_round(&map, base + page * PAGE_SIZE);
		}
	}
}

/* The first page of the map begins in the middle of a page, with no struct page before it. */
static void test_before_base(void **state)
{
	struct free_map map = map_of(false, 8, 48, VMEMMAP + 64);

	(void)state;
	assert_int_equal(map_form_skip(&map.form, VMEMMAP), 32);
	assert_int_equal(map_form_skip(&map.form, VMEMMAP + 64), 0);
	assert_int_equal(map_form_skip(&map.form, VMEMMAP + 64 + 47), 47);
}

static void test_refused(void **state)
{
	struct free_map map = map_of(false, 8, 64, VMEMMAP);
	uint8_t page[PAGE_SIZE];

	(void)state;
	fill(&map, VMEMMAP, FLAGS | PG_LRU, 0, 0, page);
	assert_int_equal(kind_of(&map, VMEMMAP, page), FREE_MAP_NOT);
	fill(&map, VMEMMAP, FLAGS, 0xdead000000000100, 0xdead000000000122, page);
	assert_int_equal(kind_of(&map, VMEMMAP, page), FREE_MAP_POISON);
	fill(&map, VMEMMAP, FLAGS, 0xdead000000000100, 0xdead000000000124, page);
	assert_int_equal(kind_of(&map, VMEMMAP, page), FREE_MAP_NOT);
	fill(&map, VMEMMAP, FLAGS, 0xdead000000000100, 0x122, page);
	assert_int_equal(kind_of(&map, VMEMMAP, page), FREE_MAP_NOT);
	/* Lists that all lead to one place are not lists of their own. */
	fill(&map, VMEMMAP, FLAGS, VMEMMAP + 8, VMEMMAP + 8, page);
	assert_int_equal(kind_of(&map, VMEMMAP, page), FREE_MAP_NOT);
}

static void test_text(void **state)
{
	struct free_map map = map_of(false, 8, 64, VMEMMAP);
	struct map_form form = {.layout = map.form.layout, .page_size = PAGE_SIZE};
	char text[MAP_FORM_TEXT_MAX];
	static const char *const bad[] = {
		"",
		"STRUCT_SIZE=64\nLRU=8\n",
		"STRUCT_SIZE=0\nLRU=8\nBASE=ffffea0000000000\n",
		"STRUCT_SIZE=64\nLRU=56\nBASE=ffffea0000000000\n",
		"STRUCT_SIZE=60\nLRU=8\nBASE=ffffea0000000000\n",
		"STRUCT_SIZE=4096\nLRU=8\nBASE=ffffea0000000000\n",
		"STRUCT_SIZE=64\nLRU=9\nBASE=ffffea0000000000\n",
		"STRUCT_SIZE=64\nLRU=8\nBASE=ffffea0000000003\n",
		"STRUCT_SIZE=64\nLRU=4294967304\nBASE=ffffea0000000000\n",
		"STRUCT_SIZE=64\nLRU=8\nBASE=ffffea0000000000",
	};

	(void)state;
	map_form_print(&map.form, text);
	assert_string_equal(text, "STRUCT_SIZE=64\nLRU=8\nBASE=ffffea0000000000\n");
	assert_true(map_form_parse(text, &form));
	assert_true(form.struct_size == 64 && form.lru == 8 && form.base == VMEMMAP);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(map_form_parse(bad[i], &form));
	/* Beyond what a machine of 32 bits has. */
	form.layout.word_size = 4;
	assert_false(map_form_parse(text, &form));
}

static void test_numbers(void **state)
{
	struct free_map map = map_of(false, 8, 64, VMEMMAP + 64);
	uint32_t number;

	(void)state;
	assert_true(map_form_number(&map.form, VMEMMAP, &number));
	assert_int_equal(number, 0);
	assert_false(map_form_number(&map.form, VMEMMAP - PAGE_SIZE, &number));
	assert_false(map_form_number(&map.form, VMEMMAP + 64, &number));
	assert_true(map_form_number(&map.form, VMEMMAP + ((uint64_t)UINT32_MAX << 12), &number));
	assert_false(map_form_number(&map.form, VMEMMAP + ((uint64_t)1 << 44), &number));
}

static void check_found(const struct free_map *map, vmc_paddr address, vmc_vaddr expected)
{
	vmc_vaddr found = 0;

	assert_int_equal(free_map_find(map, address >> 12, &found), expected != 0);
	assert_true(found == expected);
}

static void test_ranges(void **state)
{
	struct built_kernel kernel;
	struct free_map *map = NULL;

	(void)state;
	built_kernel_create(&kernel, "NUMBER(PG_lru)=5\n");
	built_kernel_open(&kernel);
	succeed(free_map_create(kernel.target, &map));
	assert_int_equal(map->range_count, 1);
	assert_int_equal(map->flag_bits, 0x3f);
	check_found(map, STRUCT_PAGES, VMEMMAP);
	check_found(map, STRUCT_PAGES + 6 * MIB - 4096, VMEMMAP + 6 * MIB - 4096);
	check_found(map, STRUCT_PAGES - 4096, 0);
	check_found(map, STRUCT_PAGES + 6 * MIB, 0);
	free_map_destroy(map);
	built_kernel_destroy(&kernel);
}

/* The third section's map is the second's memory: neither is told for the other. */
static void test_aliases(void **state)
{
	struct built_kernel kernel;
	struct free_map *map = NULL;

	(void)state;
	built_kernel_create(&kernel, "NUMBER(PG_lru)=5\n");
	memory_put64(&kernel, MAP_TABLE_LOW + 16, (STRUCT_PAGES + 2 * MIB) | 0x1e3);
	built_kernel_open(&kernel);
	succeed(free_map_create(kernel.target, &map));
	check_found(map, STRUCT_PAGES + 2 * MIB - 4096, VMEMMAP + 2 * MIB - 4096);
	check_found(map, STRUCT_PAGES + 2 * MIB, 0);
	check_found(map, STRUCT_PAGES + 4 * MIB - 4096, 0);
	check_found(map, STRUCT_PAGES + 4 * MIB, 0);
	free_map_destroy(map);
	built_kernel_destroy(&kernel);
}

static void test_offline_section(void **state)
{
	struct built_kernel kernel;
	struct free_map *map = NULL;

	(void)state;
	built_kernel_create(&kernel, "NUMBER(PG_lru)=5\n");
	memory_put64(&kernel, SECTION_ROOT + 16, VMEMMAP | 0x3);
	built_kernel_open(&kernel);
	succeed(free_map_create(kernel.target, &map));
	check_found(map, STRUCT_PAGES + 2 * MIB - 4096, VMEMMAP + 2 * MIB - 4096);
	check_found(map, STRUCT_PAGES + 2 * MIB, 0);
	check_found(map, STRUCT_PAGES + 4 * MIB, VMEMMAP + 4 * MIB);
	free_map_destroy(map);
	built_kernel_destroy(&kernel);
}

static void test_no_flags(void **state)
{
	struct built_kernel kernel;
	struct free_map *map = NULL;

	(void)state;
	built_kernel_create(&kernel, "");
	built_kernel_open(&kernel);
	fail_with(free_map_create(kernel.target, &map), VMC_ERR_MISSING, "no page flag is known");
	built_kernel_destroy(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),   cmocka_unit_test(test_before_base),
		cmocka_unit_test(test_refused),  cmocka_unit_test(test_text),
		cmocka_unit_test(test_numbers),  cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_aliases),  cmocka_unit_test(test_offline_section),
		cmocka_unit_test(test_no_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
