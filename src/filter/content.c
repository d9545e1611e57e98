/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plan changes in the pages that it keeps, and what the file says of that. */
#include <string.h>

#include "arch/image.h"
#include "base/checked.h"
#include "erase/erase.h"
#include "filter/plan.h"

#define ERASEINFO_MAX ((size_t)1 << 20)

bool plan_changes(const struct vmc_plan *plan, vmc_paddr address, size_t size)
{
	return plan->parts.active || (plan->erase && erase_touches(plan->erase, address, size));
}

const void *plan_content(const struct vmc_plan *plan, vmc_paddr address, const void *page,
			 void *buffer, size_t page_size)
{
	if (!plan_changes(plan, address, page_size))
		return page;
	if (page != buffer)
		memcpy(buffer, page, page_size);
	if (plan->parts.active)
		plan_parts_blank(&plan->parts, address, buffer, page_size);
	if (plan->erase)
		erase_apply(plan->erase, address, buffer, page_size);
	return buffer;
}

/* Headers repeat the names of the machine: what is erased of them in memory goes there, too. */
static struct vmc_error *erase_names(struct vmc_plan *plan)
{
	_cleanup_(target_reader_destroy) struct target_reader *reader = NULL;
	uint8_t names[UTS_COUNT * UTS_LENGTH];
	struct va_range range;

	TRY(target_reader_create(plan->target, &reader));
	for (size_t i = 0; i < UTS_COUNT; i++)
		memcpy(names + i * UTS_LENGTH, plan->identity.uts[i], UTS_LENGTH);
	for (size_t done = 0; done < sizeof(names);) {
		vmc_vaddr address = image_uts_address(&plan->target->arch) + done;

		TRY(target_translate(reader, address, &range));
		if (!range.mapped)
			return NULL;

		size_t part = (size_t)min_u64(sizeof(names) - done - 1, range.last - address) + 1;

		erase_apply(plan->erase, range.address + (address - range.first), names + done,
			    part);
		done += part;
	}
	for (size_t i = 0; i < UTS_COUNT; i++)
		memcpy(plan->identity.uts[i], names + i * UTS_LENGTH, UTS_LENGTH);
	return NULL;
}

struct vmc_error *vmc_plan_set_erase(struct vmc_plan *plan, const struct vmc_erase *erase)
{
	if (!plan->target)
		return error_create(VMC_ERR_INVALID,
				    "nothing can be erased where the kernel is not known");
	plan->erase = erase;
	return erase_names(plan);
}

bool plan_note_is_eraseinfo(const struct note *note)
{
	return strcmp(note->name, PLAN_ERASEINFO_NOTE) == 0;
}

/* What others erased before: in a note of an ELF file, or where a kdump header says. */
static struct vmc_error *read_before(const struct vmc_dump *dump, char **ret_text, size_t *ret_size)
{
	const struct note *note = notes_find(&dump->notes, PLAN_ERASEINFO_NOTE, 0);
	struct note range = {.offset = dump->eraseinfo_offset, .size = dump->eraseinfo_size};

	if (note)
		range = *note;
	if (!range.size)
		return NULL;
	return error_context(note_read(&range, dump->file, ERASEINFO_MAX, ret_text, ret_size),
			     "eraseinfo");
}

struct vmc_error *plan_eraseinfo(const struct vmc_plan *plan, char **ret_text, size_t *ret_size)
{
	size_t before = 0, now = plan->erase ? plan->erase->info_size : 0;
	_cleanup_free_ char *text = NULL;

	*ret_text = NULL;
	*ret_size = 0;
	TRY(read_before(plan->dump, &text, &before));
	if (now) {
		char *grown = realloc(text, before + now + 1);

		if (!grown)
			return error_nomem();
		text = grown;
		memcpy(text + before, plan->erase->info, now);
		text[before + now] = '\0';
	}
	*ret_size = before + now;
	*ret_text = take_ptr(text);
	return NULL;
}
