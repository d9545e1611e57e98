/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/memmap.h"

#include "base/checked.h"

/* The sparse model first: FLATMEM keys of it would be stale (mem_map is 0 there). */
static const struct memmap_model *const models[] = {
	&memmap_sparse,
	&memmap_flat,
};

static const struct memmap_model *find_model(const struct facts *facts)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (models[i]->applies(facts))
			return models[i];
	}
	return NULL;
}

struct vmc_error *memmap_create(struct vmc_target *target, struct memmap **ret_memmap)
{
	_cleanup_(memmap_destroy) struct memmap *memmap = calloc(1, sizeof(*memmap));

	if (!memmap)
		return error_nomem();
	TRY(fact_need(&target->facts, FACT_SIZE_page, &memmap->struct_size));
	TRY(target_reader_create(target, &memmap->reader));

	const struct memmap_model *model = find_model(&target->facts);

	if (!model)
		return error_create(
			VMC_ERR_MISSING,
			"neither SYMBOL(mem_section) nor "
			"OFFSET(pglist_data.node_mem_map) is known: where is the memory map?");

	struct vmc_error *err = model->init(memmap);

	if (err && vmc_error_code(err) == VMC_ERR_NODATA) /* it says what is missing */
		return err;
	TRY(error_context(err, "memory map (%s)", model->name));
	memmap->model = model;
	*ret_memmap = take_ptr(memmap);
	return NULL;
}

struct vmc_error *memmap_copy(const struct memmap *memmap, struct memmap **ret_copy)
{
	_cleanup_(memmap_destroy) struct memmap *copy = malloc(sizeof(*copy));

	if (!copy)
		return error_nomem();
	*copy = *memmap;
	copy->is_copy = true;
	copy->reader = NULL;
	TRY(target_reader_create(target_reader_target(memmap->reader), &copy->reader));
	*ret_copy = take_ptr(copy);
	return NULL;
}

void memmap_destroy(struct memmap *memmap)
{
	if (!memmap)
		return;
	if (memmap->model && !memmap->is_copy)
		memmap->model->deinit(memmap);
	target_reader_destroy(memmap->reader);
	free(memmap);
}

struct vmc_error *memmap_find(struct memmap *memmap, vmc_pfn pfn, struct memmap_run *ret_run)
{
	return memmap->model->find(memmap, pfn, ret_run);
}

struct vmc_error *memmap_first(struct memmap *memmap, vmc_pfn *ret_pfn)
{
	const struct vmc_dump *dump = target_reader_target(memmap->reader)->dump;
	struct vmc_memory_run memory;
	struct memmap_run run;

	/* Memory of firmware has none, and may come first (riscv64 in QEMU). */
	for (vmc_pfn pfn = 0; vmc_dump_next_run(dump, pfn, &memory);
	     pfn = min_u64(run.start + run.count, memory.start + memory.count)) {
		TRY(memmap_find(memmap, memory.start, &run));
		if (run.kind == MEMMAP_PRESENT) {
			*ret_pfn = memory.start;
			return NULL;
		}
	}
	return NULL;
}

struct vmc_error *memmap_pfn(struct memmap *memmap, vmc_vaddr address, vmc_pfn near,
			     bool *ret_known, vmc_pfn *ret_pfn)
{
	struct memmap_run run;
	bool guessed;
	vmc_pfn guess;

	*ret_known = false;
	TRY(memmap->model->guess(memmap, address, &guessed, &guess));
	TRY(memmap_find(memmap, guessed ? guess : near, &run));
	if (run.kind != MEMMAP_PRESENT)
		return NULL;

	/* In a virtual memmap all struct pages are one array, so the distance tells; elsewhere that
	 * holds within a run.  The look-up of the result proves or refutes it. */
	bool below = address < run.structs;
	uint64_t distance = below ? run.structs - address : address - run.structs;
	uint64_t pages = distance / memmap->struct_size;

	if (distance % memmap->struct_size || (below && pages > run.start) ||
	    (!below && pages > UINT64_MAX - run.start))
		return NULL;

	vmc_pfn pfn = below ? run.start - pages : run.start + pages;

	TRY(memmap_find(memmap, pfn, &run));
	if (run.kind != MEMMAP_PRESENT ||
	    run.structs + (pfn - run.start) * memmap->struct_size != address)
		return NULL;
	*ret_known = true;
	*ret_pfn = pfn;
	return NULL;
}
