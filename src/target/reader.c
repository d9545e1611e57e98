/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading kernel memory by virtual address.  Two small caches make that cheap: pages that hold page
 * tables, and the ranges translated last.
 */
#include <string.h>

#include "base/checked.h"
#include "target/target.h"

/* Page tables are remembered in blocks of one size, whatever the page size: with pages of 256 KiB
 * they would take 8 MiB otherwise. */
#define TABLE_BLOCK       ((size_t)4096)
#define TABLE_CACHE_SLOTS 32
#define RANGE_CACHE_SLOTS 8

struct table_slot {
	bool valid;
	uint64_t number; /* of the block */
	uint8_t *bytes;
};

struct target_reader {
	struct vmc_target *target;
	struct vmc_dump_cursor *cursor;
	struct table_slot tables[TABLE_CACHE_SLOTS]; /* by number modulo slots */
	struct va_range ranges[RANGE_CACHE_SLOTS];
	unsigned int range_count, range_next;
};

struct vmc_error *target_reader_create(struct vmc_target *target, struct target_reader **ret_reader)
{
	_cleanup_(target_reader_destroy) struct target_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return error_nomem();
	reader->target = target;
	TRY(vmc_dump_cursor_create(target->dump, &reader->cursor));
	*ret_reader = take_ptr(reader);
	return NULL;
}

void target_reader_destroy(struct target_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < TABLE_CACHE_SLOTS; i++)
		free(reader->tables[i].bytes);
	vmc_dump_cursor_destroy(reader->cursor);
	free(reader);
}

struct vmc_target *target_reader_target(const struct target_reader *reader)
{
	return reader->target;
}

static struct vmc_error *table_block(struct target_reader *reader, uint64_t number,
				     const uint8_t **ret_bytes)
{
	struct table_slot *slot = &reader->tables[number % TABLE_CACHE_SLOTS];

	if (!slot->valid || slot->number != number) {
		if (!slot->bytes) {
			slot->bytes = malloc(TABLE_BLOCK);
			if (!slot->bytes)
				return error_nomem();
		}
		slot->valid = false;
		TRY(vmc_dump_read(reader->cursor, number * TABLE_BLOCK, slot->bytes, TABLE_BLOCK));
		slot->valid = true;
		slot->number = number;
	}
	*ret_bytes = slot->bytes;
	return NULL;
}

static struct vmc_error *read_table(void *arg, vmc_paddr address, void *buffer, size_t size)
{
	struct target_reader *reader = arg;

	for (size_t done = 0; done < size;) {
		size_t skip = (address + done) % TABLE_BLOCK;
		size_t n = (size_t)min_u64(size - done, TABLE_BLOCK - skip);
		const uint8_t *block = NULL; /* gcc does not see that it is set */

		TRY(table_block(reader, (address + done) / TABLE_BLOCK, &block));
		memcpy((uint8_t *)buffer + done, block + skip, n);
		done += n;
	}
	return NULL;
}

static struct phys_reader table_reader(struct target_reader *reader)
{
	return (struct phys_reader){.read = read_table, .arg = reader};
}

struct vmc_error *target_set_up_arch(struct target_reader *reader)
{
	struct phys_reader tables = table_reader(reader);

	return arch_init(&reader->target->arch, reader->target->dump, &tables);
}

struct vmc_error *target_read_arch(struct target_reader *reader)
{
	struct phys_reader tables = table_reader(reader);
	const struct arch *arch = &reader->target->arch;
	struct arch again = {
		.ops = arch->ops,
		.facts = arch->facts,
		.layout = arch->layout,
		.page_shift = arch->page_shift,
	};
	struct vmc_error *err = arch_init(&again, reader->target->dump, &tables);

	if (!err)
		arch_deinit(&again);
	/* Where the kernel had to be searched, it will be again. */
	if (err && vmc_error_code(err) != VMC_ERR_MISSING)
		return err;
	vmc_error_free(err);
	return NULL;
}

struct vmc_error *target_translate(struct target_reader *reader, vmc_vaddr address,
				   struct va_range *ret_range)
{
	for (unsigned int i = 0; i < reader->range_count; i++) {
		if (address >= reader->ranges[i].first && address <= reader->ranges[i].last) {
			*ret_range = reader->ranges[i];
			return NULL;
		}
	}

	struct phys_reader tables = table_reader(reader);

	TRY(arch_translate(&reader->target->arch, &tables, address, ret_range));
	reader->ranges[reader->range_next] = *ret_range;
	reader->range_next = (reader->range_next + 1) % RANGE_CACHE_SLOTS;
	if (reader->range_count < RANGE_CACHE_SLOTS)
		reader->range_count++;
	return NULL;
}

struct vmc_error *target_visit_tables(struct target_reader *reader,
				      const struct table_visitor *visitor)
{
	struct phys_reader tables = table_reader(reader);

	return arch_visit_tables(&reader->target->arch, &tables, visitor);
}

struct vmc_error *target_get(struct target_reader *reader, vmc_vaddr address, size_t size,
			     const void **ret_bytes, size_t *ret_size)
{
	struct va_range range;

	TRY(target_translate(reader, address, &range));
	if (!range.mapped)
		return error_create_at(VMC_ERR_UNMAPPED, ERROR_AT_VADDR, address, "not mapped");

	uint64_t behind = range.last - address; /* bytes of the range behind this one */

	if (size - 1 > behind)
		size = behind + 1;
	return dump_get(reader->cursor, range.address + (address - range.first), size, ret_bytes,
			ret_size);
}

struct vmc_error *target_check(struct target_reader *reader)
{
	return dump_check(reader->cursor);
}

struct vmc_error *target_read(struct target_reader *reader, vmc_vaddr address, void *buffer,
			      size_t size)
{
	size_t done = 0;

	while (done < size) {
		const void *bytes;
		size_t n;

		TRY(target_get(reader, address + done, size - done, &bytes, &n));
		memcpy((char *)buffer + done, bytes, n);
		TRY(target_check(reader));
		done += n;
	}
	return NULL;
}

struct vmc_error *target_read_u32(struct target_reader *reader, vmc_vaddr address, uint32_t *ret)
{
	uint8_t bytes[4];

	TRY(target_read(reader, address, bytes, sizeof(bytes)));
	*ret = load_u32(reader->target->layout, bytes);
	return NULL;
}

struct vmc_error *target_read_u64(struct target_reader *reader, vmc_vaddr address, uint64_t *ret)
{
	uint8_t bytes[8];

	TRY(target_read(reader, address, bytes, sizeof(bytes)));
	*ret = load_u64(reader->target->layout, bytes);
	return NULL;
}

struct vmc_error *target_read_word(struct target_reader *reader, vmc_vaddr address, uint64_t *ret)
{
	uint8_t bytes[8];

	TRY(target_read(reader, address, bytes, reader->target->layout.word_size));
	*ret = load_word(reader->target->layout, bytes);
	return NULL;
}
