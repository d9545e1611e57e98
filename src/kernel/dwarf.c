/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/dwarf.h"

#ifdef HAVE_DW

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "base/checked.h"
#include "kernel/dwarf_index.h"

/* Of the outermost level of all units; a kernel has some millions. */
#define ENTRIES_MAX    (UINT64_C(1) << 28)
#define MEMBERS_MAX    65536
#define QUALIFIERS_MAX 32 /* typedefs of typedefs, and array dimensions */

struct dwarf_types {
	struct types types;
	Dwarf *dwarf;
	struct dwarf_index index;
	uint64_t entries; /* seen so far */
};

static const struct types_ops ops;

static const struct dwarf_types *of(const struct types *types)
{
	return (const struct dwarf_types *)types;
}

static void dwarf_destroy(struct types *types)
{
	struct dwarf_types *dwarf_types = (struct dwarf_types *)types;

	dwarf_index_deinit(&dwarf_types->index);
	dwarf_end(dwarf_types->dwarf);
	free(dwarf_types);
}

static bool tag_indexed(int tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_typedef:
	case DW_TAG_variable:
		return true;
	default:
		return false;
	}
}

static struct vmc_error *entry_add(struct dwarf_types *types, Dwarf_Die *entry)
{
	int tag = dwarf_tag(entry);
	bool declared;

	if (!tag_indexed(tag))
		return NULL;

	/* A variable that a header declares has its name there. */
	Dwarf_Attribute attribute;
	const char *name =
		tag == DW_TAG_variable
			? dwarf_formstring(dwarf_attr_integrate(entry, DW_AT_name, &attribute))
			: dwarf_diename(entry);

	if (!name || !*name)
		return NULL;
	declared = dwarf_hasattr(entry, DW_AT_declaration);
	return dwarf_index_add(&types->index, (uint16_t)tag, name, dwarf_dieoffset(entry),
			       declared);
}

/* Structures of Rust have names that mean something else. */
static bool unit_is_foreign(Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;
	Dwarf_Word language;

	return dwarf_attr(unit, DW_AT_language, &attribute) &&
	       dwarf_formudata(&attribute, &language) == 0 && language == DW_LANG_Rust;
}

static struct vmc_error *unit_add(struct dwarf_types *types, Dwarf_Die *unit)
{
	Dwarf_Die entry, next;
	int more = dwarf_child(unit, &entry);

	while (more == 0) {
		if (++types->entries > ENTRIES_MAX)
			return error_create(VMC_ERR_LIMIT,
					    "debug information with more than %ju entries",
					    (uintmax_t)ENTRIES_MAX);
		TRY(entry_add(types, &entry));
		more = dwarf_siblingof(&entry, &next);
		entry = next;
	}
	if (more < 0)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, dwarf_dieoffset(unit),
				       "debug information: %s", dwarf_errmsg(-1));
	return NULL;
}

static struct vmc_error *units_add(struct dwarf_types *types)
{
	Dwarf_Off offset = 0, next;
	size_t header_size;
	Dwarf_Die unit;
	int more;

	while ((more = dwarf_nextcu(types->dwarf, offset, &next, &header_size, NULL, NULL, NULL)) ==
	       0) {
		if (dwarf_offdie(types->dwarf, offset + header_size, &unit) &&
		    !unit_is_foreign(&unit))
			TRY(unit_add(types, &unit));
		if (next <= offset)
			break;
		offset = next;
	}
	if (more < 0)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, offset,
				       "debug information: %s", dwarf_errmsg(-1));
	return NULL;
}

struct vmc_error *dwarf_types_create(Elf *elf, struct types **ret_types)
{
	struct dwarf_types *dwarf_types = calloc(1, sizeof(*dwarf_types));

	if (!dwarf_types)
		return error_nomem();
	dwarf_types->types.ops = &ops;

	_cleanup_(types_destroy) struct types *types = &dwarf_types->types;

	dwarf_types->dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	if (!dwarf_types->dwarf)
		return error_create(VMC_ERR_MISSING, "no debug information: %s", dwarf_errmsg(-1));
	TRY(units_add(dwarf_types));
	if (!dwarf_types->index.count)
		return error_create(VMC_ERR_MISSING, "no debug information: it names no types");
	*ret_types = take_ptr(types);
	return NULL;
}

static const struct dwarf_entry *find_tag(const struct types *types, uint16_t tag, const char *name)
{
	return dwarf_index_find(&of(types)->index, tag, name);
}

static bool dwarf_find(const struct types *types, const char *name, type_id *ret_id)
{
	static const uint16_t tags[] = {DW_TAG_structure_type, DW_TAG_union_type, DW_TAG_typedef};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		const struct dwarf_entry *entry = find_tag(types, tags[i], name);

		if (entry && !entry->declared) {
			*ret_id = entry->offset;
			return true;
		}
	}
	return false;
}

static Dwarf_Die *entry_at(const struct types *types, uint64_t offset, Dwarf_Die *ret_entry)
{
	return dwarf_offdie(of(types)->dwarf, offset, ret_entry);
}

/* What DW_AT_type points to: 0, which is void, when there is none. */
static type_id entry_type(Dwarf_Die *entry)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	if (!dwarf_attr_integrate(entry, DW_AT_type, &attribute) ||
	    !dwarf_formref_die(&attribute, &type))
		return 0;
	return dwarf_dieoffset(&type);
}

static bool dwarf_find_variable(const struct types *types, const char *name, type_id *ret_id)
{
	const struct dwarf_entry *found = find_tag(types, DW_TAG_variable, name);
	Dwarf_Die entry;

	if (!found || !entry_at(types, found->offset, &entry))
		return false;
	*ret_id = entry_type(&entry);
	return *ret_id;
}

static bool find_enum(const struct types *types, const char *name, Dwarf_Die *ret_entry)
{
	const struct dwarf_entry *found = find_tag(types, DW_TAG_enumeration_type, name);

	return found && !found->declared && entry_at(types, found->offset, ret_entry);
}

static bool dwarf_has_enum(const struct types *types, const char *name)
{
	Dwarf_Die entry;

	return find_enum(types, name, &entry);
}

/* Compilers write a negative number in a form that has a sign, and 0xf0 in one byte. */
static bool form_is_unsigned(unsigned int form)
{
	return form == DW_FORM_data1 || form == DW_FORM_data2 || form == DW_FORM_data4;
}

static bool enumerator_value(Dwarf_Die *entry, int64_t *ret_value)
{
	Dwarf_Attribute attribute;
	Dwarf_Sword value;
	Dwarf_Word word;

	if (!dwarf_attr(entry, DW_AT_const_value, &attribute))
		return false;
	if (form_is_unsigned(dwarf_whatform(&attribute))) {
		if (dwarf_formudata(&attribute, &word) != 0)
			return false;
		*ret_value = (int64_t)word;
		return true;
	}
	if (dwarf_formsdata(&attribute, &value) != 0)
		return false;
	*ret_value = value;
	return true;
}

static bool dwarf_enumerator(const struct types *types, const char *enum_name, const char *name,
			     int64_t *ret_value)
{
	Dwarf_Die parent, entry, next;
	int more = find_enum(types, enum_name, &parent) ? dwarf_child(&parent, &entry) : 1;

	for (size_t i = 0; more == 0 && i < MEMBERS_MAX; i++) {
		const char *found = dwarf_diename(&entry);

		if (found && !strcmp(found, name))
			return enumerator_value(&entry, ret_value);
		more = dwarf_siblingof(&entry, &next);
		entry = next;
	}
	return false;
}

static bool number_attribute(Dwarf_Die *entry, unsigned int name, uint64_t *ret_value)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr(entry, name, &attribute) || dwarf_formudata(&attribute, &value) != 0)
		return false;
	*ret_value = value;
	return true;
}

static bool dimension_count(Dwarf_Die *entry, uint64_t *ret_count)
{
	uint64_t bound;

	if (number_attribute(entry, DW_AT_count, ret_count))
		return true;
	return number_attribute(entry, DW_AT_upper_bound, &bound) &&
	       checked_add(bound, 1, ret_count);
}

/* Of all dimensions; 0 where one of them is open. */
static uint64_t array_elements(Dwarf_Die *array)
{
	uint64_t elements = 1, count;
	bool any = false;
	Dwarf_Die entry, next;
	int more = dwarf_child(array, &entry);

	for (size_t i = 0; more == 0 && i < QUALIFIERS_MAX; i++) {
		if (dwarf_tag(&entry) == DW_TAG_subrange_type) {
			if (!dimension_count(&entry, &count) ||
			    !checked_mul(elements, count, &elements))
				return 0;
			any = true;
		}
		more = dwarf_siblingof(&entry, &next);
		entry = next;
	}
	return any ? elements : 0;
}

static bool is_qualifier(int tag)
{
	switch (tag) {
	case DW_TAG_typedef:
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return true;
	default:
		return false;
	}
}

/* The type behind typedefs and qualifiers: 1, 0 for void, or -1 when they do not end. */
static int entry_resolve(const struct types *types, type_id id, Dwarf_Die *ret_entry)
{
	for (size_t i = 0; i < QUALIFIERS_MAX; i++) {
		if (!id)
			return 0;
		if (!entry_at(types, id, ret_entry))
			return -1;
		if (!is_qualifier(dwarf_tag(ret_entry)))
			return 1;
		id = entry_type(ret_entry);
	}
	return -1;
}

/* A unit that needs no more than a pointer has a declaration alone. */
static void entry_complete(const struct types *types, Dwarf_Die *entry)
{
	const char *name = dwarf_diename(entry);
	const struct dwarf_entry *found;
	Dwarf_Die definition;

	if (!name || !dwarf_hasattr(entry, DW_AT_declaration))
		return;
	found = find_tag(types, (uint16_t)dwarf_tag(entry), name);
	if (found && !found->declared && entry_at(types, found->offset, &definition))
		*entry = definition;
}

static void array_describe(const struct types *types, Dwarf_Die *entry, unsigned int depth,
			   struct type *type);

/* clang does not say how large a pointer is: as large as the addresses of its unit. */
static void pointer_describe(Dwarf_Die *entry, struct type *type)
{
	Dwarf_Die unit;
	uint8_t address_size;

	type->kind = TYPE_POINTER;
	type->inner = entry_type(entry);
	if (dwarf_diecu(entry, &unit, &address_size, NULL))
		type->size = address_size;
}

/* What is in an array, down to QUALIFIERS_MAX arrays in one another.
 * NOLINTBEGIN(misc-no-recursion): describe() counts */
static void entry_describe(const struct types *types, Dwarf_Die *entry, unsigned int depth,
			   struct type *type)
{
	const char *name;

	switch (dwarf_tag(entry)) {
	case DW_TAG_base_type:
		name = dwarf_diename(entry);
		type->is_char = name && !strcmp(name, "char");
		type->kind = TYPE_NUMBER;
		break;
	case DW_TAG_enumeration_type:
		type->kind = TYPE_NUMBER;
		break;
	case DW_TAG_pointer_type:
		pointer_describe(entry, type);
		break;
	case DW_TAG_array_type:
		array_describe(types, entry, depth, type);
		return;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		entry_complete(types, entry);
		type->kind = TYPE_COMPOSITE;
		break;
	default:
		type->kind = TYPE_OTHER;
		break;
	}
	type->id = dwarf_dieoffset(entry);
	(void)number_attribute(entry, DW_AT_byte_size, &type->size);
}

static bool describe(const struct types *types, type_id id, unsigned int depth, struct type *type)
{
	Dwarf_Die entry;
	int resolved = depth < QUALIFIERS_MAX ? entry_resolve(types, id, &entry) : -1;

	*type = (struct type){.kind = TYPE_VOID};
	if (resolved > 0)
		entry_describe(types, &entry, depth, type);
	return resolved >= 0;
}

static void array_describe(const struct types *types, Dwarf_Die *entry, unsigned int depth,
			   struct type *type)
{
	struct type inner;

	type->kind = TYPE_ARRAY;
	type->id = dwarf_dieoffset(entry);
	type->inner = entry_type(entry);
	type->elements = array_elements(entry);
	if (!describe(types, type->inner, depth + 1, &inner) ||
	    !checked_mul(inner.size, type->elements, &type->size))
		type->size = 0;
}

/* NOLINTEND(misc-no-recursion) */

static bool dwarf_describe(const struct types *types, type_id id, struct type *ret_type)
{
	return describe(types, id, 0, ret_type);
}

/* Since DWARF 4 a bit field has its offset in bits; before, its storage has one in bytes. */
static bool member_describe(Dwarf_Die *entry, struct type_member *ret_member)
{
	const char *name = dwarf_diename(entry);
	uint64_t bytes = 0;

	*ret_member = (struct type_member){
		.name = name ? name : "",
		.type = entry_type(entry),
		.is_bit_field = dwarf_hasattr(entry, DW_AT_bit_size),
	};
	(void)number_attribute(entry, DW_AT_data_member_location, &bytes);
	return checked_mul(bytes, 8, &ret_member->bit_offset);
}

static bool dwarf_members(const struct types *types, type_id id, type_member_fn *each, void *arg)
{
	Dwarf_Die parent, entry, next;
	int more = entry_at(types, id, &parent) ? dwarf_child(&parent, &entry) : 1;

	for (size_t i = 0; more == 0 && i < MEMBERS_MAX; i++) {
		struct type_member member;

		if (dwarf_tag(&entry) == DW_TAG_member && member_describe(&entry, &member) &&
		    each(arg, &member))
			return true;
		more = dwarf_siblingof(&entry, &next);
		entry = next;
	}
	return false;
}

static const struct types_ops ops = {
	.find = dwarf_find,
	.find_variable = dwarf_find_variable,
	.has_enum = dwarf_has_enum,
	.enumerator = dwarf_enumerator,
	.describe = dwarf_describe,
	.members = dwarf_members,
	.destroy = dwarf_destroy,
};

#endif
