/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A struct page word for word.  Its fields lie over each other: which of them a word is hangs on
 * what the page is, and a word that has no name there is shown without.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/explain/explain.h"
#include "base/checked.h"

#define MAPPING_FLAGS 0x3u
#define MEMCG_OBJECTS 0x1u
#define MEMCG_KERNEL  0x2u
#define MEMCG_FLAGS   0x7u

/* What the kernel leaves in the links of an entry that was taken off its list (LIST_POISON1 and 2
 * with the POISON_POINTER_DELTA of 64-bit kernels). */
#define IS_POISON(word) ((word) >> 48 == 0xdead || ((word) >= 0x100 && (word) < 0x300))

struct candidate {
	const char *name;
	uint64_t offset, width;
	struct vmc_error *(*explain)(const struct page_at_hand *page,
				     const struct vmc_explanation *explanation,
				     struct vmc_page_field *field);
};

struct candidates {
	struct candidate list[16];
	size_t count;
};

/* Type information names all flags of the kernel, VMCOREINFO and what follows from it do not. */
static bool has_all_flags(const struct page_at_hand *page)
{
	const struct facts *facts = &page->explainer->target->facts;

	return facts->table[FACT_NUMBER_PG_locked].source == VMC_FACT_BTF;
}

static struct vmc_error *say_flags(const struct page_at_hand *page,
				   const struct vmc_explanation *explanation,
				   struct vmc_page_field *field)
{
	const unsigned int wanted = TRAIT_SECOND | TRAIT_ORDER_BYTE;
	unsigned int end = explanation->flags_end;

	if ((page->traits & wanted) == wanted)
		explain_say(field->meaning, "low byte: the order of the compound page, %u",
			    (unsigned int)(field->value & 0xff));
	else if (end < 64)
		explain_say(field->meaning, "%s; node, zone and %s from bit %u on",
			    explanation->flag_count ? "flags" : "no flag",
			    has_all_flags(page) ? "more" : "unknown flags", end);
	return NULL;
}

static struct vmc_error *say_head(const struct page_at_hand *page,
				  const struct vmc_explanation *explanation,
				  struct vmc_page_field *field)
{
	(void)page;
	if (*explanation->compound_problem && explanation->head == explanation->pfn)
		return NULL;
	explain_say(field->meaning, "tail of pfn 0x%" PRIx64 ", by %s", explanation->head,
		    explanation->head_by_mask ? "mask" : "pointer");
	return NULL;
}

static const char *list_name(const struct page_at_hand *page,
			     const struct vmc_explanation *explanation)
{
	if (explanation->block_start != page->pfn)
		return NULL;
	if (page->traits & TRAIT_FREE_HEAD)
		return "free list";
	if (page->traits & TRAIT_UNACCEPTED)
		return "list of unaccepted blocks";
	if (page->verdict.state == VMC_PAGE_FREE_PCP)
		return "list of one CPU";
	if (page->traits & TRAIT_LRU)
		return "LRU list";
	return page->traits & TRAIT_HUGETLB ? "list of huge pages" : NULL;
}

static struct vmc_error *say_link(const struct page_at_hand *page,
				  const struct vmc_explanation *explanation,
				  struct vmc_page_field *field)
{
	const char *list = list_name(page, explanation);
	bool known = false;
	vmc_pfn pfn = 0;

	if (field->value == page->address + page->c->lru) {
		explain_say(field->meaning, "on no list: points to itself");
		return NULL;
	}
	if (!list || !field->value)
		return NULL;
	if (IS_POISON(field->value)) {
		explain_say(field->meaning, "on no list: taken off");
		return NULL;
	}

	struct vmc_error *err = memmap_pfn(page_walk_memmap(page->explainer->walk),
					   field->value - page->c->lru, page->pfn, &known, &pfn);

	TRY(unless_nomem(err));
	if (known)
		explain_say(field->meaning, "%s: pfn 0x%" PRIx64, list, pfn);
	else
		explain_say(field->meaning, "%s: its head", list);
	return NULL;
}

static struct vmc_error *say_mapping(const struct page_at_hand *page,
				     const struct vmc_explanation *explanation,
				     struct vmc_page_field *field)
{
	static const char *const names[] = {
		[VMC_MAPPING_ADDRESS_SPACE] = "address_space of a file",
		[VMC_MAPPING_ANON] = "anonymous: anon_vma at",
		[VMC_MAPPING_KSM] = "merged by KSM: stable node at",
		[VMC_MAPPING_MOVABLE] = "of a driver that can move it, whose functions are at",
	};

	switch (explanation->mapping) {
	case VMC_MAPPING_NULL:
		break;
	case VMC_MAPPING_OTHER:
		explain_say(field->meaning, "used for something else on such a page");
		break;
	case VMC_MAPPING_ADDRESS_SPACE:
		if (page->traits & TRAIT_FILE)
			explain_say(field->meaning, "%s", names[VMC_MAPPING_ADDRESS_SPACE]);
		break;
	default:
		explain_say(field->meaning, "%s 0x%" PRIx64, names[explanation->mapping],
			    field->value & ~(uint64_t)MAPPING_FLAGS);
	}
	return NULL;
}

static struct vmc_error *say_index(const struct page_at_hand *page,
				   const struct vmc_explanation *explanation,
				   struct vmc_page_field *field)
{
	unsigned int shift = page->explainer->target->page_shift;

	if (page->traits & TRAIT_HUGETLB)
		return NULL; /* counts huge pages in some releases */
	if (explanation->mapping == VMC_MAPPING_ADDRESS_SPACE && (page->traits & TRAIT_FILE))
		explain_say(field->meaning, "page %" PRIu64 " of the file", field->value);
	else if (explanation->mapping == VMC_MAPPING_ANON && field->value <= UINT64_MAX >> shift)
		explain_say(field->meaning, "at 0x%" PRIx64 " in its process, unless moved",
			    field->value << shift);
	return NULL;
}

static bool is_in_swap_cache(const struct page_at_hand *page)
{
	return page_has_flag(&page->view, page->c->swapcache_mask) &&
	       (page->traits & (TRAIT_ANON | TRAIT_FILE)) &&
	       ((page->traits & TRAIT_SWAPBACKED) || !page->c->swapbacked_mask);
}

static struct vmc_error *say_private(const struct page_at_hand *page,
				     const struct vmc_explanation *explanation,
				     struct vmc_page_field *field)
{
	(void)explanation;
	if ((page->traits & TRAIT_FREE_HEAD) || page->verdict.rule == RULE_BAD_FREE_BLOCK)
		explain_say(field->meaning, "order %" PRIu64 " of the free block", field->value);
	else if (is_in_swap_cache(page))
		explain_say(field->meaning, "where it is in swap");
	else if ((page->traits & TRAIT_FILE) && page_has_flag(&page->view, page->c->private_mask))
		explain_say(field->meaning, "data of the filesystem, such as buffer heads");
	else if ((page->traits & TRAIT_HUGETLB) && field->value < 0x100)
		explain_say(field->meaning, "flags of the huge page");
	return NULL;
}

static struct vmc_error *say_mapcount(const struct page_at_hand *page,
				      const struct vmc_explanation *explanation,
				      struct vmc_page_field *field)
{
	if (explanation->type)
		explain_say(field->meaning, "page type %s", explanation->type);
	else if (explanation->mapcount == 0 && (page->traits & TRAIT_TAIL))
		explain_say(field->meaning, "not mapped by itself");
	else if (explanation->mapcount == 0)
		explain_say(field->meaning, "not mapped, and no page type");
	else
		explain_say(field->meaning, "mapped %" PRId64 " time%s", explanation->mapcount,
			    explanation->mapcount == 1 ? "" : "s");
	return NULL;
}

static struct vmc_error *say_entire_mapcount(const struct page_at_hand *page,
					     const struct vmc_explanation *explanation,
					     struct vmc_page_field *field)
{
	int64_t count = (int64_t)(int32_t)field->value + 1;

	(void)page;
	(void)explanation;
	explain_say(field->meaning, "the folio is mapped as a whole %" PRId64 " time%s", count,
		    count == 1 ? "" : "s");
	return NULL;
}

static struct vmc_error *say_refcount(const struct page_at_hand *page,
				      const struct vmc_explanation *explanation,
				      struct vmc_page_field *field)
{
	if (page->traits & TRAIT_TAIL)
		explain_say(field->meaning, "a tail is not held by itself");
	else if (explanation->refcount == 0 && (page->traits & TRAIT_SLAB))
		explain_say(field->meaning, "slabs are not counted (6.18)");
	else if (explanation->refcount == 0)
		explain_say(field->meaning, "nobody holds it");
	else
		explain_say(field->meaning, "held %" PRId32 " time%s", explanation->refcount,
			    explanation->refcount == 1 ? "" : "s");
	return NULL;
}

static struct vmc_error *say_memcg(const struct page_at_hand *page,
				   const struct vmc_explanation *explanation,
				   struct vmc_page_field *field)
{
	uint64_t pointer = field->value & ~(uint64_t)MEMCG_FLAGS;

	(void)explanation;
	if (!field->value)
		explain_say(field->meaning, "of no memory cgroup");
	else if (field->value & MEMCG_OBJECTS)
		explain_say(field->meaning, "memory cgroups of its objects, at 0x%" PRIx64,
			    pointer);
	else if (field->value & MEMCG_KERNEL)
		explain_say(field->meaning, "kernel memory of the object cgroup 0x%" PRIx64,
			    pointer);
	else if (page->traits & (TRAIT_ANON | TRAIT_FILE | TRAIT_HUGETLB))
		explain_say(field->meaning, "memory cgroup 0x%" PRIx64, pointer);
	return NULL;
}

static struct vmc_error *say_order(const struct page_at_hand *page,
				   const struct vmc_explanation *explanation,
				   struct vmc_page_field *field)
{
	(void)page;
	(void)explanation;
	explain_say(field->meaning, "the order of the compound page");
	return NULL;
}

static struct vmc_error *say_destructor(const struct page_at_hand *page,
					const struct vmc_explanation *explanation,
					struct vmc_page_field *field)
{
	(void)explanation;
	explain_say(field->meaning, "destructor%s",
		    page->c->hugetlb_by_dtor && field->value == page->c->hugetlb_dtor
			    ? " of the hugetlb pool"
			    : " of the compound page");
	return NULL;
}

/* Keeps the list in order of offsets; a field that is already there keeps its place. */
static void add(struct candidates *candidates, bool known, struct candidate candidate)
{
	size_t at = candidates->count;

	if (!known || at == sizeof(candidates->list) / sizeof(candidates->list[0]))
		return;
	while (at > 0 && candidates->list[at - 1].offset > candidate.offset)
		at--;
	memmove(&candidates->list[at + 1], &candidates->list[at],
		(candidates->count - at) * sizeof(candidate));
	candidates->list[at] = candidate;
	candidates->count++;
}

static void add_common(struct candidates *candidates, const struct page_at_hand *page,
		       const struct vmc_explanation *explanation)
{
	const struct classifier *c = page->c;
	unsigned int word = c->layout.word_size;

	add(candidates, true, (struct candidate){"flags", c->flags, word, say_flags});
	add(candidates, c->has_mapcount,
	    (struct candidate){explanation->type ? "page_type" : "_mapcount", c->mapcount, 4,
			       say_mapcount});
	add(candidates, c->has_refcount,
	    (struct candidate){"_refcount", c->refcount, 4, say_refcount});
}

static void add_own(struct candidates *candidates, const struct page_at_hand *page)
{
	const struct facts *facts = &page->explainer->target->facts;
	const struct classifier *c = page->c;
	unsigned int word = c->layout.word_size;

	add(candidates, true, (struct candidate){"lru.next", c->lru, word, say_link});
	add(candidates, true, (struct candidate){"lru.prev", c->lru + word, word, say_link});
	add(candidates, true, (struct candidate){"mapping", c->mapping, word, say_mapping});
	add(candidates, fact_known(facts, FACT_OFFSET_page_private),
	    (struct candidate){"private", c->private, word, say_private});
	add(candidates, fact_known(facts, FACT_OFFSET_page_index),
	    (struct candidate){"index", fact_or(facts, FACT_OFFSET_page_index, 0), word,
			       say_index});
	add(candidates, fact_known(facts, FACT_OFFSET_page_memcg_data),
	    (struct candidate){"memcg_data", fact_or(facts, FACT_OFFSET_page_memcg_data, 0), word,
			       say_memcg});
}

static void add_tail(struct candidates *candidates, const struct page_at_hand *page,
		     const struct vmc_explanation *explanation)
{
	const struct classifier *c = page->c;
	uint64_t entire = page->explainer->masks.entire_mapcount;
	bool in_fields =
		c->order_scheme == ORDER_PAGE_FIELD || c->order_scheme == ORDER_FOLIO_FIELD;

	add(candidates, c->has_compound_word,
	    (struct candidate){explanation->head_by_mask ? "compound_info" : "compound_head",
			       c->compound, c->layout.word_size, say_head});
	if (!(page->traits & TRAIT_SECOND))
		return;
	add(candidates, entire >= c->struct_size && entire + 4 <= 2 * c->struct_size,
	    (struct candidate){"_entire_mapcount", entire - c->struct_size, 4,
			       say_entire_mapcount});
	add(candidates, in_fields && c->dtor_offset != c->order_offset,
	    (struct candidate){"compound_dtor", c->dtor_offset - c->struct_size, c->dtor_width,
			       say_destructor});
	add(candidates, in_fields,
	    (struct candidate){"compound_order", c->order_offset - c->struct_size, c->order_width,
			       say_order});
}

static uint64_t load_value(struct layout layout, const uint8_t *bytes, uint64_t width)
{
	uint64_t value = 0;

	for (uint64_t i = 0; i < width; i++)
		value |= (uint64_t)bytes[layout.big_endian ? width - 1 - i : i] << 8 * i;
	return value;
}

static struct vmc_page_field *put(const struct page_at_hand *page, struct vmc_explanation *ret,
				  const char *name, uint64_t offset, uint64_t width)
{
	struct vmc_page_field *field = &ret->fields[ret->field_count++];

	*field = (struct vmc_page_field){
		.name = name,
		.offset = (unsigned int)offset,
		.width = (unsigned int)width,
		.value = load_value(page->c->layout, page->bytes + offset, width),
	};
	return field;
}

/* Words without a name from @offset up to @end. */
static void put_nameless(const struct page_at_hand *page, struct vmc_explanation *ret,
			 uint64_t offset, uint64_t end)
{
	unsigned int word = page->c->layout.word_size;

	while (offset < end && ret->field_count < VMC_EXPLAIN_FIELDS) {
		uint64_t width = min_u64(word - offset % word, end - offset);

		put(page, ret, NULL, offset, width);
		offset += width;
	}
}

struct vmc_error *explain_fields(const struct page_at_hand *page, struct vmc_explanation *ret)
{
	struct candidates candidates = {.count = 0};
	uint64_t size = page->c->struct_size;
	uint64_t offset = 0;

	add_common(&candidates, page, ret);
	if (ret->compound == VMC_COMPOUND_TAIL)
		add_tail(&candidates, page, ret);
	else
		add_own(&candidates, page);
	for (size_t i = 0; i < candidates.count; i++) {
		const struct candidate *candidate = &candidates.list[i];

		if (candidate->offset < offset || candidate->offset + candidate->width > size)
			continue;
		put_nameless(page, ret, offset, candidate->offset);
		if (ret->field_count == VMC_EXPLAIN_FIELDS)
			return NULL;
		TRY(candidate->explain(page, ret,
				       put(page, ret, candidate->name, candidate->offset,
					   candidate->width)));
		offset = candidate->offset + candidate->width;
	}
	put_nameless(page, ret, offset, size);
	return NULL;
}
