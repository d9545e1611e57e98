/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two audits: the first leaves a map of states, the second is held against it as it runs. */
#include "audit/diff/diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/state.h"
#include "base/checked.h"

void diff_init(struct diff *diff, const struct vmc_diff_options *options)
{
	*diff = (struct diff){.options = options};
	diff->iter.map = &diff->from;
}

void diff_deinit(struct diff *diff)
{
	for (size_t i = 0; i < 2; i++) {
		vmc_dump_cursor_destroy(diff->reader.cursors[i]);
		free(diff->reader.buffers[i]);
	}
	page_map_deinit(&diff->from);
	vmc_error_free(diff->err);
}

bool vmc_diff_range_differs(const struct vmc_diff_range *range)
{
	return range->from != range->to || range->from_content != range->to_content ||
	       range->content == VMC_DIFF_DIFFERENT;
}

static void count_range(struct vmc_diff_counts *counts, const struct vmc_diff_range *range)
{
	counts->pages[range->from][range->to] += range->count;
	if (range->from_content && !range->to_content)
		counts->gone[range->from] += range->count;
	if (!range->from_content && range->to_content)
		counts->appeared[range->to] += range->count;
	if (range->content == VMC_DIFF_UNREADABLE)
		counts->unreadable[range->from] += range->count;
	else if (range->content != VMC_DIFF_NOT_COMPARED)
		counts->compared[range->from] += range->count;
	if (range->content == VMC_DIFF_DIFFERENT)
		counts->different[range->from] += range->count;
	if (vmc_diff_range_differs(range))
		counts->differs += range->count;
	else if (range->from != VMC_AUDIT_ABSENT)
		counts->equal += range->count;
}

static struct vmc_error *hand_out(struct diff *diff)
{
	const struct vmc_diff_options *options = diff->options;

	if (!diff->pending.count)
		return NULL;
	count_range(&diff->counts, &diff->pending);
	if (options->range && !options->range(options->range_arg, &diff->pending))
		return error_create(VMC_ERR_INTERRUPTED, "stopped by the caller");
	diff->pending.count = 0;
	return NULL;
}

static bool is_alike(const struct vmc_diff_range *a, const struct vmc_diff_range *b)
{
	return a->from == b->from && a->to == b->to && a->from_content == b->from_content &&
	       a->to_content == b->to_content && a->content == b->content;
}

/* Adds @count pages from diff->end on. */
static struct vmc_error *merge(struct diff *diff, struct page_kind from, struct page_kind to,
			       enum vmc_diff_content content, uint64_t count)
{
	struct vmc_diff_range range = {
		.start = diff->end,
		.count = count,
		.from = from.state,
		.to = to.state,
		.from_content = from.content,
		.to_content = to.content,
		.content = content,
	};

	if (!diff->pending.count || !is_alike(&diff->pending, &range)) {
		TRY(hand_out(diff));
		diff->pending = range;
	} else {
		diff->pending.count += count;
	}
	diff->end += count;
	return NULL;
}

static struct vmc_error *read_both(struct diff_reader *reader, vmc_pfn pfn, bool *ret_same)
{
	const void *pages[2];

	for (size_t i = 0; i < 2; i++)
		TRY(dump_get_page(reader->cursors[i], pfn, reader->buffers[i], &pages[i]));
	*ret_same = !memcmp(pages[0], pages[1], reader->page_size);
	/* Used in place: were they there at all? */
	for (size_t i = 0; i < 2; i++)
		TRY(dump_check(reader->cursors[i]));
	return NULL;
}

static struct vmc_error *compare_pages(struct diff *diff, struct page_kind from,
				       struct page_kind to, vmc_pfn end)
{
	while (diff->end < end) {
		enum vmc_diff_content content = VMC_DIFF_UNREADABLE;
		struct vmc_error *err;
		bool same;

		err = read_both(&diff->reader, diff->end, &same);
		if (!err)
			content = same ? VMC_DIFF_SAME : VMC_DIFF_DIFFERENT;
		TRY(unless_nomem(err));
		TRY(merge(diff, from, to, content, 1));
	}
	return NULL;
}

struct vmc_error *diff_put(struct diff *diff, vmc_pfn end, struct page_kind to)
{
	while (diff->end < end) {
		vmc_pfn from_end;
		struct page_kind from = page_map_at(&diff->iter, diff->end, &from_end);
		vmc_pfn stop = min_u64(from_end, end);

		if (diff->reader.cursors[0] && from.readable && to.readable)
			TRY(compare_pages(diff, from, to, stop));
		else
			TRY(merge(diff, from, to, VMC_DIFF_NOT_COMPARED, stop - diff->end));
	}
	return NULL;
}

struct vmc_error *diff_finish(struct diff *diff)
{
	TRY(diff_put(diff, page_map_end(&diff->from),
		     (struct page_kind){.state = VMC_AUDIT_ABSENT}));
	return hand_out(diff);
}

static bool take_from(void *arg, const struct vmc_audit *audit, const struct vmc_audit_range *range)
{
	struct diff *diff = arg;

	(void)audit;
	diff->err = page_map_append(&diff->from, range->start + range->count, page_kind_of(range));
	return !diff->err;
}

static bool take_to(void *arg, const struct vmc_audit *audit, const struct vmc_audit_range *range)
{
	struct diff *diff = arg;

	(void)audit;
	diff->err = diff_put(diff, range->start + range->count, page_kind_of(range));
	return !diff->err;
}

/* What cannot be read of a memory map is no difference of the machines. */
static void tell_findings(const struct vmc_audit *audit, const struct vmc_target *target,
			  bool *ret_partial)
{
	const struct vmc_finding *finding;

	for (size_t i = 0; (finding = vmc_audit_finding(audit, i)); i++) {
		if (strcmp(finding->name, "map-unreadable") != 0)
			continue;
		*ret_partial = true;
		log_warning(&target->dump->log,
			    "%s: a part of the memory map could not be read: %s",
			    vmc_dump_path(target->dump), finding->message);
	}
}

/* The rest of its last page was zeros under a map, when content was compared. */
static void tell_shrunk(const struct vmc_target *target, bool *ret_partial)
{
	if (*ret_partial || !dump_shrank(target->dump))
		return;
	*ret_partial = true;
	log_warning(&target->dump->log, "%s: the file has become shorter while it was read",
		    vmc_dump_path(target->dump));
}

static struct vmc_error *audit_one(struct diff *diff, struct vmc_target *target,
				   bool (*take)(void *arg, const struct vmc_audit *audit,
						const struct vmc_audit_range *range),
				   bool *ret_partial)
{
	struct vmc_audit_options options = {
		.split_content = true,
		.range = take,
		.range_arg = diff,
		.progress = diff->options->progress,
	};
	struct vmc_audit *audit;
	struct vmc_error *err = vmc_audit_run(target, &options, &audit);

	if (!err) {
		tell_findings(audit, target, ret_partial);
		vmc_audit_destroy(audit);
		return NULL;
	}
	if (diff->err) {
		/* What stopped the audit says more than that it was stopped. */
		vmc_error_free(err);
		err = take_ptr(diff->err);
	}
	return error_context(err, "%s", vmc_dump_path(target->dump));
}

static struct vmc_error *reader_init(struct diff_reader *reader, const struct vmc_target *from,
				     const struct vmc_target *to)
{
	struct vmc_dump *dumps[2] = {from->dump, to->dump};

	reader->page_size = from->dump->page_size;
	for (size_t i = 0; i < 2; i++) {
		TRY(vmc_dump_cursor_create(dumps[i], &reader->cursors[i]));
		reader->buffers[i] = malloc(reader->page_size);
		if (!reader->buffers[i])
			return error_nomem();
	}
	return NULL;
}

static struct vmc_error *check_alike(const struct vmc_target *from, const struct vmc_target *to)
{
	uint32_t sizes[2] = {from->dump->page_size, to->dump->page_size};

	if (sizes[0] != sizes[1])
		return error_create(VMC_ERR_INVALID,
				    "pages of %" PRIu32 " and of %" PRIu32
				    " bytes cannot be compared",
				    sizes[0], sizes[1]);
	if (strcmp(vmc_target_release(from), vmc_target_release(to)) != 0)
		log_warning(&to->dump->log,
			    "the dumps are of different kernels, %s and %s: "
			    "their pages have little to do with each other",
			    vmc_target_release(from), vmc_target_release(to));
	return NULL;
}

static struct vmc_error *run(struct diff *diff, struct vmc_target *from, struct vmc_target *to)
{
	TRY(check_alike(from, to));
	TRY(audit_one(diff, from, take_from, &diff->counts.partial[0]));
	if (diff->options->content)
		TRY(reader_init(&diff->reader, from, to));
	TRY(audit_one(diff, to, take_to, &diff->counts.partial[1]));
	tell_shrunk(from, &diff->counts.partial[0]);
	tell_shrunk(to, &diff->counts.partial[1]);
	return diff_finish(diff);
}

struct vmc_error *vmc_diff_run(struct vmc_target *from, struct vmc_target *to,
			       const struct vmc_diff_options *options,
			       struct vmc_diff_counts *ret_counts)
{
	struct diff diff;
	struct vmc_error *err;

	diff_init(&diff, options);
	err = run(&diff, from, to);
	if (!err)
		*ret_counts = diff.counts;
	diff_deinit(&diff);
	return err;
}
