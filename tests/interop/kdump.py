# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kdump-compressed file holds, of any byte order and word size: its headers, bitmaps and pages,
read without any library.

A set of pages is one big integer here, bit n for pfn n, so that sets of millions of pages compare
at once.
"""
import struct

import page_codecs

SIGNATURE = b'KDUMP   '
INCOMPLETE = 8

# Of programs of 64 bits, of an i386, and of other machines of 32 bits, in struct's letters; the last
# two differ in how they align numbers of 64 bits.  A time of 64 bits, as in 32-bit programs of
# Debian 13, gives the same main header as 64 bits.
MAIN_64, MAIN_32 = '8si390s6xqqIiIIIIIIII', '8si390s2xiiIiIIIIIIII'
SUB_64 = 'qiiQQQQQQQQQQQ'
SUB_PACKED = 'iiiIIQIQIQIQQQ'
SUB_PADDED = 'iiiII4xQI4xQI4xQI4xQQQ'


def byte_order(head):
    """Of the first version that makes sense: a small number, and no file has 0."""
    return next(order for order in '<>' if 0 < struct.unpack_from(order + 'i', head, 8)[0] < 0x10000)


class Kdump:
    def __init__(self, path):
        with open(path, 'rb') as file:
            head = file.read(512)
            if head[:8] != SIGNATURE:
                raise ValueError(path + ' is no kdump-compressed file')
            self.order = byte_order(head)
            self.machine = head[12 + 4 * 65:][:65].split(b'\0')[0].decode()
            self.word_size = 4 if self.machine.startswith(('arm', 'i386', 'i686')) else 8
            self.mains = [struct.unpack_from(self.order + layout, head) for layout in
                          ([MAIN_64] if self.word_size == 8 else [MAIN_32, MAIN_64])]
            main = self.mains[0] if self.mains[0][6] else self.mains[-1]
            (_, self.version, _, self.seconds, self.microseconds, self.status,
             self.block_size, sub_blocks, bitmap_blocks) = main[:9]
            self.cpus = main[14]
            # Ours for arm serve both kinds of programs: then it is where 64 bits have it.
            self.serves_both = self.word_size == 4 and self.mains[1][6:9] == main[6:9]
            self.max_mapnr = self.mains[self.serves_both][9]
            sub = struct.Struct(self.order + self.sub_header())
            file.seek(self.block_size)
            (self.phys_base, self.dump_level, self.split, _, _, self.vmcoreinfo_offset,
             self.vmcoreinfo_size, self.note_offset, self.note_size, self.eraseinfo_offset,
             self.eraseinfo_size, _, _, self.max_mapnr_64) = sub.unpack(file.read(sub.size))
            self.sub_header_end = self.block_size + sub.size
            half = bitmap_blocks // 2 * self.block_size
            self.bitmaps = (1 + sub_blocks) * self.block_size
            file.seek(self.bitmaps)
            self.memory = self.read_bitmap(file, half)
            self.kept = self.read_bitmap(file, half)
            self.descriptors = file.tell()
        self.path = path

    def sub_header(self):
        if self.word_size == 8:
            return SUB_64
        return SUB_PADDED if self.machine.startswith('arm') else SUB_PACKED

    @property
    def first_pfn(self):
        """crash and makedumpfile number the pages of an ARM from where its RAM begins."""
        return self.phys_base // self.block_size if self.machine.startswith('arm') else 0

    def read_bitmap(self, file, size):
        return int.from_bytes(file.read(size), 'little') << self.first_pfn

    @property
    def incomplete(self):
        return bool(self.status & INCOMPLETE)

    def notes(self):
        """(name, type, content) of each."""
        with open(self.path, 'rb') as file:
            file.seek(self.note_offset)
            data = file.read(self.note_size)
        at = 0
        while at < len(data):
            name_size, size, kind = struct.unpack_from(self.order + 'III', data, at)
            name = data[at + 12:at + 12 + name_size].rstrip(b'\0').decode()
            at += 12 + (name_size + 3) // 4 * 4
            if at + size > len(data):
                raise ValueError('note %s goes beyond the notes' % name)
            yield name, kind, data[at:at + size]
            at += (size + 3) // 4 * 4

    def vmcoreinfo(self):
        with open(self.path, 'rb') as file:
            file.seek(self.vmcoreinfo_offset)
            return file.read(self.vmcoreinfo_size)

    def eraseinfo(self):
        """The lines that say what was erased."""
        with open(self.path, 'rb') as file:
            file.seek(self.eraseinfo_offset)
            return file.read(self.eraseinfo_size).decode().splitlines()

    def contents(self):
        """(pfn, content) of each page."""
        with open(self.path, 'rb') as file:
            file.seek(self.descriptors)
            table = file.read(24 * count(self.kept))
            for number, pfn in enumerate(pfns(self.kept)):
                offset, size, flags = struct.unpack_from(self.order + 'QII', table, 24 * number)
                file.seek(offset)
                yield pfn, page_codecs.decode(flags, file.read(size), self.block_size)

    def blocks(self):
        """(offset, size, flags) of all data that descriptors point to, whatever bitmaps say: the
        table ends where the first data begins."""
        with open(self.path, 'rb') as file:
            file.seek(self.descriptors)
            at, lowest = self.descriptors, None
            while lowest is None or at < lowest:
                row = file.read(24)
                if len(row) < 24:
                    return
                offset, size, flags = struct.unpack_from(self.order + 'QII', row)
                if size:
                    lowest = min(lowest or offset, offset)
                    yield offset, size, flags
                at += 24


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
