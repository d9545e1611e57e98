/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All pages, segment by segment, by one thread or several.  What is found of a segment depends on
 * nothing but the segment, so a plan is the same whoever made which part of it.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "base/thread.h"
#include "filter/plan.h"
#include "pages/walk.h"

/* A terabyte of pages of 4 KiB makes 1,024 segments of a gigabyte; a section of x86_64, 128 MiB, is
 * the smallest. */
#define SEGMENT_SHIFT_MIN 15
#define SEGMENTS_WANTED   1024

/* A thread is not worth its start for less. */
#define SEGMENTS_A_THREAD 4
#define THREADS_MAX       256

/* How often the caller is told of progress. */
#define PROGRESS_STEP_PAGES ((uint64_t)1 << 18)

struct classification {
	struct vmc_plan *plan;
	const struct vmc_progress *progress;
	atomic_bool stop;
	atomic_uint_least64_t done; /* pages */

	pthread_mutex_t lock; /* of all below, the plan and its segments that are done among it */
	size_t next;          /* segment */
	struct vmc_error *err;
	size_t err_segment; /* the first that failed: who comes first is chance */
};

/* One thread. */
struct worker {
	struct classification *all;
	struct vmc_page_walk *walk;
	bool is_caller; /* of us, who alone is told of progress */
	uint64_t told;
	pthread_t thread;
};

static void add_array(uint64_t *sum, const uint64_t *part, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] += part[i];
}

static void tally_add(struct plan_tally *sum, const struct plan_tally *part)
{
	add_array(sum->counts.pages, part->counts.pages, VMC_PAGE_STATE_COUNT);
	add_array(sum->counts.kept, part->counts.kept, VMC_PAGE_STATE_COUNT);
	add_array(sum->counts.decided, part->counts.decided, VMC_PAGE_RULES_MAX);
	sum->counts.nodata += part->counts.nodata;
	sum->counts.unreadable_map += part->counts.unreadable_map;
	sum->free_in_map += part->free_in_map;
	sum->understood += part->understood;
	add_array(sum->refused, part->refused, VMC_PAGE_STATE_COUNT);
}

static struct vmc_error *report_progress(const struct classification *all, vmc_pfn done)
{
	const struct vmc_progress *progress = all->progress;

	if (progress && progress->step &&
	    !progress->step(progress->arg, "Classifying pages", done,
			    vmc_dump_end_pfn(all->plan->dump)))
		return error_create(VMC_ERR_INTERRUPTED, "stopped while pages were classified");
	return NULL;
}

/* Adds @pages to what is done; *ret_stop tells that nobody wants the rest. */
static struct vmc_error *advance(struct worker *worker, uint64_t pages, bool *ret_stop)
{
	struct classification *all = worker->all;
	uint64_t done = atomic_fetch_add(&all->done, pages) + pages;

	*ret_stop = atomic_load(&all->stop);
	if (!worker->is_caller || *ret_stop || done - worker->told < PROGRESS_STEP_PAGES)
		return NULL;
	worker->told = done;
	return report_progress(all, done);
}

/* Ends early, with NULL, when nobody wants the rest. */
static struct vmc_error *walk_segment(struct worker *worker, vmc_pfn start, vmc_pfn end,
				      struct plan_share *share)
{
	const struct vmc_plan *plan = worker->all->plan;
	uint64_t unreadable = vmc_page_walk_unreadable(worker->walk);
	struct vmc_memory_run memory;
	vmc_pfn counted = start;
	bool more = true, stop = false;

	if (!vmc_dump_next_run(plan->dump, start, &memory) || memory.start >= end)
		return advance(worker, end - start, &stop);
	TRY(page_walk_between(worker->walk, start, end));
	while (!stop) {
		struct vmc_page_run run;

		TRY(vmc_page_walk_next(worker->walk, &run, &more));
		if (!more)
			break;
		TRY(plan_add_run(plan, &run, share));
		if (run.start + run.count - counted < PROGRESS_STEP_PAGES)
			continue;
		TRY(advance(worker, run.start + run.count - counted, &stop));
		counted = run.start + run.count;
	}
	share->tally.counts.unreadable_map += vmc_page_walk_unreadable(worker->walk) - unreadable;
	return stop ? NULL : advance(worker, end - counted, &stop);
}

static bool take_segment(struct classification *all, size_t *ret_segment)
{
	bool taken;

	pthread_mutex_lock(&all->lock);
	taken = !atomic_load(&all->stop) && all->next < all->plan->kept.segment_count;
	if (taken)
		*ret_segment = all->next++;
	pthread_mutex_unlock(&all->lock);
	return taken;
}

/* Hands in what was found of a segment. */
static void give_segment(struct classification *all, size_t segment, const struct plan_share *share,
			 struct vmc_error *err)
{
	pthread_mutex_lock(&all->lock);
	tally_add(&all->plan->tally, &share->tally);
	kept_segment_done(&all->plan->kept, share->segment);
	if (err && (!all->err || segment < all->err_segment)) {
		vmc_error_free(all->err);
		all->err = err;
		all->err_segment = segment;
		err = NULL;
		atomic_store(&all->stop, true);
	}
	pthread_mutex_unlock(&all->lock);
	vmc_error_free(err);
}

static void work(struct worker *worker)
{
	struct classification *all = worker->all;
	struct kept *kept = &all->plan->kept;
	size_t segment;

	while (take_segment(all, &segment)) {
		struct plan_share share = {.kept = kept, .segment = &kept->segments[segment]};
		vmc_pfn start, end;

		kept_segment_range(kept, segment, &start, &end);
		give_segment(all, segment, &share, walk_segment(worker, start, end, &share));
	}
}

static void *work_in_thread(void *arg)
{
	work(arg);
	return NULL;
}

/* How many are worth it.  What is told of every read is so by one thread. */
static size_t thread_count(const struct vmc_plan *plan)
{
	const struct vmc_dump *dump = plan->dump;
	size_t most = plan->kept.segment_count / SEGMENTS_A_THREAD;

	if (!dump_is_for_threads(dump) || dump->file->trace.read)
		most = 1;
	most = min_u64(most, min_u64(plan->policy.threads, THREADS_MAX));
	return max_u64(most, 1);
}

/* Those that cannot be had are done without. */
static size_t start_workers(struct classification *all, const struct vmc_page_walk *walk,
			    struct worker *workers, size_t wanted)
{
	size_t count = 0;

	for (; count < wanted; count++) {
		struct worker *worker = &workers[count];
		struct vmc_error *err;

		*worker = (struct worker){.all = all};
		err = page_walk_fork(walk, &worker->walk);
		if (!err && thread_start(work_in_thread, worker, &worker->thread))
			continue;
		vmc_page_walk_destroy(worker->walk);
		vmc_error_free(err);
		break;
	}
	return count;
}

static struct vmc_error *classify(struct vmc_plan *plan, const struct vmc_progress *progress)
{
	struct classification all = {.plan = plan, .progress = progress};
	struct worker self = {.all = &all, .walk = plan->walk, .is_caller = true};
	size_t wanted = thread_count(plan) - 1;
	_cleanup_free_ struct worker *workers = calloc(wanted + 1, sizeof(*workers));

	if (!workers)
		return error_nomem();
	TRY(report_progress(&all, 0));
	pthread_mutex_init(&all.lock, NULL);

	size_t started = start_workers(&all, plan->walk, workers, wanted);

	work(&self);
	for (size_t i = 0; i < started; i++) {
		pthread_join(workers[i].thread, NULL);
		vmc_page_walk_destroy(workers[i].walk);
	}
	pthread_mutex_destroy(&all.lock);
	TRY(all.err);
	kept_seal(&plan->kept);
	return report_progress(&all, vmc_dump_end_pfn(plan->dump));
}

/* Memory that changes is looked at once. */
static size_t kept_budget(const struct vmc_plan *plan)
{
	if (vmc_target_is_live(plan->target))
		return SIZE_MAX;
	return plan->policy.memory ? plan->policy.memory : KEPT_BUDGET;
}

static unsigned int segment_shift(vmc_pfn end)
{
	unsigned int shift = SEGMENT_SHIFT_MIN;

	while (end >> shift > SEGMENTS_WANTED)
		shift++;
	return shift;
}

struct vmc_error *plan_classify(struct vmc_plan *plan, struct vmc_page_walk *walk,
				const struct vmc_progress *progress)
{
	vmc_pfn end = vmc_dump_end_pfn(plan->dump);
	struct kept *kept = &plan->kept;
	bool is_needed = false;

	plan->walk = walk;
	TRY(kept_divide(kept, end, segment_shift(end), &plan_second_walk, plan, kept_budget(plan)));
	TRY(classify(plan, progress));
	for (size_t i = 0; i < kept->segment_count; i++)
		is_needed |= kept->segments[i].counted;
	if (!is_needed)
		vmc_page_walk_destroy(take_ptr(plan->walk));
	return NULL;
}
