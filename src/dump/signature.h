/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Naming files that are no dump that this build can read. */
#ifndef VMCULL_DUMP_SIGNATURE_H
#define VMCULL_DUMP_SIGNATURE_H

#include "base/error.h"

/* The bytes at the start of a file that are enough to recognise it. */
#define SIGNATURE_HEAD_SIZE ((size_t)4096)

/* Says what the file that begins with @head seems to be, and what to do with it. */
struct vmc_error *signature_refuse(const void *head, size_t size) VMC_MUST_CHECK;

#endif
