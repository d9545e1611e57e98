/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pictures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "message.h"
#include "new_file.h"
#include "output.h"

static bool ends_in(const char *path, const char *suffix)
{
	size_t length = strlen(path), wanted = strlen(suffix);

	return length > wanted && strcmp(path + length - wanted, suffix) == 0;
}

static bool is_terminal_map(const char *path)
{
	return strcmp(path, "-") == 0;
}

int pictures_add_map(struct pictures *pictures, const char *path)
{
	if (pictures->map_count == PICTURES_MAX)
		return message_usage("audit", "more than %d times --map", PICTURES_MAX);
	if (!is_terminal_map(path) && !ends_in(path, ".png") && !ends_in(path, ".svg"))
		return message_usage("audit",
				     "--map: '%s' ends neither in .png nor in .svg, nor is it '-'",
				     path);
	pictures->maps[pictures->map_count++] = path;
	return STATUS_DONE;
}

bool pictures_wanted(const struct pictures *pictures)
{
	return pictures->map_count || pictures->html;
}

size_t pictures_files(const struct pictures *pictures, const char *files[PICTURES_MAX + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < pictures->map_count; i++)
		if (!is_terminal_map(pictures->maps[i]))
			files[count++] = pictures->maps[i];
	if (pictures->html)
		files[count++] = pictures->html;
	return count;
}

static bool path_is_fit(const char *path, const char *input)
{
	struct stat info;

	if (output_overwrites(path, input)) {
		message_error("%s: would overwrite the dump", path);
		return false;
	}
	if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
		message_error("%s: is there and no regular file", path);
		return false;
	}
	/* new_file_begin() would not follow it, but that is told before the work. */
	if (lstat(path, &info) == 0 && S_ISLNK(info.st_mode)) {
		message_error("%s: is a link", path);
		return false;
	}
	return true;
}

int pictures_begin(struct pictures *pictures, const struct vmc_dump *dump,
		   const struct vmc_target *target)
{
	uint32_t page_size = vmc_target_page_size(target);
	vmc_pfn end = vmc_dump_end_pfn(dump);
	const char *input = vmc_dump_path(dump);
	struct vmc_error *err = NULL;

	for (size_t i = 0; i < pictures->map_count; i++) {
		if (!is_terminal_map(pictures->maps[i]) && !path_is_fit(pictures->maps[i], input))
			return STATUS_FAILED;
	}
	if (pictures->html && !path_is_fit(pictures->html, input))
		return STATUS_FAILED;
	if (pictures->map_count)
		err = vmc_map_create(end, page_size, VMC_MAP_CELLS, &pictures->map);
	if (!err && pictures->html)
		err = vmc_report_create(end, page_size, pictures->content, &pictures->report);
	return err ? message_failure(err, NULL, NULL) : STATUS_DONE;
}

bool pictures_add(struct pictures *pictures, const struct vmc_audit_range *range)
{
	struct vmc_error *err = NULL;

	if (pictures->map)
		err = vmc_map_add(pictures->map, range);
	if (!err && pictures->report)
		err = vmc_report_add(pictures->report, range);
	pictures->err = err;
	return !err;
}

static bool write_stream(void *arg, const void *data, size_t size)
{
	return fwrite(data, 1, size, arg) == size;
}

static struct vmc_map_text_options terminal_options(void)
{
	struct vmc_map_text_options options = {.colors = VMC_MAP_PLAIN};
	const char *depth = getenv("COLORTERM"), *terminal = getenv("TERM");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return options;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
		options.columns = size.ws_col;
		/* Leaves room for caption and legend. */
		options.rows = size.ws_row > 24 ? size.ws_row - 16u : 0;
	}
	if (getenv("NO_COLOR") || !terminal || strcmp(terminal, "dumb") == 0)
		return options;
	options.colors = depth && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0)
				 ? VMC_MAP_TRUECOLOR
				 : VMC_MAP_256;
	return options;
}

/* One picture into a stream: the report when @path is NULL. */
static struct vmc_error *draw(const struct pictures *pictures, const struct vmc_caption *caption,
			      const struct vmc_audit *audit, const char *path, FILE *stream)
{
	struct vmc_sink sink = {.write = write_stream, .arg = stream};
	struct vmc_map_text_options options = terminal_options();

	if (!path)
		return vmc_report_html(pictures->report, caption, audit, &sink);
	if (is_terminal_map(path))
		return vmc_map_text(pictures->map, caption, &options, &sink);
	if (ends_in(path, ".svg"))
		return vmc_map_svg(pictures->map, caption, &sink);
	return vmc_map_png(pictures->map, caption, &sink);
}

/* A file that could not be written whole is taken away again. */
static int draw_file(const struct pictures *pictures, const struct vmc_caption *caption,
		     const struct vmc_audit *audit, const char *map, const char *path)
{
	struct new_file file;
	struct vmc_error *err;

	if (!new_file_begin(&file, path, true)) {
		message_error("%s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	err = draw(pictures, caption, audit, map, file.stream);

	bool written = new_file_end(&file, !err, false);

	if (err)
		return message_failure(err, path, NULL);
	if (!written)
		message_error("%s: %s", path, strerror(errno));
	return written ? STATUS_DONE : STATUS_FAILED;
}

static struct vmc_error *name_zones(struct pictures *pictures, const struct vmc_audit *audit)
{
	const struct vmc_audit_zone *zone;
	struct vmc_error *err = NULL;

	for (size_t i = 0; !err && pictures->map && (zone = vmc_audit_zone(audit, i)); i++)
		err = vmc_map_name_zone(pictures->map, (unsigned int)i, zone->node, zone->name);
	return err;
}

int pictures_write(struct pictures *pictures, const struct vmc_target *target,
		   const struct vmc_audit *audit, const char *input)
{
	struct vmc_caption caption = {
		.title = "vmcull audit",
		.release = vmc_target_release(target),
		.machine = vmc_target_arch(target),
		.file = input,
	};
	struct vmc_error *err = name_zones(pictures, audit);
	int status = err ? message_failure(err, NULL, NULL) : STATUS_DONE;

	for (size_t i = 0; i < pictures->map_count && status == STATUS_DONE; i++) {
		const char *path = pictures->maps[i];

		if (!is_terminal_map(path)) {
			status = draw_file(pictures, &caption, audit, path, path);
			continue;
		}
		err = draw(pictures, &caption, audit, path, stdout);
		status = err ? message_failure(err, NULL, NULL) : STATUS_DONE;
	}
	if (pictures->html && status == STATUS_DONE)
		status = draw_file(pictures, &caption, audit, NULL, pictures->html);
	return status;
}

void pictures_deinit(struct pictures *pictures)
{
	vmc_map_destroy(pictures->map);
	vmc_report_destroy(pictures->report);
	vmc_error_free(pictures->err);
}
