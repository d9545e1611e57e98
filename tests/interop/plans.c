/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmcull_plans DUMP: plans by 1, 2, 3 and 8 threads, remembered and not, keep the pages that a walk
 * from the start says are to be kept, and count and warn alike.
 *
 * Ends with 1 when something failed, and with 2 after a line for each difference.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <vmcull/vmcull.h>

#define TEXT_MAX 4096

struct comparison {
	struct vmc_dump *dump;
	struct vmc_target *target;
	struct vmc_filter_policy policy;
	struct vmc_plan_counts counts; /* of the walk */
	char doubt[TEXT_MAX];          /* of the first plan */
	char *log;                     /* what is logged, one line behind the other */
	size_t log_size;
	uint64_t plans, extents, differences;
};

static int fail(struct vmc_error *err)
{
	fprintf(stderr, "vmcull_plans: %s\n", vmc_error_message(err));
	vmc_error_free(err);
	return 1;
}

static void log_line(void *arg, enum vmc_log_level level, const char *line)
{
	struct comparison *comparison = arg;
	int n = snprintf(comparison->log + comparison->log_size, TEXT_MAX - comparison->log_size,
			 "%d %s\n", (int)level, line);

	if (n > 0 && comparison->log_size + (size_t)n < TEXT_MAX)
		comparison->log_size += (size_t)n;
}

static void differ(struct comparison *comparison, const char *what, vmc_pfn pfn)
{
	comparison->differences++;
	printf("level %d, %u threads, %zu bytes: %s at 0x%" PRIx64 "\n",
	       vmc_filter_policy_level(&comparison->policy), comparison->policy.threads,
	       comparison->policy.memory, what, pfn);
}

static bool is_kept(const struct comparison *comparison, const struct vmc_page_run *run)
{
	return run->memory == VMC_MEMORY_DATA &&
	       !((comparison->policy.drop | VMC_STATES_FORBIDDEN) & VMC_STATE_BIT(run->state));
}

static void count_run(const struct comparison *comparison, const struct vmc_page_run *run,
		      struct vmc_plan_counts *counts)
{
	if (run->memory != VMC_MEMORY_DATA) {
		counts->nodata += run->count;
		return;
	}
	counts->pages[run->state] += run->count;
	counts->decided[run->rule] += run->count;
	counts->kept[run->state] += is_kept(comparison, run) ? run->count : 0;
}

/* Holds kept runs of a walk against those of the plan. */
static struct vmc_error *compare_runs(struct comparison *comparison, struct vmc_page_walk *walk,
				      struct vmc_plan *plan, struct vmc_plan_counts *counts)
{
	vmc_pfn start = 0, next = 0; /* of the plan: it keeps [start, next) */
	uint64_t count;
	bool more, kept_more = true;

	for (;;) {
		struct vmc_page_run run;
		struct vmc_error *err = vmc_page_walk_next(walk, &run, &more);

		if (err)
			return err;
		if (!more)
			break;
		count_run(comparison, &run, counts);
		for (vmc_pfn pfn = run.start; pfn < run.start + run.count;) {
			while (kept_more && next <= pfn) {
				err = vmc_plan_next_kept(plan, next, &start, &count, &kept_more);
				if (err)
					return err;
				next = kept_more ? start + count : UINT64_MAX;
				start = kept_more ? start : UINT64_MAX;
				comparison->extents += kept_more;
			}

			bool kept = start <= pfn;
			vmc_pfn end = kept ? next : start; /* of what the plan says alike */

			if (kept != is_kept(comparison, &run)) {
				differ(comparison, kept ? "kept" : "left out", pfn);
				break;
			}
			pfn = end;
		}
	}
	while (kept_more && next != UINT64_MAX) {
		struct vmc_error *err = vmc_plan_next_kept(plan, next, &start, &count, &kept_more);

		if (err)
			return err;
		if (!kept_more)
			break;
		differ(comparison, "kept, but no memory", start);
		next = start + count;
	}
	counts->unreadable_map = vmc_page_walk_unreadable(walk);
	return NULL;
}

static struct vmc_error *compare_plan(struct comparison *comparison, struct vmc_plan *plan)
{
	struct vmc_page_walk_options options = {
		.whole_blocks = comparison->policy.drop,
		.pcp_lists = comparison->policy.drop & VMC_STATE_BIT(VMC_PAGE_FREE_PCP),
	};
	struct vmc_plan_counts counts = {0};
	struct vmc_page_walk *walk;
	struct vmc_error *err = vmc_page_walk_create(comparison->target, &options, &walk);

	if (err)
		return err;
	err = compare_runs(comparison, walk, plan, &counts);
	vmc_page_walk_destroy(walk);
	if (!err && memcmp(&counts, vmc_plan_counts(plan), sizeof(counts)))
		differ(comparison, "counts", 0);
	return err;
}

/* Makes a plan and compares; @first: what it logs and doubts is what others have to. */
static struct vmc_error *try_plan(struct comparison *comparison, bool first, char *first_log)
{
	char log[TEXT_MAX] = "";
	struct vmc_plan *plan;
	struct vmc_error *err;
	const char *doubt;

	comparison->log = first ? first_log : log;
	comparison->log_size = 0;
	err = vmc_plan_create(comparison->target, &comparison->policy, NULL, &plan);
	if (err)
		return err;
	doubt = vmc_plan_doubt(plan) ? vmc_plan_doubt(plan) : "";
	if (first)
		snprintf(comparison->doubt, TEXT_MAX, "%s", doubt);
	else if (strcmp(comparison->doubt, doubt) != 0)
		differ(comparison, "doubts", 0);
	if (!first && strcmp(log, first_log) != 0)
		differ(comparison, "the log", 0);
	comparison->plans++;
	comparison->log = log;
	comparison->log_size = 0;
	err = compare_plan(comparison, plan);
	vmc_plan_destroy(plan);
	return err;
}

static struct vmc_error *try_level(struct comparison *comparison, int level)
{
	static const unsigned int threads[] = {1, 2, 3, 8};
	static const size_t memory[] = {0, 1, 20000};
	char log[TEXT_MAX] = "";
	struct vmc_error *err = vmc_filter_policy_from_level(level, &comparison->policy);

	for (size_t i = 0; !err && i < sizeof(threads) / sizeof(threads[0]); i++) {
		for (size_t j = 0; !err && j < sizeof(memory) / sizeof(memory[0]); j++) {
			comparison->policy.threads = threads[i];
			comparison->policy.memory = memory[j];
			err = try_plan(comparison, i + j == 0, log);
		}
	}
	return err;
}

int main(int argc, char **argv)
{
	struct comparison comparison = {0};
	struct vmc_dump_options options = {.log = {.write = log_line, .arg = &comparison}};
	char log[TEXT_MAX] = "";

	if (argc != 2) {
		fputs("usage: vmcull_plans DUMP\n", stderr);
		return 1;
	}
	comparison.log = log;

	struct vmc_error *err = vmc_dump_open(argv[1], &options, &comparison.dump);

	if (err)
		return fail(err);
	err = vmc_target_open(comparison.dump, NULL, &comparison.target);
	if (!err) {
		err = try_level(&comparison, 31);
		if (!err)
			err = try_level(&comparison, 0);
		vmc_target_close(comparison.target);
	}
	vmc_dump_close(comparison.dump);
	if (err)
		return fail(err);
	printf("%" PRIu64 " plans, %" PRIu64 " extents, %" PRIu64 " differences\n",
	       comparison.plans, comparison.extents, comparison.differences);
	return comparison.differences || !comparison.extents ? 2 : 0;
}
