/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines of each byte order and word size with a little memory, for logs made in it.  cmocka.h
 * goes before this file.
 */
#ifndef VMCULL_TESTS_LOG_MACHINE_H
#define VMCULL_TESTS_LOG_MACHINE_H

#include <stdarg.h>
#include <stdio.h>

#include <vmcull/dmesg.h>

#include "elf_builder.h"
#include "expect.h"
#include "target/target.h"

#define LOG_NOTE   0x1000 /* in the file */
#define LOG_FILE   0x4000 /* in the file: memory */
#define LOG_MEMORY ((uint64_t)1 << 20)
#define LOG_TABLE  0x4000 /* in memory, from here on */
#define LOG_UTS    0x10000
#define LOG_VARS   0x11000
#define LOG_PLACE  0x20000 /* what a test puts there */

struct log_machine {
	const char *name;
	struct layout layout;
	uint16_t elf_machine;
	vmc_paddr base;    /* of memory */
	vmc_vaddr address; /* where the kernel has it */
	uint32_t entry;    /* maps all of it, of a table of words of 32 bits; 0: without tables */
	unsigned int shift;
};

static const struct log_machine log_machines[] = {
	{"mips64el", {false, 8}, EM_MIPS, 0, 0xffffffff80000000u, 0, 0},
	{"mips64", {true, 8}, EM_MIPS, 0, 0xffffffff80000000u, 0, 0},
	{"i386", {false, 4}, EM_386, 0, 0xc0000000u, 0x1e3, 22},
	{"armeb", {true, 4}, EM_ARM, 0x60000000, 0x80000000u, 0x41e, 20},
};

#define LOG_MACHINES (sizeof(log_machines) / sizeof(log_machines[0]))

struct log_test {
	const struct log_machine *machine;
	struct scratch_file scratch;
	char keys[4096]; /* of VMCOREINFO */
	struct vmc_dump *dump;
	struct vmc_target *target;
	struct vmc_dmesg *dmesg;
	unsigned int warnings;
	char said[256]; /* the first warning */
};

static inline void log_say(void *arg, enum vmc_log_level level, const char *message)
{
	struct log_test *test = arg;

	if (level != VMC_LOG_WARNING)
		return;
	if (!test->warnings++)
		snprintf(test->said, sizeof(test->said), "%s", message);
}

static inline vmc_vaddr log_address(const struct log_test *test, uint64_t offset)
{
	return (test->machine->address + offset) & layout_word_max(test->machine->layout);
}

static inline void log_write_bytes(struct log_test *test, uint64_t offset, const void *bytes,
				   size_t size)
{
	assert_true(offset + size <= LOG_MEMORY);
	scratch_file_write(&test->scratch, LOG_FILE + offset, bytes, size);
}

static inline void log_put(struct log_test *test, uint64_t offset, uint64_t value, size_t size)
{
	uint8_t bytes[8] = {0};

	if (size == 8)
		store_u64(test->machine->layout, bytes, value);
	else if (size == 4)
		store_u32(test->machine->layout, bytes, (uint32_t)value);
	else if (size == 2)
		put16(test->machine->layout, bytes, value);
	else
		bytes[0] = (uint8_t)value;
	log_write_bytes(test, offset, bytes, size);
}

static inline void log_put_word(struct log_test *test, uint64_t offset, uint64_t value)
{
	log_put(test, offset, value, test->machine->layout.word_size);
}

static inline __attribute__((format(printf, 2, 3))) void log_key(struct log_test *test,
								 const char *format, ...)
{
	size_t used = strlen(test->keys);
	va_list args;

	va_start(args, format);
	vsnprintf(test->keys + used, sizeof(test->keys) - used, format, args);
	va_end(args);
	strcat(test->keys, "\n");
}

/* SYMBOL(name), at an offset of memory. */
static inline void log_symbol(struct log_test *test, const char *name, uint64_t offset)
{
	log_key(test, "SYMBOL(%s)=%jx", name, (uintmax_t)log_address(test, offset));
}

/* To be followed by keys and memory, and log_open(). */
static inline void log_create(struct log_test *test, const struct log_machine *machine)
{
	static const uint8_t zeros[LOG_MEMORY];

	memset(test, 0, sizeof(*test));
	test->machine = machine;
	scratch_file_create(&test->scratch, NULL, LOG_FILE + LOG_MEMORY);
	log_write_bytes(test, 0, zeros, sizeof(zeros));
	log_write_bytes(test, LOG_UTS, "Linux", 5);
	log_write_bytes(test, LOG_UTS + 130, "5.99-test", 9);
	if (machine->entry)
		log_put(test, LOG_TABLE + (machine->address >> machine->shift) * 4,
			machine->base | machine->entry, 4);
	log_key(test,
		"OSRELEASE=5.99-test\nPAGESIZE=4096\nOFFSET(uts_namespace.name)=0\n"
		"SIZE(list_head)=%d",
		2 * machine->layout.word_size);
	log_symbol(test, "init_uts_ns", LOG_UTS);
	log_symbol(test, "swapper_pg_dir", LOG_TABLE);
}

static inline void log_open_target(struct log_test *test)
{
	uint8_t note[4608], headers[256];
	size_t size = note_put(test->machine->layout, note, "VMCOREINFO", 0, test->keys);
	const struct built_segment segments[] = {
		{.type = PT_NOTE, .offset = LOG_NOTE, .filesz = size, .memsz = size},
		LOAD(LOG_FILE, test->machine->base, LOG_MEMORY, LOG_MEMORY),
	};
	const struct built_elf elf = {
		.layout = test->machine->layout,
		.machine = test->machine->elf_machine,
		.segments = segments,
		.count = 2,
	};
	struct vmc_dump_options options = {.log = {.write = log_say, .arg = test}};

	build_header(&elf, headers);
	for (uint32_t i = 0; i < elf.count; i++)
		build_segment(&elf, headers + built_phoff(&elf) + i * built_phdr_size(&elf),
			      &segments[i]);
	scratch_file_write(&test->scratch, 0, headers,
			   built_phoff(&elf) + elf.count * built_phdr_size(&elf));
	scratch_file_write(&test->scratch, LOG_NOTE, note, size);
	succeed(vmc_dump_open(test->scratch.path, &options, &test->dump));
	succeed(vmc_target_open(test->dump, NULL, &test->target));
	test->warnings = 0;
}

static inline void log_open(struct log_test *test, bool since_clear)
{
	const struct vmc_dmesg_options options = {.since_clear = since_clear};

	log_open_target(test);
	succeed(vmc_dmesg_open(test->target, &options, &test->dmesg));
}

static inline void log_destroy(struct log_test *test)
{
	vmc_dmesg_close(test->dmesg);
	vmc_target_close(test->target);
	vmc_dump_close(test->dump);
	scratch_file_destroy(&test->scratch);
}

/* The next record has this text. */
static inline struct vmc_dmesg_record expect_record(struct log_test *test, const char *text)
{
	struct vmc_dmesg_record record;

	if (!vmc_dmesg_next(test->dmesg, &record))
		fail_msg("%s: no record, instead of \"%s\"; %s", test->machine->name, text,
			 test->said);
	if (record.size != strlen(text) || memcmp(record.text, text, record.size) != 0)
		fail_msg("%s: \"%.*s\" instead of \"%s\"", test->machine->name, (int)record.size,
			 record.text, text);
	return record;
}

/* There are no more, and this many places were damaged; the first message has @part. */
static inline void expect_end(struct log_test *test, uint64_t damaged, const char *part)
{
	struct vmc_dmesg_record record;

	if (vmc_dmesg_next(test->dmesg, &record))
		fail_msg("%s: one more: \"%.*s\"", test->machine->name, (int)record.size,
			 record.text);
	assert_false(vmc_dmesg_next(test->dmesg, &record));
	if (vmc_dmesg_damaged(test->dmesg) != damaged)
		fail_msg("%s: damaged %ju times: %s", test->machine->name,
			 (uintmax_t)vmc_dmesg_damaged(test->dmesg), test->said);
	assert_int_equal(test->warnings != 0, part != NULL);
	if (part && !strstr(test->said, part))
		fail_msg("\"%s\" instead of \"%s\"", test->said, part);
}

#endif
