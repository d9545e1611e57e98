/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log in each of its forms: which, the keys of VMCOREINFO say.  Every record is
 * written as text for a terminal and as JSON, and has to be that, whatever is in it.
 */
#include <jansson.h>

#include "dmesg_json.h"
#include "dmesg_text.h"
#include "fuzz_kernel.h"

/* No log of an input has more: each takes 8 bytes at least, or one in a flat buffer. */
#define RECORDS_MAX 2u * KERNEL_MEMORY

static void require_printable(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		fuzz_require(text[i] == '\n' || text[i] == '\t' ||
			     (text[i] >= ' ' && text[i] <= '~'));
}

static void record_json(const struct vmc_dmesg_record *record)
{
	json_t *json = dmesg_json_record(record), *again;
	char *text;

	fuzz_require(json);
	text = json_dumps(json, JSON_ENCODE_ANY);
	fuzz_require(text);
	again = json_loads(text, JSON_ALLOW_NUL, NULL);
	fuzz_require(again && json_equal(json, again));
	json_decref(json);
	json_decref(again);
	free(text);
}

static void read_log(struct vmc_dmesg *dmesg, uint8_t form)
{
	struct dmesg_style style = {
		.time = form % 4,
		.booted = form & 4 ? INT64_MAX - 5 : 1700000000,
		.raw_lines = form & 8,
		.no_callers = form & 16,
		.no_indent = form & 32,
		.empty_lines = form & 64,
		.decode = form & 128,
		.terminal = true,
	};
	struct vmc_dmesg_record record;
	size_t records = 0, bytes = 0, size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	fuzz_require(stream);

	while (vmc_dmesg_next(dmesg, &record)) {
		fuzz_require(++records <= RECORDS_MAX);
		fuzz_require(record.size <= UINT16_MAX && record.subsystem && record.device);
		bytes += record.size;
		if (bytes > 1 << 18) /* blocks that overlap: read on, to see that it ends */
			continue;
		dmesg_text_record(&style, &record, stream);
		if (records <= 64)
			record_json(&record);
	}
	fuzz_require(fclose(stream) == 0);
	require_printable(text, size);
	free(text);
	fuzz_require(!vmc_dmesg_next(dmesg, &record));
	vmc_dmesg_damaged(dmesg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = fuzz_input(data, size);
	uint8_t form = fuzz_byte(&input);
	struct vmc_dmesg_options options = {.since_clear = form & 1, .quiet = form & 2};
	struct vmc_dump *dump;
	struct vmc_target *target;
	struct vmc_dmesg *dmesg;

	if (!kernel_open(&input, &dump, &target))
		return 0;
	if (!fuzz_failed(vmc_dmesg_open(target, &options, &dmesg))) {
		read_log(dmesg, form);
		vmc_dmesg_close(dmesg);
	}
	vmc_target_close(target);
	vmc_dump_close(dump);
	return 0;
}
