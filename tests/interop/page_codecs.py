# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of a kdump file decompressed by the libraries themselves, without any code of ours."""
import ctypes
import ctypes.util
import functools
import zlib

ZLIB, LZO, SNAPPY, ZSTD = 1, 2, 4, 32       # bits of a descriptor's flags
KNOWN = ZLIB | LZO | SNAPPY | ZSTD


@functools.lru_cache(maxsize=None)
def library(name):
    path = ctypes.util.find_library(name)
    if not path:
        raise SystemExit('lib%s is not installed' % name)
    return ctypes.CDLL(path)


def from_lzo(data, room):
    out, size = ctypes.create_string_buffer(room), ctypes.c_size_t(room)
    status = library('lzo2').lzo1x_decompress_safe(data, ctypes.c_size_t(len(data)), out,
                                                   ctypes.byref(size), None)
    return None if status else out.raw[:size.value]


def from_snappy(data, room):
    out, size = ctypes.create_string_buffer(room), ctypes.c_size_t(room)
    status = library('snappy').snappy_uncompress(data, ctypes.c_size_t(len(data)), out,
                                                 ctypes.byref(size))
    return None if status else out.raw[:size.value]


def from_zstd(data, room):
    out, decompress = ctypes.create_string_buffer(room), library('zstd').ZSTD_decompress
    decompress.restype = ctypes.c_size_t
    size = decompress(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)))
    return out.raw[:size] if size <= room else None


def decode(flags, data, page_size):
    """What the data of a descriptor with these flags stands for."""
    kind = flags & KNOWN
    if kind == 0:
        page = data
    elif kind == ZLIB:
        page = zlib.decompress(data)
    else:
        page = {LZO: from_lzo, SNAPPY: from_snappy, ZSTD: from_zstd}[kind](data, page_size)
    if page is None or len(page) != page_size:
        raise ValueError('%d bytes with flags %#x make no page' % (len(data), flags))
    return page
