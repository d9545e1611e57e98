/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a scan says of struct pages, many at once, is what the rules say of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "era.h"
#include "pages/compound.h"
#include "pages/scan.h"

/* A generator with a seed of its own: the same numbers in every run. */
static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

static uint64_t random_word(void)
{
	uint64_t word = random_below(1u << 31);

	return word << 33 ^ random_below(1u << 31) << 13 ^ random_below(1u << 31);
}

/* Flags that rules ask for, each now and then, among others that they do not. */
static uint64_t random_flags(const struct classifier *c)
{
	const uint64_t masks[] = {
		c->lru_mask,        c->private_mask, c->swapcache_mask,
		c->swapbacked_mask, c->slab_mask,    c->hwpoison_mask,
		c->buddy_mask,      c->hugetlb_mask, c->head_mask,
	};
	uint64_t known = 0, flags = random_below(2) ? 0 : random_word();

	if (random_below(20) == 0)
		return random_below(2) ? UINT64_MAX : UINT32_MAX;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		known |= masks[i];
	flags &= ~known;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		flags |= random_below(6) ? 0 : masks[i];
	return flags;
}

static uint32_t random_type(const struct classifier *c)
{
	const struct page_type types[] = {
		c->buddy,   c->offline, c->unaccepted,   c->slab,
		c->hugetlb, c->table,   c->free_offline, c->free_unaccepted,
	};
	const struct page_type *type = &types[random_below(sizeof(types) / sizeof(types[0]))];

	switch (random_below(8)) {
	case 0:
		return (uint32_t)random_word();
	case 1:
		return (uint32_t)random_below(3);
	case 2:
	case 3:
		return UINT32_MAX;
	case 4:
		return type->value ^ (uint32_t)random_below(0x10000);
	default:
		return type->value;
	}
}

static void fill_page(const struct classifier *c, uint8_t *bytes)
{
	static const uint64_t mappings[] = {0, 1, 2, 3, 0x1000, 0x1001, 0x1003};

	memset(bytes, 0, c->struct_size);
	store_word(c->layout, bytes + c->private,
		   random_below(4) ? random_below(12) : random_word());
	store_word(c->layout, bytes + c->mapping, mappings[random_below(7)]);
	if (c->has_compound_word)
		store_word(c->layout, bytes + c->compound, random_below(8) ? 0x1000 : 0x1001);
	if (c->has_mapcount)
		store_u32(c->layout, bytes + c->mapcount, random_type(c));
	store_word(c->layout, bytes + c->flags, random_flags(c));
}

static bool is_single(const struct page_view *page)
{
	return !page_is_head(page) && !page_is_tail(page);
}

static bool is_same(struct verdict a, struct verdict b)
{
	return a.state == b.state && a.order == b.order && a.rule == b.rule;
}

enum { PAGES = 4096 };

static struct page_view view(const struct era *era, const uint8_t *pages, uint64_t i)
{
	return page_view(&era->c, 0x1000 + i, pages + i * era->c.struct_size);
}

/* Pages as they come, and runs of those that are alike but for what no rule asks for. */
static void fill_pages(const struct era *era, uint8_t *pages)
{
	const struct classifier *c = &era->c;

	for (uint64_t i = 0; i < PAGES; i++) {
		uint8_t *bytes = pages + i * c->struct_size;

		if (!i || random_below(4) == 0) {
			fill_page(c, bytes);
			continue;
		}
		memcpy(bytes, bytes - c->struct_size, c->struct_size);
		if (random_below(8) == 0)
			store_word(c->layout, bytes + c->private, random_below(12));
		if (random_below(8) == 0 && c->has_mapcount)
			store_u32(c->layout, bytes + c->mapcount, (uint32_t)random_below(9) - 3);
	}
}

static void compare(const struct era *era, struct scan *scan, const uint8_t *pages, bool *seen)
{
	uint64_t alike = 0;

	for (uint64_t i = 0; i < PAGES; i++) {
		struct page_view page = view(era, pages, i);
		struct verdict truth = rule_set_judge(&era->rules, &page, 0);

		if (!is_single(&page))
			continue;
		assert_true(is_same(scan_judge(scan, &page), truth));
		seen[truth.rule] = true;

		uint64_t count =
			scan_alike(scan, &page, page.bytes + era->c.struct_size, PAGES - i - 1);

		assert_true(count < PAGES - i);
		alike += count;
		for (uint64_t j = i + 1; j <= i + count; j++) {
			page = view(era, pages, j);
			assert_true(is_single(&page));
			assert_true(is_same(rule_set_judge(&era->rules, &page, 0), truth));
		}
	}
	assert_true(alike > PAGES / 4); /* it is good for something */
}

static void compare_flag(const struct era *era, const uint8_t *pages)
{
	uint64_t mask = era->c.hwpoison_mask, size = era->c.struct_size;

	for (uint64_t i = 0, count; mask && i < PAGES; i += count) {
		struct page_view first = view(era, pages, i);
		uint64_t expected = 1;

		while (i + expected < PAGES) {
			struct page_view page = view(era, pages, i + expected);

			if (page_has_flag(&page, mask) != page_has_flag(&first, mask))
				break;
			expected++;
		}
		count = scan_flag(&era->c, mask, pages + i * size, PAGES - i);
		assert_int_equal(count, expected);
	}
}

static void check_era(struct era *era, size_t rules_wanted)
{
	uint8_t *pages = malloc(PAGES * era->c.struct_size);
	bool seen[VMC_PAGE_RULES_MAX] = {false};
	struct scan scan;
	size_t rules = 0;

	assert_non_null(pages);
	scan_init(&scan, &era->c, &era->rules);
	for (int i = 0; i < 20; i++) {
		fill_pages(era, pages);
		compare(era, &scan, pages, seen);
		compare_flag(era, pages);
	}
	for (size_t i = 0; i < VMC_PAGE_RULES_MAX; i++)
		rules += seen[i];
	assert_true(rules >= rules_wanted);
	free(pages);
}

static void test_eras(void **state)
{
	static const struct layout little64 = {.word_size = 8}, little32 = {.word_size = 4},
				   big64 = {.big_endian = true, .word_size = 8};
	static const struct {
		const char *name;
		const struct layout *layout;
	} eras[] = {
		{"x86_64-6.1.0-56-cloud-amd64", &little64},
		{"x86_64-6.8.0-1073-gcp", &little64},
		{"x86_64-6.12.107+deb13-cloud-amd64", &little64},
		{"x86_64-7.3-cloud-amd64", &little64},
		{"s390x-6.12.107+deb13-s390x", &big64},
		{"armhf-6.12.107+deb13-armmp-lpae", &little32},
		{"i386-6.1.0-50-686-pae", &little32},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(eras) / sizeof(eras[0]); i++) {
		struct era era;

		era_load(&era, eras[i].name, *eras[i].layout);
		check_era(&era, 8);
	}
}

/* Types of a kernel that lies: they look like mapcounts. */
static void test_strange_types(void **state)
{
	static const struct layout little64 = {.word_size = 8};
	static const uint32_t values[] = {0, 5, UINT32_MAX, 0x7fffffff, 0x80000000};
	struct era era;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (enum type_scheme scheme = TYPE_WORD; scheme <= TYPE_TOP_BYTE; scheme++) {
			era_load(&era, "x86_64-6.12.107+deb13-cloud-amd64", little64);
			era.c.type_scheme = scheme;
			era.c.buddy.value = values[i];
			era.c.offline.value = values[i] ^ 0x01000000;
			era.c.free_offline = (struct page_type){true, values[i] ^ 1};
			rule_set_init(&era.rules, &era.c);
			check_era(&era, 5);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eras),
		cmocka_unit_test(test_strange_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
