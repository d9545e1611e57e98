/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/say.h"

#include <stdarg.h>
#include <string.h>

#include "compat/meter.h"
#include "text.h"

static struct {
	unsigned int kinds;
	bool to_stderr;
} settings = {.kinds = COMPAT_KINDS_DEFAULT};

void say_init(unsigned int kinds, bool to_stderr)
{
	settings.kinds = kinds;
	settings.to_stderr = to_stderr;
	message_mute(!say_wanted(COMPAT_ERROR));
}

bool say_wanted(enum compat_kind kind)
{
	return settings.kinds & kind;
}

FILE *say_stream(void)
{
	return settings.to_stderr ? stderr : stdout;
}

void say(enum compat_kind kind, const char *format, ...)
{
	va_list args;

	if (!say_wanted(kind))
		return;
	meter_break();
	va_start(args, format);
	vfprintf(say_stream(), format, args);
	va_end(args);
	fflush(say_stream());
}

static void say_logged(void *arg, enum vmc_log_level level, const char *message)
{
	(void)arg;
	if (level == VMC_LOG_WARNING) {
		meter_break();
		message_error("warning: %s", message);
		return;
	}
	if (!say_wanted(COMPAT_DEBUG))
		return;
	meter_break();
	text_write(say_stream(), message, strlen(message));
	putc('\n', say_stream());
}

struct vmc_log say_log(void)
{
	return (struct vmc_log){.write = say_logged};
}
