/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds out again what a plan keeps, where that was too much to be remembered. */
#include "filter/plan.h"
#include "pages/walk.h"

struct second_walk {
	const struct vmc_plan *plan;
	struct vmc_page_walk *pages;
	vmc_pfn at;
};

static struct vmc_error *second_walk_open(const void *arg, void **ret_walk)
{
	const struct vmc_plan *plan = arg;
	struct second_walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return error_nomem();
	*walk = (struct second_walk){.plan = plan, .at = UINT64_MAX};

	struct vmc_error *err = page_walk_fork(plan->walk, &walk->pages);

	if (err)
		free(walk);
	else
		*ret_walk = walk;
	return err;
}

static void second_walk_close(void *arg)
{
	struct second_walk *walk = arg;

	vmc_page_walk_destroy(walk->pages);
	free(walk);
}

static struct vmc_error *second_walk_more(void *arg, vmc_pfn *pfn, vmc_pfn end, uint64_t wanted,
					  struct extents *extents)
{
	struct second_walk *walk = arg;
	struct plan_share share = {.extents = extents};
	struct vmc_page_run run;
	bool more;

	/* Each segment is begun as it was then. */
	if (walk->at != *pfn)
		TRY(page_walk_between(walk->pages, *pfn, end));
	walk->at = UINT64_MAX;
	while (extents_count(extents) < wanted) {
		TRY(vmc_page_walk_next(walk->pages, &run, &more));
		if (!more) {
			*pfn = end;
			return NULL;
		}
		TRY(plan_add_run(walk->plan, &run, &share));
		*pfn = run.start + run.count;
	}
	if (*pfn < end)
		walk->at = *pfn;
	return NULL;
}

const struct kept_source plan_second_walk = {
	.open = second_walk_open,
	.close = second_walk_close,
	.more = second_walk_more,
};
