# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks into (and changes) an ELF vmcore of x86_64: VMCOREINFO, kernel page tables, struct pages.

Small and slow on purpose, and independent of vmcull: it makes and checks test data.
"""
import re
import struct

from .elfcore import ElfCore, Unmapped

PAGE = 4096
KERNEL_IMAGE = 0xFFFFFFFF80000000
ADDRESS_BITS = 0x000FFFFFFFFFF000  # of a page table entry
PRESENT, LARGE = 1, 0x80
SECTION_HAS_MEM_MAP = 2
SECTION_MAP_MASK = ~0xFFF
POINTERS_IN_HEAD_MASK = 0xFFFFFFFF00000000


class Vmcore(ElfCore):
    def __init__(self, path, writable=False):
        super().__init__(path, writable)
        if not self.info_text:
            raise SystemExit('no VMCOREINFO note')
        self.segments = [(h.virtual, h.physical, h.offset, h.file_size) for h in self.loads]
        # the segment of the kernel's text overlaps with the direct map, which is to be preferred
        self.segments.sort(key=lambda segment: segment[0] >= KERNEL_IMAGE)
        self.direct = [s for s in self.segments if s[0] < KERNEL_IMAGE]
        self._translated = {}
        self._sections = {}
        self.pgd = self.symbol('swapper_pg_dir') - KERNEL_IMAGE + self.number('phys_base')
        self.levels = (
            (48, 39, 30, 21, 12) if self.number('pgtable_l5_enabled', 0) else (39, 30, 21, 12)
        )

    # ---- the file

    def pfns(self):
        for _, physical, _, size in self.direct:
            yield from range(physical // PAGE, (physical + size) // PAGE)

    def offset(self, physical):
        """Where in the file the byte at this physical address is."""
        for _, start, offset, size in self.segments:
            if start <= physical < start + size:
                return offset + physical - start
        raise Unmapped('physical %#x' % physical)

    # ---- VMCOREINFO

    def symbol(self, name):
        return int(self.info['SYMBOL(%s)' % name], 16)

    def size(self, name):
        return int(self.info['SIZE(%s)' % name])

    def length(self, name):
        return int(self.info['LENGTH(%s)' % name])

    def member(self, name, *older_names):
        for key in (name,) + older_names:
            if 'OFFSET(%s)' % key in self.info:
                return int(self.info['OFFSET(%s)' % key])
        raise SystemExit('VMCOREINFO has no OFFSET(%s)' % name)

    def number(self, name, default=None):
        value = self.info.get('NUMBER(%s)' % name)
        if value is not None:
            return int(value, 0)
        if default is None:
            raise SystemExit(
                'VMCOREINFO of %s has no NUMBER(%s)' % (self.info.get('OSRELEASE'), name)
            )
        return default

    # ---- virtual addresses

    def walk(self, address):
        """(physical address, [physical addresses of the tables on the way])"""
        table, tables = self.pgd, []
        for shift in self.levels:
            tables.append(table)
            entry = self.u64_physical(table + (address >> shift & 511) * 8)
            if not entry & PRESENT:
                raise Unmapped('virtual %#x' % address)
            if shift in (30, 21) and entry & LARGE:
                inside = (1 << shift) - 1
                return entry & ADDRESS_BITS & ~inside | address & inside, tables
            table = entry & ADDRESS_BITS
        return table | address & PAGE - 1, tables

    def physical(self, address):
        page = address // PAGE
        if page not in self._translated:
            self._translated[page] = self.walk(page * PAGE)[0]
        return self._translated[page] | address & PAGE - 1

    def at(self, address):
        """Offset in the file of a kernel virtual address."""
        return self.offset(self.physical(address))

    def u64_physical(self, physical):
        return struct.unpack_from('<Q', self.map, self.offset(physical))[0]

    def u32(self, address):
        return struct.unpack_from('<I', self.map, self.at(address))[0]

    def u64(self, address):
        return struct.unpack_from('<Q', self.map, self.at(address))[0]

    def put32(self, address, value):
        struct.pack_into('<I', self.map, self.at(address), value & 0xFFFFFFFF)

    def put64(self, address, value):
        struct.pack_into('<Q', self.map, self.at(address), value)

    def all_tables(self):
        """Physical addresses of every page table reached from swapper_pg_dir."""
        found, level = {self.pgd}, {self.pgd}
        for depth in range(len(self.levels) - 1):
            below = set()
            for table in level:
                try:
                    entries = struct.unpack_from('<512Q', self.map, self.offset(table))
                except Unmapped:
                    continue
                for entry in entries:
                    large = self.levels[depth] in (30, 21) and entry & LARGE
                    if entry & PRESENT and not large:
                        below.add(entry & ADDRESS_BITS)
            level = below - found
            found |= level
        return found

    # ---- struct pages

    def section_map(self, section):
        """What section_mem_map of a section decodes to, or None."""
        if section not in self._sections:
            size = self.size('mem_section')
            per_root = PAGE // size
            root = self.u64(self.symbol('mem_section') + 8 * (section // per_root))
            value = (
                self.u64(
                    root + section % per_root * size + self.member('mem_section.section_mem_map')
                )
                if root
                else 0
            )
            self._sections[section] = (
                value & SECTION_MAP_MASK if value & SECTION_HAS_MEM_MAP else None
            )
        return self._sections[section]

    def section_roots(self):
        """Addresses of the pages with mem_sections, and of the array of their addresses."""
        array, count = self.symbol('mem_section'), self.length('mem_section')
        roots = [self.u64(array + 8 * i) for i in range(count)]
        return [root for root in roots if root], range(array, array + 8 * count, PAGE)

    def struct_page(self, pfn):
        base = self.section_map(pfn * PAGE >> self.number('SECTION_SIZE_BITS'))
        return None if base is None else base + pfn * self.size('page')

    def page_flags(self, page):
        return self.u64(page + self.member('page.flags'))

    def page_type(self, page):
        return self.u32(page + self.member('page._mapcount'))

    def is_buddy(self, page):
        return self.page_type(page) == self.number('PAGE_BUDDY_MAPCOUNT_VALUE') & 0xFFFFFFFF

    def block_order(self, buddy_page):
        return self.u64(buddy_page + self.member('page.private'))

    def head(self, page):
        """The head page's address for a tail page of a compound page, None for others."""
        value = self.u64(page + self.member('page.compound_info', 'page.compound_head'))
        if not value & 1:
            return None
        if value & POINTERS_IN_HEAD_MASK == POINTERS_IN_HEAD_MASK:
            return (
                page & value & ~1
            )  # Linux 7.0 and newer may store a mask for the address of the tail page
        return value & ~1

    def is_head(self, page):
        return bool(self.page_flags(page) & self.number('PG_head_mask'))

    def mapping(self, page):
        return self.u64(page + self.member('page.mapping'))


def system_map(kallsyms):
    """{name: address} of the kernel's own symbols in the text of /proc/kallsyms."""
    symbols = {}
    for match in re.finditer(r'^([0-9a-f]+) \w (\S+)$', kallsyms, re.M):
        symbols.setdefault(match[2], int(match[1], 16))
    return symbols
