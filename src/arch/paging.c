/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/paging.h"

#include "base/checked.h"

/* Tables are read in such pieces, which are never larger than a page of any machine. */
#define PIECE_SIZE 4096u

void paging_set_levels(struct paging *paging, unsigned int page_shift, const uint8_t *bits,
		       unsigned int count)
{
	unsigned int shift = page_shift;

	paging->levels = count;
	for (unsigned int level = 0; level < count; level++) {
		paging->level[level].shift = (uint8_t)shift;
		paging->level[level].bits = bits[count - 1 - level];
		shift += bits[count - 1 - level];
	}
}

struct vmc_error *paging_read(const struct phys_reader *reader, vmc_paddr address, void *buffer,
			      size_t size)
{
	struct vmc_error *err = reader->read(reader->arg, address, buffer, size);

	if (err && vmc_error_code(err) == VMC_ERR_NODATA)
		return error_context(err, "the kernel's page tables are not in the dump");
	return error_context(err, "page table");
}

static uint64_t entry_index(const struct paging *paging, unsigned int level, vmc_vaddr address)
{
	return (address >> paging->level[level].shift) &
	       (((uint64_t)1 << paging->level[level].bits) - 1);
}

static struct vmc_error *entry_read(const struct paging *paging, const struct phys_reader *reader,
				    vmc_paddr table, unsigned int level, vmc_vaddr address,
				    struct paging_entry *ret_entry)
{
	size_t size = paging->entries.word_size;
	uint8_t bytes[8];

	TRY(paging_read(reader, table + entry_index(paging, level, address) * size, bytes, size));
	*ret_entry = paging->decode(paging, load_word(paging->entries, bytes), level, address);
	return NULL;
}

static struct va_range range_outside(const struct paging *paging, vmc_vaddr address)
{
	if (address < paging->first)
		return (struct va_range){.first = 0, .last = paging->first - 1};
	return (struct va_range){.first = paging->last + 1, .last = UINT64_MAX};
}

struct vmc_error *paging_translate(const struct paging *paging, const struct phys_reader *reader,
				   vmc_vaddr address, struct va_range *ret_range)
{
	vmc_paddr table = paging->root;

	if (address < paging->first || address > paging->last) {
		*ret_range = range_outside(paging, address);
		return NULL;
	}
	for (unsigned int level = paging->levels; level-- > 0;) {
		uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;
		struct paging_entry entry;

		TRY(entry_read(paging, reader, table, level, address, &entry));
		if (entry.kind != PAGING_TABLE || level == 0) {
			*ret_range = (struct va_range){
				.first = address & ~offset_mask,
				.last = address | offset_mask,
				.mapped = entry.kind == PAGING_LEAF,
				.address = entry.address,
			};
			return NULL;
		}
		table = entry.address;
	}
	__builtin_unreachable(); /* level 0 always ends it */
}

static struct vmc_error *table_visit(const struct paging *paging, const struct phys_reader *reader,
				     const struct table_visitor *visitor, vmc_paddr table,
				     unsigned int level, vmc_vaddr first, vmc_vaddr last);

/* The entries in one piece of a table; those of the last level are not looked at, so that this goes
 * no deeper than there are levels. NOLINTNEXTLINE(misc-no-recursion) */
static struct vmc_error *piece_visit(const struct paging *paging, const struct phys_reader *reader,
				     const struct table_visitor *visitor, const uint8_t *bytes,
				     size_t count, unsigned int level, vmc_vaddr address)
{
	unsigned int shift = paging->level[level].shift;

	for (size_t i = 0; i < count && level > 0; i++, address += (vmc_vaddr)1 << shift) {
		uint64_t word = load_word(paging->entries, bytes + i * paging->entries.word_size);
		struct paging_entry entry = paging->decode(paging, word, level, address);

		if (entry.kind == PAGING_TABLE)
			TRY(table_visit(paging, reader, visitor, entry.address, level - 1, address,
					address | (((vmc_vaddr)1 << shift) - 1)));
	}
	return NULL;
}

/* @first to @last: the addresses that the table is looked up for.
 * NOLINTNEXTLINE(misc-no-recursion): each level calls the one below */
static struct vmc_error *table_visit(const struct paging *paging, const struct phys_reader *reader,
				     const struct table_visitor *visitor, vmc_paddr table,
				     unsigned int level, vmc_vaddr first, vmc_vaddr last)
{
	size_t entry_size = paging->entries.word_size;
	unsigned int shift = paging->level[level].shift;
	uint64_t count = entry_index(paging, level, last) + 1;
	uint64_t done = entry_index(paging, level, first);
	bool enter;

	TRY(visitor->visit(visitor->arg, table, level, &enter));
	while (enter && done < count) {
		size_t n = min_u64(count - done, PIECE_SIZE / entry_size);
		vmc_paddr place = table + done * entry_size;
		uint8_t bytes[PIECE_SIZE];
		struct vmc_error *err = reader->read(reader->arg, place, bytes, n * entry_size);

		if (err)
			return visitor->unreadable(visitor->arg, table, err);
		TRY(piece_visit(paging, reader, visitor, bytes, n, level, first));
		first += (vmc_vaddr)n << shift;
		done += n;
	}
	return NULL;
}

struct vmc_error *paging_visit(const struct paging *paging, const struct phys_reader *reader,
			       const struct table_visitor *visitor)
{
	return table_visit(paging, reader, visitor, paging->root, paging->levels - 1, paging->first,
			   paging->last);
}
