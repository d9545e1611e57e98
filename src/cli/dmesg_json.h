/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log as JSON. */
#ifndef VMCULL_CLI_DMESG_JSON_H
#define VMCULL_CLI_DMESG_JSON_H

#include <vmcull/dmesg.h>

#include "json.h"

/* An element of the array of records. */
json_t *dmesg_json_record(const struct vmc_dmesg_record *record);

/* "ring", "records" or "flat" */
const char *dmesg_json_form(enum vmc_dmesg_form form);

#endif
