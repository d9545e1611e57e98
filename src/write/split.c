/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a dump as several kdump files, each with a part of the pages, in one run.
 *
 * Each file tells by its bitmaps of all pages, so that no file is finished before the last page was
 * looked at.  The files are complete or incomplete together: crash wants the main headers of all to
 * be the same.
 */
#include <vmcull/write.h>

#include <inttypes.h>

#include "base/checked.h"
#include "write/kdump_headers.h"
#include "write/run.h"

/* crash looks at bitmaps in words of 64 bits from the first page of a part on. */
#define BLOCK_PAGES_MIN 64

/* Each is an open file with bitmap and descriptors in memory. */
#define PARTS_MAX 1024

struct part {
	struct writer_part range;
	struct output *output;
	struct writer writer;
	bool committed;
};

struct split {
	struct part *parts;
	size_t count;
	struct writer_saved saved;
};

static void split_deinit_cleanup(struct split *split)
{
	for (size_t i = 0; i < split->count; i++) {
		if (split->parts[i].writer.format)
			split->parts[i].writer.format->destroy(&split->parts[i].writer);
		output_destroy(split->parts[i].output);
	}
	extents_deinit(&split->saved.lost);
	free(split->parts);
}

/* Cuts [first, end) into parts with about as many pages each, at multiples of @block pages from
 * first on.  *ret_count is how many have pages; those that would not are joined with others. */
static struct vmc_error *cut(const struct kept *kept, vmc_pfn first, vmc_pfn end, uint64_t block,
			     struct part *parts, size_t wanted, size_t *ret_count)
{
	uint64_t total = kept_total(kept), rank, start_rank;
	vmc_pfn start = first, pfn;
	size_t count = 0;

	TRY(kept_rank(kept, start, &start_rank));
	for (size_t i = 1; i < wanted; i++) {
		TRY(kept_member(kept, total * i / wanted, &pfn));
		pfn = max_u64(pfn, first);

		vmc_pfn border = first + align_down(pfn - first, block);

		if (border <= start)
			continue;
		TRY(kept_rank(kept, border, &rank));
		if (rank == start_rank)
			continue;
		parts[count++].range = (struct writer_part){.start = start, .end = border};
		start = border;
		start_rank = rank;
	}
	parts[count++].range = (struct writer_part){.start = start, .end = end};
	*ret_count = count;
	return NULL;
}

static struct vmc_error *choose_parts(const struct vmc_plan *plan, uint64_t block_bytes,
				      size_t wanted, struct split *split)
{
	const struct vmc_dump *dump = plan->dump;
	vmc_pfn first = kdump_first_pfn(plan);
	uint64_t block = BLOCK_PAGES_MIN;
	size_t count;

	while (block < block_bytes >> dump->page_shift && block < (uint64_t)1 << 62)
		block *= 2;
	/* Blocks that are too large for so many parts are made smaller. */
	for (;; block /= 2) {
		TRY(cut(&plan->kept, first, dump->end_pfn, block, split->parts, wanted, &count));
		if (count == wanted || block == BLOCK_PAGES_MIN)
			break;
	}
	if (count < wanted)
		log_warning(&dump->log,
			    "0x%" PRIx64 " pages make %zu parts, not %zu: none is empty",
			    kept_total(&plan->kept), count, wanted);
	split->count = count;
	return NULL;
}

static struct vmc_error *create_outputs(struct split *split, const struct run *run,
					const struct vmc_plan *plan, const char *const *paths)
{
	for (size_t i = 0; i < split->count; i++) {
		struct part *part = &split->parts[i];

		TRY(run_create_output(run, paths[i], &part->output));
		part->range.saved = &split->saved;
		part->writer = run_writer(run, plan, part->output);
		part->writer.part = &part->range;
	}
	return NULL;
}

static struct vmc_error *save_parts(struct split *split, struct run *run)
{
	for (size_t i = 0; i < split->count; i++)
		TRY(run->format->begin(&split->parts[i].writer));
	for (size_t i = 0; i < split->count; i++)
		TRY(run_save_pages(run, &split->parts[i].writer, split->parts[i].range.end));
	for (size_t i = 0; i < split->count; i++)
		TRY(run->format->finish(&split->parts[i].writer, true));
	return NULL;
}

/* Gives all their names; those that have theirs keep them when another cannot get its own. */
static struct vmc_error *commit_parts(struct split *split)
{
	struct vmc_error *first = NULL;

	for (size_t i = 0; i < split->count; i++) {
		struct vmc_error *err = output_commit(split->parts[i].output);

		split->parts[i].committed = !err;
		if (first)
			vmc_error_free(err);
		else
			first = err;
	}
	return first;
}

static void discard_parts(struct split *split)
{
	for (size_t i = 0; i < split->count; i++)
		if (split->parts[i].output)
			output_discard(split->parts[i].output);
}

static uint64_t pages_saved(const struct split *split)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < split->count; i++)
		pages += split->parts[i].writer.totals.pages;
	return pages;
}

static struct vmc_error *save(struct split *split, struct run *run,
			      struct vmc_write_summary *ret_summaries)
{
	struct vmc_error *err = save_parts(split, run);
	bool full = err && run_is_full(err);
	bool worthless = run_is_worthless(run, split->parts[0].output, pages_saved(split), full);

	if (!err)
		err = commit_parts(split);
	else if (worthless)
		discard_parts(split);
	else
		for (size_t i = 0; i < split->count; i++)
			run_leave(&split->parts[i].writer);
	for (size_t i = 0; i < split->count; i++) {
		bool committed = split->parts[i].committed;

		run_fill_summary(run, &split->parts[i].writer, committed,
				 err && !worthless && !committed, &ret_summaries[i]);
		ret_summaries[i].full = full;
	}
	return err;
}

struct vmc_error *vmc_write_split(struct vmc_plan *plan, const char *const *paths, size_t count,
				  uint64_t block_bytes, const struct vmc_write_options *options,
				  struct vmc_write_summary *ret_summaries, size_t *ret_count)
{
	_cleanup_(split_deinit) struct split split = {0};
	_cleanup_(run_deinit) struct run run = {0};

	*ret_count = 0;
	if (options->format != VMC_OUTPUT_KDUMP || !count || count > PARTS_MAX)
		return error_create(VMC_ERR_INVALID, "only kdump files have parts, 1 to %d",
				    PARTS_MAX);
	extents_init(&split.saved.lost);
	TRY(run_init(&run, plan, options));
	split.parts = calloc(count, sizeof(*split.parts));
	if (!split.parts)
		return error_nomem();
	TRY(choose_parts(plan, block_bytes, count, &split));

	struct vmc_error *err = create_outputs(&split, &run, plan, paths);

	if (err) {
		discard_parts(&split);
		return err;
	}
	*ret_count = split.count;
	return save(&split, &run, ret_summaries);
}
