# SPDX-License-Identifier: GPL-2.0-or-later
"""Random damage to the structures of a kernel in an ELF vmcore; the same for the same seed.

Each mutation changes the file in place and can be undone.
"""
import random
import struct

from labkit.vmcoreview import Unmapped

BTF_MAGIC = struct.pack('<HBB', 0xeb9f, 1, 0)
SECTIONS_TRIED = 64


class Mutations:
    def __init__(self, vmcore, end):
        self.vmcore, self.end = vmcore, end
        self.pfns = sorted({pfn for pfn in vmcore.pfns()
                            if vmcore.struct_page(pfn) is not None})
        self.size = vmcore.size('page')
        self.zones = [zone for zone in find_zones(vmcore)
                      if vmcore.u64(zone + vmcore.member('zone.spanned_pages'))]
        self.heads = self.find_heads()
        self.entries = self.find_entries()
        self.tables = [table for table in sorted(vmcore.all_tables()) if self.has(table)]
        self.sections = self.find_sections()
        self.symbols = self.find_symbols()
        self.undone = []
        self.touched = set()

    def has(self, physical):
        try:
            self.vmcore.offset(physical)
            return True
        except Unmapped:
            return False

    # ---- what there is to damage

    def find_heads(self):
        """Addresses of the heads of all free lists."""
        vmcore = self.vmcore
        areas = vmcore.member('zone.free_area')
        return [zone + areas + order * vmcore.size('free_area') + 16 * kind
                for zone in self.zones for order in range(vmcore.length('zone.free_area'))
                for kind in range(vmcore.length('free_area.free_list'))]

    def find_entries(self):
        """Addresses of list_heads in struct pages that are on free lists."""
        found = []
        for head in self.heads:
            entry = self.vmcore.u64(head)
            while entry != head and len(found) < 100000:
                found.append(entry)
                entry = self.vmcore.u64(entry)
        return found

    def find_sections(self):
        """Addresses of words of mem_section that are in use, and of pointers to them."""
        vmcore, found = self.vmcore, []
        roots, _ = vmcore.section_roots()
        member, size = vmcore.member('mem_section.section_mem_map'), vmcore.size('mem_section')
        for root in roots:
            words = [root + i * size + member for i in range(SECTIONS_TRIED)]
            found += [word for word in words if vmcore.u64(word)]
        return found + [vmcore.symbol('mem_section')]

    def find_symbols(self):
        """Offsets in the file of the pages of kallsyms and BTF, where the dump has them."""
        start = self.vmcore.map.find(BTF_MAGIC)
        if start < 0:
            return []
        words = struct.unpack_from('<IIIII', self.vmcore.map, start + 4)
        length = words[0] + words[3] + words[4]
        found = list(range(start, start + min(length, 1 << 20), 64))
        for name in ('names', 'token_table', 'token_index', 'offsets', 'num_syms'):
            key = 'kallsyms_' + name
            if 'SYMBOL(%s)' % key in self.vmcore.info:
                at = self.vmcore.at(self.vmcore.symbol(key))
                found += list(range(at, at + 1024, 4))
        return found + [start + i for i in range(0, 24, 2)] * 40

    # ---- changes

    def put(self, offset, content):
        """Everywhere where this memory is: the kernel's image is in /proc/vmcore twice."""
        for at in copies(self.vmcore, offset):
            self.undone.append((at, self.vmcore.map[at:at + len(content)]))
            self.vmcore.map[at:at + len(content)] = content

    def put64(self, address, value):
        self.put(self.vmcore.at(address), struct.pack('<Q', value))

    def flip(self, choice, offset, length, bits):
        content = bytearray(self.vmcore.map[offset:offset + length])
        for _ in range(bits):
            bit = choice.randrange(length * 8)
            content[bit // 8] ^= 1 << bit % 8
        self.put(offset, bytes(content))

    def undo(self):
        while self.undone:
            offset, content = self.undone.pop()
            self.vmcore.map[offset:offset + len(content)] = content
        self.touched = set()

    # ---- kinds of damage

    def flip_struct_pages(self, choice):
        """Bits of some struct pages, one by one or of a run of them."""
        count = choice.choice((1, 3, 30, 300))
        first = choice.randrange(len(self.pfns))
        pfns = (self.pfns[first:first + count] if choice.random() < 0.3 else
                choice.sample(self.pfns, count))
        for pfn in pfns:
            page = self.vmcore.at(self.vmcore.struct_page(pfn))
            self.flip(choice, page, self.size, choice.choice((1, 1, 2, 8, 64)))
            self.touched.add(pfn)

    def fill_struct_pages(self, choice):
        """A run of struct pages becomes zeros, ones, or what another one is."""
        first = choice.randrange(len(self.pfns))
        content = choice.choice((bytes(self.size), b'\xff' * self.size, None))
        if content is None:
            at = self.vmcore.at(self.vmcore.struct_page(choice.choice(self.pfns)))
            content = self.vmcore.map[at:at + self.size]
        for pfn in self.pfns[first:first + choice.choice((1, 8, 100))]:
            self.put(self.vmcore.at(self.vmcore.struct_page(pfn)), content)
            self.touched.add(pfn)

    def replace_pointers(self, choice):
        """Links of free lists: cut, tied to cycles, crossed, or astray."""
        for _ in range(choice.choice((1, 2, 10))):
            entry = choice.choice(self.entries + self.heads)
            target = choice.choice((
                0, entry, entry + 8, choice.choice(self.entries), choice.choice(self.heads),
                choice.getrandbits(64), self.vmcore.symbol('swapper_pg_dir')))
            self.put64(entry + choice.choice((0, 8)), target)
            self.touched.update(self.pfn_of(entry))

    def pfn_of(self, entry):
        """The page whose struct page a list_head lies in, if any."""
        base = self.vmcore.struct_page(self.pfns[0]) - self.pfns[0] * self.size
        pfn = (entry - base) // self.size
        return [pfn] if 0 <= pfn < self.end else []

    def overwrite_zones(self, choice):
        """Words of a zone: counters, sizes, heads of lists."""
        zone = choice.choice(self.zones)
        for _ in range(choice.choice((1, 4, 32))):
            word = zone + 8 * choice.randrange(self.vmcore.size('zone') // 8)
            self.put64(word, choice.choice((0, 1, (1 << 64) - 1, choice.getrandbits(64),
                                            choice.getrandbits(20))))

    def flip_sections(self, choice):
        for _ in range(choice.choice((1, 2, 8))):
            self.flip(choice, self.vmcore.at(choice.choice(self.sections)), 8, 1)

    def flip_tables(self, choice):
        for _ in range(choice.choice((1, 4, 16))):
            entry = choice.choice(self.tables) + 8 * choice.randrange(512)
            self.flip(choice, self.vmcore.offset(entry), 8, choice.choice((1, 2)))

    def flip_symbols(self, choice):
        for _ in range(choice.choice((1, 8, 64))):
            self.flip(choice, choice.choice(self.symbols), 4, choice.choice((1, 3)))

    def flip_vmcoreinfo(self, choice):
        at = self.vmcore.map.find(b'VMCOREINFO\0')
        for _ in range(choice.choice((1, 3))):
            self.flip(choice, at + choice.randrange(len(self.vmcore.info_text)), 1, 1)

    def kinds(self):
        """(name, function, whether pages that were not touched have to stay what they were)"""
        found = [('struct pages', self.flip_struct_pages, True),
                 ('struct pages', self.flip_struct_pages, True),
                 ('struct pages filled', self.fill_struct_pages, True),
                 ('lists', self.replace_pointers, True),
                 ('zones', self.overwrite_zones, True),
                 ('sections', self.flip_sections, True),
                 ('page tables', self.flip_tables, False),
                 ('VMCOREINFO', self.flip_vmcoreinfo, False)]
        if self.symbols:
            found += [('symbols and types', self.flip_symbols, True)] * 4
        return found

    def apply(self, seed):
        """Damages the file; returns what kind() says of it."""
        choice = random.Random(seed)
        kind = choice.choice(self.kinds())
        kind[1](choice)
        self.vmcore.map.flush()
        return kind


def copies(vmcore, offset):
    """All offsets in the file of the memory that is at this one."""
    for _, physical, start, size in vmcore.segments:
        if start <= offset < start + size:
            address = physical + offset - start
            return [other + address - first for _, first, other, length in vmcore.segments
                    if first <= address < first + length]
    return [offset]


def find_zones(vmcore):
    node = vmcore.u64(vmcore.symbol('node_data')) if 'SYMBOL(node_data)' in vmcore.info else \
        vmcore.symbol('contig_page_data')
    count = vmcore.u32(node + vmcore.member('pglist_data.nr_zones'))
    return [node + vmcore.member('pglist_data.node_zones') + i * vmcore.size('zone')
            for i in range(count)]
