/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/btf_index.h"

#ifdef HAVE_BPF

#include <bpf/btf.h>
#include <string.h>

/* Names that hash alike are found one after the other.  Kernels have a few of each name; where a
 * damaged table has more the rest is not found, so that a search ends soon. */
#define PROBES_MAX 64

static bool kind_indexed(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return true;
	default:
		return false;
	}
}

/* FNV-1a */
static uint32_t name_hash(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash ^ hash >> 16;
}

static const char *indexed_name(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const char *name = type && kind_indexed(type) && type->name_off
				   ? btf__name_by_offset(btf, type->name_off)
				   : NULL;

	return name && *name ? name : NULL;
}

/* In order of ids, so that of equal names the first one is found first. */
static void index_add(struct btf_index *index, uint32_t hash, uint32_t id)
{
	for (uint32_t i = 0; i < PROBES_MAX; i++) {
		uint32_t *slot = &index->slots[(hash + i) & index->mask];

		if (!*slot) {
			*slot = id;
			return;
		}
	}
}

struct vmc_error *btf_index_init(struct btf_index *index, const struct btf *btf)
{
	uint32_t types = btf__type_cnt(btf), slots = PROBES_MAX;

	while (slots / 2 < types && slots < UINT32_C(1) << 31)
		slots *= 2;
	*index = (struct btf_index){.mask = slots - 1};
	index->slots = calloc(slots, sizeof(*index->slots));
	if (!index->slots)
		return error_nomem();
	for (uint32_t id = 1; id < types; id++) {
		const char *name = indexed_name(btf, id);

		if (name)
			index_add(index, name_hash(name), id);
	}
	return NULL;
}

void btf_index_deinit(struct btf_index *index)
{
	free(index->slots);
	*index = (struct btf_index){0};
}

uint32_t btf_index_find(const struct btf_index *index, const struct btf *btf, const char *name,
			unsigned int kind)
{
	uint32_t hash = name_hash(name);

	for (uint32_t i = 0; i < PROBES_MAX; i++) {
		uint32_t id = index->slots[(hash + i) & index->mask];

		if (!id)
			return 0;

		const struct btf_type *type = btf__type_by_id(btf, id);

		if (btf_kind(type) == kind &&
		    !strcmp(btf__name_by_offset(btf, type->name_off), name))
			return id;
	}
	return 0;
}

#endif
