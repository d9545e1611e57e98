#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_kernel.py VMCORE: what `vmcull audit` says of zones, free blocks and attributes against
what the living kernel said: kpageflags, zoneinfo, buddyinfo, pagetypeinfo.

The kernel said it right before it crashed, so few pages may have changed hands since.  In a dump
that QEMU took of a living guest the process that recorded all that has ended; then the bounds on
drift are wide.
"""
import argparse
import collections
import os
import re
import sys

import compare_kpageflags
import ours
import truth
from labkit.kpageflags import BIT

DRIFT = 512             # pages of a zone that changed hands since
DRIFT_BLOCKS = 40       # free blocks of one order
ENDED = 32768           # both, in a dump without a crash
AGREE = 0.999           # of the pages whose attribute can be told
KSM_LIES = (6, 12), (6, 18)     # kpageflags calls all anonymous pages so

# Attribute, what kpageflags calls it, states of which it is told.
ATTRIBUTES = (
    ('exclusive', 'MAPPEDTODISK', ('anon',)),
    ('ksm', 'KSM', ('anon',)),
    ('swapcache', 'SWAPCACHE', ('anon', 'cache', 'cache-private')),
    ('mlocked', 'MLOCKED', ('anon', 'cache', 'cache-private')),
    ('dirty', 'DIRTY', ('anon', 'cache', 'cache-private')),
)
# A page on a per-CPU list is nobody's.
IN_USE = (BIT['LRU'] | BIT['MMAP'] | BIT['ANON'] | BIT['SLAB'] | BIT['BUDDY'] | BIT['HUGE'] |
          BIT['OFFLINE'] | BIT['PGTABLE'] | BIT['SWAPCACHE'] | BIT['COMPOUND_TAIL'] |
          BIT['RESERVED'] | BIT['HWPOISON'])


class ZoneInfo:
    """A zone in /proc/zoneinfo; @index: in its node."""

    def __init__(self, node, index, name, text):
        self.key, self.name = (node, index), name
        self.number = {key: int(value) for key, value in re.findall(
            r'^ +(?:pages )?(\w+):? +(\d+)$', text, re.M)}
        self.on_cpus = sum(map(int, re.findall(r'^ +count: +(\d+)$', text, re.M)))


def read_zones(folder):
    """[ZoneInfo] of all zones"""
    text = (truth.read_file(folder, 'zoneinfo') or b'').decode()
    parts = re.split(r'^Node (\d+), zone +(\w+)$', text, flags=re.M)[1:]
    zones = []
    for node, name, told in zip(parts[::3], parts[1::3], parts[2::3]):
        index = sum(zone.key[0] == int(node) for zone in zones)
        zones.append(ZoneInfo(int(node), index, name, told))
    return zones


def read_buddyinfo(folder):
    """{(node, zone): [blocks of each order]}"""
    text = (truth.read_file(folder, 'buddyinfo') or b'').decode()
    return {(int(node), name): [int(number) for number in numbers.split()] for node, name, numbers
            in re.findall(r'^Node (\d+), zone +(\w+) +([\d ]+)$', text, re.M)}


def read_pagetypeinfo(folder):
    """{(node, zone): {type: [blocks of each order]}}"""
    text = (truth.read_file(folder, 'pagetypeinfo') or b'').decode()
    found = collections.defaultdict(dict)
    for node, name, kind, numbers in re.findall(
            r'^Node +(\d+), zone +(\w+), type +(\w+) +([\d> ]+)$', text, re.M):
        # ">100000" is how far the kernel counts.
        found[int(node), name][kind] = [int(number.lstrip('>')) for number in numbers.split()]
    return found


class Test:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.report = ours.audit_json(path)
        self.ranges = ours.AuditedPages(path, '--attributes')
        self.kernel = compare_kpageflags.Comparison(path, folder, self.ranges)
        self.flags = self.kernel.flags
        self.drift = DRIFT if self.kernel.crashed else ENDED
        self.block_drift = DRIFT_BLOCKS if self.kernel.crashed else ENDED
        self.zones = {(zone['node'], zone['index']): zone for zone in self.report['zones']}
        self.told_zones = read_zones(folder)
        self.index_of = {(zone['node'], zone['zone']): zone['index']
                         for zone in self.report['zones']}
        self.failures = 0
        self.largest = 0
        release = self.report['dump']['kernel_release']
        self.version = tuple(int(number) for number in re.findall(r'\d+', release)[:2])

    def expect(self, good, text):
        if not good:
            self.failures += 1
            if self.failures <= 40:
                print('FAILED: ' + text)

    def near(self, mine, theirs, drift, text):
        self.largest = max(self.largest, abs(mine - theirs))
        self.expect(abs(mine - theirs) <= drift, '%s: %d, the kernel said %d' % (
            text, mine, theirs))

    def check_states(self):
        for pfn, run, text in self.kernel.errors[:10]:
            self.expect(False, 'pfn %x: %s, %s' % (pfn, run[2], text))

    def check_zones(self):
        zones = {zone.key: zone for zone in self.told_zones if zone.number['spanned']}
        self.expect(zones and list(zones) == [key for key, zone in self.zones.items()
                                              if zone['spanned_pages']],
                    'zones: %s' % list(self.zones))
        for told in zones.values():
            zone = self.zones[told.key]
            # The names are among the kernel's constants, which stripped dumps lack.
            self.expect(zone['zone'] == told.name or truth.is_stripped(self.folder) and
                        zone['zone'] == 'zone%d' % told.key[1], 'zone %s' % zone['zone'])
            pages = {row['state']: row['pages'] for row in zone['states']}
            for mine, theirs in (('start_pfn', 'start_pfn'), ('spanned_pages', 'spanned'),
                                 ('present_pages', 'present')):
                self.expect(zone[mine] in (None, told.number[theirs]), '%s: %s %s, not %d' % (
                    told.key, mine, zone[mine], told.number[theirs]))
            free = pages['free'] + pages['unaccepted'] + zone['free_absent']
            self.near(free, told.number['nr_free_pages'], self.drift, '%s: free' % (told.key,))
            self.near(zone['free_counted'], told.number['nr_free_pages'], self.drift,
                      '%s: free by the counter' % (told.key,))
            if zone['unaccepted_counted'] is not None:
                self.expect(zone['unaccepted_counted'] == pages['unaccepted'],
                            '%s: unaccepted' % (told.key,))
            if 'nr_unaccepted' in told.number:
                self.near(pages['unaccepted'], told.number['nr_unaccepted'], 0,
                          '%s: unaccepted' % (told.key,))
            if self.knows_cpu_lists():
                self.near(pages['free-pcp'], told.on_cpus, self.drift,
                          '%s: on per-CPU lists' % (told.key,))
        self.check_places(zones)

    def check_places(self, zones):
        """Every page is in the zone that spans it.  Reserved pages between zones are in one of
        their neighbours."""
        for line in self.ranges.lines:
            if line.state == 'absent' or line.zone is None:
                continue
            told = zones[line.node, self.index_of[line.node, line.zone]].number
            outside = [pfn for pfn in range(line.pfn, line.pfn + line.count)
                       if not 0 <= pfn - told['start_pfn'] < told['spanned'] and
                       not self.flags[pfn] & BIT['RESERVED']]
            self.expect(not outside, '%s: not in %s of node %s' % (
                compare_kpageflags.ranges_of(outside), line.zone, line.node))
        nowhere = sum(line.count for line in self.ranges.lines
                      if line.zone is None and line.state not in ('absent', 'unknown') and
                      'section' not in line.attributes)
        self.expect(nowhere == 0, '%d pages are of no zone' % nowhere)

    def check_blocks(self):
        buddy = read_buddyinfo(self.folder)
        types = read_pagetypeinfo(self.folder)
        self.expect(buddy, 'no buddyinfo')
        keys = {(zone.key[0], zone.name): zone.key for zone in self.told_zones}
        for place, orders in buddy.items():
            key = keys[place]
            blocks = {row['order']: row for row in self.zones[key]['free_blocks']}
            for order, number in enumerate(orders):
                row = blocks.get(order, {'order': order, 'found': 0, 'listed': 0, 'counted': None,
                                         'migrate_types': {}})
                self.near(row['found'], number, self.block_drift, '%s: order %d' % (key, order))
                self.expect(row['found'] == row['listed'] == sum(row['migrate_types'].values()),
                            '%s: order %d: %s' % (key, order, row))
                self.expect(row['counted'] in (None, row['found']), '%s: order %d: %s' % (
                    key, order, row))
                for kind, numbers in types.get(place, {}).items():
                    self.check_type(key, row, kind, numbers[order], list(types[place]))
        return len(types)

    def check_type(self, key, row, kind, number, kinds):
        """Without the kernel's names types are told by number."""
        named = row['migrate_types']
        mine = named.get(kind, named.get('type%d' % kinds.index(kind), 0))
        self.near(mine, number, self.block_drift, '%s: order %d: %s' % (key, row['order'], kind))
        self.expect(set(named) <= set(kinds) | {'type%d' % i for i in range(len(kinds))},
                    '%s: %s' % (key, named))

    def check_attributes(self):
        for attribute, flag, states in ATTRIBUTES:
            if attribute == 'ksm' and KSM_LIES[0] <= self.version <= KSM_LIES[1]:
                print('ksm: kpageflags of 6.12 to 6.18 does not tell')
                continue
            if self.report['attributes'][attribute] is None:
                print('%s: the dump does not tell' % attribute)
                self.expect(self.bare(), '%s is not known' % attribute)
                continue
            both = differ = 0
            examples = []
            for pfn in self.pages_of(states, attribute):
                mine = attribute in self.attributes[pfn]
                if mine == bool(self.flags[pfn] & BIT[flag]):
                    both += mine
                else:
                    differ += 1
                    examples.append(pfn)
            self.expect(differ <= (1 - AGREE) * self.kernel.total or not self.kernel.crashed,
                        '%s: %d pages differ' % (attribute, differ))
            print('%-10s %7d pages by both, %5d by one%s' % (
                attribute, both, differ, ': ' * bool(examples) +
                compare_kpageflags.ranges_of(examples[:8])))

    def pages_of(self, states, attribute):
        """pfns whose flags can be compared: the page's state did not change, and kpageflags speaks
        of the page itself.  Tails have what kpageflags says of the head; PG_anon_exclusive is of
        each page, where a folio is mapped page by page."""
        self.attributes = {}
        for line in self.ranges.lines:
            if line.state not in states:
                continue
            state = compare_kpageflags.class_of_state(line.state)
            for pfn in range(line.pfn, line.pfn + line.count):
                flags = self.flags[pfn]
                tail = flags & BIT['COMPOUND_TAIL']
                if compare_kpageflags.class_of_flags(flags) != state or \
                        (tail and attribute == 'exclusive'):
                    continue
                self.attributes[pfn] = line.attributes
        return self.attributes

    def check_reported(self):
        """No guest of the lab reports free pages."""
        self.expect(not self.report['attributes']['reported'], 'pages reported as free')

    def bare(self):
        """Is it a dump without the kernel's type information?"""
        return any(finding['name'] == 'type-information' for finding in self.report['findings'])

    def knows_zones(self):
        """Kernels without CONFIG_KALLSYMS_ALL do not tell where node_data is."""
        without = any('where zones are' in text for text in self.report['left_out'])
        self.expect(without == (not self.zones), 'zones: %s' % sorted(self.zones))
        return not without

    def knows_cpu_lists(self):
        return not any('per-CPU' in text for text in self.report['left_out'])

    def check_cpu_lists(self):
        """What is on per-CPU lists belonged to nobody, but for what was freed since."""
        pages = [pfn for line in self.ranges.lines if line.state == 'free-pcp'
                 for pfn in range(line.pfn, line.pfn + line.count)]
        used = [pfn for pfn in pages if self.flags[pfn] & IN_USE]
        self.near(len(used), 0, self.drift, 'on per-CPU lists, but in use before')
        if not self.knows_cpu_lists():
            # A stripped dump lacks the memory of each CPU.
            self.expect(self.bare() or truth.is_stripped(self.folder),
                        'per-CPU lists are not known')
            self.expect(not pages, 'free-pcp, though no list was found')
            return 'per-CPU lists are not known'
        self.expect(pages, 'nothing is on per-CPU lists')
        return '%d pages on per-CPU lists, %d of them freed since' % (len(pages), len(used))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('vmcore')
    parser.add_argument('--truth', metavar='FOLDER', help='where kpageflags and zoneinfo are')
    args = parser.parse_args()
    test = Test(args.vmcore, args.truth or truth.find_folder(os.path.abspath(args.vmcore)))
    test.check_states()
    with_types = 0
    if test.knows_zones():
        test.check_zones()
        with_types = test.check_blocks()
    test.check_attributes()
    test.check_reported()
    print(test.check_cpu_lists())
    print('%d zones, %d of them with migrate types; largest difference %d; %d failures' % (
        len(test.zones), with_types, test.largest, test.failures))
    return 1 if test.failures or not test.kernel.total else 0


if __name__ == '__main__':
    sys.exit(main())
