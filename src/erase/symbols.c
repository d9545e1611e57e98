/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erase/symbols.h"

#include <string.h>

#include "base/grow.h"
#include "kernel/kallsyms.h"

#define KERNEL  "vmlinux"
#define MODULES "modules" /* the list of them */

void erase_symbols_deinit(struct erase_symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++)
		free(symbols->items[i].name);
	free(symbols->items);
	free(symbols->problem);
	*symbols = (struct erase_symbols){0};
}

static struct erase_symbol *find(const struct erase_symbols *symbols, const char *module,
				 const char *name)
{
	for (size_t i = 0; i < symbols->count; i++) {
		if (!strcmp(symbols->items[i].name, name) &&
		    !strcmp(symbols->items[i].module, module))
			return &symbols->items[i];
	}
	return NULL;
}

/* The symbol that an expression begins with; not the variable of a loop. */
static struct vmc_error *add(struct erase_symbols *symbols, const char *module, const char *id,
			     const char *expression)
{
	_cleanup_free_ char *name = strndup(expression, strcspn(expression, "."));

	if (!name)
		return error_nomem();
	if ((id && !strcmp(id, name)) || find(symbols, module, name))
		return NULL;
	TRY(grow_array((void **)&symbols->items, &symbols->capacity, symbols->count + 1,
		       sizeof(*symbols->items)));
	symbols->items[symbols->count++] =
		(struct erase_symbol){.module = module, .name = take_ptr(name)};
	return NULL;
}

static struct vmc_error *collect(struct erase_symbols *symbols, const struct vmc_erase_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct erase_rule *rule = &rules->rules[i];
		const char *id = rule->loop ? rule->loop->id : NULL;

		TRY(add(symbols, rule->module, id, rule->expression));
		if (rule->kind == ERASE_SIZE_EXPRESSION)
			TRY(add(symbols, rule->module, id, rule->size_text));
		if (rule->loop)
			TRY(add(symbols, rule->module, NULL, rule->loop->list));
		if (strcmp(rule->module, KERNEL) != 0)
			TRY(add(symbols, KERNEL, NULL, MODULES));
	}
	return NULL;
}

static void take(struct erase_symbols *symbols, const struct kallsyms_query *queries)
{
	size_t next = 0;

	for (size_t i = 0; i < symbols->count; i++) {
		struct erase_symbol *symbol = &symbols->items[i];

		if (strcmp(symbol->module, KERNEL) != 0)
			continue;

		const struct kallsyms_query *query = &queries[next++];

		if (!symbol->matches) {
			symbol->matches = query->matches;
			symbol->address = query->address;
		}
	}
}

/* The table in the kernel goes first: it is of what really ran.  One that cannot be read leaves the
 * symbols of the vmlinux. */
static struct vmc_error *find_in_kernel(struct erase_symbols *symbols, struct target_reader *reader,
					struct kallsyms_query *queries, size_t count)
{
	struct vmc_target *target = target_reader_target(reader);
	struct kernel_memory memory = target_memory(reader);
	struct vmc_error *err = kallsyms_find(&target->facts, &memory, queries, count);

	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	if (!err)
		take(symbols, queries);
	else
		symbols->problem = strdup(vmc_error_message(err));
	vmc_error_free(err);
	TRY(target_debug_find(target, queries, count));
	take(symbols, queries);
	return NULL;
}

static struct vmc_error *find_kernel_symbols(struct erase_symbols *symbols,
					     struct target_reader *reader)
{
	_cleanup_free_ struct kallsyms_query *queries =
		calloc(symbols->count + 1, sizeof(*queries));
	size_t count = 0;

	if (!queries)
		return error_nomem();
	for (size_t i = 0; i < symbols->count; i++) {
		if (!strcmp(symbols->items[i].module, KERNEL))
			queries[count++].name = symbols->items[i].name;
	}
	return count ? find_in_kernel(symbols, reader, queries, count) : NULL;
}

/* Has no symbol before that one the same module? */
static bool module_is_new(const struct erase_symbols *symbols, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (!strcmp(symbols->items[i].module, symbols->items[index].module))
			return false;
	}
	return true;
}

/* Each module once, or its symbols would count twice.  One that is not loaded, or cannot be read,
 * leaves its symbols unfound. */
static struct vmc_error *find_module_symbols(struct erase_symbols *symbols,
					     struct target_reader *reader,
					     const struct types *types)
{
	const struct erase_symbol *modules = find(symbols, KERNEL, MODULES);

	for (size_t i = 0; modules && modules->matches == 1 && types && i < symbols->count; i++) {
		const char *module = symbols->items[i].module;
		struct vmc_error *err;

		if (!strcmp(module, KERNEL) || !module_is_new(symbols, i))
			continue;
		err = erase_module_find(reader, types, modules->address, module, symbols);
		if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		if (err)
			log_warning(&target_reader_target(reader)->dump->log, "module %s: %s",
				    module, vmc_error_message(err));
		vmc_error_free(err);
	}
	return NULL;
}

struct vmc_error *erase_symbols_find(struct erase_symbols *symbols,
				     const struct vmc_erase_rules *rules,
				     struct target_reader *reader, const struct types *types)
{
	*symbols = (struct erase_symbols){0};
	TRY(collect(symbols, rules));
	TRY(find_kernel_symbols(symbols, reader));
	return find_module_symbols(symbols, reader, types);
}

struct vmc_error *erase_symbol_address(const struct erase_symbols *symbols, const char *module,
				       const char *name, vmc_vaddr *ret_address)
{
	const struct erase_symbol *symbol = find(symbols, module, name);
	bool kernel = !strcmp(module, KERNEL);

	if (symbol && symbol->matches == 1) {
		*ret_address = symbol->address;
		return NULL;
	}
	if (symbol && symbol->matches)
		return error_create(VMC_ERR_MISSING, "there are %u symbols '%s': which one?",
				    symbol->matches, name);
	if (kernel && symbols->problem)
		return error_create(VMC_ERR_MISSING, "no symbol '%s': %s", name, symbols->problem);
	return error_create(VMC_ERR_MISSING, "there is no symbol '%s'%s%s", name,
			    kernel ? "" : " in module ", kernel ? "" : module);
}
