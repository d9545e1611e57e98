/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts as text: what was learnt from kallsyms and BTF, kept for when these are not there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/facts.h"

static void fact_print(FILE *stream, const struct vmc_fact *fact)
{
	if (!strncmp(fact->name, "CONFIG_", 7))
		fprintf(stream, "%s=%c\n", fact->name, fact->value ? 'y' : 'n');
	else if (fact->is_address)
		fprintf(stream, "%s=%" PRIx64 "\n", fact->name, fact->value);
	else if (fact->is_signed)
		fprintf(stream, "%s=%" PRId64 "\n", fact->name, (int64_t)fact->value);
	else
		fprintf(stream, "%s=%" PRIu64 "\n", fact->name, fact->value);
}

struct vmc_error *facts_to_text(const struct facts *facts, enum vmc_fact_source source,
				char **ret_text)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return error_nomem();
	for (enum fact_id id = 0; id < FACT_COUNT; id++) {
		struct vmc_fact fact;

		fact_describe(facts, id, &fact);
		if (fact.source == source)
			fact_print(stream, &fact);
	}

	bool failed = ferror(stream);

	if (fclose(stream) || failed) {
		free(text);
		return error_nomem();
	}
	if (!size) {
		free(text);
		text = NULL;
	}
	*ret_text = text;
	return NULL;
}

struct vmc_error *facts_from_text(struct facts *facts, const char *text, size_t size,
				  enum vmc_fact_source source)
{
	struct facts filled = *facts;
	struct vmcoreinfo parsed;

	TRY(vmcoreinfo_parse(text, size, &parsed));

	struct vmc_error *err = facts_from_vmcoreinfo(&filled, &parsed, source);

	vmcoreinfo_deinit(&parsed);
	TRY(err);
	TRY(facts_check(&filled));
	*facts = filled;
	return NULL;
}
