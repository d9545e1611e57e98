#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""far_dump.py elf OUT | claim OUT | grow CORE OUT | kdump KDUMP OUT

Small dumps of huge spans of memory.
  elf    three pages, as far apart as pages can be
  claim  three pages, and a p_memsz of 234 TB
  grow   CORE, an ELF core of a real kernel, with a page far away and a claim of 100 TB
  kdump  KDUMP, a kdump file, whose bitmaps have room for 2^39 pages; sparse
"""
import struct
import sys

PAGE = 4096
# The last page below the end of all addresses that a dump may have.
FAR = (0x100, 0x80000000, 0xfffffffffff)


def load(offset, pfn, size, claim):
    return struct.pack('<IIQQQQQQ', 1, 7, offset, 0xffff888000000000 + pfn * PAGE & 2 ** 64 - 1,
                       pfn * PAGE, size, claim, PAGE)


def make_elf(path, claim=PAGE):
    note = struct.pack('<III8s', 5, 336, 1, b'CORE') + bytes(336)
    text = b'OSRELEASE=6.1.0\nPAGESIZE=4096\n\n'
    note += struct.pack('<III12s', 11, len(text), 0, b'VMCOREINFO') + text
    pages = FAR if claim == PAGE else (0x100, 0x200, 0x300)
    header = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01', 4, 62, 1, 0, 64, 0, 0, 64, 56,
                         len(pages) + 1, 0, 0, 0)
    header += struct.pack('<IIQQQQQQ', 4, 0, PAGE, 0, 0, len(note), len(note), 4)
    for i, pfn in enumerate(pages):
        header += load((2 + i) * PAGE, pfn, PAGE, claim if i == len(pages) - 1 else PAGE)
    with open(path, 'wb') as out:
        out.write(header.ljust(PAGE, b'\0') + note.ljust(PAGE, b'\0'))
        for i in range(len(pages)):
            out.write(bytes([65 + i]) * PAGE)


def grow_elf(source, path):
    with open(source, 'rb') as core, open(path, 'wb') as out:
        data = core.read()
        offset, = struct.unpack_from('<Q', data, 32)
        size, count = struct.unpack_from('<HH', data, 54)
        assert size == 56 and count < 60000, (size, count)
        end = -(-len(data) // PAGE) * PAGE
        table = data[offset:offset + size * count] + load(end, FAR[-1], PAGE, PAGE)
        table += load(end + PAGE, FAR[-1] - 2 ** 36, 0, 100 * 10 ** 12 // PAGE * PAGE)
        header = bytearray(data[:64])
        struct.pack_into('<Q', header, 32, end + PAGE)
        struct.pack_into('<H', header, 56, count + 2)
        out.write(bytes(header) + data[64:].ljust(end - 64, b'\0') + b'F' * PAGE + table)


def grow_kdump(source, path, pages=2 ** 39):
    with open(source, 'rb') as dump:
        data = dump.read()
    block, sub_blocks, blocks = struct.unpack_from('<III', data, 428)
    assert data[:8] == b'KDUMP   ' and block == PAGE, block
    first, half = block * (1 + sub_blocks), block * blocks // 2
    bitmaps = data[first:first + half], data[first + half:first + 2 * half]
    stored = sum(bin(byte).count('1') for byte in bitmaps[1])
    table, new_half = first + 2 * half, pages // 8
    move = 2 * (new_half - half)
    head = bytearray(data[:first])
    struct.pack_into('<I', head, 436, 2 * new_half // block)
    struct.pack_into('<Q', head, block + 96, pages)
    with open(path, 'wb') as out:
        out.write(head + bitmaps[0])
        out.seek(first + new_half)
        out.write(bitmaps[1])
        out.seek(table + move)
        for i in range(stored):
            offset, size, flags, page_flags = struct.unpack_from('<QIIQ', data, table + 24 * i)
            out.write(struct.pack('<QIIQ', offset + move, size, flags, page_flags))
        out.write(data[table + 24 * stored:])


if sys.argv[1] == 'elf':
    make_elf(sys.argv[2])
elif sys.argv[1] == 'claim':
    make_elf(sys.argv[2], 234 * 10 ** 12 // PAGE * PAGE)
elif sys.argv[1] == 'grow':
    grow_elf(sys.argv[2], sys.argv[3])
else:
    grow_kdump(sys.argv[2], sys.argv[3])
