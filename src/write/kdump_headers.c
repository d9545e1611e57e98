/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of a kdump-compressed file.
 *
 * On 32-bit machines other than i386 there are two kinds of programs that read them: with a time_t
 * of 32 bits (all until some years ago, and crash built for ARM targets on a PC) and of 64 bits
 * (crash and makedumpfile of Debian 13 for armhf).  The second find everything behind the time 12
 * bytes further on.  One main header serves both (kdump_abi_32_both): what lies where the other
 * kind has something to read is a number that is read by nobody.
 *
 *	at   32 bits        64 bits        holds
 *	404  seconds        -              seconds
 *	408  microseconds   seconds        0
 *	412  status         (high word)    KDUMP_STATUS_INCOMPLETE, _NO_VMEMMAP or 0
 *	416  block_size     microseconds   block_size
 *	420  sub_hdr_size   (high word)    sub_hdr_size
 *	424  bitmap_blocks  status         bitmap_blocks, with no bit that readers act on
 *	428  max_mapnr      block_size     block_size (version 6 has max_mapnr in its sub header)
 *	432  -              sub_hdr_size   sub_hdr_size
 *	436  -              bitmap_blocks  bitmap_blocks
 *	440  -              max_mapnr      max_mapnr
 *	448  nr_cpus        -              nr_cpus
 *	460                 nr_cpus        nr_cpus
 *
 * ("-" are total_ram_blocks, device_blocks, written_blocks, padding.)  Programs with 64 bits are
 * not told that a file is incomplete, but have its second bitmap.
 */
#include "write/kdump_headers.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "dump/kdump_checksum.h"

/* Where bit 0 of the bitmaps lies, which is phys_base too.  A 32-bit header cannot tell of RAM that
 * begins higher (Keystone II): then numbers begin at 0, so that no page is told for another. */
static vmc_paddr first_address(const struct identity *identity)
{
	return identity->phys_offset > UINT32_MAX ? 0 : identity->phys_offset;
}

/* Bytes: of the first bitmap, and of both. */
#define KNOWN_FREE    ((uint64_t)256 << 20)
#define BITMAPS_SMALL ((uint64_t)1 << 30)
#define BITMAPS_MAX   KDUMP_DIGESTED_BITMAPS_MAX

/* The bits of a status that readers act on; those of codecs are information. */
#define STATUS_ACTED_ON (KDUMP_STATUS_INCOMPLETE | KDUMP_STATUS_NO_VMEMMAP)

/* Twice the number of blocks is a status to some (see above).  Blocks beyond max_mapnr do no harm:
 * a bitmap is half of all blocks to every reader. */
static bool blocks_are_harmless(const struct kdump_places *places, uint64_t block)
{
	return places->abi != &kdump_abi_32_both ||
	       !(2 * (places->bitmap_size / block) & STATUS_ACTED_ON);
}

vmc_pfn kdump_first_pfn(const struct vmc_plan *plan)
{
	return first_address(&plan->identity) >> plan->dump->page_shift;
}

/* What the input knows of memory. */
struct memory_known {
	uint64_t pages;
	vmc_pfn end, present_end;
};

static struct memory_known memory_known(const struct vmc_dump *dump)
{
	struct memory_known known = {0};
	struct vmc_memory_run run;

	while (vmc_dump_next_run(dump, known.end, &run)) {
		known.pages += run.count;
		known.end = run.start + run.count;
		if (run.kind != VMC_MEMORY_NODATA)
			known.present_end = known.end;
	}
	return known;
}

static uint64_t kept_bytes(const struct vmc_plan *plan)
{
	uint64_t bytes;

	return checked_mul(kept_total(&plan->kept), plan->dump->page_size, &bytes) ? bytes
										   : UINT64_MAX;
}

/* Bits of memory that the input only claims are no reason for a file larger than all it has: one
 * p_memsz of an ELF file may claim everything.  Those of 8 TiB in pages of 4 KiB are free. */
static vmc_pfn choose_end(const struct vmc_plan *plan, struct kdump_places *places)
{
	const struct vmc_dump *dump = plan->dump;

	if (dump->end_pfn / 8 <= KNOWN_FREE)
		return dump->end_pfn;

	struct memory_known known = memory_known(dump);
	uint64_t most = max_u64(max_u64(kept_bytes(plan), dump->file->stored_size), KNOWN_FREE);

	places->present_only = known.pages / 8 > most;
	return places->present_only ? known.present_end : dump->end_pfn;
}

/* Holes between memory cost an own reader nothing and others the time to go through zeros.
 * Machines have memory below 2^47 in pages of 4 KiB, and larger ones keep more than that. */
static struct vmc_error *check_bitmaps(const struct vmc_plan *plan, struct kdump_places *places,
				       vmc_pfn end)
{
	uint64_t both = 2 * places->bitmap_size;

	places->outweigh = both > BITMAPS_SMALL && both > kept_bytes(plan);
	if (!places->outweigh || both <= BITMAPS_MAX)
		return NULL;
	return error_create(VMC_ERR_LIMIT,
			    "memory up to pfn 0x%" PRIx64 " takes bitmaps of %" PRIu64
			    " GiB in a kdump file, for 0x%" PRIx64
			    " pages: an ELF file takes none (convert --to=elf, filter -E)",
			    end, both >> 30, kept_total(&plan->kept));
}

static struct vmc_error *eraseinfo_plan(const struct vmc_plan *plan, struct kdump_places *places)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;

	TRY(plan_eraseinfo(plan, &text, &size));
	places->eraseinfo = size ? places->notes.start + places->notes.size : 0;
	places->eraseinfo_size = size;
	return NULL;
}

struct vmc_error *kdump_places_plan(const struct vmc_plan *plan, struct kdump_places *places)
{
	const struct identity *identity = &plan->identity;
	const struct vmc_dump *dump = plan->dump;
	const struct kdump_abi *abi =
		kdump_abi_of_machine(identity->layout.word_size, identity->machine);
	uint64_t block = dump->page_size;
	uint64_t end, table, bytes;
	vmc_pfn end_pfn;

	memset(places, 0, sizeof(*places));
	places->abi = abi;
	places->first_pfn = kdump_first_pfn(plan);
	end_pfn = choose_end(plan, places);
	if (end_pfn <= places->first_pfn)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_PADDR, identity->phys_offset,
				       "all memory lies below the beginning of RAM");
	places->max_mapnr = end_pfn - places->first_pfn;
	bytes = (places->max_mapnr + 7) / 8;
	TRY(notes_plan(plan, block + abi->sub_size, NOTES_NO_ERASEINFO, &places->notes));
	TRY(eraseinfo_plan(plan, places));
	places->sub_hdr_blocks =
		(abi->sub_size + places->notes.size + places->eraseinfo_size + block - 1) / block;
	if (!checked_align_up(bytes, block, &places->bitmap_size) ||
	    places->bitmap_size / block > UINT32_MAX / 2 || places->sub_hdr_blocks > UINT32_MAX)
		return error_create(VMC_ERR_LIMIT,
				    "memory up to pfn 0x%jx is more than a kdump file can describe",
				    (uintmax_t)end_pfn);
	TRY(check_bitmaps(plan, places, end_pfn));
	while (!blocks_are_harmless(places, block))
		places->bitmap_size += block;
	places->bitmap1 = block * (1 + places->sub_hdr_blocks);
	places->bitmap2 = places->bitmap1 + places->bitmap_size;
	places->descriptors = places->bitmap2 + places->bitmap_size;
	if (!checked_mul(kept_total(&plan->kept), KDUMP_DESCRIPTOR_SIZE, &table) ||
	    !checked_add(places->descriptors, table, &end))
		return error_create(VMC_ERR_LIMIT, "too many pages for a file");
	places->data = end;
	return NULL;
}

/* The mark of a filtered file is what was left out by all who filtered it. */
static uint32_t dump_level(const struct vmc_plan *plan)
{
	const struct vmc_dump_history *history = &plan->dump->history;
	uint32_t level = (uint32_t)vmc_filter_policy_level(&plan->policy);

	return history->filtered ? level | history->dump_level : level;
}

static uint32_t main_status(const struct writer *writer, const struct kdump_places *places,
			    bool incomplete)
{
	uint32_t codec = (uint32_t)writer->codec.codec->format;

	if (writer->keep_codecs && writer->plan->dump->said.by_kdump)
		codec = writer->plan->dump->said.codecs;

	/* A dump stays incomplete however it is filtered or copied. */
	incomplete |= writer->plan->dump->history.incomplete;

	/* As what was left out of its memory map stays so. */
	bool partial_map =
		writer->plan->dump->history.partial_map || writer->plan->tally.counts.unused_map;

	return (places->abi == &kdump_abi_32_both ? 0 : codec) |
	       (incomplete ? KDUMP_STATUS_INCOMPLETE : 0) |
	       (partial_map ? KDUMP_STATUS_NO_VMEMMAP : 0);
}

/* Where programs with a time_t of 64 bits look, too. */
static void copy_for_time64(const struct kdump_places *places, struct layout layout, uint8_t *main)
{
	static const enum kdump_field fields[] = {KDUMP_BLOCK_SIZE, KDUMP_SUB_HDR_SIZE,
						  KDUMP_BITMAP_BLOCKS, KDUMP_NR_CPUS};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		kdump_field_store(&kdump_abi_32_time64, layout, main, fields[i],
				  kdump_field_load(places->abi, layout, main, fields[i]));
}

static void fill_main(const struct writer *writer, const struct kdump_places *places,
		      bool incomplete, uint8_t *main)
{
	const struct identity *identity = &writer->plan->identity;
	const struct vmc_dump *dump = writer->plan->dump;
	const struct {
		enum kdump_field field;
		uint64_t value;
	} values[] = {
		{KDUMP_VERSION_FIELD, KDUMP_VERSION},
		/* Microseconds stay 0: libkdumpfile may take others for a 32-bit header. */
		{KDUMP_TIME_SECONDS, identity->crash_time},
		{KDUMP_STATUS, main_status(writer, places, incomplete)},
		{KDUMP_BLOCK_SIZE, dump->page_size},
		{KDUMP_SUB_HDR_SIZE, places->sub_hdr_blocks},
		{KDUMP_BITMAP_BLOCKS, 2 * (places->bitmap_size / dump->page_size)},
		{KDUMP_MAX_MAPNR, min_u64(places->max_mapnr, UINT32_MAX)},
		{KDUMP_NR_CPUS, identity->cpus ? identity->cpus : 1}, /* crash warns of none */
	};

	memcpy(main, KDUMP_SIGNATURE, KDUMP_SIGNATURE_SIZE);
	/* All six strings: without them libkdumpfile sets up no translation. */
	for (size_t i = 0; i < KDUMP_UTS_COUNT; i++)
		if (!writer->plan->parts.anonymous || (i != UTS_NODENAME && i != UTS_DOMAINNAME))
			memcpy(main + KDUMP_UTS_OFFSET + i * KDUMP_UTS_LENGTH, identity->uts[i],
			       KDUMP_UTS_LENGTH);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		kdump_field_store(places->abi, identity->layout, main, values[i].field,
				  values[i].value);
	if (places->abi == &kdump_abi_32_both)
		copy_for_time64(places, identity->layout, main);
}

/* On 32-bit ARM it is where page numbers begin. */
static uint64_t phys_base(const struct identity *identity)
{
	return identity->phys_offset ? first_address(identity) : identity->phys_base;
}

/* What a part has, by the numbers that bits have; all in one file says 0. */
static void part_range(const struct writer *writer, const struct kdump_places *places,
		       uint64_t *ret_start, uint64_t *ret_end)
{
	const struct writer_part *part = writer->part;

	*ret_start = part ? part->start - places->first_pfn : 0;
	*ret_end = part ? min_u64(part->end - places->first_pfn, places->max_mapnr) : 0;
}

static void fill_sub(const struct writer *writer, const struct kdump_places *places, uint8_t *sub)
{
	const struct identity *identity = &writer->plan->identity;
	uint64_t start, end;

	part_range(writer, places, &start, &end);

	const struct {
		enum kdump_field field;
		uint64_t value;
	} values[] = {
		{KDUMP_PHYS_BASE, phys_base(identity)},
		{KDUMP_DUMP_LEVEL, dump_level(writer->plan)},
		{KDUMP_SPLIT, writer->part != NULL},
		{KDUMP_START_PFN, min_u64(start, UINT32_MAX)},
		{KDUMP_END_PFN, min_u64(end, UINT32_MAX)},
		{KDUMP_START_PFN_64, start},
		{KDUMP_END_PFN_64, end},
		{KDUMP_OFFSET_VMCOREINFO, places->notes.vmcoreinfo},
		{KDUMP_SIZE_VMCOREINFO, places->notes.vmcoreinfo_size},
		{KDUMP_OFFSET_NOTE, places->notes.start},
		{KDUMP_SIZE_NOTE, places->notes.size},
		{KDUMP_OFFSET_ERASEINFO, places->eraseinfo},
		{KDUMP_SIZE_ERASEINFO, places->eraseinfo_size},
		{KDUMP_MAX_MAPNR_64, places->max_mapnr},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		kdump_field_store(places->abi, identity->layout, sub, values[i].field,
				  values[i].value);
}

struct vmc_error *kdump_main_header_write(const struct writer *writer,
					  const struct kdump_places *places, bool incomplete)
{
	uint8_t main[KDUMP_MAIN_SIZE_MAX] = {0};

	fill_main(writer, places, incomplete, main);
	return output_write(writer->output, 0, main, places->abi->main_size);
}

static struct vmc_error *eraseinfo_write(const struct writer *writer,
					 const struct kdump_places *places)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;

	if (!places->eraseinfo_size)
		return NULL;
	TRY(plan_eraseinfo(writer->plan, &text, &size));
	return output_write(writer->output, places->eraseinfo, text,
			    min_u64(size, places->eraseinfo_size));
}

struct vmc_error *kdump_headers_write(const struct writer *writer,
				      const struct kdump_places *places, bool incomplete)
{
	uint8_t sub[KDUMP_SUB_SIZE_MAX] = {0};

	fill_sub(writer, places, sub);
	/* No more than it has: the notes begin right behind it. */
	TRY(output_write(writer->output, writer->plan->dump->page_size, sub,
			 places->abi->sub_size));
	TRY(notes_write(writer, &places->notes));
	TRY(eraseinfo_write(writer, places));
	return kdump_main_header_write(writer, places, incomplete);
}
