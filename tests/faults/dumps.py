# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads dumps of a little-endian 64-bit machine without any code of ours, whole or not."""
import collections
import functools
import itertools
import struct

BLOCK = 4096
END_MARK = b'\xff' * 16

# What a file has of a page: where its bytes begin and end, and what else is told of it.
Page = collections.namedtuple('Page', 'start end about')


class Malformed(Exception):
    """No file may look like that."""


class Kdump:
    """A kdump-compressed file.  pages: pfn -> Page, in order."""

    def __init__(self, data):
        if len(data) < 2 * BLOCK or data[:8] != b'KDUMP   ':
            raise Malformed('no header')
        self.data = data
        status, block, sub_size, bitmap_blocks = struct.unpack_from('<IiiI', data, 424)
        if block != BLOCK:
            raise Malformed(f'block size {block}')
        self.incomplete = bool(status & 8)
        self.bitmap_size = bitmap_blocks * BLOCK // 2
        self.bitmap = BLOCK * (1 + sub_size) + self.bitmap_size
        self.table = self.bitmap + self.bitmap_size
        if len(data) < self.table:
            raise Malformed('no bitmaps')
        self.bits = int.from_bytes(data[self.bitmap:self.table], 'little')
        split, = struct.unpack_from('<I', data, BLOCK + 12)
        if split:   # its bitmaps are those of all parts
            start, end = struct.unpack_from('<QQ', data, BLOCK + 80)
            self.bits &= (1 << end) - (1 << start)

    @functools.cached_property
    def pages(self):
        pages, number = {}, 0
        bits = bin(self.bits)[:1:-1]
        pfn = bits.find('1')
        if self.table + 24 * bits.count('1') > len(self.data):
            raise Malformed('no room for descriptors')
        while pfn >= 0:
            offset, size, flags, extra = struct.unpack_from('<QIIQ', self.data, self.table + 24 * number)
            # Who is killed in a write leaves what of it filled a block: of the next descriptor 8 bytes, or 16.
            if size or flags or extra or (offset and not self.incomplete):
                if offset + size > len(self.data) or not 0 < size <= BLOCK:
                    raise Malformed(f'page {pfn} lies at {offset}, {size} bytes')
                pages[pfn] = Page(offset, offset + size, (flags, extra))
            number += 1
            pfn = bits.find('1', pfn + 1)
        return pages

    @functools.cached_property
    def numbers(self):
        return list(self.pages)

    @functools.cached_property
    def ends(self):
        """Behind the bytes of the first pages, for each number of them."""
        return list(itertools.accumulate((page.end for page in self.pages.values()), max, initial=0))

    @functools.cached_property
    def common(self):
        """The end of a page of zeros that was written before any other."""
        start = min((page.start for page in self.pages.values()), default=0)
        return start + BLOCK if not any(self.data[start:start + BLOCK]) else start

    def prefix_of(self, clean):
        """How many pages it has when they are the first of @clean, with the same bytes in the same
        places; else None."""
        table = self.data[self.table:clean.table + 24 * len(clean.pages)]
        count = (len(table.rstrip(b'\0')) + 23) // 24
        end = clean.ends[count]
        below = (1 << clean.numbers[count]) - 1 if count < len(clean.numbers) else -1
        same = (self.table == clean.table and table[:24 * count] == clean.data[clean.table:][:24 * count] and
                self.bits in (clean.bits, clean.bits & below) and len(self.data) >= end and
                self.data[min(clean.common, end) - BLOCK:end] == clean.data[min(clean.common, end) - BLOCK:end])
        return count if same else None

    def same(self, pfn, other):
        """Is the page stored as it is in @other, which has it?"""
        mine, theirs = self.pages[pfn], other.pages[pfn]
        return mine.about == theirs.about and (
            self.data[mine.start:mine.end] == other.data[theirs.start:theirs.end])

    def raw(self, pfn):
        """Is it stored as it is?"""
        return self.pages[pfn].end - self.pages[pfn].start == BLOCK

    def is_new(self, page):
        """Does it need bytes of its own?"""
        return page.end > self.common

    def described(self, _end, ranges):
        """How many pages have descriptors, when these ranges of the file were written."""
        return next((end - self.table for start, end in ranges if start <= self.table < end), 0) // 24

    def told_by(self, start, end):
        """Pages whose descriptors lie there."""
        first, last = (max(0, at - self.table) // 24 for at in (start, end + 23))
        return self.numbers[first:last]


class Elf:
    """An ELF core, likewise."""

    def __init__(self, data):
        if len(data) < 64 or data[:4] != b'\x7fELF':
            raise Malformed('no header')
        self.data = data
        phoff, shoff, flags = struct.unpack_from('<QQI', data, 32)
        count, = struct.unpack_from('<H', data, 56)
        if count == 0xffff:
            count, = struct.unpack_from('<I', data, shoff + 44)
        if phoff + 56 * count > len(data):
            raise Malformed('no room for program headers')
        self.incomplete = bool(flags & 1)
        self.pages = {}
        for i in range(count):
            kind, _, offset, _, physical, size, _, _ = struct.unpack_from('<IIQQQQQQ', data, phoff + 56 * i)
            if kind != 1:
                continue
            for done in range(0, size, BLOCK):
                if offset + done + BLOCK <= len(data):
                    self.pages[(physical + done) // BLOCK] = Page(offset + done, offset + done + BLOCK, None)

    def prefix_of(self, _clean):
        return None

    def described(self, end, _ranges):
        """Zeros at the end are there when the size is set."""
        return sum(page.end <= end for page in self.pages.values())

    def told_by(self, _start, _end):
        return []

    def same(self, pfn, other):
        mine, theirs = self.pages[pfn], other.pages[pfn]
        return self.data[mine.start:mine.end] == other.data[theirs.start:theirs.end]

    def is_new(self, page):
        return any(self.data[page.start:page.end])


def records(data):
    """Offset and bytes of each record of a flattened stream, and what there is of the last one; then
    None, if it has its end mark."""
    at = BLOCK
    if data[:12] != b'makedumpfile'[:len(data)]:
        raise Malformed('no flattened stream')
    while at + 16 <= len(data):
        if data[at:at + 16] == END_MARK:
            yield None, b''
            return
        offset, size = struct.unpack_from('>QQ', data, at)
        at += 16
        yield offset, data[at:at + size]
        at += size


def unflatten(data):
    """The file that a flattened stream is, and whether it has its end mark."""
    image = bytearray()
    for offset, record in records(data):
        if offset is None:
            return bytes(image), True
        end = offset + len(record)
        if len(image) < end:
            image += bytes(end - len(image))
        image[offset:end] = record
    return bytes(image), False


def parse_stream(data):
    """The dump that a flattened stream is."""
    return parse(unflatten(data)[0])


def parse_cut(data):
    """The dump that a stream without its end tells of: a descriptor that came in part is none."""
    image = bytearray(unflatten(data)[0])
    dump = parse(image)
    if isinstance(dump, Elf):
        return dump
    sent = bytearray(len(image))
    for offset, record in records(data):
        sent[offset:offset + len(record)] = b'\1' * len(record)
    for at in range(dump.table, min(dump.table + 24 * dump.bits.bit_count(), len(image)), 24):
        if sum(sent[at:at + 24]) < 24:
            image[at:at + 24] = bytes(24)
    return dump


def parse(data):
    """The dump in a file."""
    return Elf(data) if data[:4] == b'\x7fELF' else Kdump(data)


class Saved:
    """Which pages were put into a file like @clean when it was written up to some place: those of whole
    units of @unit pages, of which the last one had bytes of its own, and which are described."""

    def __init__(self, clean, unit):
        self.clean = clean
        self.pages = list(clean.pages)
        self.units = []     # (end, pages up to there)
        end = 0
        for start in range(0, len(self.pages), unit):
            own = max((page.end for page in map(clean.pages.get, self.pages[start:start + unit])
                       if clean.is_new(page)), default=0)
            if own > end:
                end = own
                self.units.append((end, min(start + unit, len(self.pages))))

    def count(self, written):
        """@written: the end of the last write, and ranges."""
        if not written:
            return 0
        count = max((pages for end, pages in self.units if end <= written[0]), default=0)
        return min(count, self.clean.described(written[0], written[1:]))
