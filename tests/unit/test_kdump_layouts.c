/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdump-compressed files of 32-bit and of big-endian programs, of ARM, and of older versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>

#include "kdump_opened.h"

#include "dump/machine.h"

static const struct layout orders[] = {{.big_endian = false, .word_size = 8},
				       {.big_endian = true, .word_size = 8}};

static void check_opened(const struct recipe *recipe)
{
	static const uint16_t machines[ABI_COUNT] = {EM_X86_64, EM_386, EM_ARM, EM_ARM};
	struct image image = image_build(recipe);
	struct opened opened;
	bool has_notes = image.version >= 4 && !recipe->no_notes;
	bool has_vmcoreinfo = image.version >= 3 && !recipe->no_vmcoreinfo;

	succeed(opened_try(&opened, &image, NULL));
	opened.first = recipe->first_pfn;

	const struct vmc_dump *dump = opened.dump;

	assert_int_equal(dump->layout.big_endian, recipe->layout.big_endian);
	assert_int_equal(dump->layout.word_size, recipe->abi == ABI_64 ? 8 : 4);
	assert_int_equal(dump->page_size, image.block_size);
	if (!recipe->machine)
		assert_int_equal(dump->machine, machines[recipe->abi]);
	assert_int_equal(dump->history.dump_level, image.version >= 1 ? 31 : 0);
	assert_int_equal(notes_cpu_count(&dump->notes), has_notes ? 2 : 0);
	assert_int_equal(!!notes_find(&dump->notes, "VMCOREINFO", 0), has_vmcoreinfo);
	assert_int_equal(vmc_dump_end_pfn(dump), recipe->first_pfn + 150);
	check_pages(&opened, default_pages, DEFAULT_COUNT);
	opened_close(&opened);
	image_destroy(&image);
}

/* Whatever a file has to tell them by or has not. */
static void test_layouts(void **state)
{
	static const struct recipe kinds[] = {
		{.no_notes = false},
		{.no_notes = true},
		{.no_vmcoreinfo = true},
		{.no_notes = true, .no_vmcoreinfo = true},
		{.block_size = 65536},
		/* the other word size has it where block_size is */
		{.max_mapnr = 16384},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (unsigned int abi = 0; abi < ABI_COUNT; abi++) {
			/* A time_t of 64 bits is younger than version 6. */
			for (uint32_t older = 0; older <= (abi == ABI_TIME64 ? 0 : 6); older++) {
				struct recipe recipe = kinds[i];

				recipe.abi = (enum image_abi)abi;
				recipe.older = older;
				/* arm: memory at 0x4400000 */
				recipe.first_pfn =
					abi >= ABI_PADDED
						? 0x4400000 / (recipe.block_size ? recipe.block_size
										 : 4096)
						: 0;
				recipe.layout = orders[0];
				check_opened(&recipe);
				recipe.layout = orders[1];
				check_opened(&recipe);
			}
		}
	}
}

/* A split part of each kind, and of version 5, whose numbers are words. */
static void test_split(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4 * ABI_COUNT; i++) {
		struct recipe recipe = {
			.abi = (enum image_abi)(i / 4),
			.layout = orders[i % 2],
			.older = i / 2 % 2,
			.start_pfn = 60,
			.end_pfn = 128,
			.machine = "mips",
		};
		struct image image = image_build(&recipe);
		struct opened opened;

		memmove(image.bytes + image.table,
			image.bytes + image.table + 4 * KDUMP_DESCRIPTOR_SIZE,
			3 * KDUMP_DESCRIPTOR_SIZE);
		succeed(opened_try(&opened, &image, NULL));
		check_pages(&opened, default_pages + 4, 3);
		fail_with(read_page(&opened, 2), VMC_ERR_NODATA, "another part");
		opened_close(&opened);
		image_destroy(&image);
	}
}

/* RAM at 1 GiB: bit 0 is the first page there, for reads, runs and split parts. */
static void test_arm(void **state)
{
	static const vmc_pfn first = 0x40000;
	struct recipe recipe = {.abi = ABI_PADDED, .phys_base = 0x40000000, .first_pfn = first};
	struct recipe part = recipe;
	struct image image = image_build(&recipe);
	struct opened opened;
	struct vmc_memory_run run;

	(void)state;
	check_opened(&recipe);
	succeed(opened_try(&opened, &image, NULL));
	assert_true(opened.dump->has_phys_base_hint);
	assert_int_equal(opened.dump->phys_base_hint, 0x40000000);
	assert_true(vmc_dump_next_run(opened.dump, 0, &run));
	assert_int_equal(run.start, first);
	assert_int_equal(run.kind, VMC_MEMORY_NODATA);
	fail_with(read_page(&opened, 1), VMC_ERR_NODATA, "this is no memory");
	fail_with(read_page(&opened, first + 4), VMC_ERR_NODATA, "left out of the dump");
	opened_close(&opened);
	image_destroy(&image);

	part.start_pfn = 60;
	part.end_pfn = 128;
	image = image_build(&part);
	memmove(image.bytes + image.table, image.bytes + image.table + 4 * KDUMP_DESCRIPTOR_SIZE,
		3 * KDUMP_DESCRIPTOR_SIZE);
	succeed(opened_try(&opened, &image, NULL));
	opened.first = first;
	check_pages(&opened, default_pages + 4, 3);
	fail_with(read_page(&opened, first + 2), VMC_ERR_NODATA, "another part");
	fail_with(read_page(&opened, first + 128), VMC_ERR_NODATA, "another part");
	opened_close(&opened);
	image_destroy(&image);
}

/* QEMU's files of an ARM: packed, bits from address 0 on, and a machine of no name. */
static void test_qemu(void **state)
{
	struct recipe arm = {
		.abi = ABI_PACKED,
		.machine = "Unknown",
		.no_names = true,
		.phys_base = 0x40000000,
	};
	struct image image = image_build(&arm);
	struct opened opened;
	size_t descsz = image.block_size + 80 + 4;

	(void)state;
	/* As large as the registers of an ARM: what follows is never looked at. */
	put_u32(&image, descsz, 148);
	memset(image.bytes + descsz + 16 + 148, 0, 12);
	succeed(opened_try(&opened, &image, NULL));
	assert_int_equal(opened.dump->machine, EM_ARM);
	assert_int_equal(opened.dump->layout.word_size, 4);
	check_pages(&opened, default_pages, DEFAULT_COUNT);
	opened_close(&opened);
	image_destroy(&image);

	arm.machine = "armv7l";
	check_opened(&arm);

	assert_int_equal(machine_from_name("S390X"), EM_S390);
	assert_string_equal(machine_name(EM_S390), "s390x");
	assert_int_equal(machine_from_prstatus(orders[0], 392), EM_AARCH64);
	assert_int_equal(machine_from_prstatus(orders[1], 336), EM_S390);
	assert_int_equal(machine_from_prstatus(orders[0], 148), EM_NONE);
}

/* The main header's max_mapnr is in neither place of the sub header. */
static void test_no_alignment(void **state)
{
	(void)state;
	for (unsigned int abi = ABI_PACKED; abi <= ABI_PADDED; abi++) {
		struct image image = image_build(&(struct recipe){.abi = (enum image_abi)abi});

		put_field(&image, FIELD_MAX_MAPNR_64, PFN_COUNT + 1);
		expect_open_error(&image, VMC_ERR_CORRUPT, "aligned neither to 4 bytes nor to 8");
		image_destroy(&image);
	}
	for (uint32_t older = 1; older <= 2; older++) {
		struct image image =
			image_build(&(struct recipe){.abi = ABI_PADDED, .older = older});

		put_field(&image, FIELD_OFFSET_NOTE, 12);
		expect_open_error(&image, VMC_ERR_CORRUPT, "aligned neither to 4 bytes nor to 8");
		image_destroy(&image);
	}
}

/* max_mapnr of a file without the 64-bit one. */
static void test_old_errors(void **state)
{
	struct image image = image_build(&(struct recipe){.older = 3});

	(void)state;
	put_field(&image, FIELD_MAX_MAPNR, 0);
	expect_open_error(&image, VMC_ERR_CORRUPT, "max_mapnr is 0x0: no page");
	put_field(&image, FIELD_MAX_MAPNR, PFN_COUNT);
	put_field(&image, FIELD_SPLIT, 1);
	put_field(&image, FIELD_END_PFN, PFN_COUNT + 1);
	expect_open_error(&image, VMC_ERR_CORRUPT, "end_pfn is 0xc9: max_mapnr is only 0xc8");
	image_destroy(&image);

	image = image_build(&(struct recipe){.older = 6, .layout = orders[1]});
	put_field(&image, FIELD_BLOCK_SIZE, 5000);
	expect_open_error(&image, VMC_ERR_CORRUPT, "block_size is");
	image_destroy(&image);
}

static void test_garbage(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned int round = 0; round < 3000; round++) {
		struct image image = image_build(&(struct recipe){
			.abi = (enum image_abi)(round % ABI_COUNT),
			.layout = orders[round / 3 % 2],
			.older = round / 6 % 7,
		});
		struct opened opened;
		struct vmc_error *err;

		for (long n = 1 + random() % 8; n; n--) {
			size_t area[] = {400, 0, image.block_size, image.bitmaps};
			size_t where = area[random() % 4] + (size_t)random() % 64;

			image.bytes[where] = (uint8_t)random();
		}
		err = opened_try(&opened, &image, NULL);
		for (size_t i = 0; !err && i < DEFAULT_COUNT; i++)
			vmc_error_free(read_page(&opened, default_pages[i].pfn));
		vmc_error_free(err);
		opened_close(&opened);
		image_destroy(&image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),      cmocka_unit_test(test_split),
		cmocka_unit_test(test_arm),          cmocka_unit_test(test_qemu),
		cmocka_unit_test(test_no_alignment), cmocka_unit_test(test_old_errors),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
