/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/near.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "pages/compound.h"

/* Low bits of page.mapping. */
#define MAPPING_ANON    0x1u
#define MAPPING_MOVABLE 0x2u
#define MAPPING_FLAGS   0x3u

struct near_rule {
	const char *name;
	const char *rule; /* NULL: holds() tells which */
	const char *sentence;
	bool (*holds)(const struct near_page *near, struct near_miss *miss);
};

static void detail(struct near_miss *miss, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void detail(struct near_miss *miss, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(miss->detail, sizeof(miss->detail), format, args);
	va_end(args);
}

static const char *rule_name(unsigned int rule)
{
	return vmc_page_rule(rule)->name;
}

static bool decided_by(const struct near_page *near, const char *rule)
{
	return strcmp(rule_name(near->verdict.rule), rule) == 0;
}

static uint64_t word_at(const struct near_page *near, uint64_t offset)
{
	return load_word(near->page->c->layout, near->page->bytes + offset);
}

static bool has_flag(const struct near_page *near, uint64_t mask)
{
	return page_has_flag(near->page, mask);
}

/* Are the page's words its own, and no type in them that would change what they mean? */
static bool is_plain(const struct near_page *near)
{
	return !near->inside && !page_is_tail(near->page) && !page_has_any_type(near->page) &&
	       !has_flag(near, near->page->c->slab_mask) && !page_is_uninitialised(near->page);
}

/* The order that a block marked free says it has. */
static bool has_bad_order(const struct near_page *near, uint64_t *ret_order)
{
	*ret_order = word_at(near, near->page->c->private);
	return near->verdict.rule == RULE_BAD_FREE_BLOCK ||
	       near->verdict.rule == RULE_BAD_DOUBLE_TYPED;
}

static bool is_order_too_large(const struct near_page *near, struct near_miss *miss)
{
	uint64_t order;

	if (!has_bad_order(near, &order) || order <= near->page->c->max_order)
		return false;
	detail(miss, "page.private is %" PRIu64 ", the largest order %u", order,
	       near->page->c->max_order);
	return true;
}

static bool is_free_misaligned(const struct near_page *near, struct near_miss *miss)
{
	uint64_t order;

	if (!has_bad_order(near, &order) || order > near->page->c->max_order)
		return false;
	detail(miss, "order %" PRIu64 " begins at pfn 0x%" PRIx64, order,
	       align_down(near->page->pfn, (uint64_t)1 << order));
	return true;
}

static bool is_unaccepted_misaligned(const struct near_page *near, struct near_miss *miss)
{
	unsigned int order = near->page->c->max_order;

	if (near->verdict.rule != RULE_BAD_UNACCEPTED_BLOCK)
		return false;
	detail(miss, "order %u begins at pfn 0x%" PRIx64, order,
	       align_down(near->page->pfn, (uint64_t)1 << order));
	return true;
}

static bool is_listed_only(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return near->block.rule == RULE_UNACCEPTED_LIST && near->page->c->unaccepted.known;
}

static bool is_typed_only(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return strcmp(rule_name(near->block.rule), "unaccepted-type") == 0 && near->lists_known &&
	       !near->listed;
}

static bool is_offline_under_slab(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return !near->inside && has_flag(near, near->page->c->slab_mask) &&
	       page_has_type(near->page, near->page->c->offline);
}

/* Nothing but the type of a free block is missing. */
static bool looks_free(const struct near_page *near)
{
	const struct classifier *c = near->page->c;

	return decided_by(near, "kernel") && is_plain(near) && c->has_mapcount &&
	       near->page->type == UINT32_MAX && near->has_refcount && near->refcount == 0 &&
	       word_at(near, c->mapping) == 0 && !has_flag(near, near->known_flags);
}

static bool looks_free_somewhere(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return looks_free(near) && !near->pcp_known;
}

static bool looks_free_nowhere(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return looks_free(near) && near->pcp_known && !near->pcp_listed;
}

static bool is_pcp_contradicted(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return near->pcp_listed && near->block.rule != RULE_PCP_LIST;
}

static bool is_private(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return decided_by(near, "cache-private");
}

static bool is_swapcache_alone(const struct near_page *near, struct near_miss *miss)
{
	const struct classifier *c = near->page->c;

	(void)miss;
	return decided_by(near, "kernel") && is_plain(near) && has_flag(near, c->swapcache_mask) &&
	       c->swapbacked_mask && !has_flag(near, c->swapbacked_mask);
}

/* A page of a file that no LRU list has: taken off to be moved or reclaimed, or not yet put on. */
static bool is_off_lru(const struct near_page *near, struct near_miss *miss)
{
	const struct classifier *c = near->page->c;
	uint64_t mapping = word_at(near, c->mapping);

	if (!decided_by(near, "kernel") || !is_plain(near) || !mapping ||
	    (mapping & MAPPING_FLAGS) || !near->has_refcount || !near->refcount)
		return false;
	detail(miss, "page.mapping is 0x%" PRIx64, mapping);
	return true;
}

static bool is_dax(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return decided_by(near, "kernel") && is_plain(near) &&
	       word_at(near, near->page->c->mapping) == MAPPING_ANON;
}

static bool is_movable(const struct near_page *near, struct near_miss *miss)
{
	(void)miss;
	return decided_by(near, "kernel") && is_plain(near) &&
	       (word_at(near, near->page->c->mapping) & MAPPING_FLAGS) == MAPPING_MOVABLE;
}

/* The word that a type is compared with, its parts that the owner may use left out. */
static uint32_t significant(const struct classifier *c, uint32_t word)
{
	switch (c->type_scheme) {
	case TYPE_TOP_BYTE:
		return word >> 24;
	case TYPE_HIGH_16:
		return word >> 16;
	case TYPE_WORD:
		break;
	}
	return word;
}

/* Could it be a count of how often the page is mapped, or none? */
static bool is_mapcount(uint32_t word)
{
	return (int32_t)word >= -1 && (int32_t)word < 1 << 24;
}

static bool is_near_type(const struct near_page *near, struct near_miss *miss)
{
	const struct classifier *c = near->page->c;
	const struct {
		struct page_type type;
		const char *name, *rule;
	} types[] = {
		{c->buddy, "buddy", "buddy-type"}, {c->offline, "offline", "offline-type"},
		{c->slab, "slab", "slab-type"},    {c->hugetlb, "hugetlb", "hugetlb-type"},
		{c->table, "table", "table-type"}, {c->unaccepted, "unaccepted", "unaccepted-type"},
	};
	size_t count = sizeof(types) / sizeof(types[0]);

	const char *known = page_type_name(near->page);

	if (near->inside || is_mapcount(near->page->type) || has_flag(near, c->slab_mask) ||
	    page_is_tail(near->page) || page_is_uninitialised(near->page) ||
	    (known && strcmp(known, "unknown")))
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t bit =
			significant(c, near->page->type) ^ significant(c, types[i].type.value);

		if (types[i].type.known && is_power_of_two(bit)) {
			miss->rule = types[i].rule;
			detail(miss, "0x%08" PRIx32 ", and %s is 0x%08" PRIx32, near->page->type,
			       types[i].name, types[i].type.value);
			return true;
		}
	}
	return false;
}

/* Slab and typed pages use the words that mark user memory for something else. */
static bool is_anon_under_type(const struct near_page *near, struct near_miss *miss)
{
	uint64_t mapping = word_at(near, near->page->c->mapping);

	if (near->inside || page_is_tail(near->page) || !(mapping & MAPPING_ANON) ||
	    mapping == MAPPING_ANON || page_is_uninitialised(near->page) ||
	    (!has_flag(near, near->page->c->slab_mask) && !page_has_any_type(near->page)) ||
	    decided_by(near, "hugetlb-type"))
		return false;
	detail(miss, "0x%" PRIx64, mapping);
	return true;
}

static bool is_overruled(const struct near_page *near, struct near_miss *miss)
{
	if (!near->inside || near->own.rule == near->block.rule ||
	    near->verdict.state == VMC_PAGE_HWPOISON)
		return false;
	/* That a page has no marks of its own is as it should be. */
	if (strcmp(rule_name(near->own.rule), "kernel") == 0)
		return false;
	miss->rule = rule_name(near->own.rule);
	return true;
}

static bool is_overruled_by_head(const struct near_page *near, struct near_miss *miss)
{
	return page_is_tail(near->page) && is_overruled(near, miss);
}

static bool is_overruled_by_block(const struct near_page *near, struct near_miss *miss)
{
	return !page_is_tail(near->page) && is_overruled(near, miss);
}

static bool is_poisoned(const struct near_page *near, struct near_miss *miss)
{
	const struct verdict *else_ = near->inside ? &near->block : &near->own;

	if (near->verdict.rule != RULE_HWPOISON || else_->rule == RULE_HWPOISON)
		return false;
	miss->rule = rule_name(else_->rule);
	return true;
}

/* A rule further down that matches as well.  That a page has some type follows from the type. */
static bool is_second(const struct near_page *near, struct near_miss *miss)
{
	unsigned int rule = near->verdict.rule;

	if (near->inside || rule < RULE_FIRST_OF_TABLE || decided_by(near, "cache-private") ||
	    decided_by(near, "uninitialised"))
		return false;
	while (rule_set_also(near->rules, near->page, rule, &rule)) {
		const char *name = rule_name(rule);

		if (strcmp(name, "other-type") == 0 || strcmp(name, "anon") == 0)
			continue;
		miss->rule = name;
		detail(miss, "%s", vmc_page_rule(rule)->description);
		return true;
	}
	return false;
}

static const struct near_rule near_rules[] = {
	{"order-too-large", "buddy-type", "marked free, with an order that cannot be",
	 is_order_too_large},
	{"free-misaligned", "buddy-type", "marked free, where no block of its order can begin",
	 is_free_misaligned},
	{"unaccepted-misaligned", "unaccepted-type",
	 "marked unaccepted, where no such block can begin", is_unaccepted_misaligned},
	{"listed-only", "unaccepted-type",
	 "on zone->unaccepted_pages, but its block does not have the type", is_listed_only},
	{"typed-only", "unaccepted-list", "of the type, but on no zone's list of unaccepted blocks",
	 is_typed_only},
	{"offline-under-slab", "offline-type",
	 "the word has the value of offline, but slab pages count in it", is_offline_under_slab},
	{"one-bit-from-type", NULL, "one bit of the type word is wrong", is_near_type},
	{"looks-free", "buddy-type",
	 "looks free, but is in no free block: on a list of one CPU, in flight, or behind the "
	 "first of pages allocated together",
	 looks_free_somewhere},
	{"looks-free-unlisted", "pcp-list",
	 "looks free, but is in no free block nor on a list of one CPU: in flight, or behind the "
	 "first of pages allocated together",
	 looks_free_nowhere},
	{"pcp-contradicted", "pcp-list",
	 "on a free list of one CPU, but its struct pages say that it is in use",
	 is_pcp_contradicted},
	{"private", "cache", "would decide, without PG_private", is_private},
	{"swapcache-alone", "cache",
	 "the bit of PG_swapcache is set, without PG_swapbacked it means something else",
	 is_swapcache_alone},
	{"off-lru", "cache",
	 "mapping points somewhere, as a file's would, but it is on no LRU list", is_off_lru},
	{"dax", "anon", "mapping is 1 and no pointer: a shared extent of a DAX file", is_dax},
	{"movable", "anon",
	 "mapping has bit 1 without bit 0: a driver's page that can be moved (4.8 to 6.16)",
	 is_movable},
	{"anon-under-type", "anon",
	 "bit 0 of mapping is set, but such pages use the word otherwise", is_anon_under_type},
	{"tail", NULL,
	 "its words match, but those of a tail are the folio's: the head speaks for it",
	 is_overruled_by_head},
	{"inside-block", NULL, "its own words match, but the first page of its block speaks for it",
	 is_overruled_by_block},
	{"poisoned", NULL, "would decide, without PG_hwpoison", is_poisoned},
	{"second", NULL, "matches as well, but comes later", is_second},
};

size_t near_misses_find(const struct near_page *near, struct near_miss *ret_misses, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < sizeof(near_rules) / sizeof(near_rules[0]) && found < max; i++) {
		const struct near_rule *rule = &near_rules[i];
		struct near_miss miss = {
			.name = rule->name, .rule = rule->rule, .sentence = rule->sentence};

		if (rule->holds(near, &miss))
			ret_misses[found++] = miss;
	}
	return found;
}
