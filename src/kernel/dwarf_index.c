/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/dwarf_index.h"

#ifdef HAVE_DW

#include <string.h>

/* More than any kernel has, by far. */
#define NAMES_MAX   ((size_t)1 << 23)
#define SLOTS_FIRST ((size_t)1 << 12)

void dwarf_index_deinit(struct dwarf_index *index)
{
	free(index->slots);
	*index = (struct dwarf_index){0};
}

/* FNV-1a */
static uint32_t entry_hash(uint16_t tag, const char *name)
{
	uint32_t hash = 2166136261u ^ tag;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash ^ hash >> 16;
}

/* The entry, or the free slot where it would be. */
static struct dwarf_entry *slot_find(const struct dwarf_index *index, uint32_t hash, uint16_t tag,
				     const char *name)
{
	for (size_t i = hash;; i++) {
		struct dwarf_entry *slot = &index->slots[i & (index->capacity - 1)];

		if (!slot->name || (slot->hash == hash && slot->tag == tag &&
				    (slot->name == name || !strcmp(slot->name, name))))
			return slot;
	}
}

static struct vmc_error *index_grow(struct dwarf_index *index)
{
	struct dwarf_index grown = {
		.capacity = index->capacity ? 2 * index->capacity : SLOTS_FIRST,
		.count = index->count,
	};

	if (index->count >= NAMES_MAX)
		return error_create(VMC_ERR_LIMIT, "debug information with more than %zu names",
				    NAMES_MAX);
	grown.slots = calloc(grown.capacity, sizeof(*grown.slots));
	if (!grown.slots)
		return error_nomem();
	for (size_t i = 0; i < index->capacity; i++) {
		const struct dwarf_entry *entry = &index->slots[i];

		if (entry->name)
			*slot_find(&grown, entry->hash, entry->tag, entry->name) = *entry;
	}
	free(index->slots);
	*index = grown;
	return NULL;
}

struct vmc_error *dwarf_index_add(struct dwarf_index *index, uint16_t tag, const char *name,
				  uint64_t offset, bool declared)
{
	uint32_t hash = entry_hash(tag, name);

	if (2 * index->count >= index->capacity)
		TRY(index_grow(index));

	struct dwarf_entry *slot = slot_find(index, hash, tag, name);

	if (slot->name && (declared || !slot->declared))
		return NULL;
	index->count += !slot->name;
	*slot = (struct dwarf_entry){name, offset, hash, tag, declared};
	return NULL;
}

const struct dwarf_entry *dwarf_index_find(const struct dwarf_index *index, uint16_t tag,
					   const char *name)
{
	const struct dwarf_entry *slot =
		index->capacity ? slot_find(index, entry_hash(tag, name), tag, name) : NULL;

	return slot && slot->name ? slot : NULL;
}

#endif
