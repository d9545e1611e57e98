/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the caller through the callback of <vmcull/log.h>. */
#ifndef VMCULL_BASE_LOG_H
#define VMCULL_BASE_LOG_H

#include <vmcull/log.h>

void log_write(const struct vmc_log *log, enum vmc_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_debug(log, ...)   log_write(log, VMC_LOG_DEBUG, __VA_ARGS__)
#define log_info(log, ...)    log_write(log, VMC_LOG_INFO, __VA_ARGS__)
#define log_warning(log, ...) log_write(log, VMC_LOG_WARNING, __VA_ARGS__)

#endif
