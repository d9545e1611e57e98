#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_kpageflags.py LABDIR or VMCORE: what vmcull says of each page of a dump against what the
living kernel said.

/proc/kpageflags was read inside the guest right before it crashed: what the guest did in between
(it sent the recording away and panicked) is a real difference.  Such drift has a name, and what is
not of its few forms is an error, as are more than 0.1 % of pages.  In a dump that QEMU took of a
living guest the process that recorded the flags has ended, so its memory is free.

The kernel's own count of free pages has to fit too.
"""
import argparse
import collections
import os
import sys

import ours
import truth
from labkit.kpageflags import BIT, describe
from labkit.vmcoreview import Vmcore

AGREE = 0.999
COUNTERS_LAG = 256      # pages: each CPU keeps a few changes to itself
ZONEINFO_LAG = 2048     # /proc/zoneinfo was read before kpageflags

# By which class goes first: free, offline and hwpoison pages keep other flags of what they were,
# and Linux 6.12 to 6.18 call some slab pages ANON as well.
CLASSES = (('hwpoison', 'HWPOISON'), ('offline', 'OFFLINE'), ('free', 'BUDDY'), ('slab', 'SLAB'),
           ('hugetlb', 'HUGE'), ('anon', 'ANON'), ('cache', 'LRU'))
NAMES = [name for name, _ in CLASSES]

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
# Of a dump without a crash: the kernel went on for a second.
ENDED = {
    ('anon', 'free'): 'page of a process that ended',
    ('anon', 'slab'): 'page of a process that ended, a slab since',
    ('anon', 'other'): 'page of a process that ended, reused since or on a per-CPU free list',
    ('other', 'anon'): 'page that a process got since',
    ('other', 'free'): 'page that was freed',
}


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
    def __init__(self, vmcore, folder, pages=None):
        self.flags = truth.kpageflags(folder)
        self.pages = pages or ours.Pages(vmcore)
        info = ours.info_json(vmcore)
        self.crashed = info['kernel']['crash_time'] != 0
        # Our second reader of struct pages, which helps to name a difference, knows one machine.
        self.vmcore = Vmcore(vmcore) if info['machine'] == 'x86_64' else None
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
                if run[2] != 'unknown':     # firmware, in dumps that QEMU took
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
        name = DRIFT.get((then, now)) if is_plain(self.flags[pfn]) else None
        if (then, now) == ('anon', 'other') and is_plain(self.flags[pfn]) and self.vmcore and \
                not self.refcount(pfn):
            name = 'anonymous page, nowhere mapped any more, that went to a per-CPU free list'
        if not self.crashed:
            name = name or ENDED.get((then, now))
        if (then, now) == ('free', 'other') and name and self.vmcore and not self.refcount(pfn):
            name = 'free block that went to a per-CPU free list'
        if name and not (now == 'other' and run[2] not in ('kernel', 'page-table', 'free-pcp')):
            self.drift[name].append(pfn)
        else:
            self.errors.append((pfn, run, 'kpageflags: ' + describe(self.flags[pfn])))

    def refcount(self, pfn):
        page = self.vmcore.struct_page(pfn)
        return self.vmcore.u32(page + self.vmcore.member('page._refcount'))

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
    parser.add_argument('vmcore', metavar='LABDIR|VMCORE')
    parser.add_argument('--truth', metavar='FOLDER', help='where kpageflags is')
    args = parser.parse_args()
    vmcore = args.vmcore
    if os.path.isdir(vmcore):
        vmcore = os.path.join(vmcore, 'vmcore')
    folder = args.truth or truth.find_folder(vmcore)
    found = Comparison(vmcore, folder)
    free = sum(run[1] for run in found.pages.runs if run[2] in ('free', 'unaccepted'))
    counted = truth.free_pages(found.vmcore) if found.vmcore else truth.free_pages_then(folder)
    if not found.total:
        print('no pages')
        return 1
    failed = bool(found.errors) or abs(free - counted) > (
        COUNTERS_LAG if found.vmcore else ZONEINFO_LAG)
    print('free      %8d pages, the kernel counts %d' % (free, counted))
    for name in NAMES:
        agree = 1 - found.differing(name) / found.total
        failed |= agree < AGREE and found.crashed
        print('%-9s %8d pages by both, %4d by one: %.3f %% of %d agree' % (
            name, found.both[name], found.differing(name), 100 * agree, found.total))
    for name, pfns in sorted(found.drift.items()):
        print('drift: %s: %d pages: %s' % (name, len(pfns), ranges_of(pfns)))
    for pfn, run, text in found.errors[:40]:
        print('ERROR: pfn %x: %s (%s), %s' % (pfn, run[2], run[5], text))
    print('%d pages, at least %.3f %% agree in every class, %d of drift, %d errors' % (
        found.total, 100 * min(1 - found.differing(name) / found.total for name in NAMES),
        sum(map(len, found.drift.values())), len(found.errors)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
