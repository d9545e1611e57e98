/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters and audits a dump as the program would, by choices that an input makes, and holds what
 * comes out against what is promised.
 */
#ifndef VMCULL_TESTS_USE_DUMP_H
#define VMCULL_TESTS_USE_DUMP_H

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vmcull/vmcull.h>

#include "base/digest.h"
#include "dump/dump.h"
#include "edits.h"
#include "fuzz_assert.h"

#define USE_PARTS   3
#define USE_PFN_MAX ((vmc_pfn)1 << 24) /* a kdump file has two bits for each */

static inline void use_succeed(struct vmc_error *err, const char *what)
{
	if (err)
		fail_msg("%s: %s", what, vmc_error_message(err));
}

/* ---- opened */

struct use_opened {
	struct vmc_dump *dump;
	struct vmc_target *target;
};

static inline void use_close(struct use_opened *opened)
{
	vmc_target_close(opened->target);
	vmc_dump_close(opened->dump);
}

/* False when the dump cannot be used at all. */
static inline bool use_open(const char *path, const struct vmc_dump_options *options,
			    bool type_information, struct use_opened *opened)
{
	struct vmc_target_options target = {.type_information = type_information};
	struct vmc_error *err;

	*opened = (struct use_opened){0};
	err = vmc_dump_open(path, options, &opened->dump);
	if (!err)
		err = vmc_target_open(opened->dump, &target, &opened->target);
	if (!err)
		return true;
	vmc_error_free(err);
	use_close(opened);
	return false;
}

/* ---- filter */

/* The first bytes of an input. */
struct use_filter {
	uint8_t level;
	uint8_t codec;
	uint8_t flags; /* enum use_flag */
	uint8_t more;  /* enum use_more */
};

enum use_flag {
	USE_ELF = 1,
	USE_STREAM = 2,
	USE_SPLIT = 4,
	USE_COMPACT = 8,
	USE_SHARE = 16,
	USE_NO_CHECKSUMS = 32,
	USE_NO_MMAP = 64,
	USE_THREADS = 128, /* twice: with one, and with two */
};

enum use_more {
	USE_STRIP = 1,
	USE_ALL = 2,
	USE_UNUSED_MAP = 4,
	USE_TYPES = 8,
	USE_ERASE = 16,
	USE_LIMIT = 32,
	USE_PCP = 64,
	USE_DRY_RUN = 128,
};

/* Outputs, in memory. */
struct use_output {
	int fds[USE_PARTS];
	char paths[USE_PARTS][32];
	size_t count;
};

static inline void output_create_files(struct use_output *output)
{
	for (size_t i = 0; i < USE_PARTS; i++) {
		output->fds[i] = memfd_create("out", MFD_CLOEXEC);
		assert_true(output->fds[i] >= 0);
		snprintf(output->paths[i], sizeof(output->paths[i]), "/proc/self/fd/%d",
			 output->fds[i]);
	}
	output->count = 1;
}

static inline void output_close_files(const struct use_output *output)
{
	for (size_t i = 0; i < USE_PARTS; i++)
		close(output->fds[i]);
}

static inline uint64_t output_bytes(const struct use_output *output, uint64_t *ret_digest)
{
	struct digest digest;
	uint64_t total = 0;

	digest_init(&digest);
	for (size_t i = 0; i < output->count; i++) {
		struct stat status;
		uint8_t buffer[4096];
		ssize_t got;

		assert_int_equal(fstat(output->fds[i], &status), 0);
		total += (uint64_t)status.st_size;
		for (off_t at = 0; (got = pread(output->fds[i], buffer, sizeof(buffer), at)) > 0;
		     at += got)
			digest_add(&digest, buffer, (size_t)got);
	}
	*ret_digest = digest_value(&digest);
	return total;
}

static inline uint64_t sum_states(const uint64_t *pages)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < VMC_PAGE_STATE_COUNT; i++)
		sum += pages[i];
	return sum;
}

/* Pages in doubt are kept, forbidden ones are not, and what is kept is what is counted. */
static inline uint64_t check_plan(struct vmc_plan *plan, const struct vmc_filter_policy *policy)
{
	const struct vmc_plan_counts *counts = vmc_plan_counts(plan);
	vmc_pfn pfn = 0, start;
	uint64_t count, kept = 0;
	bool more;

	for (unsigned int i = 0; policy && i < VMC_PAGE_STATE_COUNT; i++) {
		bool dropped = (policy->drop | VMC_STATES_FORBIDDEN) & VMC_STATE_BIT(i);

		assert_int_equal(counts->kept[i], dropped ? 0 : counts->pages[i]);
	}
	if (policy)
		assert_int_equal(counts->kept[VMC_PAGE_UNKNOWN], counts->pages[VMC_PAGE_UNKNOWN]);
	for (;;) {
		use_succeed(vmc_plan_next_kept(plan, pfn, &start, &count, &more), "next kept");
		if (!more)
			break;
		assert_true(start >= pfn && count);
		kept += count;
		pfn = start + count;
	}
	assert_int_equal(kept + counts->unused_map, sum_states(counts->kept));
	return kept;
}

static inline struct vmc_error *use_rules(struct vmc_target *target, struct vmc_plan *plan,
					  struct vmc_erase_rules **ret_rules,
					  struct vmc_erase **ret_erase)
{
	static const char rules[] = "[vmlinux]\nerase init_uts_ns.name.nodename size 8\n"
				    "erase init_uts_ns\nerase jiffies\n";
	struct vmc_error *err;
	char path[32];
	int fd = memfd_create("rules", MFD_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(pwrite(fd, rules, sizeof(rules) - 1, 0), sizeof(rules) - 1);
	use_succeed(vmc_erase_parse(path, ret_rules), "rules");
	close(fd);
	err = vmc_erase_resolve(*ret_rules, target, ret_erase);
	return err ? err : vmc_plan_set_erase(plan, *ret_erase);
}

static inline struct vmc_error *use_plan(const struct use_opened *opened,
					 const struct use_filter *how, unsigned int threads,
					 struct vmc_filter_policy *ret_policy,
					 struct vmc_plan **ret_plan)
{
	static const struct vmc_strip_options strip = {.anonymous = true};
	struct vmc_strip_summary stripped;

	use_succeed(vmc_filter_policy_from_level(how->level % 32, ret_policy), "level");
	ret_policy->threads = threads;
	if (how->more & USE_PCP)
		ret_policy->drop |= VMC_STATE_BIT(VMC_PAGE_FREE_PCP);
	if (how->more & USE_STRIP)
		return vmc_strip_plan(opened->target, &strip, NULL, &stripped, ret_plan);
	if (how->more & USE_ALL)
		return vmc_plan_create_all(opened->dump, ret_plan);
	return vmc_plan_create(opened->target, ret_policy, NULL, ret_plan);
}

static inline struct vmc_error *use_write(struct vmc_plan *plan, const struct use_filter *how,
					  unsigned int threads, struct use_output *output,
					  struct vmc_write_summary summaries[static USE_PARTS])
{
	struct vmc_write_options options = {
		.format = how->flags & USE_ELF ? VMC_OUTPUT_ELF : VMC_OUTPUT_KDUMP,
		.share_pages = how->flags & USE_SHARE && !(how->flags & USE_ELF),
		.no_checksums = how->flags & USE_NO_CHECKSUMS && !(how->flags & USE_ELF),
		.size_limit = how->more & USE_LIMIT ? 100000 : 0,
		.dry_run = how->more & USE_DRY_RUN,
		.in_place = true,
		.replace = true,
		.threads = threads,
		.memory_limit = 32 << 20,
	};
	const char *paths[USE_PARTS];

	if (options.format == VMC_OUTPUT_KDUMP) {
		const struct vmc_codec *codec = vmc_codec_at(how->codec % vmc_codec_count());

		options.codec = (struct vmc_codec_spec){codec, vmc_codec_level_min(codec)};
	}
	for (size_t i = 0; i < USE_PARTS; i++)
		paths[i] = output->paths[i];
	if (how->flags & USE_SPLIT && !(how->flags & USE_ELF)) {
		options.flattened = how->flags & USE_STREAM;
		return vmc_write_split(plan, paths, USE_PARTS, 0, &options, summaries,
				       &output->count);
	}
	if (how->flags & USE_STREAM)
		return vmc_write_stream(plan, output->fds[0], "stream", &options, summaries);
	return vmc_write(plan, paths[0], &options, summaries);
}

/* Everything that was written can be read, and is what the input has. */
static inline void check_output(const char *input, const struct use_output *output, bool same,
				uint64_t pages, uint32_t page_size)
{
	const char *paths[USE_PARTS];
	struct vmc_verify_summary summary;
	struct vmc_dump *dump, *original = NULL;

	for (size_t i = 0; i < USE_PARTS; i++)
		paths[i] = output->paths[i];
	use_succeed(vmc_dump_open_set(paths, output->count, NULL, &dump), "what was written");
	if (!dump->page_size)
		use_succeed(dump_set_page_size(dump, page_size), "size of pages");
	if (same) {
		use_succeed(vmc_dump_open(input, NULL, &original), "input");
		if (!original->page_size)
			use_succeed(dump_set_page_size(original, dump->page_size), "input");
	}

	struct vmc_verify_options options = {.against = original};

	use_succeed(vmc_verify(dump, &options, &summary), "verify");
	if (vmc_verify_total(&summary) || summary.pages != pages)
		fail_msg("%ju pages written, %ju read, %ju findings", (uintmax_t)pages,
			 (uintmax_t)summary.pages, (uintmax_t)vmc_verify_total(&summary));
	vmc_dump_close(dump);
	vmc_dump_close(original);
}

static inline void check_written(const char *input, const struct use_filter *how,
				 const struct use_output *output,
				 const struct vmc_write_summary *summaries, uint64_t kept,
				 uint32_t page_size, uint64_t *ret_digest)
{
	uint64_t pages = 0, unreadable = 0, bytes = output_bytes(output, ret_digest), headers;
	bool incomplete = false;

	for (size_t i = 0; i < output->count; i++) {
		pages += summaries[i].pages_written;
		unreadable += summaries[i].unreadable_pages;
		incomplete |= summaries[i].incomplete;
	}
	if (incomplete || how->more & USE_DRY_RUN)
		return;
	assert_int_equal(pages + unreadable, kept);
	headers = output->count * ((1 << 20) + 2 * USE_PFN_MAX / 8) + 32 * pages;
	assert_true(bytes <= pages * page_size + headers);
	if (how->flags & USE_ELF && !pages && unreadable)
		return; /* an ELF core without memory is none: here not a page could be read */
	check_output(input, output,
		     !(how->more & (USE_STRIP | USE_ERASE)) && !(how->flags & USE_COMPACT), pages,
		     page_size);
}

/* Filters; gives the digest of what came out, or 0. */
static inline uint64_t filter_dump(const char *input, const struct use_filter *how,
				   unsigned int threads)
{
	struct vmc_dump_options options = {.no_mmap = how->flags & USE_NO_MMAP};
	struct vmc_write_summary summaries[USE_PARTS] = {0};
	struct vmc_filter_policy policy;
	struct vmc_erase_rules *rules = NULL;
	struct vmc_erase *erase = NULL;
	struct vmc_plan *plan = NULL;
	struct use_output output;
	struct use_opened opened;
	uint64_t digest = 0, kept = 0;
	bool counted = !(how->more & (USE_STRIP | USE_ALL));

	if (!use_open(input, &options, how->more & (USE_TYPES | USE_STRIP), &opened))
		return 0;
	output_create_files(&output);

	struct vmc_error *err = use_plan(&opened, how, threads, &policy, &plan);

	if (!err && how->more & USE_ERASE)
		err = use_rules(opened.target, plan, &rules, &erase);
	if (!err && how->more & USE_UNUSED_MAP && counted)
		err = vmc_plan_exclude_unused_map(plan);
	else if (!err && how->flags & USE_COMPACT && !(how->flags & (USE_ELF | USE_NO_CHECKSUMS)))
		err = vmc_plan_compact_map(plan);
	if (!err)
		kept = check_plan(plan, counted ? &policy : NULL);
	if (!err && vmc_dump_end_pfn(opened.dump) > USE_PFN_MAX)
		err = error_create(VMC_ERR_LIMIT, "large");
	if (!err)
		err = use_write(plan, how, threads, &output, summaries);
	if (!err)
		check_written(input, how, &output, summaries, kept, opened.dump->page_size,
			      &digest);
	vmc_error_free(err);
	vmc_plan_destroy(plan);
	vmc_erase_destroy(erase);
	vmc_erase_rules_destroy(rules);
	output_close_files(&output);
	use_close(&opened);
	return digest;
}

static inline void use_filter(const char *input, const struct use_filter *how)
{
	uint64_t digest = filter_dump(input, how, 1);

	if (how->flags & USE_THREADS)
		assert_true(filter_dump(input, how, 2) == digest);
}

/* ---- audit */

struct use_audit {
	uint8_t flags; /* enum use_audit_flag */
	uint8_t level;
	uint8_t page;
};

enum use_audit_flag {
	AUDIT_FAST = 1,
	AUDIT_ZERO = 2,
	AUDIT_SPLIT = 4,
	AUDIT_TYPES = 8,
	AUDIT_EXPLAIN = 16,
	AUDIT_ESTIMATE = 32,
	AUDIT_DIFF = 64,
	AUDIT_WALK = 128,
};

struct use_cover {
	vmc_pfn end;
	uint64_t pages[VMC_AUDIT_STATE_COUNT];
};

static inline bool cover_range(void *arg, const struct vmc_audit *audit,
			       const struct vmc_audit_range *range)
{
	struct use_cover *cover = arg;

	assert_true(range->count > 0 && range->start == cover->end);
	assert_true(range->state < VMC_AUDIT_STATE_COUNT && range->order < VMC_ORDERS);
	assert_true(range->zone < 0 || vmc_audit_zone(audit, (size_t)range->zone));
	cover->end += range->count;
	cover->pages[range->state] += range->count;
	return true;
}

/* Every page is told of once, and counted as what it was told of. */
static inline void check_audit(const struct use_opened *opened, const struct vmc_audit *audit,
			       const struct use_cover *cover)
{
	const struct vmc_audit_counts *counts = vmc_audit_counts(audit);
	const struct vmc_finding *finding;

	assert_true(cover->end >= vmc_dump_end_pfn(opened->dump));
	for (unsigned int i = 0; i < VMC_AUDIT_STATE_COUNT; i++) {
		assert_int_equal(cover->pages[i], counts->pages[i]);
		assert_true(counts->content[i] <= counts->pages[i]);
	}
	for (size_t i = 0; (finding = vmc_audit_finding(audit, i)); i++)
		assert_true(finding->message[0] && finding->meaning[0]);
	for (int level = 0; level < 32; level++)
		assert_true(vmc_audit_level_pages(audit, level) <= vmc_audit_level_pages(audit, 0));
}

static inline void explain_pages(const struct use_opened *opened, unsigned int first)
{
	struct vmc_explainer *explainer = NULL;
	struct vmc_explanation *told = malloc(sizeof(*told));
	struct vmc_error *err = vmc_explainer_create(opened->target, &explainer);
	vmc_pfn end = vmc_dump_end_pfn(opened->dump), step = end / 100 + 1;

	assert_non_null(told);
	for (vmc_pfn pfn = first; !err && pfn < end; pfn += step) {
		err = vmc_explain_page(explainer, pfn, told);
		if (!err)
			assert_true(told->field_count <= VMC_EXPLAIN_FIELDS &&
				    told->near_count <= VMC_EXPLAIN_NEAR && told->pfn == pfn);
	}
	vmc_error_free(err);
	vmc_explainer_destroy(explainer);
	free(told);
}

static inline void estimate_dump(const struct use_opened *opened)
{
	struct vmc_codec_spec codec;
	struct vmc_estimate_options options = {
		.codecs = &codec, .codec_count = 1, .levels = UINT32_MAX, .sample = 20};
	struct vmc_estimate *estimate = NULL;
	struct vmc_estimate_figure figure;

	use_succeed(vmc_codec_parse("none", &codec), "codec");

	struct vmc_error *err = vmc_estimate_create(opened->target, &options, &estimate);

	for (int level = 0; !err && level < 32; level++)
		vmc_estimate_figure(estimate, level, 0, &figure);
	vmc_error_free(err);
	vmc_estimate_destroy(estimate);
}

/* A dump and itself do not differ. */
static inline void diff_dump(const struct use_opened *opened, const char *input, bool types)
{
	struct vmc_diff_options options = {.content = true};
	struct vmc_diff_counts *counts = calloc(1, sizeof(*counts));
	struct use_opened other;

	assert_non_null(counts);
	if (use_open(input, NULL, types, &other)) {
		struct vmc_error *err =
			vmc_diff_run(opened->target, other.target, &options, counts);

		if (!err)
			assert_int_equal(counts->differs, 0);
		vmc_error_free(err);
		use_close(&other);
	}
	free(counts);
}

/* From the start, and from somewhere: the same. */
static inline void walk_dump(const struct use_opened *opened, vmc_pfn from)
{
	const struct vmc_page_walk_options options = {.pcp_lists = true};
	struct vmc_page_walk *walk = NULL;
	struct vmc_page_run run;
	struct vmc_error *err = vmc_page_walk_create(opened->target, &options, &walk);
	unsigned int state = VMC_PAGE_STATE_COUNT, again = VMC_PAGE_STATE_COUNT;
	vmc_pfn end = 0;
	bool more = true;

	while (!err && (err = vmc_page_walk_next(walk, &run, &more), !err) && more) {
		assert_true(run.count && run.start >= end);
		end = run.start + run.count;
		if (run.start <= from && from < end)
			state = run.state;
	}
	if (!err)
		err = vmc_page_walk_seek(walk, from);
	if (!err)
		err = vmc_page_walk_next(walk, &run, &more);
	if (!err && more && run.start <= from)
		again = run.state;
	if (!err)
		assert_true(state == again);
	vmc_error_free(err);
	vmc_page_walk_destroy(walk);
}

static inline void read_log(const struct use_opened *opened)
{
	struct vmc_dmesg_record record;
	struct vmc_dmesg *dmesg = NULL;
	struct vmc_error *err = vmc_dmesg_open(opened->target, NULL, &dmesg);
	struct digest digest;

	digest_init(&digest);

	while (!err && vmc_dmesg_next(dmesg, &record)) {
		if (record.text)
			digest_add(&digest, record.text, record.size);
	}
	vmc_error_free(err);
	vmc_dmesg_close(dmesg);
}

static inline void use_audit(const char *input, const struct use_audit *how,
			     const struct vmc_dump_options *options)
{
	struct use_cover cover = {0};
	struct vmc_audit_options audit_options = {
		.fast = how->flags & AUDIT_FAST,
		.zero = how->flags & AUDIT_ZERO,
		.split = how->flags & AUDIT_SPLIT ? UINT32_MAX : 0,
		.split_content = how->flags & AUDIT_SPLIT,
		.split_migrate_type = how->flags & AUDIT_SPLIT,
		.range = cover_range,
		.range_arg = &cover,
	};
	struct vmc_audit *audit = NULL;
	struct use_opened opened;
	bool types = how->flags & AUDIT_TYPES;

	if (!use_open(input, options, types, &opened))
		return;

	struct vmc_error *err = vmc_audit_run(opened.target, &audit_options, &audit);

	if (!err)
		check_audit(&opened, audit, &cover);
	vmc_error_free(err);
	vmc_audit_destroy(audit);
	read_log(&opened);
	if (how->flags & AUDIT_EXPLAIN)
		explain_pages(&opened, how->page);
	if (how->flags & AUDIT_ESTIMATE)
		estimate_dump(&opened);
	if (how->flags & AUDIT_DIFF)
		diff_dump(&opened, input, types);
	if (how->flags & AUDIT_WALK)
		walk_dump(&opened, (vmc_pfn)how->page * 16 + how->level);
	use_close(&opened);
}

/* Finds the places that a run with all of @flags reads: those are worth an edit. */
static inline void use_learn(struct edit_base *base, unsigned int flags)
{
	struct use_audit all = {.flags = (uint8_t)flags};
	struct vmc_dump_options options = {.no_mmap = true, .trace = places_add, .trace_arg = base};

	if (base->places)
		return;
	base->places = calloc(PLACES_MAX, sizeof(*base->places));
	assert_non_null(base->places);
	use_audit(base->path, &all, &options);
	places_sort(base);
}

#endif
