# SPDX-License-Identifier: GPL-2.0-or-later
"""Page tables of x86-64, read from physical memory: which pages are tables, and what they map.

Sets of pages are lists of (first pfn, number), as kdump.from_ranges() takes them.
"""
import struct

PRESENT, LARGE = 1, 0x80
ADDRESS = 0x000ffffffffff000
ENTRIES = struct.Struct('<512Q')
TOP_LEVEL_4, TOP_LEVEL_5 = 3, 4     # level 0 maps pages of 4 KiB


class Walk:
    """The pages of all tables under a top table, and the ranges that they map.

    wants(address, size): are the pages that lie there wanted, or only the tables?"""

    def __init__(self, read, end_pfn, top_level, wants):
        self.read, self.end_pfn, self.top_level, self.wants = read, end_pfn, top_level, wants
        self.tables = []    # pfns
        self.mapped = []    # (address, first pfn, number)
        self.seen = set()

    def table(self, pfn):
        try:
            return ENTRIES.unpack(self.read(pfn << 12, 4096))
        except Exception:   # drgn.FaultError: not in the dump
            return ()

    def walk(self, top, first=0, last=511):
        """Entries first to last of the top table."""
        if top not in self.seen:
            self.seen.add(top)
            self.tables.append(top)
        self.entries(self.table(top)[first:last + 1], first, 0, self.top_level)

    def entries(self, entries, first, base, level):
        size = 1 << (12 + 9 * level)
        for index, entry in enumerate(entries, first):
            if not entry & PRESENT:
                continue
            pfn = (entry & ADDRESS) >> 12
            if pfn >= self.end_pfn:
                continue
            address = base + index * size
            if level == self.top_level and index >= 256:
                address += (1 << 64) - (size << 9)
            if level and not entry & LARGE:
                if pfn not in self.seen:
                    self.seen.add(pfn)
                    self.tables.append(pfn)
                    self.entries(self.table(pfn), 0, address, level - 1)
            elif self.wants(address):
                pages = size >> 12
                self.mapped.append((address, pfn & ~(pages - 1), pages))
