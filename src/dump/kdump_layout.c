/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/kdump_layout.h"

const struct kdump_abi kdump_abi_64 = {
	.word_size = 8,
	.main_size = 464,
	.sub_size = 104,
	.fields = {
		[KDUMP_VERSION_FIELD] = {8, 4},
		[KDUMP_TIME_SECONDS] = {408, 8},
		[KDUMP_STATUS] = {424, 4},
		[KDUMP_BLOCK_SIZE] = {428, 4},
		[KDUMP_SUB_HDR_SIZE] = {432, 4},
		[KDUMP_BITMAP_BLOCKS] = {436, 4},
		[KDUMP_MAX_MAPNR] = {440, 4},
		[KDUMP_NR_CPUS] = {460, 4},
		[KDUMP_PHYS_BASE] = {0, 8},
		[KDUMP_DUMP_LEVEL] = {8, 4},
		[KDUMP_SPLIT] = {12, 4},
		[KDUMP_OFFSET_VMCOREINFO] = {32, 8},
		[KDUMP_SIZE_VMCOREINFO] = {40, 8},
		[KDUMP_OFFSET_NOTE] = {48, 8},
		[KDUMP_SIZE_NOTE] = {56, 8},
		[KDUMP_START_PFN_64] = {80, 8},
		[KDUMP_END_PFN_64] = {88, 8},
		[KDUMP_MAX_MAPNR_64] = {96, 8},
	},
};

const struct kdump_abi kdump_abi_32 = {
	.word_size = 4,
	.main_size = 452,
	.fields = {
		[KDUMP_VERSION_FIELD] = {8, 4},
		[KDUMP_TIME_SECONDS] = {404, 4},
		[KDUMP_STATUS] = {412, 4},
		[KDUMP_BLOCK_SIZE] = {416, 4},
		[KDUMP_SUB_HDR_SIZE] = {420, 4},
		[KDUMP_BITMAP_BLOCKS] = {424, 4},
		[KDUMP_MAX_MAPNR] = {428, 4},
		[KDUMP_NR_CPUS] = {448, 4},
	},
};
