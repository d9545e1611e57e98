/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/erasure.h"

#include "command.h"
#include "compat/say.h"
#include "compat/session.h"
#include "erase_report.h"
#include "message.h"

int erasure_read(struct erasure *erasure, const struct compat_args *args)
{
	struct vmc_error *err =
		args->config ? vmc_erase_parse(args->config, &erasure->rules) : NULL;

	return err ? message_failure(err, args->config, NULL) : STATUS_DONE;
}

int erasure_resolve(struct erasure *erasure, const struct compat_args *args,
		    struct vmc_target *target)
{
	struct vmc_error *err =
		erasure->rules ? vmc_erase_resolve(erasure->rules, target, &erasure->erase) : NULL;

	return err ? message_failure(err, session_name(args), NULL) : STATUS_DONE;
}

void erasure_tell(const struct erasure *erasure)
{
	if (say_wanted(COMPAT_REPORT))
		erase_report_text(say_stream(), erasure->erase);
}

void erasure_deinit(struct erasure *erasure)
{
	if (erasure->erase)
		vmc_erase_destroy(erasure->erase);
	if (erasure->rules)
		vmc_erase_rules_destroy(erasure->rules);
}
