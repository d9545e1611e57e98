/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing: a dry run reads, compresses and counts, and leaves no file. */
#include "write/output.h"

static struct vmc_error *nothing_write(struct output *output, vmc_foff offset, const void *bytes,
				       size_t size)
{
	(void)output, (void)offset, (void)bytes, (void)size;
	return NULL;
}

static struct vmc_error *nothing_reserve(struct output *output, vmc_foff offset, uint64_t size)
{
	(void)output, (void)offset, (void)size;
	return NULL;
}

static struct vmc_error *nothing_resize(struct output *output, uint64_t size)
{
	(void)output, (void)size;
	return NULL;
}

static struct vmc_error *nothing_done(struct output *output)
{
	(void)output;
	return NULL;
}

static void nothing_discard(struct output *output)
{
	(void)output;
}

static const struct output_ops nothing_ops = {
	.write = nothing_write,
	.reserve = nothing_reserve,
	.resize = nothing_resize,
	.sync = nothing_done,
	.discard = nothing_discard,
	.leave = nothing_done,
	.commit = nothing_done,
};

struct vmc_error *output_create_nothing(const char *path, struct output **ret_output)
{
	return output_create(&nothing_ops, path, path, ret_output);
}
