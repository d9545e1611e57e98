/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that never ran: an input says which machine it is of, what more its VMCOREINFO has, and
 * what lies in KERNEL_INPUT of its memory.
 */
#ifndef VMCULL_TESTS_FUZZ_KERNEL_H
#define VMCULL_TESTS_FUZZ_KERNEL_H

#include <stdarg.h>

#include "fuzz_input.h"
/* What it has from the headers of unit tests needs those first. */
#include "log_machine.h"

#define KERNEL_INPUT     LOG_VARS /* in memory */
#define KERNEL_INPUT_MAX 0x8000
#define KERNEL_MEMORY    (KERNEL_INPUT + KERNEL_INPUT_MAX)

/* The file stays the same, and only what an input changes of it is written. */
static inline const char *kernel_file(const struct log_machine *machine, const uint8_t *note,
				      size_t note_size, struct fuzz_input *memory)
{
	static uint8_t bytes[LOG_FILE + KERNEL_MEMORY];
	static int fd = -1;
	static char path[32];
	const struct built_segment segments[] = {
		{.type = PT_NOTE, .offset = LOG_NOTE, .filesz = note_size, .memsz = note_size},
		LOAD(LOG_FILE, machine->base, KERNEL_MEMORY, KERNEL_MEMORY),
	};
	const struct built_elf elf = {
		.layout = machine->layout,
		.machine = machine->elf_machine,
		.segments = segments,
		.count = 2,
	};

	memset(bytes, 0, sizeof(bytes));
	build_header(&elf, bytes);
	for (uint32_t i = 0; i < elf.count; i++)
		build_segment(&elf, bytes + built_phoff(&elf) + i * built_phdr_size(&elf),
			      &segments[i]);
	memcpy(bytes + LOG_NOTE, note, note_size);
	memcpy(bytes + LOG_FILE + LOG_UTS, "Linux", 5);
	memcpy(bytes + LOG_FILE + LOG_UTS + 130, "5.99-test", 9);
	if (machine->entry)
		store_u32(machine->layout,
			  bytes + LOG_FILE + LOG_TABLE + (machine->address >> machine->shift) * 4,
			  (uint32_t)machine->base | machine->entry);
	fuzz_bytes(memory, bytes + LOG_FILE + KERNEL_INPUT, KERNEL_INPUT_MAX);
	if (fd < 0) {
		fd = memfd_create("kernel", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	fuzz_require(pwrite(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
	return path;
}

static inline void kernel_say(void *arg, enum vmc_log_level level, const char *message)
{
	(void)arg;
	(void)level;
	fuzz_require(message[0]);
}

/* The machine by its number, the keys up to a NUL, memory.  False when the kernel is none that can
 * be opened. */
static inline bool kernel_open(struct fuzz_input *input, struct vmc_dump **ret_dump,
			       struct vmc_target **ret_target)
{
	const struct log_machine *machine = &log_machines[fuzz_byte(input) % LOG_MACHINES];
	struct vmc_dump_options options = {.log = {.write = kernel_say}};
	struct log_test test = {.machine = machine};
	uint8_t note[8192];
	char *more = fuzz_text(input);

	log_key(&test,
		"OSRELEASE=5.99-test\nPAGESIZE=4096\nOFFSET(uts_namespace.name)=0\n"
		"SIZE(list_head)=%d",
		2 * machine->layout.word_size);
	log_symbol(&test, "init_uts_ns", LOG_UTS);
	log_symbol(&test, "swapper_pg_dir", LOG_TABLE);
	log_key(&test, "%.3500s", more);
	free(more);

	size_t size = note_put(machine->layout, note, "VMCOREINFO", 0, test.keys);

	if (fuzz_failed(vmc_dump_open(kernel_file(machine, note, size, input), &options, ret_dump)))
		return false;
	if (!fuzz_failed(vmc_target_open(*ret_dump, NULL, ret_target)))
		return true;
	vmc_dump_close(*ret_dump);
	return false;
}

#endif
