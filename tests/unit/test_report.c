/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <vmcull/picture.h>

#include "bytes_sink.h"
#include "expect.h"
#include "fake_audit.h"

#ifdef HAVE_PICTURES

#include "audit/picture/report.h"

static const struct vmc_caption caption = {NULL, "6.1</script><b>", "x86_64", "\xff<file>"};

static void add(struct vmc_report *report, vmc_pfn start, uint64_t count, unsigned int state,
		unsigned int order)
{
	const struct vmc_audit_range range = {.start = start,
					      .count = count,
					      .state = state,
					      .order = order,
					      .zone = 0,
					      .content = true,
					      .attributes = VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_KSM)};

	succeed(vmc_report_add(report, &range));
}

static struct vmc_report *make_report(vmc_pfn end)
{
	struct vmc_report *report;

	succeed(vmc_report_create(end, 4096, true, &report));
	return report;
}

static void test_equal_ranges_merge(void **state)
{
	struct vmc_report *report = make_report(1000);

	(void)state;
	add(report, 0, 10, VMC_PAGE_FREE, 1);
	add(report, 10, 10, VMC_PAGE_FREE, 1);
	add(report, 20, 10, VMC_PAGE_FREE, 2);
	add(report, 31, 9, VMC_PAGE_FREE, 2);
	add(report, 40, 60, VMC_AUDIT_ABSENT, 0);
	add(report, 100, 1, VMC_PAGE_ANON, 0);
	assert_int_equal(report->range_count, 4);
	assert_int_equal(report->ranges[0].count, 20);
	assert_int_equal(report->shift, 0);
	vmc_report_destroy(report);
}

/* Each range says what it said before, or names all states of its pages. */
static void expect_truth(const struct vmc_report *report, unsigned int (*truth)(vmc_pfn pfn),
			 vmc_pfn end)
{
	size_t index = 0;

	for (vmc_pfn pfn = 0; pfn < end; pfn++) {
		const struct report_range *range = &report->ranges[index];

		while (index < report->range_count && range->start + range->count <= pfn)
			range = &report->ranges[++index];

		bool inside = index < report->range_count && range->start <= pfn;
		unsigned int expected = truth(pfn);

		if (!inside) {
			assert_int_equal(expected, VMC_AUDIT_ABSENT);
			continue;
		}
		unsigned int mix = REPORT_GET(REPORT_MIX, range->kind);

		if (mix)
			assert_true(mix >> expected & 1);
		else
			assert_int_equal(REPORT_GET(REPORT_STATE, range->kind), expected);
	}
}

/* 65 pages of anonymous memory, one of another state, one absent, and so on; in the upper half a
 * long run of free ones. */
static unsigned int busy(vmc_pfn pfn)
{
	if (pfn >= 1 << 20 && pfn < (1 << 20) + 100000)
		return VMC_PAGE_FREE;
	if (pfn % 3 == 2)
		return VMC_AUDIT_ABSENT;
	return pfn % 3 ? VMC_PAGE_ANON : pfn % 65536 == 0 ? VMC_PAGE_HWPOISON : VMC_PAGE_SLAB;
}

static void test_too_many_ranges(void **state)
{
	const vmc_pfn end = 1 << 21;
	struct vmc_report *report = make_report(end);
	size_t free_ranges = 0;

	(void)state;
	for (vmc_pfn pfn = 0; pfn < end; pfn++)
		add(report, pfn, 1, busy(pfn), 0);
	assert_in_range(report->range_count, 1000, VMC_REPORT_RANGES);
	/* No longer blocks than are needed: of 16 pages, 131072. */
	assert_int_equal(report->shift, 4);
	expect_truth(report, busy, end);
	for (size_t i = 0; i < report->range_count; i++)
		free_ranges += REPORT_GET(REPORT_MIX, report->ranges[i].kind) == 0 &&
			       report->ranges[i].count > 90000;
	assert_int_equal(free_ranges, 1);
	vmc_report_destroy(report);
}

static void test_scattered_pages(void **state)
{
	struct vmc_report *report = make_report(1ULL << 52);

	(void)state;
	for (uint64_t i = 0; i < 500000; i++)
		add(report, i << 33, 1, VMC_PAGE_FREE, 0);
	assert_true(report->range_count <= VMC_REPORT_RANGES);
	vmc_report_destroy(report);
}

static void test_bad_ranges(void **state)
{
	struct vmc_report *report = make_report(100);
	struct vmc_audit_range range = {.start = 5, .count = 10};

	(void)state;
	add(report, 0, 10, VMC_PAGE_FREE, 0);
	fail_with(vmc_report_add(report, &range), VMC_ERR_INVALID, "order");
	range.start = UINT64_MAX;
	fail_with(vmc_report_add(report, &range), VMC_ERR_INVALID, "leaves");
	vmc_report_destroy(report);
	fail_with(vmc_report_create(UINT64_MAX, 4096, true, &report), VMC_ERR_LIMIT, "above");
	fail_with(vmc_report_create(1, 0, true, &report), VMC_ERR_INVALID, "page size");
}

static void test_html(void **state)
{
	static struct vmc_audit audit;
	struct vmc_report *report = make_report(0x20000);
	struct vmc_audit_range range = {
		.start = 0x100, .count = 64, .state = VMC_PAGE_FREE, .order = 3};
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);

	(void)state;
	fake_zone(&audit, 0, "<DMA>", 1);
	fake_findings(&audit);
	fake_count(&audit, &range);
	succeed(vmc_report_add(report, &range));
	range.start = 0x200;
	range.state = VMC_PAGE_OFFLINE_SECTION;
	fake_count(&audit, &range);
	succeed(vmc_report_add(report, &range));
	succeed(vmc_report_html(report, &caption, &audit, &sink));
	/* Nothing is left to fill in, nothing is loaded, no text of the dump is markup. */
	assert_null(strstr(bytes.data, "@DATA@"));
	assert_null(strstr(bytes.data, "src="));
	assert_null(strstr(bytes.data, "http"));
	assert_int_equal(bytes_count(&bytes, "</script>"), 2);
	assert_null(strstr(bytes.data, "<DMA>"));
	assert_null(strstr(bytes.data, "<b>"));
	assert_null(strstr(bytes.data, "type <2>"));
	assert_non_null(strstr(bytes.data, "[0,\"\\u003cDMA\\u003e\"]"));
	assert_non_null(strstr(bytes.data, "\"ranges\":[256,64,0,192,64,1]"));
	assert_non_null(strstr(bytes.data, "class=\"error\""));
	assert_non_null(strstr(bytes.data, "&#8211;0x1000f"));
	assert_non_null(strstr(bytes.data, "offline</th><td class=\"number\">64</td>"));
	bytes_free(&bytes);
	bytes.limit = 10000;
	fail_with(vmc_report_html(report, &caption, &audit, &sink), VMC_ERR_SYSTEM, "No space");
	bytes_free(&bytes);
	vmc_report_destroy(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_ranges_merge),
		cmocka_unit_test(test_too_many_ranges),
		cmocka_unit_test(test_scattered_pages),
		cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test(test_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_without_pictures(void **state)
{
	struct vmc_report *report;

	(void)state;
	fail_with(vmc_report_create(1, 4096, true, &report), VMC_ERR_UNSUPPORTED, "pictures");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_without_pictures)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
