/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/attributes.h"

#include "base/checked.h"

#define MAPPING_KSM 0x3u

void attribute_masks_init(struct attribute_masks *masks, const struct facts *facts)
{
	*masks = (struct attribute_masks){
		.reported = fact_flag_mask(facts, FACT_NUMBER_PG_reported),
		.exclusive = fact_flag_mask(facts, FACT_NUMBER_PG_anon_exclusive),
		.mlocked = fact_flag_mask(facts, FACT_NUMBER_PG_mlocked),
		.dirty = fact_flag_mask(facts, FACT_NUMBER_PG_dirty),
		.entire_mapcount = fact_or(facts, FACT_OFFSET_folio_entire_mapcount, 0),
	};
}

uint32_t attributes_known(const struct attribute_masks *masks, const struct classifier *c)
{
	const struct {
		enum vmc_attribute attribute;
		bool known;
	} all[] = {
		{VMC_ATTRIBUTE_REPORTED, masks->reported},
		{VMC_ATTRIBUTE_EXCLUSIVE, masks->exclusive},
		{VMC_ATTRIBUTE_SHARED, masks->exclusive},
		{VMC_ATTRIBUTE_KSM, true},
		{VMC_ATTRIBUTE_SWAPCACHE, c->swapcache_mask},
		{VMC_ATTRIBUTE_MLOCKED, masks->mlocked},
		{VMC_ATTRIBUTE_DIRTY, masks->dirty},
	};
	uint32_t known = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		known |= all[i].known ? VMC_ATTRIBUTE_BIT(all[i].attribute) : 0;
	return known;
}

/* Is the folio mapped as a whole, by an entry for all of it?  Then PG_anon_exclusive is on the head
 * alone; else each page has its own. */
static struct vmc_error *mapped_as_whole(const struct attribute_masks *masks,
					 const struct classifier *c, struct structs *structs,
					 vmc_pfn head, unsigned int order, bool *ret_whole)
{
	uint64_t offset = masks->entire_mapcount;
	const uint8_t *bytes;

	*ret_whole = false;
	if (offset >= c->struct_size && offset + 4 <= 2 * c->struct_size) {
		TRY(structs_at(structs, head + 1, &bytes));
		if (bytes)
			*ret_whole = (int32_t)load_u32(c->layout,
						       bytes + (offset - c->struct_size)) >= 0;
		return NULL;
	}
	for (uint64_t i = 1; i < (uint64_t)1 << order; i++) {
		TRY(structs_at(structs, head + i, &bytes));
		if (bytes && (load_word(c->layout, bytes + c->flags) & masks->exclusive))
			return NULL;
	}
	*ret_whole = true;
	return NULL;
}

struct vmc_error *folio_read(const struct attribute_masks *masks, const struct classifier *c,
			     struct structs *structs, vmc_pfn head, unsigned int order,
			     enum vmc_page_state state, struct folio *ret_folio)
{
	const uint8_t *bytes;

	*ret_folio = (struct folio){.head = head};
	TRY(structs_at(structs, head, &bytes));
	if (!bytes)
		return NULL;
	ret_folio->flags = load_word(c->layout, bytes + c->flags);
	ret_folio->mapping = load_word(c->layout, bytes + c->mapping);
	if (!(ret_folio->flags & masks->exclusive))
		return NULL;
	if (state == VMC_PAGE_HUGETLB)
		ret_folio->exclusive_as_whole = true;
	else if (state == VMC_PAGE_ANON)
		TRY(mapped_as_whole(masks, c, structs, head, order,
				    &ret_folio->exclusive_as_whole));
	return NULL;
}

static uint32_t anon_attributes(const struct attribute_masks *masks, uint64_t flags,
				const struct folio *folio)
{
	uint32_t attributes = 0;

	if ((folio->mapping & MAPPING_KSM) == MAPPING_KSM)
		attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_KSM);
	if ((flags & masks->exclusive) || folio->exclusive_as_whole)
		attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_EXCLUSIVE);
	else if (masks->exclusive)
		attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_SHARED);
	return attributes;
}

static uint32_t user_attributes(const struct attribute_masks *masks, const struct classifier *c,
				const struct folio *folio)
{
	uint32_t attributes = 0;

	if (folio->flags & masks->mlocked)
		attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_MLOCKED);
	if (folio->flags & masks->dirty)
		attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_DIRTY);
	/* The bit is PG_owner_priv_1 unless PG_swapbacked is set (4.10); a filesystem's then. */
	if ((folio->flags & c->swapcache_mask) &&
	    (!c->swapbacked_mask || (folio->flags & c->swapbacked_mask)))
		attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_SWAPCACHE);
	return attributes;
}

uint32_t page_attributes(const struct attribute_masks *masks, const struct classifier *c,
			 enum vmc_page_state state, uint64_t flags, const struct folio *folio)
{
	bool is_anon = folio->mapping & 1;

	switch (state) {
	case VMC_PAGE_FREE:
		return folio->flags & masks->reported ? VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_REPORTED)
						      : 0;
	case VMC_PAGE_ANON:
	case VMC_PAGE_HUGETLB:
		return (is_anon ? anon_attributes(masks, flags, folio) : 0) |
		       user_attributes(masks, c, folio);
	case VMC_PAGE_CACHE:
	case VMC_PAGE_CACHE_PRIVATE:
		return user_attributes(masks, c, folio);
	default:
		return 0;
	}
}
