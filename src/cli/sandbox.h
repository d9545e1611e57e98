/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command gives up for the rest of its life when all is open that it reads.
 *
 * Nothing is executed, no socket is opened, no other process is looked into: who tries is killed by
 * SIGSYS.  Nothing but the folders of outputs can be opened, by Landlock (Linux 5.13), and there
 * nothing but what an output needs, by seccomp (Linux 3.17): that fails with an error that is told
 * as any other.  What a kernel lacks is left out.  Nothing is below the command line: libvmcull
 * never does this to its caller.
 *
 * Not of /proc/vmcore and /proc/kcore: there a mistake of ours could cost the only copy, and what
 * runs has the machine to itself.
 */
#ifndef VMCULL_CLI_SANDBOX_H
#define VMCULL_CLI_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include <vmcull/log.h>

struct sandbox {
	const char *const *inputs;
	size_t input_count;
	const char *const *outputs; /* files that are still to be made; NULLs among them are none */
	size_t output_count;
};

#ifdef HAVE_SANDBOX
/* Before threads are started.  What is in place and what the kernel lacks is told as information,
 * what failed as a warning: nothing depends on it. */
void sandbox_enter(const struct sandbox *sandbox, const struct vmc_log *log);
#else
static inline void sandbox_enter(const struct sandbox *sandbox, const struct vmc_log *log)
{
	(void)sandbox;
	log->write(log->arg, VMC_LOG_INFO, "no sandbox: this build is without");
}
#endif

#endif
