/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log callback.  The library never prints: what the user should know besides the result (a
 * part of the memory map cannot be read, totals contradict each other) is handed to this callback.
 */
#ifndef VMCULL_LOG_H
#define VMCULL_LOG_H

#include <vmcull/types.h>

enum vmc_log_level {
	VMC_LOG_DEBUG,
	VMC_LOG_INFO,
	VMC_LOG_WARNING,
};

struct vmc_log {
	/* One line without newline.  May be called from several threads, never at the same time.
	 * NULL: nothing is said. */
	void (*write)(void *arg, enum vmc_log_level level, const char *message);
	void *arg;
};

#endif
