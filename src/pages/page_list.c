/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/page_list.h"

#include <string.h>

struct vmc_error *page_list_init(struct page_list *list, struct memmap *memmap)
{
	const struct vmc_target *target = target_reader_target(memmap->reader);
	struct vmc_memory_run first;

	memset(list, 0, sizeof(*list));
	list->memmap = memmap;
	list->reader = memmap->reader;
	list->next = fact_or(&target->facts, FACT_OFFSET_list_head_next, 0);
	list->prev = fact_or(&target->facts, FACT_OFFSET_list_head_prev, target->layout.word_size);
	TRY(fact_need(&target->facts, FACT_OFFSET_page_lru, &list->lru));
	if (!vmc_dump_next_run(target->dump, 0, &first))
		return error_create(VMC_ERR_NODATA, "there is no memory in the dump");
	list->near = first.start;
	list->align = 1;
	return memmap_first(memmap, &list->near);
}

/* Memory that is not there is damage to a list, not the end of the walk. */
static struct vmc_error *unless_fatal(struct vmc_error *err, bool *ret_failed)
{
	*ret_failed = err;
	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	vmc_error_free(err);
	return NULL;
}

/* The two pointers of a list_head; they lie side by side. */
static struct vmc_error *read_links(const struct page_list *list, vmc_vaddr address,
				    uint64_t *ret_next, uint64_t *ret_prev)
{
	TRY(target_read_word(list->reader, address + list->next, ret_next));
	return target_read_word(list->reader, address + list->prev, ret_prev);
}

struct vmc_error *page_list_begin(struct page_list *list, vmc_vaddr head, uint64_t max,
				  bool *ret_is_list)
{
	uint64_t next = 0, prev = 0, back = 0, forth = 0, unused;
	bool failed;
	struct vmc_error *err = read_links(list, head, &next, &prev);

	if (!err)
		err = read_links(list, next, &unused, &back);
	if (!err)
		err = read_links(list, prev, &forth, &unused);
	TRY(unless_fatal(err, &failed));
	*ret_is_list = !failed && back == head && forth == head;
	list->head = head;
	list->entry = next;
	list->previous = head;
	list->passed = 0;
	list->max = max;
	return NULL;
}

static struct vmc_error *find_pfn(struct page_list *list, bool *ret_known, vmc_pfn *ret_pfn)
{
	vmc_vaddr page = list->entry - list->lru;
	uint64_t size = list->memmap->struct_size;
	uint64_t distance = page - list->run.structs;

	/* Most entries lie where the last one was. */
	if (list->run.kind == MEMMAP_PRESENT && distance / size < list->run.count &&
	    distance % size == 0) {
		*ret_known = true;
		*ret_pfn = list->run.start + distance / size;
		return NULL;
	}
	TRY(memmap_pfn(list->memmap, page, list->near, ret_known, ret_pfn));
	return *ret_known ? memmap_find(list->memmap, *ret_pfn, &list->run) : NULL;
}

struct vmc_error *page_list_next(struct page_list *list, enum page_list_step *ret_step,
				 vmc_pfn *ret_pfn)
{
	uint64_t next = 0, prev = 0;
	bool failed, known = false;

	*ret_step = PAGE_LIST_END;
	if (list->entry == list->head)
		return NULL;
	TRY(unless_fatal(read_links(list, list->entry, &next, &prev), &failed));
	if (!failed && prev == list->previous && list->passed < list->max) {
		TRY(unless_fatal(find_pfn(list, &known, ret_pfn), &failed));
		known &= !failed && *ret_pfn % list->align == 0;
	}
	*ret_step = known ? PAGE_LIST_ENTRY : PAGE_LIST_DAMAGED;
	if (known) {
		list->previous = list->entry;
		list->entry = next;
		list->passed++;
	}
	return NULL;
}
