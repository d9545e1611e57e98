/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan of everything, for copies into another form. */
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "filter/plan.h"
#include "target/find_vmcoreinfo.h"

/* Of memory itself some must never be read, and who does not know the kernel cannot tell which. */
static struct vmc_error *refuse_memory(const struct vmc_dump *dump)
{
	struct statfs filesystem;
	struct stat status;

	if ((fstatfs(dump->file->fd, &filesystem) || filesystem.f_type != PROC_SUPER_MAGIC) &&
	    (fstat(dump->file->fd, &status) || !S_ISCHR(status.st_mode)))
		return NULL;
	return error_create(VMC_ERR_REFUSED,
			    "%s: this is memory, of which some must not be read: only a filter "
			    "tells what (vmcull filter -d 0)",
			    dump->file->path);
}

/* PAGESIZE of the note, where the kernel is not understood otherwise. */
static struct vmc_error *page_size_from_note(struct vmc_dump *dump)
{
	struct vmcoreinfo vmcoreinfo;
	uint64_t page_size = 0;
	vmc_foff unused;
	bool found, known = false;
	struct vmc_error *err = vmcoreinfo_from_note(dump, &vmcoreinfo, &unused, &found);

	if (!err && found) {
		err = vmcoreinfo_unsigned(&vmcoreinfo, "PAGESIZE", &known, &page_size);
		vmcoreinfo_deinit(&vmcoreinfo);
	}
	if (!err && known)
		return dump_set_page_size(dump, page_size);
	if (!err)
		err = error_create(VMC_ERR_MISSING, "there is none");
	return error_context(err,
			     "%s: the size of a page is not known: neither the headers have it nor "
			     "a VMCOREINFO note",
			     dump->file->path);
}

/* With the kernel where it is understood; NULL without.  Only for want of memory nothing comes of
 * it. */
static struct vmc_error *open_target(struct vmc_dump *dump, struct vmc_target **ret_target)
{
	struct vmc_error *err = vmc_target_open(dump, NULL, ret_target);

	if (!err || vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	log_info(&dump->log, "copied without knowledge of the kernel: %s", vmc_error_message(err));
	vmc_error_free(err);
	return dump->page_size ? NULL : page_size_from_note(dump);
}

struct vmc_error *plan_find_page_size(struct vmc_dump *dump)
{
	_cleanup_(vmc_target_close) struct vmc_target *target = NULL;
	struct vmc_error *err = dump->page_size ? NULL : page_size_from_note(dump);

	if (!err || vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;

	struct vmc_error *unknown = vmc_target_open(dump, NULL, &target);

	if (unknown && vmc_error_code(unknown) == VMC_ERR_NOMEM) {
		vmc_error_free(err);
		return unknown;
	}
	vmc_error_free(unknown);
	if (!dump->page_size)
		return err;
	vmc_error_free(err);
	return NULL;
}

static struct vmc_error *keep_all(struct vmc_plan *plan)
{
	struct vmc_memory_run run;
	vmc_pfn pfn = 0;

	while (vmc_dump_next_run(plan->dump, pfn, &run)) {
		pfn = run.start + run.count;
		if (run.kind == VMC_MEMORY_NODATA) {
			plan->tally.counts.nodata += run.count;
			continue;
		}
		TRY(kept_append(&plan->kept, run.start, run.count));
	}
	plan->tally.counts.pages[VMC_PAGE_UNKNOWN] = kept_total(&plan->kept);
	plan->tally.counts.kept[VMC_PAGE_UNKNOWN] = kept_total(&plan->kept);
	return NULL;
}

struct vmc_error *vmc_plan_create_all(struct vmc_dump *dump, struct vmc_plan **ret_plan)
{
	/* Where zero pages were stored once they still are. */
	const struct vmc_filter_policy policy = {.drop_zero = dump->history.dump_level & 1};
	_cleanup_(vmc_plan_destroy) struct vmc_plan *plan = NULL;

	TRY(refuse_memory(dump));
	plan = plan_alloc(dump, &policy);
	if (!plan)
		return error_nomem();
	plan->all = true;
	TRY(open_target(dump, &plan->owned));
	plan->target = plan->owned;
	if (plan->target)
		identity_of_copy(plan->target, &plan->identity);
	else
		identity_from_dump(dump, &plan->identity);
	TRY(keep_all(plan));
	*ret_plan = take_ptr(plan);
	return NULL;
}
