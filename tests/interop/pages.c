/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmcull_pages DUMP: what libvmcull says of every page, for scripts that hold it against others.
 *
 * A line a run of pages: PFN COUNT STATE ORDER MEMORY RULE, the pfn in hexadecimal.  Ends with 1
 * when the walk failed, and with 2 when it told of the same page twice or went backwards.
 */
#include <inttypes.h>
#include <stdio.h>

#include <vmcull/vmcull.h>

static int fail(struct vmc_error *err)
{
	fprintf(stderr, "vmcull_pages: %s\n", vmc_error_message(err));
	vmc_error_free(err);
	return 1;
}

static void print_warning(void *arg, enum vmc_log_level level, const char *message)
{
	(void)arg;
	if (level == VMC_LOG_WARNING)
		fprintf(stderr, "vmcull_pages: %s\n", message);
}

static void print_run(const struct vmc_page_run *run)
{
	printf("%" PRIx64 " %" PRIu64 " %s %u %s %s\n", run->start, run->count,
	       vmc_page_state_name(run->state), run->order,
	       run->memory == VMC_MEMORY_DATA ? "data" : "nodata", vmc_page_rule(run->rule)->name);
}

static int print_runs(struct vmc_page_walk *walk)
{
	vmc_pfn end = 0;

	for (;;) {
		struct vmc_page_run run;
		bool more;
		struct vmc_error *err = vmc_page_walk_next(walk, &run, &more);

		if (err)
			return fail(err);
		if (!more)
			return 0;
		if (run.start < end || !run.count) {
			fprintf(stderr, "vmcull_pages: pfn 0x%" PRIx64 " told of again\n",
				run.start);
			return 2;
		}
		end = run.start + run.count;
		print_run(&run);
	}
}

static int walk_target(struct vmc_target *target)
{
	struct vmc_page_walk *walk;
	struct vmc_error *err = vmc_page_walk_create(target, NULL, &walk);

	if (err)
		return fail(err);

	int status = print_runs(walk);

	vmc_page_walk_destroy(walk);
	return status;
}

static int walk_dump(struct vmc_dump *dump)
{
	struct vmc_target *target;
	struct vmc_error *err = vmc_target_open(dump, NULL, &target);

	if (err)
		return fail(err);

	int status = walk_target(target);

	vmc_target_close(target);
	return status;
}

int main(int argc, char **argv)
{
	struct vmc_dump_options options = {.log = {.write = print_warning}};
	struct vmc_dump *dump;

	if (argc != 2) {
		fputs("usage: vmcull_pages DUMP\n", stderr);
		return 1;
	}

	struct vmc_error *err = vmc_dump_open(argv[1], &options, &dump);

	if (err)
		return fail(err);

	int status = walk_dump(dump);

	vmc_dump_close(dump);
	if (fflush(stdout) || ferror(stdout))
		status = 1;
	return status;
}
