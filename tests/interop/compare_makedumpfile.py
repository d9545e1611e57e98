#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_makedumpfile.py VMCORE: which pages vmcull and makedumpfile keep at each dump level.

Every page that one keeps and the other does not must fall under one of the rules below, each of
which looks at the page's own struct page and at what is known of the page from elsewhere: what the
guest said of it (kpageflags), or what the lab changed in the dump (VMCORE.json, VMCORE.ranges).
DIFFERENCES.md explains the rules.

The makedumpfile of $MAKEDUMPFILE, or that of the lab (1.7.8, which the rules are for); for dumps of
other machines the one that testdata/lab/foreign fetched.  Of those the rules see no struct page, and
go by what the guest said alone.
"""
import argparse
import collections
import os
import subprocess
import sys
import tempfile
import textwrap

import compare_kpageflags
import foreign
import kdump
import ours
import truth
from labkit.kpageflags import BIT, describe
from labkit.vmcoreview import Vmcore

SKIPPED = 77
PG_WAITERS = 1 << 7     # since 4.10
USER = BIT['ANON'] | BIT['HUGE']


class Page:
    """A page that differs, and all that the rules ask of it."""

    def __init__(self, comparison, pfn, level, kept_by_us):
        self.comparison, self.pfn, self.level, self.kept_by_us = comparison, pfn, level, kept_by_us
        self.run = comparison.table[pfn]
        self.state = self.run[2]
        self.vmcore = comparison.vmcore
        self.flags = comparison.flags[pfn] if pfn < len(comparison.flags) else 0
        self.struct = self.vmcore.struct_page(pfn) if self.vmcore else None

    def knows(self, key):
        return key in self.comparison.info

    def words(self):
        if self.struct is None:
            return 'no struct page'
        return ' '.join('%x' % self.vmcore.u64(self.struct + at)
                        for at in range(0, self.vmcore.size('page'), 8))

    def truth(self):
        return describe(self.flags)

    def is_first_tail(self):
        head = self.vmcore.struct_page(self.pfn - 1)
        return (head is not None and self.vmcore.head(self.struct) == head and
                self.vmcore.is_head(head) and self.vmcore.mapping(self.struct) & 1)

    def is_tail(self):
        return self.vmcore.head(self.struct) is not None

    def has_bad_head(self):
        head = self.vmcore.head(self.struct)
        return (head is not None and
                self.vmcore.page_flags(head) >> self.vmcore.number('PG_hwpoison', 63) & 1)

    def is_bad(self):
        return self.pfn in self.comparison.poisoned

    def has_waiters(self):
        return self.vmcore.page_flags(self.struct) & PG_WAITERS


class PageOfGuest(Page):
    """The same by kpageflags alone: of another machine than our second reader knows."""

    def is_first_tail(self):
        return self.is_tail() and self.comparison.flags[self.pfn - 1] & BIT['COMPOUND_HEAD']

    def is_tail(self):
        return self.flags & BIT['COMPOUND_TAIL']

    def has_bad_head(self):
        pfn = self.pfn
        while pfn and self.comparison.flags[pfn] & BIT['COMPOUND_TAIL']:
            pfn -= 1
        return pfn != self.pfn and self.comparison.flags[pfn] & BIT['HWPOISON']

    def is_bad(self):
        return self.flags & BIT['HWPOISON']

    def has_waiters(self):
        return not self.kept_by_us  # kpageflags does not tell; its class has to be as we say


# The rules: is this page what the name says, and what the truth says of it on our side?

def offline_not_looked_at(page):
    """Levels 0 and 1 do not look at struct pages at all where PG_hwpoison is not exported."""
    return (page.state == 'offline' and not page.kept_by_us and page.level in (0, 1) and
            not page.knows('NUMBER(PG_hwpoison)') and page.flags & BIT['OFFLINE'])


def unaccepted_without_free(page):
    """Unaccepted pages are left out with free ones only; we never read them."""
    return (page.state == 'unaccepted' and not page.kept_by_us and not page.level & 16 and
            page.pfn in page.comparison.unaccepted)


def unaccepted_not_known(page):
    """Before 6.16 the number of the page type is not exported, so they are kept at all levels."""
    return (page.state == 'unaccepted' and not page.kept_by_us and page.level & 16 and
            not page.knows('NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)') and
            page.pfn in page.comparison.unaccepted)


def first_tail_taken_for_a_page(page):
    """From 7.1 tails are not recognised: what the first tail holds for its folio passes as an
    anonymous mapping.  The folio is no user memory and stays."""
    return (page.kept_by_us and page.level & 8 and not page.knows('OFFSET(page.compound_head)') and
            page.is_first_tail() and
            page.state not in ('anon', 'hugetlb') and not page.flags & USER)


def hwpoison_in_a_tail(page):
    """Of a compound page only the head is looked at, so a bad page in it is read and kept."""
    return (page.state == 'hwpoison' and not page.kept_by_us and
            page.is_tail() and page.is_bad())


def hwpoison_on_the_head(page):
    """A bad head takes all of its compound page along, though only one page is bad; of hugetlb
    pages nobody knows which, and then we do the same."""
    return page.kept_by_us and page.state != 'hugetlb' and page.has_bad_head()


def waiters_taken_for_slab(page):
    """From 6.10 PG_slab is not exported, so it is taken to be bit 7, as it was in 2.6; that is
    PG_waiters now.  Such a page passes for slab, so neither for anonymous nor for offline."""
    expected = {'anon': BIT['ANON'], 'offline': BIT['OFFLINE']}
    return (page.has_waiters() and not page.knows('NUMBER(PG_slab)') and
            page.flags & expected.get(page.state, 0))


def only_a_part_of_it(page):
    """The file has not all of the page, as where memory ends inside it; that part is kept."""
    return page.kept_by_us and page.pfn in page.comparison.partial


def judged_by_another(page):
    """On riscv64 it forgets where in a large page (2 MiB) of the memory map it is, and reads the first
    small page of it instead: each page passes for one of the first 64 of its section."""
    if page.comparison.machine != 'riscv64':
        return False
    size = int(page.comparison.info['SIZE(page)'])
    in_large, in_small = (2 << 20) // size, 4096 // size
    other = page.pfn - page.pfn % in_large + page.pfn % in_small
    return other != page.pfn and page.comparison.theirs.kept >> other & 1 != page.kept_by_us


def memory_map_misread(page):
    """Of a ppc64 kernel with pages of 4 KiB it reads other memory for the memory map, and finds bad
    pages by the thousand.  The guest said of each of them what we say, or it changed since."""
    if page.comparison.machine != 'ppc64' or page.comparison.page_size != 4096:
        return False
    then = compare_kpageflags.class_of_flags(page.flags)
    now = compare_kpageflags.class_of_state(page.state)
    return then == now or (then, now) in compare_kpageflags.DRIFT


RULES = (memory_map_misread, judged_by_another, offline_not_looked_at, unaccepted_without_free,
         unaccepted_not_known, first_tail_taken_for_a_page, hwpoison_in_a_tail, hwpoison_on_the_head,
         waiters_taken_for_slab, only_a_part_of_it)


class Comparison:
    def __init__(self, path, folder, makedumpfile=None):
        self.path, self.makedumpfile = path, makedumpfile
        info = ours.info_json(path)
        self.page_size = info['kernel']['page_size']
        self.machine = info['machine']
        self.vmcore = Vmcore(path) if self.machine == foreign.HERE else None
        self.info = self.vmcore.info if self.vmcore else {}
        self.partial = foreign.partial_pages(path, self.page_size)
        self.pages = ours.Pages(path)
        self.table = self.pages.by_pfn()
        self.flags = truth.kpageflags(folder)
        self.poisoned = truth.poisoned(path)
        self.unaccepted = truth.unaccepted(path, folder)
        self.explained = collections.defaultdict(list)  # (rule, level): [Page]
        self.errors = []
        self.theirs = None  # what it kept at the level that is compared

    def run(self, level, folder):
        """Both programs at a level; returns the number of pages that both keep."""
        our_path, their_path = os.path.join(folder, 'ours'), os.path.join(folder, 'theirs')
        ours.filter_dump(self.path, our_path, '-l', '-d', str(level))
        done = subprocess.run([self.makedumpfile, '-l', '-f', '-d', str(level), self.path,
                               their_path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            text = done.stdout.decode(errors='replace')
            print('makedumpfile -d %d failed:\n%s' % (level, text))
            why = foreign.why_not(text)
            if not why:
                sys.exit(1)
            print('skipped: makedumpfile cannot read the dump: ' + why)
            sys.exit(SKIPPED)
        mine, theirs = kdump.Kdump(our_path), kdump.Kdump(their_path)
        if not self.info:
            self.info = dict(line.split('=', 1) for line in
                             mine.vmcoreinfo().decode().splitlines() if '=' in line)
        self.theirs = theirs
        self.check(level, mine, theirs)
        for pfn in kdump.pfns(mine.kept ^ theirs.kept):
            kind = Page if self.vmcore else PageOfGuest
            self.explain(kind(self, pfn, level, bool(mine.kept >> pfn & 1)))
        self.print_unaccepted(theirs)
        return kdump.count(mine.kept & theirs.kept)

    def print_unaccepted(self, theirs):
        if self.unaccepted:
            print('makedumpfile keeps %d of %d unaccepted pages' % (
                sum(theirs.kept >> pfn & 1 for pfn in self.unaccepted), len(self.unaccepted)))

    def check(self, level, mine, theirs):
        other = (mine.memory ^ theirs.memory) & ~kdump.from_ranges((p, 1) for p in self.partial)
        if other:
            self.errors.append('level %d: not the same memory: %d pages differ' % (
                level, kdump.count(other)))
        gone = ours.dropped_states(level)
        states = [state for state in {run[2] for run in self.pages.runs} if state not in gone]
        if mine.kept != kdump.from_ranges(self.pages.ranges(*states)):
            self.errors.append('level %d: kept pages do not follow from their states' % level)

    def explain(self, page):
        for rule in RULES:
            if rule(page):
                self.explained[rule.__name__, page.level].append(page)
                return
        self.errors.append('level %d: pfn %x is kept by %s only: %s (%s); truth: %s; struct page: '
                           '%s' % (page.level, page.pfn, 'us' if page.kept_by_us else 'them',
                                   page.state, page.run[5], page.truth(), page.words()))


def print_explained(comparison, level, examples):
    for (rule, at), pages in sorted(comparison.explained.items()):
        if at != level:
            continue
        print('  %d pages kept by %s only: %s' % (
            len(pages), 'us' if pages[0].kept_by_us else 'them', rule))
        kinds = collections.defaultdict(list)
        for page in pages:
            kinds[page.state, page.truth()].append(page)
        for (state, told), those in sorted(kinds.items(), key=lambda item: -len(item[1])):
            print('    %6d %s; truth: %s' % (len(those), state, told))
            for page in those[:examples]:
                print('           pfn %x: %s' % (page.pfn, page.words()))


def print_pfns(comparison):
    """All pages that differ at any level, by rule and state."""
    found = collections.defaultdict(set)
    for (rule, level), pages in comparison.explained.items():
        for page in pages:
            found[rule, page.state].add(page.pfn)
    for (rule, state), pfns in sorted(found.items()):
        print('%s: %s: %d pages:' % (rule, state, len(pfns)))
        print(textwrap.fill(compare_kpageflags.ranges_of(pfns), 96))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--makedumpfile', default=os.environ.get('MAKEDUMPFILE'))
    parser.add_argument('--truth', metavar='FOLDER', help='where kpageflags is')
    parser.add_argument('--levels', type=int, nargs='+', default=ours.LEVELS)
    parser.add_argument('--examples', type=int, default=1, metavar='N',
                        help='how many pages of a kind to show (default: %(default)s)')
    parser.add_argument('--pfns', action='store_true', help='list all pages that differ')
    args = parser.parse_args()
    machine = foreign.machine(args.vmcore)
    makedumpfile = args.makedumpfile or foreign.tool(machine, 'makedumpfile')
    if not makedumpfile:
        print('skipped: no makedumpfile for ' + machine)
        return SKIPPED
    comparison = Comparison(args.vmcore, args.truth or truth.find_folder(args.vmcore),
                            makedumpfile)
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        for level in args.levels:
            both = comparison.run(level, folder)
            print('level %2d: %d pages kept by both' % (level, both))
            print_explained(comparison, level, args.examples)
    if args.pfns:
        print_pfns(comparison)
    for error in comparison.errors[:40]:
        print('ERROR: ' + error)
    print('%d pages explained, %d errors' % (sum(map(len, comparison.explained.values())),
                                             len(comparison.errors)))
    return 1 if comparison.errors else 0


if __name__ == '__main__':
    sys.exit(main())
