/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and compresses a sample, and takes the time of both. */
#include <string.h>
#include <time.h>

#include "audit/state.h"
#include "audit/estimate/estimate.h"
#include "base/checked.h"
#include "base/zero.h"
#include "codec/codec.h"
#include "pages/free_map.h"

/* Pages that a codec gets at once, so that its time can be taken: some hundred microseconds. */
#define BATCH_BYTES ((size_t)256 << 10)

/* Places where pages are read one after the other, as a filter does, and how many there. */
#define STRETCHES       32
#define STRETCH_PAGES   64
#define ZERO_PAGE_TIMES 64

struct measure {
	struct vmc_estimate *estimate;
	struct vmc_dump_cursor *cursor;
	void *encoders[VMC_ESTIMATE_CODECS_MAX];
	size_t page_size;
	uint8_t *batch; /* pages not filled with zeros */
	bool *compact;  /* which of them a compact memory map has in blocks */
	size_t batch_count, batch_room;
	uint8_t *page; /* of the cursor */
	uint8_t *out;
	uint64_t done, total; /* pages, for the progress */
};

double estimate_clock(int id)
{
	struct timespec now;

	clock_gettime((clockid_t)id, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double compress_page(const struct measure *measure, size_t codec, const uint8_t *page,
			    struct measured *measured)
{
	const struct vmc_codec *c = measure->estimate->codecs[codec].codec;
	size_t size = c->encode(measure->encoders[codec], page, measure->page_size, measure->out,
				measure->page_size - 1);
	double bytes = (double)(size ? size : measure->page_size);

	measured->sum += bytes;
	measured->squares += bytes * bytes;
	return bytes;
}

static void compress_batch(struct measure *measure, struct stratum *stratum)
{
	for (size_t codec = 0; codec < measure->estimate->options.codec_count; codec++) {
		struct measured *measured = &stratum->codecs[codec];
		double started = estimate_clock(CLOCK_THREAD_CPUTIME_ID);

		for (size_t i = 0; i < measure->batch_count; i++) {
			double bytes = compress_page(
				measure, codec, measure->batch + i * measure->page_size, measured);

			measured->compact += measure->compact[i] ? bytes : 0;
		}
		measured->seconds += estimate_clock(CLOCK_THREAD_CPUTIME_ID) - started;
	}
	measure->batch_count = 0;
}

static bool is_compact(const struct measure *measure, vmc_pfn pfn, const uint8_t *page)
{
	const struct free_map *map = measure->estimate->free_map;
	struct free_map_content content = {.kind = FREE_MAP_NOT};
	vmc_vaddr address;

	if (map && free_map_find(map, pfn, &address))
		free_map_look(map, address, page, &content);
	return content.kind != FREE_MAP_NOT;
}

/* Copies a page.  Whether it was really there is known only afterwards. */
static struct vmc_error *copy_page(struct measure *measure, vmc_pfn pfn, uint8_t *copy)
{
	const void *page;

	TRY(dump_get_page(measure->cursor, pfn, measure->page, &page));
	memcpy(copy, page, measure->page_size);
	return dump_check(measure->cursor);
}

static struct vmc_error *take_page(struct measure *measure, struct stratum *stratum, vmc_pfn pfn)
{
	uint8_t *copy = measure->batch + measure->batch_count * measure->page_size;
	struct vmc_error *err = copy_page(measure, pfn, copy);

	if (!err)
		measure->compact[measure->batch_count] = is_compact(measure, pfn, copy);
	if (err)
		stratum->unreadable++;
	else if (page_is_zero(copy, measure->page_size))
		stratum->zero++;
	else if (++measure->batch_count == measure->batch_room)
		compress_batch(measure, stratum);
	return unless_nomem(err);
}

static struct vmc_error *report_progress(struct measure *measure)
{
	const struct vmc_progress *progress = measure->estimate->options.progress;

	if (progress && progress->step &&
	    !progress->step(progress->arg, "Compressing a sample", measure->done, measure->total))
		return error_create(VMC_ERR_INTERRUPTED, "stopped while a sample was compressed");
	return NULL;
}

/* The pages behind a page of the sample are of the same run, so they may be read as well. */
static struct vmc_error *time_stretch(struct measure *measure, struct stratum *stratum,
				      const struct sample_page *from)
{
	uint64_t count = min_u64(from->follow, STRETCH_PAGES);
	double started = estimate_clock(CLOCK_MONOTONIC);

	for (uint64_t i = 1; i <= count; i++)
		TRY(unless_nomem(copy_page(measure, from->pfn + i, measure->batch)));
	if (count)
		stratum->read_seconds += estimate_clock(CLOCK_MONOTONIC) - started;
	stratum->read_pages += count;
	return NULL;
}

static struct vmc_error *measure_stratum(struct measure *measure, struct stratum *stratum)
{
	const struct sample *sample = &stratum->sample;
	size_t step = sample->count / STRETCHES + 1;

	for (size_t i = 0; i < sample->count; i++) {
		TRY(take_page(measure, stratum, sample->pages[i].pfn));
		if (!(measure->done++ % measure->batch_room))
			TRY(report_progress(measure));
	}
	compress_batch(measure, stratum);
	for (size_t i = 0; i < sample->count; i += step)
		TRY(time_stretch(measure, stratum, &sample->pages[i]));
	return NULL;
}

/* A page full of zeros always becomes the same bytes. */
static void measure_zero_page(struct measure *measure)
{
	struct vmc_estimate *estimate = measure->estimate;

	memset(measure->batch, 0, measure->page_size);
	for (size_t codec = 0; codec < estimate->options.codec_count; codec++) {
		struct measured *zero = &estimate->zero_page[codec];
		double started = estimate_clock(CLOCK_THREAD_CPUTIME_ID);

		for (size_t i = 0; i < ZERO_PAGE_TIMES; i++)
			compress_page(measure, codec, measure->batch, zero);
		zero->seconds =
			(estimate_clock(CLOCK_THREAD_CPUTIME_ID) - started) / ZERO_PAGE_TIMES;
		zero->sum /= ZERO_PAGE_TIMES;
	}
}

static struct vmc_error *measure_init(struct measure *measure)
{
	struct vmc_estimate *estimate = measure->estimate;

	measure->page_size = estimate->target->dump->page_size;
	measure->batch_room = max_u64(1, BATCH_BYTES / measure->page_size);
	measure->batch = malloc(measure->batch_room * measure->page_size);
	measure->page = malloc(measure->page_size);
	measure->out = malloc(CODEC_BOUND(measure->page_size));
	measure->compact = calloc(measure->batch_room, sizeof(*measure->compact));
	if (!measure->compact || !measure->batch || !measure->page || !measure->out)
		return error_nomem();
	for (size_t i = 0; i < estimate->options.codec_count; i++)
		TRY(estimate->codecs[i].codec->encoder_create(estimate->codecs[i].level,
							      &measure->encoders[i]));
	for (size_t i = 0; i < VMC_PAGE_STATE_COUNT; i++)
		measure->total += estimate->strata[i].sample.count;
	return vmc_dump_cursor_create(estimate->target->dump, &measure->cursor);
}

static void measure_deinit(struct measure *measure)
{
	struct vmc_estimate *estimate = measure->estimate;

	for (size_t i = 0; i < estimate->options.codec_count; i++) {
		if (measure->encoders[i])
			estimate->codecs[i].codec->encoder_destroy(measure->encoders[i]);
	}
	vmc_dump_cursor_destroy(measure->cursor);
	free(measure->batch);
	free(measure->compact);
	free(measure->page);
	free(measure->out);
}

static struct vmc_error *measure_all(struct measure *measure)
{
	struct vmc_estimate *estimate = measure->estimate;
	double seconds = 0;
	uint64_t pages = 0;

	TRY(measure_init(measure));
	measure_zero_page(measure);
	for (size_t i = 0; i < VMC_PAGE_STATE_COUNT; i++) {
		struct stratum *stratum = &estimate->strata[i];

		TRY(measure_stratum(measure, stratum));
		seconds += stratum->read_seconds;
		pages += stratum->read_pages;
	}
	estimate->read_seconds = pages ? seconds / (double)pages : 0;
	return report_progress(measure);
}

struct vmc_error *estimate_measure(struct vmc_estimate *estimate)
{
	struct measure measure = {.estimate = estimate};
	struct vmc_error *err = measure_all(&measure);

	measure_deinit(&measure);
	return err;
}
