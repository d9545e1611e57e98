/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull_rearrange OUT: what vmc_rearrange() makes of the stream on standard input. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <vmcull/vmcull.h>

int main(int argc, char **argv)
{
	struct vmc_rearrange_summary summary;

	if (argc != 2) {
		fputs("usage: vmcull_rearrange OUT\n", stderr);
		return 1;
	}

	struct vmc_error *err =
		vmc_rearrange(STDIN_FILENO, "standard input", argv[1], NULL, &summary);

	if (err) {
		fprintf(stderr, "vmcull_rearrange: %s\n", vmc_error_message(err));
		vmc_error_free(err);
		return 1;
	}
	printf("%" PRIu64 " records, %" PRIu64 " bytes of %" PRIu64 "\n", summary.records,
	       summary.bytes_out, summary.bytes_in);
	return 0;
}
