/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/mem_usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "compat/meter.h"
#include "compat/numbers.h"
#include "compat/say.h"
#include "compat/session.h"
#include "message.h"

/* Is there memory for a crash kernel?  makedumpfile insists on some. */
static bool crash_kernel_reserved(void)
{
	FILE *file = fopen("/sys/kernel/kexec_crash_size", "re");
	char text[32] = "";
	uint64_t size;
	bool known = file && fgets(text, sizeof(text), file);

	if (file)
		(void)fclose(file); /* was read */
	text[strcspn(text, "\n")] = '\0';
	return known && compat_number(text, 10, UINT64_MAX, &size) && size;
}

/* Pages with content, filled with zeros or not. */
static uint64_t pages_of(const struct vmc_audit_counts *counts, unsigned int states)
{
	uint64_t pages = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		if (states & VMC_STATE_BIT(state))
			pages += counts->content[state];
	return pages;
}

static void print_row(const char *name, uint64_t pages, const char *rest)
{
	say(COMPAT_COMMON, "%s%-16" PRIu64 "%s\n", name, pages, rest);
}

static void print_table(const struct vmc_audit *audit, uint32_t page_size)
{
	const struct vmc_audit_counts *counts = vmc_audit_counts(audit);
	uint64_t all = pages_of(counts, (1u << VMC_PAGE_STATE_COUNT) - 1);
	uint64_t zero = vmc_audit_level_zero_pages(audit, 31);

	say(COMPAT_COMMON,
	    "\nTYPE\t\tPAGES\t\t\tEXCLUDABLE\tDESCRIPTION\n"
	    "----------------------------------------------------------------------\n");
	print_row("ZERO\t\t", zero, "\tyes\t\tPages filled with zero");
	print_row("NON_PRI_CACHE\t", pages_of(counts, VMC_STATE_BIT(VMC_PAGE_CACHE)),
		  "\tyes\t\tCache pages without private flag");
	print_row("PRI_CACHE\t", pages_of(counts, VMC_STATE_BIT(VMC_PAGE_CACHE_PRIVATE)),
		  "\tyes\t\tCache pages with private flag");
	print_row("USER\t\t",
		  pages_of(counts, VMC_STATE_BIT(VMC_PAGE_ANON) | VMC_STATE_BIT(VMC_PAGE_HUGETLB)),
		  "\tyes\t\tUser process pages");
	print_row("FREE\t\t",
		  pages_of(counts, VMC_STATE_BIT(VMC_PAGE_FREE) | VMC_STATE_BIT(VMC_PAGE_FREE_PCP) |
					   VMC_STATE_BIT(VMC_PAGE_UNACCEPTED)),
		  "\tyes\t\tFree pages");
	print_row("KERN_DATA\t", vmc_audit_level_pages(audit, 31) - zero,
		  "\tno\t\tDumpable kernel data ");
	say(COMPAT_COMMON, "\npage size:\t\t%-16" PRIu32 "\n", page_size);
	print_row("Total pages on system:\t", all, "");
	print_row("Total size on system:\t", all * page_size, " Byte");
}

static int audit(const struct compat_args *args, struct vmc_target *target)
{
	struct vmc_progress progress = meter_callback();
	struct vmc_audit_options options = {.zero = true, .progress = &progress};
	struct vmc_audit *audit = NULL;
	struct vmc_error *err = vmc_audit_run(target, &options, &audit);

	meter_end();
	if (err)
		return message_failure(err, session_name(args), NULL);
	print_table(audit, vmc_target_page_size(target));
	vmc_audit_destroy(audit);
	return STATUS_DONE;
}

int mem_usage_run(const struct compat_args *args)
{
	struct opened opened = {0};
	int status = session_open(&opened, args);

	if (status == STATUS_DONE && vmc_target_is_live(opened.target) && !crash_kernel_reserved())
		message_error("warning: no memory is reserved for a crash kernel (crashkernel=), "
			      "so nothing would be dumped");
	if (status == STATUS_DONE)
		status = audit(args, opened.target);
	opened_close(&opened);
	return status;
}
