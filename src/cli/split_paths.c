/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "split_paths.h"

#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "message.h"
#include "output.h"
#include "parts.h"

bool split_paths_init(struct split_paths *paths, const char *output, size_t count)
{
	*paths = (struct split_paths){
		.list = calloc(count, sizeof(*paths->list)),
		.summaries = calloc(count, sizeof(*paths->summaries)),
	};
	while (paths->list && paths->count < count) {
		if (asprintf(&paths->list[paths->count], "%s.%zu", output, paths->count + 1) < 0)
			break;
		paths->count++;
	}
	if (paths->summaries && paths->list && paths->count == count)
		return true;
	message_error("out of memory");
	split_paths_deinit(paths);
	return false;
}

void split_paths_deinit(struct split_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->list[i]);
	free(paths->list);
	free(paths->summaries);
	*paths = (struct split_paths){0};
}

int split_paths_check(const struct split_paths *paths, const char *input, bool replace)
{
	for (size_t i = 0; i < paths->count; i++) {
		int status = output_check(paths->list[i], input, replace);

		if (status != STATUS_DONE)
			return status;
	}
	return STATUS_DONE;
}

struct vmc_error *split_paths_write(struct split_paths *paths, const char *output,
				    struct vmc_plan *plan, const struct vmc_write_options *options,
				    struct vmc_write_summary *ret_written, size_t *ret_parts)
{
	struct vmc_error *err =
		vmc_write_split(plan, (const char *const *)paths->list, paths->count, 0, options,
				paths->summaries, ret_parts);

	*ret_written = parts_sum(paths->summaries, *ret_parts);
	snprintf(ret_written->path, sizeof(ret_written->path), "%s", output);
	return err;
}
