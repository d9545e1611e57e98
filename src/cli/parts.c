/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parts.h"

struct vmc_write_summary parts_sum(const struct vmc_write_summary *parts, size_t count)
{
	struct vmc_write_summary sum = {0};

	for (size_t i = 0; i < count; i++) {
		sum.pages_written += parts[i].pages_written;
		sum.zero_pages += parts[i].zero_pages;
		sum.raw_pages += parts[i].raw_pages;
		sum.passed_pages += parts[i].passed_pages;
		sum.unreadable_pages += parts[i].unreadable_pages;
		sum.bytes_in += parts[i].bytes_in;
		sum.bytes_out += parts[i].bytes_out;
		sum.threads = parts[i].threads;
		sum.memory = parts[i].memory;
		sum.incomplete |= parts[i].incomplete;
		sum.full |= parts[i].full;
	}
	return sum;
}
