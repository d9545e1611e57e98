/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#ifdef __clang_analyzer__
#undef error_create
#undef error_create_at
#undef error_system
#undef error_nomem
#undef error_context
#endif

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct vmc_error {
	enum vmc_error_code code;
	int error_number;
	char *message;
};

/* Never freed: telling that memory is short must not need memory. */
static struct vmc_error nomem = {
	.code = VMC_ERR_NOMEM,
	.message = (char[]){"out of memory"},
};

enum vmc_error_code vmc_error_code(const struct vmc_error *err)
{
	return err->code;
}

int vmc_error_errno(const struct vmc_error *err)
{
	return err->error_number;
}

const char *vmc_error_message(const struct vmc_error *err)
{
	return err->message;
}

void vmc_error_free(struct vmc_error *err)
{
	if (!err || err == &nomem)
		return;
	free(err->message);
	free(err);
}

struct vmc_error *error_nomem(void)
{
	return &nomem;
}

/* Takes ownership of @message, NULL meaning that there was no memory for it. */
static struct vmc_error *error_wrap_message(enum vmc_error_code code, int error_number,
					    char *message)
{
	struct vmc_error *err = message ? malloc(sizeof(*err)) : NULL;

	if (!err) {
		free(message);
		return &nomem;
	}
	*err = (struct vmc_error){.code = code, .error_number = error_number, .message = message};
	return err;
}

static char *__attribute__((format(printf, 1, 0))) format_message(const char *format, va_list args)
{
	char *message = NULL;

	return vasprintf(&message, format, args) < 0 ? NULL : message;
}

struct vmc_error *error_create(enum vmc_error_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *message = format_message(format, args);
	va_end(args);
	return error_wrap_message(code, 0, message);
}

struct vmc_error *error_create_at(enum vmc_error_code code, enum error_place place, uint64_t where,
				  const char *format, ...)
{
	static const char *const names[] = {
		[ERROR_AT_OFFSET] = "offset",
		[ERROR_AT_PFN] = "pfn",
		[ERROR_AT_PADDR] = "physical address",
		[ERROR_AT_VADDR] = "virtual address",
	};
	va_list args;

	va_start(args, format);
	_cleanup_free_ char *text = format_message(format, args);
	va_end(args);

	char *message = NULL;
	if (text && place == ERROR_PLACE_NONE)
		message = take_ptr(text);
	else if (text &&
		 asprintf(&message, "%s (at %s 0x%" PRIx64 ")", text, names[place], where) < 0)
		message = NULL;
	return error_wrap_message(code, 0, message);
}

struct vmc_error *error_system(int error_number, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	_cleanup_free_ char *text = format_message(format, args);
	va_end(args);

	char reason[128];
	char *message = NULL;
	/* The GNU strerror_r() may answer with a string of its own. */
	if (text && asprintf(&message, "%s: %s", text,
			     strerror_r(error_number, reason, sizeof(reason))) < 0)
		message = NULL;
	return error_wrap_message(error_number == ENOMEM ? VMC_ERR_NOMEM : VMC_ERR_SYSTEM,
				  error_number, message);
}

struct vmc_error *error_context(struct vmc_error *err, const char *format, ...)
{
	if (!err || err == &nomem)
		return err;

	va_list args;

	va_start(args, format);
	_cleanup_free_ char *text = format_message(format, args);
	va_end(args);

	char *message;
	if (!text || asprintf(&message, "%s: %s", text, err->message) < 0)
		return err; /* less context, but the error itself is kept */
	free(err->message);
	err->message = message;
	return err;
}

struct vmc_error *error_recode(struct vmc_error *err, enum vmc_error_code code)
{
	if (err && err != &nomem)
		err->code = code;
	return err;
}
