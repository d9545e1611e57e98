/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <vmcull/dmesg.h>

#include "base/log.h"
#include "log/form.h"

/* Told one by one; the others are counted. */
#define DAMAGE_TOLD_MAX 10

void dmesg_damage(struct vmc_dmesg *dmesg, struct vmc_error *err)
{
	const struct vmc_log *log = &dmesg->target->dump->log;

	if (dmesg->options.quiet)
		log = NULL;
	if (dmesg->damaged < DAMAGE_TOLD_MAX)
		log_warning(log, "the kernel's log: %s", vmc_error_message(err));
	else if (dmesg->damaged == DAMAGE_TOLD_MAX)
		log_warning(log, "the kernel's log: more places of it are damaged");
	dmesg->damaged++;
	vmc_error_free(err);
}

void dmesg_warn(struct vmc_dmesg *dmesg, const char *message)
{
	if (!dmesg->options.quiet)
		log_warning(&dmesg->target->dump->log, "the kernel's log: %s", message);
}

void record_take_bits(struct vmc_dmesg_record *record, struct layout layout, uint8_t facility,
		      uint8_t bits)
{
	record->has_level = true;
	record->facility = facility;
	record->level = layout.big_endian ? bits & 7 : bits >> 5;
	record->flags = layout.big_endian ? bits >> 3 : bits & 31;
}

static const struct log_form *find_form(const struct facts *facts)
{
	if (fact_known(facts, FACT_SYMBOL_prb))
		return &log_form_ring;
	if (fact_known(facts, FACT_SYMBOL_log_first_idx))
		return &log_form_records;
	return fact_known(facts, FACT_SYMBOL_log_end) ? &log_form_flat : NULL;
}

struct vmc_error *vmc_dmesg_open(struct vmc_target *target, const struct vmc_dmesg_options *options,
				 struct vmc_dmesg **ret_dmesg)
{
	struct vmc_dmesg *dmesg = calloc(1, sizeof(*dmesg));
	struct vmc_error *err;

	if (!dmesg)
		return error_nomem();
	dmesg->target = target;
	dmesg->facts = &target->facts;
	dmesg->layout = target->layout;
	if (options)
		dmesg->options = *options;
	dmesg->form = find_form(dmesg->facts);
	if (!dmesg->form)
		err = error_create(VMC_ERR_MISSING, "VMCOREINFO tells nothing of the kernel's log: "
						    "neither prb nor log_first_idx nor log_end");
	else
		err = target_reader_create(target, &dmesg->reader);
	if (!err)
		err = error_context(dmesg->form->open(dmesg), "the kernel's log");
	if (err) {
		vmc_dmesg_close(dmesg);
		return err;
	}
	*ret_dmesg = dmesg;
	return NULL;
}

void vmc_dmesg_close(struct vmc_dmesg *dmesg)
{
	if (!dmesg)
		return;
	target_reader_destroy(dmesg->reader);
	free(dmesg);
}

enum vmc_dmesg_form vmc_dmesg_form(const struct vmc_dmesg *dmesg)
{
	return dmesg->form->form;
}

bool vmc_dmesg_next(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *ret_record)
{
	return dmesg->form->next(dmesg, ret_record);
}

uint64_t vmc_dmesg_damaged(const struct vmc_dmesg *dmesg)
{
	return dmesg->damaged;
}
