/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as they stand in the file.  All texts are parts of one copy of it. */
#ifndef VMCULL_ERASE_RULES_H
#define VMCULL_ERASE_RULES_H

#include <vmcull/erase.h>

#include "base/error.h"

#define ERASE_FILE_MAX  ((size_t)1 << 20)
#define ERASE_RULES_MAX 4096
#define ERASE_SIZE_MAX  (UINT64_C(1) << 30) /* of one object */

enum erase_size {
	ERASE_SIZE_OF_TYPE,
	ERASE_SIZE_NUMBER,
	ERASE_SIZE_EXPRESSION,
	ERASE_SIZE_NULLIFY,
};

enum erase_loop_kind {
	ERASE_LOOP_ARRAY,
	ERASE_LOOP_VIA,    /* objects linked by a pointer to the next */
	ERASE_LOOP_WITHIN, /* objects with a struct list_head inside */
};

struct erase_loop {
	unsigned int line;
	enum erase_loop_kind kind;
	const char *id;
	const char *list;   /* an expression: "symbol.member.member" */
	const char *member; /* the link */
	const char *type;   /* of what is linked by a list_head */
};

struct erase_rule {
	unsigned int line;
	const char *module;
	const struct erase_loop *loop; /* or NULL */
	const char *expression;
	enum erase_size kind;
	uint64_t size;
	const char *size_text; /* as written */
};

struct vmc_erase_rules {
	char *text;
	struct erase_rule *rules;
	size_t count, capacity;
	struct erase_loop **loops;
	size_t loop_count, loop_capacity;
};

DEFINE_CLEANUP(struct vmc_erase_rules *, vmc_erase_rules_destroy);

/* vmc_erase_parse() of a text. */
struct vmc_error *erase_rules_parse(const char *text, size_t size,
				    struct vmc_erase_rules **ret_rules) VMC_MUST_CHECK;

#endif
