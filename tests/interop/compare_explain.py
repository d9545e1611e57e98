#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_explain.py VMCORE [--truth FOLDER]: what vmcull explain says of pages of every kind against
what the living kernel said of them in /proc/kpageflags, /proc/kpagecount and /proc/zoneinfo.

The guest went on for some milliseconds between that and its crash: of each flag a few pages may differ.
In a dump that QEMU took of a living guest the process that recorded the flags has ended, so what tells
of its memory is not compared.
"""
import argparse
import array
import collections
import json
import random
import re
import subprocess
import sys

import ours
import truth
from labkit.kpageflags import BIT, describe

PAGES = 120         # of each state
DRIFT = 0.02        # of the pages that are compared, for each flag
RAW = {             # flags that /proc/kpageflags copies, as the kernel spells them
    'LOCKED': 'PG_locked', 'REFERENCED': 'PG_referenced', 'UPTODATE': 'PG_uptodate',
    'DIRTY': 'PG_dirty', 'LRU': 'PG_lru', 'ACTIVE': 'PG_active', 'WRITEBACK': 'PG_writeback',
    'RECLAIM': 'PG_reclaim', 'SWAPBACKED': 'PG_swapbacked', 'UNEVICTABLE': 'PG_unevictable',
    'MLOCKED': 'PG_mlocked', 'RESERVED': 'PG_reserved', 'PRIVATE': 'PG_private',
    'PRIVATE_2': 'PG_private_2', 'OWNER_PRIVATE': 'PG_owner_priv_1', 'ARCH': 'PG_arch_1',
}
LASTING = {'walk', 'zone', 'refcount', 'NOPAGE', 'HWPOISON', 'RESERVED', 'OFFLINE', 'SLAB', 'HUGE',
           'SWAPCACHE', 'KSM', 'PRIVATE'}


class Page:
    """What explain says, by the names of kpageflags."""

    def __init__(self, page):
        self.page = page
        self.struct = page['struct_page']
        self.flags = {flag['name']: flag['alias'] for flag in self.struct.get('flags', ())}
        compound = self.struct.get('compound')
        self.part = compound['part'] if compound and not compound['problem'] else None

    def value(self, name):
        """True, False, or None where the two cannot be compared."""
        kind = self.struct.get('type')
        mapping = self.struct.get('mapping', {}).get('kind')
        is_tail = self.part == 'tail'
        if name == 'NOPAGE':
            return self.struct['status'] != 'read'
        if self.struct['status'] != 'read':
            return None
        # That a page which is locked in memory was used is noted late by Linux 6.12.
        if name == 'REFERENCED' and 'PG_unevictable' in self.flags:
            return None
        if name in RAW:
            # Of tails the kernel tells the flags of the head in some releases.
            return None if is_tail else RAW[name] in self.flags
        if name == 'HWPOISON':
            return 'PG_hwpoison' in self.flags
        if name == 'MAPPEDTODISK':
            return None if is_tail else bool({'PG_owner_2', 'PG_mappedtodisk'} & set(self.flags))
        if name in ('COMPOUND_HEAD', 'COMPOUND_TAIL'):
            return self.part == name[9:].lower()
        if name == 'BUDDY':     # of all pages of the block
            return None if not self.page['block'] else self.page['block']['state'] == 'free'
        if name in ('SLAB', 'OFFLINE', 'PGTABLE'):
            # Old kernels do not tell which type of theirs page tables have.
            wanted = {'SLAB': 'slab', 'OFFLINE': 'offline', 'PGTABLE': 'table'}[name]
            return None if is_tail or kind == 'unknown' else kind == wanted
        if name == 'HUGE':
            return None if not self.page['block'] else self.page['block']['state'] == 'hugetlb'
        if name == 'ANON':
            return None if is_tail or kind else mapping in ('anon', 'ksm')
        if name == 'KSM':
            return None if is_tail or kind else mapping == 'ksm'
        if name == 'SWAPCACHE':
            return None if is_tail else 'PG_swapcache' in self.flags.values() or \
                'PG_swapcache' in self.flags
        if name == 'MMAP':
            return None if self.part or kind else self.struct['mapcount'] > 0
        return None


NAMES = list(RAW) + ['HWPOISON', 'MAPPEDTODISK', 'COMPOUND_HEAD', 'COMPOUND_TAIL', 'BUDDY', 'SLAB',
                     'OFFLINE', 'PGTABLE', 'HUGE', 'ANON', 'KSM', 'SWAPCACHE', 'MMAP', 'NOPAGE']


def explain(vmcore, pfns):
    """[page], with what vmcull explain says of each."""
    text = subprocess.run([ours.vmcull(), 'explain', '--json', vmcore] + [str(pfn) for pfn in pfns],
                          stdout=subprocess.PIPE, check=True).stdout
    report = json.loads(text)
    assert report['schema'] == 'vmcull.explain/1' and len(report['pages']) == len(pfns)
    for element, pfn in zip(report['pages'], pfns):
        assert element['error'] is None and element['page']['pfn'] == pfn, element
    return [element['page'] for element in report['pages']]


def choose(pages, flags):
    """Pages of each state, and of each flag that few pages have; always the same ones."""
    rng = random.Random(1)
    pools = collections.defaultdict(list)
    for start, count, state, order, _, rule in pages.runs:
        first, last = start, min(start + count, len(flags)) - 1
        pools[state, rule, order > 0].extend({first, first + 1 if count > 1 else first, last})
        if not order:
            pools[state, rule, False].extend(range(first, last + 1, 3))
    for pfn, value in enumerate(flags):
        for name in ('LOCKED', 'WRITEBACK', 'SWAPCACHE', 'KSM', 'DIRTY', 'UNEVICTABLE', 'MLOCKED',
                     'RECLAIM', 'HWPOISON', 'ACTIVE', 'RESERVED', 'OFFLINE'):
            if value & BIT[name]:
                pools[name].append(pfn)
    chosen = set()
    for pool in pools.values():
        pool = sorted(set(pfn for pfn in pool if pfn < len(flags)))
        chosen.update(rng.sample(pool, min(PAGES, len(pool))))
    return sorted(chosen)


def zones(folder):
    """[(node, names of the zone, first pfn, end pfn)]; dumps without its string have a number."""
    text = (truth.read_file(folder, 'zoneinfo') or b'').decode()
    found, seen = [], collections.Counter()
    for part in re.split(r'^(?=Node )', text, flags=re.M):
        head = re.match(r'Node (\d+), zone +(\w+)', part)
        spanned = re.search(r'^ +spanned +(\d+)', part, re.M)
        start = re.search(r'^ +start_pfn: +(\d+)', part, re.M)
        if head and spanned and start and int(spanned[1]):
            first, names = int(start[1]), (head[2], 'zone%d' % seen[head[1]])
            found.append((int(head[1]), names, first, first + int(spanned[1])))
        if head:
            seen[head[1]] += 1
    return found


class Comparison:
    def __init__(self, crashed):
        self.crashed = crashed
        self.compared = collections.Counter()
        self.set = collections.Counter()
        self.different = collections.defaultdict(list)

    def add(self, name, pfn, then, now, text=''):
        self.compared[name] += 1
        self.set[name] += bool(then)
        if then != now:
            self.different[name].append('%x: %s, now %s %s' % (pfn, then, now, text))

    def report(self):
        failed = False
        for name, compared in sorted(self.compared.items()):
            different = self.different[name]
            bad = len(different) > max(2, DRIFT * compared) and (self.crashed or name in LASTING)
            failed |= bad
            print('%-14s %6d pages, %5d have it, %3d differ%s' % (
                name, compared, self.set[name], len(different), ': TOO MANY' if bad else ''))
            for line in different[:12 if bad else 2]:
                print('    ' + line)
        return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='where kpageflags is')
    args = parser.parse_args()
    folder = args.truth or truth.find_folder(args.vmcore)
    flags = array.array('Q', truth.read_file(folder, 'kpageflags') or b'')
    counts = array.array('Q', truth.read_file(folder, 'kpagecount') or b'')
    pages = ours.Pages(args.vmcore)
    table = pages.by_pfn()
    chosen = choose(pages, flags)
    places = zones(folder)
    if not chosen:
        print('no pages to compare')
        return 1
    # Linux 6.12 to 6.18 call every anonymous page KSM.
    names = [name for name in NAMES if name != 'KSM' or not all(
        value & BIT['KSM'] for value in flags if value & BIT['ANON'])]
    audit = ours.audit_json(args.vmcore)
    # A kernel without PG_hwpoison or type information does not tell whether it has PG_mlocked.
    if audit['attributes']['mlocked'] is None:
        names.remove('MLOCKED')
    found = Comparison(ours.info_json(args.vmcore)['kernel']['crash_time'] != 0)
    for first in range(0, len(chosen), 1000):
        for explained in explain(args.vmcore, chosen[first:first + 1000]):
            pfn, page, value = explained['pfn'], Page(explained), flags[explained['pfn']]
            run = table[pfn] if pfn < len(table) else None
            told = run[2].replace('offline-section', 'offline') if run else 'absent'
            if explained['state'] != 'free-pcp':    # told apart here only
                found.add('walk', pfn, told, explained['state'])
            for name in names:
                now = page.value(name)
                if now is not None:
                    found.add(name, pfn, bool(value & BIT[name]), now, describe(value))
            if page.value('MMAP') is not None and pfn < len(counts):
                found.add('mapcount', pfn, counts[pfn], page.struct['mapcount'])
                found.add('refcount', pfn, True,
                          page.struct['refcount'] >= page.struct['mapcount'])
            if places and explained['present'] and explained['zone'] is not None:
                inside = any(node == explained['node'] and explained['zone'] in names_of and
                             start <= pfn < end for node, names_of, start, end in places)
                found.add('zone', pfn, True, inside, str(explained['zone']))
    failed = found.report()
    failed |= bool(found.different['walk'])     # of this nothing may differ
    if places and audit['zones'] and not found.compared['zone']:
        print('ERROR: no page has a zone')
        failed = True
    print('%d pages, %d differences' % (len(chosen), sum(map(len, found.different.values()))))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
