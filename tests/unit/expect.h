/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a function that returns an error should return.  cmocka.h goes before this file. */
#ifndef VMCULL_TESTS_EXPECT_H
#define VMCULL_TESTS_EXPECT_H

#include <string.h>

#include <vmcull/error.h>

static inline void succeed(struct vmc_error *err)
{
	if (err)
		fail_msg("%s", vmc_error_message(err));
}

static inline void fail_with(struct vmc_error *err, enum vmc_error_code code, const char *part)
{
	assert_non_null(err);
	if (vmc_error_code(err) != code || !strstr(vmc_error_message(err), part))
		fail_msg("code %d, \"%s\" instead of code %d, \"%s\"", vmc_error_code(err),
			 vmc_error_message(err), code, part);
	vmc_error_free(err);
}

#endif
