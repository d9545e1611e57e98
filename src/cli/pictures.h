/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --map and --html of "vmcull audit". */
#ifndef VMCULL_CLI_PICTURES_H
#define VMCULL_CLI_PICTURES_H

#include <vmcull/picture.h>

#define PICTURES_MAX 8

struct pictures {
	const char *maps[PICTURES_MAX]; /* files, or "-" */
	size_t map_count;
	const char *html; /* or NULL */
	bool content;     /* ranges are split by what is in the dump */
	struct vmc_map *map;
	struct vmc_report *report;
	struct vmc_error *err; /* of a range, while the audit ran */
};

/* Says what is wrong with the name of a map and returns an enum status: STATUS_DONE when nothing
 * is. */
int pictures_add_map(struct pictures *pictures, const char *path);

bool pictures_wanted(const struct pictures *pictures);

/* The files that will be written; returns how many. */
size_t pictures_files(const struct pictures *pictures, const char *files[PICTURES_MAX + 1]);

/* Before the audit of @dump, whose file is @input.  Returns an enum status. */
int pictures_begin(struct pictures *pictures, const struct vmc_dump *dump,
		   const struct vmc_target *target);

/* Each range; false when it failed, which pictures_write() tells. */
bool pictures_add(struct pictures *pictures, const struct vmc_audit_range *range);

/* After the audit.  Returns an enum status. */
int pictures_write(struct pictures *pictures, const struct vmc_target *target,
		   const struct vmc_audit *audit, const char *input);

void pictures_deinit(struct pictures *pictures);

#endif
