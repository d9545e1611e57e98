/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a dump to one output, and what to do when that ends early. */
#include <vmcull/write.h>

#include "write/run.h"

static struct vmc_error *save_all(struct run *run, struct writer *writer)
{
	TRY(writer->format->begin(writer));
	TRY(run_save_pages(run, writer, UINT64_MAX));
	return writer->format->finish(writer, true);
}

static struct vmc_error *save(struct run *run, struct writer *writer,
			      struct vmc_write_summary *ret_summary)
{
	struct vmc_error *err = save_all(run, writer);
	bool full = err && run_is_full(err);
	bool worthless = run_is_worthless(run, writer->output, writer->totals.pages, full);

	if (!err)
		err = output_commit(writer->output);
	else if (worthless)
		output_discard(writer->output);
	else
		run_leave(writer);
	run_fill_summary(run, writer, !err, err && !worthless, ret_summary);
	ret_summary->full = full;
	return err;
}

static struct vmc_error *run_save(struct run *run, struct vmc_plan *plan, struct output *output,
				  struct vmc_write_summary *ret_summary)
{
	struct writer writer = run_writer(run, plan, output);
	struct vmc_error *err = save(run, &writer, ret_summary);

	writer.format->destroy(&writer);
	return err;
}

struct vmc_error *vmc_write(struct vmc_plan *plan, const char *path,
			    const struct vmc_write_options *options,
			    struct vmc_write_summary *ret_summary)
{
	_cleanup_(output_destroy) struct output *output = NULL;
	_cleanup_(run_deinit) struct run run = {0};

	*ret_summary = (struct vmc_write_summary){0};
	TRY(run_init(&run, plan, options));
	TRY(run_create_output(&run, path, &output));
	return run_save(&run, plan, output, ret_summary);
}

struct vmc_error *vmc_write_stream(struct vmc_plan *plan, int fd, const char *name,
				   const struct vmc_write_options *options,
				   struct vmc_write_summary *ret_summary)
{
	_cleanup_(output_destroy) struct output *output = NULL;
	_cleanup_(run_deinit) struct run run = {0};

	*ret_summary = (struct vmc_write_summary){0};
	TRY(run_init(&run, plan, options));
	if (options->dry_run)
		TRY(output_create_nothing(name, &output));
	else
		TRY(output_create_stream(fd, name, &output));
	return run_save(&run, plan, output, ret_summary);
}
