/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "json.h"
#include "progress.h"
#include "text.h"

static struct {
	const char *name; /* NULL: our own */
	bool mute;
} speaker;

void message_speak_as(const char *name)
{
	speaker.name = name;
}

void message_mute(bool mute)
{
	speaker.mute = mute;
}

static void message_line(const char *prefix, const char *text)
{
	if (speaker.mute)
		return;
	progress_hide();
	fprintf(stderr, "%s: %s", speaker.name ? speaker.name : "vmcull", prefix);
	text_write(stderr, text, strlen(text));
	putc('\n', stderr);
	fflush(stderr);
}

static void message_line_va(const char *prefix, const char *format, va_list args)
	MESSAGE_PRINTF(2, 0);

static void message_line_va(const char *prefix, const char *format, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	message_line(prefix, text ? text : "out of memory");
	free(text);
}

void message_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_line_va("", format, args);
	va_end(args);
}

int message_usage(const char *command, const char *format, ...)
{
	char prefix[64] = "";
	va_list args;

	if (speaker.name)
		command = NULL;
	if (command)
		snprintf(prefix, sizeof(prefix), "%s: ", command);
	va_start(args, format);
	message_line_va(prefix, format, args);
	va_end(args);
	if (!speaker.mute)
		fprintf(stderr, "Try '%s%s%s --help'.\n", speaker.name ? speaker.name : "vmcull",
			command ? " " : "", command ? command : "");
	return STATUS_USAGE;
}

/* Library messages name the file first where they know it: "FILE: what". */
static bool begins_with_file(const char *message, const char *file)
{
	size_t length = file ? strlen(file) : 0;

	return length && strncmp(message, file, length) == 0 &&
	       (message[length] == ':' || message[length] == '.');
}

int message_failure(struct vmc_error *err, const char *file, const char *other)
{
	const char *message = vmc_error_message(err);

	if (!file || begins_with_file(message, file) || begins_with_file(message, other))
		message_error("%s", message);
	else
		message_error("%s: %s", file, message);
	vmc_error_free(err);
	return STATUS_FAILED;
}

static void log_message(void *arg, enum vmc_log_level level, const char *message)
{
	static const char *const prefixes[] = {
		[VMC_LOG_DEBUG] = "debug: ",
		[VMC_LOG_INFO] = "",
		[VMC_LOG_WARNING] = "warning: ",
	};
	struct message_log *log = arg;

	if (level == VMC_LOG_WARNING && log->warnings &&
	    json_array_size(log->warnings) < MESSAGE_WARNINGS_MAX)
		json_array_append_new(log->warnings, json_text(message));
	if (level >= log->level)
		message_line(prefixes[level], message);
}

struct vmc_log message_log(struct message_log *log)
{
	return (struct vmc_log){.write = log_message, .arg = log};
}

enum vmc_log_level message_level(unsigned int verbose)
{
	return verbose == 0 ? VMC_LOG_WARNING : verbose == 1 ? VMC_LOG_INFO : VMC_LOG_DEBUG;
}
