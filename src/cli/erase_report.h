/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was erased from a dump. */
#ifndef VMCULL_CLI_ERASE_REPORT_H
#define VMCULL_CLI_ERASE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <vmcull/erase.h>

#include "json.h"

/* Did each rule erase what it names? */
bool erase_is_whole(const struct vmc_erase *erase);

/* A line for each rule.  @erase may be NULL: nothing then. */
void erase_report_text(FILE *stream, const struct vmc_erase *erase);

/* An array with an object for each rule, empty for NULL. */
void erase_report_json(struct json_document *document, const struct vmc_erase *erase);

#endif
