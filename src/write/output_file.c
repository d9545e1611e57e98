/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file, under another name until it is whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "write/output.h"

static struct vmc_error *file_write(struct output *output, vmc_foff offset, const void *bytes,
				    size_t size)
{
	return io_file_write(output->file, offset, bytes, size);
}

static struct vmc_error *file_reserve(struct output *output, vmc_foff offset, uint64_t size)
{
	return io_file_reserve(output->file, offset, size);
}

static struct vmc_error *file_resize(struct output *output, uint64_t size)
{
	return io_file_resize(output->file, size);
}

static struct vmc_error *file_sync(struct output *output)
{
	return io_file_sync(output->file);
}

void output_file_discard(struct output *output)
{
	/* A device stays where it is. */
	if (!output->device)
		io_get_syscalls()->unlink(output->unfinished);
}

struct vmc_error *output_file_leave(struct output *output)
{
	struct vmc_error *err = io_file_sync(output->file);
	struct vmc_error *close_err = io_file_finish(take_ptr(output->file));

	if (err) {
		vmc_error_free(close_err);
		return err;
	}
	return close_err;
}

struct vmc_error *output_file_commit(struct output *output)
{
	TRY(output_file_leave(output));
	if (strcmp(output->unfinished, output->path) == 0)
		return NULL;
	return io_rename(output->unfinished, output->path);
}

static const struct output_ops file_ops = {
	.write = file_write,
	.reserve = file_reserve,
	.resize = file_resize,
	.sync = file_sync,
	.discard = output_file_discard,
	.leave = output_file_leave,
	.commit = output_file_commit,
};

static struct vmc_error *refuse_existing(const char *path)
{
	if (access(path, F_OK) == 0)
		return error_create(VMC_ERR_REFUSED, "%s: exists already", path);
	return NULL;
}

/* For a caller who has the name changed when all is well, as scripts do. */
static struct vmc_error *create_in_place(const struct output_ops *ops, const char *path,
					 bool replace, struct output **ret_output)
{
	_cleanup_(output_destroy) struct output *output = NULL;

	TRY(output_create(ops, path, path, &output));
	if (!replace)
		TRY(refuse_existing(path));
	TRY(io_file_create(path, replace, &output->file));
	output->device = output->file->device;
	io_file_write_behind(output->file);
	*ret_output = take_ptr(output);
	return NULL;
}

struct vmc_error *output_create_file_of(const struct output_ops *ops, const char *path,
					bool replace, bool in_place, struct output **ret_output)
{
	_cleanup_(output_destroy) struct output *output = NULL;
	_cleanup_free_ char *unfinished = NULL;

	if (in_place)
		return create_in_place(ops, path, replace, ret_output);
	if (asprintf(&unfinished, "%s.incomplete", path) < 0) {
		unfinished = NULL;
		return error_nomem();
	}
	TRY(output_create(ops, path, unfinished, &output));
	if (replace) {
		/* Not truncated: it may be a link to something precious, or readable by all. */
		io_get_syscalls()->unlink(unfinished);
	} else {
		TRY(refuse_existing(path));
		TRY(refuse_existing(unfinished));
	}
	TRY(io_file_create(unfinished, false, &output->file));
	io_file_write_behind(output->file);
	*ret_output = take_ptr(output);
	return NULL;
}

struct vmc_error *output_create_file(const char *path, bool replace, bool in_place,
				     struct output **ret_output)
{
	return output_create_file_of(&file_ops, path, replace, in_place, ret_output);
}
