/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/create.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "compat/codec.h"
#include "compat/erasure.h"
#include "compat/meter.h"
#include "compat/outputs.h"
#include "compat/say.h"
#include "compat/session.h"
#include "compat/statistics.h"
#include "compat/translate.h"
#include "message.h"
#include "parts.h"

struct create {
	const struct compat_args *args;
	struct inputs inputs;
	struct opened opened;
	struct erasure erasure;
	char **outputs;
	size_t output_count, saved_count;
	struct vmc_write_summary *parts; /* with --split: of each output */
	size_t attempt;                  /* index of the level */
	struct vmc_write_summary written;
};

static char *const stream_name = (char[]){"STDOUT"};

static void name_outputs(struct create *create)
{
	const struct compat_args *args = create->args;
	size_t inputs = args->disk_count ? 0 : 1;

	create->outputs = args->operands + inputs;
	create->output_count = args->operand_count - inputs;
	if (compat_given(args, 'F')) {
		create->outputs = (char **)&stream_name;
		create->output_count = 1;
	}
}

static bool outputs_are_fit(const struct create *create)
{
	if (compat_given(create->args, 'F'))
		return true;
	for (size_t i = 0; i < create->output_count; i++)
		if (!output_is_fit(create->args, create->outputs[i], session_name(create->args)))
			return false;
	return true;
}

static bool more_levels(const struct create *create)
{
	return create->attempt + 1 < create->args->level_count;
}

static struct vmc_error *write_parts(struct create *create, struct vmc_plan *plan,
				     const struct vmc_write_options *options)
{
	struct vmc_error *err =
		vmc_write_split(plan, (const char *const *)create->outputs, create->output_count,
				create->args->splitblock_bytes, options, create->parts,
				&create->saved_count);

	create->written = parts_sum(create->parts, create->output_count);
	return err;
}

static struct vmc_error *write_dump(struct create *create, struct vmc_plan *plan)
{
	const struct compat_args *args = create->args;
	struct vmc_progress progress = meter_callback();
	struct vmc_write_options options = {
		.format = compat_given(args, 'E') ? VMC_OUTPUT_ELF : VMC_OUTPUT_KDUMP,
		.codec = compat_codec(args),
		.replace = compat_given(args, 'f'),
		.in_place = true,
		.dry_run = compat_given(args, COMPAT_DRY_RUN),
		.discard_when_full = more_levels(create),
		.size_limit = args->size_limit,
		.progress = &progress,
	};
	const struct resources resources = session_resources(args);
	struct vmc_error *err = resources_apply(&resources, plan, &options);

	if (err)
		return err;
	if (create->parts)
		err = write_parts(create, plan, &options);
	else if (compat_given(args, 'F') && !options.dry_run)
		err = vmc_write_stream(plan, STDOUT_FILENO, stream_name, &options,
				       &create->written);
	else
		err = vmc_write(plan, create->outputs[0], &options, &create->written);
	meter_end();
	return err;
}

/* Pages that were wanted and are not there fail the run, though the dump is kept and can be used:
 * makedumpfile would have given up at the first of them. */
static int tell_saved(const struct create *create, const struct vmc_plan *plan, int level)
{
	const struct vmc_write_summary *written = &create->written;

	statistics_print(vmc_plan_counts(plan), level & 1 ? written->zero_pages : 0,
			 vmc_dump_end_pfn(create->opened.dump), written->bytes_out);
	erasure_tell(&create->erasure);
	if (written->unreadable_pages)
		message_error("%s: %llu pages could not be read and are not in it",
			      create->outputs[0], (unsigned long long)written->unreadable_pages);
	outputs_saved(create->outputs, create->saved_count);
	return written->unreadable_pages ? STATUS_FAILED : STATUS_DONE;
}

static int tell_failed(const struct create *create, struct vmc_error *err)
{
	bool incomplete = create->written.incomplete;

	message_failure(err, create->outputs[0], session_name(create->args));
	if (incomplete)
		say(COMPAT_COMMON, "\nThis is an incomplete dumpfile, but might be analyzable.\n");
	return STATUS_FAILED;
}

/* -e.  That it cannot be done is no reason to have no dump. */
static struct vmc_error *exclude_map(struct vmc_plan *plan)
{
	struct vmc_error *err = vmc_plan_exclude_unused_map(plan);

	if (!err) {
		say(COMPAT_COMMON, "\nExcluded %llu unused vmemmap pages\n",
		    (unsigned long long)vmc_plan_counts(plan)->unused_map);
		return NULL;
	}
	if (vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	message_error("-e: all of the memory map is in the dump: %s", vmc_error_message(err));
	vmc_error_free(err);
	return NULL;
}

/* One attempt; *ret_again: there was no room, and another level may need less. */
static int create_level(struct create *create, int level, bool *ret_again)
{
	const struct resources resources = session_resources(create->args);
	struct vmc_progress progress = meter_callback();
	struct vmc_filter_policy policy;
	struct vmc_plan *plan = NULL;
	struct vmc_error *err = vmc_filter_policy_from_level(level, &policy);
	int status;

	policy.threads = resources_threads(&resources);
	*ret_again = false;
	if (!err && !create->opened.target)
		err = vmc_plan_create_all(create->opened.dump, &plan);
	else if (!err)
		err = vmc_plan_create(create->opened.target, &policy, &progress, &plan);
	meter_end();
	if (!err && create->erasure.erase)
		err = vmc_plan_set_erase(plan, create->erasure.erase);
	if (!err && compat_given(create->args, 'e'))
		err = exclude_map(plan);
	if (err) {
		if (plan)
			vmc_plan_destroy(plan);
		return inputs_failure(&create->inputs, err, NULL);
	}

	err = write_dump(create, plan);
	if (!err) {
		status = tell_saved(create, plan, level);
	} else {
		*ret_again = create->written.full && more_levels(create) &&
			     !compat_given(create->args, 'F');
		status = tell_failed(create, err);
	}
	vmc_plan_destroy(plan);
	return status;
}

static int create_dump(struct create *create)
{
	const struct compat_args *args = create->args;
	bool again;
	int status;

	for (;; create->attempt++) {
		status = create_level(create, args->levels[create->attempt], &again);
		if (!again)
			return status;
		say(COMPAT_COMMON, "Dump level %d leaves too much; trying %d.\n",
		    args->levels[create->attempt], args->levels[create->attempt + 1]);
	}
}

/* What the page size decides. */
static int check_block(const struct create *create)
{
	uint64_t block = create->args->splitblock_bytes;

	if (!create->opened.target || block % vmc_target_page_size(create->opened.target) == 0)
		return STATUS_DONE;
	message_error("--splitblock-size: %llu bytes are no whole pages",
		      (unsigned long long)block);
	return STATUS_FAILED;
}

int create_run(const struct compat_args *args)
{
	struct create create = {.args = args, .inputs = session_inputs(args)};
	int status;

	name_outputs(&create);
	if (!outputs_are_fit(&create))
		return STATUS_FAILED;
	create.saved_count = create.output_count;
	if (compat_given(args, COMPAT_SPLIT)) {
		assert(create.output_count);
		create.parts = calloc(create.output_count, sizeof(*create.parts));
		if (!create.parts) {
			message_error("out of memory");
			return STATUS_FAILED;
		}
	}
	status = erasure_read(&create.erasure, args);
	if (status == STATUS_DONE)
		status = session_open(&create.opened, args);
	if (status == STATUS_DONE)
		status = check_block(&create);
	if (status == STATUS_DONE)
		status = erasure_resolve(&create.erasure, args, create.opened.target);
	if (status == STATUS_DONE && compat_given(args, COMPAT_VTOP))
		translate_print(create.opened.target, args->vtop);
	if (status == STATUS_DONE)
		status = create_dump(&create);
	free(create.parts);
	erasure_deinit(&create.erasure);
	opened_close(&create.opened);
	return status;
}
