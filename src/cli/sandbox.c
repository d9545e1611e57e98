/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox.h"

#include <errno.h>
#include <jansson.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

#include "message.h"
#include "sandbox_parts.h"

static void say(const struct vmc_log *log, enum vmc_log_level level, const char *format, ...)
	MESSAGE_PRINTF(3, 4);

static void say(const struct vmc_log *log, enum vmc_log_level level, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (log->write)
		log->write(log->arg, level, line);
}

/* Linux shows a crash and its own memory there, and nowhere else. */
static bool is_in_proc(const char *path)
{
	struct statfs info;

	return statfs(path, &info) == 0 && info.f_type == PROC_SUPER_MAGIC;
}

/* It makes system calls of its own in our name, and code. */
static bool is_under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "/vgpreload_");
}

/* Half a sandbox is better than none. */
static void tell_missing(const struct vmc_log *log, const char *what, int error_number)
{
	if (error_number == ENOSYS)
		say(log, VMC_LOG_INFO, "no sandbox for %s: this system has none", what);
	else
		say(log, VMC_LOG_WARNING, "no sandbox for %s: %s", what, strerror(error_number));
}

void sandbox_enter(const struct sandbox *sandbox, const struct vmc_log *log)
{
	int files, calls, abi = 0;

	/* Reads /dev/urandom, else when the first object is made. */
	json_object_seed(0);
	for (size_t i = 0; i < sandbox->input_count; i++) {
		if (is_in_proc(sandbox->inputs[i])) {
			say(log, VMC_LOG_INFO, "no sandbox: %s is of the running kernel",
			    sandbox->inputs[i]);
			return;
		}
	}
	if (is_under_valgrind()) {
		say(log, VMC_LOG_INFO, "no sandbox under valgrind");
		return;
	}
	/* Linux 3.5; both halves ask for it. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		tell_missing(log, "files and system calls", errno == EINVAL ? ENOSYS : errno);
		return;
	}
	files = sandbox_landlock(sandbox, &abi);
	calls = sandbox_seccomp(sandbox);
	if (!files)
		say(log, VMC_LOG_INFO, "sandbox for files: Landlock, version %d", abi);
	else
		tell_missing(log, "files", files);
	if (!calls)
		say(log, VMC_LOG_INFO, "sandbox for system calls: seccomp");
	else
		tell_missing(log, "system calls", calls);
}
