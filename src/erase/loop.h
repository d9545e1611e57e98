/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects of a loop, one after the other. */
#ifndef VMCULL_ERASE_LOOP_H
#define VMCULL_ERASE_LOOP_H

#include "erase/place.h"

#define ERASE_OBJECTS_MAX (UINT64_C(1) << 22) /* of one loop */

/* Called for each object.  An error ends the loop. */
typedef struct vmc_error *loop_fn(void *arg, const struct place *element);

/* Lists end where they began or at NULL; those that do neither, or are longer than any list of a
 * kernel, are VMC_ERR_CORRUPT or VMC_ERR_LIMIT, after each of their objects was seen. */
struct vmc_error *loop_run(struct places *places, const struct erase_rule *rule, loop_fn *each,
			   void *arg) VMC_MUST_CHECK;

#endif
