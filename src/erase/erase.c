/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erase/erase.h"

#include <string.h>

#include "base/checked.h"
#include "erase/rules.h"

static bool ranges_touch(const struct byte_ranges *ranges, uint64_t start, uint64_t end)
{
	size_t i = byte_ranges_find(ranges, start);

	return i < ranges->count && ranges->items[i].start < end;
}

bool erase_touches(const struct vmc_erase *erase, vmc_paddr address, size_t size)
{
	return ranges_touch(&erase->filled, address, address + size) ||
	       ranges_touch(&erase->nulls, address, address + size);
}

static void ranges_fill(const struct byte_ranges *ranges, uint64_t start, uint8_t *bytes,
			size_t size, int fill)
{
	uint64_t end = start + size;

	for (size_t i = byte_ranges_find(ranges, start);
	     i < ranges->count && ranges->items[i].start < end; i++) {
		uint64_t from = max_u64(ranges->items[i].start, start);
		uint64_t to = min_u64(ranges->items[i].end, end);

		memset(bytes + (from - start), fill, to - from);
	}
}

void erase_apply(const struct vmc_erase *erase, vmc_paddr address, uint8_t *bytes, size_t size)
{
	ranges_fill(&erase->filled, address, bytes, size, ERASE_FILL);
	ranges_fill(&erase->nulls, address, bytes, size, 0);
}

uint64_t vmc_erase_bytes(const struct vmc_erase *erase)
{
	uint64_t both = 0;

	/* Where a nullified pointer lies in what is filled its bytes are of both. */
	for (size_t i = 0; i < erase->nulls.count; i++) {
		struct byte_range range = erase->nulls.items[i];

		for (size_t j = byte_ranges_find(&erase->filled, range.start);
		     j < erase->filled.count && erase->filled.items[j].start < range.end; j++)
			both += min_u64(erase->filled.items[j].end, range.end) -
				max_u64(erase->filled.items[j].start, range.start);
	}
	return byte_ranges_total(&erase->filled) + byte_ranges_total(&erase->nulls) - both;
}

bool vmc_erase_rule(const struct vmc_erase *erase, size_t index, struct vmc_erase_rule *ret_rule)
{
	if (index >= erase->rules->count)
		return false;

	const struct erase_rule *rule = &erase->rules->rules[index];
	const struct erased *erased = &erase->erased[index];

	*ret_rule = (struct vmc_erase_rule){
		.line = rule->line,
		.module = rule->module,
		.text = erased->text,
		.objects = erased->objects,
		.bytes = erased->bytes,
		.problem = erased->problem,
	};
	return true;
}

void vmc_erase_destroy(struct vmc_erase *erase)
{
	if (!erase)
		return;
	for (size_t i = 0; erase->erased && i < erase->rules->count; i++) {
		free(erase->erased[i].problem);
		free(erase->erased[i].text);
	}
	free(erase->erased);
	byte_ranges_deinit(&erase->filled);
	byte_ranges_deinit(&erase->nulls);
	free(erase->info);
	free(erase);
}
