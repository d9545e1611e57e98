/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SPARSEMEM: memory in sections, each with a struct mem_section whose first word tells where its
 * struct pages are.  With SPARSEMEM_EXTREME (every 64-bit distribution kernel) the sections hang in
 * pages under a root array; otherwise they are one array.
 *
 * Follows include/linux/mmzone.h, mm/sparse.c.
 */
#include "base/checked.h"
#include "pages/memmap.h"

/* Flags in the low bits of section_mem_map.  PRESENT and HAS_MEM_MAP are in all kernels, ONLINE
 * since 4.13; up to 6 bits are in use (6.17).  The map's own address is aligned to a page at least.
 */
#define SECTION_PRESENT     0x1u
#define SECTION_HAS_MEM_MAP 0x2u
#define SECTION_ONLINE      0x4u
#define SECTION_FLAGS_MASK  0x3fu

/* Sections do not agree: the address of no map. */
#define NO_COMMON_MAP 1u

struct sparse {
	unsigned int pages_shift; /* log2 of pages a section */
	uint64_t section_count;   /* as many as MAX_PHYSMEM_BITS allows */
	uint64_t entry_size;      /* SIZE(mem_section) */
	uint64_t map_offset;      /* OFFSET(mem_section.section_mem_map) */
	uint64_t per_root;        /* sections a root page; 0: no roots, one array */
	uint64_t root_count;
	vmc_vaddr base; /* of the root array, or of the array of sections */
	bool has_online_flag;
	uint64_t number_bits; /* of a section */
	vmc_vaddr common_map; /* where pfn 0 is to most sections, or NO_COMMON_MAP */
	bool numbered;        /* sections need not agree */
};

static bool sparse_applies(const struct facts *facts)
{
	return fact_known(facts, FACT_SYMBOL_mem_section);
}

static struct vmc_error *find_root(struct memmap *memmap, uint64_t root, vmc_vaddr *ret_address)
{
	const struct sparse *sparse = memmap->private;
	unsigned int word = target_reader_target(memmap->reader)->layout.word_size;

	if (memmap->remembered.key != root + 1) {
		memmap->remembered.key = 0;
		TRY(target_read_word(memmap->reader, sparse->base + root * word,
				     &memmap->remembered.value));
		memmap->remembered.key = root + 1;
	}
	*ret_address = memmap->remembered.value;
	return NULL;
}

/* Reads the section_mem_map word.  *ret_span is how many sections, from the first one on that share
 * the answer, need not be asked for: all under a root that is not there. */
static struct vmc_error *read_section(struct memmap *memmap, uint64_t section, uint64_t *ret_word,
				      uint64_t *ret_span)
{
	const struct sparse *sparse = memmap->private;
	vmc_vaddr entry = sparse->base + section * sparse->entry_size;

	*ret_span = 1;
	if (sparse->per_root) {
		vmc_vaddr root;

		TRY(find_root(memmap, section / sparse->per_root, &root));
		if (!root) {
			*ret_word = 0;
			*ret_span = sparse->per_root;
			return NULL;
		}
		entry = root + section % sparse->per_root * sparse->entry_size;
	}
	return target_read_word(memmap->reader, entry + sparse->map_offset, ret_word);
}

/* Where the struct page of pfn 0 would be. */
static vmc_vaddr map_of(uint64_t word)
{
	return word & ~(uint64_t)SECTION_FLAGS_MASK;
}

/* The first struct page of a section.  That of pfn 0 may be "below" address 0. */
static vmc_vaddr first_struct(const struct memmap *memmap, uint64_t section, uint64_t word)
{
	const struct sparse *sparse = memmap->private;
	uint64_t offset = (section << sparse->pages_shift) * memmap->struct_size;

	return (map_of(word) + offset) &
	       layout_word_max(target_reader_target(memmap->reader)->layout);
}

static bool has_map(uint64_t word)
{
	return (word & SECTION_PRESENT) && (word & SECTION_HAS_MEM_MAP);
}

static struct vmc_error *sparse_find(struct memmap *memmap, vmc_pfn pfn, struct memmap_run *ret_run)
{
	const struct sparse *sparse = memmap->private;
	uint64_t section = pfn >> sparse->pages_shift;
	uint64_t word, span;

	if (section >= sparse->section_count) {
		vmc_pfn start = sparse->section_count << sparse->pages_shift;

		*ret_run = (struct memmap_run){
			.start = start, .count = UINT64_MAX - start, .kind = MEMMAP_NONE};
		return NULL;
	}

	struct vmc_error *err = read_section(memmap, section, &word, &span);

	section -= section % span;
	*ret_run = (struct memmap_run){
		.start = section << sparse->pages_shift,
		.count = span << sparse->pages_shift,
		.kind = MEMMAP_UNREADABLE,
	};
	if (err) {
		bool fatal = vmc_error_code(err) == VMC_ERR_NOMEM;

		if (fatal)
			return err;
		vmc_error_free(err);
		return NULL;
	}
	/* The word holds the address that pfn 0 would have, so that pfns need no subtraction. */
	ret_run->structs = first_struct(memmap, section, word);
	if (!has_map(word)) {
		ret_run->kind = MEMMAP_NONE;
	} else if (sparse->has_online_flag && !(word & SECTION_ONLINE)) {
		ret_run->kind = MEMMAP_OFFLINE;
	} else if (sparse->numbered || map_of(word) == sparse->common_map) {
		ret_run->kind = MEMMAP_PRESENT;
	}
	return NULL;
}

/* Maps that are told apart when sections are counted. */
#define MAPS_MAX 8

/* What sections say, up to the end of the dump's memory. */
struct section_count {
	uint64_t sections; /* that have struct pages, for memory of the dump */
	bool any_online;
	struct {
		vmc_vaddr map;
		uint64_t sections;
	} maps[MAPS_MAX];
};

static void count_map(struct section_count *count, vmc_vaddr map)
{
	for (size_t i = 0; i < MAPS_MAX; i++) {
		if (!count->maps[i].sections)
			count->maps[i].map = map;
		if (count->maps[i].map == map) {
			count->maps[i].sections++;
			return;
		}
	}
}

/* The map that more sections agree on than on any other. */
static vmc_vaddr common_map(const struct section_count *count)
{
	vmc_vaddr map = NO_COMMON_MAP;
	uint64_t most = 0;

	for (size_t i = 0; i < MAPS_MAX && count->maps[i].sections; i++) {
		if (count->maps[i].sections == most)
			map = NO_COMMON_MAP;
		if (count->maps[i].sections <= most)
			continue;
		most = count->maps[i].sections;
		map = count->maps[i].map;
	}
	return map;
}

static bool section_has_memory(const struct memmap *memmap, uint64_t section)
{
	const struct sparse *sparse = memmap->private;
	const struct vmc_dump *dump = target_reader_target(memmap->reader)->dump;
	struct vmc_memory_run memory;

	return vmc_dump_next_run(dump, section << sparse->pages_shift, &memory) &&
	       memory.start >> sparse->pages_shift <= section;
}

/* Behind the last section that may have memory of the dump. */
static uint64_t section_end(const struct memmap *memmap)
{
	const struct sparse *sparse = memmap->private;
	const struct vmc_dump *dump = target_reader_target(memmap->reader)->dump;

	return min_u64(sparse->section_count, (vmc_dump_end_pfn(dump) >> sparse->pages_shift) + 1);
}

/* Counts sections; an error when the first tables of the dump's memory cannot be read. */
static struct vmc_error *count_sections(struct memmap *memmap, struct section_count *count)
{
	uint64_t end = section_end(memmap);
	uint64_t word, span;

	*count = (struct section_count){0};
	for (uint64_t section = 0; section < end; section += span - section % span) {
		struct vmc_error *err = read_section(memmap, section, &word, &span);
		bool failed = err;

		if (failed && (vmc_error_code(err) == VMC_ERR_NOMEM ||
			       (!count->sections && section_has_memory(memmap, section))))
			return err;
		vmc_error_free(err);
		if (failed || !has_map(word))
			continue;
		count_map(count, map_of(word));
		count->any_online |= (word & SECTION_ONLINE) != 0;
		count->sections += section_has_memory(memmap, section);
	}
	return NULL;
}

/* An answer from what could not be read is no; that memory is out is none. */
static struct vmc_error *pass_nomem(struct vmc_error *err)
{
	if (vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	vmc_error_free(err);
	return NULL;
}

/* Has the first page of a section the section's number in its flags?  0 proves nothing. */
static struct vmc_error *has_number(struct memmap *memmap, uint64_t section, uint64_t word,
				    bool *ret_has)
{
	const struct sparse *sparse = memmap->private;
	const struct vmc_target *target = target_reader_target(memmap->reader);
	uint64_t bits = target->layout.word_size * 8u;
	uint64_t first = first_struct(memmap, section, word);
	uint64_t flags;

	*ret_has = false;
	if (!section || !sparse->number_bits || sparse->number_bits >= bits)
		return NULL;

	struct vmc_error *err = target_read_word(
		memmap->reader, first + fact_or(&target->facts, FACT_OFFSET_page_flags, 0), &flags);

	if (err)
		return pass_nomem(err);
	*ret_has = flags >> (bits - sparse->number_bits) == section;
	return NULL;
}

/* With a virtual memory map all sections name the same place, and one that does not is damaged.
 * Without, pages have the numbers of their sections, and maps may be anywhere. */
static struct vmc_error *sections_numbered(struct memmap *memmap, bool *ret_numbered)
{
	const struct sparse *sparse = memmap->private;
	uint64_t end = section_end(memmap);
	uint64_t numbered = 0, others = 0;
	uint64_t word, span;

	for (uint64_t section = 1; section < end; section += span - section % span) {
		struct vmc_error *err = read_section(memmap, section, &word, &span);
		bool has = false;

		if (err) {
			TRY(pass_nomem(err));
			continue;
		}
		if (!has_map(word))
			continue;
		TRY(has_number(memmap, section, word, &has));
		numbered += has;
		others += !has;
	}
	*ret_numbered = numbered > others || !sparse->number_bits;
	return NULL;
}

/* Do the tables at sparse->base describe the memory of this dump?  An error when not.  Also finds
 * out whether sections have the ONLINE flag, as some section always is online, and on which map
 * most of them agree. */
static struct vmc_error *probe_base(struct memmap *memmap, struct sparse *sparse)
{
	struct section_count count;

	memmap->remembered.key = 0;
	TRY(count_sections(memmap, &count));
	sparse->has_online_flag = count.any_online;
	sparse->common_map = common_map(&count);
	sparse->numbered = false;
	if (count.maps[1].sections)
		TRY(sections_numbered(memmap, &sparse->numbered));
	if (count.sections)
		return NULL;
	return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, sparse->base,
			       "no section of this dump's memory is there");
}

/* Tools have written dumps without the memory that the kernel had reserved while it booted, these
 * tables and the map among it (kexec-tools 2.0.32 on riscv64). */
static struct vmc_error *say_missing(struct memmap *memmap, vmc_vaddr mem_section,
				     struct vmc_error *err)
{
	struct va_range range;
	struct vmc_error *unreachable = target_translate(memmap->reader, mem_section, &range);
	bool data = vmc_error_code(err) == VMC_ERR_NODATA && !unreachable;

	vmc_error_free(unreachable);
	err = error_context(err, "mem_section");
	return data ? error_context(err, "the memory map is not in the dump") : err;
}

static struct vmc_error *find_base(struct memmap *memmap, struct sparse *sparse)
{
	vmc_vaddr symbol = sparse->base;
	struct vmc_error *err = probe_base(memmap, sparse);

	/* Some builds of 4.15 exported the address of the pointer that mem_section had become. */
	if (err && sparse->per_root && vmc_error_code(err) != VMC_ERR_NOMEM) {
		struct vmc_error *second = target_read_word(memmap->reader, symbol, &sparse->base);

		if (!second)
			second = probe_base(memmap, sparse);
		if (!second) {
			vmc_error_free(err);
			return NULL;
		}
		vmc_error_free(second);
	}
	return err ? say_missing(memmap, symbol, err) : NULL;
}

static struct vmc_error *sparse_init(struct memmap *memmap)
{
	const struct vmc_target *target = target_reader_target(memmap->reader);
	const struct facts *facts = &target->facts;
	_cleanup_free_ struct sparse *sparse = calloc(1, sizeof(*sparse));
	uint64_t section_bits, physmem_bits, length;

	if (!sparse)
		return error_nomem();
	TRY(fact_need(facts, FACT_SYMBOL_mem_section, &sparse->base));
	TRY(fact_need(facts, FACT_SIZE_mem_section, &sparse->entry_size));
	TRY(fact_need(facts, FACT_OFFSET_section_mem_map, &sparse->map_offset));
	TRY(fact_need(facts, FACT_NUMBER_SECTION_SIZE_BITS, &section_bits));
	TRY(fact_need(facts, FACT_NUMBER_MAX_PHYSMEM_BITS, &physmem_bits));
	TRY(fact_need(facts, FACT_LENGTH_mem_section, &length));
	if (section_bits <= target->page_shift || physmem_bits <= section_bits || physmem_bits > 63)
		return error_create(
			VMC_ERR_CORRUPT,
			"SECTION_SIZE_BITS %ju and MAX_PHYSMEM_BITS %ju do not fit together",
			(uintmax_t)section_bits, (uintmax_t)physmem_bits);
	if (!sparse->entry_size || sparse->entry_size > (1u << target->page_shift))
		return error_create(VMC_ERR_CORRUPT, "SIZE(mem_section) of %ju",
				    (uintmax_t)sparse->entry_size);

	uint64_t per_root = (1u << target->page_shift) / sparse->entry_size;

	if (facts->table[FACT_NUMBER_MAX_PHYSMEM_BITS].source != VMC_FACT_INFERRED)
		sparse->number_bits = physmem_bits - section_bits;
	sparse->pages_shift = (unsigned int)section_bits - target->page_shift;
	sparse->section_count = (uint64_t)1 << (physmem_bits - section_bits);
	/* With roots LENGTH(mem_section) counts the roots, without them the sections. */
	if (length != sparse->section_count || per_root == 1) {
		sparse->per_root = per_root;
		/* LENGTH is what was compiled; it goes before a guessed MAX_PHYSMEM_BITS. */
		if (!checked_mul(length, per_root, &sparse->section_count) ||
		    sparse->section_count > UINT64_MAX >> sparse->pages_shift)
			return error_create(VMC_ERR_CORRUPT, "LENGTH(mem_section) of %ju",
					    (uintmax_t)length);
	}
	memmap->private = sparse;

	struct vmc_error *err = find_base(memmap, sparse);

	if (err) {
		memmap->private = NULL;
		return err;
	}
	if (sparse->numbered)
		memmap->section_bits = (unsigned int)sparse->number_bits;
	sparse = NULL;
	return NULL;
}

static void sparse_deinit(struct memmap *memmap)
{
	free(memmap->private);
}

/* The section in whose map @address is, looked for among all. */
static struct vmc_error *search_section(struct memmap *memmap, vmc_vaddr address, bool *ret_known,
					vmc_pfn *ret_pfn)
{
	const struct sparse *sparse = memmap->private;
	uint64_t end = section_end(memmap) << sparse->pages_shift;
	struct memmap_run run;

	for (vmc_pfn pfn = 0; pfn < end; pfn = run.start + run.count) {
		TRY(sparse_find(memmap, pfn, &run));
		*ret_known = run.kind == MEMMAP_PRESENT && address >= run.structs &&
			     (address - run.structs) / memmap->struct_size < run.count;
		*ret_pfn = run.start;
		if (*ret_known)
			break;
	}
	return NULL;
}

/* Without a virtual memory map every struct page has the number of its section. */
static struct vmc_error *sparse_guess(struct memmap *memmap, vmc_vaddr address, bool *ret_known,
				      vmc_pfn *ret_pfn)
{
	const struct sparse *sparse = memmap->private;
	const struct vmc_target *target = target_reader_target(memmap->reader);
	uint64_t bits = target->layout.word_size * 8u, flags;

	*ret_known = false;
	if (!sparse->numbered)
		return NULL;
	if (!sparse->number_bits || sparse->number_bits >= bits)
		return search_section(memmap, address, ret_known, ret_pfn);
	TRY(target_read_word(memmap->reader,
			     address + fact_or(&target->facts, FACT_OFFSET_page_flags, 0), &flags));
	*ret_known = true;
	*ret_pfn = flags >> (bits - sparse->number_bits) << sparse->pages_shift;
	return NULL;
}

const struct memmap_model memmap_sparse = {
	.name = "sparse",
	.applies = sparse_applies,
	.init = sparse_init,
	.deinit = sparse_deinit,
	.find = sparse_find,
	.guess = sparse_guess,
};
