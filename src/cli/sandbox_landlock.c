/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock, by its system calls: what a process may open from now on.  What is open stays open.
 *
 *	version	Linux	restricts
 *	1	5.13	files
 *	2	5.19	files that change their folder
 *	3	6.2	truncation
 *	4	6.7	TCP
 *	5	6.10	ioctl() on devices
 *	6	6.12	signals and abstract sockets
 *
 * Headers may be older than the kernel, so the numbers of later versions are here.
 */
#include "sandbox_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<linux/landlock.h>) && defined(__NR_landlock_create_ruleset)
#include <linux/landlock.h>

#define FILES_OF_1  (((uint64_t)1 << 13) - 1)
#define FILES_REFER ((uint64_t)1 << 13)
#define FILES_TRUNC ((uint64_t)1 << 14)
#define FILES_IOCTL ((uint64_t)1 << 15)
#define TCP_OF_4    ((uint64_t)3)
#define SCOPED_OF_6 ((uint64_t)3)
#define FOLDER_NEEDS                                                    \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | \
	 LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_REG)

/* What kernels take, longer than that of old headers; a kernel that knows less takes zeros. */
struct ruleset {
	uint64_t files, tcp, scoped;
};

static int create_ruleset(const struct ruleset *ruleset, size_t size, uint32_t flags)
{
	return (int)syscall(__NR_landlock_create_ruleset, ruleset, size, flags);
}

static struct ruleset ruleset_of(int abi)
{
	return (struct ruleset){
		.files = FILES_OF_1 | (abi >= 2 ? FILES_REFER : 0) | (abi >= 3 ? FILES_TRUNC : 0) |
			 (abi >= 5 ? FILES_IOCTL : 0),
		.tcp = abi >= 4 ? TCP_OF_4 : 0,
		.scoped = abi >= 6 ? SCOPED_OF_6 : 0,
	};
}

static int allow_folder(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights};
	int error_number = 0;

	rule.parent_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno;
	if (syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		error_number = errno;
	(void)close(rule.parent_fd);
	return error_number;
}

static int allow_folder_of(int ruleset, const char *output, uint64_t rights)
{
	char *copy = strdup(output);
	int error_number;

	if (!copy)
		return ENOMEM;
	error_number = allow_folder(ruleset, dirname(copy), rights);
	free(copy);
	return error_number;
}

static int fill_and_enter(int ruleset, const struct sandbox *sandbox, uint64_t known)
{
	uint64_t rights = (FOLDER_NEEDS | FILES_TRUNC) & known;
	int error_number = 0;

	for (size_t i = 0; i < sandbox->output_count && !error_number; i++)
		if (sandbox->outputs[i])
			error_number = allow_folder_of(ruleset, sandbox->outputs[i], rights);
#ifdef SANDBOX_LENIENT
	/* Sanitizers and gcov read /proc and write what they found. */
	if (!error_number)
		error_number = allow_folder(ruleset, "/", rights);
#endif
	if (!error_number && syscall(__NR_landlock_restrict_self, ruleset, 0) != 0)
		error_number = errno;
	return error_number;
}

int sandbox_landlock(const struct sandbox *sandbox, int *ret_abi)
{
	int abi = create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	/* EOPNOTSUPP: switched off at boot.  EPERM: containers know no call that is younger. */
	if (abi < 0)
		return errno == EOPNOTSUPP || errno == EPERM ? ENOSYS : errno;

	struct ruleset wanted = ruleset_of(abi);
	int ruleset = create_ruleset(&wanted, sizeof(wanted), 0);

	if (ruleset < 0)
		return errno;

	int error_number = fill_and_enter(ruleset, sandbox, wanted.files);

	(void)close(ruleset);
	*ret_abi = abi;
	return error_number;
}

#else

int sandbox_landlock(const struct sandbox *sandbox, int *ret_abi)
{
	(void)sandbox, (void)ret_abi;
	return ENOSYS;
}

#endif
