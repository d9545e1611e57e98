#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_crash.py VMCORE [VMLINUX]: the totals of `vmcull audit` against those of crash: kmem -i,
kmem -f and kmem -z.

What crash takes from the kernel's counters and from its lists has to be equal.  Where a word means
something else to crash, the difference is told in numbers and has to be equal, too:
  TOTAL MEM  is what the page allocator manages, not all memory that is in the dump
  CACHED     is the kernel's count of file pages without buffers and swap cache; to us pages of
             shared memory that are on their way to swap are still cache
  SLAB       counts struct pages with PG_slab, up to 6.9: one for each slab, however large; later it
             is the kernel's counter, which has large kmallocs in it
  SHARED     is about mappings, which no state tells
"""
import argparse
import os
import re
import sys
import tempfile

import compare_readers
import ours
import truth

SKIPPED = 77
COMMANDS = ('kmem -i', 'kmem -z', 'kmem -f')
CPU_KEEPS = 2 * 125         # changes of a counter; guests of the lab have two CPUs
SLAB_IS_A_FLAG = (6, 9)     # until then; a page type since


class Test:
    def __init__(self, path, answers, release):
        self.report = ours.audit_json(path)
        self.ranges = ours.AuditedPages(path, '--attributes').lines
        self.answers, self.version = answers, compare_readers.version_of(release)
        self.pages = {row['state']: row['pages'] for row in self.report['states']}
        self.zones = {(zone['node'], zone['zone']): zone for zone in self.report['zones']}
        self.failures = self.checks = 0

    def equal(self, name, mine, theirs):
        self.checks += 1
        if mine != theirs:
            self.failures += 1
            print('DIFFERENT: %s: %s, crash says %s' % (name, mine, theirs))

    def difference(self, name, theirs, mine, less, why=None):
        print('%-10s %7d pages by crash, %7d of ours%s' % (
            name, theirs, mine, ' without %d %s' % (less, why) if why else ''))
        self.equal(name, mine - less, theirs)

    def check_totals(self):
        told = {name: int(pages) for name, pages in re.findall(
            r'^ *([A-Z][A-Z ]+?) +(\d+) ', self.answers['kmem -i'], re.M)}
        managed = sum(zone['managed_pages'] for zone in self.report['zones'])
        memory = sum(self.pages.values()) - self.pages['absent']
        print('%-10s %7d pages by crash; %d of the %d in the dump are not managed' % (
            'TOTAL MEM', told['TOTAL MEM'], memory - managed, memory))
        self.equal('TOTAL MEM', managed, told['TOTAL MEM'])
        self.difference('FREE', told['FREE'], self.pages['free'], 0)
        cache = self.pages['cache'] + self.pages['cache-private']
        swapped = sum(line.count for line in self.ranges
                      if line.state in ('cache', 'cache-private') and
                      'swapcache' in line.attributes)
        self.difference('CACHED', told['CACHED'] + told['BUFFERS'], cache, swapped,
                        'of shared memory on their way to swap (with BUFFERS)')
        self.check_slab(told['SLAB'])
        poisoned = sum(line.count for line in self.ranges
                       if line.state == 'hwpoison' and line.order)
        self.difference('TOTAL HUGE', told['TOTAL HUGE'], self.pages['hugetlb'] + poisoned, 0)

    def check_slab(self, told):
        if self.version > SLAB_IS_A_FLAG:
            print('SLAB       %7d pages by crash: %d and large kmallocs, which are no slabs' % (
                told, self.pages['slab']))
            self.equal('SLAB, nearly', True, 0 <= told - self.pages['slab'] <= told // 10)
            return
        tails = sum(line.count - (line.count >> line.order) for line in self.ranges
                    if line.state == 'slab')
        self.difference('SLAB', told, self.pages['slab'], tails, 'tails of slabs')

    def check_zones(self):
        for part in re.split(r'^NODE: ', self.answers['kmem -z'], flags=re.M)[1:]:
            head = re.match(r'(\d+) +ZONE: \d+ +ADDR: \S+ +NAME: "(\w+)"', part)
            if '[unpopulated]' in part:
                continue
            zone = self.zones[int(head[1]), head[2]]
            self.equal(head[2] + ': size', zone['spanned_pages'],
                       int(re.search(r'SIZE: (\d+)', part)[1]))
            present = re.search(r'PRESENT: (\d+)', part)
            if present:
                self.equal(head[2] + ': present', zone['present_pages'], int(present[1]))
            # crash does not add what each CPU keeps to itself.
            counted = int(re.search(r'NR_FREE_PAGES: (\d+)', part)[1])
            self.equal(head[2] + ': free, nearly', True,
                       abs(zone['free_counted'] - counted) <= CPU_KEEPS)

    def check_lists(self):
        """Blocks of each order and migrate type, on the free lists of each zone."""
        total, node = 0, 0
        for part in re.split(r'^(?=NODE|ZONE  )', self.answers['kmem -f'], flags=re.M):
            if part.startswith('NODE'):
                node = int(part.split()[-1] if part.split()[-1].isdigit() else 0)
            head = re.match(r'ZONE +NAME.*\n *\d+ +(\w+) +(\d+) +(\d+)', part)
            if not head or head[2] == '0':
                continue
            zone = self.zones[node, head[1]]
            rows = {row['order']: list(row['migrate_types'].values())
                    for row in zone['free_blocks']}
            for order, found in lists_of(part).items():
                self.equal('%s: order %d' % (head[1], order), sorted(rows[order]),
                           sorted(filter(None, found)))
                total += sum(found) << order
        self.equal('free pages on lists', self.pages['free'], total)


def lists_of(part):
    """{order: [blocks on each list]}"""
    found = {}
    for order, blocks in re.findall(r'^ *(\d+) +\d+k +[0-9a-f]+ +(\d+) +\d+ *$', part, re.M):
        found.setdefault(int(order), []).append(int(blocks))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('vmlinux', nargs='?')
    parser.add_argument('--truth', metavar='FOLDER', help='where kept.txt is')
    args = parser.parse_args()
    vmcore = os.path.abspath(args.vmcore)
    if truth.is_stripped(args.truth or truth.find_folder(vmcore)):
        print('skipped: without the kernel itself in it')
        return SKIPPED
    release = ours.info_json(vmcore)['kernel']['release']
    vmlinux = args.vmlinux or truth.find_vmlinux(release)
    crash = compare_readers.crash_program(release)
    if not vmlinux or not crash:
        print('skipped: no %s' % ('vmlinux of ' + release if not vmlinux else 'crash'))
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix='vmcull-interop-') as folder:
        answers = compare_readers.crash_answers(crash, release, vmcore, vmlinux, folder, COMMANDS)
    test = Test(vmcore, answers, release)
    test.check_totals()
    test.check_zones()
    test.check_lists()
    print('%d figures equal, %d different' % (test.checks - test.failures, test.failures))
    return 1 if test.failures else 0


if __name__ == '__main__':
    sys.exit(main())
