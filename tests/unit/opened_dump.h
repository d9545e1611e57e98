/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps that tests have generated, opened, and what is expected of them. */
#ifndef VMCULL_TESTS_OPENED_DUMP_H
#define VMCULL_TESTS_OPENED_DUMP_H

#include "dump/dump.h"
#include "elf_builder.h"

#define PAGE ((uint64_t)4096)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct layout le64 = {false, 8};

/* What was said through the log. */
static char said[1024];
static unsigned int said_count;

static inline void say(void *arg, enum vmc_log_level level, const char *message)
{
	(void)arg;
	assert_int_equal(level, VMC_LOG_WARNING);
	said_count++;
	snprintf(said, sizeof(said), "%s", message);
}

struct opened {
	struct scratch_file scratch;
	struct vmc_dump *dump;
	struct vmc_dump_cursor *cursor;
};

static inline struct vmc_error *try_open(struct opened *opened, bool no_mmap)
{
	struct vmc_dump_options options = {.log = {.write = say}, .no_mmap = no_mmap};

	said_count = 0;
	opened->dump = NULL;
	opened->cursor = NULL;
	return vmc_dump_open(opened->scratch.path, &options, &opened->dump);
}

static inline void open_elf(struct opened *opened, const struct built_elf *elf)
{
	built_write(elf, &opened->scratch);
	assert_null(try_open(opened, false));
	assert_null(dump_set_page_size(opened->dump, PAGE));
	assert_null(vmc_dump_cursor_create(opened->dump, &opened->cursor));
}

static inline void close_elf(struct opened *opened)
{
	vmc_dump_cursor_destroy(opened->cursor);
	vmc_dump_close(opened->dump);
	scratch_file_destroy(&opened->scratch);
}

static inline void assert_error(struct vmc_error *err, enum vmc_error_code code, const char *part)
{
	assert_non_null(err);
	if (vmc_error_code(err) != code || !strstr(vmc_error_message(err), part))
		fail_msg("%d: %s", vmc_error_code(err), vmc_error_message(err));
	vmc_error_free(err);
}

static inline void assert_open_fails(const struct built_elf *elf, enum vmc_error_code code,
				     const char *part)
{
	struct opened opened;

	built_write(elf, &opened.scratch);
	assert_error(try_open(&opened, false), code, part);
	close_elf(&opened);
}

/* Memory at @address is what lies in the file at @offset. */
static inline void assert_memory(struct opened *opened, vmc_paddr address, uint64_t offset,
				 size_t size)
{
	uint8_t *bytes = malloc(size);

	assert_null(vmc_dump_read(opened->cursor, address, bytes, size));
	scratch_assert(bytes, offset, size);
	free(bytes);
}

static inline void assert_no_memory(struct opened *opened, vmc_paddr address,
				    enum vmc_error_code code)
{
	uint8_t byte;

	assert_error(vmc_dump_read(opened->cursor, address, &byte, 1), code, "0x");
}

static inline void assert_runs(struct opened *opened, const struct vmc_memory_run *runs,
			       size_t count)
{
	struct vmc_memory_run run;
	vmc_pfn from = 0;

	for (size_t i = 0; i < count; i++) {
		assert_true(vmc_dump_next_run(opened->dump, from, &run));
		assert_int_equal(run.start, runs[i].start);
		assert_int_equal(run.count, runs[i].count);
		assert_int_equal(run.kind, runs[i].kind);
		from = run.start + run.count;
	}
	assert_false(vmc_dump_next_run(opened->dump, from, &run));
	assert_int_equal(vmc_dump_end_pfn(opened->dump), from);
}

#define ASSERT_RUNS(opened, ...) \
	do { \
		static const struct vmc_memory_run runs_[] = {__VA_ARGS__}; \
		assert_runs(opened, runs_, COUNT_OF(runs_)); \
	} while (0)

#define DATA(start, count) {start, count, VMC_MEMORY_DATA}
#define NODATA(start, count) {start, count, VMC_MEMORY_NODATA}

#endif
