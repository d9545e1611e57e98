/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/signature.h"

#include <string.h>

#include "dump/flattened.h"
#include "dump/kdumpfile.h"

struct signature {
	const char *bytes;
	size_t size;
	const char *what;
	const char *hint;
};

#define SIGNATURE(bytes_, what_, hint_)                  \
	{                                                \
		bytes_, sizeof(bytes_) - 1, what_, hint_ \
	}

/* Where it is, its formats are found before. */
#define HINT_KDUMPFILE    "it needs libkdumpfile, which is not built in"
#define HINT_UNPACK       "unpack it first"
#define HINT_CONVERT_S390 "convert it with zgetdump first"
#define HINT_MEMORY_ONLY \
	"take a dump with \"virsh dump --memory-only\" or dump-guest-memory instead"

static const struct signature signatures[] = {
	SIGNATURE(FLATTENED_SIGNATURE, "a flattened dump inside of another",
		  "rearrange it with \"makedumpfile -R\" first"),
	SIGNATURE(DISKDUMP_SIGNATURE, "a diskdump of an old kernel", HINT_KDUMPFILE),
	SIGNATURE(LKCD_SIGNATURE_LE, "an LKCD dump", HINT_KDUMPFILE),
	SIGNATURE(LKCD_SIGNATURE_BE, "an LKCD dump", HINT_KDUMPFILE),
	SIGNATURE(S390_SIGNATURE, "an s390 stand-alone dump", HINT_KDUMPFILE),
	SIGNATURE("\xa8\x19\x01\x73\x61\x8f\x23\xfe", "an extended s390 stand-alone dump",
		  HINT_CONVERT_S390),
	SIGNATURE("\xed\xeb\x0f\xf0", "an old Xen core of a PV guest", "it is not supported"),
	SIGNATURE("\xee\xeb\x0f\xf0", "an old Xen core of an HVM guest", "it is not supported"),
	SIGNATURE("LinuxGuestRecord", "a saved Xen guest", "it is not supported"),
	SIGNATURE("QEVM", "a QEMU migration stream", HINT_MEMORY_ONLY),
	SIGNATURE("LibvirtQemudSave", "a guest saved by libvirt", HINT_MEMORY_ONLY),
	SIGNATURE("LibvirtQemudPart", "a guest that libvirt did not finish to save",
		  HINT_MEMORY_ONLY),
	SIGNATURE("\xd0\xbe\xd0\xbe", "a VMware snapshot", "it is not supported"),
	SIGNATURE("\xd2\xbe\xd2\xbe", "a VMware snapshot", "it is not supported"),
	SIGNATURE("\xd3\xbe\xd3\xbe", "a VMware snapshot", "it is not supported"),
	SIGNATURE("PAGEDU64", "a Windows crash dump", "it holds no Linux kernel"),
	SIGNATURE("PAGEDUMP", "a Windows crash dump", "it holds no Linux kernel"),
	SIGNATURE("EMiL", "a LiME memory image", "it is not supported"),
	SIGNATURE("AVML", "an AVML memory image", "it is not supported"),
	SIGNATURE("\x1f\x8b", "a file compressed with gzip", HINT_UNPACK),
	SIGNATURE("\x28\xb5\x2f\xfd", "a file compressed with zstd", HINT_UNPACK),
	SIGNATURE("\xfd\x37zXZ\0", "a file compressed with xz", HINT_UNPACK),
	SIGNATURE("BZh", "a file compressed with bzip2", HINT_UNPACK),
	SIGNATURE("\x04\x22\x4d\x18", "a file compressed with lz4", HINT_UNPACK),
	SIGNATURE("\x89LZO\0\r\n\x1a\n", "a file compressed with lzop", HINT_UNPACK),
};

static bool is_text(const unsigned char *head, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (head[i] == 0x7f || (head[i] < ' ' && !strchr("\t\n\v\f\r\b\033", head[i])))
			return false;
		if (!head[i])
			return false;
	}
	return true;
}

static bool is_zero(const unsigned char *head, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (head[i])
			return false;
	}
	return true;
}

struct vmc_error *signature_refuse(const void *head, size_t size)
{
	if (!size)
		return error_create(VMC_ERR_FORMAT, "the file is empty");
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		const struct signature *s = &signatures[i];

		if (size >= s->size && memcmp(head, s->bytes, s->size) == 0)
			return error_create(VMC_ERR_UNSUPPORTED, "this is %s; %s", s->what,
					    s->hint);
	}
	if (is_text(head, size))
		return error_create(VMC_ERR_FORMAT, "this is a text file, not a crash dump");
	if (is_zero(head, size))
		return error_create(VMC_ERR_FORMAT,
				    "the file begins with zeros only: was it written to the end?");
	return error_create(VMC_ERR_FORMAT, "this is no crash dump of a known format");
}
