/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Erasing: data of the kernel that must not be in a dump (keys, names) is overwritten in it, as
 * rules in a file say.  They are those of makedumpfile.conf(5); vmcull(5) has them.
 */
#ifndef VMCULL_ERASE_H
#define VMCULL_ERASE_H

#include <vmcull/target.h>

struct vmc_erase_rules;

/* Reads a file of rules.  One that is malformed is VMC_ERR_INVALID and named by its line: nothing
 * is done by halves. */
VMC_API struct vmc_error *vmc_erase_parse(const char *path,
					  struct vmc_erase_rules **ret_rules) VMC_MUST_CHECK;
VMC_API void vmc_erase_rules_destroy(struct vmc_erase_rules *rules);

/* What the rules mean in one dump. */
struct vmc_erase;

/* Finds the data: symbols are those of the dump (kallsyms) or of the vmlinux that the target was
 * opened with, types are those of the vmlinux or of the dump (BTF).  A rule that finds nothing is
 * no error: the log is warned, and vmc_erase_rule() tells.  The rules must outlive the result. */
VMC_API struct vmc_error *vmc_erase_resolve(const struct vmc_erase_rules *rules,
					    struct vmc_target *target,
					    struct vmc_erase **ret_erase) VMC_MUST_CHECK;
VMC_API void vmc_erase_destroy(struct vmc_erase *erase);

struct vmc_erase_rule {
	unsigned int line;   /* in the file */
	const char *module;  /* "vmlinux", or a module of the kernel */
	const char *text;    /* "erase init_uts_ns.name.nodename size 8" */
	uint64_t objects;    /* pieces of memory that it erases */
	uint64_t bytes;      /* of all of them; those that overlap count twice */
	const char *problem; /* why there are none, or the first that could not be; else NULL */
};

/* Returns false from the end of the rules on. */
VMC_API bool vmc_erase_rule(const struct vmc_erase *erase, size_t index,
			    struct vmc_erase_rule *ret_rule);

/* Bytes of memory that are erased, each counted once. */
VMC_API uint64_t vmc_erase_bytes(const struct vmc_erase *erase);

#endif
