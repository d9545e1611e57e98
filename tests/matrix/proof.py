#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""proof.py VMCORE [VMLINUX]: no page that a filter leaves out is a kernel page, at any level.

By drgn, in two ways that know nothing of each other.  What a page is: the classes of
interop/compare_drgn.py, from all struct pages and the lists of the zones.  And whose it is: the owners
of owners.py, from tasks, page tables, slab caches, inodes and so on.  A page that was left out and has
an owner in the kernel, or is of a class that the level keeps, is a wrong one; each is listed.  One
that is rightly of its class, but which no list of free pages, file, page table of a program or pool of
hugetlb pages leads to, is a doubtful one; such are counted.

--makedumpfile [PROGRAM]: judge that one likewise at some levels, for comparison.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

import compare_drgn     # ends with 77 where there is no drgn
import drgn
import kdump
import ours
import owners
import truth
from labkit.paths import work_folder
from labkit.vmcoreview import Vmcore

SKIPPED = 77
LISTED = 20
BY_ITSELF = ('free', 'offline', 'hwpoison', 'unaccepted')   # lists, or a mark, say all of it


def state_sets(states):
    """{state: set of pages}, as big integers"""
    runs, start = collections.defaultdict(list), 0
    for pfn in range(1, len(states) + 1):
        if pfn == len(states) or states[pfn] != states[start]:
            runs[states[start]].append((start, pfn - start))
            start = pfn
    return {state: kdump.from_ranges(pairs) for state, pairs in runs.items() if state}


class Judge:
    """What drgn says of all pages of a vmcore."""

    def __init__(self, vmcore, vmlinux):
        self.kernel = compare_drgn.Kernel(vmcore, vmlinux)
        ranges = [compare_drgn.pages_of(physical, size)
                  for _, physical, _, size in Vmcore(vmcore).direct]
        self.found = compare_drgn.Classification(self.kernel, ranges)
        self.states = state_sets(self.found.states)
        self.pcp = state_sets(self.found.audited_states()).get('free-pcp', 0)
        follow = owners.Owners(self.kernel.program, self.found.end).find()
        self.notes = follow.notes
        memory = 0
        for pages in self.states.values():
            memory |= pages
        self.memory = memory
        self.kernel_owned = {who: kdump.from_ranges(runs) & memory
                             for who, runs in follow.kernel.items()}
        self.user_owned = {who: kdump.from_ranges(runs) & memory for who, runs in follow.user.items()}
        self.owned = self.together(self.kernel_owned)
        # A program may have pages of the kernel mapped; those stay the kernel's.
        self.users = self.together(self.user_owned) & ~self.owned

    @staticmethod
    def together(sets):
        result = 0
        for pages in sets.values():
            result |= pages
        return result

    def owner(self, pfn):
        return next((who for who, pages in self.kernel_owned.items() if pages >> pfn & 1), None)

    def allowed(self, dropped):
        return self.together({state: self.states.get(state, 0) for state in dropped}) | (
            self.pcp if 'free-pcp' in dropped else 0)

    def wrong(self, excluded, dropped):
        """Pages that had to be kept: the kernel's by owner, or not of the classes that go."""
        return excluded & (self.owned | ~self.allowed(dropped))

    def doubtful(self, excluded):
        """Pages of users that nobody but their own struct page vouches for."""
        rest = excluded & ~self.users & ~self.allowed(BY_ITSELF)
        return {pfn for pfn in kdump.pfns(rest)
                if not self.users >> self.found.head_of(pfn) & 1}

    def describe(self, pfn):
        return 'pfn %x: owner %s, class %s: %s' % (
            pfn, self.owner(pfn), self.found.states[pfn], self.found.words(pfn))

    def is_zero(self, pfn):
        return not any(self.kernel.program.read(pfn * 4096, 4096, True))

    def can_tell(self):
        """Does each owner's page, left out, count as wrong?  Proves that this can fail."""
        return all(self.wrong(pages & -pages, ours.dropped_states(31))
                   for pages in self.kernel_owned.values() if pages)


def excluded_by(program, vmcore, out, *options):
    subprocess.run([*program, *options, vmcore, out], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    dump = kdump.Kdump(out)
    os.unlink(out)
    return dump.memory & ~dump.kept


class Report:
    def __init__(self, judge):
        self.judge = judge
        self.levels = {}
        self.checked = self.wrong = self.wrong_pages = 0

    def add(self, name, excluded, wrong):
        self.checked += kdump.count(excluded)
        self.wrong += kdump.count(wrong)
        self.wrong_pages |= wrong
        self.levels[name] = {'excluded': kdump.count(excluded), 'wrong': kdump.count(wrong)}

    def kinds(self):
        """What the wrong pages are."""
        classes = collections.Counter(self.judge.found.states[pfn]
                                      for pfn in kdump.pfns(self.wrong_pages))
        return '%s; %d of them with an owner' % (
            ', '.join('%d %s' % (n, state) for state, n in sorted(classes.items())) or 'none',
            kdump.count(self.wrong_pages & self.judge.owned))

    def show(self, what, limit):
        for pfn, _ in zip(kdump.pfns(self.wrong_pages), range(limit)):
            print('%s: %s' % (what, self.judge.describe(pfn)))


def print_owners(judge):
    for kind, sets in (('kernel', judge.kernel_owned), ('user', judge.user_owned)):
        for who, pages in sorted(sets.items()):
            print('%-6s %-24s %8d pages' % (kind, who, kdump.count(pages)))
    print('%d pages have an owner in the kernel; of those that are its by class:' % (
        kdump.count(judge.owned)), ', '.join('%d of %d (%s)' % (
            kdump.count(judge.owned & judge.states.get(state, 0)),
            kdump.count(judge.states.get(state, 0)), state)
            for state in ('page-table', 'slab', 'kernel')))
    for note in judge.notes:
        print('note: not followed: ' + note)


def judge_vmcull(judge, vmcore, levels, folder):
    report, out = Report(judge), os.path.join(folder, 'out')
    filter_command = [ours.vmcull(), 'filter', '-q', '-l']     # LZO: soonest done
    for level in levels:
        excluded = excluded_by(filter_command, vmcore, out, '-d', str(level))
        report.add(str(level), excluded, judge.wrong(excluded, ours.dropped_states(level)))
    excluded = excluded_by(filter_command, vmcore, out, '-d', '31', '--exclude=free-pcp')
    report.add('31 and free-pcp', excluded,
               judge.wrong(excluded, ours.dropped_states(31) | {'free-pcp'}))
    report.doubtful = judge.doubtful(excluded & ~judge.pcp)
    return report


def judge_makedumpfile(judge, program, vmcore, levels, folder):
    """Pages of zeros do not count: it drops them, and they can be told afterwards."""
    report = Report(judge)
    for level in sorted(levels):
        excluded = excluded_by([program, '-l'], vmcore, os.path.join(folder, 'out'), '-d', str(level))
        wrong = judge.wrong(excluded, ours.dropped_states(level))
        if level & 1:
            wrong &= ~kdump.from_ranges((pfn, 1) for pfn in kdump.pfns(wrong) if judge.is_zero(pfn))
        report.add(str(level), excluded, wrong)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore', metavar='LABDIR|VMCORE')
    parser.add_argument('vmlinux', nargs='?')
    parser.add_argument('--levels', type=int, nargs='+', default=range(32))
    parser.add_argument('--makedumpfile', metavar='PROGRAM', nargs='?',
                        const=os.path.join(work_folder(), 'sid', 'makedumpfile'))
    parser.add_argument('--json', metavar='FILE', help='write the figures there')
    args = parser.parse_args()
    vmcore = args.vmcore
    if os.path.isdir(vmcore):
        vmcore = os.path.join(vmcore, 'vmcore')
    release = ours.info_json(vmcore)['kernel']['release']
    vmlinux = args.vmlinux or truth.find_vmlinux(release)
    if not vmlinux:
        print('skipped: no vmlinux of %s' % release)
        return SKIPPED
    try:
        judge = Judge(vmcore, vmlinux)
    except drgn.FaultError as error:
        print('FAILED: drgn: %s' % error)
        return 1
    print_owners(judge)
    room = '/dev/shm' if os.path.isdir('/dev/shm') else None
    with tempfile.TemporaryDirectory(prefix='vmcull-matrix-', dir=room) as folder:
        report = judge_vmcull(judge, vmcore, args.levels, folder)
        theirs = (judge_makedumpfile(judge, args.makedumpfile, vmcore,
                                     set(args.levels).intersection(ours.LEVELS), folder)
                  if args.makedumpfile else None)
    report.show('WRONG', LISTED)
    for pfn in sorted(report.doubtful)[:LISTED]:
        print('doubtful: ' + judge.describe(pfn))
    by_class = collections.Counter(judge.found.states[pfn] for pfn in report.doubtful)
    figures = {
        'release': release, 'levels': len(report.levels), 'checked': report.checked,
        'by level': report.levels,
        'owned': kdump.count(judge.owned), 'wrong': report.wrong,
        'doubtful': dict(by_class), 'not followed': judge.notes,
        'owners': {who: kdump.count(pages) for who, pages in judge.kernel_owned.items()},
    }
    if theirs:
        theirs.show('wrong by makedumpfile', 4)
        figures['makedumpfile'] = {'wrong': theirs.wrong, 'by level': theirs.levels}
        print('makedumpfile: %d levels, %d pages left out, %d wrong (%s)' % (
            len(theirs.levels), theirs.checked, theirs.wrong, theirs.kinds()))
    if args.json:
        with open(args.json, 'w') as file:
            json.dump(figures, file, indent=1)
    can_tell = judge.can_tell()
    if not can_tell:
        print('FAILED: a page of the kernel that is left out would not be noticed')
    print('%d levels, %d pages left out, %d pages owned by the kernel, %d wrong, %d doubtful%s' % (
        len(report.levels), report.checked, kdump.count(judge.owned), report.wrong,
        len(report.doubtful), ''.join(' (%s %d)' % pair for pair in by_class.items())))
    return 1 if report.wrong or judge.notes or not can_tell or not report.checked else 0


if __name__ == '__main__':
    sys.exit(main())
