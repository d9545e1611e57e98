/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void log_write(const struct vmc_log *log, enum vmc_log_level level, const char *format, ...)
{
	char line[1024];
	va_list args;

	if (!log || !log->write)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log->write(log->arg, level, line);
}
