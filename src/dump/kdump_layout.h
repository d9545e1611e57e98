/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where everything is in a kdump-compressed file; for reader and writer.
 *
 *	block 0                   main header
 *	block 1                   sub header, then the ELF notes
 *	block 1 + S               first bitmap: pages that are memory
 *	block 1 + S + B / 2       second bitmap: pages that are stored
 *	block 1 + S + B           page descriptors, one a stored page, by pfn
 *	behind them               page data
 *
 * S = sub_hdr_size, B = bitmap_blocks, a block is a page of the dumped machine.  Integers have the
 * byte order, word size and alignment of the producer, which is meant to be a program of the dumped
 * machine.
 *
 * Bit n of a bitmap is pfn n, but on 32-bit ARM pfn n + phys_base / block size; max_mapnr,
 * start_pfn and end_pfn count in the same way.  So does makedumpfile (seen at b7587f1, 1.7.8):
 * ARCH_PFN_OFFSET is the lowest p_paddr of all PT_LOADs, and max_mapnr the pfn above the highest,
 * less that offset.  So does crash (at abcb45e, 9.0.2): its paddr_to_pfn() takes phys_base of the
 * sub header off the address.  QEMU (7.2) stores phys_base too, but numbers bits from physical
 * address 0; libkdumpfile (at 764baba, 0.5.4) reads them so.
 */
#ifndef VMCULL_DUMP_KDUMP_LAYOUT_H
#define VMCULL_DUMP_KDUMP_LAYOUT_H

#include "base/layout.h"

#define KDUMP_SIGNATURE      "KDUMP   "
#define KDUMP_SIGNATURE_SIZE 8
#define KDUMP_VERSION        6

/* Bits of status; those of the codecs are enum codec_format. */
#define KDUMP_STATUS_INCOMPLETE 0x8u
#define KDUMP_STATUS_NO_VMEMMAP 0x10u /* makedumpfile -e: parts of the memory map are left out */

/* A page descriptor: offset u64, size u32, flags u32 (enum codec_format), page flags u64, which
 * nobody uses but we: kdump_checksum.h. */
#define KDUMP_DESCRIPTOR_SIZE 24

/* utsname: six strings of 65 bytes. */
#define KDUMP_UTS_OFFSET 12
#define KDUMP_UTS_LENGTH 65
#define KDUMP_UTS_COUNT  6

#define KDUMP_MAIN_SIZE_MAX 464
#define KDUMP_SUB_SIZE_MAX  104

enum kdump_field {
	/* main header */
	KDUMP_VERSION_FIELD,
	KDUMP_TIME_SECONDS,
	KDUMP_STATUS,
	KDUMP_BLOCK_SIZE,
	KDUMP_SUB_HDR_SIZE,
	KDUMP_BITMAP_BLOCKS,
	KDUMP_MAX_MAPNR, /* low 32 bits, saturated */
	KDUMP_NR_CPUS,
	KDUMP_MAIN_FIELDS,

	/* sub header */
	KDUMP_PHYS_BASE = KDUMP_MAIN_FIELDS,
	KDUMP_DUMP_LEVEL,
	KDUMP_SPLIT,
	KDUMP_START_PFN, /* of a split part; a word, saturated since version 6 */
	KDUMP_END_PFN,
	KDUMP_OFFSET_VMCOREINFO,
	KDUMP_SIZE_VMCOREINFO,
	KDUMP_OFFSET_NOTE,
	KDUMP_SIZE_NOTE,
	KDUMP_OFFSET_ERASEINFO, /* a text: what was erased */
	KDUMP_SIZE_ERASEINFO,
	KDUMP_START_PFN_64,
	KDUMP_END_PFN_64,
	KDUMP_MAX_MAPNR_64,
	KDUMP_FIELD_COUNT
};

struct kdump_abi {
	uint8_t word_size;
	uint16_t main_size;
	uint16_t sub_size;
	struct {
		uint16_t offset; /* in its header */
		uint8_t size;    /* 4 or 8 bytes */
	} fields[KDUMP_FIELD_COUNT];
};

extern const struct kdump_abi kdump_abi_64;
/* Of 32-bit producers: 64-bit numbers of the sub header are aligned to 4 bytes on i386 (and by QEMU
 * for every guest), to 8 bytes elsewhere. */
extern const struct kdump_abi kdump_abi_32_packed;
extern const struct kdump_abi kdump_abi_32_padded;

/* The second with a time_t of 64 bits, which moves the rest of the main header to where a 64-bit
 * one has it: what crash and makedumpfile of Debian 13 want on armhf. */
extern const struct kdump_abi kdump_abi_32_time64;

/* The first, with a max_mapnr that is not its own: where kdump_abi_32_padded and
 * kdump_abi_32_time64 are both served; see write/kdump_headers.c. */
extern const struct kdump_abi kdump_abi_32_both;

/* The one to write for programs of the machine (EM_*). */
const struct kdump_abi *kdump_abi_of_machine(unsigned int word_size, uint16_t machine);

/* The header_version that a field came with. */
unsigned int kdump_field_since(enum kdump_field field);

static inline uint64_t kdump_field_load(const struct kdump_abi *abi, struct layout layout,
					const uint8_t *header, enum kdump_field field)
{
	const uint8_t *bytes = header + abi->fields[field].offset;

	return abi->fields[field].size == 8 ? load_u64(layout, bytes) : load_u32(layout, bytes);
}

static inline void kdump_field_store(const struct kdump_abi *abi, struct layout layout,
				     uint8_t *header, enum kdump_field field, uint64_t value)
{
	uint8_t *bytes = header + abi->fields[field].offset;

	if (abi->fields[field].size == 8)
		store_u64(layout, bytes, value);
	else
		store_u32(layout, bytes, (uint32_t)value);
}

#endif
