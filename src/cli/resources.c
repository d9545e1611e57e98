/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "message.h"
#include "options.h"
#include "report.h"

/* Of the memory that is there one part is for threads; the others are for the kernel, which keeps
 * what is written until the disk has it, and for what else runs. */
#define MEMORY_SHARE 4

/* Of one that classifies pages. */
#define THREAD_MEMORY ((uint64_t)1 << 20)

#define CGROUP_ROOT "/sys/fs/cgroup"
#define LINE_MAX_   4096

bool resources_take_threads(struct resources *resources, const char *command, const char *value)
{
	int number = 0;

	if (strcmp(value, "auto") != 0 && !parse_number(value, 1, VMC_WRITE_THREADS_MAX, &number)) {
		message_usage(command,
			      "--threads: '%s' is neither auto nor a number between 1 and %d",
			      value, VMC_WRITE_THREADS_MAX);
		return false;
	}
	resources->threads = (unsigned int)number;
	return true;
}

bool resources_take_memory(struct resources *resources, const char *command, const char *value)
{
	if (parse_size(value, &resources->memory_limit))
		return true;
	message_usage(command, "--memory-limit: '%s' is no size, such as 64M or 2G", value);
	return false;
}

/* What the first line of a file says that begins with @prefix, behind that. */
static bool read_line(const char *path, const char *prefix, char rest[static LINE_MAX_])
{
	char line[LINE_MAX_];
	FILE *stream = fopen(path, "re");
	bool found = false;

	while (stream && !found && fgets(line, sizeof(line), stream)) {
		found = strncmp(line, prefix, strlen(prefix)) == 0;
		line[strcspn(line, "\n")] = '\0';
	}
	if (stream)
		(void)fclose(stream); /* was read */
	if (found)
		snprintf(rest, LINE_MAX_, "%s", line + strlen(prefix));
	return found;
}

/* "max" and what else is no number is none. */
static bool read_number(const char *text, uint64_t *ret_number, const char **ret_rest)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	*ret_rest = end;
	return end != text && !errno;
}

static bool read_cgroup(const char *group, const char *file, const char *prefix,
			char text[static LINE_MAX_])
{
	char path[2 * LINE_MAX_];

	snprintf(path, sizeof(path), "%s%s/%s", CGROUP_ROOT, group, file);
	return read_line(path, prefix, text);
}

static bool read_number_of(const char *group, const char *file, const char *prefix,
			   uint64_t *ret_number)
{
	char text[LINE_MAX_];
	const char *rest;

	return read_cgroup(group, file, prefix, text) && read_number(text, ret_number, &rest);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Files that are cached can be dropped. */
static uint64_t memory_in_use(const char *group)
{
	static const char *const droppable[] = {"inactive_file ", "active_file "};
	uint64_t used = 0, cached;

	if (!read_number_of(group, "memory.current", "", &used))
		return 0;
	for (size_t i = 0; i < sizeof(droppable) / sizeof(*droppable); i++)
		if (read_number_of(group, "memory.stat", droppable[i], &cached))
			used -= min(used, cached);
	return used;
}

static void look_at_group(const char *group, struct room *room)
{
	uint64_t limit = 0, period = 0;
	char text[LINE_MAX_];
	const char *rest;

	if (read_number_of(group, "memory.max", "", &limit))
		room->memory = min(room->memory, limit - min(limit, memory_in_use(group)));
	/* Microseconds in a period: part of a CPU is one. */
	if (read_cgroup(group, "cpu.max", "", text) && read_number(text, &limit, &rest) &&
	    read_number(rest, &period, &rest) && period)
		room->cpus = min(room->cpus, limit / period + (limit % period != 0));
}

/* A group has no more than the groups that it is in. */
static struct room look_around(void)
{
	struct room room = {.memory = UINT64_MAX, .cpus = vmc_usable_cpus()};
	char text[LINE_MAX_];
	const char *rest;
	uint64_t kib;

	if (read_line("/proc/meminfo", "MemAvailable:", text) && read_number(text, &kib, &rest))
		room.memory = kib << 10;
	if (!read_line("/proc/self/cgroup", "0::", text))
		return room;
	for (char *slash; (slash = strrchr(text, '/')); *slash = '\0')
		look_at_group(text, &room);
	return room;
}

void resources_look(struct resources *resources)
{
	resources->room = look_around();
}

static struct room room_of(const struct resources *resources)
{
	return resources->room.cpus ? resources->room : look_around();
}

unsigned int resources_threads(const struct resources *resources)
{
	struct room room = room_of(resources);
	uint64_t memory =
		resources->memory_limit ? resources->memory_limit : room.memory / MEMORY_SHARE;

	return (unsigned int)min(resources->threads ? resources->threads : room.cpus,
				 memory / THREAD_MEMORY);
}

struct vmc_error *resources_apply(const struct resources *resources, const struct vmc_plan *plan,
				  struct vmc_write_options *options)
{
	struct room room = room_of(resources);
	uint64_t least;

	options->threads = resources->threads ? resources->threads : (unsigned int)room.cpus;
	options->memory_limit = resources->memory_limit;
	if (options->memory_limit || room.memory == UINT64_MAX)
		return NULL;

	struct vmc_error *err = vmc_write_memory(plan, options, 1, &least);

	options->memory_limit = room.memory / MEMORY_SHARE;
	if (!err && options->memory_limit < least)
		options->memory_limit = least;
	return err;
}

void resources_report(FILE *stream, const struct vmc_write_summary *written)
{
	char size[REPORT_SIZE_LENGTH];

	report_field(stream, "threads", "%u, in %s of memory at most", written->threads,
		     report_size(size, written->memory));
	report_field(stream, "flush", "%.1f s until the disk had all of it", written->sync_seconds);
}

json_t *resources_json(json_t *object, const struct vmc_write_summary *written)
{
	object = json_with(object, "threads", json_count(written->threads));
	object = json_with(object, "threads_memory", json_count(written->memory));
	return json_with(object, "sync_seconds", json_real(written->sync_seconds));
}
