# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory as an ELF core has it, of any class and byte order, read without any library."""
import mmap
import struct

PT_LOAD, PT_NOTE, PN_XNUM = 1, 4, 0xffff


class Elf:
    def __init__(self, path, page_size):
        with open(path, 'rb') as file:
            self.data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        self.page_size = page_size
        self.wide = self.data[4] == 2
        self.order = '<' if self.data[5] == 1 else '>'
        self.loads = list(self.read_loads())

    def read_loads(self):
        """(first address, its end, its offset in the file), in the order of the file."""
        if self.wide:
            offset, = struct.unpack_from(self.order + 'Q', self.data, 32)
            size, number = struct.unpack_from(self.order + 'HH', self.data, 54)
        else:
            offset, = struct.unpack_from(self.order + 'I', self.data, 28)
            size, number = struct.unpack_from(self.order + 'HH', self.data, 42)
        if number == PN_XNUM:
            raise ValueError('too many segments for this reader')
        for i in range(number):
            kind, place, address, filesz = self.segment(offset + i * size)
            if kind == PT_LOAD and filesz:
                yield address, address + filesz, place

    def segment(self, at):
        if self.wide:
            kind, _, place, _, address, filesz = struct.unpack_from(self.order + 'IIQQQQ',
                                                                    self.data, at)
        else:
            kind, place, _, address, filesz = struct.unpack_from(self.order + 'IIIII', self.data, at)
        return kind, place, address, filesz

    def page(self, pfn):
        """Its content, zeros where the file has none; None when it has nothing of the page."""
        start = pfn * self.page_size
        end = start + self.page_size
        for first, last, offset in self.loads:
            if first <= start and end <= last:
                return self.data[offset + start - first:offset + end - first]
        page, found = bytearray(self.page_size), False
        for first, last, offset in reversed(self.loads):
            low, high = max(first, start), min(last, end)
            if low < high:
                page[low - start:high - start] = self.data[offset + low - first:
                                                           offset + high - first]
                found = True
        return bytes(page) if found else None

    def pages(self):
        """The pfns of which the file has anything, as ranges (first, number)."""
        size = self.page_size
        for first, last, _ in self.loads:
            yield first // size, (last + size - 1) // size - first // size
