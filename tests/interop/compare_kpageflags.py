#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_kpageflags.py LABDIR: what vmcull says of each page of LABDIR/vmcore against what the
living kernel said.

LABDIR/truth/kpageflags was read inside the guest right before it crashed: what the guest did in
between (it sent the recording away and panicked) is a real difference.  Such drift has a name, and
what is not of its few forms is an error, as are more than 0.1 % of pages.
"""
import argparse
import array
import collections
import sys

import ours
from labkit.kpageflags import BIT, describe

AGREE = 0.999

# By which class goes first: free, offline and hwpoison pages keep other flags of what they were,
# and Linux 6.12 to 6.18 call some slab pages ANON as well.
CLASSES = (('hwpoison', 'HWPOISON'), ('offline', 'OFFLINE'), ('free', 'BUDDY'), ('slab', 'SLAB'),
           ('hugetlb', 'HUGE'), ('anon', 'ANON'), ('cache', 'LRU'))
NAMES = [name for name, _ in CLASSES]

# Of the page itself: never taken over from the head of its compound page.
OWN = BIT['HWPOISON'] | BIT['BUDDY'] | BIT['OFFLINE'] | BIT['COMPOUND_HEAD']

# (class then, class at the crash): what a kernel does in its last milliseconds.  Nothing moves
# pages into or out of offline, hwpoison, hugetlb, cache or anonymous memory: processes are stopped.
DRIFT = {
    ('free', 'slab'): 'free block that became a slab',
    ('free', 'other'): 'free block that was allocated',
    ('other', 'slab'): 'page on a per-CPU free list that became a slab',
    ('slab', 'free'): 'slab that was freed',
    ('slab', 'other'): 'slab that went to a per-CPU free list',
    ('other', 'free'): 'page that was freed',
}


def read_flags(path):
    """The flags of each page; tails, of which old kernels say nothing, get those of their head."""
    flags = array.array('Q')
    with open(path, 'rb') as file:
        flags.frombytes(file.read())
    head = 0
    for pfn, value in enumerate(flags):
        if value & BIT['COMPOUND_HEAD']:
            head = value & ~OWN
        elif value & BIT['COMPOUND_TAIL']:
            flags[pfn] |= head
    return flags


def class_of_flags(value):
    return next((name for name, flag in CLASSES if value & BIT[flag]), 'other')


def class_of_state(state):
    if state == 'cache-private':
        return 'cache'
    return state if state in NAMES else 'other'


def is_plain(value):
    """May a page with these flags be allocated or freed at any moment?"""
    return not value & (BIT['LRU'] | BIT['MMAP'] | BIT['RESERVED'] | BIT['PGTABLE'] |
                        BIT['NOPAGE'])


class Comparison:
    def __init__(self, folder):
        self.flags = read_flags(folder + '/truth/kpageflags')
        self.pages = ours.Pages(folder + '/vmcore')
        self.table = self.pages.by_pfn()
        self.total = 0
        self.both = collections.Counter()       # by class
        self.either = collections.Counter()
        self.drift = collections.defaultdict(list)
        self.errors = []
        self.compare()

    def compare(self):
        for run in self.pages.runs:
            if run[0] + run[1] > len(self.flags):
                self.errors.append((run[0], run, 'kpageflags ends before it'))
                continue
            now = class_of_state(run[2])
            self.total += run[1]
            for pfn in range(run[0], run[0] + run[1]):
                then = class_of_flags(self.flags[pfn])
                if then == now:
                    self.both[now] += 1
                    self.either[now] += 1
                else:
                    self.either[then] += 1
                    self.either[now] += 1
                    self.differ(pfn, run, then, now)

    def differ(self, pfn, run, then, now):
        name = DRIFT.get((then, now))
        if name and is_plain(self.flags[pfn]) and not (now == 'other' and run[2] != 'kernel'):
            self.drift[name].append(pfn)
        else:
            self.errors.append((pfn, run, 'kpageflags: ' + describe(self.flags[pfn])))

    def differing(self, name):
        return self.either[name] - self.both[name]


def ranges_of(pfns):
    """Sorted pfns as text, in runs."""
    runs = []
    for pfn in sorted(pfns):
        if runs and pfn == runs[-1][1]:
            runs[-1][1] = pfn + 1
        else:
            runs.append([pfn, pfn + 1])
    return ' '.join('%x' % a if b == a + 1 else '%x-%x' % (a, b - 1) for a, b in runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', metavar='LABDIR')
    args = parser.parse_args()
    found = Comparison(args.folder)
    failed = bool(found.errors) or not found.total
    for name in NAMES:
        agree = 1 - found.differing(name) / found.total if found.total else 0
        failed |= agree < AGREE
        print('%-9s %8d pages by both, %4d by one: %.3f %% of %d agree' % (
            name, found.both[name], found.differing(name), 100 * agree, found.total))
    for name, pfns in sorted(found.drift.items()):
        print('drift: %s: %d pages: %s' % (name, len(pfns), ranges_of(pfns)))
    for pfn, run, text in found.errors[:40]:
        print('ERROR: pfn %x: %s (%s), %s' % (pfn, run[2], run[5], text))
    print('errors: %d' % len(found.errors))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
