/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log as text. */
#ifndef VMCULL_CLI_DMESG_TEXT_H
#define VMCULL_CLI_DMESG_TEXT_H

#include <stdio.h>

#include <vmcull/dmesg.h>

/* Plain forms, which programs that read logs of dumps are used to, byte for byte. */
enum dmesg_plain {
	DMESG_LIKE_MAKEDUMPFILE, /* --dump-dmesg of 1.7.8 */
	DMESG_LIKE_VMCORE_DMESG, /* kexec-tools 2.0.25: no callers, no indentation, empty lines */
};

/* Writes the log of @target, which was opened from @path, into @stream; says on stderr what is
 * wrong.  Returns STATUS_DONE, STATUS_PARTIAL when the log is damaged in part, or STATUS_FAILED
 * when it cannot be read.  Whether it was written, the stream tells. */
int dmesg_text_write(struct vmc_target *target, const char *path, enum dmesg_plain plain,
		     bool since_clear, FILE *stream);

enum dmesg_time {
	DMESG_TIME_BOOT,  /* "[    1.234567] " */
	DMESG_TIME_ISO,   /* "2026-11-28T14:15:57,234567+00:00 " */
	DMESG_TIME_DELTA, /* "[<    0.000123>] ", since the last one */
	DMESG_TIME_NONE,
};

struct dmesg_style {
	enum dmesg_time time;
	int64_t booted;   /* for DMESG_TIME_ISO: nanoseconds since 1970 */
	bool raw_lines;   /* of a flat buffer: as they stand there */
	bool no_callers;  /* the thread or CPU that wrote it is not shown */
	bool no_indent;   /* of all lines but the first of a record */
	bool empty_lines; /* records without text are lines, too */
	bool decode;      /* facility and level go first */
	bool color;
	bool terminal; /* what moves the cursor is escaped, too */

	uint64_t last_time; /* of the record before; 0 at first */
	bool more;          /* there was one */
};

void dmesg_text_record(struct dmesg_style *style, const struct vmc_dmesg_record *record,
		       FILE *stream);

/* "emerg" to "debug"; "kern" and so on; NULL from 8 and from 24 on. */
const char *dmesg_level_name(unsigned int level);
const char *dmesg_facility_name(unsigned int facility);

#endif
