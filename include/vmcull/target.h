/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target: a dump whose kernel is understood well enough to read its memory by virtual address.
 */
#ifndef VMCULL_TARGET_H
#define VMCULL_TARGET_H

#include <vmcull/dump.h>
#include <vmcull/kernel.h>

struct vmc_target;

struct vmc_target_options {
	/* A file with VMCOREINFO lines that goes before what the dump holds, or NULL.  One of
	 * another kernel is VMC_ERR_OTHER_KERNEL.  Where it has another KERNELOFFSET than the dump,
	 * its addresses are moved by the difference. */
	const char *vmcoreinfo_path;

	/* The vmlinux of the kernel, with debug information (DWARF), or NULL.  It tells what
	 * neither the file above nor the dump does; one of another kernel is VMC_ERR_OTHER_KERNEL.
	 * Reading it takes seconds, and some 100 MiB as long as the target is open.  A build
	 * without libdw answers VMC_ERR_UNSUPPORTED. */
	const char *vmlinux_path;

	/* Also collect facts from the kernel's memory: from its symbols (kallsyms) and from its
	 * type information (BTF).  No rule of a filter needs them.  Costs up to 30 ms and, for
	 * that time, up to 32 MiB.  A kernel without is no error; the log tells, and
	 * vmc_target_type_information(). */
	bool type_information;
};

/* Finds VMCOREINFO (file of the user, note of the dump, or by scanning its memory), collects the
 * facts and sets up translation.  @options may be NULL.  The dump must outlive the target. */
VMC_API struct vmc_error *vmc_target_open(struct vmc_dump *dump,
					  const struct vmc_target_options *options,
					  struct vmc_target **ret_target) VMC_MUST_CHECK;
VMC_API void vmc_target_close(struct vmc_target *target);

VMC_API const char *vmc_target_arch(const struct vmc_target *target); /* "x86_64" */
VMC_API const char *vmc_target_release(
	const struct vmc_target *target); /* "6.1.0-…"; "" if unknown */
VMC_API uint32_t vmc_target_page_size(const struct vmc_target *target); /* bytes */
VMC_API uint32_t
vmc_target_cpus(const struct vmc_target *target); /* CPUs with registers in the notes */
VMC_API int64_t
vmc_target_crash_time(const struct vmc_target *target); /* seconds since 1970; 0 if unknown */

/* Is this the memory of a running machine (/proc/kcore), which changes while it is read? */
VMC_API bool vmc_target_is_live(const struct vmc_target *target);

/* "note", "file", "pointer in memory", "scan of memory": where VMCOREINFO was found. */
VMC_API const char *vmc_target_vmcoreinfo_origin(const struct vmc_target *target);

/* Makes VMCOREINFO lines from a vmlinux with debug information: a file of them, given as
 * vmcoreinfo_path, does for a dump of that kernel.  Addresses are as linked, which KERNELOFFSET=0
 * says.  *ret_text ends with NUL and is to be freed. */
VMC_API struct vmc_error *vmc_vmcoreinfo_generate(const char *vmlinux_path,
						  char **ret_text) VMC_MUST_CHECK;

/* Its text, for a report; never NULL. */
VMC_API const char *vmc_target_vmcoreinfo(const struct vmc_target *target, size_t *ret_size);

/* What became of the option type_information: "" when symbols and types were read, else one line
 * that says what is missing and why; facts from there may be unknown then.  NULL when the option
 * was not set. */
VMC_API const char *vmc_target_type_information(const struct vmc_target *target);

/* The facts, by index.  Returns false from the end of the table on. */
VMC_API bool vmc_target_fact(const struct vmc_target *target, size_t index,
			     struct vmc_fact *ret_fact);

#endif
