/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts from the type information of the dumped kernel.  Most are spelled as types know them:
 * OFFSET(page.lru) is member "lru" of "page".
 */
#include <inttypes.h>
#include <string.h>

#include "kernel/btf.h"
#include "kernel/facts.h"
#include "kernel/memory.h"

#define NAME_MAX_LENGTH 128

/* Numbers of page types, as they stand in the top byte of their word since 6.12. */
static const struct {
	enum fact_id id;
	const char *name;
} page_types[] = {
	{FACT_NUMBER_PAGE_BUDDY, "PGTY_buddy"},
	{FACT_NUMBER_PAGE_OFFLINE, "PGTY_offline"},
	{FACT_NUMBER_PAGE_HUGETLB, "PGTY_hugetlb"},
	{FACT_NUMBER_PAGE_SLAB, "PGTY_slab"},
	{FACT_NUMBER_PAGE_TABLE, "PGTY_table"},
	{FACT_NUMBER_PAGE_UNACCEPTED, "PGTY_unaccepted"},
};

/* Enumerators other than page flags. */
static const struct {
	enum fact_id id;
	const char *enum_name, *name;
} enumerators[] = {
	{FACT_NUMBER_NR_FREE_PAGES, "zone_stat_item", "NR_FREE_PAGES"},
	{FACT_NUMBER_NR_UNACCEPTED, "zone_stat_item", "NR_UNACCEPTED"},
	{FACT_NUMBER_MAX_NR_ZONES, "zone_type", "__MAX_NR_ZONES"},
	{FACT_NUMBER_MIGRATE_UNMOVABLE, "migratetype", "MIGRATE_UNMOVABLE"},
	{FACT_NUMBER_MIGRATE_MOVABLE, "migratetype", "MIGRATE_MOVABLE"},
	{FACT_NUMBER_MIGRATE_RECLAIMABLE, "migratetype", "MIGRATE_RECLAIMABLE"},
	{FACT_NUMBER_MIGRATE_PCPTYPES, "migratetype", "MIGRATE_PCPTYPES"},
	{FACT_NUMBER_MIGRATE_HIGHATOMIC, "migratetype", "MIGRATE_HIGHATOMIC"},
	{FACT_NUMBER_MIGRATE_CMA, "migratetype", "MIGRATE_CMA"},
	{FACT_NUMBER_MIGRATE_ISOLATE, "migratetype", "MIGRATE_ISOLATE"},
	{FACT_NUMBER_HUGETLB_PAGE_DTOR, "compound_dtor_id", "HUGETLB_PAGE_DTOR"},
};

/* The part between the brackets of "KIND(part)"; false when @name is of another kind. */
static bool name_inside(const char *name, const char *kind, char inside[NAME_MAX_LENGTH])
{
	size_t kind_length = strlen(kind);
	size_t length = strlen(name);

	if (strncmp(name, kind, kind_length) || name[kind_length] != '(' || name[length - 1] != ')')
		return false;
	length -= kind_length + 2;
	if (length >= NAME_MAX_LENGTH)
		return false;
	memcpy(inside, name + kind_length + 1, length);
	inside[length] = '\0';
	return true;
}

static bool type_fact(const struct btf_types *types, const char *name, uint64_t *ret_value)
{
	char inside[NAME_MAX_LENGTH];
	struct btf_field field;

	if (name_inside(name, "SIZE", inside))
		return btf_types_size(types, inside, ret_value);
	if (name_inside(name, "OFFSET", inside) && btf_types_field(types, inside, &field)) {
		*ret_value = field.offset;
		return true;
	}
	if (name_inside(name, "LENGTH", inside) && strchr(inside, '.') &&
	    btf_types_field(types, inside, &field) && field.elements) {
		*ret_value = field.elements;
		return true;
	}
	return false;
}

/* PG_slab and the like are in one enum under their own names; a flag of one bit is its number. */
static bool flag_fact(const struct btf_types *types, const char *name, uint64_t *ret_value)
{
	char inside[NAME_MAX_LENGTH];
	int64_t value;

	if (!name_inside(name, "NUMBER", inside) || strncmp(inside, "PG_", 3) ||
	    !btf_types_enumerator(types, "pageflags", inside, &value))
		return false;
	*ret_value = (uint64_t)value;
	return true;
}

/* What is known better is not looked for. */
static bool fact_wanted(const struct facts *facts, enum fact_id id)
{
	return !fact_known(facts, id) || facts->table[id].source > VMC_FACT_BTF;
}

static void set_head_mask(struct facts *facts, const struct btf_types *types)
{
	int64_t bit;

	if (fact_wanted(facts, FACT_NUMBER_PG_head_mask) &&
	    btf_types_enumerator(types, "pageflags", "PG_head", &bit) && bit >= 0 && bit < 64)
		fact_set(facts, FACT_NUMBER_PG_head_mask, UINT64_C(1) << bit, VMC_FACT_BTF, NULL);
}

static void set_page_types(struct facts *facts, const struct btf_types *types)
{
	for (size_t i = 0; i < sizeof(page_types) / sizeof(page_types[0]); i++) {
		int64_t number;

		if (fact_wanted(facts, page_types[i].id) &&
		    btf_types_enumerator(types, "pagetype", page_types[i].name, &number) &&
		    number >= 0xf0 && number < 0xff)
			fact_set(facts, page_types[i].id, (uint64_t)((number - 0x100) * (1 << 24)),
				 VMC_FACT_BTF, NULL);
	}
}

static void set_enumerators(struct facts *facts, const struct btf_types *types)
{
	for (size_t i = 0; i < sizeof(enumerators) / sizeof(enumerators[0]); i++) {
		int64_t value;

		if (fact_wanted(facts, enumerators[i].id) &&
		    btf_types_enumerator(types, enumerators[i].enum_name, enumerators[i].name,
					 &value))
			fact_set(facts, enumerators[i].id, (uint64_t)value, VMC_FACT_BTF, NULL);
	}
}

void facts_from_btf(struct facts *facts, const struct btf_types *types)
{
	for (enum fact_id id = 0; id < FACT_COUNT; id++) {
		const char *name = fact_name(id), *alias = fact_alias(id);
		uint64_t value;

		if (!fact_wanted(facts, id))
			continue;
		if (type_fact(types, name, &value) || (alias && type_fact(types, alias, &value)) ||
		    flag_fact(types, name, &value))
			fact_set(facts, id, value, VMC_FACT_BTF, NULL);
	}
	set_enumerators(facts, types);
	set_head_mask(facts, types);
	set_page_types(facts, types);
}

static struct vmc_error *btf_locate(const struct facts *facts, vmc_vaddr *ret_start,
				    size_t *ret_size)
{
	uint64_t start = fact_or(facts, FACT_SYMBOL_start_BTF, 0);
	uint64_t stop = fact_or(facts, FACT_SYMBOL_stop_BTF, 0);

	if (!fact_known(facts, FACT_SYMBOL_start_BTF) || !fact_known(facts, FACT_SYMBOL_stop_BTF))
		return error_create(
			VMC_ERR_MISSING,
			"the kernel has no type information: no __start_BTF among its symbols");
	if (stop <= start || stop - start > BTF_SIZE_MAX)
		return error_create(VMC_ERR_CORRUPT,
				    "__start_BTF 0x%" PRIx64 " and __stop_BTF 0x%" PRIx64
				    " contradict each other",
				    start, stop);
	*ret_start = start;
	*ret_size = (size_t)(stop - start);
	return NULL;
}

static struct vmc_error *types_read(const struct facts *facts, const struct kernel_memory *memory,
				    struct btf_types **ret_types)
{
	vmc_vaddr start = 0;
	size_t size = 0;

	TRY(btf_locate(facts, &start, &size));
	TRY(btf_check_supported());

	_cleanup_free_ uint8_t *data = malloc(size);

	if (!data)
		return error_nomem();
	TRY(kernel_read(memory, start, data, size));
	return btf_types_create(data, size, ret_types);
}

struct vmc_error *facts_from_kernel_btf(struct facts *facts, const struct kernel_memory *memory)
{
	_cleanup_(btf_types_destroy) struct btf_types *types = NULL;
	struct facts filled = *facts;

	TRY(types_read(facts, memory, &types));
	facts_from_btf(&filled, types);
	TRY(facts_check(&filled));
	*facts = filled;
	return NULL;
}
