/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/unit.h"

#include "base/checked.h"

struct vmc_error *unit_create(struct unit **ret_unit)
{
	_cleanup_(unit_destroy) struct unit *unit = calloc(1, sizeof(*unit));

	if (!unit)
		return error_nomem();
	unit->data = malloc(UNIT_BYTES + UNIT_SLACK);
	if (!unit->data)
		return error_nomem();
	*ret_unit = take_ptr(unit);
	return NULL;
}

void unit_destroy(struct unit *unit)
{
	if (!unit)
		return;
	vmc_error_free(unit->first_loss);
	free(unit->data);
	free(unit);
}

size_t unit_memory(void)
{
	return sizeof(struct unit) + UNIT_BYTES + UNIT_SLACK;
}

void unit_reset(struct unit *unit)
{
	for (size_t i = 0; i < unit->page_count; i++)
		unit->pages[i] = (struct unit_page){.pfn = unit->pages[i].pfn};
	unit->data_size = 0;
	vmc_error_free(take_ptr(unit->first_loss));
}

uint64_t unit_count(const struct vmc_plan *plan)
{
	size_t room = UNIT_BYTES / plan->dump->page_size;

	return (kept_total(&plan->kept) + room - 1) / room;
}

void unit_planner_init(struct unit_planner *planner, const struct vmc_plan *plan)
{
	*planner = (struct unit_planner){.room = UNIT_BYTES / plan->dump->page_size};
	kept_iter_init(&planner->kept, &plan->kept, 0);
}

void unit_planner_deinit(struct unit_planner *planner)
{
	kept_iter_deinit(&planner->kept);
}

struct vmc_error *unit_plan(struct unit *unit, struct unit_planner *planner, vmc_pfn end)
{
	struct extent *left = &planner->left;
	bool more = true;

	unit->page_count = 0;
	while (unit->page_count < planner->room) {
		if (!left->count)
			TRY(kept_iter_next(&planner->kept, left, &more));
		if (!more || left->start >= end)
			break;

		uint64_t count = min_u64(left->count, planner->room - unit->page_count);

		count = min_u64(count, end - left->start);
		left->count -= count;
		while (count--)
			unit->pages[unit->page_count++] = (struct unit_page){.pfn = left->start++};
	}
	return NULL;
}
