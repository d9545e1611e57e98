/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all outputs have in common: names, the limit, where the end is. */
#include "write/output.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/checked.h"

struct vmc_error *output_create(const struct output_ops *ops, const char *path,
				const char *unfinished, struct output **ret_output)
{
	_cleanup_(output_destroy) struct output *output = calloc(1, sizeof(*output));

	if (!output)
		return error_nomem();
	output->ops = ops;
	output->limit = UINT64_MAX;
	output->path = strdup(path);
	output->unfinished = strdup(unfinished);
	if (!output->path || !output->unfinished)
		return error_nomem();
	*ret_output = take_ptr(output);
	return NULL;
}

static struct vmc_error *check_limit(const struct output *output, vmc_foff offset, uint64_t size)
{
	vmc_foff end;

	if (!checked_add(offset, size, &end) || end > output->limit)
		return error_system(EFBIG, "%s: the size limit of %" PRIu64 " bytes is reached",
				    output->unfinished, output->limit);
	return NULL;
}

static void region_restart(struct output_region *region)
{
	region->digested = region->start;
	digest_init(&region->digest);
}

void output_region_init(struct output_region *region, vmc_foff start, vmc_foff end)
{
	region->start = start;
	region->end = end;
	region_restart(region);
}

static void region_fill(struct output_region *region, vmc_foff offset)
{
	digest_add_zeros(&region->digest, offset - region->digested);
	region->digested = offset;
}

uint64_t output_region_digest(struct output_region *region)
{
	region_fill(region, region->end);
	return digest_value(&region->digest);
}

static void region_add(struct output_region *region, vmc_foff offset, const uint8_t *bytes,
		       size_t size)
{
	vmc_foff start = max_u64(offset, region->start);
	vmc_foff end = min_u64(offset + size, region->end);

	if (start >= end)
		return;
	if (start < region->digested)
		region_restart(region);
	region_fill(region, start);
	digest_add(&region->digest, bytes + (start - offset), (size_t)(end - start));
	region->digested = end;
}

struct vmc_error *output_write(struct output *output, vmc_foff offset, const void *bytes,
			       size_t size)
{
	if (!size)
		return NULL;
	TRY(check_limit(output, offset, size));
	TRY(output->ops->write(output, offset, bytes, size));
	output->end = max_u64(output->end, offset + size);
	for (size_t i = 0; i < output->region_count; i++)
		region_add(&output->regions[i], offset, bytes, size);
	return NULL;
}

struct vmc_error *output_reserve(struct output *output, vmc_foff offset, uint64_t size)
{
	TRY(check_limit(output, offset, size));
	return output->ops->reserve(output, offset, size);
}

struct vmc_error *output_resize(struct output *output, uint64_t size)
{
	TRY(check_limit(output, size, 0));
	TRY(output->ops->resize(output, size));
	output->end = min_u64(output->end, size);
	return NULL;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct vmc_error *run_timed(struct output *output,
				   struct vmc_error *(*operation)(struct output *output))
{
	double started = seconds_now();
	struct vmc_error *err = operation(output);

	output->sync_seconds += seconds_now() - started;
	return err;
}

struct vmc_error *output_sync(struct output *output)
{
	return run_timed(output, output->ops->sync);
}

void output_discard(struct output *output)
{
	output->ops->discard(output);
}

struct vmc_error *output_leave(struct output *output)
{
	return run_timed(output, output->ops->leave);
}

struct vmc_error *output_commit(struct output *output)
{
	return run_timed(output, output->ops->commit);
}

void output_destroy(struct output *output)
{
	if (!output)
		return;
	io_file_close(output->file);
	free(output->path);
	free(output->unfinished);
	free(output);
}
