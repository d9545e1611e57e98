/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arch.h"

#include <assert.h>

#include "base/checked.h"

struct vmc_error *arch_init(struct arch *arch, const struct vmc_dump *dump,
			    const struct phys_reader *reader)
{
	if (!(arch->ops->page_sizes >> arch->page_shift & 1))
		return error_create(VMC_ERR_CORRUPT, "%s has no pages of %u bytes (PAGESIZE)",
				    arch->ops->name, 1u << arch->page_shift);

	struct vmc_error *err = arch->ops->init(arch, dump, reader);

	if (err)
		arch_deinit(arch);
	return err;
}

void arch_deinit(struct arch *arch)
{
	if (arch->ops && arch->ops->deinit)
		arch->ops->deinit(arch);
	arch->private = NULL;
}

void arch_add_window(struct arch *arch, vmc_vaddr first, vmc_vaddr last, vmc_paddr address)
{
	assert(arch->window_count < ARCH_WINDOWS_MAX && first <= last);
	arch->windows[arch->window_count++] = (struct va_range){
		.first = first,
		.last = last,
		.mapped = true,
		.address = address,
	};
}

/* Cuts off what windows have of a range around @address, which is in none of the first @count. */
static void range_clip(const struct arch *arch, unsigned int count, vmc_vaddr address,
		       struct va_range *range)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct va_range *window = &arch->windows[i];

		if (window->first > address) {
			range->last = min_u64(range->last, window->first - 1);
		} else if (window->last >= range->first) {
			range->address += window->last + 1 - range->first;
			range->first = window->last + 1;
		}
	}
}

static struct vmc_error *translate_outside(const struct arch *arch,
					   const struct phys_reader *reader, vmc_vaddr address,
					   struct va_range *ret_range)
{
	const struct paging *paging = &arch->paging;
	bool paged = paging->levels && address >= paging->first && address <= paging->last;

	if (!paged && arch->ops->find) {
		TRY(arch->ops->find(arch, reader, address, ret_range));
		if (paging->levels && address < paging->first)
			ret_range->last = min_u64(ret_range->last, paging->first - 1);
		else if (paging->levels && ret_range->first <= paging->last) {
			ret_range->address += paging->last + 1 - ret_range->first;
			ret_range->first = paging->last + 1;
		}
		return NULL;
	}
	if (paging->levels)
		return paging_translate(paging, reader, address, ret_range);
	*ret_range = (struct va_range){.first = 0, .last = UINT64_MAX};
	return NULL;
}

struct vmc_error *arch_translate(const struct arch *arch, const struct phys_reader *reader,
				 vmc_vaddr address, struct va_range *ret_range)
{
	for (unsigned int i = 0; i < arch->window_count; i++) {
		if (address < arch->windows[i].first || address > arch->windows[i].last)
			continue;
		*ret_range = arch->windows[i];
		range_clip(arch, i, address, ret_range);
		return NULL;
	}
	TRY(translate_outside(arch, reader, address, ret_range));
	range_clip(arch, arch->window_count, address, ret_range);
	return NULL;
}

struct vmc_error *arch_visit_tables(const struct arch *arch, const struct phys_reader *reader,
				    const struct table_visitor *visitor)
{
	return arch->paging.levels ? paging_visit(&arch->paging, reader, visitor) : NULL;
}
