/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads every page, and holds it against that of the original. */
#include <inttypes.h>
#include <string.h>

#include "audit/verify/verify.h"
#include "base/checked.h"

#define PROGRESS_STEP_PAGES ((uint64_t)1 << 12)

/* Fills @buffer; the reader of a kdump file has checked the checksum by then. */
static struct vmc_error *page_read(struct vmc_dump_cursor *cursor, vmc_pfn pfn, uint8_t *buffer)
{
	const void *page;

	TRY(dump_get_page(cursor, pfn, buffer, &page));
	if (page != buffer)
		memcpy(buffer, page, cursor->dump->page_size);
	return dump_check(cursor);
}

static vmc_foff first_difference(const uint8_t *a, const uint8_t *b, size_t size)
{
	size_t i = 0;

	while (i < size && a[i] == b[i])
		i++;
	return i;
}

/* @readable: the page is in verify->page. */
static struct vmc_error *compare(struct verify *verify, vmc_pfn pfn, bool readable)
{
	size_t size = verify->dump->page_size;
	struct vmc_error *err = page_read(verify->original, pfn, verify->original_page);

	if (err && vmc_error_code(err) == VMC_ERR_NODATA) {
		vmc_error_free(err);
		verify_found(verify, VMC_VERIFY_EXTRA, pfn, VERIFY_NOWHERE,
			     "page 0x%" PRIx64 " is not in the original", pfn);
		return NULL;
	}
	if (err)
		return error_context(err, "the original");
	if (!readable)
		return NULL;
	if (memcmp(verify->page, verify->original_page, size) == 0)
		verify->summary->equal_pages++;
	else
		verify_found(
			verify, VMC_VERIFY_CONTENT, pfn, VERIFY_NOWHERE,
			"page 0x%" PRIx64 " differs from the original, from byte 0x%jx on", pfn,
			(uintmax_t)first_difference(verify->page, verify->original_page, size));
	return NULL;
}

static struct vmc_error *verify_page(struct verify *verify, vmc_pfn pfn)
{
	struct vmc_error *err = page_read(verify->cursor, pfn, verify->page);
	bool readable = !err;

	verify->summary->pages++;
	TRY(verify_error(verify, VMC_VERIFY_PAGE, pfn, VERIFY_NOWHERE, err));
	return verify->original ? compare(verify, pfn, readable) : NULL;
}

static struct vmc_error *report_progress(const struct verify *verify, vmc_pfn done)
{
	const struct vmc_progress *progress = verify->options->progress;

	if (progress && progress->step &&
	    !progress->step(progress->arg, "Verifying", done, vmc_dump_end_pfn(verify->dump)))
		return error_create(VMC_ERR_INTERRUPTED, "stopped before all pages were read");
	return NULL;
}

static uint64_t pages_of(const struct vmc_dump *dump)
{
	struct vmc_memory_run run;
	uint64_t pages = 0;

	for (vmc_pfn pfn = 0; vmc_dump_next_run(dump, pfn, &run); pfn = run.start + run.count)
		pages += run.kind == VMC_MEMORY_DATA ? run.count : 0;
	return pages;
}

/* The rest of its last page was zeros under a map, which nobody could tell. */
static void tell_shrunk(struct verify *verify, const struct vmc_dump *dump)
{
	if (dump_shrank(dump))
		verify_found(verify, VMC_VERIFY_PAGE, VERIFY_NOWHERE, VERIFY_NOWHERE,
			     "%s has become shorter while it was read", dump->file->path);
}

struct vmc_error *verify_pages(struct verify *verify)
{
	struct vmc_memory_run run;

	TRY(report_progress(verify, 0));
	for (vmc_pfn pfn = 0; vmc_dump_next_run(verify->dump, pfn, &run);
	     pfn = run.start + run.count) {
		if (run.kind != VMC_MEMORY_DATA)
			continue;
		for (uint64_t i = 0; i < run.count; i++) {
			if (i % PROGRESS_STEP_PAGES == 0)
				TRY(report_progress(verify, run.start + i));
			TRY(verify_page(verify, run.start + i));
		}
	}
	tell_shrunk(verify, verify->dump);
	if (verify->original) {
		tell_shrunk(verify, verify->options->against);

		uint64_t common =
			verify->summary->pages - verify->summary->findings[VMC_VERIFY_EXTRA];
		uint64_t all = pages_of(verify->options->against);

		verify->summary->missing_pages = all - min_u64(all, common);
	}
	return report_progress(verify, vmc_dump_end_pfn(verify->dump));
}
