/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/btf.h"

#ifdef HAVE_BPF

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "kernel/btf_index.h"

#define HEADER_SIZE     24 /* to 7.1; a longer one has more behind these fields */
#define HEADER_SIZE_MAX 1024
#define HEADER_SIZE_AT  4 /* where it says how long it is */

/* Bits of a type's info that were unused until kind and vlen became wider in 7.2.  libbpf before
 * that leaves them out and so takes such a type for another. */
#define INFO_UNREADABLE 0x60ff0000u

struct btf_types {
	struct types types;
	struct btf *btf;
	struct btf_index index;
};

static const struct types_ops ops;

static const struct btf_types *of(const struct types *types)
{
	return (const struct btf_types *)types;
}

/* libbpf prints what it does not like, which is for our caller to decide. */
static struct btf *btf_new_silently(const void *data, size_t size, int *ret_errno)
{
	static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&print_lock);

	libbpf_print_fn_t print = libbpf_set_print(NULL);
	struct btf *btf = btf__new(data, (uint32_t)size);

	*ret_errno = errno;
	libbpf_set_print(print);
	pthread_mutex_unlock(&print_lock);
	return libbpf_get_error(btf) ? NULL : btf;
}

static struct vmc_error *check_readable(const struct btf *btf)
{
	uint32_t count = btf__type_cnt(btf);

	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (!type || type->info & INFO_UNREADABLE)
			return error_create(VMC_ERR_UNSUPPORTED,
					    "type %u is of a kind that libbpf %u.%u does not know",
					    id, libbpf_major_version(), libbpf_minor_version());
	}
	return NULL;
}

static struct vmc_error *header_read(const uint8_t *data, size_t size, struct layout *ret_layout,
				     uint32_t *ret_header_size)
{
	if (size < HEADER_SIZE)
		return error_create(VMC_ERR_CORRUPT, "%zu bytes, less than a header", size);

	uint16_t magic = load_u16((struct layout){.big_endian = true}, data);

	if (magic != 0xeb9f && magic != 0x9feb)
		return error_create(VMC_ERR_CORRUPT, "magic 0x%04x", magic);
	if (data[2] != 1)
		return error_create(VMC_ERR_UNSUPPORTED, "version %u", data[2]);
	*ret_layout = (struct layout){.big_endian = magic == 0xeb9f};
	*ret_header_size = load_u32(*ret_layout, data + HEADER_SIZE_AT);
	if (*ret_header_size < HEADER_SIZE || *ret_header_size > HEADER_SIZE_MAX ||
	    *ret_header_size % 4 || *ret_header_size > size)
		return error_create(VMC_ERR_CORRUPT, "hdr_len %u of %zu bytes", *ret_header_size,
				    size);
	return NULL;
}

/* Older libbpf takes a header of 7.2 in its own byte order only; what is behind the fields it knows
 * is not needed, and offsets count from the end of the header. */
static struct vmc_error *header_shorten(const uint8_t *data, size_t size, struct layout layout,
					uint32_t header_size, uint8_t **ret_data)
{
	*ret_data = malloc(size - header_size + HEADER_SIZE);
	if (!*ret_data)
		return error_nomem();
	memcpy(*ret_data, data, HEADER_SIZE);
	store_u32(layout, *ret_data + HEADER_SIZE_AT, HEADER_SIZE);
	memcpy(*ret_data + HEADER_SIZE, data + header_size, size - header_size);
	return NULL;
}

static struct vmc_error *btf_parse(const void *data, size_t size, struct btf **ret_btf)
{
	_cleanup_free_ uint8_t *shortened = NULL;
	struct layout layout = {0};
	uint32_t header_size = 0;
	int error_number = 0;

	TRY(header_read(data, size, &layout, &header_size));
	if (header_size != HEADER_SIZE) {
		TRY(header_shorten(data, size, layout, header_size, &shortened));
		data = shortened;
		size = size - header_size + HEADER_SIZE;
	}
	*ret_btf = btf_new_silently(data, size, &error_number);
	if (*ret_btf)
		return NULL;
	if (error_number == ENOMEM)
		return error_nomem();
	return error_create(VMC_ERR_CORRUPT, "libbpf does not accept it");
}

struct vmc_error *btf_check_supported(void)
{
	return NULL;
}

static void btf_destroy(struct types *types)
{
	struct btf_types *btf_types = (struct btf_types *)types;

	btf_index_deinit(&btf_types->index);
	btf__free(btf_types->btf);
	free(btf_types);
}

struct vmc_error *btf_types_create(const void *data, size_t size, struct types **ret_types)
{
	if (size > BTF_SIZE_MAX)
		return error_create(VMC_ERR_LIMIT, "%zu bytes, more than %zu", size, BTF_SIZE_MAX);

	struct btf_types *btf_types = calloc(1, sizeof(*btf_types));

	if (!btf_types)
		return error_nomem();
	btf_types->types.ops = &ops;

	_cleanup_(types_destroy) struct types *types = &btf_types->types;

	TRY(btf_parse(data, size, &btf_types->btf));
	TRY(check_readable(btf_types->btf));
	TRY(btf_index_init(&btf_types->index, btf_types->btf));
	*ret_types = take_ptr(types);
	return NULL;
}

static uint32_t find_kind(const struct types *types, const char *name, unsigned int kind)
{
	return btf_index_find(&of(types)->index, of(types)->btf, name, kind);
}

static bool btf_find(const struct types *types, const char *name, type_id *ret_id)
{
	static const unsigned int kinds[] = {BTF_KIND_STRUCT, BTF_KIND_UNION, BTF_KIND_TYPEDEF};
	uint32_t id = 0;

	for (size_t i = 0; !id && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		id = find_kind(types, name, kinds[i]);
	*ret_id = id;
	return id;
}

/* Kernels write down the types of per-CPU variables only, which have no address of their own. */
static bool btf_find_variable(const struct types *types, const char *name, type_id *ret_id)
{
	(void)types;
	(void)name;
	(void)ret_id;
	return false;
}

static enum type_kind kind_of(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FLOAT:
		return TYPE_NUMBER;
	case BTF_KIND_PTR:
		return TYPE_POINTER;
	case BTF_KIND_ARRAY:
		return TYPE_ARRAY;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return TYPE_COMPOSITE;
	default:
		return TYPE_OTHER;
	}
}

static bool btf_describe(const struct types *types, type_id id, struct type *ret_type)
{
	const struct btf *btf = of(types)->btf;

	*ret_type = (struct type){.kind = TYPE_VOID};
	if (!id)
		return true;
	if (id > UINT32_MAX)
		return false;

	int resolved = btf__resolve_type(btf, (uint32_t)id);
	const struct btf_type *type =
		resolved > 0 ? btf__type_by_id(btf, (uint32_t)resolved) : NULL;
	int64_t size = type ? btf__resolve_size(btf, (uint32_t)resolved) : 0;

	if (!type)
		return resolved == 0;
	ret_type->kind = kind_of(type);
	ret_type->id = (type_id)resolved;
	ret_type->size = size > 0 ? (uint64_t)size : 0;
	if (btf_is_array(type)) {
		ret_type->elements = btf_array(type)->nelems;
		ret_type->inner = btf_array(type)->type;
	} else if (btf_is_ptr(type)) {
		ret_type->inner = type->type;
	} else if (btf_is_int(type)) {
		const char *name = btf__name_by_offset(btf, type->name_off);

		ret_type->is_char = name && !strcmp(name, "char");
	}
	return true;
}

static bool btf_members_walk(const struct types *types, type_id id, type_member_fn *each, void *arg)
{
	const struct btf *btf = of(types)->btf;
	const struct btf_type *type = id <= UINT32_MAX ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	for (uint32_t i = 0; type && btf_is_composite(type) && i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;
		struct type_member told = {
			.name = btf__name_by_offset(btf, member->name_off),
			.type = member->type,
			.bit_offset = btf_member_bit_offset(type, i),
			.is_bit_field = btf_member_bitfield_size(type, i),
		};

		if (told.name && each(arg, &told))
			return true;
	}
	return false;
}

static bool enumerator_value(const struct btf *btf, const struct btf_type *type, uint32_t index,
			     const char *name, int64_t *ret_value)
{
	bool wide = btf_is_enum64(type);
	uint32_t name_offset =
		wide ? btf_enum64(type)[index].name_off : btf_enum(type)[index].name_off;
	const char *found = btf__name_by_offset(btf, name_offset);

	if (!found || strcmp(found, name))
		return false;
	*ret_value = wide ? (int64_t)btf_enum64_value(&btf_enum64(type)[index])
			  : (int64_t)btf_enum(type)[index].val;
	return true;
}

static uint32_t find_enum(const struct types *types, const char *name)
{
	uint32_t id = find_kind(types, name, BTF_KIND_ENUM);

	return id ? id : find_kind(types, name, BTF_KIND_ENUM64);
}

static bool btf_has_enum(const struct types *types, const char *name)
{
	return find_enum(types, name);
}

static bool btf_enumerator(const struct types *types, const char *enum_name, const char *name,
			   int64_t *ret_value)
{
	const struct btf *btf = of(types)->btf;
	uint32_t id = find_enum(types, enum_name);
	const struct btf_type *type = id ? btf__type_by_id(btf, id) : NULL;

	for (uint32_t i = 0; type && i < btf_vlen(type); i++) {
		if (enumerator_value(btf, type, i, name, ret_value))
			return true;
	}
	return false;
}

static const struct types_ops ops = {
	.find = btf_find,
	.find_variable = btf_find_variable,
	.has_enum = btf_has_enum,
	.enumerator = btf_enumerator,
	.describe = btf_describe,
	.members = btf_members_walk,
	.destroy = btf_destroy,
};

#else

struct vmc_error *btf_check_supported(void)
{
	return error_create(VMC_ERR_UNSUPPORTED, "this build has no libbpf to read it");
}

struct vmc_error *btf_types_create(const void *data, size_t size, struct types **ret_types)
{
	(void)data;
	(void)size;
	(void)ret_types;
	return btf_check_supported();
}

#endif
