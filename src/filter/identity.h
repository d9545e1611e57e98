/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the headers of an output say of the machine that was dumped.  From a target where there is
 * one; else from the headers of the input, which is enough for a copy.
 */
#ifndef VMCULL_FILTER_IDENTITY_H
#define VMCULL_FILTER_IDENTITY_H

#include "arch/image.h"
#include "target/target.h"

struct identity {
	struct layout layout;  /* of the kernel's memory, and of what is written */
	uint16_t machine;      /* EM_* */
	vmc_paddr phys_offset; /* as in struct arch */
	uint64_t phys_base;    /* of x86_64, riscv64, arm64, arm; 0 where it is not known */
	uint64_t crash_time;   /* seconds since 1970; 0 if unknown */
	uint32_t cpus;         /* 0 if unknown */
	char uts[UTS_COUNT][UTS_LENGTH + 1];

	/* The text: in the note of the input whose descriptor lies at this offset; or here; or
	 * there is none, its size is 0. */
	vmc_foff vmcoreinfo_offset;
	const char *vmcoreinfo;
	uint64_t vmcoreinfo_size;
};

/* Texts stay those of the target. */
void identity_from_target(const struct vmc_target *target, struct identity *ret_identity);

/* From headers and notes alone. */
void identity_from_dump(const struct vmc_dump *dump, struct identity *ret_identity);

/* For a copy, which keeps what the input says of itself and adds what @target knows. */
void identity_of_copy(const struct vmc_target *target, struct identity *ret_identity);

#endif
