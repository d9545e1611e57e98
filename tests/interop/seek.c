/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmcull_seek DUMP: a walk that starts at a page says of it what one from the start said.  Compares
 * the first and the last page of each run, which are those of each block, and every 97th between.
 *
 * Ends with 1 when a walk failed, and with 2 after a line for each difference.
 */
#include <inttypes.h>
#include <stdio.h>

#include <vmcull/vmcull.h>

struct comparison {
	struct vmc_page_walk *walk, *seeker;
	uint64_t seeks, differences;
};

static int fail(struct vmc_error *err)
{
	fprintf(stderr, "vmcull_seek: %s\n", vmc_error_message(err));
	vmc_error_free(err);
	return 1;
}

static bool is_same(const struct vmc_page_run *a, const struct vmc_page_run *b)
{
	return a->rule == b->rule && a->state == b->state && a->order == b->order &&
	       a->memory == b->memory;
}

static struct vmc_error *compare_page(struct comparison *comparison, vmc_pfn pfn,
				      const struct vmc_page_run *told)
{
	struct vmc_page_run run = {0};
	bool more = false;
	struct vmc_error *err = vmc_page_walk_seek(comparison->seeker, pfn);

	if (!err)
		err = vmc_page_walk_next(comparison->seeker, &run, &more);
	if (err)
		return err;
	comparison->seeks++;
	if (!more || run.start != pfn || !is_same(&run, told)) {
		comparison->differences++;
		printf("0x%" PRIx64 ": %s, order %u (%s) at 0x%" PRIx64
		       "; from the start %s, order %u (%s)\n",
		       pfn, vmc_page_state_name(run.state), run.order,
		       vmc_page_rule(run.rule)->name, run.start, vmc_page_state_name(told->state),
		       told->order, vmc_page_rule(told->rule)->name);
	}
	return NULL;
}

static struct vmc_error *compare_run(struct comparison *comparison, const struct vmc_page_run *run)
{
	vmc_pfn last = run->start + run->count - 1;
	struct vmc_error *err = compare_page(comparison, last, run);

	for (vmc_pfn pfn = run->start; !err && pfn < last; pfn += 97)
		err = compare_page(comparison, pfn, run);
	return err;
}

static struct vmc_error *compare_all(struct comparison *comparison)
{
	for (;;) {
		struct vmc_page_run run;
		bool more;
		struct vmc_error *err = vmc_page_walk_next(comparison->walk, &run, &more);

		if (!err && more)
			err = compare_run(comparison, &run);
		if (err || !more)
			return err;
	}
}

static struct vmc_error *compare_target(struct vmc_target *target, struct comparison *comparison)
{
	struct vmc_page_walk_options options = {.pcp_lists = true};
	struct vmc_error *err = vmc_page_walk_create(target, &options, &comparison->walk);

	if (!err)
		err = vmc_page_walk_create(target, &options, &comparison->seeker);
	if (!err)
		err = compare_all(comparison);
	vmc_page_walk_destroy(comparison->walk);
	vmc_page_walk_destroy(comparison->seeker);
	return err;
}

int main(int argc, char **argv)
{
	struct vmc_target_options options = {.type_information = true};
	struct comparison comparison = {0};
	struct vmc_target *target;
	struct vmc_dump *dump;

	if (argc != 2) {
		fputs("usage: vmcull_seek DUMP\n", stderr);
		return 1;
	}

	struct vmc_error *err = vmc_dump_open(argv[1], NULL, &dump);

	if (err)
		return fail(err);
	err = vmc_target_open(dump, &options, &target);
	if (!err) {
		err = compare_target(target, &comparison);
		vmc_target_close(target);
	}
	vmc_dump_close(dump);
	if (err)
		return fail(err);
	printf("%" PRIu64 " pages, %" PRIu64 " differences\n", comparison.seeks,
	       comparison.differences);
	return comparison.differences || !comparison.seeks ? 2 : 0;
}
