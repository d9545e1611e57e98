/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts from types, of BTF or of DWARF.  Most are spelled as types know them: OFFSET(page.lru) is
 * member "lru" of "page".
 */
#include <string.h>

#include "kernel/facts.h"
#include "kernel/types.h"

/* Numbers of page types, as they stand in the top byte of their word since 6.12, and bits that a
 * type clears in 6.10 and 6.11, which had enumerators with names like those of flags. */
static const struct {
	enum fact_id id;
	const char *number, *bit;
} page_types[] = {
	{FACT_NUMBER_PAGE_BUDDY, "PGTY_buddy", "PG_buddy"},
	{FACT_NUMBER_PAGE_OFFLINE, "PGTY_offline", "PG_offline"},
	{FACT_NUMBER_PAGE_HUGETLB, "PGTY_hugetlb", "PG_hugetlb"},
	{FACT_NUMBER_PAGE_SLAB, "PGTY_slab", "PG_slab"},
	{FACT_NUMBER_PAGE_TABLE, "PGTY_table", "PG_table"},
	{FACT_NUMBER_PAGE_UNACCEPTED, "PGTY_unaccepted", NULL},
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

bool fact_name_inside(const char *name, const char *kind, char inside[FACT_INSIDE_MAX])
{
	size_t kind_length = strlen(kind);
	size_t length = strlen(name);

	if (strncmp(name, kind, kind_length) || name[kind_length] != '(' || name[length - 1] != ')')
		return false;
	length -= kind_length + 2;
	if (length >= FACT_INSIDE_MAX)
		return false;
	memcpy(inside, name + kind_length + 1, length);
	inside[length] = '\0';
	return true;
}

/* Of a member, or of a variable. */
static bool length_fact(const struct types *types, const char *name, uint64_t *ret_value)
{
	struct type_field field = {0};
	struct type type = {0};

	if (strchr(name, '.') ? !types_field(types, name, &field)
			      : !types_variable(types, name, &type))
		return false;
	*ret_value = field.elements + type.elements;
	return *ret_value;
}

static bool type_fact(const struct types *types, const char *name, uint64_t *ret_value)
{
	char inside[FACT_INSIDE_MAX];
	struct type_field field;

	if (fact_name_inside(name, "SIZE", inside))
		return types_size(types, inside, ret_value);
	if (fact_name_inside(name, "OFFSET", inside) && types_field(types, inside, &field)) {
		*ret_value = field.offset;
		return true;
	}
	return fact_name_inside(name, "LENGTH", inside) && length_fact(types, inside, ret_value);
}

/* PG_slab and the like are in one enum under their own names; a flag of one bit is its number. */
static bool flag_fact(const struct types *types, const char *name, uint64_t *ret_value)
{
	char inside[FACT_INSIDE_MAX];
	int64_t value;

	if (!fact_name_inside(name, "NUMBER", inside) || strncmp(inside, "PG_", 3) ||
	    !types_enumerator(types, "pageflags", inside, &value))
		return false;
	*ret_value = (uint64_t)value;
	return true;
}

/* What is known better is not looked for. */
static bool fact_wanted(const struct facts *facts, enum fact_id id, enum vmc_fact_source source)
{
	return !fact_known(facts, id) || facts->table[id].source > source;
}

static void set_head_mask(struct facts *facts, const struct types *types,
			  enum vmc_fact_source source)
{
	int64_t bit;

	if (fact_wanted(facts, FACT_NUMBER_PG_head_mask, source) &&
	    types_enumerator(types, "pageflags", "PG_head", &bit) && bit >= 0 && bit < 64)
		fact_set(facts, FACT_NUMBER_PG_head_mask, UINT64_C(1) << bit, source, NULL);
}

static bool page_type_value(const struct types *types, size_t index, int64_t *ret_value)
{
	int64_t number;

	if (types_enumerator(types, "pagetype", page_types[index].number, &number) &&
	    number >= 0xf0 && number < 0xff) {
		*ret_value = (number - 0x100) * (1 << 24);
		return true;
	}
	if (page_types[index].bit &&
	    types_enumerator(types, "pagetype", page_types[index].bit, &number) && number > 0 &&
	    number <= INT32_MAX) {
		*ret_value = ~number;
		return true;
	}
	return false;
}

/* Values of page types were macros before 6.10, which no type information has. */
static bool buddy_is_macro(const struct types *types)
{
	struct type_field field;

	return types_field(types, "page.page_type", &field) && !types_has_enum(types, "pagetype");
}

static void set_page_types(struct facts *facts, const struct types *types,
			   enum vmc_fact_source source)
{
	int64_t value;

	for (size_t i = 0; i < sizeof(page_types) / sizeof(page_types[0]); i++) {
		if (fact_wanted(facts, page_types[i].id, source) &&
		    page_type_value(types, i, &value))
			fact_set(facts, page_types[i].id, (uint64_t)value, source, NULL);
	}
	if (!fact_known(facts, FACT_NUMBER_PAGE_BUDDY) && buddy_is_macro(types))
		fact_set(facts, FACT_NUMBER_PAGE_BUDDY, (uint64_t)-129, source,
			 "bit 0x80 where page.page_type is there but no enum pagetype: 4.18 to "
			 "6.9");
}

static void set_enumerators(struct facts *facts, const struct types *types,
			    enum vmc_fact_source source)
{
	for (size_t i = 0; i < sizeof(enumerators) / sizeof(enumerators[0]); i++) {
		int64_t value;

		if (fact_wanted(facts, enumerators[i].id, source) &&
		    types_enumerator(types, enumerators[i].enum_name, enumerators[i].name, &value))
			fact_set(facts, enumerators[i].id, (uint64_t)value, source, NULL);
	}
}

void facts_from_types(struct facts *facts, const struct types *types, enum vmc_fact_source source)
{
	for (enum fact_id id = 0; id < FACT_COUNT; id++) {
		const char *name = fact_name(id), *alias = fact_alias(id);
		uint64_t value;

		if (!fact_wanted(facts, id, source))
			continue;
		if (type_fact(types, name, &value) || (alias && type_fact(types, alias, &value)) ||
		    flag_fact(types, name, &value))
			fact_set(facts, id, value, source, NULL);
	}
	set_enumerators(facts, types, source);
	set_head_mask(facts, types, source);
	set_page_types(facts, types, source);
}
