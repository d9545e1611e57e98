/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/efi_table.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/log.h"
#include "pages/structs.h"

/* struct efi_unaccepted_memory, the same since 6.5, little endian as everything of EFI. */
#define HEADER_SIZE    24
#define AT_VERSION     0
#define AT_UNIT_SIZE   4
#define AT_PHYS_BASE   8
#define AT_BITMAP_SIZE 16
#define VERSION        1

/* A bit for each 2 MiB of 256 TiB. */
#define BITMAP_MAX ((uint64_t)16 << 20)

/* An entry of the EFI configuration table: GUID and pointer. */
#define GUID_SIZE  16
#define ENTRY_SIZE 24

/* Where PG_reserved may be.  High bits hold node, zone and more. */
#define LOW_FLAGS 0xffffffu

static const uint8_t table_guid[GUID_SIZE] = {0x3c, 0xde, 0xd1, 0xd5, 0x5c, 0x10, 0xf9, 0x44,
					      0x9e, 0xa9, 0xbc, 0xef, 0x98, 0x12, 0x00, 0x31};

static const struct layout efi_layout = {.word_size = 8};

struct search {
	struct efi_table *table;
	struct vmc_target *target;
	struct vmc_dump_cursor *cursor;
	const struct classifier *classifier;
	uint64_t reserved; /* mask of PG_reserved; 0: not known */
};

/* Fits what the header says to what such tables can be? */
static bool header_plausible(const struct efi_table *table, uint32_t version, uint64_t size,
			     uint32_t page_size)
{
	return version == VERSION && is_power_of_two(table->unit) && table->unit >= page_size &&
	       table->base % table->unit == 0 && size && size % 8 == 0 && size <= BITMAP_MAX &&
	       table->base / table->unit <= UINT64_MAX / table->unit - size * 8;
}

static struct vmc_error *read_bitmap(struct search *search, uint64_t size)
{
	struct efi_table *table = search->table;
	_cleanup_free_ uint8_t *bits = malloc(size);

	if (!bits)
		return error_nomem();
	TRY(vmc_dump_read(search->cursor, table->address + HEADER_SIZE, bits, size));
	table->bits = take_ptr(bits);
	table->units = size * 8;
	return NULL;
}

/* Reads the table at table->address. */
static struct vmc_error *read_table(struct search *search)
{
	struct efi_table *table = search->table;
	uint8_t header[HEADER_SIZE];

	TRY(vmc_dump_read(search->cursor, table->address, header, sizeof(header)));

	uint32_t version = load_u32(efi_layout, header + AT_VERSION);
	uint64_t size = load_u64(efi_layout, header + AT_BITMAP_SIZE);

	table->unit = load_u32(efi_layout, header + AT_UNIT_SIZE);
	table->base = load_u64(efi_layout, header + AT_PHYS_BASE);
	if (!header_plausible(table, version, size, search->target->dump->page_size))
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_PADDR, table->address,
				       "no table of unaccepted memory");
	return read_bitmap(search, size);
}

/* Reads it and says what came of that. */
static struct vmc_error *try_table(struct search *search, vmc_paddr address, const char *found)
{
	struct efi_table *table = search->table;

	table->address = address;

	struct vmc_error *err = read_table(search);

	if (!err) {
		table->describe = found;
		return NULL;
	}

	enum vmc_error_code code = vmc_error_code(err);

	if (code == VMC_ERR_NOMEM)
		return err;
	table->describe = code == VMC_ERR_NODATA ? "not in the dump" : "damaged";
	vmc_error_free(err);
	return NULL;
}

static struct vmc_error *find_by_symbol(struct search *search, struct target_reader *reader)
{
	const struct facts *facts = &search->target->facts;
	uint64_t address = 0;
	struct vmc_error *err = target_read_word(
		reader,
		fact_or(facts, FACT_SYMBOL_efi, 0) + fact_or(facts, FACT_OFFSET_efi_unaccepted, 0),
		&address);

	if (err) {
		if (vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		vmc_error_free(err);
		search->table->describe = "the kernel's variable \"efi\" cannot be read";
		return NULL;
	}
	/* EFI_INVALID_TABLE_ADDR: all ones. */
	if (!address || address == UINT64_MAX) {
		search->table->describe = "the machine has none";
		return NULL;
	}
	return try_table(search, address, "found by the kernel's variable \"efi\"");
}

/* A page that is only searched is nothing that an audit needs: a recorder is not told of it. */
static struct vmc_error *copy_unrecorded(struct search *search, vmc_pfn pfn, uint8_t *page)
{
	struct vmc_dump *dump = search->target->dump;
	struct dump_recorder recorder = dump->recorder;

	dump_record(dump, NULL);

	struct vmc_error *err =
		vmc_dump_read(search->cursor, pfn << dump->page_shift, page, dump->page_size);

	dump_record(dump, &recorder);
	return err;
}

/* Looks for the GUID in one page and tries what stands behind it. */
static struct vmc_error *scan_page(struct search *search, vmc_pfn pfn, uint8_t *page)
{
	const struct vmc_dump *dump = search->target->dump;
	struct vmc_error *err = copy_unrecorded(search, pfn, page);

	if (err)
		return vmc_error_code(err) == VMC_ERR_NOMEM ? err : (vmc_error_free(err), NULL);
	for (uint32_t at = 0; at + ENTRY_SIZE <= dump->page_size; at += 8) {
		uint8_t *entry = page + at;

		if (memcmp(entry, table_guid, GUID_SIZE))
			continue;
		/* Once more, for the recorder. */
		TRY(vmc_dump_read(search->cursor, (pfn << dump->page_shift) + at, entry,
				  ENTRY_SIZE));
		TRY(try_table(search, load_u64(efi_layout, entry + GUID_SIZE),
			      "found by its GUID"));
		if (search->table->bits)
			return NULL;
	}
	return NULL;
}

/* Pages of a type are left alone: a hypervisor's balloon may have reserved ones. */
static bool may_be_firmware(const struct search *search, const struct page_view *page)
{
	return page_has_flag(page, search->reserved) && !page_has_any_type(page) &&
	       !page_has_flag(page, page->c->hwpoison_mask);
}

/* The configuration table is the firmware's: there is no struct page for it, or a reserved one. */
static struct vmc_error *scan_span(struct search *search, const struct struct_span *span,
				   vmc_pfn end, uint8_t *page)
{
	const struct classifier *c = search->classifier;

	if (span->kind == MEMMAP_OFFLINE || span->kind == MEMMAP_UNREADABLE)
		return NULL;
	for (vmc_pfn pfn = span->start; pfn < end && !search->table->bits; pfn++) {
		if (span->kind == MEMMAP_PRESENT) {
			struct page_view view = page_view(
				c, pfn, span->bytes + (pfn - span->start) * c->struct_size);

			if (!may_be_firmware(search, &view))
				continue;
		}
		TRY(scan_page(search, pfn, page));
	}
	return NULL;
}

static struct vmc_error *scan_memory(struct search *search, struct structs *structs, uint8_t *page)
{
	const struct vmc_dump *dump = search->target->dump;
	struct vmc_memory_run memory;
	vmc_pfn pfn = 0;

	while (!search->table->bits && vmc_dump_next_run(dump, pfn, &memory)) {
		vmc_pfn end = memory.start + memory.count;

		for (pfn = memory.start; pfn < end && memory.kind == VMC_MEMORY_DATA;) {
			struct struct_span span;

			TRY(structs_span(structs, pfn, &span));
			TRY(scan_span(search, &span, min_u64(end, pfn + span.count), page));
			pfn += min_u64(span.count, end - pfn);
		}
		pfn = end;
	}
	return NULL;
}

/* Where VMCOREINFO does not tell which bit PG_reserved is: the kernel's own image is reserved, and
 * its pages have no other flag. */
static struct vmc_error *find_reserved(struct search *search, struct target_reader *reader,
				       struct structs *structs)
{
	const struct facts *facts = &search->target->facts;
	vmc_vaddr image = fact_or(facts, FACT_SYMBOL_swapper_pg_dir, 0);
	struct va_range range;
	const uint8_t *bytes;
	struct vmc_error *err;

	if (fact_known(facts, FACT_NUMBER_PG_reserved)) {
		search->reserved = fact_flag_mask(facts, FACT_NUMBER_PG_reserved);
		return NULL;
	}
	err = target_translate(reader, image, &range);
	if (err)
		return vmc_error_code(err) == VMC_ERR_NOMEM ? err : (vmc_error_free(err), NULL);
	if (!range.mapped)
		return NULL;
	TRY(structs_at(structs,
		       (range.address + (image - range.first)) >> search->target->page_shift,
		       &bytes));
	if (!bytes)
		return NULL;

	struct page_view page = page_view(search->classifier, 0, bytes);
	uint64_t flags = page.flags & LOW_FLAGS;

	if (is_power_of_two(flags) && !page_has_any_type(&page))
		search->reserved = flags;
	return NULL;
}

static struct vmc_error *find_by_guid(struct search *search, struct memmap *memmap)
{
	_cleanup_free_ uint8_t *page = malloc(search->target->dump->page_size);
	struct structs structs;
	struct vmc_error *err;

	if (!page)
		return error_nomem();
	TRY(structs_init(&structs, memmap));
	err = find_reserved(search, memmap->reader, &structs);
	if (!err && search->reserved)
		err = scan_memory(search, &structs, page);
	structs_deinit(&structs);
	if (!search->reserved)
		search->table->describe = "not looked for: PG_reserved is not known";
	else if (!search->table->bits && !search->table->address)
		search->table->describe = "not in the dump: no such GUID in the firmware's memory";
	return err;
}

struct vmc_error *efi_table_find(struct efi_table *table, struct memmap *memmap,
				 const struct classifier *classifier, bool may_scan)
{
	_cleanup_(vmc_dump_cursor_destroy) struct vmc_dump_cursor *cursor = NULL;
	struct vmc_target *target = target_reader_target(memmap->reader);
	struct search search = {.table = table, .target = target, .classifier = classifier};

	*table = (struct efi_table){.describe = "not looked for: nothing tells where it is"};
	TRY(vmc_dump_cursor_create(target->dump, &cursor));
	search.cursor = cursor;
	if (fact_known(&target->facts, FACT_SYMBOL_efi) &&
	    fact_known(&target->facts, FACT_OFFSET_efi_unaccepted))
		return find_by_symbol(&search, memmap->reader);
	return may_scan ? find_by_guid(&search, memmap) : NULL;
}

void efi_table_deinit(struct efi_table *table)
{
	free(table->bits);
	table->bits = NULL;
}

static bool unit_is_set(const struct efi_table *table, uint64_t unit)
{
	return unit < table->units && (table->bits[unit / 8] >> unit % 8 & 1);
}

bool efi_table_unaccepted(const struct efi_table *table, unsigned int page_shift, vmc_pfn pfn,
			  uint64_t *ret_count)
{
	uint64_t unit_pages = table->unit >> page_shift;
	vmc_pfn base = table->base >> page_shift;

	if (pfn < base || (pfn - base) / unit_pages >= table->units) {
		*ret_count = pfn < base ? base - pfn : UINT64_MAX - pfn;
		return false;
	}
	*ret_count = unit_pages - (pfn - base) % unit_pages;
	return unit_is_set(table, (pfn - base) / unit_pages);
}
