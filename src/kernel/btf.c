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

/* Anonymous members that contain each other would be searched for ever. */
#define FIELD_DEPTH_MAX 16
#define FIELD_STEPS_MAX 100000
#define FIELD_NAME_MAX  128

struct btf_types {
	struct btf *btf;
	struct btf_index index;
};

struct field_search {
	const struct btf *btf;
	const char *name;
	size_t name_length;
	unsigned int steps;
	const struct btf_member *member; /* found */
	uint64_t bit_offset;
	bool is_bit_field;
};

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

struct vmc_error *btf_types_create(const void *data, size_t size, struct btf_types **ret_types)
{
	if (size > BTF_SIZE_MAX)
		return error_create(VMC_ERR_LIMIT, "%zu bytes, more than %zu", size, BTF_SIZE_MAX);

	_cleanup_(btf_types_destroy) struct btf_types *types = calloc(1, sizeof(*types));

	if (!types)
		return error_nomem();
	TRY(btf_parse(data, size, &types->btf));
	TRY(check_readable(types->btf));
	TRY(btf_index_init(&types->index, types->btf));
	*ret_types = take_ptr(types);
	return NULL;
}

void btf_types_destroy(struct btf_types *types)
{
	if (!types)
		return;
	btf_index_deinit(&types->index);
	btf__free(types->btf);
	free(types);
}

/* The id of a struct, union or typedef, or 0. */
static uint32_t find_type(const struct btf_types *types, const char *name)
{
	static const unsigned int kinds[] = {BTF_KIND_STRUCT, BTF_KIND_UNION, BTF_KIND_TYPEDEF};
	uint32_t id = 0;

	for (size_t i = 0; !id && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		id = btf_index_find(&types->index, types->btf, name, kinds[i]);
	return id;
}

/* The struct or union that type @id is, through typedefs and qualifiers, or NULL. */
static const struct btf_type *composite_type(const struct btf *btf, uint32_t id)
{
	int resolved = btf__resolve_type(btf, id);
	const struct btf_type *type =
		resolved > 0 ? btf__type_by_id(btf, (uint32_t)resolved) : NULL;

	return type && btf_is_composite(type) ? type : NULL;
}

static bool search_members(struct field_search *search, const struct btf_type *type,
			   uint64_t bit_offset, unsigned int depth);

static bool search_member(struct field_search *search, const struct btf_type *type, uint32_t index,
			  uint64_t bit_offset, unsigned int depth)
{
	const struct btf_member *member = btf_members(type) + index;
	const char *name = btf__name_by_offset(search->btf, member->name_off);

	bit_offset += btf_member_bit_offset(type, index);
	if (name && !*name) {
		const struct btf_type *inner = composite_type(search->btf, member->type);

		return inner && search_members(search, inner, bit_offset, depth + 1);
	}
	if (!name || strncmp(name, search->name, search->name_length) || name[search->name_length])
		return false;
	search->member = member;
	search->bit_offset = bit_offset;
	search->is_bit_field = btf_member_bitfield_size(type, index) || bit_offset % 8;
	return true;
}

static bool search_members(struct field_search *search, const struct btf_type *type,
			   uint64_t bit_offset, unsigned int depth)
{
	if (depth > FIELD_DEPTH_MAX)
		return false;
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (++search->steps > FIELD_STEPS_MAX)
			return false;
		if (search_member(search, type, i, bit_offset, depth))
			return true;
	}
	return false;
}

static void field_describe(const struct field_search *search, struct btf_field *ret_field)
{
	int64_t size = btf__resolve_size(search->btf, search->member->type);
	int resolved = btf__resolve_type(search->btf, search->member->type);
	const struct btf_type *type =
		resolved > 0 ? btf__type_by_id(search->btf, (uint32_t)resolved) : NULL;

	ret_field->offset = search->bit_offset / 8;
	ret_field->size = size > 0 ? (uint64_t)size : 0;
	ret_field->elements = type && btf_is_array(type) ? btf_array(type)->nelems : 0;
}

bool btf_types_size(const struct btf_types *types, const char *name, uint64_t *ret_size)
{
	uint32_t id = find_type(types, name);
	int64_t size = id ? btf__resolve_size(types->btf, id) : -1;

	if (size < 0)
		return false;
	*ret_size = (uint64_t)size;
	return true;
}

static const struct btf_type *outermost_type(const struct btf_types *types, const char *path,
					     size_t length)
{
	char name[FIELD_NAME_MAX];

	if (length >= sizeof(name))
		return NULL;
	memcpy(name, path, length);
	name[length] = '\0';

	uint32_t id = find_type(types, name);

	return id ? composite_type(types->btf, id) : NULL;
}

bool btf_types_field(const struct btf_types *types, const char *path, struct btf_field *ret_field)
{
	struct field_search search = {.btf = types->btf};
	size_t length = strcspn(path, ".");
	const struct btf_type *type = outermost_type(types, path, length);

	while (path[length] == '.') {
		path += length + 1;
		length = strcspn(path, ".");
		search.name = path;
		search.name_length = length;
		if (!type || !search_members(&search, type, search.bit_offset, 0))
			return false;
		type = composite_type(types->btf, search.member->type);
	}
	if (!search.member || search.is_bit_field)
		return false;
	field_describe(&search, ret_field);
	return true;
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

bool btf_types_enumerator(const struct btf_types *types, const char *enum_name, const char *name,
			  int64_t *ret_value)
{
	uint32_t id = btf_index_find(&types->index, types->btf, enum_name, BTF_KIND_ENUM);

	if (!id)
		id = btf_index_find(&types->index, types->btf, enum_name, BTF_KIND_ENUM64);

	const struct btf_type *type = id ? btf__type_by_id(types->btf, id) : NULL;

	for (uint32_t i = 0; type && i < btf_vlen(type); i++) {
		if (enumerator_value(types->btf, type, i, name, ret_value))
			return true;
	}
	return false;
}

#else

struct vmc_error *btf_check_supported(void)
{
	return error_create(VMC_ERR_UNSUPPORTED, "this build has no libbpf to read it");
}

struct vmc_error *btf_types_create(const void *data, size_t size, struct btf_types **ret_types)
{
	(void)data;
	(void)size;
	(void)ret_types;
	return btf_check_supported();
}

void btf_types_destroy(struct btf_types *types)
{
	(void)types;
}

bool btf_types_size(const struct btf_types *types, const char *name, uint64_t *ret_size)
{
	(void)types;
	(void)name;
	(void)ret_size;
	return false;
}

bool btf_types_field(const struct btf_types *types, const char *path, struct btf_field *ret_field)
{
	(void)types;
	(void)path;
	(void)ret_field;
	return false;
}

bool btf_types_enumerator(const struct btf_types *types, const char *enum_name, const char *name,
			  int64_t *ret_value)
{
	(void)types;
	(void)enum_name;
	(void)name;
	(void)ret_value;
	return false;
}

#endif
