/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over a memory map made here: blocks, holes, and what contradicts itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <vmcull/pages.h>

#include "built_kernel.h"

/* Types as bits, slab as a flag, tails that point to their head: a kernel of 6.8. */
#define KEYS_6_8                                                                 \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=15\nNUMBER(PG_swapcache)=12\n"     \
	"NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=11\nNUMBER(PG_hwpoison)=22\n" \
	"NUMBER(PG_head_mask)=64\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"      \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"

/* Types as numbers, slab among them: a kernel of 7.2. */
#define KEYS_7_2                                           \
	"NUMBER(PG_lru)=5\n"                               \
	"NUMBER(PG_private)=14\n"                          \
	"NUMBER(PG_swapcache)=10\n"                        \
	"NUMBER(PG_swapbacked)=17\n"                       \
	"NUMBER(PG_hwpoison)=21\n"                         \
	"NUMBER(PG_head_mask)=64\n"                        \
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n"   \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n" \
	"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n"    \
	"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n" \
	"NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n"

#define BUDDY_6_8   ((uint32_t)-129)
#define BUDDY_7_2   0xf0000000u
#define HUGETLB_7_2 0xf4000000u
#define SLAB_FLAG   (1u << 11)
#define HEAD_FLAG   (1u << 6)
#define POISON_6_8  (1u << 22)
#define POISON_7_2  (1u << 21)
#define BLOCK       0x400 /* pages of the largest free block */

/* What the walk should say of a range that is not plain kernel memory. */
struct expected {
	vmc_pfn start;
	uint64_t count;
	enum vmc_page_state state;
	const char *rule;
};

/* Takes the next run that is not plain kernel memory; joins runs that a border cut. */
static bool next_special(struct vmc_page_walk *walk, struct vmc_page_run *pending,
			 bool *has_pending, vmc_pfn *position, struct vmc_page_run *ret_run)
{
	struct vmc_page_run run;
	bool more, taken = false;

	for (;;) {
		if (*has_pending) {
			run = *pending;
			*has_pending = false;
		} else {
			succeed(vmc_page_walk_next(walk, &run, &more));
			if (!more)
				return taken;
			/* Every page once, in order, but those of the hole. */
			assert_int_equal(run.start, *position == HOLE_START ? HOLE_END : *position);
			assert_true(run.count > 0);
			*position = run.start + run.count;
		}
		if (taken &&
		    (run.rule != ret_run->rule || run.start != ret_run->start + ret_run->count)) {
			*pending = run;
			*has_pending = true;
			return true;
		}
		if (run.state == VMC_PAGE_KERNEL)
			continue;
		if (taken)
			ret_run->count += run.count;
		else
			*ret_run = run;
		taken = true;
	}
}

static bool is_same(const struct vmc_page_run *a, const struct vmc_page_run *b)
{
	return a->rule == b->rule && a->state == b->state && a->order == b->order &&
	       a->memory == b->memory;
}

/* A walk that starts at @pfn says of it what one from the start said: @told. */
static void check_seek(struct vmc_page_walk *walk, vmc_pfn pfn, const struct vmc_page_run *told)
{
	struct vmc_page_run run;
	bool more;

	succeed(vmc_page_walk_seek(walk, pfn));
	succeed(vmc_page_walk_next(walk, &run, &more));
	assert_true(more);
	assert_int_equal(run.start, pfn);
	assert_true(run.count >= 1 && run.start + run.count <= END_PFN);
	if (!is_same(&run, told))
		fail_msg("pfn 0x%jx: %s (%s, order %u), and from the start %s (%s, order %u)",
			 (uintmax_t)pfn, vmc_page_state_name(run.state),
			 vmc_page_rule(run.rule)->name, run.order, vmc_page_state_name(told->state),
			 vmc_page_rule(told->rule)->name, told->order);
}

/* Some pages of each run: those at its ends, and in its middle. */
static void check_seeks(struct vmc_target *target, const struct vmc_page_walk_options *options)
{
	struct vmc_page_walk *walk, *other;
	struct vmc_page_run run;
	bool more;

	succeed(vmc_page_walk_create(target, options, &walk));
	succeed(vmc_page_walk_create(target, options, &other));
	for (;;) {
		succeed(vmc_page_walk_next(walk, &run, &more));
		if (!more)
			break;
		check_seek(other, run.start, &run);
		check_seek(other, run.start + run.count - 1, &run);
		for (vmc_pfn pfn = run.start + 1; pfn < run.start + run.count; pfn += 97)
			check_seek(other, pfn, &run);
	}

	/* From the hole to what is above it, and above all memory. */
	succeed(vmc_page_walk_seek(other, HOLE_START + 1));
	succeed(vmc_page_walk_next(other, &run, &more));
	assert_true(more && run.start == HOLE_END);
	succeed(vmc_page_walk_seek(other, END_PFN));
	succeed(vmc_page_walk_next(other, &run, &more));
	assert_false(more);
	vmc_page_walk_destroy(other);
	vmc_page_walk_destroy(walk);
}

static void expect_walk(struct built_kernel *kernel, uint32_t whole_blocks,
			const struct expected *expected, size_t count)
{
	struct vmc_page_walk_options options = {.whole_blocks = whole_blocks};
	struct vmc_page_run run, pending;
	struct vmc_page_walk *walk;
	bool has_pending = false;
	vmc_pfn position = 0;

	built_kernel_open(kernel);
	succeed(vmc_page_walk_create(kernel->target, &options, &walk));
	for (size_t i = 0; i < count; i++) {
		assert_true(next_special(walk, &pending, &has_pending, &position, &run));
		assert_string_equal(vmc_page_rule(run.rule)->name, expected[i].rule);
		assert_string_equal(vmc_page_state_name(run.state),
				    vmc_page_state_name(expected[i].state));
		assert_int_equal(run.start, expected[i].start);
		assert_int_equal(run.count, expected[i].count);
	}
	assert_false(next_special(walk, &pending, &has_pending, &position, &run));
	assert_int_equal(position, END_PFN);
	vmc_page_walk_destroy(walk);
	check_seeks(kernel->target, &options);
	built_kernel_destroy(kernel);
}

#define EXPECT(kernel, whole_blocks, ...)                                                \
	do {                                                                             \
		const struct expected rows[] = {__VA_ARGS__};                            \
		expect_walk(kernel, whole_blocks, rows, sizeof(rows) / sizeof(rows[0])); \
	} while (0)

static void put_free(struct built_kernel *kernel, vmc_pfn pfn, unsigned int order, uint32_t buddy)
{
	page_put_type(kernel, pfn, buddy);
	page_put(kernel, pfn, PAGE_PRIVATE, order);
}

/* A compound page whose tails point to the head. */
static void put_compound(struct built_kernel *kernel, vmc_pfn head, unsigned int order,
			 uint64_t flags)
{
	page_put_flags(kernel, head, HEAD_FLAG | flags);
	page_put_flags(kernel, head + 1, order);
	for (vmc_pfn i = 1; i < (vmc_pfn)1 << order; i++)
		page_put(kernel, head + i, PAGE_COMPOUND, struct_address(head) | 1);
}

static void test_plain_kernel_memory(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	expect_walk(&kernel, 0, NULL, 0);
}

static void test_free_blocks(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	put_free(&kernel, 0x1000, 0, BUDDY_6_8);
	put_free(&kernel, 0x2000, 10, BUDDY_6_8);
	put_free(&kernel, 0x2400, 3, BUDDY_6_8);
	put_free(&kernel, 0x3001, 3, BUDDY_6_8);  /* misaligned */
	put_free(&kernel, 0x4000, 11, BUDDY_6_8); /* above the largest order */
	EXPECT(&kernel, 0, {0x1000, 1, VMC_PAGE_FREE, "buddy-type"},
	       {0x2000, BLOCK + 8, VMC_PAGE_FREE, "buddy-type"},
	       {0x3001, 1, VMC_PAGE_UNKNOWN, "bad-free-block"},
	       {0x4000, 1, VMC_PAGE_UNKNOWN, "bad-free-block"});
}

/* A machine check marks a page inside a block and splits nothing. */
static void test_poison_inside_blocks(void **state)
{
	struct built_kernel kernel;

	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		built_kernel_create(&kernel, KEYS_6_8);
		put_free(&kernel, 0x2000, 4, BUDDY_6_8);
		page_put_flags(&kernel, 0x2005, POISON_6_8);
		page_put_flags(&kernel, 0x2006, POISON_6_8);
		put_compound(&kernel, 0x3000, 2, SLAB_FLAG);
		page_put(&kernel, 0x3003, 0, POISON_6_8);
		put_compound(&kernel, 0x4000, 2, SLAB_FLAG | POISON_6_8); /* the head alone */
		if (whole)
			EXPECT(&kernel, VMC_STATE_BIT(VMC_PAGE_FREE),
			       {0x2000, 16, VMC_PAGE_FREE, "buddy-type"},
			       {0x3000, 3, VMC_PAGE_SLAB, "slab-flag"},
			       {0x3003, 1, VMC_PAGE_HWPOISON, "hwpoison-flag"},
			       {0x4000, 1, VMC_PAGE_HWPOISON, "hwpoison-flag"},
			       {0x4001, 3, VMC_PAGE_SLAB, "slab-flag"});
		else
			EXPECT(&kernel, 0, {0x2000, 5, VMC_PAGE_FREE, "buddy-type"},
			       {0x2005, 2, VMC_PAGE_HWPOISON, "hwpoison-flag"},
			       {0x2007, 9, VMC_PAGE_FREE, "buddy-type"},
			       {0x3000, 3, VMC_PAGE_SLAB, "slab-flag"},
			       {0x3003, 1, VMC_PAGE_HWPOISON, "hwpoison-flag"},
			       {0x4000, 1, VMC_PAGE_HWPOISON, "hwpoison-flag"},
			       {0x4001, 3, VMC_PAGE_SLAB, "slab-flag"});
	}
}

/* Of hugetlb the head's flag does not tell which page is bad: none is read. */
static void test_poisoned_hugetlb(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_7_2);
	put_compound(&kernel, 0x200, 9, POISON_7_2);
	page_put_type(&kernel, 0x200, HUGETLB_7_2);
	put_compound(&kernel, 0x600, 9, 0);
	page_put_type(&kernel, 0x600, HUGETLB_7_2);
	EXPECT(&kernel, 0, {0x200, 0x200, VMC_PAGE_HWPOISON, "hwpoison-flag"},
	       {0x600, 0x200, VMC_PAGE_HUGETLB, "hugetlb-type"});
}

static void test_tails_that_hold_masks(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_7_2);
	put_compound(&kernel, 0x200, 9, 0);
	for (vmc_pfn i = 1; i < 0x200; i++)
		page_put(&kernel, 0x200 + i, PAGE_COMPOUND, 0xffffffffffff8001);
	page_put(&kernel, 0x200, PAGE_MAPPING, 0xffff888000001001);
	EXPECT(&kernel, 0, {0x200, 0x200, VMC_PAGE_ANON, "anon"});
}

static void test_contradictory_compounds(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	put_compound(&kernel, 0x1001, 1, SLAB_FLAG); /* misaligned */
	put_compound(&kernel, 0x2000, 2, SLAB_FLAG);
	page_put(&kernel, 0x2001, PAGE_COMPOUND,
		 struct_address(0x3000) | 1); /* first tail astray */
	page_put(&kernel, 0x4000, PAGE_COMPOUND,
		 struct_address(0x3ff0) | 1); /* of a head that is none */
	page_put(&kernel, 0x5000, PAGE_COMPOUND, 0x1234567 | 1);
	put_compound(&kernel, 0x6000, 1, SLAB_FLAG);
	page_put(&kernel, 0x6010, PAGE_COMPOUND, struct_address(0x6000) | 1); /* beyond its folio */
	EXPECT(&kernel, 0, {0x1001, 2, VMC_PAGE_UNKNOWN, "bad-compound"},
	       {0x2000, 4, VMC_PAGE_UNKNOWN, "bad-compound"},
	       {0x4000, 1, VMC_PAGE_UNKNOWN, "bad-compound"},
	       {0x5000, 1, VMC_PAGE_UNKNOWN, "bad-compound"},
	       {0x6000, 2, VMC_PAGE_SLAB, "slab-flag"},
	       {0x6010, 1, VMC_PAGE_UNKNOWN, "bad-compound"});
}

/* The words of a tail are not what they are in other pages, among kernel pages too. */
static void test_tails_have_no_state_of_their_own(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	put_compound(&kernel, 0x1000, 2, 0);
	page_put(&kernel, 0x1002, PAGE_MAPPING, 0xffff888000001001);
	page_put_flags(&kernel, 0x1003, 1u << 5);
	expect_walk(&kernel, 0, NULL, 0);
}

/* Blocks whose first pages lie in the hole, with struct pages all the same. */
static void test_blocks_across_a_hole(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	put_compound(&kernel, HOLE_START, 9, SLAB_FLAG);
	EXPECT(&kernel, 0, {HOLE_END, 0x100, VMC_PAGE_SLAB, "slab-flag"});

	built_kernel_create(&kernel, KEYS_6_8);
	put_free(&kernel, HOLE_START - BLOCK, 10, BUDDY_6_8);
	EXPECT(&kernel, 0, {HOLE_START - BLOCK, BLOCK, VMC_PAGE_FREE, "buddy-type"});

	/* One that begins in the hole is not seen, since nothing in memory speaks for it. */
	built_kernel_create(&kernel, KEYS_6_8);
	put_free(&kernel, HOLE_START, 10, BUDDY_6_8);
	expect_walk(&kernel, 0, NULL, 0);
}

/* What was left over from before, inside a block, is none. */
static void test_blocks_inside_blocks(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	put_free(&kernel, 0x2000, 10, BUDDY_6_8);
	put_free(&kernel, 0x2040, 5, BUDDY_6_8);
	put_compound(&kernel, 0x2080, 4, SLAB_FLAG);
	put_compound(&kernel, 0x3000, 9, SLAB_FLAG);
	put_free(&kernel, 0x3100, 8, BUDDY_6_8);
	put_compound(&kernel, 0x4000, 12, SLAB_FLAG);
	EXPECT(&kernel, 0, {0x2000, BLOCK, VMC_PAGE_FREE, "buddy-type"},
	       {0x3000, 0x200, VMC_PAGE_SLAB, "slab-flag"},
	       {0x4000, 0x1000, VMC_PAGE_SLAB, "slab-flag"});
}

static void test_uninitialised(void **state)
{
	static const uint8_t ones[STRUCT_SIZE * 3] = {[0 ... STRUCT_SIZE * 3 - 1] = 0xff};
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	memory_write(&kernel, STRUCT_PAGES + 0x700 * STRUCT_SIZE, ones, sizeof(ones));
	EXPECT(&kernel, 0, {0x700, 3, VMC_PAGE_UNKNOWN, "uninitialised"});
}

static void test_sections(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	memory_put64(&kernel, SECTION_ROOT + 16, VMEMMAP | 0x3);     /* present, offline */
	memory_put64(&kernel, SECTION_ROOT + 2 * 16, VMEMMAP | 0x1); /* without a memory map */
	EXPECT(&kernel, 0,
	       {HOLE_END, 0x10000 - HOLE_END, VMC_PAGE_OFFLINE_SECTION, "section-offline"},
	       {0x10000, END_PFN - 0x10000, VMC_PAGE_UNKNOWN, "no-memmap"});

	/* Before 4.13 no section has the flag that says online. */
	built_kernel_create(&kernel, KEYS_6_8);
	for (uint64_t i = 0; i < 3; i++)
		memory_put64(&kernel, SECTION_ROOT + i * 16, VMEMMAP | 0x3);
	expect_walk(&kernel, 0, NULL, 0);
}

/* A section whose struct pages are not where those of all others are. */
static void test_sections_that_disagree(void **state)
{
	struct built_kernel kernel;

	(void)state;
	for (int i = 0; i < 3; i++) {
		static const uint64_t moved[] = {0x40, 0x1000, -2 * MIB};

		built_kernel_create(&kernel, KEYS_6_8);
		memory_put64(&kernel, SECTION_ROOT + 2 * 16, (VMEMMAP + moved[i]) | 0x7);
		EXPECT(&kernel, 0,
		       {0x10000, END_PFN - 0x10000, VMC_PAGE_UNKNOWN, "map-unreadable"});
	}

	/* No two agree: none is believed. */
	built_kernel_create(&kernel, KEYS_6_8);
	memory_put64(&kernel, SECTION_ROOT, (VMEMMAP + 0x40) | 0x7);
	memory_put64(&kernel, SECTION_ROOT + 2 * 16, (VMEMMAP + 0x1000) | 0x7);
	EXPECT(&kernel, 0, {0, HOLE_START, VMC_PAGE_UNKNOWN, "map-unreadable"},
	       {HOLE_END, END_PFN - HOLE_END, VMC_PAGE_UNKNOWN, "map-unreadable"});

	/* As it may be where each page has the number of its section in its flags. */
	built_kernel_create(&kernel, KEYS_6_8);
	memory_put64(&kernel, SECTION_ROOT + 16, (VMEMMAP + 2 * MIB) | 0x7);
	memory_put64(&kernel, SECTION_ROOT + 2 * 16, (VMEMMAP - 2 * MIB) | 0x7);
	page_put_flags(&kernel, 0x10000, (uint64_t)1 << 45);
	page_put_flags(&kernel, 0x8000, (uint64_t)2 << 45);
	expect_walk(&kernel, 0, NULL, 0);
}

static void test_part_of_the_map_unmapped(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	memory_put64(&kernel, MAP_TABLE_LOW + 8, 0);
	EXPECT(&kernel, 0, {HOLE_END, 0x10000 - HOLE_END, VMC_PAGE_UNKNOWN, "map-unreadable"});

	/* Mapped, but to memory that is not in the dump. */
	built_kernel_create(&kernel, KEYS_6_8);
	memory_put64(&kernel, MAP_TABLE_LOW + 8, 0x7ff00001e3);
	EXPECT(&kernel, 0, {HOLE_END, 0x10000 - HOLE_END, VMC_PAGE_UNKNOWN, "map-unreadable"});
}

/* Puts blocks on zone->unaccepted_pages in the order given. */
static void put_list(struct built_kernel *kernel, const vmc_pfn *blocks, size_t count)
{
	const uint64_t head = IMAGE(ZONE + ZONE_UNACCEPTED);

	for (size_t i = 0; i < count; i++) {
		uint64_t next = i + 1 < count ? struct_address(blocks[i + 1]) + 8 : head;
		uint64_t prev = i ? struct_address(blocks[i - 1]) + 8 : head;

		page_put(kernel, blocks[i], 8, next);
		page_put(kernel, blocks[i], 16, prev);
	}
	memory_put64(kernel, ZONE + ZONE_UNACCEPTED, struct_address(blocks[0]) + 8);
	memory_put64(kernel, ZONE + ZONE_UNACCEPTED + 8, struct_address(blocks[count - 1]) + 8);
}

/* Kernels of 6.5 to 6.11 mark unaccepted blocks by a list only. */
static void test_unaccepted_list(void **state)
{
	static const vmc_pfn blocks[] = {0x9000, 0x1000, 0x11000, 0x1400};
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_6_8);
	put_list(&kernel, blocks, 4);
	EXPECT(&kernel, 0, {0x1000, 2 * BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"},
	       {0x9000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"},
	       {0x11000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"});
	assert_string_equal(kernel.said, "");
}

static void test_damaged_unaccepted_list(void **state)
{
	static const vmc_pfn blocks[] = {0x9000, 0x1000, 0x11000, 0x1400};
	struct built_kernel kernel;

	(void)state;
	/* The third entry is astray: what is behind it is kept, and the user is told. */
	built_kernel_create(&kernel, KEYS_6_8);
	put_list(&kernel, blocks, 4);
	page_put(&kernel, 0x1000, 8, 0x1234);
	EXPECT(&kernel, 0, {0x1000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"},
	       {0x9000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"});
	assert_non_null(strstr(kernel.said, "entry 2"));

	/* A cycle that never comes back to the head. */
	built_kernel_create(&kernel, KEYS_6_8);
	put_list(&kernel, blocks, 4);
	page_put(&kernel, 0x11000, 8, struct_address(0x1000) + 8);
	EXPECT(&kernel, 0, {0x1000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"},
	       {0x9000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"},
	       {0x11000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"});
	assert_non_null(strstr(kernel.said, "entry 3"));

	/* A block that is not aligned as such blocks are. */
	static const vmc_pfn misaligned[] = {0x9000, 0x1001};

	built_kernel_create(&kernel, KEYS_6_8);
	put_list(&kernel, misaligned, 2);
	EXPECT(&kernel, 0, {0x9000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-list"});
	assert_non_null(strstr(kernel.said, "entry 1"));

	/* No list at all there: a kernel without unaccepted memory. */
	built_kernel_create(&kernel, KEYS_6_8);
	memory_put64(&kernel, ZONE + ZONE_UNACCEPTED, 0x202);
	memory_put64(&kernel, ZONE + ZONE_UNACCEPTED + 8, 0);
	expect_walk(&kernel, 0, NULL, 0);
	assert_string_equal(kernel.said, "");

	/* Pointers that lead somewhere, but back to no list. */
	built_kernel_create(&kernel, KEYS_6_8);
	memory_put64(&kernel, ZONE + ZONE_UNACCEPTED, struct_address(0x1000) + 8);
	memory_put64(&kernel, ZONE + ZONE_UNACCEPTED + 8, struct_address(0x1000) + 8);
	expect_walk(&kernel, 0, NULL, 0);
	assert_string_equal(kernel.said, "");
}

static void test_unaccepted_type(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_7_2);
	page_put_type(&kernel, 0x9000, 0xf7000000);
	page_put_type(&kernel, 0xa001, 0xf7000000);
	page_put_flags(&kernel, 0x9003, POISON_7_2); /* inside: not read either way */
	EXPECT(&kernel, 0, {0x9000, BLOCK, VMC_PAGE_UNACCEPTED, "unaccepted-type"},
	       {0xa001, 1, VMC_PAGE_UNACCEPTED, "bad-unaccepted-block"});
}

static void test_singles_join(void **state)
{
	struct built_kernel kernel;

	(void)state;
	built_kernel_create(&kernel, KEYS_7_2);
	for (vmc_pfn pfn = 0x100; pfn < 0x180; pfn++)
		page_put_flags(&kernel, pfn, 1u << 5);
	put_free(&kernel, 0x140, 0, BUDDY_7_2);
	EXPECT(&kernel, 0, {0x100, 0x40, VMC_PAGE_CACHE, "cache"},
	       {0x140, 1, VMC_PAGE_FREE, "buddy-type"}, {0x141, 0x3f, VMC_PAGE_CACHE, "cache"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_kernel_memory),
		cmocka_unit_test(test_free_blocks),
		cmocka_unit_test(test_poison_inside_blocks),
		cmocka_unit_test(test_poisoned_hugetlb),
		cmocka_unit_test(test_tails_that_hold_masks),
		cmocka_unit_test(test_contradictory_compounds),
		cmocka_unit_test(test_tails_have_no_state_of_their_own),
		cmocka_unit_test(test_blocks_across_a_hole),
		cmocka_unit_test(test_blocks_inside_blocks),
		cmocka_unit_test(test_uninitialised),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_sections_that_disagree),
		cmocka_unit_test(test_part_of_the_map_unmapped),
		cmocka_unit_test(test_unaccepted_list),
		cmocka_unit_test(test_damaged_unaccepted_list),
		cmocka_unit_test(test_unaccepted_type),
		cmocka_unit_test(test_singles_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
