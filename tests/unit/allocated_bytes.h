/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory the program has, where a sanitizer counts it. */
#ifndef VMCULL_TESTS_ALLOCATED_BYTES_H
#define VMCULL_TESTS_ALLOCATED_BYTES_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ALLOCATED_BYTES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ALLOCATED_BYTES 1
#endif
#endif
#ifdef HAVE_ALLOCATED_BYTES
/* Of <sanitizer/allocator_interface.h>, which not every gcc finds. */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

#endif
