/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads and tails: pointers before 7.1, masks since, and what contradicts itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pages/compound.h"

#define SIZE      64
#define VMEMMAP   0xffffea0000000000u
#define HEAD_FLAG (1u << 6)

static struct classifier classifier(uint64_t struct_size)
{
	return (struct classifier){
		.layout = {.word_size = 8},
		.struct_size = struct_size,
		.compound = 8,
		.has_compound_word = true,
		.mapcount = 48,
		.has_mapcount = true,
		.head_mask = HEAD_FLAG,
		.order_scheme = ORDER_FLAGS_BYTE,
		.order_offset = struct_size,
	};
}

static vmc_vaddr address_of(const struct classifier *c, vmc_pfn pfn)
{
	return VMEMMAP + pfn * c->struct_size;
}

static bool find(const struct classifier *c, vmc_pfn pfn, uint64_t word, vmc_pfn *ret_head)
{
	uint8_t bytes[256] = {0};

	store_u64(c->layout, bytes + c->compound, word);

	struct page_view page = page_view(c, pfn, bytes);

	assert_true(page_is_tail(&page));
	return tail_find_head(&page, address_of(c, pfn), ret_head);
}

static void test_pointer(void **state)
{
	struct classifier c = classifier(SIZE);
	vmc_pfn head;

	(void)state;
	assert_true(find(&c, 0x1234, address_of(&c, 0x1200) | 1, &head));
	assert_int_equal(head, 0x1200);
	/* Of the very first folio: the address of the memory map itself. */
	assert_true(find(&c, 0x7, address_of(&c, 0) | 1, &head));
	assert_int_equal(head, 0);
	/* Itself, behind, between two struct pages, below pfn 0, out of reach. */
	assert_false(find(&c, 0x1234, address_of(&c, 0x1234) | 1, &head));
	assert_false(find(&c, 0x1234, address_of(&c, 0x1240) | 1, &head));
	assert_false(find(&c, 0x1234, (address_of(&c, 0x1200) + 8) | 1, &head));
	assert_false(find(&c, 0x4, (VMEMMAP - 64) | 1, &head));
	assert_false(find(&c, 0x10000000, address_of(&c, 0x1200) | 1, &head));
}

static void test_mask(void **state)
{
	struct classifier c = classifier(SIZE);
	vmc_pfn head;

	(void)state;
	/* Values seen on 7.2: order 1, a 2 MiB huge page, a 1 GiB hugetlb page. */
	assert_true(find(&c, 0x1235, 0xffffffffffffff81, &head));
	assert_int_equal(head, 0x1234);
	assert_true(find(&c, 0x12ab, 0xffffffffffff8001, &head));
	assert_int_equal(head, 0x1200);
	assert_true(find(&c, 0x43210, 0xffffffffff000001, &head));
	assert_int_equal(head, 0x40000);

	/* Where struct page is no power of two large, tails hold pointers. */
	c = classifier(80);
	assert_false(find(&c, 0x12ab, 0xffffffffffff8001, &head));
	assert_true(find(&c, 0x12ab, address_of(&c, 0x1200) | 1, &head));
	assert_int_equal(head, 0x1200);
}

static bool find_order(const struct classifier *c, vmc_pfn pfn, uint64_t tail_word,
		       uint64_t tail_flags, unsigned int *ret_order)
{
	uint8_t head[256] = {0}, next[256] = {0};

	store_u64(c->layout, head, HEAD_FLAG);
	store_u64(c->layout, next, tail_flags);
	store_u64(c->layout, next + c->compound, tail_word);

	struct page_view page = page_view(c, pfn, head);

	assert_true(page_is_head(&page));
	assert_false(page_is_tail(&page));
	return head_find_order(&page, next, address_of(c, pfn), ret_order);
}

static void test_order(void **state)
{
	struct classifier c = classifier(SIZE);
	unsigned int order;

	(void)state;
	assert_true(find_order(&c, 0x200, address_of(&c, 0x200) | 1, 0x2000109, &order));
	assert_int_equal(order, 9);
	assert_true(find_order(&c, 0x202, 0xffffffffffffff81, 1, &order));
	assert_int_equal(order, 1);

	/* Order 0, absurd, misaligned; a first tail that is none, or of another head. */
	assert_false(find_order(&c, 0x200, address_of(&c, 0x200) | 1, 0, &order));
	assert_false(find_order(&c, 0, address_of(&c, 0) | 1, 0xff, &order));
	assert_false(find_order(&c, 0x201, address_of(&c, 0x201) | 1, 9, &order));
	assert_false(find_order(&c, 0x200, address_of(&c, 0x200), 9, &order));
	assert_false(find_order(&c, 0x200, address_of(&c, 0x1c0) | 1, 9, &order));
}

/* Before 4.4 page[1].lru.prev was the order; no word marks tails. */
static void test_order_in_lru(void **state)
{
	struct classifier c = classifier(56);
	unsigned int order;

	(void)state;
	c.order_scheme = ORDER_LRU_PREV;
	c.has_compound_word = false;
	c.lru = 32;
	c.order_offset = 56 + 40;

	uint8_t head[64] = {0}, next[64] = {0};

	store_u64(c.layout, next + 40, 9);

	struct page_view page = page_view(&c, 0x400, head);

	assert_true(head_find_order(&page, next, 0, &order));
	assert_int_equal(order, 9);
	store_u64(c.layout, next + 40, 0xffff880012345678);
	assert_false(head_find_order(&page, next, 0, &order));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_order_in_lru),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
