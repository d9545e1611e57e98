#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a kdump-compressed file of a little-endian 64-bit machine without any code of ours.

Checks that every page that its second bitmap promises has a descriptor, whose data lies in the file
and, where it is zlib's, decompresses to a page.  Prints how many pages there are.
"""
import os
import struct
import sys
import zlib

ZLIB, INCOMPLETE = 1, 8

with open(sys.argv[1], "rb") as file:
    head = file.read(464)
    size = os.fstat(file.fileno()).st_size
    assert head[:8] == b"KDUMP   ", "signature"
    version, = struct.unpack_from("<i", head, 8)
    status, block, sub_size, bitmap_blocks, max_mapnr = struct.unpack_from("<IiiII", head, 424)
    assert version == 6 and block == 4096, (version, block)
    file.seek(block)
    sub = file.read(sub_size * block)
    max_mapnr, = struct.unpack_from("<Q", sub, 96)
    half = bitmap_blocks * block // 2
    assert max_mapnr <= half * 8, "the bitmaps are too short"
    file.seek(block * (1 + sub_size))
    memory, stored = int.from_bytes(file.read(half), "little"), int.from_bytes(file.read(half), "little")
    assert stored & ~memory == 0, "a page is stored that is no memory"
    pages = bin(stored).count("1")
    table = file.read(24 * pages)
    assert len(table) == 24 * pages, "descriptors"
    data = block * (1 + sub_size + bitmap_blocks) + 24 * pages
    for number in range(pages):
        offset, length, flags, _ = struct.unpack_from("<QIIQ", table, 24 * number)
        assert offset >= data and 0 < length <= block and offset + length <= size, (number, offset, length)
        if flags & ZLIB:
            file.seek(offset)
            assert len(zlib.decompress(file.read(length))) == block, number
        assert flags or length == block, (number, "stored as it is, but no page long")
    print(pages, "incomplete" if status & INCOMPLETE else "complete")
