/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of dumps whose kernel is not known: nothing is lost, and no byte of them may change
 * without being noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "elf_builder.h"
#include "kdump_opened.h"

#include <vmcull/verify.h>

#include "dump/kdump_checksum.h"
#include "filter/plan.h"
#include "write/unit.h"
#include "output_path.h"

static struct vmc_write_summary copy(struct vmc_dump *dump, enum vmc_write_stored stored,
				     bool no_checksums)
{
	struct vmc_write_options options = {
		.stored = stored, .no_checksums = no_checksums, .replace = true};
	struct vmc_write_summary summary;
	struct vmc_plan *plan;

	succeed(vmc_codec_parse("zlib", &options.codec));
	succeed(vmc_plan_create_all(dump, &plan));
	assert_null(plan->target);
	succeed(vmc_write(plan, path, &options, &summary));
	vmc_plan_destroy(plan);
	return summary;
}

static void load(struct image *image)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	*image = (struct image){.size = (size_t)status.st_size};
	image->bytes = malloc(image->size);
	assert_int_equal(read(fd, image->bytes, image->size), image->size);
	close(fd);
}

/* Of any producer: the pages, as they were stored, and what the headers say of the machine. */
static void test_headers_and_pages(void **state)
{
	static const char *const machines[] = {"x86_64", "i686", "ppc", "ppc"};

	(void)state;
	for (enum image_abi abi = 0; abi < ABI_COUNT; abi++) {
		struct recipe recipe = {.abi = abi, .machine = machines[abi]};
		struct image image = image_build(&recipe), written;
		struct opened from, to;
		struct vmc_write_summary summary;

		succeed(opened_try(&from, &image, NULL));
		summary = copy(from.dump, VMC_STORED_PASS, false);
		assert_int_equal(summary.pages_written, DEFAULT_COUNT);
		/* Two have flags that nobody should write. */
		assert_int_equal(summary.passed_pages + summary.zero_pages, DEFAULT_COUNT - 2);
		load(&written);
		succeed(opened_try(&to, &written, NULL));
		check_pages(&to, default_pages, DEFAULT_COUNT);
		assert_memory_equal(to.dump->said.uts, from.dump->said.uts,
				    sizeof(to.dump->said.uts));
		assert_int_equal(to.dump->said.crash_time, from.dump->said.crash_time);
		assert_int_equal(to.dump->phys_base_hint, from.dump->phys_base_hint);
		assert_int_equal(to.dump->history.dump_level, from.dump->history.dump_level);
		assert_int_equal(to.dump->notes.count, from.dump->notes.count);
		assert_int_equal(to.dump->end_pfn, from.dump->end_pfn);
		opened_close(&to);
		opened_close(&from);
		image_destroy(&written);
		image_destroy(&image);
	}
}

static void test_recompressed(void **state)
{
	const struct recipe recipe = {0};
	struct image image = image_build(&recipe), written;
	struct opened from, to;

	(void)state;
	succeed(opened_try(&from, &image, NULL));
	assert_int_equal(copy(from.dump, VMC_STORED_ENCODE, true).passed_pages, 0);
	load(&written);
	succeed(opened_try(&to, &written, NULL));
	check_pages(&to, default_pages, DEFAULT_COUNT);
	opened_close(&to);
	opened_close(&from);
	image_destroy(&written);
	image_destroy(&image);
}

/* What is found in the file, 0 or 1; 2: it cannot even be opened. */
static unsigned int look(const struct image *image)
{
	const struct vmc_verify_options options = {0};
	struct vmc_verify_summary summary = {0};
	struct opened opened;
	struct vmc_error *err = opened_try(&opened, image, NULL);
	unsigned int found = 2;

	if (!err) {
		succeed(vmc_verify(opened.dump, &options, &summary));
		found = vmc_verify_total(&summary) != 0;
	}
	vmc_error_free(err);
	opened_close(&opened);
	return found;
}

/* A page that no checksum vouches for is decoded before it gets one: damage is not passed on. */
static void test_unchecked_damage(void **state)
{
	const struct recipe recipe = {0};
	struct image image = image_build(&recipe), written;
	struct opened from;

	(void)state;
	succeed(opened_try(&from, &image, NULL));
	copy(from.dump, VMC_STORED_ENCODE, true);
	opened_close(&from);
	image_destroy(&image);
	load(&written);
	for (int damaged = 0; damaged < 2; damaged++) {
		struct vmc_write_summary summary;

		succeed(opened_try(&from, &written, NULL));
		summary = copy(from.dump, VMC_STORED_PASS, false);
		assert_int_equal(summary.unreadable_pages, damaged);
		assert_true(summary.passed_pages);
		opened_close(&from);
		written.bytes[written.size - 1] ^= 1; /* of the sum that ends a zlib stream */
	}
	image_destroy(&written);
}

/* One bit in each byte of headers, notes, table and trailer, and in each 31st of the rest. */
static void test_flips(void **state)
{
	const struct recipe recipe = {0};
	struct image image = image_build(&recipe), written;
	struct opened from;

	(void)state;
	succeed(opened_try(&from, &image, NULL));
	copy(from.dump, VMC_STORED_PASS, false);
	opened_close(&from);
	image_destroy(&image);
	load(&written);
	assert_int_equal(look(&written), 0);
	for (size_t i = 0, step; i < written.size; i += step) {
		bool dense = i < 464 || (i >= 4096 && i < 4400) || i >= written.size - 64;

		step = dense ? 1 : 31;
		written.bytes[i] ^= (uint8_t)(1u << i % 8);
		if (!look(&written))
			fail_msg("a bit of byte 0x%zx has no meaning", i);
		written.bytes[i] ^= (uint8_t)(1u << i % 8);
	}
	image_destroy(&written);
}

static void test_trailer(void **state)
{
	struct kdump_trailer trailer = {.offset = 0x123456789a}, again;
	uint8_t bytes[KDUMP_TRAILER_SIZE];

	(void)state;
	for (size_t i = 0; i < KDUMP_REGION_COUNT; i++)
		trailer.digests[i] = i * 0x0102030405060708;
	kdump_trailer_store(&trailer, bytes);
	assert_memory_equal(bytes, "VMCULL01\0\0\0\x12\x34\x56\x78\x9a", 16);
	assert_true(kdump_trailer_load(bytes, &again));
	assert_memory_equal(&trailer, &again, sizeof(trailer));
	bytes[20] ^= 1;
	assert_false(kdump_trailer_load(bytes, &again));
	/* XXH64 of nothing, with the seed 0, is told by its authors. */
	assert_int_equal(digest_of("", 0, 0), 0xef46db3751d8e999);
}

/* Pieces of any size, and zeros that are not given, make the same digest. */
static void test_digest(void **state)
{
	uint8_t bytes[10000] = {0};
	struct digest digest;

	(void)state;
	scratch_fill(bytes, 0, 1000);
	digest_init(&digest);
	digest_add(&digest, bytes, 7);
	digest_add(&digest, bytes + 7, 993);
	digest_add_zeros(&digest, 9000);
	assert_int_equal(digest_value(&digest), digest_of(bytes, sizeof(bytes), 0));
}

/* Bitmaps that contradict each other, and pages that share a part of their data. */
static void test_contradictions(void **state)
{
	static const struct page pages[] = {{.pfn = 1, .flags = CODEC_RAW},
					    {.pfn = 2, .flags = CODEC_RAW},
					    {.pfn = 3, .flags = CODEC_RAW}};
	const struct recipe recipe = {.pages = pages, .page_count = 3};
	struct image image = image_build(&recipe);
	uint8_t *third = image.bytes + image.table + 2 * KDUMP_DESCRIPTOR_SIZE;
	vmc_foff second = load_u64(little, third - KDUMP_DESCRIPTOR_SIZE);

	(void)state;
	assert_int_equal(look(&image), 1); /* what is stored is no memory */
	image.bytes[image.bitmaps] = 0xff;
	assert_int_equal(look(&image), 0);
	store_u64(little, third, second);
	assert_int_equal(look(&image), 0); /* the same data is shared */
	store_u64(little, third, second - 96);
	assert_int_equal(look(&image), 1);
	image_destroy(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_and_pages), cmocka_unit_test(test_recompressed),
		cmocka_unit_test(test_unchecked_damage),  cmocka_unit_test(test_flips),
		cmocka_unit_test(test_trailer),           cmocka_unit_test(test_digest),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
