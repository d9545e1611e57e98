# SPDX-License-Identifier: GPL-2.0-or-later
"""Random marks in the memory of a dump, and the search for them in whatever came out.

Each kind of page has eight random bytes of its own, of which all kinds have the first four, so that
one search finds all.  A marked page is filled with them and its number, over and over: any 23 bytes
of it hold a mark.  Outputs are searched as they lie on
the disk and decoded: pages decompressed by the libraries themselves, streams put in order, pixels
of pictures, base64 in pages for browsers, and numbers as text.
"""
import base64
import binascii
import collections
import mmap
import os
import re
import secrets
import struct
import subprocess
import zlib

import elf
import flattened
import kdump

SIZE, PREFIX = 8, 4
MAIN = 464                          # of the main header of a kdump file of 64 bits
TRAILER = b'VMCULL01'.ljust(64)     # our checksums, behind the data
STREAM = b'makedumpfile\0'
BASE64 = re.compile(rb'[A-Za-z0-9+/]{40,}={0,2}')


class Marks:
    def __init__(self, kinds):
        self.prefix = secrets.token_bytes(PREFIX)
        self.of = {kind: self.prefix + secrets.token_bytes(SIZE - PREFIX) for kind in kinds}

    def page(self, kind, pfn, size):
        return (self.of[kind] + pfn.to_bytes(8, 'little')) * (size // 16)

    def as_text(self, kind):
        """How a number or bytes would be printed that are a mark."""
        mark = self.of[kind]
        for order in ('little', 'big'):
            number = int.from_bytes(mark, order)
            yield b'%x' % number
            yield b'%d' % number
        yield mark.hex(' ').encode()
        yield mark[:4].hex().encode() + b' ' + mark[4:].hex().encode()

    def count(self, data):
        """How often each mark is in bytes."""
        if self.prefix not in data:
            return collections.Counter()
        return collections.Counter({kind: number for kind, mark in self.of.items()
                                    if (number := data.count(mark))})

    def count_text(self, data):
        found, text = self.count(data), data.lower()
        for kind in self.of:
            found[kind] += sum(form in text for form in self.as_text(kind))
        return +found


def map_file(path):
    with open(path, 'rb') as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)


def write_pages(path, page_size, contents):
    """Writes (pfn, bytes) into all places that an ELF core has for a page.  Returns the pfns of which
    it has the whole."""
    loads = elf.Elf(path, page_size).loads
    done = []
    with open(path, 'r+b') as file:
        for pfn, data in contents:
            start = pfn * page_size
            places = [offset + start - first for first, last, offset in loads
                      if first <= start and start + page_size <= last]
            for place in places:
                file.seek(place)
                file.write(data)
            if places:
                done.append(pfn)
    return done


def expand(source, target):
    """Makes of a kdump file of x86_64 an ELF core that has all pages of memory, holes where the file
    has none."""
    dump = kdump.Kdump(source)
    with open(source, 'rb') as file:
        file.seek(dump.note_offset)
        notes = file.read(dump.note_size)
    runs = [(first * dump.block_size, number * dump.block_size)
            for first, number in kdump.ranges(dump.memory)]
    at = -(-(64 + 56 * (len(runs) + 1) + len(notes)) // dump.block_size) * dump.block_size
    head = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\2\1\1', 4, 62, 1, 0, 64, 0, 0, 64, 56,
                       len(runs) + 1, 0, 0, 0)
    head += struct.pack('<IIQQQQQQ', elf.PT_NOTE, 0, 64 + 56 * (len(runs) + 1), 0, 0, len(notes),
                        len(notes), 4)
    for start, size in runs:
        head += struct.pack('<IIQQQQQQ', elf.PT_LOAD, 7, at, 0, start, size, size, 0)
        at += size
    with open(target, 'wb') as file:
        file.write(head + notes)
        file.truncate(at)
    write_pages(target, dump.block_size, dump.contents())


class Output:
    """What was found in one file: marks in its bytes (raw), in what they stand for (decoded), and what
    else should not be there (faults)."""

    def __init__(self, path, marks, scratch):
        self.raw, self.decoded = collections.Counter(), collections.Counter()
        self.faults = []
        if not os.path.getsize(path):
            return
        data = map_file(path)
        # A mapped file has no count().
        for start in range(0, len(data), 1 << 24):
            self.raw += marks.count(data[start:start + (1 << 24) + SIZE - 1])
        if data[:8] == kdump.SIGNATURE:
            self.look_into_kdump(path, data, marks)
        elif data[:13] == STREAM:
            self.look_into_stream(path, marks, scratch)
        elif data[:4] == b'\x7fELF':
            self.decoded = self.raw
        elif data[:8] == b'\x89PNG\r\n\x1a\n':
            self.decoded = marks.count(pixels(data))
        else:
            self.decoded = look_into_text(data[:], marks)

    def look_into_stream(self, path, marks, scratch):
        whole = os.path.join(scratch, 'rearranged')
        if not flattened.rearrange(path, whole):
            self.faults.append('the stream has no end')
        inner = Output(whole, marks, scratch)
        os.unlink(whole)
        self.decoded, self.faults = inner.raw + inner.decoded, self.faults + inner.faults

    def look_into_kdump(self, path, data, marks):
        dump = kdump.Kdump(path)
        used = [(dump.bitmaps, dump.descriptors - dump.bitmaps),
                (dump.note_offset, dump.note_size),
                (dump.eraseinfo_offset, dump.eraseinfo_size),
                (0, MAIN if dump.word_size == 8 else dump.block_size),
                (dump.block_size, dump.sub_header_end - dump.block_size)]
        first = len(data)
        for offset, size, flags in set(dump.blocks()):
            first = min(first, offset)
            used.append((offset, size))
            page = page_of(dump, flags, data[offset:offset + size])
            if page is None:
                self.faults.append('undecodable data at %#x' % offset)
            else:
                self.decoded += marks.count(page)
        used.append((dump.descriptors, first - dump.descriptors))
        # Between headers, tables and data, and behind all, there is nothing.
        end = 0
        for offset, size in sorted(used):
            if any(data[end:offset]):
                self.faults.append('bytes that nothing points to at %#x to %#x' % (end, offset))
            end = max(end, offset + size)
        if data[end:end + 8] == TRAILER[:8]:
            end += len(TRAILER)
        if any(data[end:]):
            self.faults.append('bytes behind the end, at %#x' % end)


def page_of(dump, flags, data):
    try:
        return kdump.page_codecs.decode(flags, data, dump.block_size)
    except (ValueError, zlib.error):
        return None


def pixels(data):
    """The inflated content of a PNG."""
    at, parts = 8, []
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], 'big')
        if data[at + 4:at + 8] == b'IDAT':
            parts.append(data[at + 8:at + 8 + size])
        at += 12 + size
    return zlib.decompress(b''.join(parts))


def look_into_text(data, marks):
    found = marks.count_text(data)
    for part in BASE64.finditer(data):
        try:
            found += marks.count(base64.b64decode(part[0] + b'=' * (-len(part[0]) % 4)))
        except binascii.Error:
            pass
    return found


def copy(source, target):
    subprocess.run(['cp', '--sparse=always', source, target], check=True)
    os.chmod(target, 0o600)
