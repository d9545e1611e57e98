# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pages a kdump-compressed file holds: its headers and bitmaps, read without any library.

A set of pages is one big integer here, bit n for pfn n, so that sets of millions of pages compare
at once.
"""
import struct
import zlib

MAIN_HEADER = struct.Struct('<8si390s6xqqIiIIIIIIII')  # of 64 bits, little endian
SUB_HEADER = struct.Struct('<qiiQQQQQQQQQQQ')


class Kdump:
    def __init__(self, path):
        with open(path, 'rb') as file:
            main = MAIN_HEADER.unpack(file.read(MAIN_HEADER.size))
            (signature, self.version, _, self.seconds, self.microseconds, self.status,
             self.block_size, sub_blocks, bitmap_blocks, self.max_mapnr) = main[:10]
            if signature != b'KDUMP   ':
                raise ValueError(path + ' is no kdump-compressed file')
            file.seek(self.block_size)
            sub = SUB_HEADER.unpack(file.read(SUB_HEADER.size))
            self.dump_level, self.split, self.max_mapnr_64 = sub[1], sub[2], sub[13]
            half = bitmap_blocks // 2 * self.block_size
            file.seek((1 + sub_blocks) * self.block_size)
            self.memory = int.from_bytes(file.read(half), 'little')
            self.kept = int.from_bytes(file.read(half), 'little')
            self.descriptors = file.tell()
        self.path = path

    @property
    def incomplete(self):
        return bool(self.status & 8)

    def contents(self):
        """(pfn, content) of each page; of files that are not compressed or with zlib."""
        with open(self.path, 'rb') as file:
            file.seek(self.descriptors)
            table = file.read(24 * count(self.kept))
            for number, pfn in enumerate(pfns(self.kept)):
                offset, size, flags = struct.unpack_from('<QII', table, 24 * number)
                file.seek(offset)
                data = file.read(size)
                if flags == 1:
                    data = zlib.decompress(data)
                elif flags:
                    raise ValueError('page 0x%x is compressed in another way: %d' % (pfn, flags))
                if len(data) != self.block_size:
                    raise ValueError('page 0x%x has %d bytes' % (pfn, len(data)))
                yield pfn, data


def count(pages):
    return bin(pages).count('1')


def ranges(pages):
    """(first pfn, number of pages) of each run of ones."""
    text = bin(pages)[:1:-1]
    start = text.find('1')
    while start >= 0:
        end = text.find('0', start)
        if end < 0:
            end = len(text)
        yield start, end - start
        start = text.find('1', end)


def pfns(pages):
    for start, length in ranges(pages):
        yield from range(start, start + length)


def from_ranges(pairs):
    """The set of (first pfn, number of pages) pairs."""
    pairs = list(pairs)
    if not pairs:
        return 0
    bits = bytearray(b'0') * max(start + length for start, length in pairs)
    for start, length in pairs:
        bits[start:start + length] = b'1' * length
    return int(bits[::-1], 2)
