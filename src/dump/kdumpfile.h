/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats that are read through libkdumpfile, where it is built in. */
#ifndef VMCULL_DUMP_KDUMPFILE_H
#define VMCULL_DUMP_KDUMPFILE_H

#define DISKDUMP_SIGNATURE "DISKDUMP"
#define LKCD_SIGNATURE_LE  "\xed\x23\x8f\x61\x73\x01\x19\xa8"
#define LKCD_SIGNATURE_BE  "\xa8\x19\x01\x73\x61\x8f\x23\xed"
#define S390_SIGNATURE     "\xa8\x19\x01\x73\x61\x8f\x23\xfd"

#endif
