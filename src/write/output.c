/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct vmc_error *refuse_existing(const char *path)
{
	if (access(path, F_OK) == 0)
		return error_create(VMC_ERR_REFUSED, "%s: exists already", path);
	return NULL;
}

struct vmc_error *output_create(const char *path, bool replace, struct output **ret_output)
{
	_cleanup_(output_destroy) struct output *output = calloc(1, sizeof(*output));

	if (!output)
		return error_nomem();
	output->path = strdup(path);
	if (!output->path || asprintf(&output->unfinished, "%s.incomplete", path) < 0) {
		output->unfinished = NULL;
		return error_nomem();
	}
	if (replace) {
		/* Not truncated: it may be a link to something precious, or readable by all. */
		io_get_syscalls()->unlink(output->unfinished);
	} else {
		TRY(refuse_existing(output->path));
		TRY(refuse_existing(output->unfinished));
	}
	TRY(io_file_create(output->unfinished, false, &output->file));
	*ret_output = take_ptr(output);
	return NULL;
}

void output_discard(struct output *output)
{
	io_get_syscalls()->unlink(output->unfinished);
}

struct vmc_error *output_leave(struct output *output)
{
	struct vmc_error *err = io_file_sync(output->file);
	struct vmc_error *close_err = io_file_finish(take_ptr(output->file));

	if (err) {
		vmc_error_free(close_err);
		return err;
	}
	return close_err;
}

struct vmc_error *output_commit(struct output *output)
{
	TRY(output_leave(output));
	return io_rename(output->unfinished, output->path);
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
