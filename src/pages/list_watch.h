/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is told of lists that are damaged. */
#ifndef VMCULL_PAGES_LIST_WATCH_H
#define VMCULL_PAGES_LIST_WATCH_H

#include "pages/nodes.h"
#include "pages/page_list.h"

struct list_watch {
	/* @name: which list, as the kernel calls it.  @list stands at the entry that cannot be
	 * right. */
	void (*damaged)(void *arg, const struct zone *zone, const char *name,
			const struct page_list *list);
	void *arg;
};

static inline void list_watch_damaged(const struct list_watch *watch, const struct zone *zone,
				      const char *name, const struct page_list *list)
{
	if (watch && watch->damaged)
		watch->damaged(watch->arg, zone, name, list);
}

#endif
