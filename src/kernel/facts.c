/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/facts.h"

#include <inttypes.h>
#include <string.h>

enum fact_kind {
	FACT_KIND_SYMBOL,
	FACT_KIND_ADDRESS,
	FACT_KIND_SIZE,
	FACT_KIND_OFFSET,
	FACT_KIND_LENGTH,
	FACT_KIND_NUMBER,
	FACT_KIND_CONFIG,
	FACT_KIND_TIME,
};

static const struct {
	enum fact_kind kind;
	const char *name;
} descriptions[FACT_COUNT] = {
#define FACT(id, kind_, name_) [FACT_##id] = {FACT_KIND_##kind_, name_},
#include "kernel/facts.def"
#undef FACT
};

/* Other names of a field, in kernels that this table's name does not reach. */
static const struct {
	enum fact_id id;
	const char *key;
} aliases[] = {
	/* Renamed in 4.7. */
	{FACT_OFFSET_page_refcount, "OFFSET(page._count)"},
	/* Renamed in 7.1 (d50569612c29): a tail may hold a mask there instead of a pointer. */
	{FACT_OFFSET_page_compound_head, "OFFSET(page.compound_info)"},
	/* Renamed in 6.17: users are to ask for folio.index. */
	{FACT_OFFSET_page_index, "OFFSET(page.__folio_index)"},
	/* A pointer alone before 5.11, without the two bits that tell what it points to. */
	{FACT_OFFSET_page_memcg_data, "OFFSET(page.mem_cgroup)"},
	/* Lists and counters were one structure before 5.14. */
	{FACT_OFFSET_zone_per_cpu_pageset, "OFFSET(zone.pageset)"},
	/* A struct log from 3.5 to 3.10 (62e32ac3505a). */
	{FACT_SIZE_printk_log, "SIZE(log)"},
	{FACT_OFFSET_printk_log_ts_nsec, "OFFSET(log.ts_nsec)"},
	{FACT_OFFSET_printk_log_len, "OFFSET(log.len)"},
	{FACT_OFFSET_printk_log_text_len, "OFFSET(log.text_len)"},
	{FACT_OFFSET_printk_log_dict_len, "OFFSET(log.dict_len)"},
};

void facts_init(struct facts *facts)
{
	*facts = (struct facts){0};
}

bool fact_known(const struct facts *facts, enum fact_id id)
{
	return facts->table[id].source != VMC_FACT_UNKNOWN;
}

const char *fact_alias(enum fact_id id)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (aliases[i].id == id)
			return aliases[i].key;
	}
	return NULL;
}

uint64_t fact_or(const struct facts *facts, enum fact_id id, uint64_t fallback)
{
	return fact_known(facts, id) ? facts->table[id].value : fallback;
}

uint64_t fact_flag_mask(const struct facts *facts, enum fact_id id)
{
	uint64_t bit = fact_or(facts, id, 64);

	return bit < 64 ? (uint64_t)1 << bit : 0;
}

const char *fact_name(enum fact_id id)
{
	return descriptions[id].name;
}

unsigned int facts_word_size(const struct facts *facts)
{
	uint64_t list_head = fact_or(facts, FACT_SIZE_list_head, 0);

	return list_head == 8 || list_head == 16 ? (unsigned int)list_head / 2 : 0;
}

/* Who could have told: asked for again by a user who wonders where to look. */
static const char *fact_givers(enum fact_id id)
{
	switch (descriptions[id].kind) {
	case FACT_KIND_SIZE:
	case FACT_KIND_OFFSET:
	case FACT_KIND_LENGTH:
		return "neither the VMCOREINFO of the dump nor its type information (BTF) has it";
	default:
		return "the VMCOREINFO of the dump does not have it";
	}
}

struct vmc_error *fact_need(const struct facts *facts, enum fact_id id, uint64_t *ret_value)
{
	if (!fact_known(facts, id))
		return error_create(VMC_ERR_MISSING,
				    "%s is needed but not known: %s, and no file with VMCOREINFO "
				    "lines that was given",
				    fact_name(id), fact_givers(id));
	*ret_value = facts->table[id].value;
	return NULL;
}

static bool fact_known_better(const struct facts *facts, enum fact_id id,
			      enum vmc_fact_source source)
{
	return fact_known(facts, id) && facts->table[id].source < source; /* in order of trust */
}

void fact_set(struct facts *facts, enum fact_id id, uint64_t value, enum vmc_fact_source source,
	      const char *reason)
{
	if (fact_known_better(facts, id, source))
		return;
	facts->table[id].value = value;
	facts->table[id].source = source;
	facts->table[id].reason = reason;
}

void facts_shift(struct facts *facts, enum vmc_fact_source source, uint64_t offset)
{
	uint64_t mask = facts_word_size(facts) == 4 ? UINT32_MAX : UINT64_MAX;

	for (enum fact_id id = 0; id < FACT_COUNT; id++) {
		if (descriptions[id].kind == FACT_KIND_SYMBOL && facts->table[id].source == source)
			facts->table[id].value = (facts->table[id].value + offset) & mask;
	}
}

void fact_describe(const struct facts *facts, enum fact_id id, struct vmc_fact *ret_fact)
{
	enum fact_kind kind = descriptions[id].kind;

	*ret_fact = (struct vmc_fact){
		.name = fact_name(id),
		.value = facts->table[id].value,
		.is_signed = kind == FACT_KIND_NUMBER || kind == FACT_KIND_TIME,
		.is_address = kind == FACT_KIND_SYMBOL || kind == FACT_KIND_ADDRESS,
		.source = facts->table[id].source,
		.reason = facts->table[id].reason,
	};
}

const char *vmc_fact_source_name(enum vmc_fact_source source)
{
	switch (source) {
	case VMC_FACT_UNKNOWN:
		return "unknown";
	case VMC_FACT_USER:
		return "user";
	case VMC_FACT_VMCOREINFO:
		return "vmcoreinfo";
	case VMC_FACT_KALLSYMS:
		return "kallsyms";
	case VMC_FACT_BTF:
		return "btf";
	case VMC_FACT_DWARF:
		return "dwarf";
	case VMC_FACT_INFERRED:
		return "inferred";
	}
	return "unknown";
}

static struct vmc_error *number_read(const struct vmcoreinfo *vmcoreinfo, const char *key,
				     bool *ret_known, uint64_t *ret_value)
{
	int64_t number = 0;

	TRY(vmcoreinfo_number(vmcoreinfo, key, ret_known, &number));
	*ret_value = (uint64_t)number;
	return NULL;
}

/* A time that cannot be read is no time: nothing but a report is the poorer for it. */
static void time_read(const struct vmcoreinfo *vmcoreinfo, const char *key, bool *ret_known,
		      uint64_t *ret_value)
{
	struct vmc_error *err = number_read(vmcoreinfo, key, ret_known, ret_value);

	if (err)
		*ret_known = false;
	vmc_error_free(err);
}

static struct vmc_error *config_read(const struct vmcoreinfo *vmcoreinfo, const char *key,
				     bool *ret_known, uint64_t *ret_value)
{
	const char *value = vmcoreinfo_string(vmcoreinfo, key);

	*ret_known = value;
	if (!value)
		return NULL;
	if (strcmp(value, "y") && strcmp(value, "n"))
		return error_create(VMC_ERR_CORRUPT, "VMCOREINFO: %s is neither y nor n", key);
	*ret_value = *value == 'y';
	return NULL;
}

static struct vmc_error *value_read(const struct vmcoreinfo *vmcoreinfo, enum fact_kind kind,
				    const char *key, bool *ret_known, uint64_t *ret_value)
{
	switch (kind) {
	case FACT_KIND_SYMBOL:
	case FACT_KIND_ADDRESS:
		return vmcoreinfo_hex(vmcoreinfo, key, ret_known, ret_value);
	case FACT_KIND_NUMBER:
		return number_read(vmcoreinfo, key, ret_known, ret_value);
	case FACT_KIND_CONFIG:
		return config_read(vmcoreinfo, key, ret_known, ret_value);
	case FACT_KIND_TIME:
		time_read(vmcoreinfo, key, ret_known, ret_value);
		return NULL;
	default:
		return vmcoreinfo_unsigned(vmcoreinfo, key, ret_known, ret_value);
	}
}

/* Keys are in the table because a rule depends on them.  So a malformed value is an error, not an
 * absent key: rules for kernels without the key would be the wrong ones for this dump. */
static struct vmc_error *fact_read(struct facts *facts, enum fact_id id, const char *key,
				   const struct vmcoreinfo *vmcoreinfo, enum vmc_fact_source source)
{
	bool known;
	uint64_t value = 0;

	if (fact_known_better(facts, id, source))
		return NULL;
	TRY(value_read(vmcoreinfo, descriptions[id].kind, key, &known, &value));
	if (!known)
		return NULL;
	if (fact_known(facts, id) && facts->table[id].source == source &&
	    facts->table[id].value != value)
		return error_create(VMC_ERR_CORRUPT,
				    "VMCOREINFO: %s=%" PRIu64 " and %s=%" PRIu64
				    " are one field and contradict each other",
				    fact_name(id), facts->table[id].value, key, value);
	fact_set(facts, id, value, source, NULL);
	return NULL;
}

struct vmc_error *facts_from_vmcoreinfo(struct facts *facts, const struct vmcoreinfo *vmcoreinfo,
					enum vmc_fact_source source)
{
	for (enum fact_id id = 0; id < FACT_COUNT; id++)
		TRY(fact_read(facts, id, fact_name(id), vmcoreinfo, source));
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		TRY(fact_read(facts, aliases[i].id, aliases[i].key, vmcoreinfo, source));
	return NULL;
}
