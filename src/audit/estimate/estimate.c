/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stratified sampling: the pages of each state are a stratum, whose size is known exactly, and of
 * which as many are drawn as were asked for.  The size of a file is a sum over the strata that its
 * level keeps; so is the variance of the estimate.
 */
#include "audit/estimate/estimate.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/checked.h"
#include "filter/plan.h"
#include "dump/kdump_checksum.h"
#include "pages/free_map.h"
#include "write/kdump_headers.h"

#define PROGRESS_STEP_PAGES ((uint64_t)1 << 18)

/* Any number will do, as long as it stays. */
#define SEED 0x766d63756c6c

/* 95 of 100 values of a normal distribution lie within so many standard deviations. */
#define QUANTILE_95 1.96

static uint32_t level_drops(int level, bool *ret_drop_zero)
{
	struct vmc_filter_policy policy = {0};

	/* Only a level out of range fails. */
	vmc_error_free(vmc_filter_policy_from_level(level, &policy));
	*ret_drop_zero = policy.drop_zero;
	return policy.drop | VMC_STATES_FORBIDDEN;
}

static struct vmc_error *check_options(const struct vmc_estimate_options *options)
{
	if (!options->codec_count || options->codec_count > VMC_ESTIMATE_CODECS_MAX)
		return error_create(VMC_ERR_INVALID, "from 1 to %d codecs can be compared",
				    VMC_ESTIMATE_CODECS_MAX);
	if (options->sample < 2 || options->sample > VMC_ESTIMATE_SAMPLE_MAX)
		return error_create(VMC_ERR_INVALID, "a sample is from 2 to %d pages of each state",
				    VMC_ESTIMATE_SAMPLE_MAX);
	return NULL;
}

static struct vmc_error *add_run(struct vmc_estimate *estimate, const struct vmc_page_run *run,
				 uint64_t *understood)
{
	struct stratum *stratum = &estimate->strata[run->state];

	if (run->state != VMC_PAGE_UNKNOWN)
		*understood += run->count;
	if (run->memory != VMC_MEMORY_DATA)
		return NULL;
	stratum->pages += run->count;
	if (!(estimate->kept & VMC_STATE_BIT(run->state)))
		return NULL;
	return sample_put(&stratum->sample, run->start, run->count);
}

static struct vmc_error *report_progress(const struct vmc_estimate *estimate, vmc_pfn done,
					 vmc_pfn *told)
{
	const struct vmc_progress *progress = estimate->options.progress;

	if (!progress || !progress->step || done - *told < PROGRESS_STEP_PAGES)
		return NULL;
	*told = done;
	if (!progress->step(progress->arg, "Classifying pages", done,
			    vmc_dump_end_pfn(estimate->target->dump)))
		return error_create(VMC_ERR_INTERRUPTED, "stopped while pages were classified");
	return NULL;
}

static struct vmc_error *walk(struct vmc_estimate *estimate, struct vmc_page_walk *pages)
{
	uint64_t understood = 0;
	vmc_pfn told = 0;

	for (;;) {
		struct vmc_page_run run;
		bool more;

		TRY(vmc_page_walk_next(pages, &run, &more));
		if (!more)
			break;
		TRY(add_run(estimate, &run, &understood));
		TRY(report_progress(estimate, run.start + run.count, &told));
	}
	if (understood)
		return NULL;
	return error_create(VMC_ERR_MISSING,
			    "the memory map is not in the dump: not one page of it can be "
			    "understood");
}

static struct vmc_error *classify(struct vmc_estimate *estimate)
{
	/* Every page that may be read later on is looked at itself. */
	struct vmc_page_walk_options options = {0};
	double started = estimate_clock(CLOCK_MONOTONIC);
	struct vmc_page_walk *pages;

	TRY(vmc_page_walk_create(estimate->target, &options, &pages));

	struct vmc_error *err = walk(estimate, pages);

	vmc_page_walk_destroy(pages);
	for (size_t i = 0; i < VMC_PAGE_STATE_COUNT; i++)
		sample_sort(&estimate->strata[i].sample);
	estimate->walk_seconds = estimate_clock(CLOCK_MONOTONIC) - started;
	return err;
}

/* What a file has before its data depends on nothing but the number of pages. */
static struct vmc_error *plan_head(struct vmc_estimate *estimate, int level)
{
	struct vmc_plan plan = {.dump = estimate->target->dump, .target = estimate->target};
	struct kdump_places places;
	bool drop_zero;
	uint32_t drop = level_drops(level, &drop_zero);
	uint64_t pages = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		pages += drop & VMC_STATE_BIT(state) ? 0 : estimate->strata[state].pages;
	identity_from_target(estimate->target, &plan.identity);
	kept_init(&plan.kept);

	struct vmc_error *err = kept_append(&plan.kept, 0, pages);

	if (!err)
		err = kdump_places_plan(&plan, &places);
	kept_deinit(&plan.kept);
	TRY(err);
	estimate->pages[level] = pages;
	estimate->head_bytes[level] = places.data + KDUMP_TRAILER_SIZE +
				      (drop_zero ? estimate->target->dump->page_size : 0);
	return NULL;
}

static void set_up(struct vmc_estimate *estimate, const struct vmc_estimate_options *options)
{
	bool drop_zero;

	estimate->options = *options;
	memcpy(estimate->codecs, options->codecs, options->codec_count * sizeof(*options->codecs));
	for (int level = 0; level < VMC_ESTIMATE_LEVELS; level++) {
		if (options->levels >> level & 1)
			estimate->kept |= ~level_drops(level, &drop_zero);
	}
	for (unsigned int i = 0; i < VMC_PAGE_STATE_COUNT; i++)
		sample_init(&estimate->strata[i].sample, options->sample, SEED + i);
}

/* What cannot be made compact saves nothing. */
static struct vmc_error *find_free_map(struct vmc_estimate *estimate)
{
	struct vmc_error *err = free_map_create(estimate->target, &estimate->free_map);

	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	vmc_error_free(err);
	return NULL;
}

struct vmc_error *vmc_estimate_create(struct vmc_target *target,
				      const struct vmc_estimate_options *options,
				      struct vmc_estimate **ret_estimate)
{
	_cleanup_(vmc_estimate_destroy) struct vmc_estimate *estimate = NULL;

	TRY(check_options(options));
	estimate = calloc(1, sizeof(*estimate));
	if (!estimate)
		return error_nomem();
	estimate->target = target;
	set_up(estimate, options);
	TRY(classify(estimate));
	TRY(find_free_map(estimate));
	for (int level = 0; level < VMC_ESTIMATE_LEVELS; level++)
		TRY(plan_head(estimate, level));
	TRY(estimate_measure(estimate));
	*ret_estimate = take_ptr(estimate);
	return NULL;
}

void vmc_estimate_destroy(struct vmc_estimate *estimate)
{
	if (!estimate)
		return;
	for (size_t i = 0; i < VMC_PAGE_STATE_COUNT; i++)
		sample_deinit(&estimate->strata[i].sample);
	free_map_destroy(estimate->free_map);
	free(estimate);
}

struct estimate_mean estimate_mean(uint64_t count, uint64_t zeros, double zero_value, double sum,
				   double squares, double most)
{
	double n = (double)count, all = n + 2;

	if (!count)
		return (struct estimate_mean){0};
	sum += (double)zeros * zero_value;
	squares += (double)zeros * zero_value * zero_value + most * most;

	double middle = (sum + most) / all;

	return (struct estimate_mean){
		.mean = sum / n,
		.variance = fmax(0, (squares - all * middle * middle) / (all - 1)),
	};
}

/* Of a page of the stratum, on average. */
static double page_seconds(const struct vmc_estimate *estimate, const struct stratum *stratum,
			   size_t codec, bool drop_zero)
{
	double n = (double)stratum->sample.count, zero = (double)stratum->zero;
	double read = stratum->read_pages ? stratum->read_seconds / (double)stratum->read_pages
					  : estimate->read_seconds;
	double zero_seconds = drop_zero ? 0 : zero * estimate->zero_page[codec].seconds;

	return read + (stratum->codecs[codec].seconds + zero_seconds) / n;
}

void vmc_estimate_figure(const struct vmc_estimate *estimate, int level, size_t codec,
			 struct vmc_estimate_figure *ret_figure)
{
	bool drop_zero;
	uint32_t drop = level_drops(level, &drop_zero);
	double zero_value = drop_zero ? 0 : estimate->zero_page[codec].sum;
	double bytes = 0, variance = 0, seconds = estimate->walk_seconds, compact = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++) {
		const struct stratum *stratum = &estimate->strata[state];
		double pages = (double)stratum->pages, n = (double)stratum->sample.count;

		if (drop & VMC_STATE_BIT(state) || !stratum->sample.count)
			continue;

		struct estimate_mean page =
			estimate_mean(stratum->sample.count, stratum->zero, zero_value,
				      stratum->codecs[codec].sum, stratum->codecs[codec].squares,
				      (double)estimate->target->dump->page_size);

		bytes += pages * page.mean;
		compact += pages / n * stratum->codecs[codec].compact;
		/* Those that were drawn are no longer uncertain. */
		variance += pages * pages * (1 - n / pages) * page.variance / n;
		seconds += pages * page_seconds(estimate, stratum, codec, drop_zero);
	}
	*ret_figure = (struct vmc_estimate_figure){
		.pages = estimate->pages[level],
		.bytes = estimate->head_bytes[level] + (uint64_t)bytes,
		.compact_bytes = (uint64_t)compact,
		.error = (uint64_t)ceil(QUANTILE_95 * sqrt(fmax(0, variance))),
		.seconds = seconds,
	};
}

void vmc_estimate_state(const struct vmc_estimate *estimate, enum vmc_page_state state,
			struct vmc_estimate_state *ret_state)
{
	const struct stratum *stratum = &estimate->strata[state];

	*ret_state = (struct vmc_estimate_state){
		.pages = stratum->pages,
		.sampled = stratum->sample.count,
		.zero = stratum->zero,
		.unreadable = stratum->unreadable,
	};
}
