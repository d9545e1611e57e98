/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of a kernel, wherever they are written down: BTF in its memory (kernel/btf.h) or DWARF in
 * a vmlinux (kernel/vmlinux.h).
 *
 * How to add one: a file with a "struct types_ops", and what makes a "struct types" of it.
 */
#ifndef VMCULL_KERNEL_TYPES_H
#define VMCULL_KERNEL_TYPES_H

#include "base/error.h"

#define TYPE_NAME_MAX 128 /* of what stands between the dots of a path, its NUL included */

/* The number of a type, in its source; 0 is void. */
typedef uint64_t type_id;

enum type_kind {
	TYPE_VOID,
	TYPE_NUMBER, /* also bool and enum */
	TYPE_POINTER,
	TYPE_ARRAY,
	TYPE_COMPOSITE, /* struct or union */
	TYPE_OTHER,
};

struct type {
	enum type_kind kind;
	type_id id;        /* behind typedefs and qualifiers */
	uint64_t size;     /* bytes; 0 when it has none or an unknown one */
	uint64_t elements; /* of an array, of all its dimensions; 0 when it does not say */
	type_id inner;     /* of an element, or of what a pointer points to */
	bool is_char;
};

struct type_member {
	const char *name; /* "" when it has none */
	type_id type;
	uint64_t bit_offset; /* from the start of the structure asked for */
	bool is_bit_field;
};

struct type_field {
	uint64_t offset;   /* bytes, from the start of the outermost structure */
	uint64_t size;     /* bytes; 0 when it has none */
	uint64_t elements; /* of an array; 0 for others */
	type_id type;
};

struct types;

/* Returns true to end the walk. */
typedef bool type_member_fn(void *arg, const struct type_member *member);

struct types_ops {
	/* A struct, union or typedef. */
	bool (*find)(const struct types *types, const char *name, type_id *ret_id);
	bool (*find_variable)(const struct types *types, const char *name, type_id *ret_id);
	bool (*has_enum)(const struct types *types, const char *name);
	bool (*enumerator)(const struct types *types, const char *enum_name, const char *name,
			   int64_t *ret_value);
	/* Resolves typedefs and qualifiers. */
	bool (*describe)(const struct types *types, type_id id, struct type *ret_type);
	/* The members of a composite; those inside of unnamed ones are not among them. */
	bool (*members)(const struct types *types, type_id id, type_member_fn *each, void *arg);
	void (*destroy)(struct types *types);
};

struct types {
	const struct types_ops *ops;
};

void types_destroy(struct types *types);
DEFINE_CLEANUP(struct types *, types_destroy);

/* All of these say false when there is no such thing. */
bool types_find(const struct types *types, const char *name, struct type *ret_type);
bool types_variable(const struct types *types, const char *name, struct type *ret_type);
bool types_describe(const struct types *types, type_id id, struct type *ret_type);
bool types_has_enum(const struct types *types, const char *name);
bool types_enumerator(const struct types *types, const char *enum_name, const char *name,
		      int64_t *ret_value);

/* The size of a struct, union or typedef. */
bool types_size(const struct types *types, const char *name, uint64_t *ret_size);

/* A member of a composite, also of unnamed members inside; no bit field. */
bool types_member(const struct types *types, type_id composite, const char *name,
		  struct type_field *ret_field);

/* A member by "type.member" or "type.member.member". */
bool types_field(const struct types *types, const char *path, struct type_field *ret_field);

#endif
