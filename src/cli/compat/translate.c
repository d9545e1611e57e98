/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/translate.h"

#include <inttypes.h>
#include <stdio.h>

#include <vmcull/explain.h>

#include "compat/say.h"
#include "message.h"

static struct vmc_error *locate(struct vmc_target *target, vmc_vaddr address,
				struct vmc_location *ret_location)
{
	struct vmc_explainer *explainer = NULL;
	struct vmc_error *err = vmc_explainer_create(target, &explainer);
	char text[32];

	snprintf(text, sizeof(text), "virt:0x%" PRIx64, address);
	if (!err)
		err = vmc_explain_locate(explainer, text, ret_location);
	if (explainer)
		vmc_explainer_destroy(explainer);
	return err;
}

void translate_print(struct vmc_target *target, vmc_vaddr address)
{
	struct vmc_location location;
	struct vmc_error *err = locate(target, address, &location);

	say(COMPAT_COMMON, "\nTranslating virtual address %" PRIx64 " to physical address.\n",
	    address);
	if (err) {
		message_failure(err, "--vtop", NULL);
		return;
	}
	say(COMPAT_COMMON, "  %" PRIx64 " to %" PRIx64 " are mapped to %" PRIx64 " and above\n",
	    location.first, location.last, location.physical);
	say(COMPAT_COMMON, "VIRTUAL           PHYSICAL\n%016" PRIx64 "  %" PRIx64 "\n\n", address,
	    location.pfn * vmc_target_page_size(target) + location.offset);
}
