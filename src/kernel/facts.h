/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of facts about a kernel.  Sources fill it in order of trust, each only what is still
 * unknown: a file of the user, VMCOREINFO, (kallsyms, BTF, DWARF,) and last what follows from other
 * facts.
 */
#ifndef VMCULL_KERNEL_FACTS_H
#define VMCULL_KERNEL_FACTS_H

#include <vmcull/kernel.h>

#include "base/error.h"
#include "kernel/vmcoreinfo.h"

struct kernel_memory; /* kernel/memory.h */
struct types;         /* kernel/types.h */
struct vmlinux;       /* kernel/vmlinux.h */

enum fact_id {
#define FACT(id, kind, name) FACT_##id,
#include "kernel/facts.def"
#undef FACT
	FACT_COUNT
};

struct facts {
	struct {
		uint64_t value;
		enum vmc_fact_source source;
		const char *reason;
	} table[FACT_COUNT];
};

void facts_init(struct facts *facts);

bool fact_known(const struct facts *facts, enum fact_id id);

/* The value, or @fallback where it is not known. */
uint64_t fact_or(const struct facts *facts, enum fact_id id, uint64_t fallback);

/* The mask of a flag whose bit number is the fact; 0 where the kernel has or tells no such flag. */
uint64_t fact_flag_mask(const struct facts *facts, enum fact_id id);

/* The bits of page.flags that are flags, as far as known: all up to the highest that has a name.
 * What a kernel does not tell lies above, below the fields for node and zone. */
uint64_t facts_page_flag_bits(const struct facts *facts);

/* VMC_ERR_MISSING names the fact and says who could have given it. */
struct vmc_error *fact_need(const struct facts *facts, enum fact_id id,
			    uint64_t *ret_value) VMC_MUST_CHECK;

/* Sets a fact unless a better source already did.  @reason: static text for inferred facts. */
void fact_set(struct facts *facts, enum fact_id id, uint64_t value, enum vmc_fact_source source,
	      const char *reason);

const char *fact_name(enum fact_id id);

#define FACT_INSIDE_MAX 128

/* The part between the brackets of "KIND(part)"; false when @name is of another kind. */
bool fact_name_inside(const char *name, const char *kind, char ret_inside[FACT_INSIDE_MAX]);

/* Another name of the same field in older or younger kernels, or NULL. */
const char *fact_alias(enum fact_id id);

/* Bytes of a pointer and of unsigned long: half of SIZE(list_head).  0 when that is not known. */
unsigned int facts_word_size(const struct facts *facts);

/* Describes fact number @index of FACT_COUNT for a report. */
void fact_describe(const struct facts *facts, enum fact_id id, struct vmc_fact *ret_fact);

/* How to add a source of facts: a value of enum vmc_fact_source at its place in the order of trust,
 * a file facts_NAME.c with a function like those below, a call where the target collects facts. */

/* From a parsed VMCOREINFO, as VMC_FACT_USER or VMC_FACT_VMCOREINFO.  A value that is malformed,
 * and two names of one field with different values, are VMC_ERR_CORRUPT; where a better source
 * knows the fact already the value is not looked at, so that a user can repair it. */
struct vmc_error *facts_from_vmcoreinfo(struct facts *facts, const struct vmcoreinfo *vmcoreinfo,
					enum vmc_fact_source source) VMC_MUST_CHECK;

/* The facts of one source as lines of VMCOREINFO, which facts_from_vmcoreinfo() reads back; NULL
 * when there are none.  To be freed. */
struct vmc_error *facts_to_text(const struct facts *facts, enum vmc_fact_source source,
				char **ret_text) VMC_MUST_CHECK;

/* Back again, from a dump that somebody may have changed: on an error, VMC_ERR_CORRUPT also when
 * facts_check() does not like the result, the table stays as it is. */
struct vmc_error *facts_from_text(struct facts *facts, const char *text, size_t size,
				  enum vmc_fact_source source) VMC_MUST_CHECK;

/* Addresses from the symbol table in the kernel's memory.  On an error, which is one of those of
 * kallsyms_find(), the table of facts stays as it is; a symbol that is not there is none.  Takes
 * 5 ms. */
struct vmc_error *facts_from_kallsyms(struct facts *facts,
				      const struct kernel_memory *memory) VMC_MUST_CHECK;

/* From the type information in the kernel's memory: what VMCOREINFO does not tell, instead of what
 * was inferred.  Facts tell where it lies, which facts_from_kallsyms() finds out.  On an error the
 * table stays as it is: VMC_ERR_MISSING when there is none or nothing tells where it is,
 * VMC_ERR_CORRUPT also when facts_check() does not like the result.  Takes 10 ms and, while it
 * runs, twice the size of the BTF (4 to 8 MiB) in memory. */
struct vmc_error *facts_from_kernel_btf(struct facts *facts,
					const struct kernel_memory *memory) VMC_MUST_CHECK;

/* The types alone, for others who want them; errors as above. */
struct vmc_error *btf_read(const struct facts *facts, const struct kernel_memory *memory,
			   struct types **ret_types) VMC_MUST_CHECK;

void facts_from_types(struct facts *facts, const struct types *types, enum vmc_fact_source source);

/* From the symbols and the debug information of a vmlinux, with addresses as they are in it. */
struct vmc_error *facts_from_vmlinux(struct facts *facts, struct vmlinux *vmlinux,
				     const struct types *types) VMC_MUST_CHECK;

/* Adds @offset to all addresses of symbols of one source. */
void facts_shift(struct facts *facts, enum vmc_fact_source source, uint64_t offset);

/* Fills in what older or younger kernels do not export but what follows from what they do.  Some
 * of these are candidates, which their reasons say, and whoever uses them has to verify them:
 * OFFSET(zone.unaccepted_pages), OFFSET(zone.zone_start_pfn), OFFSET(zone.managed_pages),
 * OFFSET(zone.present_pages) and OFFSET(uts_namespace.name). */
void facts_infer(struct facts *facts);

/* Holds the facts against each other: offsets inside SIZE(page), powers of two, bounds that
 * protect arithmetic later on.  VMC_ERR_CORRUPT names both keys. */
struct vmc_error *facts_check(const struct facts *facts) VMC_MUST_CHECK;

#endif
