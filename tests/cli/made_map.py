#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""made_map.py KIND GIB FILE: the ELF core of an x86_64 machine of GIB GiB that never ran.

Its memory map is as long as that of a real one, but all of it is mapped to a few pages of struct
pages, which hold nothing that depends on the page number; and all memory that nobody looks into is
the same 128 MiB of the file, a hole.  So a terabyte takes no room.  Prints, as JSON, how many pages
of each state there are.  KIND is how they lie:

    free         free blocks of the largest order
    ordinary     free blocks of the largest order, and runs of pages that are kept or left out
    fragmented   free blocks of orders 0 to 3, and single pages between them
    alternating  every second page is free, the others are the kernel's
"""
import collections
import json
import random
import struct
import sys

GIB, MIB, PAGE = 1 << 30, 1 << 20, 4096
IMAGE, VMEMMAP = 0xffffffff80000000, 0xffffea0000000000
SECTION = 128 * MIB
SHARED = 128 * MIB      # of the file, for all memory but the first
LARGE = 2 * MIB         # what one entry of a page table maps of the memory map
PATTERNS = 4            # so many different ones
STRUCT = 64

# Where things lie in the first 128 MiB, which are the kernel's image as well.
TOP, IMAGE_UPPER, IMAGE_MIDDLE, MAP_UPPER, MAP_MIDDLE = (0x1000 * i for i in range(1, 6))
UTS, ROOTS, SECTIONS, MAP = 0x8000, 0x9000, 0x100000, 16 * MIB

LRU, SWAPBACKED = 1 << 5, 1 << 17
BUDDY, PLAIN = 0xf0000000, 0xffffffff

KINDS = {       # flags, mapping, private, type
    'kernel': (0, 0, 0, PLAIN),
    'anon': (LRU | SWAPBACKED, 0x1001, 0, 0),
    'cache': (LRU, 0x1000, 0, PLAIN),
}


def struct_page(flags, mapping, private, kind):
    return struct.pack('<QQQQQQIIQ', flags, 0, 0, mapping, 0, private, kind, 1, 0)


class Pattern:
    """Struct pages of 128 MiB."""

    def __init__(self, kind, seed):
        self.random = random.Random(seed)
        self.bytes, self.made = bytearray(), collections.Counter()
        while len(self.bytes) < LARGE:
            getattr(self, kind)(len(self.bytes) // STRUCT)
        del self.bytes[LARGE:]

    def put_free(self, order):
        self.bytes += struct_page(0, 0, order, BUDDY)
        self.bytes += struct_page(*KINDS['kernel']) * ((1 << order) - 1)
        self.made['free'] += 1 << order

    def put(self, state, count):
        self.bytes += struct_page(*KINDS[state]) * count
        self.made[state] += count

    def free(self, page):
        self.put_free(10)

    def ordinary(self, page):
        if self.random.random() < 0.5:
            self.put_free(10)
            return
        left = 1024
        while left:
            count = min(left, 1 << self.random.randrange(11))
            self.put(self.random.choice(('kernel', 'anon', 'anon', 'cache')), count)
            left -= count

    def fragmented(self, page):
        order = self.random.randrange(4)
        if page & ((1 << order) - 1) or self.random.random() < 0.5:
            self.put(self.random.choice(('kernel', 'anon', 'cache')), 1)
        else:
            self.put_free(order)

    def alternating(self, page):
        if page & 1:
            self.put('kernel', 1)
        else:
            self.put_free(0)


def vmcoreinfo():
    symbols = {'init_uts_ns': UTS, 'init_top_pgt': TOP, 'mem_section': ROOTS}
    values = {
        'SIZE': {'page': STRUCT, 'mem_section': 16, 'list_head': 16},
        'OFFSET': {
            'uts_namespace.name': 0, 'page.flags': 0, 'page.lru': 8, 'page.compound_head': 8,
            'page.mapping': 24, 'page.private': 40, 'page._mapcount': 48, 'page._refcount': 52,
            'mem_section.section_mem_map': 0},
        'LENGTH': {'mem_section': 2048, 'zone.free_area': 11},
        'NUMBER': {
            'phys_base': 0, 'SECTION_SIZE_BITS': 27, 'MAX_PHYSMEM_BITS': 46, 'NR_FREE_PAGES': 0,
            'PG_lru': 5, 'PG_private': 14, 'PG_swapcache': 10, 'PG_swapbacked': 17,
            'PG_hwpoison': 21, 'PG_head_mask': 64, 'PAGE_BUDDY_MAPCOUNT_VALUE': BUDDY - (1 << 32),
            'PAGE_OFFLINE_MAPCOUNT_VALUE': 0xf1000000 - (1 << 32),
            'PAGE_HUGETLB_MAPCOUNT_VALUE': 0xf4000000 - (1 << 32),
            'PAGE_SLAB_MAPCOUNT_VALUE': 0xf5000000 - (1 << 32)},
    }
    lines = ['OSRELEASE=6.12-made', 'PAGESIZE=%d' % PAGE]
    lines += ['SYMBOL(%s)=%x' % (name, IMAGE + at) for name, at in symbols.items()]
    lines += ['%s(%s)=%d' % (what, name, value)
              for what, names in values.items() for name, value in names.items()]
    return ''.join(line + '\n' for line in lines).encode()


def first_memory(size, patterns):
    """The first 128 MiB."""
    memory = bytearray(MAP + PATTERNS * LARGE)

    def put(at, *words):
        struct.pack_into('<%dQ' % len(words), memory, at, *words)

    put(TOP + (IMAGE >> 39 & 511) * 8, IMAGE_UPPER | 0x63)
    put(IMAGE_UPPER + (IMAGE >> 30 & 511) * 8, IMAGE_MIDDLE | 0x63)
    put(IMAGE_MIDDLE, *(i * LARGE | 0xe3 for i in range(SECTION // LARGE)))
    put(TOP + (VMEMMAP >> 39 & 511) * 8, MAP_UPPER | 0x63)
    # A GiB of the map, struct pages of 64 GiB, is like any other.
    put(MAP_UPPER, *(MAP_MIDDLE | 0x63 for i in range(max(size >> 36, 1))))
    put(MAP_MIDDLE, *(MAP + i % PATTERNS * LARGE | 0xe3 for i in range(512)))
    for i, text in enumerate((b'Linux', b'made', b'6.12-made', b'#1', b'x86_64', b'(none)')):
        memory[UTS + i * 65:UTS + i * 65 + len(text)] = text
    for root in range((size // SECTION + 255) // 256):
        put(ROOTS + root * 8, IMAGE + SECTIONS + root * PAGE)
    for section in range(size // SECTION):
        put(SECTIONS + section * 16, VMEMMAP | 7)
    for i, pattern in enumerate(patterns):
        memory[MAP + i * LARGE:MAP + (i + 1) * LARGE] = pattern.bytes
    return memory


def write(path, size, memory):
    text = vmcoreinfo()
    note = struct.pack('<III8s336x', 5, 336, 1, b'CORE')
    note += struct.pack('<III12s', 11, len(text), 0, b'VMCOREINFO') + text
    segments = [(4, 0, MIB // 2, 0, 0, len(note), len(note), 0),
                (1, 7, MIB, 0, 0, SECTION, SECTION, 0)]
    segments += [(1, 7, MIB + SECTION, 0, start, SHARED, SHARED, 0)
                 for start in range(SECTION, size, SHARED)]
    ident = b'\x7fELF' + bytes((2, 1, 1))
    with open(path, 'wb') as file:
        file.write(struct.pack('<16sHHIQQQIHHHHHH', ident, 4, 62, 1, 0, 64, 0, 0, 64, 56,
                               len(segments), 0, 0, 0))
        for segment in segments:
            file.write(struct.pack('<II6Q', *segment))
        file.seek(MIB // 2)
        file.write(note)
        file.seek(MIB)
        file.write(memory)
        file.truncate(MIB + SECTION + SHARED)


def main():
    kind, size = sys.argv[1], int(sys.argv[2]) * GIB
    patterns = [Pattern(kind, seed) for seed in range(PATTERNS)]
    write(sys.argv[3], size, first_memory(size, patterns))
    made = collections.Counter()
    for section in range(size // SECTION):
        made.update(patterns[section % PATTERNS].made)
    print(json.dumps(made))


if __name__ == '__main__':
    main()
