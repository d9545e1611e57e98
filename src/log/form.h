/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forms of a log: how one is read, record by record. */
#ifndef VMCULL_LOG_FORM_H
#define VMCULL_LOG_FORM_H

#include <vmcull/dmesg.h>

#include "log/ring.h"
#include "target/target.h"

/* LOG_BUF_LEN_MAX is 2 GiB. */
#define LOG_SIZE_MAX ((uint64_t)1 << 31)

/* Lengths are 16 bits. */
#define LOG_TEXT_MAX UINT16_MAX

/* The longest are LENGTH(printk_info_device)=48, and 128 in a dictionary. */
#define LOG_WORD_MAX 128

struct vmc_dmesg;

struct log_form {
	enum vmc_dmesg_form form;
	struct vmc_error *(*open)(struct vmc_dmesg *dmesg);
	/* The next record: true when there is one; what is damaged is passed over. */
	bool (*next)(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *record);
};

extern const struct log_form log_form_ring, log_form_records, log_form_flat;

/* A buffer of records: indices are of bytes. */
struct log_records {
	vmc_vaddr buffer;
	uint32_t length, size; /* of the buffer, of the head of a record */
	uint32_t first, at, end;
	bool wrapped; /* went on at the begin, and must not get to the first again */
	uint64_t seq;
};

/* A buffer of text: positions count on without end, what is there is their rest. */
struct log_flat {
	vmc_vaddr buffer;
	uint32_t length;
	uint64_t at, end;
	uint64_t seq;
	bool inside; /* of a line: its begin is gone, or was told */
};

/* The descriptors of a ring from @id on. */
struct log_walk {
	struct log_ring ring;
	uint64_t id, left;
	uint64_t first_seq;
	uint64_t seq_offset, time_offset, caller_offset, dev_offset;
	uint64_t subsystem_offset, subsystem_size, device_offset, device_size;
	struct ring_record record;
};

struct vmc_dmesg {
	struct vmc_target *target;
	struct target_reader *reader;
	const struct facts *facts;
	struct layout layout;
	struct vmc_dmesg_options options;
	const struct log_form *form;
	union {
		struct log_records records;
		struct log_flat flat;
		struct log_walk walk;
	};
	uint64_t damaged;
	char subsystem[LOG_WORD_MAX], device[LOG_WORD_MAX];
	char text[LOG_TEXT_MAX];
};

/* Counts a damaged place, and tells of the first ones.  Takes @err. */
void dmesg_damage(struct vmc_dmesg *dmesg, struct vmc_error *err);

/* Tells what was found to be missing, without being damage. */
void dmesg_warn(struct vmc_dmesg *dmesg, const char *message);

/* Level and flags share a byte, as bit fields: byte order decides which end of it is of which. */
void record_take_bits(struct vmc_dmesg_record *record, struct layout layout, uint8_t facility,
		      uint8_t bits);

#endif
