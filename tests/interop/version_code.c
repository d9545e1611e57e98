/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded into a reader that uses libkdumpfile: the library takes a release such as
 * "7.3-cloud-amd64", of two numbers, for none and then cannot read.  Once a file is open it is told
 * VERSION_CODE (major << 16 | minor << 8 | patch) instead.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libkdumpfile/kdumpfile.h>

typedef kdump_status set_attr(kdump_ctx_t *ctx, const char *key, const kdump_attr_t *value);

kdump_status kdump_set_attr(kdump_ctx_t *ctx, const char *key, const kdump_attr_t *value)
{
	set_attr *next = (set_attr *)dlsym(RTLD_NEXT, "kdump_set_attr");
	const char *code = getenv("VERSION_CODE");

	if (!next || !code) {
		fputs("version_code: needs VERSION_CODE and libkdumpfile\n", stderr);
		abort();
	}

	kdump_status status = next(ctx, key, value);
	kdump_attr_t version = {
		.type = KDUMP_NUMBER,
		.val.number = strtoull(code, NULL, 0),
	};

	if (status != KDUMP_OK || strcmp(key, KDUMP_ATTR_FILE_FD))
		return status;
	return next(ctx, KDUMP_ATTR_LINUX_VERSION_CODE, &version);
}
