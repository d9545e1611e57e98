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

void unit_plan(struct unit *unit, const struct vmc_plan *plan, vmc_pfn *pfn, vmc_pfn end)
{
	size_t room = UNIT_BYTES / plan->dump->page_size;
	struct extents_iter iter;
	struct extent extent;

	unit->page_count = 0;
	extents_iter_init(&iter, &plan->kept, *pfn);
	while (unit->page_count < room && extents_iter_next(&iter, &extent)) {
		vmc_pfn first = max_u64(extent.start, *pfn);
		vmc_pfn stop = min_u64(extent.start + extent.count, end);

		if (first >= stop)
			break;
		stop = min_u64(stop, first + room - unit->page_count);
		for (*pfn = first; *pfn < stop; ++*pfn)
			unit->pages[unit->page_count++] = (struct unit_page){.pfn = *pfn};
	}
}
