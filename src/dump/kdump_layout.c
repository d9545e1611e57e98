/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/kdump_layout.h"

#include <elf.h>

const struct kdump_abi kdump_abi_64 = {
	.word_size = 8,
	.main_size = 464,
	.sub_size = 104,
	.fields =
		{
			[KDUMP_VERSION_FIELD] = {8, 4},    [KDUMP_TIME_SECONDS] = {408, 8},
			[KDUMP_STATUS] = {424, 4},         [KDUMP_BLOCK_SIZE] = {428, 4},
			[KDUMP_SUB_HDR_SIZE] = {432, 4},   [KDUMP_BITMAP_BLOCKS] = {436, 4},
			[KDUMP_MAX_MAPNR] = {440, 4},      [KDUMP_NR_CPUS] = {460, 4},
			[KDUMP_PHYS_BASE] = {0, 8},        [KDUMP_DUMP_LEVEL] = {8, 4},
			[KDUMP_SPLIT] = {12, 4},           [KDUMP_START_PFN] = {16, 8},
			[KDUMP_END_PFN] = {24, 8},         [KDUMP_OFFSET_VMCOREINFO] = {32, 8},
			[KDUMP_SIZE_VMCOREINFO] = {40, 8}, [KDUMP_OFFSET_NOTE] = {48, 8},
			[KDUMP_SIZE_NOTE] = {56, 8},       [KDUMP_OFFSET_ERASEINFO] = {64, 8},
			[KDUMP_SIZE_ERASEINFO] = {72, 8},  [KDUMP_START_PFN_64] = {80, 8},
			[KDUMP_END_PFN_64] = {88, 8},      [KDUMP_MAX_MAPNR_64] = {96, 8},
		},
};

#define MAIN_FIELDS_32                                                                             \
	[KDUMP_VERSION_FIELD] = {8, 4}, [KDUMP_TIME_SECONDS] = {404, 4},                           \
	[KDUMP_STATUS] = {412, 4}, [KDUMP_BLOCK_SIZE] = {416, 4}, [KDUMP_SUB_HDR_SIZE] = {420, 4}, \
	[KDUMP_BITMAP_BLOCKS] = {424, 4}, [KDUMP_NR_CPUS] = {448, 4}

/* What does not depend on the alignment of 64-bit numbers. */
#define SUB_FIELDS_32                                                                    \
	[KDUMP_PHYS_BASE] = {0, 4}, [KDUMP_DUMP_LEVEL] = {4, 4}, [KDUMP_SPLIT] = {8, 4}, \
	[KDUMP_START_PFN] = {12, 4}, [KDUMP_END_PFN] = {16, 4}

#define SUB_FIELDS_PADDED                                                                      \
	SUB_FIELDS_32, [KDUMP_OFFSET_VMCOREINFO] = {24, 8}, [KDUMP_SIZE_VMCOREINFO] = {32, 4}, \
		       [KDUMP_OFFSET_NOTE] = {40, 8}, [KDUMP_SIZE_NOTE] = {48, 4},             \
		       [KDUMP_OFFSET_ERASEINFO] = {56, 8}, [KDUMP_SIZE_ERASEINFO] = {64, 4},   \
		       [KDUMP_START_PFN_64] = {72, 8}, [KDUMP_END_PFN_64] = {80, 8},           \
		       [KDUMP_MAX_MAPNR_64] = {88, 8}

const struct kdump_abi kdump_abi_32_packed = {
	.word_size = 4,
	.main_size = 452,
	.sub_size = 80,
	.fields =
		{
			MAIN_FIELDS_32,
			SUB_FIELDS_32,
			[KDUMP_MAX_MAPNR] = {428, 4},
			[KDUMP_OFFSET_VMCOREINFO] = {20, 8},
			[KDUMP_SIZE_VMCOREINFO] = {28, 4},
			[KDUMP_OFFSET_NOTE] = {32, 8},
			[KDUMP_SIZE_NOTE] = {40, 4},
			[KDUMP_OFFSET_ERASEINFO] = {44, 8},
			[KDUMP_SIZE_ERASEINFO] = {52, 4},
			[KDUMP_START_PFN_64] = {56, 8},
			[KDUMP_END_PFN_64] = {64, 8},
			[KDUMP_MAX_MAPNR_64] = {72, 8},
		},
};

const struct kdump_abi kdump_abi_32_padded = {
	.word_size = 4,
	.main_size = 452,
	.sub_size = 96,
	.fields =
		{
			MAIN_FIELDS_32,
			SUB_FIELDS_PADDED,
			[KDUMP_MAX_MAPNR] = {428, 4},
		},
};

const struct kdump_abi kdump_abi_32_time64 = {
	.word_size = 4,
	.main_size = 464,
	.sub_size = 96,
	.fields =
		{
			SUB_FIELDS_PADDED,
			[KDUMP_VERSION_FIELD] = {8, 4},
			[KDUMP_TIME_SECONDS] = {408, 8},
			[KDUMP_STATUS] = {424, 4},
			[KDUMP_BLOCK_SIZE] = {428, 4},
			[KDUMP_SUB_HDR_SIZE] = {432, 4},
			[KDUMP_BITMAP_BLOCKS] = {436, 4},
			[KDUMP_MAX_MAPNR] = {440, 4},
			[KDUMP_NR_CPUS] = {460, 4},
		},
};

const struct kdump_abi kdump_abi_32_both = {
	.word_size = 4,
	.main_size = 464,
	.sub_size = 96,
	.fields =
		{
			MAIN_FIELDS_32,
			SUB_FIELDS_PADDED,
			[KDUMP_MAX_MAPNR] = {440, 4},
		},
};

const struct kdump_abi *kdump_abi_of_machine(unsigned int word_size, uint16_t machine)
{
	if (word_size == 8)
		return &kdump_abi_64;
	return machine == EM_386 ? &kdump_abi_32_packed : &kdump_abi_32_both;
}

unsigned int kdump_field_since(enum kdump_field field)
{
	static const uint8_t since[KDUMP_FIELD_COUNT] = {
		[KDUMP_DUMP_LEVEL] = 1,        [KDUMP_SPLIT] = 2,
		[KDUMP_START_PFN] = 2,         [KDUMP_END_PFN] = 2,
		[KDUMP_OFFSET_VMCOREINFO] = 3, [KDUMP_SIZE_VMCOREINFO] = 3,
		[KDUMP_OFFSET_NOTE] = 4,       [KDUMP_SIZE_NOTE] = 4,
		[KDUMP_OFFSET_ERASEINFO] = 5,  [KDUMP_SIZE_ERASEINFO] = 5,
		[KDUMP_START_PFN_64] = 6,      [KDUMP_END_PFN_64] = 6,
		[KDUMP_MAX_MAPNR_64] = 6,
	};

	return since[field];
}
