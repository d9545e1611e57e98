/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a target: which kernel is in this dump, and how is its memory reached? */
#include "target/target.h"

#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "dump/own_notes.h"
#include "kernel/infer.h"
#include "kernel/memory.h"
#include "target/debug.h"
#include "target/find_vmcoreinfo.h"

/* Copies of the note in memory that are tried before we give up: each boot leaves two. */
#define SCAN_CANDIDATES_MAX 64

static struct vmc_error *read_kernel(void *arg, vmc_vaddr address, void *buffer, size_t size)
{
	return target_read(arg, address, buffer, size);
}

/* @what: NULL when nothing is missed.  No rule needs type information, so that for want of memory
 * alone a target is not opened. */
static struct vmc_error *type_information_fails(struct vmc_target *target, const char *what,
						struct vmc_error *err)
{
	if (!err || vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	if (what) {
		snprintf(target->type_information, sizeof(target->type_information),
			 "no facts from %s: %s", what, vmc_error_message(err));
		log_info(&target->dump->log, "%s", target->type_information);
	}
	vmc_error_free(err);
	return NULL;
}

/* Facts that another run of ours learnt and left in a note, since their sources may be left out. */
static struct vmc_error *add_own_note(struct vmc_target *target, enum own_note type,
				      enum vmc_fact_source source, bool *ret_known)
{
	struct vmc_dump *dump = target->dump;
	const struct note *note = notes_find(&dump->notes, OWN_NOTE_NAME, OWN_NOTE_TYPE(type));
	_cleanup_free_ char *text = NULL;
	size_t size;

	if (!note)
		return NULL;

	struct vmc_error *err = note_read(note, dump->file, OWN_NOTE_SIZE_MAX, &text, &size);

	if (!err)
		err = facts_from_text(&target->facts, text, size, source);
	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	*ret_known = !err;
	if (err)
		log_warning(&dump->log, "no facts from the note %s 0x%x: %s", OWN_NOTE_NAME,
			    OWN_NOTE_TYPE(type), vmc_error_message(err));
	vmc_error_free(err);
	return NULL;
}

struct kernel_memory target_memory(struct target_reader *reader)
{
	return (struct kernel_memory){
		.read = read_kernel,
		.arg = reader,
		.layout = target_reader_target(reader)->layout,
	};
}

/* What VMCOREINFO leaves out.  Without symbols nothing tells where BTF lies, but for a file of the
 * user, and one reason is enough. */
static struct vmc_error *add_type_information(struct vmc_target *target)
{
	_cleanup_(target_reader_destroy) struct target_reader *reader = NULL;
	bool symbols = false, types = false; /* in notes: then the memory may be left out */

	target->type_information_asked = true;
	TRY(add_own_note(target, OWN_NOTE_KALLSYMS, VMC_FACT_KALLSYMS, &symbols));
	TRY(add_own_note(target, OWN_NOTE_BTF, VMC_FACT_BTF, &types));
	TRY(target_reader_create(target, &reader));

	struct kernel_memory memory = target_memory(reader);

	TRY(type_information_fails(target, symbols ? NULL : "symbols and BTF",
				   facts_from_kallsyms(&target->facts, &memory)));
	if (*target->type_information && !fact_known(&target->facts, FACT_SYMBOL_start_BTF))
		return NULL;
	return type_information_fails(target, types ? NULL : "BTF",
				      facts_from_kernel_btf(&target->facts, &memory));
}

/* Reads init_uts_ns.  That "Linux" and the release of VMCOREINFO stand there proves that
 * translation works and that the VMCOREINFO belongs to this memory. */
static struct vmc_error *read_uts(struct vmc_target *target, struct target_reader *reader)
{
	char names[UTS_COUNT * UTS_LENGTH];
	uint64_t address;

	TRY(fact_need(&target->facts, FACT_SYMBOL_init_uts_ns, &address));
	address = image_uts_address(&target->arch);

	struct vmc_error *err = target_read(reader, address, names, sizeof(names));

	/* Tables in the wrong place lead out of the dump just as tables that were left out. */
	if (err && vmc_error_code(err) == VMC_ERR_NODATA)
		return error_context(
			err,
			"VMCOREINFO (%s) does not fit this memory, or some is missing: init_uts_ns",
			vmc_target_release(target));
	TRY(error_context(err, "VMCOREINFO (%s) does not fit this memory: init_uts_ns",
			  vmc_target_release(target)));

	for (size_t i = 0; i < UTS_COUNT; i++) {
		memcpy(target->uts[i], names + i * UTS_LENGTH, UTS_LENGTH);
		target->uts[i][UTS_LENGTH] = '\0';
	}
	if (strcmp(target->uts[UTS_SYSNAME], "Linux") != 0)
		return error_create_at(
			VMC_ERR_CORRUPT, ERROR_AT_VADDR, address,
			"VMCOREINFO (%s) is not of the kernel in this memory: init_uts_ns "
			"does not hold \"Linux\"",
			vmc_target_release(target));

	const char *release = vmcoreinfo_string(&target->vmcoreinfo, "OSRELEASE");

	if (release && strcmp(release, target->uts[UTS_RELEASE]) != 0)
		return error_create(VMC_ERR_CORRUPT,
				    "VMCOREINFO is of kernel %s, but the kernel in memory is %.64s",
				    release, target->uts[UTS_RELEASE]);
	return NULL;
}

static struct vmc_error *set_up_page_size(struct vmc_target *target)
{
	uint64_t page_size;

	TRY(fact_need(&target->facts, FACT_PAGESIZE, &page_size));
	if (!target->dump->page_size || target->dump->page_size != page_size)
		TRY(dump_set_page_size(target->dump, page_size));
	target->page_shift = target->dump->page_shift;
	return NULL;
}

/* Exported since 5.14 and 5.9 only.  What was inferred from other facts goes first. */
static void set_arch_defaults(struct facts *facts, const struct arch_ops *ops)
{
	static const char reason[] = "usual for this architecture";

	if (!ops->section_size_bits)
		return;
	if (!fact_known(facts, FACT_NUMBER_SECTION_SIZE_BITS))
		fact_set(facts, FACT_NUMBER_SECTION_SIZE_BITS, ops->section_size_bits,
			 VMC_FACT_INFERRED, reason);
	if (!fact_known(facts, FACT_NUMBER_MAX_PHYSMEM_BITS))
		fact_set(facts, FACT_NUMBER_MAX_PHYSMEM_BITS, ops->max_physmem_bits,
			 VMC_FACT_INFERRED, reason);
}

static bool is_procfs(const struct io_file *file)
{
	struct statfs status;

	return fstatfs(file->fd, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

/* Sets up translation for one byte order and proves it. */
static struct vmc_error *set_up_arch(struct vmc_target *target, const struct arch_ops *ops,
				     bool big_endian)
{
	target->layout = (struct layout){.big_endian = big_endian, .word_size = ops->word_size};
	target->arch = (struct arch){
		.ops = ops,
		.facts = &target->facts,
		.layout = target->layout,
		.page_shift = target->page_shift,
		/* In a capture kernel a blind scan would touch pages that must not be read. */
		.may_scan = !is_procfs(target->dump->file),
	};

	_cleanup_(target_reader_destroy) struct target_reader *reader = NULL;

	TRY(target_reader_create(target, &reader));
	TRY(target_set_up_arch(reader));

	struct vmc_error *err = read_uts(target, reader);

	if (err)
		arch_deinit(&target->arch);
	return err;
}

static struct vmc_error *find_arch(struct vmc_target *target)
{
	const struct arch_ops *ops = arch_find(target->dump->machine);

	if (!ops)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "architecture %s (ELF machine %u) is not supported",
				    vmc_dump_machine(target->dump), target->dump->machine);

	/* The header's byte order first; QEMU's headers of ppc64le are big endian. */
	bool first = target->dump->layout.big_endian ? ops->big_endian : !ops->little_endian;
	struct vmc_error *err;

	facts_infer(&target->facts);
	set_arch_defaults(&target->facts, ops);
	TRY(facts_check(&target->facts));
	err = set_up_arch(target, ops, first);
	if (err && ops->big_endian && ops->little_endian) {
		struct vmc_error *second = set_up_arch(target, ops, !first);

		if (second) {
			vmc_error_free(second);
		} else {
			vmc_error_free(err);
			err = NULL;
		}
	}
	return err;
}

/* Everything after VMCOREINFO is there. */
static struct vmc_error *set_up(struct vmc_target *target)
{
	TRY(target_debug_use(target));
	TRY(set_up_page_size(target));
	return find_arch(target);
}

static struct vmc_error *use_vmcoreinfo(struct vmc_target *target, const char *origin,
					enum vmc_fact_source source)
{
	target->vmcoreinfo_origin = origin;
	return facts_from_vmcoreinfo(&target->facts, &target->vmcoreinfo, source);
}

/* The note in memory that lies where the kernel says, with @from NULL, or the next one there. */
static struct vmc_error *try_memory(struct vmc_target *target, vmc_paddr *from, bool *ret_found)
{
	vmcoreinfo_deinit(&target->vmcoreinfo);
	facts_init(&target->facts);
	TRY(from ? vmcoreinfo_from_memory(target->dump, from, &target->vmcoreinfo, ret_found)
		 : vmcoreinfo_from_pointer(target->dump, &target->vmcoreinfo, ret_found));
	if (!*ret_found)
		return NULL;
	TRY(use_vmcoreinfo(target, from ? "scan of memory" : "pointer in memory",
			   VMC_FACT_VMCOREINFO));
	return set_up(target);
}

/* QEMU dumps without a vmcoreinfo device and raw images have no note: the kernel's own copy is in
 * memory.  Copies of other kernels are told by the check of init_uts_ns. */
static struct vmc_error *search_memory(struct vmc_target *target)
{
	vmc_paddr from = 0;
	bool found;
	struct vmc_error *last = try_memory(target, NULL, &found);

	if (!last && found)
		return NULL;
	/* In a capture kernel a blind scan would touch pages that must not be read. */
	if (is_procfs(target->dump->file))
		return last ? last : error_create(VMC_ERR_MISSING, "no VMCOREINFO note");
	for (int i = 0; i < SCAN_CANDIDATES_MAX; i++) {
		if (last && vmc_error_code(last) == VMC_ERR_NOMEM)
			return last;

		struct vmc_error *err = try_memory(target, &from, &found);

		if (!err && !found)
			break;
		vmc_error_free(last);
		last = err;
		if (!err)
			return NULL;
	}
	if (last)
		return error_context(last, "no VMCOREINFO note, and no copy in memory is of use");
	return error_create(VMC_ERR_MISSING, "no VMCOREINFO: neither a note nor a copy in memory");
}

/* A file of the user completes or corrects what the dump tells; of another kernel neither. */
static struct vmc_error *same_release(const struct vmcoreinfo *file, const struct vmcoreinfo *note)
{
	const char *wanted = vmcoreinfo_string(note, "OSRELEASE");
	const char *given = vmcoreinfo_string(file, "OSRELEASE");

	if (!wanted || !given || strcmp(wanted, given) == 0)
		return NULL;
	return error_create(VMC_ERR_OTHER_KERNEL, "is of kernel %s, but the dump is of %s", given,
			    wanted);
}

/* Addresses of a file may be of a kernel that was not moved, as in what was made from a vmlinux. */
static struct vmc_error *move_user_facts(struct facts *facts, const struct vmcoreinfo *note)
{
	uint64_t user = fact_or(facts, FACT_KERNELOFFSET, 0), dump = 0;
	bool known = false;

	if (!fact_known(facts, FACT_KERNELOFFSET))
		return NULL;
	TRY(vmcoreinfo_hex(note, "KERNELOFFSET", &known, &dump));
	if (!known)
		return NULL;
	facts_shift(facts, VMC_FACT_USER, dump - user);
	fact_set(facts, FACT_KERNELOFFSET, dump, VMC_FACT_USER, NULL);
	return NULL;
}

static struct vmc_error *collect(struct vmc_target *target,
				 const struct vmc_target_options *options)
{
	const char *path = options ? options->vmcoreinfo_path : NULL;
	bool found;

	if (path) {
		struct vmcoreinfo from_user;

		TRY(vmcoreinfo_from_file(path, &from_user));
		struct vmc_error *err =
			facts_from_vmcoreinfo(&target->facts, &from_user, VMC_FACT_USER);

		target->vmcoreinfo = from_user;
		target->vmcoreinfo_origin = "file";
		TRY(error_context(err, "%s", path));
	}

	struct vmcoreinfo from_note;

	TRY(vmcoreinfo_from_note(target->dump, &from_note, &target->vmcoreinfo_offset, &found));
	if (found) {
		struct vmc_error *err = path ? same_release(&target->vmcoreinfo, &from_note) : NULL;

		if (!err && path)
			err = move_user_facts(&target->facts, &from_note);
		vmcoreinfo_deinit(&target->vmcoreinfo);
		target->vmcoreinfo = from_note;
		TRY(error_context(err, "%s", path));
		TRY(use_vmcoreinfo(target, path ? "file and note" : "note", VMC_FACT_VMCOREINFO));
	}
	if (path || found)
		return set_up(target);
	return search_memory(target);
}

struct vmc_error *vmc_target_open(struct vmc_dump *dump, const struct vmc_target_options *options,
				  struct vmc_target **ret_target)
{
	_cleanup_(vmc_target_close) struct vmc_target *target = calloc(1, sizeof(*target));

	if (!target)
		return error_nomem();
	target->dump = dump;
	facts_init(&target->facts);
	if (options && options->vmlinux_path)
		TRY(target_debug_open(target, options->vmlinux_path));
	TRY(error_context(collect(target, options), "%s", vmc_dump_path(dump)));
	if (options && options->type_information)
		TRY(add_type_information(target));
	*ret_target = take_ptr(target);
	return NULL;
}

void vmc_target_close(struct vmc_target *target)
{
	if (!target)
		return;
	arch_deinit(&target->arch);
	vmcoreinfo_deinit(&target->vmcoreinfo);
	target_debug_close(target);
	free(target);
}

const char *vmc_target_arch(const struct vmc_target *target)
{
	const struct arch_ops *ops = target->arch.ops;

	return ops->name_little_endian && !target->layout.big_endian ? ops->name_little_endian
								     : ops->name;
}

const char *vmc_target_release(const struct vmc_target *target)
{
	const char *release = vmcoreinfo_string(&target->vmcoreinfo, "OSRELEASE");

	return release ? release : target->uts[UTS_RELEASE];
}

uint32_t vmc_target_page_size(const struct vmc_target *target)
{
	return 1u << target->page_shift;
}

uint32_t vmc_target_cpus(const struct vmc_target *target)
{
	return notes_cpu_count(&target->dump->notes);
}

int64_t vmc_target_crash_time(const struct vmc_target *target)
{
	return (int64_t)fact_or(&target->facts, FACT_CRASHTIME, 0);
}

bool vmc_target_is_live(const struct vmc_target *target)
{
	return is_procfs(target->dump->file) && !fact_known(&target->facts, FACT_CRASHTIME);
}

const char *vmc_target_vmcoreinfo_origin(const struct vmc_target *target)
{
	return target->vmcoreinfo_origin;
}

const char *vmc_target_vmcoreinfo(const struct vmc_target *target, size_t *ret_size)
{
	*ret_size = target->vmcoreinfo.size;
	return target->vmcoreinfo.text;
}

const char *vmc_target_type_information(const struct vmc_target *target)
{
	return target->type_information_asked ? target->type_information : NULL;
}

bool vmc_target_fact(const struct vmc_target *target, size_t index, struct vmc_fact *ret_fact)
{
	if (index >= FACT_COUNT)
		return false;
	fact_describe(&target->facts, (enum fact_id)index, ret_fact);
	return true;
}
