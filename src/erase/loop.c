/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erase/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Finds cycles that do not lead back to the beginning (Brent): an address is compared with one that
 * was met before, which moves on at powers of two. */
struct cycle_check {
	vmc_vaddr met;
	uint64_t steps, power;
};

static struct vmc_error *cycle_check_step(struct cycle_check *check, vmc_vaddr address)
{
	if (check->steps && address == check->met)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, address,
				       "the list leads back into itself");
	if (++check->steps > ERASE_OBJECTS_MAX)
		return error_create(VMC_ERR_LIMIT, "the list has more than %" PRIu64 " objects",
				    ERASE_OBJECTS_MAX);
	if (check->steps >= check->power) {
		check->power = check->power ? 2 * check->power : 1;
		check->met = address;
	}
	return NULL;
}

static struct vmc_error *run_array(struct places *places, const struct place *array, loop_fn *each,
				   void *arg)
{
	struct place element = {.typed = true};

	if (array->type.kind != TYPE_ARRAY || !array->type.elements)
		return error_create(VMC_ERR_INVALID, "is no array of a known length");
	if (!types_describe(places->types, array->type.inner, &element.type) || !element.type.size)
		return error_create(VMC_ERR_INVALID, "is an array of elements of unknown size");
	if (array->type.elements > ERASE_OBJECTS_MAX)
		return error_create(VMC_ERR_LIMIT, "has more than %" PRIu64 " elements",
				    ERASE_OBJECTS_MAX);
	for (uint64_t i = 0; i < array->type.elements; i++) {
		element.address = array->address + i * element.type.size;
		TRY(each(arg, &element));
	}
	return NULL;
}

/* The value of the pointer that links an object to the next. */
static struct vmc_error *next_address(struct places *places, const char *member,
				      const struct place *object, vmc_vaddr *ret_address)
{
	struct place link = *object;

	TRY(place_members(places, member, &link));
	if (link.type.kind != TYPE_POINTER)
		return error_create(VMC_ERR_INVALID, "'%s' is no pointer", member);
	return target_read_word(places->reader, link.address, ret_address);
}

static struct vmc_error *run_via(struct places *places, const struct erase_loop *loop,
				 struct place object, loop_fn *each, void *arg)
{
	struct cycle_check check = {0};

	if (object.type.kind == TYPE_POINTER)
		TRY(place_follow(places, &object));
	if (object.type.kind != TYPE_COMPOSITE)
		return error_create(VMC_ERR_INVALID, "is no structure");

	vmc_vaddr start = object.address;

	do {
		TRY(cycle_check_step(&check, object.address));
		TRY(each(arg, &object));
		TRY(next_address(places, loop->member, &object, &object.address));
	} while (object.address && object.address != start);
	return NULL;
}

static bool is_list_head(const struct places *places, const struct type *type)
{
	struct type head;

	return type->kind == TYPE_COMPOSITE && types_find(places->types, "list_head", &head) &&
	       type->size == head.size;
}

/* The head of the list: the struct list_head that is named, or the one whose member "next" is, or
 * the one that a pointer leads to. */
static struct vmc_error *list_head_of(struct places *places, const struct place *list,
				      vmc_vaddr *ret_head)
{
	struct place pointed = *list;

	if (is_list_head(places, &list->type)) {
		*ret_head = list->address;
		return NULL;
	}
	if (list->type.kind == TYPE_POINTER) {
		TRY(place_follow(places, &pointed));
		if (is_list_head(places, &pointed.type)) {
			*ret_head = list->inside ? list->inside : pointed.address;
			return NULL;
		}
	}
	return error_create(VMC_ERR_INVALID, "is no struct list_head");
}

static struct vmc_error *run_within(struct places *places, const struct erase_loop *loop,
				    const struct place *list, loop_fn *each, void *arg)
{
	const struct vmc_target *target = target_reader_target(places->reader);
	uint64_t next_offset = fact_or(&target->facts, FACT_OFFSET_list_head_next, 0);
	struct place object = {.typed = true};
	struct cycle_check check = {0};
	struct type_field field;
	vmc_vaddr head = 0, entry = 0;
	char path[2 * TYPE_NAME_MAX];

	snprintf(path, sizeof(path), "%s.%s", loop->type, loop->member);
	if (!types_find(places->types, loop->type, &object.type) ||
	    !types_field(places->types, path, &field))
		return error_create(VMC_ERR_MISSING, "there is no %s", path);
	TRY(list_head_of(places, list, &head));
	TRY(target_read_word(places->reader, head + next_offset, &entry));
	while (entry != head) {
		TRY(cycle_check_step(&check, entry));
		object.address = entry - field.offset;
		TRY(each(arg, &object));
		TRY(target_read_word(places->reader, entry + next_offset, &entry));
	}
	return NULL;
}

struct vmc_error *loop_run(struct places *places, const struct erase_rule *rule, loop_fn *each,
			   void *arg)
{
	const struct erase_loop *loop = rule->loop;
	struct vmc_error *err = NULL;
	struct place list;

	TRY(place_find(places, rule->module, loop->list, NULL, NULL, &list));
	if (!places->types || (!list.typed && loop->kind != ERASE_LOOP_WITHIN))
		return error_create(VMC_ERR_MISSING, "%s: its type is not known: %s", loop->list,
				    list.untyped);
	if (!list.typed && types_find(places->types, "list_head", &list.type))
		list.typed = true; /* "within" says what it is */
	switch (loop->kind) {
	case ERASE_LOOP_ARRAY:
		err = run_array(places, &list, each, arg);
		break;
	case ERASE_LOOP_VIA:
		err = run_via(places, loop, list, each, arg);
		break;
	case ERASE_LOOP_WITHIN:
		err = run_within(places, loop, &list, each, arg);
		break;
	}
	return error_context(err, "%s", loop->list);
}
