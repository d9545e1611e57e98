/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page tables of the kernel, each once: a hash table remembers those that were visited. */
#include "base/checked.h"
#include "target/target.h"

/* The direct map of 8 TiB in pages of 4 KiB has so many, but kernels use large ones there. */
#define TABLES_MAX  ((size_t)4 << 20)
#define TABLES_FREE UINT64_MAX /* no table: they are aligned */

struct tables {
	uint64_t *slots; /* address and level, or TABLES_FREE; at most half are in use */
	size_t slot_count, used;
	uint64_t unreadable;
};

static struct vmc_error *slots_create(size_t count, uint64_t **ret_slots)
{
	uint64_t *slots = malloc(count * sizeof(*slots));

	if (!slots)
		return error_nomem();
	for (size_t i = 0; i < count; i++)
		slots[i] = TABLES_FREE;
	*ret_slots = slots;
	return NULL;
}

/* The slot that holds @key, or the free one where it belongs. */
static uint64_t *slot_find(uint64_t *slots, size_t count, uint64_t key)
{
	size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (count - 1);

	while (slots[i] != TABLES_FREE && slots[i] != key)
		i = (i + 1) & (count - 1);
	return &slots[i];
}

static struct vmc_error *tables_grow(struct tables *tables)
{
	size_t count = tables->slot_count ? 2 * tables->slot_count : 1024;
	uint64_t *slots = NULL; /* gcc does not see that it is set */

	if (tables->used >= TABLES_MAX)
		return error_create(VMC_ERR_LIMIT, "the kernel has more than %zu page tables",
				    TABLES_MAX);
	TRY(slots_create(count, &slots));
	for (size_t i = 0; i < tables->slot_count; i++) {
		if (tables->slots[i] != TABLES_FREE)
			*slot_find(slots, count, tables->slots[i]) = tables->slots[i];
	}
	free(tables->slots);
	tables->slots = slots;
	tables->slot_count = count;
	return NULL;
}

/* Tables are aligned, so that the level fits into the low bits of their address. */
static struct vmc_error *table_visit(void *arg, vmc_paddr table, unsigned int level,
				     bool *ret_enter)
{
	struct tables *tables = arg;

	if (2 * tables->used >= tables->slot_count)
		TRY(tables_grow(tables));

	uint64_t *slot = slot_find(tables->slots, tables->slot_count, table | level);

	*ret_enter = *slot == TABLES_FREE;
	if (*ret_enter)
		tables->used++;
	*slot = table | level;
	return NULL;
}

static struct vmc_error *table_unreadable(void *arg, vmc_paddr table, struct vmc_error *err)
{
	struct tables *tables = arg;

	(void)table;
	if (vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	vmc_error_free(err);
	tables->unreadable++;
	return NULL;
}

struct vmc_error *target_read_tables(struct target_reader *reader, uint64_t *ret_unreadable)
{
	struct tables tables = {0};
	struct table_visitor visitor = {
		.visit = table_visit,
		.unreadable = table_unreadable,
		.arg = &tables,
	};
	struct vmc_error *err = target_visit_tables(reader, &visitor);

	free(tables.slots);
	if (!err)
		*ret_unreadable = tables.unreadable;
	return err;
}
