/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From rules to the bytes of physical memory that they mean in one dump. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "erase/erase.h"
#include "erase/loop.h"
#include "kernel/facts.h"

#define STRING_MAX 1024 /* of a char * */
#define INFO_MAX   65536

struct resolver {
	struct vmc_erase *erase;
	struct places places;
	struct types *own_types; /* of BTF */
	const struct erase_rule *rule;
	struct erased *erased;
	uint64_t last_size; /* in eraseinfo */
	FILE *info;
	size_t info_size;
	char no_types[512];
};

/* A mistake in one rule is told with that rule and leaves the others as they are. */
static struct vmc_error *note_problem(struct resolver *resolver, struct vmc_error *err)
{
	bool expected = resolver->places.met_null;

	resolver->places.met_null = false;
	if (!err || vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	/* Of a list a few objects may lack what others point to. */
	if (!resolver->erased->problem && !(expected && resolver->rule->loop))
		resolver->erased->problem = strdup(vmc_error_message(err));
	vmc_error_free(err);
	return NULL;
}

/* "erase NAME size 16" or "erase NAME nullify", as makedumpfile has it, once for a run of equal
 * ones. */
static void info_add(struct resolver *resolver, uint64_t size)
{
	const struct erase_rule *rule = resolver->rule;
	int written;

	if (resolver->erased->objects && size == resolver->last_size)
		return;
	resolver->last_size = size;
	if (resolver->info_size > INFO_MAX)
		return;
	if (rule->kind == ERASE_SIZE_NULLIFY)
		written = fprintf(resolver->info, "erase %s nullify\n", rule->expression);
	else
		written = fprintf(resolver->info, "erase %s size %" PRIu64 "\n", rule->expression,
				  size);
	if (written > 0)
		resolver->info_size += (size_t)written;
}

/* As many of @size bytes as are mapped in one. */
static struct vmc_error *add_piece(struct resolver *resolver, struct byte_ranges *ranges,
				   vmc_vaddr address, uint64_t size, uint64_t *ret_added)
{
	struct va_range range;

	TRY(target_translate(resolver->places.reader, address, &range));
	if (!range.mapped)
		return error_create_at(VMC_ERR_UNMAPPED, ERROR_AT_VADDR, address, "not mapped");

	uint64_t added = min_u64(size - 1, range.last - address) + 1;

	TRY(byte_ranges_add(ranges, range.address + (address - range.first), added));
	*ret_added = added;
	return NULL;
}

/* Of what is mapped in part that part is erased, and counts. */
static struct vmc_error *add_range(struct resolver *resolver, vmc_vaddr address, uint64_t size)
{
	struct byte_ranges *ranges = resolver->rule->kind == ERASE_SIZE_NULLIFY
					     ? &resolver->erase->nulls
					     : &resolver->erase->filled;
	struct vmc_error *err = NULL;
	uint64_t done = 0, last;

	if (!size)
		return NULL;
	if (!checked_add(address, size - 1, &last))
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, address,
				       "%" PRIu64 " bytes do not fit there", size);
	while (!err && done < size) {
		uint64_t added = 0;

		err = add_piece(resolver, ranges, address + done, size - done, &added);
		done += added;
	}
	if (done) {
		info_add(resolver, done);
		resolver->erased->objects++;
		resolver->erased->bytes += done;
	}
	return err;
}

/* As far as it can be read, and not further than a string may be long. */
static struct vmc_error *string_length(struct resolver *resolver, vmc_vaddr address,
				       uint64_t *ret_length)
{
	uint64_t length = 0;

	while (length < STRING_MAX) {
		const char *bytes;
		const void *got;
		size_t size, used;

		TRY(target_get(resolver->places.reader, address + length, STRING_MAX - length, &got,
			       &size));
		bytes = got;
		used = strnlen(bytes, size);
		length += used;
		TRY(target_check(resolver->places.reader));
		if (used < size)
			break;
	}
	*ret_length = length;
	return NULL;
}

static struct vmc_error *rule_size(struct resolver *resolver, const struct place *element,
				   uint64_t *ret_size)
{
	const struct erase_rule *rule = resolver->rule;
	struct place place;

	if (rule->kind == ERASE_SIZE_NUMBER) {
		*ret_size = rule->size;
		return NULL;
	}
	TRY(place_find(&resolver->places, rule->module, rule->size_text,
		       rule->loop ? rule->loop->id : NULL, element, &place));
	TRY(error_context(place_number(&resolver->places, &place, ret_size), "%s",
			  rule->size_text));
	if (*ret_size > ERASE_SIZE_MAX)
		return error_create(VMC_ERR_LIMIT, "%s: a size of %" PRIu64 " bytes",
				    rule->size_text, *ret_size);
	return NULL;
}

/* The size that the type tells, of what a pointer points to. */
static struct vmc_error *type_size(struct resolver *resolver, const struct place *place,
				   bool pointed, uint64_t *ret_size)
{
	if (pointed && place->type.is_char)
		return string_length(resolver, place->address, ret_size);
	if (!place->typed)
		return error_create(VMC_ERR_MISSING, "its type is not known, give a size: %s",
				    place->untyped);
	if (!place->type.size)
		return error_create(VMC_ERR_MISSING, "its type has no size: give one%s",
				    pointed ? ", or nullify" : "");
	*ret_size = place->type.size;
	return NULL;
}

static struct vmc_error *erase_place(struct resolver *resolver, const struct place *element)
{
	const struct erase_rule *rule = resolver->rule;
	uint64_t size = target_reader_target(resolver->places.reader)->layout.word_size;
	struct place place;
	bool pointed = false;

	TRY(place_find(&resolver->places, rule->module, rule->expression,
		       rule->loop ? rule->loop->id : NULL, element, &place));
	if (rule->kind == ERASE_SIZE_NULLIFY) {
		if (place.typed && place.type.kind != TYPE_POINTER)
			return error_create(VMC_ERR_INVALID, "is no pointer to be nullified");
		if (!place.typed)
			return error_create(VMC_ERR_MISSING, "its type is not known: %s",
					    place.untyped);
		return add_range(resolver, place.address, size);
	}
	if (place.typed && place.type.kind == TYPE_POINTER) {
		pointed = true;
		TRY(place_follow(&resolver->places, &place));
	}
	if (rule->kind == ERASE_SIZE_OF_TYPE)
		TRY(type_size(resolver, &place, pointed, &size));
	else
		TRY(rule_size(resolver, element, &size));
	return add_range(resolver, place.address, size);
}

/* One object of a loop that cannot be erased does not keep the others from it. */
static struct vmc_error *erase_element(void *arg, const struct place *element)
{
	struct resolver *resolver = arg;

	return note_problem(resolver, erase_place(resolver, element));
}

static struct vmc_error *rule_text(const struct erase_rule *rule, char **ret_text)
{
	const char *what = rule->kind == ERASE_SIZE_NULLIFY ? " nullify"
			   : rule->size_text                ? " size "
							    : "";

	if (asprintf(ret_text, "erase %s%s%s", rule->expression, what,
		     rule->size_text ? rule->size_text : "") < 0) {
		*ret_text = NULL;
		return error_nomem();
	}
	return NULL;
}

static void tell_rule(const struct resolver *resolver)
{
	const struct vmc_log *log = &target_reader_target(resolver->places.reader)->dump->log;
	const struct erased *erased = resolver->erased;

	if (erased->problem)
		log_warning(log, "line %u, %s: %s%s", resolver->rule->line, erased->text,
			    erased->objects ? "not all is erased: " : "nothing is erased: ",
			    erased->problem);
	else if (!erased->objects)
		log_warning(log, "line %u, %s: there is nothing to be erased", resolver->rule->line,
			    erased->text);
}

static struct vmc_error *resolve_rule(struct resolver *resolver)
{
	struct vmc_error *err;

	TRY(rule_text(resolver->rule, &resolver->erased->text));
	resolver->places.met_null = false;
	if (resolver->rule->loop)
		err = loop_run(&resolver->places, resolver->rule, erase_element, resolver);
	else
		err = erase_place(resolver, NULL);
	TRY(note_problem(resolver, err));
	tell_rule(resolver);
	return NULL;
}

/* Without a vmlinux the kernel's own types have to do, which leave out those of variables. */
static struct vmc_error *find_types(struct resolver *resolver, struct vmc_target *target)
{
	struct kernel_memory memory = target_memory(resolver->places.reader);
	struct facts facts = target->facts;
	struct vmc_error *err = NULL;

	resolver->places.no_types = resolver->no_types;
	resolver->places.types = target_debug_types(target);
	snprintf(resolver->no_types, sizeof(resolver->no_types), "the vmlinux does not have it");
	if (resolver->places.types)
		return NULL;
	snprintf(resolver->no_types, sizeof(resolver->no_types),
		 "it is not in BTF, the vmlinux with debug information would tell (-x)");
	if (!fact_known(&facts, FACT_SYMBOL_start_BTF))
		err = facts_from_kallsyms(&facts, &memory);
	if (!err)
		err = btf_read(&facts, &memory, &resolver->own_types);
	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	if (err)
		snprintf(resolver->no_types, sizeof(resolver->no_types),
			 "%s; the vmlinux with debug information would tell (-x)",
			 vmc_error_message(err));
	vmc_error_free(err);
	resolver->places.types = resolver->own_types;
	return NULL;
}

static struct vmc_error *resolve_all(struct resolver *resolver, struct vmc_target *target)
{
	const struct vmc_erase_rules *rules = resolver->erase->rules;

	TRY(find_types(resolver, target));
	TRY(erase_symbols_find(&resolver->places.symbols, rules, resolver->places.reader,
			       resolver->places.types));
	for (size_t i = 0; i < rules->count; i++) {
		resolver->rule = &rules->rules[i];
		resolver->erased = &resolver->erase->erased[i];
		TRY(resolve_rule(resolver));
	}
	byte_ranges_sort(&resolver->erase->filled);
	byte_ranges_sort(&resolver->erase->nulls);
	return NULL;
}

static struct vmc_error *resolve_with_info(struct resolver *resolver, struct vmc_target *target)
{
	struct vmc_erase *erase = resolver->erase;

	resolver->info = open_memstream(&erase->info, &erase->info_size);
	if (!resolver->info)
		return error_nomem();

	struct vmc_error *err = resolve_all(resolver, target);
	bool failed = ferror(resolver->info);

	if (fclose(resolver->info))
		failed = true;
	return !err && failed ? error_nomem() : err;
}

struct vmc_error *vmc_erase_resolve(const struct vmc_erase_rules *rules, struct vmc_target *target,
				    struct vmc_erase **ret_erase)
{
	_cleanup_(vmc_erase_destroy) struct vmc_erase *erase = calloc(1, sizeof(*erase));
	_cleanup_(target_reader_destroy) struct target_reader *reader = NULL;
	struct resolver resolver = {.erase = erase};

	if (!erase)
		return error_nomem();
	erase->rules = rules;
	byte_ranges_init(&erase->filled);
	byte_ranges_init(&erase->nulls);
	erase->erased = calloc(rules->count + 1, sizeof(*erase->erased));
	if (!erase->erased)
		return error_nomem();
	TRY(target_reader_create(target, &reader));
	resolver.places.reader = reader;

	struct vmc_error *err = resolve_with_info(&resolver, target);

	erase_symbols_deinit(&resolver.places.symbols);
	types_destroy(resolver.own_types);
	TRY(err);
	*ret_erase = take_ptr(erase);
	return NULL;
}
