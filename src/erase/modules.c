/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols of modules.  Each has its own table, the one of its ELF file, in the kernel's memory:
 * struct module points to a struct mod_kallsyms (since 4.5).
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "erase/symbols.h"

#define MODULES_MAX      65536
#define MODULE_NAME_SIZE 64
#define SYMBOL_NAME_SIZE 512 /* KSYM_NAME_LEN since 6.1 */
#define SYMBOLS_MAX      (UINT64_C(1) << 20)
#define STRINGS_MAX      (UINT64_C(64) << 20)

struct module_layout {
	struct type_field name, list, kallsyms;       /* of struct module */
	struct type_field symtab, num_symtab, strtab; /* of struct mod_kallsyms */
};

static struct vmc_error *layout_find(const struct types *types, struct module_layout *layout)
{
	const struct {
		const char *path;
		struct type_field *field;
	} fields[] = {
		{"module.name", &layout->name},
		{"module.list", &layout->list},
		{"module.kallsyms", &layout->kallsyms},
		{"mod_kallsyms.symtab", &layout->symtab},
		{"mod_kallsyms.num_symtab", &layout->num_symtab},
		{"mod_kallsyms.strtab", &layout->strtab},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!types_field(types, fields[i].path, fields[i].field))
			return error_create(VMC_ERR_MISSING, "there is no %s in the types",
					    fields[i].path);
	}
	return NULL;
}

/* The address of the struct module of that name, in the list of those that are loaded. */
static struct vmc_error *module_find(struct target_reader *reader,
				     const struct module_layout *layout, vmc_vaddr modules,
				     const char *name, vmc_vaddr *ret_module)
{
	char found[MODULE_NAME_SIZE] = "";
	vmc_vaddr entry = 0;
	size_t size = min_u64(layout->name.size, sizeof(found));

	TRY(target_read_word(reader, modules, &entry));
	for (unsigned int i = 0; entry != modules && i < MODULES_MAX; i++) {
		vmc_vaddr module = entry - layout->list.offset;

		TRY(target_read(reader, module + layout->name.offset, found, size));
		if (size && !strncmp(found, name, size)) {
			*ret_module = module;
			return NULL;
		}
		TRY(target_read_word(reader, entry, &entry));
	}
	return error_create(VMC_ERR_MISSING, "is not loaded");
}

/* Name and address of an entry; false for what has none. */
static bool symbol_read(struct layout layout, const uint8_t *entry, uint32_t *ret_name,
			vmc_vaddr *ret_address)
{
	bool wide = layout.word_size == 8;
	uint16_t section = load_u16(layout, entry + (wide ? offsetof(Elf64_Sym, st_shndx)
							  : offsetof(Elf32_Sym, st_shndx)));

	*ret_name = load_u32(layout, entry);
	*ret_address = wide ? load_u64(layout, entry + offsetof(Elf64_Sym, st_value))
			    : load_u32(layout, entry + offsetof(Elf32_Sym, st_value));
	return section != SHN_UNDEF && *ret_address;
}

static void symbol_match(struct erase_symbols *symbols, const char *module, const char *name,
			 vmc_vaddr address)
{
	for (size_t i = 0; i < symbols->count; i++) {
		struct erase_symbol *symbol = &symbols->items[i];

		if (!strcmp(symbol->module, module) && !strcmp(symbol->name, name) &&
		    !symbol->matches++)
			symbol->address = address;
	}
}

/* Names lie one after the other: how far the last one is into them. */
static uint64_t last_name(struct layout layout, const uint8_t *table, uint64_t count,
			  size_t entry_size)
{
	uint64_t last = 0;

	for (uint64_t i = 0; i < count; i++)
		last = max_u64(last, load_u32(layout, table + i * entry_size));
	return last;
}

/* As much of a name as there is.  Nothing tells how long it is but the zero at its end. */
static struct vmc_error *name_read(struct target_reader *reader, vmc_vaddr address,
				   char name[static SYMBOL_NAME_SIZE])
{
	size_t size = 0;
	char *end = NULL;

	while (!end && size < SYMBOL_NAME_SIZE - 1) {
		const void *bytes = NULL;
		size_t got = 0;

		TRY(target_get(reader, address + size, SYMBOL_NAME_SIZE - 1 - size, &bytes, &got));
		memcpy(name + size, bytes, got);
		TRY(target_check(reader));
		end = memchr(name + size, '\0', got);
		size += got;
	}
	name[size] = '\0';
	return NULL;
}

/* All names, to be freed; those of a table that is not cut off end with a zero. */
static struct vmc_error *names_read(struct target_reader *reader, vmc_vaddr strtab, uint64_t last,
				    char **ret_names)
{
	if (last > STRINGS_MAX)
		return error_create(VMC_ERR_LIMIT, "names of %" PRIu64 " bytes", last);
	*ret_names = malloc(last + SYMBOL_NAME_SIZE);
	if (!*ret_names)
		return error_nomem();
	TRY(target_read(reader, strtab, *ret_names, last));
	return name_read(reader, strtab + last, *ret_names + last);
}

static struct vmc_error *table_search(struct target_reader *reader, vmc_vaddr symtab,
				      uint64_t count, vmc_vaddr strtab, const char *module,
				      struct erase_symbols *symbols)
{
	struct layout layout = target_reader_target(reader)->layout;
	size_t entry_size = layout.word_size == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	_cleanup_free_ uint8_t *table = malloc(count * entry_size + 1);
	_cleanup_free_ char *names = NULL;

	if (!table)
		return error_nomem();
	TRY(target_read(reader, symtab, table, count * entry_size));
	TRY(names_read(reader, strtab, last_name(layout, table, count, entry_size), &names));
	for (uint64_t i = 0; i < count; i++) {
		uint32_t name;
		vmc_vaddr address;

		if (symbol_read(layout, table + i * entry_size, &name, &address))
			symbol_match(symbols, module, names + name, address);
	}
	return NULL;
}

struct vmc_error *erase_module_find(struct target_reader *reader, const struct types *types,
				    vmc_vaddr modules, const char *module,
				    struct erase_symbols *symbols)
{
	struct module_layout layout = {0};
	vmc_vaddr address = 0, kallsyms = 0, symtab = 0, strtab = 0;
	uint32_t count = 0;

	TRY(layout_find(types, &layout));
	TRY(module_find(reader, &layout, modules, module, &address));
	TRY(target_read_word(reader, address + layout.kallsyms.offset, &kallsyms));
	TRY(target_read_word(reader, kallsyms + layout.symtab.offset, &symtab));
	TRY(target_read_word(reader, kallsyms + layout.strtab.offset, &strtab));
	TRY(target_read_u32(reader, kallsyms + layout.num_symtab.offset, &count));
	if (!count)
		return NULL;
	if (count > SYMBOLS_MAX)
		return error_create(VMC_ERR_LIMIT, "%" PRIu32 " symbols", count);
	return table_search(reader, symtab, count, strtab, module, symbols);
}
