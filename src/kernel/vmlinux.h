/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vmlinux: the ELF file of a kernel, with its symbols and, where it was not stripped, its debug
 * information (DWARF).  Read with libelf and libdw; a build without them answers
 * VMC_ERR_UNSUPPORTED.  For one thread, the one that opened it.
 */
#ifndef VMCULL_KERNEL_VMLINUX_H
#define VMCULL_KERNEL_VMLINUX_H

#include "base/error.h"
#include "base/layout.h"
#include "kernel/kallsyms.h"
#include "kernel/types.h"

struct vmlinux;

struct vmc_error *vmlinux_open(const char *path, struct vmlinux **ret_vmlinux) VMC_MUST_CHECK;
void vmlinux_close(struct vmlinux *vmlinux);
DEFINE_CLEANUP(struct vmlinux *, vmlinux_close);

const char *vmlinux_path(const struct vmlinux *vmlinux);
uint16_t vmlinux_machine(const struct vmlinux *vmlinux); /* e_machine */
struct layout vmlinux_layout(const struct vmlinux *vmlinux);

/* "6.1.0-…", from linux_banner; "" where a file of debug information alone has none. */
const char *vmlinux_release(const struct vmlinux *vmlinux);

/* Of its GNU note, in hexadecimal as VMCOREINFO has it since 5.9; "" when there is none. */
const char *vmlinux_build_id(const struct vmlinux *vmlinux);

/* Looks for all of @queries in one pass over the symbol table.  Addresses are as linked.  A name
 * that is not there is no error. */
struct vmc_error *vmlinux_find(struct vmlinux *vmlinux, struct kallsyms_query *queries,
			       size_t count) VMC_MUST_CHECK;

/* One pass over the debug information, which makes an index of its names.  VMC_ERR_MISSING when
 * there is none.  The vmlinux must outlive the types. */
struct vmc_error *vmlinux_types(struct vmlinux *vmlinux, struct types **ret_types) VMC_MUST_CHECK;

/* VMC_ERR_TRUNCATED when something that was read turned out not to exist: the file became shorter
 * meanwhile. */
struct vmc_error *vmlinux_check(const struct vmlinux *vmlinux) VMC_MUST_CHECK;

#endif
