#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_levels.py VMCORE: what vmcull filter keeps at all levels, page by page.

At each level the pages of the output have to be those whose state (by vmcull_pages) the level does
not leave out, and the content of each the bytes that the input has at that physical address.  The
input is an ELF core or a kdump file, the output a kdump file, both read by elf.py and kdump.py,
which know nothing of an architecture but the word size.
"""
import argparse
import array
import mmap
import os
import struct
import sys
import tempfile
import zlib

import elf
import kdump
import ours

PIECE = 1 << 20     # bytes compared at once
NO_CODEC, ZLIB = 'none', 'zlib'


class ElfInput:
    def __init__(self, path, page_size):
        self.core = elf.Elf(path, page_size)
        self.page_size = page_size
        self.memory = kdump.from_ranges(self.core.pages())
        self.loads = sorted(self.core.loads)

    def differs(self, pfn, number, data):
        """The first of these pages that is not in the input as in data, or None."""
        start, end = pfn * self.page_size, (pfn + number) * self.page_size
        at = start
        for first, last, offset in self.loads:
            if first <= at < last and at < end:
                stop = min(end, last) // self.page_size * self.page_size
                if stop > at and (self.core.data[offset + at - first:offset + stop - first] !=
                                  data[at - start:stop - start]):
                    break
                at = max(at, stop)
        else:
            if at == end:
                return None
        # Pages one by one: of two segments, or not all there, or different.
        for i in range(number):
            part = data[i * self.page_size:(i + 1) * self.page_size]
            if self.core.page(pfn + i) != part:
                return pfn + i
        return None


class KdumpInput:
    """A dump that was filtered before: a stripped one of testdata/."""

    def __init__(self, path):
        dump = kdump.Kdump(path)
        self.page_size, self.memory = dump.block_size, dump.memory
        self.pages = dict(dump.contents())

    def differs(self, pfn, number, data):
        for i in range(number):
            if self.pages.get(pfn + i) != data[i * self.page_size:(i + 1) * self.page_size]:
                return pfn + i
        return None


def descriptors(dump, data):
    """(offsets, sizes and flags by turns) of the pages of a kdump file."""
    raw = data[dump.descriptors:dump.descriptors + 24 * kdump.count(dump.kept)]
    wide, narrow = array.array('Q', raw), array.array('I', raw)
    if (dump.order == '<') != (sys.byteorder == 'little'):
        wide.byteswap()
        narrow.byteswap()
    return wide[0::3], narrow[2::6], narrow[3::6]


def plain_pieces(dump):
    """(first pfn, number, content) of a file whose pages are not compressed, as large as they lie
    one after another."""
    size = dump.block_size
    with open(dump.path, 'rb') as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
        offsets, sizes, flags = descriptors(dump, data)
        if sizes.count(size) != len(sizes) or flags.count(0) != len(flags):
            raise ValueError('pages are compressed, or not %d bytes long' % size)
        most, at = max(1, PIECE // size), 0
        for pfn, number in kdump.ranges(dump.kept):
            end = at + number
            while at < end:
                start, begin = at, offsets[at]
                at += 1
                if at < end and offsets[at] == begin:   # pages of zeros share one
                    while at < end and at - start < most and offsets[at] == begin:
                        at += 1
                    content = data[begin:begin + size] * (at - start)
                else:
                    while (at < end and at - start < most and
                           offsets[at] == begin + (at - start) * size):
                        at += 1
                    content = data[begin:begin + (at - start) * size]
                yield pfn, at - start, content
                pfn += at - start


def packed_pieces(dump):
    return ((pfn, 1, content) for pfn, content in dump.contents())


class Comparison:
    def __init__(self, path):
        self.path = path
        self.pages = ours.Pages(path)
        self.errors = []
        self.input = None
        self.compared = 0

    def open_input(self, page_size):
        with open(self.path, 'rb') as file:
            is_elf = file.read(4) == b'\x7fELF'
        self.input = ElfInput(self.path, page_size) if is_elf else KdumpInput(self.path)
        if self.input.page_size != page_size:
            self.errors.append('pages of %d bytes became pages of %d' % (
                self.input.page_size, page_size))

    def wanted(self, level):
        gone = ours.dropped_states(level)
        return kdump.from_ranges(self.pages.ranges(
            *{run[2] for run in self.pages.runs if run[2] not in gone}))

    def run(self, level, codec, folder):
        """Returns the number of pages kept."""
        out = os.path.join(folder, 'out')
        ours.filter_dump(self.path, out, '-d', str(level), '--codec=' + codec)
        dump = kdump.Kdump(out)
        if not self.input:
            self.open_input(dump.block_size)
        self.check_sets(level, dump)
        try:
            self.check_content(level, dump, plain_pieces if codec == NO_CODEC else packed_pieces)
        except (ValueError, struct.error, zlib.error) as error:
            self.errors.append('level %d: %s' % (level, error))
        os.unlink(out)
        return kdump.count(dump.kept)

    def check_sets(self, level, dump):
        what = ((dump.memory, self.input.memory, 'pages of memory'),
                (dump.kept, self.wanted(level), 'pages kept'))
        for found, wanted, name in what:
            if found != wanted:
                self.errors.append('level %d, %s: %d too many, %d too few, the first at 0x%x' % (
                    level, name, kdump.count(found & ~wanted), kdump.count(wanted & ~found),
                    next(kdump.pfns(found ^ wanted))))
        if dump.dump_level & level != level or dump.incomplete:
            self.errors.append('level %d: the header says level %d%s' % (
                level, dump.dump_level, ', incomplete' if dump.incomplete else ''))

    def check_content(self, level, dump, pieces):
        for pfn, number, content in pieces(dump):
            wrong = self.input.differs(pfn, number, content)
            if wrong is not None:
                self.errors.append('level %d: pfn 0x%x is not as in the input' % (level, wrong))
            self.compared += number


def scratch_folder(dump):
    """In memory where there is room: a file for each level is as large as the dump."""
    try:
        room = os.statvfs('/dev/shm')
    except OSError:
        return None
    return '/dev/shm' if room.f_bavail * room.f_frsize > 4 * os.path.getsize(dump) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--levels', type=int, nargs='+', default=range(32))
    args = parser.parse_args()
    comparison = Comparison(os.path.abspath(args.vmcore))
    kept = {}
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-',
                                     dir=scratch_folder(args.vmcore)) as folder:
        for level in args.levels:
            kept[level] = comparison.run(level, NO_CODEC, folder)
        for level in (min(args.levels), max(args.levels)):
            comparison.run(level, ZLIB, folder)
    print('pages kept: ' + ', '.join('%d: %d' % pair for pair in kept.items()))
    for error in comparison.errors[:40]:
        print('ERROR: ' + error)
    print('%d levels, %d pages compared, %d errors' % (
        len(kept), comparison.compared, len(comparison.errors)))
    return 1 if comparison.errors or not comparison.compared else 0


if __name__ == '__main__':
    sys.exit(main())
