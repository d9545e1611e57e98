/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log, record by record, the oldest first: what dmesg(1) would show.
 */
#ifndef VMCULL_DMESG_H
#define VMCULL_DMESG_H

#include <vmcull/target.h>

/* How the kernel keeps its log. */
enum vmc_dmesg_form {
	VMC_DMESG_RING,    /* a lockless ring of records (since 5.10) */
	VMC_DMESG_RECORDS, /* one buffer of records (3.5 to 5.9) */
	VMC_DMESG_FLAT,    /* one buffer of text (to 3.4): each line is a record here */
};

/* vmc_dmesg_record.flags, as in the kernel. */
#define VMC_DMESG_NEWLINE 2 /* the line ends here */
#define VMC_DMESG_CONT    8 /* a later record may go on with this line, or this one does so */

#define VMC_DMESG_CALLER_CPU 0x80000000u /* in vmc_dmesg_record.caller: a CPU, not a thread */

struct vmc_dmesg_record {
	/* The kernel's number in a ring.  The other forms keep none: counted from 0 there. */
	uint64_t seq;
	bool has_time;
	uint64_t time; /* nanoseconds since the machine was started */
	bool has_level;
	uint8_t level;    /* 0 (emerg) to 7 (debug) */
	uint8_t facility; /* 0 (kern) to 31, as of syslog(3) */
	uint8_t flags;    /* VMC_DMESG_… and others of the kernel's */
	bool has_caller;
	uint32_t caller; /* thread or CPU that wrote it */
	/* Without a NUL at the end; may have several lines, and bytes of any value.  Valid until
	 * the next record is read.  NULL when there was no room to keep any. */
	const char *text;
	size_t size;
	/* In a flat buffer: the line as it stands there, with level and time; else NULL. */
	const char *line;
	size_t line_size;
	bool is_empty_line;    /* a record without data by intent: dmesg(1) shows an empty line */
	const char *subsystem; /* of the device that it is about; "" when of none */
	const char *device;    /* "+pci:0000:00:1f.2"; "" when of none */
};

struct vmc_dmesg_options {
	bool since_clear; /* only what was logged since the last "dmesg --clear" */
	bool quiet;       /* damage is counted, and the dump's log not told of it */
};

struct vmc_dmesg;

/* Finds the log.  VMC_ERR_MISSING when VMCOREINFO does not tell where it is, VMC_ERR_CORRUPT when
 * it makes no sense as a whole.  @options may be NULL.  The target must outlive it. */
VMC_API struct vmc_error *vmc_dmesg_open(struct vmc_target *target,
					 const struct vmc_dmesg_options *options,
					 struct vmc_dmesg **ret_dmesg) VMC_MUST_CHECK;
VMC_API void vmc_dmesg_close(struct vmc_dmesg *dmesg);

VMC_API enum vmc_dmesg_form vmc_dmesg_form(const struct vmc_dmesg *dmesg);

/* The next record; false at the end, which always comes.  What is damaged is passed over, counted,
 * and told to the dump's log. */
VMC_API bool vmc_dmesg_next(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *ret_record);

/* How many places of the log were damaged or unreadable so far. */
VMC_API uint64_t vmc_dmesg_damaged(const struct vmc_dmesg *dmesg);

#endif
