/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO: any text, and each of its values read as every kind of number. */
#include "kernel/vmcoreinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmcoreinfo info;
	struct vmc_error *err = vmcoreinfo_parse((const char *)data, size, &info);

	if (err) {
		vmc_error_free(err);
		return 0;
	}
	for (size_t i = 0; i < info.count; i++) {
		const char *key = info.entries[i].key;
		uint64_t value;
		int64_t number;
		bool known;

		if (!vmcoreinfo_string(&info, key))
			__builtin_trap();
		vmc_error_free(vmcoreinfo_hex(&info, key, &known, &value));
		vmc_error_free(vmcoreinfo_unsigned(&info, key, &known, &value));
		vmc_error_free(vmcoreinfo_number(&info, key, &known, &number));
	}
	vmcoreinfo_deinit(&info);
	return 0;
}
