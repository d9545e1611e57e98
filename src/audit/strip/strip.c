/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stripping: everything that an audit reads is read, part by part, while a recorder below all
 * readers notes which bytes of memory these were.
 */
#include "audit/strip/strip.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/strip/parts.h"
#include "base/checked.h"
#include "filter/plan.h"
#include "kernel/kallsyms.h"

static void record(void *arg, vmc_paddr address, uint64_t size)
{
	struct strip *strip = arg;

	if (!strip->failure)
		strip->failure = byte_ranges_add(&strip->bytes, address, size);
}

struct vmc_error *strip_keep(struct strip *strip, vmc_vaddr address, uint64_t size)
{
	uint64_t page_size = (uint64_t)1 << strip->target->page_shift;

	while (size) {
		const void *bytes;
		size_t n;
		struct vmc_error *err = target_get(strip->reader, address,
						   (size_t)min_u64(size, SIZE_MAX), &bytes, &n);

		if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		if (err) {
			vmc_error_free(err);
			n = (size_t)min_u64(size, page_size - address % page_size);
			strip->summary.unreadable += n;
		}
		address += n;
		size -= n;
	}
	return NULL;
}

static struct vmc_error *place_pieces(struct strip *strip, struct byte_ranges *ranges,
				      vmc_vaddr address, uint64_t size)
{
	while (size) {
		struct va_range range;

		TRY(target_translate(strip->reader, address, &range));

		uint64_t n = min_u64(size - 1, range.last - address) + 1;

		if (range.mapped)
			TRY(byte_ranges_add(ranges, range.address + (address - range.first), n));
		address += n;
		size -= n;
	}
	return NULL;
}

struct vmc_error *strip_place(struct strip *strip, struct byte_ranges *ranges, vmc_vaddr address,
			      uint64_t size)
{
	struct vmc_dump *dump = strip->target->dump;
	struct dump_recorder recorder = dump->recorder;

	dump_record(dump, NULL);

	struct vmc_error *err = place_pieces(strip, ranges, address, size);

	dump_record(dump, &recorder);
	return err;
}

static struct vmc_error *strip_names(struct strip *strip)
{
	vmc_vaddr address;

	TRY(fact_need(&strip->target->facts, FACT_SYMBOL_init_uts_ns, &address));
	address = image_uts_address(&strip->target->arch);
	TRY(strip_keep(strip, address, UTS_COUNT * UTS_LENGTH));
	if (!strip->options->anonymous)
		return NULL;
	TRY(strip_place(strip, &strip->blank, address + UTS_NODENAME * UTS_LENGTH, UTS_LENGTH));
	return strip_place(strip, &strip->blank, address + UTS_DOMAINNAME * UTS_LENGTH, UTS_LENGTH);
}

/* One look-up reads the names and how they are coded; the addresses of all symbols are kept, not
 * only that of the one found, so that nobody finds another at a wrong place. */
static struct vmc_error *strip_kallsyms(struct strip *strip)
{
	const struct facts *facts = &strip->target->facts;
	struct kernel_memory memory = target_memory(strip->reader);
	struct kallsyms_query query = {.name = "_text"};
	uint32_t count = 0;
	vmc_vaddr address;

	if (strip->options->no_btf)
		return NULL;
	TRY(kallsyms_find(facts, &memory, &query, 1));
	TRY(fact_need(facts, FACT_SYMBOL_kallsyms_num_syms, &address));
	TRY(kernel_read_u32(&memory, address, &count));
	if (fact_known(facts, FACT_SYMBOL_kallsyms_offsets))
		return strip_keep(strip, fact_or(facts, FACT_SYMBOL_kallsyms_offsets, 0),
				  (uint64_t)count * 4);
	TRY(fact_need(facts, FACT_SYMBOL_kallsyms_addresses, &address));
	return strip_keep(strip, address, (uint64_t)count * memory.layout.word_size);
}

/* Looking into the type information reads all of it.  A build that cannot leaves it out: its audit
 * read less, and whoever has the types would look for what is not there. */
static struct vmc_error *strip_btf(struct strip *strip)
{
	struct kernel_memory memory = target_memory(strip->reader);
	struct facts facts = strip->target->facts;

	return strip->options->no_btf ? NULL : facts_from_kernel_btf(&facts, &memory);
}

static struct vmc_error *strip_log_unless_told(struct strip *strip)
{
	return strip->options->no_log ? NULL : strip_log(strip);
}

/* In the order of the parts.  Without an essential one there is nothing to audit. */
static const struct {
	const char *name;
	struct vmc_error *(*collect)(struct strip *strip);
	bool essential;
} parts[VMC_STRIP_PARTS] = {
	[VMC_STRIP_TABLES] = {"page tables", strip_tables, true},
	[VMC_STRIP_MAP] = {"memory map", strip_map, true},
	[VMC_STRIP_NODES] = {"nodes and zones", strip_nodes, false},
	[VMC_STRIP_NAMES] = {"names of the system", strip_names, true},
	[VMC_STRIP_KALLSYMS] = {"kallsyms", strip_kallsyms, false},
	[VMC_STRIP_BTF] = {"BTF", strip_btf, false},
	[VMC_STRIP_LOG] = {"kernel log", strip_log_unless_told, false},
	[VMC_STRIP_AUDIT] = {"rest of an audit", strip_audit, true},
};

const char *vmc_strip_part_name(unsigned int part)
{
	return part < VMC_STRIP_PARTS ? parts[part].name : NULL;
}

static struct vmc_error *collect_part(struct strip *strip, unsigned int part)
{
	struct vmc_error *err = parts[part].collect(strip);

	if (strip->failure) {
		vmc_error_free(err);
		return take_ptr(strip->failure);
	}
	if (err && (parts[part].essential || vmc_error_code(err) == VMC_ERR_NOMEM))
		return error_context(err, "%s", parts[part].name);
	if (err)
		log_warning(&strip->target->dump->log, "left out: %s: %s", parts[part].name,
			    vmc_error_message(err));
	vmc_error_free(err);
	return NULL;
}

static struct vmc_error *collect_parts(struct strip *strip, const struct vmc_progress *progress)
{
	uint64_t page_size = (uint64_t)1 << strip->target->page_shift;
	uint64_t bytes = 0, pages = 0;

	for (unsigned int i = 0; i < VMC_STRIP_PARTS; i++) {
		if (progress && progress->step &&
		    !progress->step(progress->arg, "Collecting", i, VMC_STRIP_PARTS))
			return error_create(VMC_ERR_INTERRUPTED, "stopped while collecting");
		TRY(collect_part(strip, i));
		byte_ranges_sort(&strip->bytes);
		if (i == VMC_STRIP_MAP)
			TRY(byte_ranges_add_all(&strip->vital, &strip->bytes));
		strip->summary.parts[i].bytes = byte_ranges_total(&strip->bytes) - bytes;
		strip->summary.parts[i].pages =
			byte_ranges_blocks(&strip->bytes, page_size) - pages;
		bytes += strip->summary.parts[i].bytes;
		pages += strip->summary.parts[i].pages;
	}
	return NULL;
}

static struct vmc_error *make_notes(const struct strip *strip, char **notes)
{
	const struct vmc_strip_options *options = strip->options;

	if (asprintf(&notes[OWN_NOTE_MAP_ONLY], "MAP_ONLY=1\nBTF=%c\nLOG=%c\nANONYMOUS=%c\n",
		     options->no_btf ? 'n' : 'y', options->no_log ? 'n' : 'y',
		     options->anonymous ? 'y' : 'n') < 0) {
		notes[OWN_NOTE_MAP_ONLY] = NULL;
		return error_nomem();
	}
	TRY(facts_to_text(&strip->target->facts, VMC_FACT_KALLSYMS, &notes[OWN_NOTE_KALLSYMS]));
	return facts_to_text(&strip->target->facts, VMC_FACT_BTF, &notes[OWN_NOTE_BTF]);
}

static void tell_refused(const struct strip *strip)
{
	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++) {
		if (strip->summary.refused[state])
			log_warning(&strip->target->dump->log,
				    "%" PRIu64
				    " bytes that an audit reads lie in pages of state %s and are "
				    "left out",
				    strip->summary.refused[state],
				    vmc_page_state_name((enum vmc_page_state)state));
	}
	if (strip->summary.unreadable)
		log_warning(&strip->target->dump->log,
			    "%" PRIu64 " bytes that an audit may read are not in the input",
			    strip->summary.unreadable);
}

static struct vmc_error *make_plan(struct strip *strip, const struct vmc_progress *progress,
				   struct vmc_plan **ret_plan)
{
	_cleanup_(vmc_plan_destroy) struct vmc_plan *plan = NULL;

	byte_ranges_sort(&strip->vital);
	TRY(plan_create_of_parts(strip->target, &strip->bytes, &strip->vital, progress, &plan));
	memcpy(strip->summary.refused, plan->tally.refused, sizeof(plan->tally.refused));
	tell_refused(strip);
	TRY(byte_ranges_subtract(&plan->parts.bytes, &strip->blank));
	plan->parts.anonymous = strip->options->anonymous;
	TRY(make_notes(strip, plan->parts.notes));
	*ret_plan = take_ptr(plan);
	return NULL;
}

struct vmc_error *vmc_strip_plan(struct vmc_target *target, const struct vmc_strip_options *options,
				 const struct vmc_progress *progress,
				 struct vmc_strip_summary *ret_summary, struct vmc_plan **ret_plan)
{
	struct strip strip = {.target = target, .options = options};
	struct dump_recorder recorder = {.record = record, .arg = &strip};

	byte_ranges_init(&strip.bytes);
	byte_ranges_init(&strip.vital);
	byte_ranges_init(&strip.blank);
	TRY(target_reader_create(target, &strip.reader));
	dump_record(target->dump, &recorder);

	struct vmc_error *err = collect_parts(&strip, progress);

	dump_record(target->dump, NULL);
	target_reader_destroy(strip.reader);
	if (!err)
		err = make_plan(&strip, progress, ret_plan);
	byte_ranges_deinit(&strip.bytes);
	byte_ranges_deinit(&strip.vital);
	byte_ranges_deinit(&strip.blank);
	vmc_error_free(strip.failure);
	if (!err)
		*ret_summary = strip.summary;
	return err;
}
