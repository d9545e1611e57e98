/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/verify/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "filter/plan.h"

static const char *const kind_names[VMC_VERIFY_KIND_COUNT] = {
	[VMC_VERIFY_HEADERS] = "headers",
	[VMC_VERIFY_BITMAP] = "bitmap",
	[VMC_VERIFY_DESCRIPTORS] = "descriptors",
	[VMC_VERIFY_PAGE] = "page",
	[VMC_VERIFY_SEGMENT] = "segment",
	[VMC_VERIFY_OVERLAP] = "overlap",
	[VMC_VERIFY_REST] = "rest",
	[VMC_VERIFY_CONTENT] = "content",
	[VMC_VERIFY_EXTRA] = "extra",
};

const char *vmc_verify_kind_name(enum vmc_verify_kind kind)
{
	return kind_names[kind];
}

uint64_t vmc_verify_total(const struct vmc_verify_summary *summary)
{
	uint64_t total = 0;

	for (size_t i = 0; i < VMC_VERIFY_KIND_COUNT; i++)
		total += summary->findings[i];
	return total;
}

void verify_found(struct verify *verify, enum vmc_verify_kind kind, vmc_pfn pfn, vmc_foff offset,
		  const char *format, ...)
{
	char text[512];
	struct vmc_verify_finding finding = {
		.kind = kind,
		.has_pfn = pfn != VERIFY_NOWHERE,
		.pfn = pfn,
		.has_offset = offset != VERIFY_NOWHERE,
		.offset = offset,
		.text = text,
	};
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	verify->summary->findings[kind]++;
	if (verify->options->found)
		verify->options->found(verify->options->arg, &finding);
}

struct vmc_error *verify_error(struct verify *verify, enum vmc_verify_kind kind, vmc_pfn pfn,
			       vmc_foff offset, struct vmc_error *err)
{
	if (!err || vmc_error_code(err) == VMC_ERR_NOMEM ||
	    vmc_error_code(err) == VMC_ERR_INTERRUPTED)
		return err;
	verify_found(verify, kind, pfn, offset, "%s", vmc_error_message(err));
	vmc_error_free(err);
	return NULL;
}

static struct vmc_error *add_reader(struct vmc_dump *dump, struct vmc_dump_cursor **cursor,
				    uint8_t **page)
{
	TRY(vmc_dump_cursor_create(dump, cursor));
	*page = malloc(dump->page_size);
	return *page ? NULL : error_nomem();
}

static struct vmc_error *set_up(struct verify *verify)
{
	struct vmc_dump *original = verify->options->against;

	TRY(plan_find_page_size(verify->dump));
	TRY(add_reader(verify->dump, &verify->cursor, &verify->page));
	if (!original)
		return NULL;
	TRY(plan_find_page_size(original));
	if (original->page_size != verify->dump->page_size)
		return error_create(VMC_ERR_INVALID,
				    "%s has pages of %u bytes, %s of %u: no two of them are equal",
				    verify->dump->file->path, verify->dump->page_size,
				    original->file->path, original->page_size);
	return add_reader(original, &verify->original, &verify->original_page);
}

static struct vmc_error *verify_all(struct verify *verify)
{
	TRY(set_up(verify));
	if (verify->dump->said.by_kdump) {
		TRY(verify_kdump_head(verify));
		TRY(verify_kdump_places(verify));
	} else if (strcmp(verify->dump->format->name, "elf") == 0) {
		TRY(verify_elf(verify));
	}
	return verify_pages(verify);
}

struct vmc_error *vmc_verify(struct vmc_dump *dump, const struct vmc_verify_options *options,
			     struct vmc_verify_summary *ret_summary)
{
	struct verify verify = {.dump = dump, .options = options, .summary = ret_summary};
	struct vmc_error *err;

	*ret_summary = (struct vmc_verify_summary){0};
	err = verify_all(&verify);
	vmc_dump_cursor_destroy(verify.cursor);
	vmc_dump_cursor_destroy(verify.original);
	free(verify.page);
	free(verify.original_page);
	return err;
}
