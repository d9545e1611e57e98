#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""made_dump.py MACHINE FILE: the ELF core of a kernel that never ran.

It is for machines of which no real dump was to be had.  Prints, as JSON, how many pages of each
state it made, by zone.

Memory are three of four sections of 8 MiB, with struct pages as in Linux 6.12, in two zones.  What
a machine is, a line of MACHINES tells: how it is translated, and how its memory map lies.
"""
import collections
import json
import struct
import sys

MIB = 1 << 20
SECTION = 8 * MIB
SECTIONS = (0, 1, 3)        # there is none in between
SECTION_BITS = 23

# Where things lie, from the begin of memory on.
TABLE, MORE_TABLES, NOTES = 0x4000, 0x8000, 0x1000
UTS, ROOTS, MEM_SECTIONS, MEM_MAP = 0x20000, 0x24000, 0x28000, 0x2c000
NODE_DATA, NAMES, PGDAT = 0x2c100, 0x2d000, 0x30000
MAPS = SECTION              # a MiB for the struct pages of each section, at their begin one of 8

# Flags and types of pages, as in 6.12.
LRU, HEAD, SWAPBACKED, HWPOISON = 1 << 5, 1 << 6, 1 << 17, 1 << 21
BUDDY, OFFLINE, HUGETLB, SLAB, PLAIN = (value << 24 for value in (0xf0, 0xf1, 0xf4, 0xf5, 0xff))
ORDERS, TYPES = 11, 6

Machine = collections.namedtuple(
    'Machine', 'em bits big page_shift base physmem model image direct paging')


def at(offset):
    """Memory is mapped where it is, and so much above."""
    return lambda machine, address: address + offset


def from_base(start):
    return lambda machine, address: address - machine.base + start


def short_descriptors(dump):
    """arm: sections of 1 MiB"""
    for i in range(32):
        virtual = dump.machine.direct(dump.machine, dump.machine.base + i * MIB)
        dump.put(TABLE + (virtual >> 20) * 4, '=I', dump.machine.base + i * MIB | 0x41e)


def large_pages(dump):
    """i386 without PAE: pages of 4 MiB"""
    for i in range(8):
        address = dump.machine.base + i * 4 * MIB
        virtual = dump.machine.direct(dump.machine, address)
        dump.put(TABLE + (virtual >> 22) * 4, '=I', address | 0x1e3)


def sparc64_tables(dump):
    """Four levels of 10 bits: all memory, and the memory map, in entries of 8 MiB."""
    tables = {(): TABLE}
    valid = 0x8100000000000343
    pages = [(dump.machine.direct(dump.machine, dump.machine.base + i * SECTION),
              dump.machine.base + i * SECTION) for i in range(4)]
    pages.append((VMEMMAP, dump.machine.base + MAPS))
    for virtual, physical in pages:
        path = [virtual >> shift & 1023 for shift in (43, 33, 23)]
        for depth in (1, 2):
            if tuple(path[:depth]) not in tables:
                tables[tuple(path[:depth])] = MORE_TABLES + 0x2000 * (len(tables) - 1)
                dump.put(tables[tuple(path[:depth - 1])] + path[depth - 1] * 8, '=Q',
                         dump.machine.base + tables[tuple(path[:depth])])
        dump.put(tables[tuple(path[:2])] + path[2] * 8, '=Q', valid | physical)


VMEMMAP = 0x0000060000000000
CKSEG0, XKPHYS = 0xffffffff80000000, 0x9800000000000000

# Models: "flat" is one array, "discontig" one for each of two nodes; "static" an array of sections,
# "extreme" a tree of them, both with an array of struct pages each; "vmemmap" a tree with one array
# for all.
MACHINES = {
    'mips64': Machine(8, 64, True, 14, 0, 36, 'extreme', at(CKSEG0), at(XKPHYS), None),
    'mips64el': Machine(8, 64, False, 12, 0, 36, 'flat', at(CKSEG0), at(XKPHYS), None),
    'mips64el-64k': Machine(8, 64, False, 16, 0, 36, 'extreme', at(XKPHYS), at(XKPHYS), None),
    'sparc64': Machine(43, 64, True, 13, 0, 43, 'vmemmap', from_base(0x400000),
                       at(0xfffff80000000000), sparc64_tables),
    'i386': Machine(3, 32, False, 12, 0, 26, 'static', at(0xc0000000), at(0xc0000000), large_pages),
    'i386-flat': Machine(3, 32, False, 12, 0, 32, 'flat', at(0xc0000000), at(0xc0000000),
                         large_pages),
    'i386-nodes': Machine(3, 32, False, 12, 0, 32, 'discontig', at(0xc0000000), at(0xc0000000),
                          large_pages),
    'armeb': Machine(40, 32, True, 12, 0x60000000, 32, 'flat', from_base(0x80000000),
                     from_base(0x80000000), short_descriptors),
}


class Dump:
    def __init__(self, machine):
        self.machine = machine
        self.memory = bytearray(4 * SECTION)
        self.word = machine.bits // 8
        self.order = '>' if machine.big else '<'
        self.page = 1 << machine.page_shift
        self.per_section = SECTION // self.page
        self.first = machine.base // self.page
        self.struct_size = 64 if self.word == 8 else 36
        self.area_size = (TYPES * 2 + 1) * self.word
        self.areas = 12 * self.word
        self.vm_stat = self.areas + ORDERS * self.area_size
        self.zone_size = self.vm_stat + 16 * self.word
        self.pgdat_size = 2 * self.zone_size + 8 * self.word
        self.nodes = 2 if machine.model == 'discontig' else 1
        self.made = collections.Counter()

    # ---- memory

    def put(self, offset, layout, *values):
        struct.pack_into(self.order + layout[1:], self.memory, offset, *values)

    def put_word(self, offset, value):
        self.put(offset, '=Q' if self.word == 8 else '=I', value & ((1 << self.machine.bits) - 1))

    def get_word(self, offset):
        layout = self.order + ('Q' if self.word == 8 else 'I')
        return struct.unpack_from(layout, self.memory, offset)[0]

    def image(self, offset):
        return self.machine.image(self.machine, self.machine.base + offset)

    def direct(self, offset):
        return self.machine.direct(self.machine, self.machine.base + offset)

    def zone(self, number):
        """The first is of the first node, the second of the last."""
        return PGDAT + min(number, self.nodes - 1) * self.pgdat_size + number * self.zone_size

    # ---- struct pages; pages are numbered from the begin of memory on

    def struct_offset(self, page):
        section, inside = divmod(page, self.per_section)
        if self.machine.model in ('flat', 'vmemmap'):
            section, inside = 0, page
        elif self.machine.model == 'discontig' and section:
            section, inside = 1, page - self.per_section
        return MAPS + (3 - section) % 4 * MIB + inside * self.struct_size

    def struct_address(self, page):
        if self.machine.model == 'vmemmap':
            return VMEMMAP + self.struct_offset(page) - MAPS
        return self.direct(self.struct_offset(page))

    def put_page(self, page, flags=0, lru=(0, 0), mapping=0, private=0, kind=PLAIN, count=1):
        section, zone = page // self.per_section, int(page >= self.per_section)
        shift = self.machine.bits
        if self.machine.model in ('static', 'extreme'):
            shift -= self.machine.physmem - SECTION_BITS
            flags |= section << shift
        elif self.machine.model == 'discontig':
            shift -= 2
            flags |= zone << shift
        place = self.struct_offset(page)
        words = (flags | zone << shift - 2, *lru, mapping, 0, private)
        for i, value in enumerate(words):
            self.put_word(place + i * self.word, value)
        self.put(place + 6 * self.word, '=II', kind | (0xffffff if kind == PLAIN else 0), count)

    def tell(self, page, state, count=1):
        self.made[state, int(page >= self.per_section)] += count

    def put_free(self, page, order):
        """On the list of its zone and order; its other pages say nothing."""
        zone = int(page >= self.per_section)
        area = self.zone(zone) + self.areas + order * self.area_size
        lru, head = self.word, self.image(area)
        last = self.get_word(area + self.word)
        self.put_page(page, lru=(head, last), private=order, kind=BUDDY, count=0)
        for other in range(page + 1, page + (1 << order)):
            self.put_page(other, count=0)
        entry = self.struct_address(page) + lru
        self.put_word(area + self.word, entry)
        self.put_word(area if last == head else self.links[last], entry)
        self.links[entry] = self.struct_offset(page) + lru
        nr_free = area + TYPES * 2 * self.word
        self.put_word(nr_free, self.get_word(nr_free) + 1)
        free = self.zone(zone) + self.vm_stat
        self.put_word(free, self.get_word(free) + (1 << order))
        self.tell(page, 'free', 1 << order)

    def put_compound(self, page, order, state, **head):
        self.put_page(page, flags=HEAD, **head)
        for other in range(page + 1, page + (1 << order)):
            self.put_page(other, flags=order if other == page + 1 else 0,
                          lru=(self.struct_address(page) | 1, 0))
        self.tell(page, state, 1 << order)

    def put_pages(self):
        self.links = {}
        for zone in range(2):
            for list_head in range(ORDERS * TYPES):
                order, kind = divmod(list_head, TYPES)
                area = self.zone(zone) + self.areas + order * self.area_size
                head = area + kind * 2 * self.word
                self.put_word(head, self.image(head))
                self.put_word(head + self.word, self.image(head))
        for section in SECTIONS:
            first = section * self.per_section
            for page in range(first, first + self.per_section):
                self.put_page(page)
            self.tell(first, 'kernel', self.per_section - 16 - 16 - 8 - 5)
            some = first + self.per_section // 2
            self.put_free(some, 3)
            self.put_free(some + 8, 2)
            self.put_free(some + 12, 2)
            self.put_compound(some + 16, 4, 'hugetlb', kind=HUGETLB)
            self.put_compound(some + 32, 3, 'slab', kind=SLAB)
            self.put_page(some + 40, flags=LRU | SWAPBACKED, mapping=0x1001)
            self.tell(some, 'anon')
            self.put_page(some + 41, flags=LRU, mapping=0x1000)
            self.tell(some, 'cache')
            self.put_page(some + 42, kind=OFFLINE)
            self.tell(some, 'offline')
            self.put_page(some + 43, flags=HWPOISON)
            self.tell(some, 'hwpoison')
            place = self.struct_offset(some + 44)       # was never initialised
            self.memory[place:place + self.struct_size] = b'\xff' * self.struct_size
            self.tell(some, 'unknown')

    # ---- the rest of the kernel

    def put_zones(self):
        spans = ((self.first, self.per_section),
                 (self.first + self.per_section, 3 * self.per_section))
        for zone, (name, (start, count)) in enumerate(zip((b'DMA', b'Normal'), spans)):
            self.memory[NAMES + zone * 16:NAMES + zone * 16 + len(name)] = name
            present = count if zone == 0 else count - self.per_section
            words = (start, present, count, present, 0, self.image(NAMES + zone * 16))
            for i, value in enumerate(words):
                self.put_word(self.zone(zone) + i * self.word, value)
        for node in range(self.nodes):
            tail = PGDAT + node * self.pgdat_size + 2 * self.zone_size
            # As on x86, where mem_map is before node_mem_map: page 0 has its struct page there.
            first = node * self.per_section or int(self.machine.model == 'flat')
            last = self.per_section if node + 1 < self.nodes else 4 * self.per_section
            self.put(tail, '=I', 2)
            words = (self.struct_address(first), self.first + first, last - first)
            for i, value in enumerate(words):
                self.put_word(tail + (1 + i) * self.word, value)
            self.put(tail + 4 * self.word, '=I', node)
            self.put_word(NODE_DATA + node * self.word, self.image(PGDAT + node * self.pgdat_size))

    def put_sections(self):
        """[lines of VMCOREINFO]"""
        per_root = self.page // (4 * self.word)
        first = self.machine.base // SECTION
        for section in SECTIONS:
            # The address that the struct page of pfn 0 would have; flags present, map, online.
            start = self.struct_address(section * self.per_section)
            start -= (first + section) * self.per_section * self.struct_size
            self.put_word(MEM_SECTIONS + (first + section) % per_root * 4 * self.word, start | 7)
        if self.machine.model == 'static':
            symbol, length = self.image(MEM_SECTIONS), 1 << self.machine.physmem - SECTION_BITS
        else:
            self.put_word(ROOTS + first // per_root * self.word, self.direct(MEM_SECTIONS))
            symbol = self.direct(ROOTS)
            length = (1 << self.machine.physmem - SECTION_BITS) // per_root
        return ['SYMBOL(mem_section)=%x' % symbol, 'LENGTH(mem_section)=%d' % length,
                'SIZE(mem_section)=%d' % (4 * self.word), 'OFFSET(mem_section.section_mem_map)=0',
                'NUMBER(SECTION_SIZE_BITS)=%d' % SECTION_BITS,
                'NUMBER(MAX_PHYSMEM_BITS)=%d' % self.machine.physmem]

    def vmcoreinfo(self):
        word = self.word
        lines = ['OSRELEASE=6.12-made', 'PAGESIZE=%d' % self.page]
        if self.machine.model == 'flat':
            self.put_word(MEM_MAP, self.struct_address(0))
            lines.append('SYMBOL(mem_map)=%x' % self.image(MEM_MAP))
        elif self.machine.model != 'discontig':
            lines += self.put_sections()
        symbols = {'init_uts_ns': UTS, 'swapper_pg_dir': TABLE}
        if self.nodes == 1:
            symbols['contig_page_data'] = PGDAT
        else:
            symbols['node_data'] = NODE_DATA
            lines.append('LENGTH(node_data)=4')
        lines += ['SYMBOL(%s)=%x' % (name, self.image(offset)) for name, offset in symbols.items()]
        tail = 2 * self.zone_size
        sizes = {'page': self.struct_size, 'pglist_data': self.pgdat_size, 'zone': self.zone_size,
                 'free_area': self.area_size, 'list_head': 2 * word, 'nodemask_t': word}
        offsets = {
            'uts_namespace.name': 0, 'page.flags': 0, 'page.lru': word, 'page.compound_head': word,
            'page.mapping': 3 * word, 'page.private': 5 * word, 'page._mapcount': 6 * word,
            'page._refcount': 6 * word + 4, 'pglist_data.node_zones': 0,
            'pglist_data.nr_zones': tail, 'pglist_data.node_mem_map': tail + word,
            'pglist_data.node_start_pfn': tail + 2 * word,
            'pglist_data.node_spanned_pages': tail + 3 * word,
            'pglist_data.node_id': tail + 4 * word, 'zone.free_area': self.areas,
            'zone.vm_stat': self.vm_stat, 'zone.spanned_pages': 2 * word,
            'free_area.free_list': 0, 'list_head.next': 0, 'list_head.prev': word}
        lengths = {'zone.free_area': ORDERS, 'free_area.free_list': TYPES}
        numbers = {'NR_FREE_PAGES': 0, 'PG_lru': 5, 'PG_private': 14, 'PG_swapcache': 10,
                   'PG_swapbacked': 17, 'PG_hwpoison': 21, 'PG_head_mask': HEAD}
        numbers.update({'PAGE_%s_MAPCOUNT_VALUE' % name: value - (1 << 32) for name, value in (
            ('BUDDY', BUDDY), ('OFFLINE', OFFLINE), ('HUGETLB', HUGETLB), ('SLAB', SLAB))})
        for kind, values in (('SIZE', sizes), ('OFFSET', offsets), ('LENGTH', lengths),
                             ('NUMBER', numbers)):
            lines += ['%s(%s)=%d' % (kind, name, value) for name, value in values.items()]
        return ''.join(line + '\n' for line in lines).encode()

    def build(self):
        name = {3: b'i686', 8: b'mips64', 40: b'armv7b', 43: b'sparc64'}[self.machine.em]
        for i, text in enumerate((b'Linux', b'made', b'6.12-made', b'#1', name, b'(none)')):
            self.memory[UTS + i * 65:UTS + i * 65 + len(text)] = text
        self.put_pages()
        self.put_zones()
        if self.machine.paging:
            self.machine.paging(self)
        # What is in a page tells which it is; the kernel's own are left alone.
        for section in SECTIONS:
            first = section * self.per_section
            for page in range(first + self.per_section // 2, first + self.per_section):
                self.put(page * self.page, '=Q', 0x7061676500000000 + page)
        text = self.vmcoreinfo()
        cpu = struct.pack(self.order + 'III8s336x', 5, 336, 1, b'CORE')
        return cpu + struct.pack(self.order + 'III12s', 11, len(text), 0, b'VMCOREINFO') + text

    def write(self, path):
        note = self.build()
        wide = self.word == 8
        header, segment = ('16sHHIQQQIHHHHHH', 56) if wide else ('16sHHIIIIIHHHHHH', 32)
        segments = [(4, 0, NOTES, 0, 0, len(note), len(note), 0)]
        # Neighbours are one segment, as the kernel has it.
        for start, count in ((0, 2), (3, 1)):
            physical, size = self.machine.base + start * SECTION, count * SECTION
            segments.append((1, 7, 0x4000 + start * SECTION, 0, physical, size, size, 0))
        ident = b'\x7fELF' + bytes((1 + wide, 2 if self.machine.big else 1, 1))
        start = 64 if wide else 52
        with open(path, 'wb') as file:
            file.write(struct.pack(self.order + header, ident, 4, self.machine.em, 1, 0, start, 0,
                                   0, start, segment, len(segments), 0, 0, 0))
            for kind, flags, *others in segments:
                if wide:
                    file.write(struct.pack(self.order + 'II6Q', kind, flags, *others))
                else:
                    file.write(struct.pack(self.order + '8I', kind, *others[:5], flags, others[5]))
            file.seek(NOTES)
            file.write(note)
            for section in SECTIONS:
                file.seek(0x4000 + section * SECTION)
                file.write(self.memory[section * SECTION:(section + 1) * SECTION])


def main():
    dump = Dump(MACHINES[sys.argv[1]])
    dump.write(sys.argv[2])
    print(json.dumps([{state: count for (state, zone), count in dump.made.items() if zone == index}
                      for index in range(2)]))


if __name__ == '__main__':
    main()
