/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules for erasing (up to a NUL) and the kernel that they are looked up in, with kallsyms, BTF and
 * modules where the input has them.
 */
#include "erase/erase.h"
#include "erase/rules.h"
#include "fuzz_kernel.h"

#define ALONE_MAX 3

/* What is erased are the bytes that are told, and no others. */
static void apply(const struct vmc_erase *erase)
{
	static uint8_t memory[0x1000];
	uint64_t changed = 0;

	for (vmc_paddr at = 0; at < KERNEL_MEMORY; at += sizeof(memory)) {
		bool touched = erase_touches(erase, at, sizeof(memory)), differs = false;

		memset(memory, '.', sizeof(memory));
		erase_apply(erase, at, memory, sizeof(memory));
		for (size_t i = 0; i < sizeof(memory); i++) {
			fuzz_require(memory[i] == '.' || memory[i] == 'X' || !memory[i]);
			differs |= memory[i] != '.';
			changed += memory[i] != '.';
		}
		fuzz_require(touched == differs);
	}
	fuzz_require(changed <= vmc_erase_bytes(erase));
}

static void look_at(const struct vmc_erase *erase)
{
	struct vmc_erase_rule rule;
	uint64_t bytes = 0;

	for (size_t i = 0; vmc_erase_rule(erase, i, &rule); i++) {
		fuzz_require(rule.text && rule.module && (rule.objects || !rule.bytes));
		bytes += rule.bytes;
	}
	fuzz_require(vmc_erase_bytes(erase) <= bytes);
	apply(erase);
}

/* What a rule erases does not depend on the others. */
static void compare_alone(const struct vmc_erase *erase, const struct vmc_erase_rules *rules,
			  struct vmc_target *target)
{
	for (size_t i = 0; i < rules->count && i < ALONE_MAX; i++) {
		const struct vmc_erase_rules alone = {.rules = &rules->rules[i], .count = 1};
		struct vmc_erase_rule rule, same;
		struct vmc_erase *erase_alone;

		fuzz_require(!vmc_erase_resolve(&alone, target, &erase_alone));
		fuzz_require(vmc_erase_rule(erase, i, &rule));
		fuzz_require(vmc_erase_rule(erase_alone, 0, &same));
		fuzz_require(rule.objects == same.objects && rule.bytes == same.bytes);
		fuzz_require(!rule.problem == !same.problem);
		vmc_erase_destroy(erase_alone);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = fuzz_input(data, size);
	char *text = fuzz_text(&input);
	struct vmc_erase_rules *rules;
	struct vmc_erase *erase;
	struct vmc_target *target;
	struct vmc_dump *dump;
	bool parsed = !fuzz_failed(erase_rules_parse(text, strlen(text), &rules));

	free(text);
	if (!parsed)
		return 0;
	if (kernel_open(&input, &dump, &target)) {
		if (!fuzz_failed(vmc_erase_resolve(rules, target, &erase))) {
			look_at(erase);
			compare_alone(erase, rules, target);
			vmc_erase_destroy(erase);
		}
		vmc_target_close(target);
		vmc_dump_close(dump);
	}
	vmc_erase_rules_destroy(rules);
	return 0;
}
