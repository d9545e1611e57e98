/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erase/place.h"

#include <string.h>

/* Variables of the kernel that BTF has the type of, but not that they are of it.  All of them are
 * older than BTF. */
static const struct {
	const char *symbol, *type;
} well_known[] = {
	{"init_task", "task_struct"},
	{"init_mm", "mm_struct"},
	{"init_uts_ns", "uts_namespace"},
	{"init_net", "net"},
	{"init_cred", "cred"},
	{"init_nsproxy", "nsproxy"},
	{"init_user_ns", "user_namespace"},
	{"init_pid_ns", "pid_namespace"},
	{"root_user", "user_struct"},
	{"modules", "list_head"},
	{"slab_caches", "list_head"},
	{"super_blocks", "list_head"},
	{"net_namespace_list", "list_head"},
};

static bool variable_type(const struct types *types, const char *name, struct type *ret_type)
{
	if (types_variable(types, name, ret_type))
		return true;
	for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++) {
		if (!strcmp(well_known[i].symbol, name))
			return types_find(types, well_known[i].type, ret_type);
	}
	return false;
}

/* Debug information of modules is not read: a variable of the kernel may have the same name. */
static struct vmc_error *place_symbol(struct places *places, const char *module, const char *name,
				      struct place *ret_place)
{
	struct place place = {.type.kind = TYPE_OTHER};

	TRY(erase_symbol_address(&places->symbols, module, name, &place.address));
	place.untyped = strcmp(module, "vmlinux") != 0
				? "types of variables of modules are not read"
				: places->no_types;
	place.typed = places->types && !strcmp(module, "vmlinux") &&
		      variable_type(places->types, name, &place.type);
	*ret_place = place;
	return NULL;
}

struct vmc_error *place_follow(struct places *places, struct place *place)
{
	vmc_vaddr address = 0;
	type_id inner = place->type.inner;

	TRY(target_read_word(places->reader, place->address, &address));
	if (!address) {
		places->met_null = true;
		return error_create(VMC_ERR_MISSING, "the pointer is NULL");
	}
	*place = (struct place){.address = address, .type.kind = TYPE_OTHER, .typed = true};
	(void)types_describe(places->types, inner, &place->type);
	return NULL;
}

static struct vmc_error *place_member(struct places *places, const char *name, struct place *place)
{
	struct type_field field;

	if (!place->typed)
		return error_create(VMC_ERR_MISSING,
				    "its type is not known, so neither is '%s': %s", name,
				    place->untyped);
	if (place->type.kind == TYPE_POINTER)
		TRY(place_follow(places, place));
	if (place->type.kind != TYPE_COMPOSITE ||
	    !types_member(places->types, place->type.id, name, &field))
		return error_create(VMC_ERR_MISSING, "there is no member '%s'", name);
	*place = (struct place){
		.address = place->address + field.offset,
		.inside = place->address,
		.type.kind = TYPE_OTHER,
		.typed = true,
	};
	(void)types_describe(places->types, field.type, &place->type);
	return NULL;
}

/* The part before the next dot. */
static struct vmc_error *next_name(const char **expression, char ret_name[TYPE_NAME_MAX])
{
	size_t length = strcspn(*expression, ".");

	if (length >= TYPE_NAME_MAX)
		return error_create(VMC_ERR_LIMIT, "a name of more than %d characters",
				    TYPE_NAME_MAX - 1);
	memcpy(ret_name, *expression, length);
	ret_name[length] = '\0';
	*expression += length + ((*expression)[length] == '.');
	return NULL;
}

struct vmc_error *place_members(struct places *places, const char *expression, struct place *place)
{
	char name[TYPE_NAME_MAX];

	while (*expression) {
		TRY(next_name(&expression, name));
		TRY(place_member(places, name, place));
	}
	return NULL;
}

struct vmc_error *place_find(struct places *places, const char *module, const char *expression,
			     const char *id, const struct place *element, struct place *ret_place)
{
	const char *rest = expression;
	char name[TYPE_NAME_MAX];
	struct place place;

	TRY(next_name(&rest, name));
	if (id && !strcmp(id, name))
		place = *element;
	else
		TRY(error_context(place_symbol(places, module, name, &place), "%s", expression));
	TRY(error_context(place_members(places, rest, &place), "%s", expression));
	*ret_place = place;
	return NULL;
}

struct vmc_error *place_number(struct places *places, const struct place *place,
			       uint64_t *ret_value)
{
	struct layout layout = target_reader_target(places->reader)->layout;
	uint8_t bytes[8];

	if (!place->typed || place->type.kind != TYPE_NUMBER)
		return error_create(VMC_ERR_INVALID, "is no integer");
	switch (place->type.size) {
	case 1:
	case 2:
	case 4:
	case 8:
		break;
	default:
		return error_create(VMC_ERR_INVALID, "is no integer");
	}
	TRY(target_read(places->reader, place->address, bytes, (size_t)place->type.size));
	switch (place->type.size) {
	case 1:
		*ret_value = bytes[0];
		break;
	case 2:
		*ret_value = load_u16(layout, bytes);
		break;
	case 4:
		*ret_value = load_u32(layout, bytes);
		break;
	default:
		*ret_value = load_u64(layout, bytes);
		break;
	}
	return NULL;
}
