#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_drgn.py VMCORE VMLINUX: what vmcull says of each page against what drgn reads in the same
vmcore, by the kernel's debug information.  Nothing here comes from VMCOREINFO, and free and
unaccepted pages come from the zones' lists, not from the mark in struct page.  All must agree: the
walk, and the audit, which also knows per-CPU lists and which anonymous pages are exclusive.
"""
import argparse
import array
import collections
import struct
import sys

try:
    import drgn
    from drgn.helpers.linux.cpumask import for_each_possible_cpu
    from drgn.helpers.linux.list import list_for_each
    from drgn.helpers.linux.percpu import per_cpu_ptr
except ImportError:
    print('skipped: no drgn')
    sys.exit(77)

import ours
import truth
from labkit.vmcoreview import Vmcore

SKIPPED = 77
PAGE_SIZE = 4096
SECTION_PAGES = 1 << 15         # x86-64
SECTION_HAS_MEM_MAP, SECTION_IS_ONLINE = 2, 4
MAPPING_ANON = 1
COSTLY_ORDER, HUGE_ORDER = 3, 9     # per-CPU lists are for orders up to the one, and for the other

# Of kernels before 6.12 page types are macros, which debug information does not know: bits cleared
# in a word of ones (include/linux/page-flags.h of 6.1).
OLD_TYPES = {'offline': 0x100, 'table': 0x200}
OLD_TYPE_BASE = 0xf0000000


class Kernel:
    """The kernel in a vmcore as drgn sees it."""

    def __init__(self, vmcore, vmlinux):
        self.program = drgn.Program()
        self.program.set_core_dump(vmcore)
        self.program.load_debug_info([vmlinux])
        self.page = self.program.type('struct page')
        self.flag = {name: 1 << value
                     for name, value in self.program.type('enum pageflags').enumerators}
        try:
            types = dict(self.program.type('enum pagetype').enumerators)
            self.types = {name: types['PGTY_' + name]
                          for name in ('offline', 'table', 'hugetlb', 'slab')}
        except LookupError:
            self.types = None
        self.vmemmap = self.program['vmemmap_base'].value_()

    def offset(self, *names):
        """Offset in struct page of the first of these members that there is."""
        at = drgn.Object(self.program, self.page, address=PAGE_SIZE)
        for name in names:
            try:
                return at.member_(name).address_ - PAGE_SIZE
            except LookupError:
                pass
        raise LookupError('struct page has none of ' + ' '.join(names))

    def section_online(self, section):
        per_root = PAGE_SIZE // drgn.sizeof(self.program.type('struct mem_section'))
        root = self.program['mem_section'][section // per_root]
        if not root:
            return False
        word = root[section % per_root].section_mem_map.value_()
        return bool(word & SECTION_HAS_MEM_MAP and word & SECTION_IS_ONLINE)

    def struct_pages(self, first, count):
        """The bytes of struct pages, or None where there is no memory map."""
        if not self.section_online(first // SECTION_PAGES):
            return None
        return self.program.read(self.vmemmap + first * self.page.size, count * self.page.size)

    def zones(self):
        for node in self.program['node_data']:
            if node:
                yield from (zone for zone in node.node_zones if zone.spanned_pages)

    def pfn_of(self, list_entry):
        return (list_entry.value_() - self.offset('lru') - self.vmemmap) // self.page.size

    def free_blocks(self):
        """(pfn, pages) of the blocks on the free lists of all zones."""
        for zone in self.zones():
            for order, area in enumerate(zone.free_area):
                for head in area.free_list:
                    for entry in list_for_each(head.address_of_()):
                        yield self.pfn_of(entry), 1 << order

    def cpu_blocks(self):
        """The same of the per-CPU lists."""
        types = self.program.constant('MIGRATE_PCPTYPES').value_()
        for zone in self.zones():
            for cpu in for_each_possible_cpu(self.program):
                for index, head in enumerate(per_cpu_ptr(zone.per_cpu_pageset, cpu).lists):
                    order = index // types if index // types <= COSTLY_ORDER else HUGE_ORDER
                    for entry in list_for_each(head.address_of_()):
                        yield self.pfn_of(entry), 1 << order

    def mapped_as_a_whole(self, head):
        """Is there an entry for all of the folio?  Then its head tells whether it is exclusive."""
        page = self.vmemmap + head * self.page.size
        try:
            count = drgn.Object(self.program, 'struct folio', address=page)._entire_mapcount
        except (AttributeError, LookupError):
            count = drgn.Object(self.program, self.page, address=page + self.page.size)
            count = count.compound_mapcount
        return count.counter.value_() >= 0

    def unaccepted_blocks(self):
        for zone in self.zones():
            try:
                head = zone.unaccepted_pages
            except AttributeError:
                return
            for entry in list_for_each(head.address_of_()):
                yield self.pfn_of(entry), 1 << len(zone.free_area) - 1


class Classification:
    """The state of each page, by pfn; None where there is no memory."""

    def __init__(self, kernel, ranges):
        self.kernel = kernel
        self.end = max(first + count for first, count in ranges)
        self.memory = bytearray(self.end)
        for first, count in ranges:
            self.memory[first:first + count] = b'\1' * count
        self.states = [None] * self.end
        self.size = kernel.page.size
        self.read_map()
        self.listed = [None] * self.end
        self.fill_listed('free-pcp', kernel.cpu_blocks())
        self.on_cpus = [pfn for pfn, state in enumerate(self.listed) if state]
        self.listed = [None] * self.end
        self.fill_listed('free', kernel.free_blocks())
        self.fill_listed('unaccepted', kernel.unaccepted_blocks())
        self.classify()

    def fill_listed(self, state, blocks):
        for pfn, count in blocks:
            if pfn < self.end:
                count = min(count, self.end - pfn)
                self.listed[pfn:pfn + count] = [state] * count

    def read_map(self):
        """Columns of all struct pages; a section at a time."""
        kernel, end = self.kernel, self.end
        self.present = bytearray(end)
        columns = {'flags': kernel.offset('flags'), 'mapping': kernel.offset('mapping'),
                   'link': kernel.offset('compound_info', 'compound_head'),
                   'type': kernel.offset('page_type')}
        self.column = {name: array.array('I' if name == 'type' else 'Q', bytes(8 * end))
                       for name in columns}
        self.raw = {}
        for first in range(0, end, SECTION_PAGES):
            count = min(SECTION_PAGES, end - first)
            if not any(self.memory[first:first + count]):
                continue
            content = kernel.struct_pages(first, count)
            if content is None:
                continue
            self.raw[first] = content
            self.present[first:first + count] = b'\1' * count
            for name, offset in columns.items():
                word = 'I' if name == 'type' else 'Q'
                layout = struct.Struct('<%dx%s%dx' % (
                    offset, word, self.size - offset - struct.calcsize('<' + word)))
                self.column[name][first:first + count] = array.array(
                    word, (value for value, in layout.iter_unpack(content)))

    def words(self, pfn):
        content = self.raw.get(pfn - pfn % SECTION_PAGES)
        if content is None:
            return 'no struct page'
        at = pfn % SECTION_PAGES * self.size
        return ' '.join('%x' % word for word in struct.unpack_from('<%dQ' % (self.size // 8),
                                                                  content, at))

    def head_of(self, pfn):
        """The pfn that speaks for a page."""
        link = self.column['link'][pfn]
        if not link & 1:
            return self.real_head(pfn)
        return self.follow(pfn, link)

    def follow(self, pfn, link):
        address = self.kernel.vmemmap + pfn * self.size
        head = link & ~1
        if head < self.kernel.vmemmap:
            raise ValueError('pfn %x links to %x' % (pfn, link))
        if head >= self.kernel.vmemmap + self.end * self.size:
            head &= address         # 7.1: a mask instead of a pointer
        return (head - self.kernel.vmemmap) // self.size

    def real_head(self, pfn):
        """Tails of a hugetlb page whose memory map was given back look like heads (5.14 to 7.0)."""
        if self.column['flags'][pfn] & self.kernel.flag['PG_head'] and pfn + 1 < self.end:
            link = self.column['link'][pfn + 1]
            if link & 1:
                return self.follow(pfn + 1, link)
        return pfn

    def type_is(self, pfn, name):
        word = self.column['type'][pfn]
        if self.kernel.types:
            return word >> 24 == self.kernel.types[name]
        bit = OLD_TYPES[name]
        return word & (OLD_TYPE_BASE | bit) == OLD_TYPE_BASE

    def is_slab(self, head):
        if self.kernel.types:
            return self.type_is(head, 'slab')
        return bool(self.column['flags'][head] & self.kernel.flag['PG_slab'])

    def is_hugetlb(self, head):
        if self.kernel.types:
            return self.type_is(head, 'hugetlb')
        if not self.column['flags'][head] & self.kernel.flag['PG_head']:
            return False
        page = drgn.Object(self.kernel.program, self.kernel.page,
                           address=self.kernel.vmemmap + (head + 1) * self.size)
        return page.compound_dtor.value_() == self.kernel.program['HUGETLB_PAGE_DTOR'].value_()

    def has(self, pfn, *names):
        return all(self.column['flags'][pfn] & self.kernel.flag[name] for name in names)

    def state_of_head(self, head):
        if self.is_slab(head):
            return 'slab'
        if self.is_hugetlb(head):
            return 'hugetlb'
        if self.type_is(head, 'offline'):
            return 'offline'
        if self.type_is(head, 'table'):
            return 'page-table'
        if self.column['type'][head] & 0x80000000 and self.column['type'][head] != 0xffffffff:
            return 'kernel'
        if self.column['mapping'][head] & MAPPING_ANON:
            return 'anon'
        if self.has(head, 'PG_lru') or self.has(head, 'PG_swapbacked', 'PG_swapcache'):
            return 'cache-private' if self.has(head, 'PG_private') else 'cache'
        return 'kernel'

    def audited_states(self):
        """What an audit has to say."""
        states = list(self.states)
        for pfn in self.on_cpus:
            states[pfn] = 'free-pcp' if states[pfn] else None
        return states

    def exclusive(self):
        """Anonymous pages of one process alone: each page has the flag where a folio is mapped page
        by page, the head for all where it is mapped as a whole."""
        flag = self.kernel.flag['PG_anon_exclusive']
        found, whole = set(), {}
        for pfn, state in enumerate(self.states):
            if state not in ('anon', 'hugetlb'):
                continue
            head = self.head_of(pfn)
            if self.column['flags'][pfn] & flag:
                found.add(pfn)
            elif head != pfn and self.column['flags'][head] & flag:
                if head not in whole:
                    whole[head] = state == 'hugetlb' or self.kernel.mapped_as_a_whole(head)
                if whole[head]:
                    found.add(pfn)
        return found

    def classify(self):
        poison = self.kernel.flag.get('PG_hwpoison', 0)
        heads = {}
        self.hugetlb = 0
        for pfn in range(self.end):
            if not self.memory[pfn]:
                continue
            flags = self.column['flags'][pfn]
            if not self.present[pfn] or flags == (1 << 64) - 1:
                self.states[pfn] = 'unknown'
            elif flags & poison:
                self.states[pfn] = 'hwpoison'
            elif self.listed[pfn]:
                self.states[pfn] = self.listed[pfn]
            else:
                head = self.head_of(pfn)
                if head not in heads:
                    heads[head] = self.state_of_head(head)
                self.hugetlb += heads[head] == 'hugetlb'
                self.states[pfn] = heads[head]
                if heads[head] == 'hugetlb' and self.column['flags'][head] & poison:
                    self.states[pfn] = 'hwpoison'   # which of its pages are bad is listed elsewhere


def hugetlb_pages(kernel):
    """The kernel's own count of pages in the hugetlb pools."""
    states = kernel.program['hstates']
    return sum(states[i].nr_huge_pages.value_() << states[i].order.value_()
               for i in range(kernel.program['hugetlb_max_hstate'].value_()))


def pages_of(physical, size):
    """(first pfn, pages) of a segment; a page that is there in part counts."""
    first = physical // PAGE_SIZE
    return first, -(-(physical + size) // PAGE_SIZE) - first


def compare(pages, states):
    """{(our state, rule, drgn's state): [pfn]} of pages that differ"""
    table = pages.by_pfn()
    knows_tables = any(run[2] == 'page-table' for run in pages.runs)
    differing, unnamed = collections.defaultdict(list), 0
    for pfn in range(max(len(states), len(table))):
        run = table[pfn] if pfn < len(table) else None
        state = states[pfn] if pfn < len(states) else None
        if (run and run[2]) == state:
            continue
        # Before 6.3 nothing in a dump tells which bit of the type marks page tables, so we call
        # them kernel pages; which they are.
        if not knows_tables and run and run[2] == 'kernel' and state == 'page-table':
            unnamed += 1
            continue
        differing[run and run[2], run and run[5], state].append(pfn)
    return differing, unnamed


def print_different(differing, found):
    for (state, rule, theirs), pfns in sorted(differing.items(), key=str):
        print('DIFFERENT: %d pages: %s (%s), drgn says %s' % (len(pfns), state, rule, theirs))
        for pfn in pfns[:8]:
            print('  pfn %x: %s' % (pfn, found.words(pfn)))
    return sum(map(len, differing.values()))


def compare_audit(vmcore, found):
    """How many pages differ in what an audit says."""
    audited = ours.AuditedPages(vmcore, '--attributes')
    wrong = print_different(compare(audited, found.audited_states())[0], found)
    mine = {pfn for line in audited.lines if 'exclusive' in line.attributes
            for pfn in range(line.pfn, line.pfn + line.count)}
    theirs = found.exclusive()
    for pfn in sorted(mine ^ theirs)[:8]:
        print('DIFFERENT: pfn %x: exclusive by %s: %s' % (
            pfn, 'vmcull' if pfn in mine else 'drgn', found.words(pfn)))
    print('audit: %d pages on per-CPU lists, %d exclusive ones; by drgn %d, %d' % (
        audited.count('free-pcp'), len(mine), len(found.on_cpus), len(theirs)))
    return wrong + len(mine ^ theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('vmlinux', nargs='?')
    parser.add_argument('--truth', metavar='FOLDER', help='where kept.txt is')
    args = parser.parse_args()
    release = ours.info_json(args.vmcore)['kernel']['release']
    vmlinux = args.vmlinux or truth.find_vmlinux(release)
    if not vmlinux or truth.is_stripped(args.truth or truth.find_folder(args.vmcore)):
        print('skipped: without vmlinux, or without the kernel in the dump')
        return SKIPPED
    vmcore = Vmcore(args.vmcore)
    if all(virtual == physical for virtual, physical, _, _ in vmcore.segments):
        print('skipped: without virtual addresses in the file drgn finds no page tables')
        return SKIPPED
    kernel = Kernel(args.vmcore, vmlinux)
    found = Classification(kernel, [pages_of(physical, size)
                                    for _, physical, _, size in vmcore.direct])
    pages = ours.Pages(args.vmcore)
    differing, unnamed = compare(pages, found.states)
    for state, count in sorted(collections.Counter(found.states).items(), key=str):
        if state:
            print('%-14s %8d pages by drgn, %8d by vmcull' % (state, count, pages.count(state)))
    if unnamed:
        print('note: %d page tables are called kernel pages: this kernel does not tell' % unnamed)
    total = sum(map(bool, found.states))
    wrong = print_different(differing, found)
    unlike = compare_audit(args.vmcore, found)
    pool = hugetlb_pages(kernel)
    print('%d pages of hugetlb, the kernel counts %d' % (found.hugetlb, pool))
    print('%d of %d pages agree' % (total - wrong, total))
    return 1 if wrong or unlike or not total or found.hugetlb != pool else 0


if __name__ == '__main__':
    sys.exit(main())
