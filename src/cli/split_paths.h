/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump in several files: OUT.1, OUT.2 and so on. */
#ifndef VMCULL_CLI_SPLIT_PATHS_H
#define VMCULL_CLI_SPLIT_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include <vmcull/write.h>

struct split_paths {
	char **list;
	struct vmc_write_summary *summaries;
	size_t count;
};

/* Says so and returns false when memory is short. */
bool split_paths_init(struct split_paths *paths, const char *output, size_t count);
void split_paths_deinit(struct split_paths *paths);

/* output_check() of each. */
int split_paths_check(const struct split_paths *paths, const char *input, bool replace);

/* Writes the files; *ret_written sums up, *ret_parts is how many there are. */
struct vmc_error *split_paths_write(struct split_paths *paths, const char *output,
				    struct vmc_plan *plan, const struct vmc_write_options *options,
				    struct vmc_write_summary *ret_written, size_t *ret_parts);

#endif
