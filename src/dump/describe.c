/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a dump tells of itself to those who report about it. */
#include "dump/dump.h"
#include "dump/machine.h"

const char *vmc_dump_machine(const struct vmc_dump *dump)
{
	const char *name = machine_name(dump->machine);

	return name ? name : "unknown";
}

void vmc_dump_history(const struct vmc_dump *dump, struct vmc_dump_history *ret_history)
{
	*ret_history = dump->history;
}

struct vmc_error *vmc_dump_compact_pages(const struct vmc_dump *dump, uint64_t *ret_count)
{
	*ret_count = 0;
	if (!dump->history.compact_map || !dump->format->compact_pages)
		return NULL;
	return error_context(dump->format->compact_pages(dump, ret_count), "%s", dump->file->path);
}

bool vmc_dump_next_range(const struct vmc_dump *dump, vmc_paddr from, vmc_paddr *ret_start,
			 uint64_t *ret_size)
{
	return dump_next_range(dump, from, ret_start, ret_size);
}
