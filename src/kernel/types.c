/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/types.h"

#include <string.h>

#include "base/checked.h"

/* Unnamed members that contain each other would be searched for ever. */
#define SEARCH_DEPTH_MAX 16
#define SEARCH_STEPS_MAX 100000

struct search {
	const struct types *types;
	const char *name;
	unsigned int steps, depth;
	uint64_t bit_offset; /* of the structure that is looked through */
	struct type_member found;
};

void types_destroy(struct types *types)
{
	if (types)
		types->ops->destroy(types);
}

bool types_describe(const struct types *types, type_id id, struct type *ret_type)
{
	return types->ops->describe(types, id, ret_type);
}

bool types_find(const struct types *types, const char *name, struct type *ret_type)
{
	type_id id;

	return types->ops->find(types, name, &id) && types_describe(types, id, ret_type);
}

bool types_variable(const struct types *types, const char *name, struct type *ret_type)
{
	type_id id;

	return types->ops->find_variable(types, name, &id) && types_describe(types, id, ret_type);
}

bool types_has_enum(const struct types *types, const char *name)
{
	return types->ops->has_enum(types, name);
}

bool types_enumerator(const struct types *types, const char *enum_name, const char *name,
		      int64_t *ret_value)
{
	return types->ops->enumerator(types, enum_name, name, ret_value);
}

bool types_size(const struct types *types, const char *name, uint64_t *ret_size)
{
	struct type type;

	if (!types_find(types, name, &type) || type.kind == TYPE_VOID || type.kind == TYPE_OTHER)
		return false;
	*ret_size = type.size;
	return true;
}

static bool search_member(void *arg, const struct type_member *member)
{
	struct search *search = arg;
	uint64_t bit_offset = search->bit_offset, inner_offset;
	struct type inner;
	bool found;

	if (++search->steps > SEARCH_STEPS_MAX ||
	    !checked_add(bit_offset, member->bit_offset, &inner_offset))
		return false;
	if (*member->name) {
		if (strcmp(member->name, search->name) != 0)
			return false;
		search->found = *member;
		search->found.bit_offset = inner_offset;
		return true;
	}
	if (search->depth >= SEARCH_DEPTH_MAX ||
	    !types_describe(search->types, member->type, &inner) || inner.kind != TYPE_COMPOSITE)
		return false;
	search->bit_offset = inner_offset;
	search->depth++;
	found = search->types->ops->members(search->types, inner.id, search_member, search);
	search->depth--;
	search->bit_offset = bit_offset;
	return found;
}

bool types_member(const struct types *types, type_id composite, const char *name,
		  struct type_field *ret_field)
{
	struct search search = {.types = types, .name = name};
	const struct type_member *found = &search.found;
	struct type type;

	if (!types->ops->members(types, composite, search_member, &search) || found->is_bit_field ||
	    found->bit_offset % 8)
		return false;
	*ret_field = (struct type_field){.offset = found->bit_offset / 8, .type = found->type};
	if (types_describe(types, found->type, &type)) {
		ret_field->size = type.size;
		ret_field->elements = type.elements;
	}
	return true;
}

/* The part of a path before the next dot, which is where the rest begins. */
static bool path_part(const char **path, char ret_name[TYPE_NAME_MAX])
{
	size_t length = strcspn(*path, ".");

	if (!length || length >= TYPE_NAME_MAX)
		return false;
	memcpy(ret_name, *path, length);
	ret_name[length] = '\0';
	*path += length;
	return true;
}

bool types_field(const struct types *types, const char *path, struct type_field *ret_field)
{
	struct type_field field = {0};
	char name[TYPE_NAME_MAX];
	struct type type;
	uint64_t offset = 0;

	if (!path_part(&path, name) || *path != '.' || !types_find(types, name, &type))
		return false;
	while (*path == '.') {
		path++;
		if (type.kind != TYPE_COMPOSITE || !path_part(&path, name) ||
		    !types_member(types, type.id, name, &field) ||
		    !checked_add(offset, field.offset, &offset))
			return false;
		if (!types_describe(types, field.type, &type))
			type = (struct type){.kind = TYPE_OTHER};
	}
	*ret_field = field;
	ret_field->offset = offset;
	return true;
}
